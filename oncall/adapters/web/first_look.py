"""What the first look after a start would wait for, made ready beside the line's work.

A page compiles its template, a board reads the day's closed cases, the list of dates is worked out: once, half a second
or more together. It begins when pages that were due have had their time, in small steps off the loop with a pause
after each. Missing it costs nothing but that half second. Deliberately not here: anything that a page remembers itself.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from oncall.adapters.web.given import Given
from oncall.adapters.web.rendering import environment
from oncall.service.cases.board import CLOSED_SHOWN, RECENTLY
from oncall.service.ports.timepiece import Timepiece

PAGES_FIRST = timedelta(seconds=5)
PAUSE = timedelta(milliseconds=20)

log = structlog.get_logger("pages")


async def make_ready(given: Given) -> None:
    """Ends by itself; what fails is left to the page that needs it."""
    try:
        await _rest(given.clock, PAGES_FIRST)
        for name in environment.list_templates():
            await asyncio.to_thread(environment.get_template, name)
            await _rest(given.clock, PAUSE)
        await given.journal.closed_marks(given.clock.now() - RECENTLY, CLOSED_SHOWN)
        await given.dangers.listed()
    except Exception as problem:  # around one errand: the page itself will say what is wrong
        log.warning("pages are not ready beforehand", exc_info=problem)


async def _rest(clock: Timepiece, span: timedelta) -> None:
    until = clock.now() + span
    while clock.now() < until:
        await clock.sleep_until(until)
