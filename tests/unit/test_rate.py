"""The gate before a number: its pace, and who passes first."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from oncall.adapters.clock import VirtualClock
from oncall.adapters.telephony.rate import Gate
from oncall.core.case.messages import Lane

NOW = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)


async def passes(gate: Gate, clock: VirtualClock, lanes: list[Lane]) -> list[tuple[Lane, float]]:
    """All ask at once; in what order and after how many seconds each has passed."""
    passed: list[tuple[Lane, float]] = []

    async def one(lane: Lane) -> None:
        await gate.turn(lane)
        passed.append((lane, (clock.now() - NOW).total_seconds()))

    async with asyncio.TaskGroup() as group:
        for lane in lanes:
            group.create_task(one(lane))
        await clock.pass_time(timedelta(minutes=5))
    return passed


async def test_a_call_a_second_is_a_call_a_second() -> None:
    clock = VirtualClock(NOW)
    passed = await passes(Gate(clock, 1), clock, [Lane.NORMAL] * 5)
    assert [after for _, after in passed] == [0, 1, 2, 3, 4]


async def test_a_second_s_worth_may_pass_at_once_and_then_the_pace_is_kept() -> None:
    clock = VirtualClock(NOW)
    passed = [after for _, after in await passes(Gate(clock, 3), clock, [Lane.NORMAL] * 10)]
    assert passed == pytest.approx([0, 0, 0, *(n / 3 for n in range(1, 8))], abs=0.001)


async def test_what_belongs_to_no_case_passes_after_everything_that_waits() -> None:
    clock, passed = VirtualClock(NOW), list[str]()
    gate = Gate(clock, 1)

    async def one(name: str, last: bool) -> None:
        await gate.turn(Lane.NORMAL, last=last)
        passed.append(name)

    async with asyncio.TaskGroup() as group:
        for name, last in (("first page", False), ("notice", True), ("page", False), ("page", False)):
            group.create_task(one(name, last))
        await clock.pass_time(timedelta(minutes=1))
    assert passed == ["first page", "page", "page", "notice"]


async def test_emergencies_pass_before_families_those_before_urgent_pages_and_those_before_the_rest() -> None:
    clock = VirtualClock(NOW)
    lanes = [Lane.NORMAL, Lane.NORMAL, Lane.URGENT, Lane.FAMILY, Lane.EMERGENCY, Lane.NORMAL, Lane.EMERGENCY]
    passed = [lane for lane, _ in await passes(Gate(clock, 1), clock, lanes)]
    assert passed[1:] == [Lane.EMERGENCY, Lane.EMERGENCY, Lane.FAMILY, Lane.URGENT, Lane.NORMAL, Lane.NORMAL]


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    clock = VirtualClock(NOW)
    gate = Gate(clock, 1)
    await gate.turn(Lane.NORMAL)
    gone = asyncio.create_task(gate.turn(Lane.EMERGENCY))
    waits = asyncio.create_task(gate.turn(Lane.NORMAL))
    await clock.settle()
    gone.cancel()
    await clock.pass_time(timedelta(seconds=1))
    assert waits.done()
    assert gate.waiting() == 0


async def test_what_passes_without_a_turn_is_counted() -> None:
    clock = VirtualClock(NOW)
    gate = Gate(clock, 1)
    gate.use()
    assert [after for _, after in await passes(gate, clock, [Lane.EMERGENCY])] == [1]


async def test_after_a_pause_the_gate_has_saved_up_no_more_than_a_second() -> None:
    clock = VirtualClock(NOW)
    gate = Gate(clock, 2)
    await gate.turn(Lane.NORMAL)
    clock.step(timedelta(hours=1))
    began = clock.now()
    waits = [asyncio.create_task(gate.turn(Lane.NORMAL)) for _ in range(4)]
    await clock.settle()
    assert sum(wait.done() for wait in waits) == 2
    await clock.pass_time(timedelta(seconds=1))
    assert all(wait.done() for wait in waits)
    assert clock.now() - began == timedelta(seconds=1)


async def test_a_clock_that_is_set_back_does_not_close_the_gate() -> None:
    clock = VirtualClock(NOW)
    gate = Gate(clock, 1)
    await gate.turn(Lane.NORMAL)
    clock.step(-timedelta(hours=1))
    waits = asyncio.create_task(gate.turn(Lane.EMERGENCY))
    await clock.pass_time(timedelta(seconds=1))
    assert waits.done()
