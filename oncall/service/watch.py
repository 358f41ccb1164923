"""The watch: asks which cases have a clock due, and passes time to them.

It holds no duty of its own; stop it and start it again, and it asks the same question (law 3). What is written while
it sleeps wakes it only for an earlier deadline than the one it sleeps until. Cases are handled together, so that they
share commits; one that fails is put off for five seconds, doubling to a minute, and the others go on. Deliberately not
here: what a clock means.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from oncall.core.case.commands import PassTime
from oncall.service.desk import Desk
from oncall.service.ports.journal import Written
from oncall.service.ports.timepiece import Timepiece

LOOK = 64  # cases at one look; the next look follows at once while more are due
FIRST_PUSH, LAST_PUSH = timedelta(seconds=5), timedelta(seconds=60)

log = structlog.get_logger("watch")


class Watch:
    """See the module. `resting` is True while it sleeps with nothing due."""

    def __init__(self, desk: Desk, clock: Timepiece) -> None:
        self._desk = desk
        self._clock = clock
        self._woken = asyncio.Event()
        self._pushes: dict[str, timedelta] = {}
        self._written: datetime | None = None  # the earliest deadline written since the last look began
        self._until: datetime | None = None
        self.resting = False
        desk.listeners.append(self._hear)

    async def run(self) -> None:
        """Look for ever; cancelled at the end of the house."""
        while True:
            self._woken.clear()
            self._written = None
            try:
                if await self.look():
                    continue
                due_at = await self._desk.journal.next_due()
            except Exception as problem:  # around one look: the next one asks again
                log.error("look failed", exc_info=problem)
                due_at = self._clock.now() + FIRST_PUSH
            self._until = _earlier(due_at, self._written)  # what was written meanwhile may not have been read
            self.resting = True
            try:
                await self._clock.sleep_until(self._until, self._woken)
            finally:
                self.resting = False

    def busy(self) -> int:
        return 0 if self.resting and not self._woken.is_set() else 1

    def _hear(self, written: Written) -> None:
        for case in written.cases:
            self._written = _earlier(self._written, case.due_at)
        if self.resting and self._written is not None and (self._until is None or self._written < self._until):
            self._woken.set()

    async def look(self) -> int:
        """Pass time to everything due now; how many cases there were."""
        due = await self._desk.journal.due(self._clock.now(), LOOK)
        await asyncio.gather(*(self._pass_time(case_id) for case_id in due))
        return len(due)

    async def _pass_time(self, case_id: str) -> None:
        try:
            written = await self._desk.take(PassTime(case_id))
        except Exception as problem:  # around one case
            log.error("time could not be passed", case=case_id, exc_info=problem)
            await self._push(case_id)
            return
        still_due = written.case.due_at is not None and written.case.due_at <= self._clock.now()
        if still_due and written.case.rules_failed:
            await self._push(case_id)  # paged blind; the others go on while this one is tried again
        else:
            self._pushes.pop(case_id, None)

    async def _push(self, case_id: str) -> None:
        wait = min(self._pushes.get(case_id, FIRST_PUSH / 2) * 2, LAST_PUSH)
        self._pushes[case_id] = wait
        try:
            await self._desk.journal.push_due(case_id, self._clock.now() + wait)
        except Exception as problem:  # the store refuses: the next look asks again
            log.error("case could not be put off", case=case_id, exc_info=problem)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
