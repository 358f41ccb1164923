"""What the house may rely on from its record of care, over the in-memory journal and the one on SQLite.

The decisions are the shipped ones over the shipped handbook and the sample ward, so what is written here is what a
night writes. Troubles are real ones: a second connection alters the file, the disk refuses to grow, the writer dies.
Deliberately not here: killing the process (`tests/crash`).
"""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from oncall.adapters.clock import VirtualClock
from oncall.adapters.handbook.files import load_handbook
from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.journal.shelf import SLOT_REST
from oncall.adapters.journal.sqlite import FIRST_OWED, NEXT_DUE, SqliteJournal
from oncall.adapters.migrations import DatabaseRefused
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.reading import RegisterReading, reads_for
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.rehearsal.sample_ward import LINE, OPERATOR, PHONE_BOOK, fill_sample
from oncall.core.case.case import Arrival, Case, FollowUp, Status
from oncall.core.case.commands import (
    Acknowledge,
    AddNote,
    Command,
    PassTime,
    ReachFamily,
    RecordAttempt,
    RecordOutcome,
    Resolve,
    TakeReport,
    Undo,
)
from oncall.core.case.decide import Decision, decide
from oncall.core.case.duties import duties_of
from oncall.core.case.entries import ClockSet, Recorded
from oncall.core.case.facts import Facts
from oncall.core.case.messages import Channel, Lane, Outcome, Verdict
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital
from oncall.core.reports import Finding, Heard, Report, Source
from oncall.service.cases.follow_ups import FollowUps
from oncall.service.ports.journal import Edition, EditionOvertaken, Journal, JournalRefused, Written, closed_mark

ROOT = Path(__file__).parents[2]
NIGHT = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)  # Wednesday 03:04 in New York
HOSPITAL = Hospital("Lakeside Children's", "America/New_York", "911", OPERATOR, LINE, "http://127.0.0.1:1", b"secret")
ALL_LANES = tuple(lane.value for lane in Lane)
LEASE = timedelta(seconds=30)
MUM = PHONE_BOOK["mum of Leo"]
ITCHY = (Finding("itching", Heard.PRESENT, "itchy"), Finding("tight_muscles", Heard.PRESENT, "stiff"))


@cache
def handbook() -> Handbook:
    return load_handbook(ROOT / "rules", ROOT / "rotations")


def decided(case: Case, command: Command, at: datetime, facts: Facts) -> Decision:
    return decide(case, command, at, facts, handbook())


def broken(case: Case, command: Command, at: datetime, facts: Facts) -> Decision:
    raise RuntimeError("our own bug")


def text(report: str, number: str = MUM, words: str = "so itchy and stiff", **changes: Any) -> TakeReport:
    """A family's text that is an emergency by the shipped rules."""
    told = Report(report, Source.TEXT, NIGHT, words, number)
    return replace(TakeReport(told, f"phone:{number}", Arrival.TEXT, ITCHY, number=number), **changes)


def stranger(place: int) -> str:
    return f"+1617555{place:04d}"


@dataclass
class Store:
    """One journal with its register and clock. `open` opens another journal on the same file."""

    journal: Journal
    register: KeptRegister
    clock: VirtualClock
    path: Path | None = None
    deaths: list[str] = field(default_factory=list)

    async def write(self, *commands: Command, key: str | None = None) -> Written:
        return await self.journal.write(commands, decided, key)

    async def owed(self, *lanes: Lane, limit: int = 100) -> list[str]:
        wanted = tuple(lane.value for lane in lanes) or ALL_LANES
        leased = await self.journal.lease_owed(self.clock.now(), LEASE, limit, wanted)
        return [message.id for message in leased]

    async def hand_over_all(self) -> None:
        """Play a dispatcher to whom the carrier always says yes."""
        while leased := await self.journal.lease_owed(self.clock.now(), LEASE, 100, ALL_LANES):
            for message in leased:
                await self.write(RecordAttempt(message.case, message.id, "7"))
                outcome = Outcome(Verdict.ACCEPTED, f"CA{message.id}")
                await self.write(RecordOutcome(message.case, message.id, outcome))

    async def closed_case(self, report: str, number: str = MUM) -> Case:
        """A case that was opened, taken, reached and closed just now."""
        case = (await self.write(text(report, number))).case
        person = case.pages[0].person
        for command in (
            Acknowledge(case.id, person, "replied"),
            ReachFamily(case.id, person, "replied"),
            Resolve(case.id, person, "phone advice"),
        ):
            case = (await self.write(command)).case
        return case

    @contextmanager
    def file(self) -> Iterator[sqlite3.Connection]:
        """A second connection, as somebody with the file in his hands would have."""
        assert self.path is not None
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=5)
        try:
            yield connection
        finally:
            connection.close()


def open_journal(path: Path, clock: VirtualClock, deaths: list[str] | None = None) -> SqliteJournal:
    noted = deaths if deaths is not None else []
    return SqliteJournal(path, reads_for(HOSPITAL), clock.now, on_death=lambda: noted.append("dead"))


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Every test of the contract runs over both."""
    opened = await (_on_file(tmp_path) if request.param == "sqlite" else _in_memory())
    yield opened
    await _close(opened)


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Store]:
    """The journal on a file alone, for what only a file can suffer."""
    opened = await _on_file(tmp_path)
    yield opened
    await _close(opened)


async def _in_memory() -> Store:
    clock = VirtualClock(NIGHT)
    register = MemoryRegister(HOSPITAL, clock)
    await fill_sample(register, NIGHT)
    return Store(MemoryJournal(register.view, clock.now), register, clock)


async def _on_file(folder: Path) -> Store:
    clock, path, deaths = VirtualClock(NIGHT), folder / "oncall.db", list[str]()
    register = SqliteRegister(path, HOSPITAL, clock)
    await fill_sample(register, NIGHT)
    return Store(open_journal(path, clock, deaths), register, clock, path, deaths)


async def _close(opened: Store) -> None:
    await opened.journal.close()
    await opened.register.close()


# --- one delivery, one commit (law 2) -----------------------------------------------------------------------------


async def test_one_write_leaves_entries_a_deadline_owed_messages_the_raw_words_and_the_answer(store: Store) -> None:
    written = await store.write(text("r1"), key="text:SM1")
    case = await store.journal.case(written.case.id)
    assert case == written.case
    assert [recorded.seq for recorded in await store.journal.entries(written.case.id)] == [
        recorded.seq for recorded in written.entries
    ]
    assert await store.journal.next_due() == written.case.due_at
    assert set(await store.owed()) == {owed.message.id for owed in duties_of(written.case).owed}
    raw = await store.journal.report("r1")
    assert raw is not None
    assert raw.raw == "so itchy and stiff"
    assert written.answer["urgency"] == "emergency"


async def test_readers_get_an_open_case_as_it_was_last_committed_without_a_replay(kept: Store) -> None:
    """Also while the rows they read are older than it: a replay for each would be on the loop."""
    first = await kept.write(text("r1"))
    second = await kept.write(text("r2"))
    assert second.case.id == first.case.id
    for version in (first.case.version, second.case.version):
        assert await kept.journal._replayed(first.case.id, version) is second.case  # type: ignore[attr-defined]
    [found] = await kept.journal.open_cases()
    assert found is second.case


async def test_the_chain_has_a_hash_for_each_entry_and_grows_at_its_end(store: Store) -> None:
    written = await store.write(text("r1"))
    before = await store.journal.chain(written.case.id)
    assert len(before) == len(set(before)) == written.case.version
    await store.write(PassTime(written.case.id))
    after = await store.journal.chain(written.case.id)
    assert after[: len(before)] == before
    assert await store.journal.chain("nobody") == []


async def test_a_repeated_key_gets_the_first_answer_and_adds_nothing(store: Store) -> None:
    first = await store.write(text("r1"), key="text:SM1")
    again = await store.write(text("r2", words="other words"), key="text:SM1")
    assert again.repeated
    assert again.answer == first.answer
    assert again.entries == ()
    assert again.case == first.case
    assert await store.journal.report("r2") is None


async def test_a_repeated_key_gets_the_first_answer_even_when_the_case_has_moved_on(store: Store) -> None:
    first = await store.write(text("r1"), key="text:SM1")
    await store.write(Acknowledge(first.case.id, first.case.pages[0].person, "replied"))
    again = await store.write(text("r1"), key="text:SM1")
    assert again.answer == first.answer
    assert again.case.status is Status.HELD


async def test_the_same_key_twice_at_once_is_taken_once(store: Store) -> None:
    answers = await asyncio.gather(*(store.write(text(f"r{place}"), key="text:SM1") for place in range(8)))
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 7
    assert len(await store.journal.open_cases()) == 1


async def test_several_commands_of_one_delivery_are_one_commit(store: Store) -> None:
    written = await store.write(text("r1", stranger(1)), text("r2", stranger(2)), key="alarm:x")
    assert len({case.id for case in written.cases}) == 2
    assert [part["case"] for part in written.answer["reports"]] == [case.code for case in written.cases]


async def test_when_the_second_command_of_a_delivery_fails_the_first_leaves_nothing(store: Store) -> None:
    def second_fails(case: Case, command: Command, at: datetime, facts: Facts) -> Decision:
        assert isinstance(command, TakeReport)
        return broken(case, command, at, facts) if command.report.id == "r2" else decided(case, command, at, facts)

    with pytest.raises(RuntimeError):
        await store.journal.write((text("r1", stranger(1)), text("r2", stranger(2))), second_fails, "alarm:x")
    assert await store.journal.open_cases() == []
    assert await store.journal.next_due() is None
    assert await store.owed() == []
    assert await store.journal.report("r1") is None
    assert not (await store.write(text("r1", stranger(1)), key="alarm:x")).repeated


async def test_a_decision_that_raises_leaves_the_case_as_it_was(store: Store) -> None:
    case = (await store.write(text("r1"))).case
    with pytest.raises(RuntimeError):
        await store.journal.write((text("r2"),), broken, "text:SM2")
    assert await store.journal.case(case.id) == case
    assert (await store.write(text("r2"), key="text:SM2")).case.version > case.version
    assert await store.journal.audit() == []


async def test_one_bad_delivery_among_many_fails_alone(store: Store) -> None:
    writes: list[Awaitable[Written]] = [store.write(text(f"r{n}", stranger(n))) for n in range(20)]
    writes.insert(7, store.journal.write((text("bad"),), broken))
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result).__name__ for result in results if not isinstance(result, Written)] == ["RuntimeError"]
    assert len(await store.journal.open_cases()) == 20
    assert await store.journal.audit() == []


async def test_a_delivery_that_breaks_a_rule_of_the_tables_fails_alone(kept: Store) -> None:
    """A report's name twice: the tables refuse it, and whoever shares its commit must not suffer."""
    await kept.write(text("r1", stranger(1)))
    results = await asyncio.gather(
        kept.write(text("r2", stranger(2))),
        kept.write(text("r1", stranger(3))),
        kept.write(text("r4", stranger(4))),
        return_exceptions=True,
    )
    assert [isinstance(result, Written) for result in results] == [True, False, True]
    assert isinstance(results[1], sqlite3.IntegrityError)
    assert len(await kept.journal.open_cases()) == 3
    assert await kept.journal.audit() == []


async def test_half_a_character_is_kept_as_it_came(store: Store) -> None:
    """A JSON alarm may carry a lone surrogate, which no UTF-8 column holds; it must not cost the page (law 1)."""
    written = await store.write(text("r1", words="half a sign \ud83d"))
    report = await store.journal.report("r1")
    assert report is not None
    assert report.raw == "half a sign \ud83d"
    assert (await store.journal.case(written.case.id)) == written.case


async def test_a_waiter_who_gives_up_takes_nothing_back(store: Store) -> None:
    """A sender that hangs up has still reported; the commit stands and its retry is known."""
    impatient = asyncio.ensure_future(store.write(text("r1"), key="text:SM1"))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    again = await store.write(text("r1"), key="text:SM1")
    assert len(await store.journal.open_cases()) == 1
    assert again.case.reports[0].id == "r1"


async def test_what_was_answered_is_there_after_the_house_was_opened_again(kept: Store) -> None:
    first = await kept.write(text("r1"), key="text:SM1")
    await kept.journal.close()
    assert kept.path is not None
    kept.journal = open_journal(kept.path, kept.clock)
    assert await kept.journal.case(first.case.id) == first.case
    assert (await kept.write(text("r1"), key="text:SM1")).repeated
    assert await kept.journal.audit() == []


async def test_both_journals_tell_the_same_night(tmp_path: Path) -> None:
    """The twin is only worth something if it is one: same commands, same entries, same duties."""
    nights = []
    for opened in (await _in_memory(), await _on_file(tmp_path)):
        await opened.write(text("r1"), key="text:SM1")
        await opened.hand_over_all()
        opened.clock.step(timedelta(minutes=3))
        for case_id in await opened.journal.due(opened.clock.now(), 64):
            await opened.write(PassTime(case_id))
        await opened.closed_case("r2", stranger(7))
        case = await opened.journal.case("cr1")
        assert case is not None
        nights.append((await opened.journal.entries("cr1"), await opened.journal.entries("cr2"), duties_of(case)))
        assert await opened.journal.audit() == []
        await _close(opened)
    assert nights[0] == nights[1]


# --- follow-ups -----------------------------------------------------------------------------------------------------


async def test_a_follow_up_is_owed_with_the_closing_and_left_once_however_often_the_plug_is_pulled(
    store: Store,
) -> None:
    task = FollowUp("ring the school", NIGHT + timedelta(days=1), "maria")
    case = (await store.write(text("r1"))).case
    await store.write(Acknowledge(case.id, case.pages[0].person, "replied"))
    await store.write(Resolve(case.id, case.pages[0].person, "phone advice", follow_up=task))
    if store.path is not None:  # pulled after the closing: the next process has only the file
        await store.journal.close()
        store.journal = open_journal(store.path, store.clock)
    assert await store.journal.owed_follow_ups() == [case.id]
    await store.register.leave_follow_up(task, f"follow-up-{case.id}", case.id, None, "ana")  # and pulled once more
    follow_ups = FollowUps(store.journal, store.register)
    await follow_ups.look()
    await follow_ups.look()
    left = [task.title for task in await store.register.open_tasks() if task.case_id == case.id]
    assert left == ["ring the school"]
    assert await store.journal.owed_follow_ups() == []
    await store.write(AddNote(case.id, "cho", "they were rung"))
    assert await store.journal.owed_follow_ups() == [], "a note owes nothing again"


async def test_what_is_owed_after_a_closing_comes_onto_the_list_of_tasks(store: Store) -> None:
    task = FollowUp("ring the school", NIGHT + timedelta(days=1), "maria")
    case = (await store.write(text("r1"))).case
    await store.write(Acknowledge(case.id, case.pages[0].person, "replied"))
    await store.write(Resolve(case.id, case.pages[0].person, "phone advice", follow_up=task))
    await FollowUps(store.journal, store.register).look()
    [left] = [task for task in await store.register.open_tasks() if task.case_id == case.id]
    assert (left.id, left.title, left.owner, left.due_at) == (f"follow-up-{case.id}", task.title, "maria", task.due_at)


# --- whose case ---------------------------------------------------------------------------------------------------


async def test_one_key_has_one_open_case_even_when_two_reports_arrive_at_once(store: Store) -> None:
    written = await asyncio.gather(store.write(text("r1")), store.write(text("r2")))
    assert len({answer.case.id for answer in written}) == 1
    assert await store.journal.open_case(f"phone:{MUM}") == written[0].case.id


async def test_two_open_cases_cannot_hold_one_key_whatever_our_code_does(kept: Store) -> None:
    await kept.write(text("r1"))
    with kept.file() as file, pytest.raises(sqlite3.IntegrityError):
        file.execute("INSERT INTO open_cases VALUES (?, 'other', 'Z9')", (f"phone:{MUM}",))


async def test_a_closed_case_lets_its_key_go_and_is_found_as_the_last_one(store: Store) -> None:
    first = await store.closed_case("r1")
    store.clock.step(timedelta(minutes=5))
    second = await store.closed_case("r2")
    assert second.id != first.id
    assert await store.journal.open_case(f"phone:{MUM}") is None
    assert await store.journal.last_closed(f"phone:{MUM}") == second
    assert await store.journal.last_closed("phone:+16175550199") is None
    assert await store.journal.closed_cases(NIGHT, 10) == [second, first]
    assert await store.journal.closed_cases(NIGHT + timedelta(minutes=1), 10) == [second]
    assert await store.journal.closed_cases(NIGHT, 1) == [second]
    marks = [closed_mark(second), closed_mark(first)]
    assert await store.journal.closed_marks(NIGHT, 10) == marks
    await store.write(AddNote(first.id, "cho", "a letter came"))
    assert await store.journal.closed_marks(NIGHT, 10) == marks


async def test_a_code_names_the_open_case_before_a_closed_one(store: Store) -> None:
    closed = await store.closed_case("r1")
    assert await store.journal.case_by_code(closed.code) == closed.id
    opened = (await store.write(text("r2"))).case
    assert await store.journal.case_by_code(opened.code) == opened.id
    assert await store.journal.case_by_code("nothing") is None


async def test_cases_are_found_by_their_keys_and_by_code_id_and_slot_newest_first(store: Store) -> None:
    first = await store.closed_case("r1")
    store.clock.step(timedelta(minutes=1))
    second = (await store.write(text("r2"))).case
    other = (await store.write(text("r3", stranger(1)))).case
    keys = [f"phone:{MUM}", "patient:nobody"]
    assert [mark.case for mark in await store.journal.cases_of(keys, None, 9)] == [second.id, first.id]
    [mark] = await store.journal.cases_of(keys, second.opened_at, 1)
    assert (mark.case, mark.key, mark.opened_at) == (first.id, f"phone:{MUM}", first.opened_at)
    assert await store.journal.find_cases(other.code.lower(), None, 9) == [other.id]
    assert await store.journal.find_cases(first.id, None, 9) == [first.id]
    slot = other.pages[0].slot
    assert other.id in await store.journal.find_cases("nothing", slot, 9)
    store.clock.step(SLOT_REST + timedelta(seconds=1))
    assert await store.journal.find_cases("nothing", slot, 9) == []


async def test_codes_of_open_cases_are_all_different(store: Store) -> None:
    cases = [(await store.write(text(f"r{n}", stranger(n)))).case for n in range(150)]  # more than a letter and a digit
    assert len({case.code for case in cases}) == 150


async def test_the_code_of_a_delivery_that_failed_is_free_again(store: Store) -> None:
    """Nothing of a write that was rolled back is remembered."""
    codes: list[str] = []

    def second_fails(case: Case, command: Command, at: datetime, facts: Facts) -> Decision:
        decision = (broken if codes else decided)(case, command, at, facts)
        codes.append(decision.case.code)
        return decision

    await store.write(text("r0", stranger(1)))
    with pytest.raises(RuntimeError):
        await store.journal.write((text("r1", stranger(2)), text("r2", stranger(3))), second_fails)
    assert [(await store.write(text("r1", stranger(2)))).case.code] == codes


async def test_a_call_is_found_in_the_case_it_was_filed_in(store: Store) -> None:
    case = (await store.write(text("r1"), key="call:CA1:0")).case
    await store.write(text("r2", stranger(2)), key="call:CA11:0")
    [row] = await store.journal.received("call:CA1:")
    assert row.cases == (case.id,)
    assert await store.journal.received("call:CA2:") == []


async def test_an_unknown_case_is_nobody(store: Store) -> None:
    assert await store.journal.case("nothing") is None
    assert await store.journal.entries("nothing") == []
    assert await store.journal.report("nothing") is None


# --- deadlines (law 3) --------------------------------------------------------------------------------------------


async def test_a_case_is_due_at_its_earliest_clock_and_not_before(store: Store) -> None:
    case = (await store.write(text("r1"))).case
    assert case.due_at is not None
    assert await store.journal.due(case.due_at - timedelta(microseconds=1), 64) == []
    assert await store.journal.due(case.due_at, 64) == [case.id]
    assert await store.journal.next_due() == case.due_at


async def test_what_is_due_longest_comes_first_and_no_more_than_asked(store: Store) -> None:
    for place in range(5):
        await store.write(text(f"r{place}", stranger(place)))
        store.clock.step(timedelta(seconds=1))
    later = store.clock.now() + timedelta(hours=1)
    assert await store.journal.due(later, 3) == ["cr0", "cr1", "cr2"]


async def test_a_closed_case_has_no_deadline(store: Store) -> None:
    await store.closed_case("r1")
    assert await store.journal.next_due() is None
    assert await store.journal.due(NIGHT + timedelta(days=30), 64) == []


async def test_a_case_put_off_lets_the_others_go_on_and_comes_back(store: Store) -> None:
    bad = (await store.write(text("r1", stranger(1)))).case
    good = (await store.write(text("r2", stranger(2)))).case
    assert bad.due_at is not None
    until = bad.due_at + timedelta(seconds=5)
    await store.journal.push_due(bad.id, until)
    store.clock.step(bad.due_at - NIGHT)
    assert await store.journal.due(bad.due_at, 64) == [good.id]
    assert await store.journal.next_due() == good.due_at
    assert set(await store.journal.due(until, 64)) == {bad.id, good.id}


async def test_the_next_look_waits_for_a_case_that_was_put_off(store: Store) -> None:
    case = (await store.write(text("r1"))).case
    assert case.due_at is not None
    until = case.due_at + timedelta(seconds=5)
    await store.journal.push_due(case.id, until)
    assert await store.journal.next_due() == until


async def test_the_next_deadline_is_found_behind_a_case_that_was_put_off(store: Store) -> None:
    first = (await store.write(text("r1", stranger(1)))).case
    store.clock.step(timedelta(seconds=2))
    second = (await store.write(text("r2", stranger(2)))).case
    assert first.due_at is not None
    await store.journal.push_due(first.id, first.due_at + timedelta(seconds=1))
    assert await store.journal.next_due() == first.due_at + timedelta(seconds=1)
    await store.journal.push_due(first.id, first.due_at + timedelta(minutes=1))
    assert await store.journal.next_due() == second.due_at


async def test_thousands_that_fall_due_at_one_instant_cost_no_more_than_ten(kept: Store) -> None:
    """Counted in hundreds of steps of the store's own program: tasks of the night all fall due at noon."""

    def steps() -> list[int]:
        with kept.file() as file:
            counted = [0, 0]
            for place, (sql, values) in enumerate([(NEXT_DUE, ()), (FIRST_OWED, ("normal", 1) * len(Lane))]):
                file.set_progress_handler(partial(count, counted, place), 100)
                file.execute(sql, values).fetchall()
            file.set_progress_handler(None, 0)
            return counted

    def count(counted: list[int], place: int) -> None:
        counted[place] += 1

    def fill(numbers: range) -> None:
        with kept.file() as file:
            file.executemany("INSERT INTO due (case_id, due_at, set_at) VALUES (?, 9, 1)", [(n,) for n in numbers])
            owed = [(f"m{n}", n) for n in numbers]
            file.executemany("INSERT INTO outbox VALUES (?, ?, 'normal', 9, 0, '')", owed)

    fill(range(10))
    few = steps()
    fill(range(10, 5000))
    assert steps() == few
    assert max(few) < 50


async def test_some_of_the_open_cases_are_found_without_the_others(store: Store) -> None:
    paged, carried, taken = [(await store.write(text(f"r{n}", stranger(n)))).case for n in (1, 2, 3)]
    message = carried.messages[0].message.id
    await store.write(RecordAttempt(carried.id, message, "7"))
    await store.write(RecordOutcome(carried.id, message, Outcome(Verdict.ACCEPTED, "SM2")))
    await store.write(Acknowledge(taken.id, taken.pages[0].person, "replied"))
    over = await store.closed_case("r4", stranger(4))
    assert [case.id for case in await store.journal.held_cases()] == [taken.id]
    assert [case.id for case in await store.journal.cases_carrying(["SM1", "SM2"])] == [carried.id]
    assert await store.journal.cases_carrying([]) == []
    assert paged.due_at is not None
    soon = {case.id for case in await store.journal.open_cases(due_by=paged.due_at)}
    assert soon >= {paged.id, carried.id}
    assert over.id not in soon
    assert await store.journal.open_cases(due_by=NIGHT) == []


async def test_a_write_to_a_case_that_was_put_off_makes_it_due_again(store: Store) -> None:
    case = (await store.write(text("r1"))).case
    assert case.due_at is not None
    await store.journal.push_due(case.id, case.due_at + timedelta(minutes=1))
    written = await store.write(text("r2"))
    assert written.case.due_at is not None
    assert await store.journal.due(written.case.due_at, 64) == [case.id]


async def test_a_case_whose_clocks_were_set_in_the_future_is_due_at_once(store: Store) -> None:
    """The wall clock stepped back an hour: nobody waits that hour (RULINGS 7)."""
    case = (await store.write(text("r1"))).case
    store.clock.step(timedelta(hours=-1))
    assert await store.journal.due(store.clock.now(), 64) == [case.id]
    mended = (await store.write(PassTime(case.id))).case
    assert case.due_at is not None
    assert mended.due_at == case.due_at - timedelta(hours=1)
    assert await store.journal.due(store.clock.now(), 64) == []
    assert await store.journal.audit() == []


# --- what is owed (law 5) -----------------------------------------------------------------------------------------


async def test_a_case_that_was_put_off_does_not_wait_for_a_clock_that_was_set_back(store: Store) -> None:
    case = (await store.write(text("r1"))).case
    await store.journal.push_due(case.id, store.clock.now() + timedelta(seconds=30))
    store.clock.step(timedelta(hours=-1))
    assert await store.journal.due(store.clock.now(), 64) == [case.id]


async def test_a_lease_does_not_last_longer_because_the_clock_was_set_back(store: Store) -> None:
    await store.write(text("r1"))
    first = await store.owed()
    store.clock.step(timedelta(hours=-1))
    assert sorted(await store.owed()) == sorted(first)


async def test_a_leased_message_is_hidden_until_its_lease_lapses(store: Store) -> None:
    await store.write(text("r1"))
    first = await store.owed()
    assert first
    assert await store.owed() == []
    store.clock.step(LEASE - timedelta(seconds=1))
    assert await store.owed() == []
    store.clock.step(timedelta(seconds=1))
    assert sorted(await store.owed()) == sorted(first)


async def test_two_workers_never_lease_the_same_message(store: Store) -> None:
    for place in range(10):
        await store.write(text(f"r{place}", stranger(place)))
    leased = [await store.owed(limit=7) for _ in range(8)]
    names = [name for some in leased for name in some]
    assert len(names) == len(set(names))
    assert all(len(some) <= 7 for some in leased)
    assert await store.owed() == []


async def test_lanes_are_leased_apart(store: Store) -> None:
    case = (await store.write(text("r1"))).case
    lane_of = {state.message.id: state.message.lane for state in case.messages}
    family = await store.owed(Lane.FAMILY)
    emergency = await store.owed(Lane.EMERGENCY)
    assert {lane_of[name] for name in family} == {Lane.FAMILY}
    assert {lane_of[name] for name in emergency} == {Lane.EMERGENCY}
    assert await store.owed() == []


async def test_leases_of_the_process_before_are_let_go_at_the_start(store: Store) -> None:
    await store.write(text("r1"))
    first = await store.owed()
    await store.journal.release_leases()
    assert sorted(await store.owed()) == sorted(first)


async def test_an_attempt_without_an_outcome_stays_owed(store: Store) -> None:
    """Crashed between the two: nobody knows whether it went out, so it is sent again (law 5)."""
    await store.write(text("r1"))
    [name, *_] = await store.owed()
    await store.write(RecordAttempt("cr1", name, "7"))
    store.clock.step(LEASE)
    assert name in await store.owed()


async def test_a_message_that_no_worker_has_is_unsent_and_one_that_is_leased_is_not(store: Store) -> None:
    await store.write(text("r1"))
    waiting = await store.journal.unsent(store.clock.now(), 10)
    assert len(waiting) > 1
    assert await store.journal.unsent(store.clock.now(), 1) == waiting[:1]
    assert set(await store.owed()) == set(waiting)
    assert await store.journal.unsent(store.clock.now(), 10) == []
    store.clock.step(LEASE)
    assert set(await store.journal.unsent(store.clock.now(), 10)) == set(waiting)


async def test_a_message_that_was_handed_over_is_owed_no_more(store: Store) -> None:
    await store.write(text("r1"))
    await store.hand_over_all()
    store.clock.step(LEASE * 10)
    assert await store.owed() == []
    assert await store.journal.next_owed() is None


async def test_a_message_the_carrier_refused_for_now_comes_back_after_its_wait_not_after_its_lease(
    store: Store,
) -> None:
    await store.write(text("r1"))
    [name, *_] = await store.owed(Lane.EMERGENCY)
    await store.write(RecordAttempt("cr1", name, "7"))
    await store.write(RecordOutcome("cr1", name, Outcome(Verdict.REFUSED_FOR_NOW, code=20429)))
    store.clock.step(timedelta(seconds=4))
    assert name not in await store.owed(Lane.EMERGENCY)
    store.clock.step(timedelta(seconds=1))
    assert name in await store.owed(Lane.EMERGENCY)


async def test_a_refused_message_is_not_leased_twice_when_its_case_is_written_meanwhile(store: Store) -> None:
    await store.write(text("r1"))
    [name, *_] = await store.owed(Lane.EMERGENCY)
    await store.write(RecordAttempt("cr1", name, "7"))
    await store.write(RecordOutcome("cr1", name, Outcome(Verdict.REFUSED_FOR_NOW, code=20429)))
    store.clock.step(timedelta(seconds=5))
    assert name in await store.owed(Lane.EMERGENCY)
    await store.write(text("r2"))
    assert name not in await store.owed(Lane.EMERGENCY)


async def test_taking_a_case_ends_what_is_owed_for_it(store: Store) -> None:
    case = (await store.write(text("r1"))).case
    pages = {state.message.id for state in case.messages if state.message.page}
    assert pages
    await store.write(Acknowledge(case.id, case.pages[0].person, "replied"))
    assert pages.isdisjoint(await store.owed())


# --- pages and slots ----------------------------------------------------------------------------------------------


async def test_a_slot_is_not_given_to_the_same_person_again_for_seven_days(store: Store) -> None:
    first = await store.closed_case("r1", stranger(1))
    person, slot = first.pages[0].person, first.pages[0].slot
    store.clock.step(SLOT_REST - timedelta(hours=1))
    soon = await store.closed_case("r2", stranger(2))
    assert all(page.slot != slot for page in soon.pages if page.person == person)
    store.clock.step(timedelta(days=14, hours=1))  # the same week of the rota, so that the same person has it
    late = await store.closed_case("r3", stranger(3))
    assert slot in {page.slot for page in late.pages if page.person == person}


async def test_a_slot_of_an_open_case_is_never_given_again(store: Store) -> None:
    case = (await store.write(text("r1", stranger(1)))).case
    store.clock.step(timedelta(days=21))
    later = (await store.write(text("r2", stranger(2)))).case
    given = {page.slot for page in case.pages}
    assert given.isdisjoint({page.slot for page in later.pages if page.person == case.pages[0].person})


async def test_slots_of_one_person_are_all_different(store: Store) -> None:
    pages = [(await store.write(text(f"r{n}", stranger(n)))).case.pages[0] for n in range(12)]
    assert len({(page.person, page.slot) for page in pages}) == 12


def said_to_hold(case: Case, person: str) -> str:
    """What the page's text says its person holds already; nothing for nobody."""
    texts = [state.message.body for state in case.messages if state.message.person == person and state.message.body]
    return next((body.partition("You already hold ")[2][:1] for body in texts if "You already hold" in body), "")


async def test_a_page_says_how_many_open_cases_its_person_holds(store: Store) -> None:
    """Taken, taken and climbing again, undone, closed: only the first two are held."""
    person = (await store.closed_case("r1", stranger(1))).pages[0].person
    taken, climbing, undone = [(await store.write(text(f"r{n}", stranger(n)))).case.id for n in (2, 3, 4)]
    for case in (taken, climbing, undone):
        await store.write(Acknowledge(case, person, "replied"))
    await store.write(Undo(undone, person, "replied"))
    for _ in range(6):  # the holder is rung first, then the case climbs
        store.clock.step(timedelta(minutes=10))
        climbed = (await store.write(PassTime(climbing))).case
    assert climbed.status is Status.PAGING
    assert climbed.holder is not None
    assert said_to_hold((await store.write(text("r5", stranger(5)))).case, person) == "2"


async def test_holders_of_a_database_from_before_the_table_of_holders_are_known(kept: Store) -> None:
    assert kept.path is not None
    taken, undone = [(await kept.write(text(f"r{n}", stranger(n)))).case for n in (1, 2)]
    person = taken.pages[0].person
    await kept.closed_case("r3", stranger(3))
    for case in (taken, undone):
        await kept.write(Acknowledge(case.id, person, "replied"))
    await kept.write(Undo(undone.id, person, "replied"))
    with kept.file() as file:
        file.execute("DROP TABLE holding")
        file.execute("DELETE FROM migrations WHERE name LIKE '%_holding.sql'")
    again = open_journal(kept.path, kept.clock)
    assert await again.audit() == []
    assert said_to_hold((await again.write([text("r4", stranger(4))], decided)).case, person) == "1"
    await again.close()


async def test_pages_of_a_person_come_newest_first_and_say_whether_their_case_is_open(store: Store) -> None:
    closed = await store.closed_case("r1", stranger(1))
    person = closed.pages[0].person
    store.clock.step(timedelta(minutes=1))
    opened = (await store.write(text("r2", stranger(2)))).case
    pages = await store.journal.pages_of(person)
    assert [(page.case, page.open) for page in pages] == [(opened.id, True), (closed.id, False)]
    assert pages[0].page == opened.pages[0].id
    assert pages[0].slot == opened.pages[0].slot
    store.clock.step(SLOT_REST)
    assert [page.case for page in await store.journal.pages_of(person)] == [opened.id]
    assert await store.journal.pages_of("nobody") == []


async def test_cases_since_a_moment_are_told_open_or_closed_oldest_first(store: Store) -> None:
    early = await store.closed_case("r1", stranger(1))
    store.clock.step(timedelta(hours=1))
    moment = store.clock.now()
    closed = await store.closed_case("r2", stranger(2))
    store.clock.step(timedelta(minutes=1))
    opened = (await store.write(text("r3", stranger(3)))).case
    assert await store.journal.cases_since(moment) == [closed.id, opened.id]
    assert await store.journal.cases_since(early.opened_at) == [early.id, closed.id, opened.id]
    assert await store.journal.cases_since(store.clock.now() + timedelta(minutes=1)) == []


async def test_a_page_is_found_by_its_token(store: Store) -> None:
    case = (await store.write(text("r1"))).case
    found = await store.journal.page_by_token(case.pages[0].token)
    assert found is not None
    assert (found.case, found.page, found.open) == (case.id, case.pages[0].id, True)
    assert await store.journal.page_by_token("guessed") is None


# --- editions -----------------------------------------------------------------------------------------------------


async def test_editions_are_kept_with_their_people_reason_and_difference_newest_first(store: Store) -> None:
    first = Edition("aa", NIGHT, "first start")
    second = Edition("bb", NIGHT + timedelta(hours=1), "maria", "jon", "the pump nurse agreed é", '{"files": []}')
    await store.journal.save_edition(first, {"rules/a.yaml": "# first é"})
    await store.journal.save_edition(second, {"rules/a.yaml": "# second\r\n"})
    assert await store.journal.editions() == [second, first]
    asked = (first.at - timedelta(seconds=1), first.at, second.at - timedelta(microseconds=1), second.at)
    assert [await store.journal.edition_at(at) for at in asked] == [None, first, first, second]
    assert await store.journal.edition_files("aa") == {"rules/a.yaml": "# first é"}
    assert await store.journal.edition_files("bb") == {"rules/a.yaml": "# second\r\n"}
    assert await store.journal.edition_files("cc") is None


async def test_going_back_to_an_earlier_edition_is_an_edition_of_its_own(store: Store) -> None:
    for hours, name in enumerate(("aa", "bb", "aa")):
        await store.journal.save_edition(Edition(name, NIGHT + timedelta(hours=hours), "maria"), {"rules/a.yaml": name})
    assert [edition.name for edition in await store.journal.editions()] == ["aa", "bb", "aa"]
    assert await store.journal.edition_files("aa") == {"rules/a.yaml": "aa"}


async def test_of_two_editions_on_the_same_base_one_is_kept(store: Store) -> None:
    await store.journal.save_edition(Edition("aa", NIGHT, "maria"), {}, "")
    late = [Edition(name, NIGHT + timedelta(hours=1), name) for name in ("bb", "cc")]
    told = await asyncio.gather(
        *(store.journal.save_edition(edition, {}, "aa") for edition in late), return_exceptions=True
    )
    assert [type(problem) for problem in told] == [type(None), EditionOvertaken]
    assert [edition.name for edition in await store.journal.editions()] == ["bb", "aa"]
    with pytest.raises(EditionOvertaken):
        await store.journal.save_edition(late[1], {}, "")


async def test_editions_of_a_database_from_before_second_names_are_kept(kept: Store) -> None:
    """The first release stored author and files alone."""
    assert kept.path is not None
    with kept.file() as file:
        for column in ("second", "reason", "difference"):
            file.execute(f"ALTER TABLE editions DROP COLUMN {column}")
        file.execute("DELETE FROM migrations WHERE component = 'journal' AND number = 2")
        file.execute("INSERT INTO editions VALUES ('aa', 1000000, 'first start', '{}')")
    again = open_journal(kept.path, kept.clock)
    assert await again.editions() == [Edition("aa", datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), "first start")]
    await again.close()


# --- looking, while somebody else writes --------------------------------------------------------------------------


async def test_a_reader_sees_what_is_written_meanwhile_and_can_write_nothing(kept: Store) -> None:
    assert kept.path is not None
    reader = SqliteJournal(kept.path, reads_for(HOSPITAL), kept.clock.now, reading_only=True)
    case = (await kept.write(text("r1"))).case
    assert await reader.cases_since(NIGHT) == [case.id]
    assert await reader.entries(case.id) == await kept.journal.entries(case.id)
    with pytest.raises(JournalRefused, match="reading only"):
        await reader.save_edition(Edition("aa", NIGHT, "maria"), {})
    with pytest.raises(JournalRefused, match="reading only"):
        await reader.write([text("r2")], decided)
    await reader.close()


async def test_a_reader_refuses_a_database_that_an_older_program_made(kept: Store) -> None:
    assert kept.path is not None
    with kept.file() as file:
        file.execute("DELETE FROM migrations WHERE component = 'journal' AND number = 2")
    with pytest.raises(DatabaseRefused, match="older than this program"):
        SqliteJournal(kept.path, reads_for(HOSPITAL), kept.clock.now, reading_only=True)


# --- the record cannot be altered unseen ----------------------------------------------------------------------------


async def test_an_entry_cannot_be_changed(kept: Store) -> None:
    await kept.write(text("r1"))
    with kept.file() as file, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        file.execute("UPDATE entries SET body = '{}' WHERE seq = 1")


ALTERED = {
    "an entry's words": (
        "UPDATE entries SET body = replace(body, 'emergency', 'routine') WHERE kind = 'Assessed'",
        "hash chain",
    ),
    "an entry that is no JSON any more": ("UPDATE entries SET body = 'x' WHERE seq = 2", "hash chain"),
    "an entry's instant": ("UPDATE entries SET at = at + 1 WHERE seq = 3", "hash chain"),
    "an entry taken out of the middle": ("DELETE FROM entries WHERE seq = 2", "hash chain"),
    "the last entry taken away": ("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)", "differ"),
    "a whole case taken away": ("DELETE FROM entries", "no entries"),
    "an owed message taken away": (
        "DELETE FROM outbox WHERE message_id = (SELECT min(message_id) FROM outbox)",
        "owed messages differ",
    ),
    "an owed message held back": ("UPDATE outbox SET not_before = 9000000000000000", "owed messages differ"),
    "an owed message sent elsewhere": (
        "UPDATE outbox SET body = replace(body, '+1617555', '+1617556')",
        "owed messages differ",
    ),
    "a deadline moved": ("UPDATE due SET due_at = due_at + 1", "due row differs"),
    "a deadline taken away": ("DELETE FROM due", "due row differs"),
    "a case marked as closed": ("UPDATE cases SET status = 'closed', closed_at = 1", "row of the case differs"),
    "a key let go": ("DELETE FROM open_cases", "open key differs"),
    "a holder put in": ("INSERT INTO holding VALUES ('cr1', 'ana')", "the holder differs"),
    "a page's link": ("UPDATE pages SET token = 'mine'", "pages differ"),
    "the family's words": ("UPDATE reports SET body = replace(body, 'itchy', 'happy')", "raw words"),
    "the family's words taken away": ("DELETE FROM reports", "raw words"),
}


@pytest.mark.parametrize("what", ALTERED)
async def test_the_audit_finds(what: str, kept: Store) -> None:
    sql, told = ALTERED[what]
    await kept.write(text("r1"))
    assert await kept.journal.audit() == []
    with kept.file() as file:
        file.execute("DROP TRIGGER entries_are_never_changed")
        file.execute(sql)
    problems = await kept.journal.audit()
    assert any(told in problem for problem in problems), problems
    assert all("cr1" in problem for problem in problems)


async def test_each_case_has_a_chain_of_its_own(kept: Store) -> None:
    await kept.write(text("r1", stranger(1)))
    await kept.write(text("r2", stranger(2)))
    with kept.file() as file:
        file.execute("DROP TRIGGER entries_are_never_changed")
        file.execute("UPDATE entries SET at = at + 1 WHERE case_id = 'cr1' AND seq = 1")
    problems = await kept.journal.audit()
    assert problems
    assert all("cr1" in problem for problem in problems)


# --- trouble with the disk ------------------------------------------------------------------------------------------


async def test_opening_the_same_file_twice_does_no_harm(kept: Store) -> None:
    assert kept.path is not None
    await kept.write(text("r1"))
    other = open_journal(kept.path, kept.clock)
    assert (await other.case("cr1")) is not None
    await other.close()
    third = open_journal(kept.path, kept.clock)
    assert await third.audit() == []
    await third.close()
    assert not (await kept.write(text("r2", stranger(2)))).repeated


@contextmanager
def disk_that_cannot_grow(path: Path) -> Iterator[None]:
    """No file of this process may grow: a full disk, felt where it hurts, in the COMMIT itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name(path.name + "-wal").stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_failed_commit_refuses_every_waiter_and_later_writes_work_again(kept: Store) -> None:
    assert kept.path is not None
    await kept.write(text("r0", stranger(100)))
    with disk_that_cannot_grow(kept.path):
        results = await asyncio.gather(
            *(kept.write(text(f"r{n}", stranger(n)), key=f"text:{n}") for n in range(1, 9)), return_exceptions=True
        )
    assert [type(result) for result in results] == [JournalRefused] * 8
    assert len(await kept.journal.open_cases()) == 1
    written = await asyncio.gather(*(kept.write(text(f"r{n}", stranger(n)), key=f"text:{n}") for n in range(1, 9)))
    assert not any(answer.repeated for answer in written)
    assert len(await kept.journal.open_cases()) == 9
    assert await kept.journal.audit() == []


async def with_its_writer(kept: Store) -> tuple[SqliteJournal, sqlite3.Connection]:
    """Another journal on the same file, and the connection its writer uses (to be touched only while it rests)."""
    assert kept.path is not None
    seen: list[sqlite3.Connection] = []

    def view(connection: sqlite3.Connection) -> RegisterReading:
        seen.append(connection)
        return reads_for(HOSPITAL)(connection)

    journal = SqliteJournal(kept.path, view, kept.clock.now)
    await journal.write((text("r0", stranger(9)),), decided)
    return journal, seen[-1]


async def test_a_database_that_may_not_grow_refuses_and_goes_on_when_there_is_room(kept: Store) -> None:
    journal, writer = await with_its_writer(kept)
    long_words = text("r1", words="stiff " * 20_000)
    writer.execute("PRAGMA max_page_count = 1")
    with pytest.raises(JournalRefused, match="full"):
        await journal.write((long_words,), decided, "text:SM1")
    writer.execute("PRAGMA max_page_count = 1000000")
    assert not (await journal.write((long_words,), decided, "text:SM1")).repeated
    assert await journal.audit() == []
    await journal.close()


async def test_a_file_that_became_read_only_refuses_every_write_and_still_answers_questions(kept: Store) -> None:
    journal, writer = await with_its_writer(kept)
    writer.execute("PRAGMA query_only = ON")
    with pytest.raises(JournalRefused, match="readonly"):
        await journal.write((text("r1"),), decided)
    assert [case.id for case in await journal.open_cases()] == ["cr0"]
    writer.execute("PRAGMA query_only = OFF")
    assert (await journal.write((text("r1"),), decided)).case.id == "cr1"
    await journal.close()


async def test_a_file_held_by_somebody_else_refuses_instead_of_waiting_for_ever(kept: Store) -> None:
    """A backup tool that never lets go: after five seconds the sender hears no, and not nothing."""
    with kept.file() as file:
        file.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalRefused, match="locked"):
            async with asyncio.timeout(8):
                await kept.write(text("r1"))
        file.execute("ROLLBACK")
    assert (await kept.write(text("r1"))).case.id == "cr1"


async def test_a_writer_that_dies_says_so_at_once(kept: Store) -> None:
    """In the house that call ends the process: a line that cannot store must be seen to be down."""

    def dies(case: Case, command: Command, at: datetime, facts: Facts) -> Decision:
        raise SystemExit("out of memory")

    with pytest.raises(JournalRefused):
        async with asyncio.timeout(2):
            await kept.journal.write((text("r1"),), dies)
    assert kept.deaths == ["dead"]
    with pytest.raises(JournalRefused):
        async with asyncio.timeout(2):
            await kept.write(text("r2"))


async def test_a_closed_journal_refuses_instead_of_leaving_its_caller_waiting(kept: Store) -> None:
    await kept.journal.close()
    with pytest.raises(JournalRefused):
        async with asyncio.timeout(2):
            await kept.write(text("r1"))


def test_a_waiter_whose_loop_has_ended_does_not_bring_the_writer_down(tmp_path: Path) -> None:
    """A test, a command or a worker that went away in the middle of a write."""
    clock, path, deaths = VirtualClock(NIGHT), tmp_path / "oncall.db", list[str]()

    async def opened() -> SqliteJournal:
        register = SqliteRegister(path, HOSPITAL, clock)
        await fill_sample(register, NIGHT)
        await register.close()
        return open_journal(path, clock, deaths)

    async def goes_away(journal: SqliteJournal) -> None:
        asyncio.ensure_future(journal.write((text("r1"),), slow)).add_done_callback(lambda task: task.cancelled())
        await asyncio.sleep(0)

    def slow(case: Case, command: Command, at: datetime, facts: Facts) -> Decision:
        gone.wait(2)
        return decided(case, command, at, facts)

    gone = threading.Event()
    journal = asyncio.run(opened())
    asyncio.run(goes_away(journal))
    gone.set()

    async def still_there() -> None:
        assert (await journal.write((text("r2", stranger(2)),), decided)).case.id == "cr2"
        assert await journal.case("cr1") is not None
        await journal.close()

    asyncio.run(still_there())
    assert deaths == []


# --- the entries themselves -------------------------------------------------------------------------------------------


async def test_instants_come_back_to_the_microsecond(store: Store) -> None:
    store.clock.step(timedelta(microseconds=123_457))
    case = (await store.write(text("r1"))).case
    entries: list[Recorded] = await store.journal.entries(case.id)
    assert {recorded.at for recorded in entries} == {NIGHT + timedelta(microseconds=123_457)}
    assert any(isinstance(recorded.entry, ClockSet) for recorded in entries)


async def test_words_come_back_as_they_were_written(store: Store) -> None:
    words = 'ella está rígida 😢 "comillas" \N{RIGHT-TO-LEFT MARK} \x00 ende'
    await store.write(text("r1", words=words))
    raw = await store.journal.report("r1")
    assert raw is not None
    assert raw.raw == words
    assert await store.journal.audit() == []


async def test_a_channel_of_every_kind_comes_back_from_the_outbox(store: Store) -> None:
    case = (await store.write(text("r1"))).case
    leased = await store.journal.lease_owed(NIGHT, LEASE, 100, ALL_LANES)
    assert {message.channel for message in leased} == {Channel.SMS, Channel.VOICE}
    assert sorted(leased, key=lambda message: message.id) == sorted(
        (state.message for state in case.messages), key=lambda message: message.id
    )
