"""The carrier's heartbeat: all that happens by itself (a text on its way, a ringing phone).

The idea: a task is either asleep on the hospital's clock or busy, and both are countable. So a test on a
virtual clock can let everything run dry before it moves time, and nothing ever waits in real time for no
reason. Deliberately not here: what the tasks do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oncall.service.ports.timepiece import Timepiece

log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Sleep:
    due: datetime | None
    woken: asyncio.Event

    def is_over(self, now: datetime) -> bool:
        return self.woken.is_set() or (self.due is not None and self.due <= now)


class Pulse:
    """Tasks on the clock, with an exact count of those that are not asleep."""

    def __init__(self, clock: Timepiece) -> None:
        self.clock = clock
        self.failures: list[BaseException] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._awake = 0
        self._sleeps: set[_Sleep] = set()
        self._quiet = asyncio.Event()
        self._watchers: set[asyncio.Event] = set()

    def now(self) -> datetime:
        return self.clock.now()

    @property
    def busy(self) -> int:
        """How much is under way right now; a sleeper whose time has come counts as awake."""
        now = self.now()
        return self._awake + sum(sleep.is_over(now) for sleep in self._sleeps)

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin something that runs by itself."""
        self._awake += 1
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            self.failures.append(failure)
            log.error("the carrier simulator failed", exc_info=failure)
        self._one_less()

    def _one_less(self) -> None:
        self._awake -= 1
        self.changed()
        if not self.busy:
            self._quiet.set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Counts work that runs outside our own tasks, such as answering a request."""
        self._awake += 1
        try:
            yield
        finally:
            self._one_less()

    async def wait(self, at: datetime | None, woken: asyncio.Event) -> None:
        """From inside a task: asleep until `at` or `woken`, never early."""
        sleep = _Sleep(at, woken)
        self._sleeps.add(sleep)
        self._one_less()
        try:
            while not sleep.is_over(self.now()):
                await self.clock.sleep_until(at, woken)
        finally:
            self._sleeps.discard(sleep)
            self._awake += 1

    async def pause(self, span: timedelta) -> None:
        """From inside a task: asleep for `span`."""
        if span > timedelta(0):
            await self.wait(self.now() + span, asyncio.Event())

    async def settle(self) -> None:
        """Wait until nothing is under way; a failure of the simulator itself is raised here."""
        while self.busy:
            self._quiet.clear()
            await self._quiet.wait()
        if self.failures:
            raise self.failures[0]

    async def settle_soon(self) -> None:
        """Let tasks that were just woken take their next step, and no more."""
        for _ in range(3):
            bell = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(bell.set_result, None)
            await bell

    def changed(self) -> None:
        """Something visible may have changed: wake every page that watches."""
        for watcher in self._watchers:
            watcher.set()

    @contextmanager
    def watched(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever something visible may have changed."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    async def stop(self) -> None:
        """End every task; used when the training ground closes."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
