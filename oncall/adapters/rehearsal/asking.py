"""Asks the house what to do (TwiML), and the fallback address when the house cannot say.

This is the carrier's own rule: refused, unreachable, too late or unreadable all lead to the fallback address
with ErrorCode and ErrorUrl; when that fails too there is no document. Deliberately not here: what a call or a
text then does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oncall.adapters.rehearsal.records import Callback
from oncall.adapters.rehearsal.twiml import BadTwiml, Document, read_twiml
from oncall.adapters.rehearsal.webhooks import Answer, Webhooks


class Asking:
    """One way to a document: the address, then its fallback, every failure told to `alarm`."""

    def __init__(self, web: Webhooks, alarm: Callable[[str], None]) -> None:
        self._web = web
        self._alarm = alarm

    async def document(
        self, where: Callback, fallback: Callback, params: Mapping[str, str], *, twice: bool = False
    ) -> Document | None:
        """What the house says; `twice` posts the same request again first, as a retry would."""
        token = self._web.new_token()
        if twice:
            await self._web.ask(where, params, token)
        try:
            return self._read(await self._web.ask(where, params, token))
        except BadTwiml as fault:
            self._alarm(f"{fault} at {where.url}")
            return await self._from_fallback(where, fallback, params, fault.code)

    async def _from_fallback(
        self, where: Callback, fallback: Callback, params: Mapping[str, str], code: int
    ) -> Document | None:
        if not fallback.url:
            return None
        told = {**params, "ErrorCode": str(code), "ErrorUrl": where.url}
        try:
            return self._read(await self._web.ask(fallback, told))
        except BadTwiml as fault:
            self._alarm(f"{fault} at the fallback {fallback.url}")
            return None

    def _read(self, answer: Answer) -> Document:
        if not answer.is_good:
            raise BadTwiml(answer.error or 11200, f"the house answered {answer.status or 'nothing'}")
        document = read_twiml(answer.body, answer.url, answer.content_type)
        for name in document.unknown:
            self._alarm(f"12200 <{name}> is not known here and was passed over")
        return document
