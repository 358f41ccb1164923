"""One real text and one real call to a telephone that somebody holds, marked TEST.

Accepted is not delivered and ringing is not heard (law 4): the text counts when the network says delivered, the call
when a key was pressed on it, and the running house is who tells of the key. Deliberately not here: whose telephone it
is, and any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import ClientSession
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from oncall.config import Config
from oncall.core.emergency_numbers import dialable
from oncall.preflight.check import Check, cannot_tell, ok, problem
from oncall.preflight.door import signature
from oncall.service.ports.timepiece import Timepiece

TEXT, CALL = "test text", "test call"
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
RING_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Trial:
    """`name` is unguessable and names the call to the house; `patience` is how long each is waited for."""

    client: Client
    session: ClientSession
    config: Config
    clock: Timepiece
    to: str
    name: str
    patience: timedelta = timedelta(seconds=75)
    every: timedelta = timedelta(seconds=1)

    async def text(self) -> list[Check]:
        words = f"TEST from the pump line, {self.config.hospital.name}. There is no case and nothing to do."
        try:
            sent = await self.client.messages.create_async(
                to=dialable(self.to), from_=self.config.telephony.line, body=words, validity_period=600
            )
        except TwilioRestException as refused:
            return [refused_by_provider(TEXT, refused)]
        began = self.clock.now()
        while sent.status not in ("delivered", "undelivered", "failed") and self.clock.now() < began + self.patience:
            await self._pause()
            sent = await self.client.messages(sent.sid).fetch_async()
        seconds = round((self.clock.now() - began).total_seconds())
        return [judged_text(sent.status, sent.error_code, seconds)]

    async def call(self) -> list[Check]:
        """Rings, and hangs up again if nobody presses a key in time."""
        line, where = self.config.telephony.line, f"{self.config.public.url}/twilio/voice/trial?t={self.name}"
        try:
            call = await self.client.calls.create_async(
                to=dialable(self.to), from_=line, url=where, method="POST", timeout=RING_SECONDS
            )
        except TwilioRestException as refused:
            return [refused_by_provider(CALL, refused)]
        began = self.clock.now()
        while self.clock.now() < began + self.patience:
            await self._pause()
            call = await self.client.calls(call.sid).fetch_async()
            key = await self._key()  # asked after the state, so that a key just before the end is not missed
            if key or call.status in OVER:
                return [judged_call(call.status, key)]
        await self.client.calls(call.sid).update_async(status="completed")
        return [judged_call(call.status, "")]

    async def _key(self) -> str:
        url = f"{self.config.public.url}/twilio/trial?t={self.name}"
        form = {"CallStatus": "asked"}
        headers = signature(url, form, self.config.telephony.token)
        async with self.session.post(url, data=form, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.text()

    async def _pause(self) -> None:
        until = self.clock.now() + self.every
        while self.clock.now() < until:
            await self.clock.sleep_until(until)


def refused_by_provider(name: str, refused: TwilioRestException) -> Check:
    if refused.code == 21610:
        return problem(name, "this telephone has said STOP to the line", "Let its owner text START to the line.")
    if refused.status >= 500 or refused.status == 429:
        return cannot_tell(name, f"the provider answered {refused.status}", "Run it again in a few minutes.")
    return problem(name, f"the provider refused it with {refused.code}", f"See twilio.com/docs/errors/{refused.code}.")


def judged_text(status: str, code: int | None, seconds: int) -> Check:
    if status == "delivered":
        return ok(TEXT, f"delivered after {seconds} s; its owner should see the word TEST")
    if status in ("undelivered", "failed"):
        return problem(TEXT, f"{status} with error {code}", f"See twilio.com/docs/errors/{code}.")
    todo = "Ask its owner whether it came; not every network reports deliveries."
    return cannot_tell(TEXT, f"still {status} after {seconds} s", todo)


def judged_call(status: str, key: str) -> Check:
    if key:
        return ok(CALL, f"it rang, and {key} was pressed")
    todo = "Let somebody hold the telephone, switch off its call screening, save the line's card, and try again."
    if status == "completed":
        return problem(CALL, "it was answered and no key was pressed", todo)
    return problem(CALL, f"nobody pressed a key: {status}", todo)
