"""The record of care, held against itself once a night: chains whole, derived rows equal to replay.

What was found stays here until the next night, so that the vigil and the health page can say it. Deliberately not
here: the comparison (the journal's own), and mending, which needs a person.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from oncall.service.ports import Journal, Timepiece

log = structlog.get_logger("audit")


class NightlyAudit:
    """`at`: when the last one ended, None before the first since the start; `faults`: how many it found."""

    def __init__(self, journal: Journal, clock: Timepiece) -> None:
        self._journal, self._clock = journal, clock
        self.at: datetime | None = None
        self.faults = 0

    async def look(self) -> None:
        problems = await self._journal.audit()
        for problem in problems:
            log.critical("the journal's audit found a fault", problem=problem)
        self.at, self.faults = self._clock.now(), len(problems)
        log.info("journal audited", faults=self.faults)

    async def is_whole(self) -> str | None:
        """What the vigil says of it."""
        return f"The audit found {self.faults} faults in the record of care." if self.faults else None
