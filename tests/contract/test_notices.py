"""What the messenger may rely on, over the notices in memory and those in SQLite."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from oncall.adapters.clock import VirtualClock
from oncall.adapters.migrations import open_database
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.notice_rows import slots_of
from oncall.adapters.register.reading import reads_for
from oncall.adapters.register.rows import PersonPhoneRow, PersonRow
from oncall.adapters.register.sql_rows import SqlRows
from oncall.core.case.messages import Channel, Outcome, Progress, Verdict
from oncall.core.case.rounds import SLOTS
from oncall.core.notices import About, Choice, Notice, Standing, answered, attempted, handed_over, said, withdrawn
from oncall.core.people import Hospital
from oncall.service.ports.register import Notices
from tests.support.registers import BOTH, register_in

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOSPITAL = Hospital("Lakeside", "America/New_York", "911", "+16175550100", "+16175550101", "http://127.0.0.1")
ANA = "+16175550110"


def asks(reference: str = "mon", person: str = "ana", **more: object) -> Notice:
    known = {"choices": (Choice("1", "works"),), **more}
    return Notice(About("proof", reference), ANA, Channel.SMS, "Reply {1}.", "the rota", person=person, **known)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


@pytest.fixture(params=BOTH)
async def register(request: pytest.FixtureRequest, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[KeptRegister]:
    kept = register_in(request.param, tmp_path, HOSPITAL, clock)
    yield kept
    await kept.close()


@pytest.fixture
def notices(register: KeptRegister) -> Notices:
    return register.notices


async def test_the_same_notice_ordered_twice_is_one_and_the_first_holds(notices: Notices) -> None:
    first = await notices.put(asks(), ())
    again = await notices.put(replace(asks(), words="Other words {1}"), ())
    assert again == first
    assert await notices.open() == [first]
    assert said(first) == "Reply 971."


async def test_a_notice_is_read_back_as_it_was_written(notices: Notices) -> None:
    until = AT + timedelta(hours=1)
    placed = await notices.put(asks(is_test=True, rings=3, not_before=AT + timedelta(minutes=1), expires_at=until), ())
    assert await notices.get(placed.id) == placed
    assert placed.ordered_at == AT
    assert placed.expires_at == until
    assert await notices.get("notice-0000000000000000") is None


async def test_no_slot_is_given_twice_within_seven_days_nor_one_that_a_page_has(
    notices: Notices, clock: VirtualClock
) -> None:
    one = await notices.put(asks("mon"), {97, 96})
    two = await notices.put(asks("tue"), {97, 96})
    assert (one.slot, two.slot) == (95, 94)
    other = await notices.put(asks("mon", person="ben"), ())
    assert other.slot == 97, "slots are each person's own"
    await notices.change(one.id, partial(withdrawn, at=AT))
    clock.step(timedelta(days=6))
    assert (await notices.put(asks("sun"), ())).slot == 97
    assert (await notices.put(asks("next"), {97, 96})).slot == 93, "95 rests, though it is withdrawn"
    clock.step(timedelta(days=1, seconds=1))
    assert (await notices.put(asks("later"), {97, 96})).slot == 95
    assert 94 not in {n.slot for n in [await notices.put(asks("last"), ())]}, "94 is still open"


async def test_with_every_slot_taken_a_bare_digit_is_asked_for(notices: Notices) -> None:
    placed = await notices.put(asks(), frozenset(SLOTS))
    assert placed.slot is None
    assert said(placed) == "Reply 1."


async def test_a_slot_is_changed_only_before_anything_was_sent(notices: Notices) -> None:
    placed = await notices.put(asks(), ())
    moved = await notices.reslot(placed.id, {97})
    assert moved is not None
    assert moved.slot == 96
    await notices.change(placed.id, partial(attempted, at=AT))
    moved = await notices.reslot(placed.id, {96})
    assert moved is not None
    assert moved.slot == 96


async def test_open_unheard_and_answered_are_what_the_moves_made_of_them(notices: Notices) -> None:
    placed = await notices.put(asks(), ())
    taken = Outcome(Verdict.ACCEPTED, "SM1")
    for move in (partial(attempted, at=AT), partial(handed_over, outcome=taken, at=AT)):
        await notices.change(placed.id, move)
    [waiting] = await notices.open()
    assert (waiting.standing, waiting.sid, waiting.progress) == (Standing.SENT, "SM1", Progress.ACCEPTED)
    await notices.change(placed.id, partial(answered, digit="1", reply_sid="SM2", at=AT))
    assert await notices.open() == []
    [settled] = await notices.unheard()
    assert settled.meaning == "works"
    assert await notices.answered_by("SM2") == settled
    assert await notices.about("proof") == await notices.about("proof", "mon") == [settled]
    await notices.change(placed.id, partial(replace, is_heard=True))
    assert await notices.unheard() == []


async def test_a_persons_notices_are_those_of_seven_days_and_the_open_ones(
    notices: Notices, clock: VirtualClock
) -> None:
    old, settled = await notices.put(asks("old"), ()), await notices.put(asks("settled"), ())
    await notices.change(settled.id, partial(withdrawn, at=AT))
    clock.step(timedelta(days=8))
    new = await notices.put(asks("new"), ())
    assert [n.id for n in await notices.of_person("ana")] == [new.id, old.id]


async def test_every_change_of_a_notice_is_in_the_audit(notices: Notices, register: KeptRegister) -> None:
    placed = await notices.put(asks(), ())
    await notices.change(placed.id, partial(attempted, at=AT))
    await notices.change(placed.id, partial(replace))
    told = [(entry.who, entry.what) for entry in await register.audit()]
    assert told[:2] == [("the messenger", f"notices {placed.id} changed"), ("the rota", f"notices {placed.id} added")]


async def test_a_move_that_fails_changes_nothing(notices: Notices) -> None:
    placed = await notices.put(asks(), ())

    def breaks(notice: Notice) -> Notice:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await notices.change(placed.id, breaks)
    assert await notices.get(placed.id) == placed


async def test_a_span_is_read_newest_first_by_kind_and_cut_off(notices: Notices, clock: VirtualClock) -> None:
    for name in ("one", "two", "three"):
        await notices.put(asks(name), ())
        clock.step(timedelta(hours=1))
    await notices.put(replace(asks("other"), about=About("drill", "other")), ())
    told = [one.about.reference for one in await notices.between(AT, AT + timedelta(hours=2), "proof")]
    assert told == ["two", "one"], "the end of the span is not in it"
    assert len(await notices.between(AT, AT + timedelta(days=1))) == 4
    assert [one.about.reference for one in await notices.between(AT, AT + timedelta(days=1), limit=1)] == ["other"]


async def test_a_number_is_retired_once_its_row_says_so_and_not_before(register: KeptRegister) -> None:
    await register.put([PersonRow(id="ana", full_name="Ana Lee", name="Lee", spoken="Lee", role="clinician")], "t")
    row = PersonPhoneRow(number=ANA, person="ana")
    await register.put([row], "t")
    assert [await register.is_retired(one) for one in (ANA, "+16175550199")] == [False, False]
    await register.put([replace(row, retired_at=AT)], "t")
    assert await register.is_retired(ANA)


async def test_a_page_is_told_the_slots_that_notices_have_whichever_way_they_are_read(
    clock: VirtualClock, tmp_path: Path
) -> None:
    """The write of a page reads them in plain SQL of its own."""
    kept = register_in("sqlite", tmp_path, HOSPITAL, clock)
    for name in ("open", "withdrawn", "settled"):
        await kept.notices.put(asks(name), ())
    for name in ("withdrawn", "settled"):
        [notice] = await kept.notices.about("proof", name)
        await kept.notices.change(notice.id, partial(withdrawn, at=AT))
    await kept.notices.put(asks("ben's", person="ben"), ())
    with contextlib.closing(open_database(tmp_path / "oncall.db")) as connection:
        reading = reads_for(HOSPITAL)(connection)
        for since, count in ((AT - timedelta(microseconds=1), 3), (AT, 1), (AT + timedelta(days=8), 1)):
            slots = reading.notice_slots("ana", since)
            assert slots == slots_of(SqlRows(connection), "ana", since)
            assert len(slots) == count
    await kept.close()
