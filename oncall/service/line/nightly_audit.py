"""The record of care, held against itself once a night: chains whole, derived rows equal to replay.

What was found is noted in the store, so that the vigil and the health page can say it until the next night, also after
a start. Deliberately not here: the comparison (the journal's own), and mending, which needs a person.
"""

from __future__ import annotations

import structlog

from oncall.service.ports.journal import Journal

log = structlog.get_logger("audit")


class NightlyAudit:
    """See the module."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def look(self) -> None:
        problems = await self._journal.audit()
        for problem in problems:
            log.critical("the journal's audit found a fault", problem=problem)
        await self._journal.note_audit(len(problems))
        log.info("journal audited", faults=len(problems))

    async def is_whole(self) -> str | None:
        """What the vigil says of it."""
        _, faults = await self._journal.last_audit() or (None, 0)
        return f"The audit found {faults} faults in the record of care." if faults else None
