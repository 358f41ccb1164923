"""The hours of a rehearsed night: an event loop in which time passes only when nobody has anything left to do.

`NightLoop` asks no socket and never waits: when every task rests it goes to the next timer at once, so that also the
time limits of the dispatcher run in the night's time. `NightClock` is the wall clock over it, which somebody may set
forward or back. Two runs of the same night make the same turns. Deliberately not here: what happens at an hour.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable, Generator, Mapping
from datetime import datetime, timedelta
from typing import Any

LOOKS_AGAIN = 0.5  # seconds after which a sleeper notices that the wall clock was set (RULINGS 7)


class NothingLeft(Exception):
    """Every task waits and no timer runs: the night would stand still for ever."""


class _NoSockets(selectors.BaseSelector):
    """Watches nothing; being asked to wait is how the loop says that everybody rests."""

    def __init__(self, rests: Callable[[float | None], None]) -> None:
        self._rests = rests
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        self._keys[fileobj] = selectors.SelectorKey(fileobj, 0, events, data)
        return self._keys[fileobj]

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._rests(timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


class NightLoop(asyncio.SelectorEventLoop):
    """See the module. `at_each_turn` is asked before every turn, `at_rest` before time moves; it answers True when it
    has given somebody something to do."""

    def __init__(self) -> None:
        self._micros = 0
        self.at_each_turn: Callable[[], None] = lambda: None
        self.at_rest: Callable[[], bool] = lambda: False
        super().__init__(_NoSockets(self._turn))

    def time(self) -> float:
        return self._micros / 1e6

    @property
    def passed(self) -> timedelta:
        """Since the night began, whatever the wall clock says."""
        return timedelta(microseconds=self._micros)

    def _turn(self, timeout: float | None) -> None:
        self.at_each_turn()
        if timeout == 0 or self.at_rest():
            return
        if timeout is None:
            raise NothingLeft
        self._micros += max(1, math.ceil(timeout * 1e6 - 1e-3))


class Moment:
    """Let everybody else have a turn."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class NightClock:
    """A Timepiece over the loop. `begins_at` is the wall clock's hour when the loop begins."""

    def __init__(self, loop: NightLoop, begins_at: datetime) -> None:
        self._loop, self._begins_at = loop, begins_at
        self._set_by = timedelta(0)
        self._sleepers: dict[asyncio.Future[None], None] = {}

    def now(self) -> datetime:
        return self._begins_at + self._loop.passed + self._set_by

    def true(self) -> datetime:
        """The hour of a clock that nobody has set."""
        return self._begins_at + self._loop.passed

    def step(self, span: timedelta) -> None:
        """Somebody sets the wall clock; whoever sleeps looks again within half a second."""
        self._set_by += span
        self._loop.call_later(LOOKS_AGAIN, self._wake_all)

    def _wake_all(self) -> None:
        for bell in list(self._sleepers):
            _ring(bell)

    async def sleep_until(self, at: datetime | None, woken: asyncio.Event | None = None) -> None:
        if (at is not None and at <= self.now()) or (woken is not None and woken.is_set()):
            await Moment()
            return
        bell: asyncio.Future[None] = self._loop.create_future()
        self._sleepers[bell] = None
        try:
            await self._hears(bell, None if at is None else (at - self.now()).total_seconds(), woken)
        finally:
            del self._sleepers[bell]

    async def sleep(self, seconds: float, woken: asyncio.Event | None = None) -> None:
        """So long by a clock that nobody sets, or until `woken`."""
        if woken is not None and woken.is_set():
            return
        await self._hears(self._loop.create_future(), seconds, woken)

    async def _hears(self, bell: asyncio.Future[None], seconds: float | None, woken: asyncio.Event | None) -> None:
        timer = self._loop.call_later(seconds, _ring, bell) if seconds is not None else None
        # Beside the event's own waiters: a task that waits for it would be a third of the price of a night's sleep.
        waiters: Any = woken._waiters if woken is not None else None
        if waiters is not None:
            waiters.append(bell)
        try:
            await bell
        finally:
            if timer is not None:
                timer.cancel()
            if waiters is not None:
                waiters.remove(bell)


def _ring(bell: asyncio.Future[None]) -> None:
    if not bell.done():
        bell.set_result(None)
