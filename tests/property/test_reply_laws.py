"""A reply to a notice never touches a page, a reply to a page never touches a notice, and what could be either is
neither: over random nights of pages, questions and texts of one clinician."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.adapters.clock import VirtualClock
from oncall.adapters.handbook.store import PublishedHandbook
from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.rehearsal.sample_ward import PHONE_BOOK, fill_sample
from oncall.core.case.case import Arrival, Status
from oncall.core.case.commands import TakeReport
from oncall.core.case.messages import Channel, Message, Outcome, Verdict
from oncall.core.case.rounds import SLOTS
from oncall.core.notices import About, Choice, Notice, attempted
from oncall.core.people import Hospital
from oncall.core.reports import Finding, Heard, Report, Source
from oncall.service.desk import Desk
from oncall.service.intake import Intake, TextIn
from oncall.service.messenger import Messenger
from oncall.service.notice_answers import NoticeAnswers
from oncall.service.ports.journal import OpenPage
from oncall.service.telephone.family_replies import FamilyReplies
from oncall.service.telephone.inbox import Inbox
from oncall.service.telephone.replies import Replies
from tests.support.ward import shipped

AT = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)
HOSPITAL = Hospital("Lakeside", "America/New_York", "911", "+16175550100", "+16175550101", "http://x", b"secret")
ANA = PHONE_BOOK["ana"]


class BusyJournal(MemoryJournal):
    """One in which something happens right after somebody has looked at the pages."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def pages_of(self, person: str) -> list[OpenPage]:
        found = await super().pages_of(person)
        if (act := self.meanwhile) is not None:
            self.meanwhile = None
            await act()
        return found


class Nowhere:
    """A pager that takes everything: nothing is sent here, only read."""

    async def turn(self, message: Message) -> None: ...

    def waiting(self) -> int:
        return 0

    async def send(self, message: Message, attempt: int) -> Outcome:
        return Outcome(Verdict.ACCEPTED)

    async def find(self, message: Message, since: datetime) -> Outcome | None:
        return None

    async def stop(self, sid: str) -> Outcome:
        return Outcome(Verdict.ACCEPTED)

    async def close(self) -> None: ...


@dataclass
class Night:
    """The stores and the inbox, without loops and without a carrier."""

    clock: VirtualClock = field(default_factory=lambda: VirtualClock(AT))
    count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.register = MemoryRegister(HOSPITAL, self.clock)
        self.journal = BusyJournal(self.register.view, self.clock.now)
        self.desk = Desk(self.journal, PublishedHandbook(shipped()))
        self.messenger = Messenger(self.register.notices, self.desk, Nowhere(), self.register, self.clock)
        answers = NoticeAnswers(self.messenger, self.journal, self.register, self.clock)
        replies = Replies(self.desk, self.register, self.clock, self.new_id)
        intake = Intake(self.desk, self.register, self.clock, self.new_id)
        begun = (self.messenger, self.register.task_list, self.register.dangers)
        families = FamilyReplies(*begun, intake, self.register, PublishedHandbook(shipped()), self.clock, HOSPITAL)
        self.inbox = Inbox(self.register, intake, replies, answers, families, self.clock)

    def new_id(self) -> str:
        return f"{next(self.count):016d}"

    async def page(self) -> None:
        report = Report(self.new_id(), Source.STAFF, self.clock.now(), "stiff and itchy")
        finding = Finding("tight_muscles", Heard.PRESENT, "stiff")
        await self.desk.take(TakeReport(report, f"report:{report.id}", Arrival.NEW_CALL, (finding,)))

    async def ask(self, choices: int) -> None:
        digits = tuple(Choice(str(n), f"choice {n}") for n in range(1, choices + 1))
        about = About("swap", self.new_id())
        [placed] = await self.messenger.order(
            Notice(about, ANA, Channel.SMS, "x", "maria", person="ana", choices=digits)
        )
        await self.register.notices.change(placed.id, partial(attempted, at=self.clock.now()))

    async def text(self, body: str) -> None:
        await self.inbox.take(TextIn(f"SM{self.new_id()}", ANA, body))

    async def cases(self) -> dict[str, tuple[Status, str | None]]:
        """How every case stands towards ana."""
        cases = await self.journal.open_cases()
        return {case.id: (case.status, case.holder.person if case.holder else None) for case in cases}

    async def questions(self) -> dict[str, str | None]:
        return {notice.id: notice.answer for notice in await self.register.notices.about("swap")}

    async def slots(self) -> tuple[list[int], list[int]]:
        pages = [page.slot for page in await self.journal.pages_of("ana") if page.slot is not None]
        asked = [notice.slot for notice in await self.register.notices.of_person("ana") if notice.slot is not None]
        return pages, asked


steps = st.one_of(
    st.tuples(st.just("page"), st.just(0), st.just("")),
    st.tuples(st.just("ask"), st.integers(1, 3), st.just("")),
    st.tuples(st.just("to page"), st.integers(0, 5), st.sampled_from("123456789")),
    st.tuples(st.just("to notice"), st.integers(0, 5), st.sampled_from("123456789")),
    st.tuples(st.just("bare"), st.just(0), st.sampled_from(["1", "2", "ok", "Yes.", "#1", "12"])),
    st.tuples(st.just("wait"), st.integers(1, 9 * 24), st.just("")),
)

PAGE, ASK_ONE, ASK_TWO = ("page", 0, ""), ("ask", 1, ""), ("ask", 2, "")
openings = st.sampled_from([[PAGE, ASK_TWO], [ASK_ONE, PAGE], [PAGE, PAGE, ASK_ONE], [ASK_ONE, ASK_TWO], [PAGE]])


async def live(story: list[tuple[str, int, str]]) -> None:
    night = Night()
    await fill_sample(night.register, AT)
    for kind, number, digit in story:
        pages, asked = await night.slots()
        assert len({*pages}) + len({*asked}) == len({*pages, *asked}), "a page and a notice share a slot"
        before = await night.cases(), await night.questions()
        open_page = any(page.open for page in await night.journal.pages_of("ana"))
        questions = [n for n in await night.register.notices.of_person("ana") if n.is_asking]
        match kind:
            case "page":
                await night.page()
            case "ask":
                await night.ask(number)
            case "wait":
                night.clock.step(timedelta(hours=number))
            case "to page" if pages:
                await night.text(f"{pages[number % len(pages)]}{digit}")
                assert await night.questions() == before[1]
            case "to notice" if asked:
                await night.text(f"{asked[number % len(asked)]}{digit}")
                assert await night.cases() == before[0]
            case "bare":
                await night.text(digit)
                after = await night.cases(), await night.questions()
                known = {case: after[0][case] for case in before[0] if case in after[0]}
                assert known == before[0] or after[1] == before[1], "one text has answered both"
                if open_page:
                    assert after[1] == before[1]
                if questions:
                    assert known == before[0]
                if len(questions) > 1:
                    assert after[1] == before[1]


@settings(max_examples=150, deadline=None)
@given(openings, st.lists(steps, min_size=1, max_size=12))
def test_no_reply_ever_means_a_page_and_a_notice(
    opening: list[tuple[str, int, str]], story: list[tuple[str, int, str]]
) -> None:
    asyncio.run(live([*opening, *story]))


async def test_a_page_ordered_between_claim_and_sending_moves_the_notice_to_another_slot() -> None:
    """All slots but one are out: both want the last, and only the page gets it."""
    night = Night()
    await fill_sample(night.register, AT)
    for _ in range(len(SLOTS) - 1):
        await night.ask(1)
    night.journal.meanwhile = night.page
    await night.ask(1)
    pages, asked = await night.slots()
    assert pages == [10]
    assert 10 not in asked
    assert len(asked) == len(SLOTS) - 1, "the last question goes out without a slot"


async def test_pages_take_no_slot_of_a_notice_when_they_come_to_it() -> None:
    night = Night()
    await fill_sample(night.register, AT)
    for _ in range(len(SLOTS)):
        await night.ask(1)
    await night.page()
    pages, _ = await night.slots()
    assert pages == []
    assert [page.slot for page in await night.journal.pages_of("ana")] == [None]
