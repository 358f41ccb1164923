"""The gate before a telephone number: so many texts or calls a second, and who goes first.

Carriers queue or refuse what comes faster, and their queue knows no emergency; so the waiting is done here, where it
does. Emergencies pass first, then families, then urgent pages, then everything else; within one of them in order of
arrival. Nothing is refused here and no time is remembered but the next free instant. Deliberately not here: what a
message is.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.core.case.messages import Lane
from oncall.service.ports.timepiece import Timepiece

RANKS = {Lane.EMERGENCY: 0, Lane.FAMILY: 1, Lane.URGENT: 2, Lane.NORMAL: 3}
LAST = 4  # what belongs to no case lets everything else pass


@dataclass(order=True, slots=True)
class _Waiter:
    rank: int
    place: int
    woken: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class Gate:
    """A token bucket on the house's clock; a second's worth may pass at once."""

    def __init__(self, clock: Timepiece, per_second: float) -> None:
        self._clock = clock
        self._gap = timedelta(seconds=1 / per_second)
        self._ahead = timedelta(seconds=max(per_second - 1, 0) / per_second)
        self._used_until: datetime | None = None
        self._looked_at = clock.now()
        self._queue: list[_Waiter] = []
        self._places = itertools.count()

    async def turn(self, lane: Lane, last: bool = False) -> None:
        """Return when it is this message's turn, having used it."""
        me = _Waiter(LAST if last else RANKS[lane], next(self._places))
        heapq.heappush(self._queue, me)
        try:
            while self._queue[0] is not me or not self._is_free():
                me.woken.clear()
                await self._clock.sleep_until(self._free_at() if self._queue[0] is me else None, me.woken)
            self.use()
        finally:
            self._queue.remove(me)
            heapq.heapify(self._queue)
            if self._queue:
                self._queue[0].woken.set()

    def use(self) -> None:
        """Somebody passed without a turn of his own: those behind wait the longer."""
        self._notice_backward_step()
        now = self._clock.now()
        self._used_until = max(self._used_until or now, now) + self._gap

    def waiting(self) -> int:
        """How many wait for nothing but the clock."""
        return max(len(self._queue) - self._is_free(), 0)

    def _notice_backward_step(self) -> None:
        """A clock that was set back must not close the gate for as long as it was set back (RULINGS 7)."""
        now = self._clock.now()
        if now < self._looked_at and self._used_until is not None:
            self._used_until -= self._looked_at - now
        self._looked_at = now

    def _free_at(self) -> datetime | None:
        self._notice_backward_step()
        return None if self._used_until is None else self._used_until - self._ahead

    def _is_free(self) -> bool:
        free_at = self._free_at()
        return free_at is None or self._clock.now() >= free_at
