"""Reads the carrier's own list each minute and makes good what its webhooks lost.

A text or call of which we were never told becomes a report by the same way and under the same key as its webhook, so
the later of the two adds nothing; what became of our own messages is brought forward. It remembers only how far it has
read: after a start it looks back a day (law 3), further where the record ends earlier, and reads a little again each
time because lists and clocks lag.
Deliberately not here: the carrier's dialect, and what a report or an outcome brings.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from oncall.core.case.messages import Channel
from oncall.core.notices import is_notice
from oncall.service.desk import Desk
from oncall.service.intake import CallIn, Intake, Late, TextIn
from oncall.service.messenger import Messenger
from oncall.service.ports.carrier import Ledger, Seen
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telephone.inbox import Inbox
from oncall.service.telephone.steps import RUNG_BY_STAFF, Telephone

LOOK_BACK = timedelta(hours=24)  # after a start: a line that was down over a night finds its night
LONGEST = timedelta(days=7)  # for a record that was put back; what lies before is a person's to look for
OVERLAP = timedelta(minutes=5)
PATIENCE = 45.0  # seconds for one carrier's list; the next look comes after sixty
CALL_GRACE = timedelta(seconds=30)  # a call's own webhook may be this late while the call is still up

log = structlog.get_logger("reconciler")


class Reconciler:
    """See the module. `recovered` counts what only the list told us, by kind; `record_ends_at`: of one put back."""

    def __init__(
        self,
        desk: Desk,
        inbox: Inbox,
        intake: Intake,
        telephone: Telephone,
        messenger: Messenger,
        ledgers: Sequence[Ledger],
        clock: Timepiece,
        record_ends_at: datetime | None = None,
    ) -> None:
        self._record_ends_at = record_ends_at
        self._desk, self._inbox, self._intake, self._telephone = desk, inbox, intake, telephone
        self._messenger = messenger
        self._ledgers, self._clock = ledgers, clock
        self._read_until: dict[str, datetime] = {}
        self._looking = 0
        self.recovered: Counter[str] = Counter()

    @property
    def reconciled_at(self) -> datetime | None:
        """Up to when every list was read and everything in it dealt with; None before the first time."""
        known = [self._read_until.get(ledger.name) for ledger in self._ledgers]
        return min((at for at in known if at is not None), default=None) if None not in known else None

    def busy(self) -> int:
        return self._looking

    async def look(self) -> None:
        """Every carrier's list, side by side; one that cannot be read holds up no other."""
        self._looking += 1
        try:
            await asyncio.gather(*(self._read_safely(ledger) for ledger in self._ledgers))
        finally:
            self._looking -= 1

    async def _read_safely(self, ledger: Ledger) -> None:
        try:
            await self._read(ledger)
        except Exception as problem:  # around one carrier's list: it is read again in a minute, from the same place
            log.error("the carrier's list was not read to its end", route=ledger.name, reason=str(problem))

    async def _read(self, ledger: Ledger) -> None:
        began = self._clock.now()
        since = self._read_until.get(ledger.name, self._first(began)) - OVERLAP
        async with asyncio.timeout(PATIENCE):
            seen = await ledger.since(since)
        ours = await self._under_way(seen)
        failed = 0
        for one in sorted(seen, key=lambda one: one.at):
            try:
                await self._make_good(one, ours)
            except Exception as problem:  # around one text or call: the others are not held up by it
                failed += 1
                log.error("could not be made good", sid=one.sid, exc_info=problem)
        if failed:
            raise RuntimeError(f"{failed} of {len(seen)} could not be dealt with")
        self._read_until[ledger.name] = began

    def _first(self, began: datetime) -> datetime:
        """From when a list is read that was not read since the start."""
        ends_at = max(self._record_ends_at or began, began - LONGEST)
        return min(ends_at, began - LOOK_BACK)

    async def _under_way(self, seen: Sequence[Seen]) -> Mapping[str, str]:
        """Of what was seen: our messages and notices whose end is not known, and families' calls that count as live:
        sid -> id or ""."""
        if not seen:
            return {}
        now = self._clock.now()
        notices = await self._messenger.notices.between(now - LOOK_BACK, now + OVERLAP)
        known = {one.sid: one.id for one in notices if one.sid is not None and not one.progress.is_over}
        for call in (one for one in seen if one.channel is Channel.VOICE and one.progress.is_over):
            known |= {call.sid: ""} if await self._counts_as_live(call.sid) else {}
        for case in await self._desk.journal.cases_carrying([one.sid for one in seen if not one.inbound]):
            known |= {s.sid: s.message.id for s in case.messages if s.sid is not None and not s.progress.is_over}
        return known

    async def _counts_as_live(self, sid: str) -> bool:
        told = await self._desk.journal.received(f"call:{sid}:")
        cases = [await self._desk.journal.case(name) for name in sorted({name for one in told for name in one.cases})]
        return any(case.is_open and call.live and call.sid == sid for case in cases if case for call in case.calls)

    async def _make_good(self, one: Seen, ours: Mapping[str, str]) -> None:
        if one.inbound and one.channel is Channel.SMS:
            await self._text(one)
        elif one.inbound:
            await self._call(one)
        if one.sid in ours:
            await self._bring_forward(one, ours[one.sid])

    async def _text(self, one: Seen) -> None:
        if await self._desk.journal.received(f"text:{one.sid}"):
            return
        text = TextIn(one.sid, one.number, one.body, one.media, one.opt_out, late=Late(one.at), enclosed=one.enclosed)
        written = await self._inbox.take(text)
        self.recovered["text"] += not written.repeated

    async def _call(self, one: Seen) -> None:
        may_still_be_told = not one.progress.is_over and self._clock.now() - one.at < CALL_GRACE
        if may_still_be_told or await self._was_told(one.sid):
            return
        written = await self._intake.take_lost_call(CallIn(one.sid, one.number, "0"), one.at)
        self.recovered["call"] += not written.repeated

    async def _was_told(self, sid: str) -> bool:
        keys = (f"call:{sid}:", f"{RUNG_BY_STAFF}{sid}")
        return any([await self._desk.journal.received(key) for key in keys])

    async def _bring_notice_forward(self, one: Seen, notice: str) -> None:
        """Only its end: nothing waits for what lies between."""
        if one.progress.is_over:
            await self._messenger.progress(notice, one.progress, one.sid, one.code)
            self.recovered["notice"] += 1

    async def _bring_forward(self, one: Seen, message: str) -> None:
        """Also a call that is over and still counts as live: while it does, the family hears nothing from us."""
        if is_notice(message):
            await self._bring_notice_forward(one, message)
            return
        if message:
            await self._telephone.progress(message, one.progress, one.sid, one.code)
            self.recovered["outcome"] += one.progress.is_over
        if one.channel is Channel.VOICE and one.progress.is_over:
            await self._telephone.ended(CallIn(one.sid, one.number, "0"))
