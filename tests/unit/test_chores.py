"""Chores ring by the scheduler on the real clock, and by the triggers' own arithmetic on a clock that is moved."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from oncall.adapters.chores import Chore, every, ring_by_clock, ring_by_scheduler
from oncall.adapters.clock import VirtualClock

EVENING = datetime(2026, 10, 31, 22, 0, tzinfo=UTC)


async def test_a_chore_rings_at_its_times_on_a_clock_that_is_moved() -> None:
    clock, rung = VirtualClock(EVENING), []

    async def note() -> None:
        rung.append(clock.now())

    async with AsyncExitStack() as stack:
        ring_by_clock([Chore("look", every(seconds=5), note)], clock, stack)
        await clock.pass_time(timedelta(seconds=21))
    assert len(rung) in (4, 5)
    assert {later - sooner for sooner, later in itertools.pairwise(rung)} == {timedelta(seconds=5)}


async def test_a_nightly_chore_keeps_to_the_hospitals_wall_time_over_the_end_of_summer_time() -> None:
    clock, rung = VirtualClock(EVENING), []

    async def note() -> None:
        rung.append(clock.now())

    trigger = CronTrigger(hour=3, minute=40, timezone="America/New_York")
    async with AsyncExitStack() as stack:
        ring_by_clock([Chore("audit", trigger, note)], clock, stack)
        await clock.pass_time(timedelta(days=3))
    assert [at.hour for at in rung] == [8, 8, 8], "03:40 EST is 08:40 UTC, once a night"


async def test_a_chore_that_fails_is_done_again_at_its_next_time() -> None:
    clock, tries = VirtualClock(EVENING), []

    async def fail() -> None:
        tries.append(1)
        raise ValueError

    async with AsyncExitStack() as stack:
        ring_by_clock([Chore("bad", every(seconds=5), fail)], clock, stack)
        await clock.pass_time(timedelta(seconds=16))
    assert len(tries) >= 3


async def test_the_scheduler_rings_too_and_ends_with_the_house() -> None:
    rung = asyncio.Event()

    async def note() -> None:
        rung.set()

    async with AsyncExitStack() as stack:
        ring_by_scheduler([Chore("look", every(seconds=1), note)], stack)
        await asyncio.wait_for(rung.wait(), 5)
