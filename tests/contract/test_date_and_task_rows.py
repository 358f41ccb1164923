"""What the calendar of dangers and the tasks may rely on, over the rows in memory and those in SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from oncall.adapters.clock import VirtualClock
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.rows import FamilyPhoneRow, PatientPhoneRow, PatientRow, PersonRow
from oncall.core.danger_acts import Act, ActRefused, Wanted
from oncall.core.dangers import Kind, Numbers
from oncall.core.people import Hospital
from oncall.core.tasks import By, Task, done, handed, put_off, taken
from oncall.service.patients.danger_calendar import DangerCalendar
from oncall.service.patients.danger_shelf import DangerShelf
from oncall.service.task_list import TaskShelf
from tests.support.registers import BOTH, register_in
from tests.support.web_house import OneHandbook, shipped_handbook

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
HOSPITAL = Hospital("Lakeside", "America/New_York", "911", "+16175550100", "+16175550101", "http://127.0.0.1")
MUM, DAD = "+16175550142", "+16175550143"
LEO = PatientRow(
    id="leo",
    name="Leo Marsh",
    last_refill_on=TODAY - 60 * DAY,
    refill_due_on=TODAY + 3 * DAY,
    low_reservoir_on=TODAY + 9 * DAY,
    last_mri_at=AT - timedelta(days=2),
)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


@pytest.fixture(params=BOTH)
async def register(request: pytest.FixtureRequest, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[KeptRegister]:
    kept = register_in(request.param, tmp_path, HOSPITAL, clock)
    phones = [FamilyPhoneRow(number=MUM, relation="mother"), FamilyPhoneRow(number=DAD, relation="father")]
    links = [PatientPhoneRow(patient="leo", number=number) for number in (MUM, DAD)]
    ana = PersonRow(id="ana", full_name="Ana Lee", name="Dr Lee", spoken="Doctor Lee", role="clinician")
    await kept.put([LEO, replace(LEO, id="noa", name="Noa Stein"), ana, *phones, *links], "test")
    yield kept
    await kept.close()


def calendar(register: KeptRegister, clock: VirtualClock) -> DangerCalendar:
    ids = iter(f"act{n}" for n in range(99))
    shelf: DangerShelf = register.dangers
    return DangerCalendar(shelf, OneHandbook(shipped_handbook()), clock, lambda: next(ids))


async def leo(register: KeptRegister) -> PatientRow:
    return next(row for row in await register.rows(PatientRow) if row.id == "leo")


async def kinds_of(dates: DangerCalendar, patient: str = "leo") -> set[Kind]:
    return {one.danger.kind for one in await dates.listed() if one.patient == patient}


async def test_everybody_with_a_pump_is_read_with_the_numbers_of_the_family(register: KeptRegister) -> None:
    known = {one.id: one for one in await register.dangers.dated()}
    assert known["leo"].numbers == Numbers(2, 0)
    assert known["noa"].numbers == Numbers(0, 0)
    assert known["leo"].facts.refill_due_on == TODAY + 3 * DAY
    await register.dangers.verify(MUM, "phone")
    assert [one.number for one in await register.dangers.numbers_of("leo")] == [MUM, DAD]
    await register.set_stopped(MUM, True, AT)
    assert [one.number for one in await register.dangers.numbers_of("leo")] == [DAD]


async def test_what_is_remembered_follows_every_change_of_dates_numbers_and_of_who_is_there(
    register: KeptRegister, clock: VirtualClock
) -> None:
    dates = calendar(register, clock)
    assert await kinds_of(dates) == {Kind.REFILL, Kind.LOW_RESERVOIR, Kind.SCAN, Kind.NUMBER}
    assert await kinds_of(dates, "noa") == {Kind.REFILL, Kind.LOW_RESERVOIR, Kind.SCAN, Kind.NUMBER}
    await register.put([replace(LEO, refill_due_on=TODAY + 99 * DAY)], "test")
    assert await kinds_of(dates) == {Kind.LOW_RESERVOIR, Kind.SCAN, Kind.NUMBER}
    await register.dangers.verify(MUM, "test")
    await register.dangers.verify(DAD, "test")
    assert await kinds_of(dates) == {Kind.LOW_RESERVOIR, Kind.SCAN}
    await register.put([replace(LEO, left_at=AT)], "test")
    assert await kinds_of(dates) == set()
    assert [one.id for one in await dates.dated()] == ["noa"]
    fresh = calendar(register, clock)
    assert await fresh.listed() == await dates.listed()
    clock.step(timedelta(days=40))
    assert max(one.danger.level for one in await dates.listed()) == 4, "another day is worked out anew"


async def test_a_scan_of_yesterday_becomes_overdue_within_the_day(register: KeptRegister, clock: VirtualClock) -> None:
    await register.put([replace(LEO, last_mri_at=AT - timedelta(hours=23))], "test")
    dates = calendar(register, clock)
    before = await dates.listed()
    clock.step(timedelta(hours=2))
    later = await dates.listed()
    assert later != before
    assert later == await calendar(register, clock).listed()


async def test_an_act_and_what_it_changes_are_kept_together_and_undone_together(
    register: KeptRegister, clock: VirtualClock
) -> None:
    dates = calendar(register, clock)
    scan = Wanted("leo", Kind.SCAN, "scan:2026-11-21", Act.DONE, on=TODAY - DAY)
    await dates.do(scan, "ana", "Dr Lee")
    assert Kind.SCAN not in await kinds_of(dates)
    looked_at = (await leo(register)).mri_interrogated_at
    assert looked_at == datetime(2026, 11, 23, 4, 59, tzinfo=UTC), "the end of that day in the hospital"
    await dates.do(Wanted("leo", Kind.NUMBER, "number:", Act.DONE), "ana", "Dr Lee")
    newest = await register.dangers.newest_acts(9)
    assert [act.reference for act in await register.dangers.acts_of(["leo"])].count("number:") == 1
    for act in newest:
        await dates.undo(act.id, "maria")
        await dates.undo(act.id, "maria")
    assert (await leo(register)).mri_interrogated_at is None
    assert await kinds_of(dates) >= {Kind.SCAN, Kind.NUMBER}
    assert await register.dangers.acts_of(["leo"]) == []
    assert all(act.undone_by == "maria" for act in await register.dangers.newest_acts(9))
    with pytest.raises(ActRefused):
        await dates.do(replace(scan, patient="nobody"), "ana", "Dr Lee")


async def test_a_task_keeps_every_move_and_the_first_leaving_holds(register: KeptRegister) -> None:
    shelf: TaskShelf = register.task_list
    task = Task("t", "Ring back", AT + DAY, patient="leo", promised_at=AT + DAY, words="¿el viernes?")
    assert await shelf.leave(task, "test")
    assert not await shelf.leave(replace(task, title="Other"), "test")
    ana, cora = By("ana", "Dr Lee"), By("cora", "Cora Bell", is_of_the_team=await shelf.can_own("cora"))
    await shelf.change("t", lambda task, at: taken(task, cora, at), "cora")
    await shelf.change("t", lambda task, at: handed(task, "ana", "Dr Lee", cora, at), "cora")
    await shelf.change("t", lambda task, at: taken(task, ana, at), "ana")
    await shelf.change("t", lambda task, at: put_off(task, AT + 2 * DAY, "Wed", "away", ana, at), "ana")
    [found] = await shelf.open_tasks()
    assert found == await shelf.task("t")
    assert (found.owner, found.taken_by, found.due_at, found.words) == ("ana", "ana", AT + 2 * DAY, "¿el viernes?")
    assert found.promised_at == AT + DAY
    await shelf.change("t", lambda task, at: done(task, "moved", ana, at), "ana")
    assert await shelf.open_tasks() == []
    [closed] = await shelf.finished(5)
    assert [line.what for line in closed.log] == [
        "took it",
        "handed it to Dr Lee",
        "took it",
        "put it off to Wed: away",
        "did it: moved",
    ]
    assert await shelf.change("none", lambda task, at: task, "ana") is None
