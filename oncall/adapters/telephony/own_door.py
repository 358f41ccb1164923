"""Our own public door, knocked at as the carrier would: through the network, the proxy and the signature.

A certificate that ran out, a proxy that rewrites the host, a token that was changed on one side: each makes the
carrier's webhooks fail while the service feels well. Deliberately not here: the same question asked once, before going
live (`preflight`).
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import ClientError, ClientSession, ClientTimeout
from twilio.request_validator import RequestValidator

PATH = "/twilio/proof"
PATIENCE = ClientTimeout(total=8)
OFF = "Our own public address does not answer"


class OwnDoor:
    """`token` signs as the carrier's first account does."""

    def __init__(self, public_url: str, token: str, new_id: Callable[[], str]) -> None:
        self._url, self._validator, self._new_id = f"{public_url}{PATH}", RequestValidator(token), new_id

    async def answers(self) -> str | None:
        """What is wrong with it, as a sentence, or None."""
        form = {"nonce": self._new_id()}
        signed = {"X-Twilio-Signature": self._validator.compute_signature(self._url, form)}
        try:
            async with (
                ClientSession(timeout=PATIENCE, trust_env=self._url.startswith("https:")) as session,
                session.post(self._url, data=form, headers=signed, allow_redirects=False) as answer,
            ):
                status, body = answer.status, await answer.text()
        except (ClientError, TimeoutError, OSError) as problem:
            return f"{OFF} ({type(problem).__name__})."
        if status == 403:
            return "Our own public address refuses a true signature: public.url, the proxy or the token has changed."
        return None if status == 200 and form["nonce"] in body else f"{OFF} as it should (status {status})."
