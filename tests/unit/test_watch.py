"""What is written wakes the watch for an earlier deadline, and only for one."""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case.case import Arrival, Case
from oncall.core.case.commands import TakeReport
from oncall.core.reports import Finding, Heard, Report, Source
from tests.support.ward import Ward, open_ward


async def reported(ward: Ward, name: str, sign: str) -> Case:
    report = Report(name, Source.ALARM, ward.clock.now(), "an alarm", None)
    found = (Finding(sign, Heard.PRESENT, ""),)
    return (await ward.house.desk.take(TakeReport(report, f"device:{name}", Arrival.ALARM, found))).case


async def test_a_case_whose_deadline_comes_later_lets_the_watch_sleep() -> None:
    async with open_ward() as ward:
        first = await reported(ward, "one", "hard_to_wake")
        await ward.pass_time("1s")
        second = await reported(ward, "two", "hard_to_wake")
        assert first.due_at is not None
        assert second.due_at is not None
        assert second.due_at > first.due_at
        assert ward.house.watch.busy() == 0
        await ward.pass_time("4m")
        late = [case for case in await ward.open_cases() if case.due_at is None or case.due_at <= ward.clock.now()]
        assert late == [], "both have gone on all the same"


async def test_a_case_whose_deadline_comes_sooner_wakes_the_watch() -> None:
    async with open_ward() as ward:
        office = await reported(ward, "one", "office_billing")
        await ward.pass_time("1s")
        emergency = await reported(ward, "two", "hard_to_wake")
        assert office.due_at is not None
        assert emergency.due_at is not None
        assert office.due_at - emergency.due_at > timedelta(minutes=1)
        assert ward.house.watch.busy() == 1
