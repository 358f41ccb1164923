"""News of the line itself to whoever answers for it: by text past the store, and by mail.

Not an outbox row: what is told here is often that the store refuses. Each road is tried by itself, so that the alarm
does not travel with what has failed. Deliberately not here: what is told, and when (`service.line.vigil`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from oncall.core.case.messages import Channel, Lane, Message, Purpose, Verdict
from oncall.service.line.vigil import Road
from oncall.service.ports.carrier import Pager

CHANNEL = {Road.TEXT: Channel.SMS, Road.MAIL: Channel.MAIL}

log = structlog.get_logger("line news")


class CarriedNews:
    """`phones` in E.164 and `mail_to`: those who answer for the line. Nobody named is nobody told."""

    def __init__(self, pager: Pager, phones: Sequence[str], mail_to: Sequence[str], new_id: Callable[[], str]) -> None:
        self._pager, self._new_id = pager, new_id
        self._addresses = {Road.TEXT: tuple(phones), Road.MAIL: tuple(mail_to)}

    async def tell(self, words: str, roads: Sequence[Road]) -> bool:
        taken = [await self._sent(words, road, to) for road in roads for to in self._addresses[road]]
        if not any(taken):
            log.critical("nobody could be told about the line", words=words)
        return any(taken)

    async def _sent(self, words: str, road: Road, to: str) -> bool:
        message = Message(f"vigil.{self._new_id()}", "", CHANNEL[road], Purpose.NOTICE, Lane.NORMAL, to, words)
        try:
            outcome = await self._pager.send(message, 1)
        except Exception as problem:  # around one road: the others are still to be tried
            log.error("news of the line was not carried", road=road.value, reason=type(problem).__name__)
            return False
        return outcome.verdict is Verdict.ACCEPTED
