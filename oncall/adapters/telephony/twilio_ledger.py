"""What Twilio's lists say has passed over one of our numbers, by the official client.

Texts by the day they were sent, calls by their start, both from an instant on and page by page; more than we read at
once is an error of its own, because silence would look like nothing. Deliberately not here: what is done about it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
from twilio.base.exceptions import TwilioException

from oncall.adapters.telephony.statuses import PROGRESS, opt_out_of, plain_number
from oncall.adapters.telephony.twilio_files import enclosed
from oncall.core.case.messages import Channel, Progress
from oncall.core.reports import Enclosed
from oncall.service.ports.carrier import LedgerUnread, Seen

PAGE_SIZE, MOST, MOST_MEDIA = 200, 2000, 10


class TwilioLedger:
    """A Ledger of one account; `messages` and `calls` are the client's own lists."""

    def __init__(self, name: str, messages: Any, calls: Any, line: str) -> None:
        self.name = name
        self._messages, self._calls, self._line = messages, calls, line

    async def since(self, at: datetime) -> Sequence[Seen]:
        bounds = {"limit": MOST, "page_size": PAGE_SIZE}
        try:
            texts, calls = await asyncio.gather(
                self._messages.list_async(date_sent_after=at, **bounds),
                self._calls.list_async(start_time_after=at, **bounds),
            )
            media = {text.sid: await _media_of(text) for text in texts if _has_media(text)}
        except (TwilioException, aiohttp.ClientError, TimeoutError, OSError) as trouble:
            raise LedgerUnread(f"no answer: {type(trouble).__name__}") from None
        if MOST in (len(texts), len(calls)):
            raise LedgerUnread(f"more than {MOST} texts or calls since {at:%Y-%m-%d %H:%M} UTC")
        mine = [self._text(text, media.get(text.sid, ())) for text in texts if self._line in (text.from_, text.to)]
        return mine + [
            self._call(call) for call in calls if self._line in (call._from, call.to) and _is_first_leg(call)
        ]

    def _text(self, text: Any, media: tuple[Enclosed, ...]) -> Seen:
        inbound = text.direction == "inbound"
        return Seen(
            sid=text.sid,
            channel=Channel.SMS,
            inbound=inbound,
            number=plain_number(text.from_ if inbound else text.to),
            at=_instant(text.date_sent or text.date_created),
            progress=PROGRESS.get(str(text.status), Progress.ACCEPTED),
            code=int(text.error_code) if text.error_code else None,
            body=text.body or "",
            media=int(text.num_media or 0),
            opt_out=opt_out_of(text.body or "") if inbound else None,
            enclosed=media,
        )

    def _call(self, call: Any) -> Seen:
        inbound = call.direction == "inbound"
        return Seen(
            sid=call.sid,
            channel=Channel.VOICE,
            inbound=inbound,
            number=plain_number(call._from if inbound else call.to),
            at=_instant(call.start_time or call.date_created),
            progress=PROGRESS.get(str(call.status), Progress.ACCEPTED),
        )


def _has_media(text: Any) -> bool:
    return bool(text.direction == "inbound" and int(text.num_media or 0))


async def _media_of(text: Any) -> tuple[Enclosed, ...]:
    """Empty where the carrier has been told to delete them."""
    found = await text.media.list_async(limit=MOST_MEDIA)
    named = (enclosed(str(one.uri).removesuffix(".json")) for one in found)
    return tuple(one for one in named if one is not None)


def _is_first_leg(call: Any) -> bool:
    """The other leg of a joined call is no call to the line."""
    return call.parent_call_sid is None


def _instant(told: datetime | None) -> datetime:
    """The client gives aware instants; a record without any is as old as can be, and so is looked at."""
    return datetime.min.replace(tzinfo=UTC) if told is None else told.astimezone(UTC)
