"""What is made ready after a start, and that pages which were due go first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from oncall.adapters.web.first_look import PAGES_FIRST, make_ready
from oncall.adapters.web.rendering import environment
from tests.support.web_house import web_house

TICK = timedelta(milliseconds=1)


async def test_templates_are_compiled_before_somebody_looks_and_after_the_pages_that_were_due() -> None:
    house, ready = await web_house(), environment.cache
    assert ready is not None
    ready.clear()
    readying = asyncio.create_task(make_ready(house.given))
    await house.clock.pass_time(PAGES_FIRST - TICK)
    assert not ready
    await house.clock.pass_time(2 * TICK)
    for _ in range(200):  # in a thread
        await asyncio.sleep(0.01 if not ready else 0)
    assert ready
    readying.cancel()
