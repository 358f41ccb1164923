"""Two hundred open boards: what they cost the house, and when each hears that something has changed.

Every board is a stream of its own with a session. One alarm at a time about a case that is open already, so that each
is one commit. Deliberately not here: the browser's drawing.
"""

from __future__ import annotations

import asyncio
import itertools
import time

from bench.senders import Line, get, lines, post
from bench.stage import Stage, marks, processor_seconds
from oncall.adapters.clock import SystemClock
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.house import sign_in_of
from oncall.stores import hospital_of

PAUSE = 0.4  # seconds between two alarms: the next comes when everybody has heard
CHANGED = b"event: changed"
SERIAL = itertools.count(1)
Row = dict[str, object]


class Board(asyncio.Protocol):
    """One stream; `heard` holds when it was told that something had changed."""

    def __init__(self, cookie: str) -> None:
        self._cookie = cookie
        self.heard: list[float] = []
        self.open = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(get("/events", self._cookie))

    def data_received(self, data: bytes) -> None:
        if CHANGED in data:
            self.heard.append(time.perf_counter())
        self.open.set()


async def cookie_of_maria(made: Stage) -> str:
    """A session of the sample ward's coordinator, before the house opens."""
    config, clock = made.config(), SystemClock()
    assert config.database_path is not None
    register = SqliteRegister(config.database_path, hospital_of(config), clock)
    cookie = await sign_in_of(register, clock).open_session("maria")
    await register.close()
    return cookie


async def measured(made: Stage, watchers: int, alarms: int) -> list[Row]:
    cookie = await cookie_of_maria(made)
    house, (host, port) = await made.house(), made.internal.removeprefix("http://").split(":")
    async with lines(made.internal, 1) as (line,):
        await alarm(line)
        await asyncio.sleep(1)
        loop = asyncio.get_running_loop()
        streams = [await loop.create_connection(lambda: Board(cookie), host, int(port)) for _ in range(watchers)]
        boards = [board for _, board in streams]
        await asyncio.gather(*(board.open.wait() for board in boards))
        spent, waits = processor_seconds(house.pid), list[float]()
        for _ in range(alarms):
            waits += await heard_after(line, boards)
        spent = processor_seconds(house.pid) - spent
        asked = [await board_part(line, cookie) for _ in range(alarms)]
        for transport, _ in streams:
            transport.close()
    hears: Row = {"what": f"{watchers} boards: alarm sent -> board hears", "n": len(waits), **marks(waits)}
    part: Row = {"what": "the live part of the board asked for", "n": alarms, **marks(asked)}
    return [hears | {"cpu_ms": round(spent / alarms * 1000, 1)}, part]


async def alarm(line: Line) -> None:
    told = {"id": f"watched-{next(SERIAL)}", "device_serial": "watched", "event": "device_alarm"}
    answered = await line.send(post("/v1/alarms", told | {"alarm_class": "critical"}))
    assert answered.status == 201, answered


async def heard_after(line: Line, boards: list[Board]) -> list[float]:
    """One alarm; how long after it was sent each board heard. Who hears nothing in the pause is a fault."""
    for board in boards:
        board.heard.clear()
    at = time.perf_counter()
    await alarm(line)
    for _ in range(20):
        await asyncio.sleep(PAUSE)
        if all(board.heard for board in boards):
            return [board.heard[0] - at for board in boards]
    raise AssertionError(f"{sum(not board.heard for board in boards)} boards heard nothing")


async def board_part(line: Line, cookie: str) -> float:
    at = time.perf_counter()
    answered = await line.send(get("/?part=live", cookie))
    assert answered.status == 200, answered.status
    return time.perf_counter() - at
