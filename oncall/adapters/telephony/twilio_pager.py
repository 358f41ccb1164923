"""Calls and texts out by the official Twilio client.

The client's own retries stay off (it repeats a POST after a 500 and would double a page); the outbox is the one that
retries. The client passes no time limit, so ours is set here and a second one stands around every call in the
dispatcher (measured). Vendor errors become two words: refused for now, refused for good.
Deliberately not here: webhooks, how fast (the gates), and what an error number means (`core.case.refusals`).
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from oncall.adapters.telephony.twilio_ledger import TwilioLedger
from oncall.core.case.messages import Channel, LegKind, Message, Outcome, Purpose, Verdict
from oncall.core.case.refusals import refusal_of
from oncall.core.emergency_numbers import NEVER_DIALLED, is_emergency_number

TWILIO = "https://api.twilio.com"
CLOCKS_DIFFER = timedelta(seconds=30)  # the carrier's clock and ours
RING_SECONDS = 25  # shorter than most voicemail; the next ring comes by the clock
VALID_SECONDS = 600  # a text that arrives hours late is harmful
EVENTS = ["initiated", "ringing", "answered", "completed"]
DETECTED = (Purpose.PAGE, Purpose.CONNECT, Purpose.LEG)  # not the last resort: a switchboard is a machine too

log = structlog.get_logger("pager")


class _Client(AsyncTwilioHttpClient):  # type: ignore[misc]
    """The official client with a time limit, speaking to the configured API address, through an outbound proxy where
    the environment names one: its own setting for that is not read."""

    def __init__(self, api: str, limit: float) -> None:
        super().__init__(pool_connections=False, timeout=limit)
        self.session = aiohttp.ClientSession(trust_env=api.startswith("https:"))  # the simulator stays on this machine
        self._api, self._limit = api.rstrip("/"), limit

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        kwargs["timeout"] = self._limit
        return await super().request(method, url.replace(TWILIO, self._api, 1), *args, **kwargs)


class TwilioPager:
    """A Pager. Build it inside the running loop; close it at the end."""

    def __init__(
        self,
        account: str,
        token: str,
        api: str,
        line: str,
        public_url: str,
        limit: float = 9.0,
    ) -> None:
        self._http = _Client(api, limit)
        client = Client(account, token, http_client=self._http)
        # Named now: the client imports these parts at first touch, which would hold up the first page of a night.
        self._messages, self._calls, self._conferences = client.messages, client.calls, client.conferences
        self._line, self._public = line, public_url.rstrip("/")

    def ledger(self, name: str) -> TwilioLedger:
        """The account's own lists, by the same client."""
        return TwilioLedger(name, self._messages, self._calls, self._line)

    async def turn(self, message: Message) -> None:
        """A single account without gates: at once."""

    def waiting(self) -> int:
        return 0

    async def send(self, message: Message, attempt: int) -> Outcome:
        if is_emergency_number(message.to):
            log.critical("an emergency number was refused", message=message.id)
            return Outcome(Verdict.REFUSED_FOR_GOOD, code=NEVER_DIALLED)
        try:
            if message.channel is Channel.SMS:
                return Outcome(Verdict.ACCEPTED, (await self._text(message)).sid)
            if message.channel in (Channel.MOVE, Channel.SAY):
                return await self._to_live_call(message)
            return Outcome(Verdict.ACCEPTED, (await self._call(message)).sid)
        except TwilioRestException as refusal:
            if refusal.status == 404 and message.target is not None:
                return Outcome(Verdict.REFUSED_FOR_GOOD)  # not a call of this account
            return _refused(refusal, message)
        except (aiohttp.ClientError, TwilioException, TimeoutError, OSError) as trouble:
            log.warning("carrier not reached", message=message.id, trouble=type(trouble).__name__)
            return Outcome(Verdict.REFUSED_FOR_NOW)

    async def _text(self, message: Message) -> Any:
        return await self._messages.create_async(
            to=message.to,
            from_=self._line,
            body=message.body,
            status_callback=self._status(message),
            validity_period=VALID_SECONDS,
            smart_encoded=True,
        )

    async def _call(self, message: Message) -> Any:
        return await self._calls.create_async(
            to=message.to,
            from_=self._line,
            url=f"{self._public}{_begins_at(message)}?m={quote(message.id)}",
            status_callback=self._status(message),
            status_callback_event=EVENTS,
            timeout=RING_SECONDS,
            **self._detection(message),
        )

    def _detection(self, message: Message) -> dict[str, Any]:
        """Is it a machine? Asked beside the words, so that nobody waits for the answer, and only to hang up early.

        The word comes at the end of the greeting: what is said before the tone is on no voicemail.
        """
        if message.purpose not in DETECTED or message.leg is LegKind.INTERPRETER:
            return {}
        return {
            "machine_detection": "DetectMessageEnd",
            "async_amd": "true",
            "async_amd_status_callback": f"{self._public}/twilio/voice/out/machine?m={quote(message.id)}",
            "async_amd_status_callback_method": "POST",
        }

    async def _to_live_call(self, message: Message) -> Outcome:
        """Other words for a live call, or a sentence to one line of a conference; a call that is over refuses."""
        target = message.target or ""
        if message.channel is Channel.MOVE:
            url = f"{self._public}/twilio/voice/moved?m={quote(message.id)}"
            await self._calls(target).update_async(url=url, method="POST")
        else:
            room, _, call = target.partition("/")
            url = f"{self._public}/twilio/voice/spoken?m={quote(message.id)}"
            participant = self._conferences(room).participants(call)
            await participant.update_async(announce_url=url, announce_method="POST")
        return Outcome(Verdict.ACCEPTED, None)

    def _status(self, message: Message) -> str:
        return f"{self._public}/twilio/status?m={quote(message.id)}"

    async def find(self, message: Message, since: datetime) -> Outcome | None:
        """A text with these very words to this number since `since`; calls leave no such trace."""
        if message.channel is not Channel.SMS:
            return None
        try:
            sent = await self._messages.list_async(to=message.to, date_sent_after=since - CLOCKS_DIFFER, limit=50)
        except (TwilioException, aiohttp.ClientError, TimeoutError, OSError):
            return None
        found = next((text for text in sent if text.body == message.body and text.status != "failed"), None)
        return Outcome(Verdict.ACCEPTED, found.sid) if found else None

    async def stop(self, sid: str) -> Outcome:
        """Cancel what is queued or rings; the carrier itself leaves an answered call alone."""
        try:
            await self._calls(sid).update_async(status="canceled")
        except TwilioRestException as refusal:
            if refusal.status == 404:
                return Outcome(Verdict.ACCEPTED)  # not a call of this account
            if 21000 < (refusal.code or 0) < 22000:
                return Outcome(Verdict.ACCEPTED, sid)  # over already: there is nothing left to stop
            return Outcome(Verdict.REFUSED_FOR_NOW, code=refusal.code)
        except (TwilioException, aiohttp.ClientError, TimeoutError, OSError):
            return Outcome(Verdict.REFUSED_FOR_NOW)
        return Outcome(Verdict.ACCEPTED, sid)

    async def close(self) -> None:
        """The client leaves its session open unless told."""
        await asyncio.shield(self._http.close())


def _begins_at(message: Message) -> str:
    return "/twilio/voice/notice" if message.purpose is Purpose.NOTICE else "/twilio/voice/out"


def _refused(refusal: TwilioRestException, message: Message) -> Outcome:
    log.warning("carrier refused", message=message.id, status=refusal.status, code=refusal.code)
    return Outcome(refusal_of(refusal.code, refusal.status).verdict, code=refusal.code)
