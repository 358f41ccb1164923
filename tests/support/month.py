"""A month of cases as a line would have it, through the real desk onto a real file; only telephones are missing.

What families say, what the carrier reports and what clinicians press is told by the number of the case, so that the
month is the same each time and has something of everything: raised and given back, passed on, never answered, still
open, before and after the month, and on the night when the clock goes back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from oncall.adapters.clock import VirtualClock
from oncall.adapters.journal.sqlite import SqliteJournal
from oncall.adapters.register.reading import reads_for
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.rehearsal.sample_ward import fill_sample
from oncall.core.case.case import Case, Status
from oncall.core.case.commands import (
    Acknowledge,
    Command,
    HearPage,
    PassOn,
    ReachFamily,
    RecordAttempt,
    RecordOutcome,
    RecordProgress,
    Resolve,
    Undo,
)
from oncall.core.case.holding import OUTCOMES
from oncall.core.case.messages import Channel, Lane, Message, Outcome, Progress, Verdict
from oncall.core.notices import About, Choice, Notice, answered, attempted, handed_over
from oncall.service.desk import Desk
from oncall.service.intake import Intake, TextIn
from oncall.service.reports.tallies import Tallies
from oncall.service.watch import Watch
from tests.support.web_house import HOSPITAL, OneHandbook, shipped_handbook

BEGIN = datetime(2026, 10, 31, 21, 10, tzinfo=UTC)  # an evening before the month
EVERY = timedelta(hours=22, minutes=11)
LANES = tuple(lane.value for lane in Lane)
WORDS = (
    "he is not breathing",
    "she is so itchy and her legs are stiff",
    "the pump is beeping, one tone",
    "no puede respirar",
    "please send me a letter for school",
    "???",
    "his legs are stiff and he has a fever",
)
ENDS = (
    (Progress.DELIVERED, Progress.NO_ANSWER),
    (Progress.UNDELIVERED, Progress.COMPLETED),
    (Progress.SENT, Progress.BUSY),
    (Progress.DELIVERED, Progress.FAILED),
)  # of a text, of a call


@dataclass(repr=False)  # asyncio writes out what a test is given, for every test
class Month:
    """See the module. `cases` are what was opened, in order."""

    path: Path
    clock: VirtualClock
    register: SqliteRegister
    journal: SqliteJournal
    handbooks: OneHandbook
    desk: Desk
    intake: Intake
    watch: Watch
    tallies: Tallies = field(default_factory=Tallies)

    async def tell(self, cases: int) -> None:
        """So many cases, and the tests of the same time."""
        for place in range(cases):
            await self._episode(place)
            self.clock.step(EVERY + timedelta(minutes=place))
            if place == cases // 2:
                await self._tests()

    async def _tests(self) -> None:
        await self._test("drill", 3)
        await self._test("shift-proof", 12)

    async def _episode(self, place: int) -> None:
        case = await self._first_words(place)
        for _ in range(place * 5 % 7):  # nobody answers for so long
            await self._hand_over(place)
            case = await self._wait(case)
        await self._hand_over(place)
        if place % 5 == 3 and case.pages:
            await self.desk.take(PassOn(case.id, case.pages[0].person, "replied", not_me=place % 2 == 0))
            await self._hand_over(place)
        await self._hands(place, case.id)

    async def _first_words(self, place: int) -> Case:
        text = TextIn(f"SM{place:04}", f"+1617555{2000 + place}", WORDS[place % len(WORDS)])
        written = await self.intake.take_text(text)
        if place % 9 == 4:  # and worse soon after
            self.clock.step(timedelta(seconds=80))
            text = TextIn(f"SN{place:04}", f"+1617555{2000 + place}", "now he is hard to wake")
            written = await self.intake.take_text(text)
        return written.case

    async def _wait(self, case: Case) -> Case:
        due = await self.journal.next_due()
        if due is not None and due > self.clock.now():
            self.clock.step(min(due - self.clock.now(), timedelta(hours=3)))
        await self.watch.look()
        return await self._now(case.id)

    async def _now(self, case_id: str) -> Case:
        case = await self.journal.case(case_id)
        assert case is not None
        return case

    async def _hand_over(self, place: int) -> None:
        """A dispatcher and a carrier, in one commit; every second call is answered."""
        leased = await self.journal.lease_owed(self.clock.now(), timedelta(seconds=30), 100, LANES)
        commands = [told for number, message in enumerate(leased) for told in _carried(message, place + number)]
        if commands:
            await self.desk.take_all(commands)

    async def _hands(self, place: int, case_id: str) -> None:
        """Taken, given back, taken by another, reached, closed; not by everybody, and not always."""
        case = await self._now(case_id)
        people = list(dict.fromkeys(page.person for page in case.pages if not page.informs)) or ["ana"]
        self.clock.step(timedelta(seconds=31 + 7 * place))
        if place % 10 == 7:  # never taken
            await self.desk.take(Resolve(case_id, "dia", OUTCOMES["6"]))
            return
        await self.desk.take(Acknowledge(case_id, people[-1], "replied"))
        if place % 7 == 2:
            self.clock.step(timedelta(seconds=40))
            await self.desk.take(Undo(case_id, people[-1], "replied"))
            self.clock.step(timedelta(minutes=4))
            await self.desk.take(Acknowledge(case_id, people[0], "pressed 1"))
        await self._end(place, case_id)

    async def _end(self, place: int, case_id: str) -> None:
        holder = (await self._now(case_id)).holder
        assert holder is not None
        self.clock.step(timedelta(minutes=2 + place % 11))
        if place % 8 != 5:
            await self.desk.take(ReachFamily(case_id, holder.person, "replied"))
        if place % 12 != 11:  # else it stays open
            outcome = OUTCOMES[str(1 + place % 6)]
            needed = (True, None, False)[place % 3]
            await self.desk.take(Resolve(case_id, holder.person, outcome, needed=needed))
        elif (await self._now(case_id)).status is Status.HELD:
            await self.desk.take(ReachFamily(case_id, holder.person, "replied"))
        if place % 4 == 0:
            await self._hand_over(place)  # what is still owed to a closed case goes out too

    async def _test(self, kind: str, calls: int) -> None:
        """Some are answered, one is never sent."""
        notices = self.register.notices
        for place in range(calls):
            about, to, works = About(kind, f"{place}"), f"+16175550{180 + place}", (Choice("1", "works"),)
            notice = Notice(about, to, Channel.VOICE, "TEST", "test", person="ana", choices=works, is_test=True)
            placed = await notices.put(notice, ())
            if place == 1:
                continue
            now, taken = self.clock.now(), Outcome(Verdict.ACCEPTED, f"CA{kind}{place}")
            await notices.change(placed.id, partial(attempted, at=now))
            await notices.change(placed.id, partial(handed_over, outcome=taken, at=now))
            if place % 3 == 0:
                await notices.change(placed.id, partial(answered, digit="1", reply_sid=None, at=now))


def _carried(message: Message, chance: int) -> Iterator[Command]:
    """What becomes of one message; every thirteenth is refused."""
    refused = chance % 13 == 6
    verdict = Verdict.REFUSED_FOR_GOOD if refused else Verdict.ACCEPTED
    yield RecordAttempt(message.case, message.id, "7")
    yield RecordOutcome(message.case, message.id, Outcome(verdict, f"CA{message.id}"))
    if refused or message.channel not in (Channel.SMS, Channel.VOICE):
        return
    text, call = ENDS[chance % len(ENDS)]
    if message.channel is Channel.VOICE and message.page and chance % 2:
        yield RecordProgress(message.case, message.id, Progress.ANSWERED)
        if chance % 3:
            yield HearPage(message.case, message.id)
    yield RecordProgress(message.case, message.id, text if message.channel is Channel.SMS else call)


@asynccontextmanager
async def a_month(path: Path) -> AsyncIterator[Month]:
    """An empty house on this file, on the evening before November 2026."""
    clock = VirtualClock(BEGIN)
    register = SqliteRegister(path, HOSPITAL, clock)
    await fill_sample(register, BEGIN)
    journal = SqliteJournal(path, reads_for(HOSPITAL), clock.now)
    handbooks = OneHandbook(shipped_handbook())
    desk = Desk(journal, handbooks)
    numbers = count(1)
    intake = Intake(desk, register, clock, lambda: f"m{next(numbers):05}")
    try:
        yield Month(path, clock, register, journal, handbooks, desk, intake, Watch(desk, clock))
    finally:
        await journal.close()
        await register.close()
