"""The three clocks: what all promise, and the ceiling of the real one."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from oncall.adapters.clock import MovableClock, SystemClock, VirtualClock, accept_digit, new_id
from oncall.service.ports.timepiece import Timepiece

START = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)
CLOCKS = [SystemClock, MovableClock, lambda: VirtualClock(START)]


@pytest.mark.parametrize("make", CLOCKS, ids=["system", "movable", "virtual"])
async def test_now_is_aware_and_in_utc(make: type[Timepiece]) -> None:
    assert make().now().utcoffset() == timedelta(0)


@pytest.mark.parametrize("make", CLOCKS, ids=["system", "movable", "virtual"])
async def test_a_sleeper_is_woken_by_an_event_and_by_a_due_instant_at_once(make: type[Timepiece]) -> None:
    clock, woken = make(), asyncio.Event()
    asyncio.get_running_loop().call_soon(woken.set)
    await asyncio.wait_for(clock.sleep_until(clock.now() + timedelta(hours=1), woken), 1)
    await asyncio.wait_for(clock.sleep_until(clock.now() - timedelta(hours=1)), 1)


async def test_the_real_clock_looks_again_at_least_twice_a_second() -> None:
    began = time.monotonic()
    await SystemClock().sleep_until(None)
    await SystemClock().sleep_until(SystemClock().now() + timedelta(hours=1))
    assert 0.9 < time.monotonic() - began < 2


async def test_a_jump_moves_only_forward_and_lets_every_sleeper_look_again() -> None:
    clock = MovableClock()
    before = clock.now()
    sleeper = asyncio.create_task(clock.sleep_until(before + timedelta(hours=1)))
    await asyncio.sleep(0)
    clock.jump_to(before + timedelta(hours=1))
    await asyncio.wait_for(sleeper, 0.3)
    assert clock.now() >= before + timedelta(hours=1)
    clock.jump_to(before)
    assert clock.now() >= before + timedelta(hours=1)


async def test_virtual_time_stops_at_every_deadline_on_its_way() -> None:
    clock, seen = VirtualClock(START), []

    async def ring(minutes: int) -> None:
        await clock.sleep_until(START + timedelta(minutes=minutes))
        seen.append((minutes, clock.now()))

    tasks = [asyncio.create_task(ring(minutes)) for minutes in (7, 3, 12)]
    await clock.pass_time(timedelta(minutes=10))
    assert seen == [(3, START + timedelta(minutes=3)), (7, START + timedelta(minutes=7))]
    assert clock.now() == START + timedelta(minutes=10)
    tasks[2].cancel()


async def test_virtual_time_waits_until_nobody_is_busy() -> None:
    clock, work = VirtualClock(START), [3]
    clock.busy = [lambda: len(work)]
    asyncio.get_running_loop().call_later(0.02, work.clear)
    await clock.pass_time(timedelta(minutes=1))
    assert work == []


def test_ids_are_unlike_and_safe_in_a_url() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(each.isalnum() and len(each) == 16 for each in ids)


def test_the_accept_digit_is_six_seven_or_eight() -> None:
    assert {accept_digit() for _ in range(200)} == {"6", "7", "8"}
