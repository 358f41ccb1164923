"""A backup each night, and what the vigil says of it.

It is due from ten past three on as long as no whole one was made since; a line that was down then makes it when it is
back, and one that failed is tried again in an hour. Deliberately not here: making and checking one (the store).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog

from oncall.service.ports.timepiece import Timepiece

AT = time(3, 10)  # the hospital's wall clock
OLDEST = timedelta(hours=26)
AFTER_FAILURE = timedelta(hours=1)

log = structlog.get_logger("backup")


class Backups(Protocol):
    """Where backups go."""

    async def newest(self) -> datetime | None:
        """When the newest whole one was made. Raises OSError when the folder cannot be read."""
        ...

    async def make(self) -> str | None:
        """A new one, read back and found whole; else why there is none, as a sentence."""
        ...


class NightlyBackup:
    """`backups` None: none are configured, and nothing is due or wrong. What the vigil asks was read before: the
    folder may lie on a network that hangs."""

    def __init__(self, backups: Backups | None, clock: Timepiece, zone: str) -> None:
        self._backups, self._clock, self._zone = backups, clock, ZoneInfo(zone)
        self._began = clock.now()
        self._newest: datetime | None = None
        self._failed_at: datetime | None = None
        self.wrong: str | None = None

    async def look(self) -> None:
        """Make one if it is due."""
        if self._backups is None or self._rests_after_failure():
            return
        try:
            self._newest = await self._backups.newest()
            if not self._is_due():
                return
            self.wrong = await self._backups.make()
            self._newest = await self._backups.newest()
        except OSError as problem:
            self.wrong = str(problem)
        self._failed_at = self._clock.now() if self.wrong else None
        if self.wrong:
            log.critical("no backup was made", problem=self.wrong)
        else:
            log.info("backup made and read back")

    def _rests_after_failure(self) -> bool:
        return self._failed_at is not None and self._clock.now() - self._failed_at < AFTER_FAILURE

    def _is_due(self) -> bool:
        return self._newest is None or self._newest < self._last_hour(self._clock.now())

    def _last_hour(self, now: datetime) -> datetime:
        here = now.astimezone(self._zone)
        today = datetime.combine(here.date(), AT, self._zone)
        return today if today <= here else datetime.combine(here.date() - timedelta(days=1), AT, self._zone)

    async def is_fresh(self) -> str | None:
        """What the vigil says; a line that never had one is given as long from its start."""
        if self._backups is None:
            return None
        if self.wrong is not None:
            return f"No backup was made: {self.wrong}"
        age = self._clock.now() - (self._newest or self._began)
        return f"The newest whole backup is {age.total_seconds() / 3600:.0f} hours old." if age > OLDEST else None
