"""The training ground on a night at 03:04, with its phones page: what `make run` shows, but always the same rota.

Speech takes next to no time here; everything else is the demo's own house, carrier and page on a clock with a hand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from oncall.adapters.clock import MovableClock, new_id
from oncall.adapters.handbook.store import PublishedHandbook
from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.pace import Pace
from oncall.adapters.rehearsal.sample_handsets import sample_handsets
from oncall.adapters.rehearsal.sample_ward import fill_sample
from oncall.adapters.rehearsal.server import Rehearsal
from oncall.adapters.web.app import internal_app, public_app
from oncall.adapters.web.line.metrics import Metrics
from oncall.house import House, open_house
from oncall.serving import given_of, listen, start_with_chores
from oncall.training import board_feed, jump
from tests.support.ward import LINE, THREE_AM, _loopback_door, _serve, shipped, ward_config

QUICK = Pace(words_a_minute=6000, text_s=0.1, ring_s=0.1)


@dataclass(repr=False)  # asyncio writes out what a test is given, for every test
class Demo:
    """Two addresses, and the house and carrier behind them for what no page shows."""

    phones: str
    internal: str
    house: House
    carrier: Carrier


@asynccontextmanager
async def open_demo(at: datetime = THREE_AM) -> AsyncIterator[Demo]:
    clock = MovableClock(at)
    async with AsyncExitStack() as stack:
        door, public_url = _loopback_door()
        stack.callback(door.close)
        feeds: list[House] = []
        rehearsal = Rehearsal(
            clock,
            new_id,
            "AC" + "0" * 32,
            "token",
            LINE,
            public_url,
            sample_handsets(at),
            board_feed=lambda: board_feed(feeds[0]),
            jump=lambda: jump(feeds[0], clock),
            pace=QUICK,
        )
        api = await rehearsal.start()
        stack.push_async_callback(rehearsal.stop)
        config = ward_config(public_url, api)
        house = await open_house(config, clock, stack, chance=lambda: "7", handbooks=PublishedHandbook(shipped()))
        feeds.append(house)
        await fill_sample(house.register, at)
        given = given_of(house, Metrics(), training=True)
        await _serve(public_app(given, house.hooks.routes()), door, stack)
        internal = await listen(internal_app(given), "127.0.0.1:0", stack)
        await start_with_chores(house, stack)
        yield Demo(api, internal, house, rehearsal.carrier)
