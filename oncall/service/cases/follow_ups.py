"""What closed cases leave to do, brought onto the list of tasks.

A closing writes in its own commit that it owes one. The task is left right after it, and by a chore each minute where
somebody pulled the plug in between; leaving it twice is leaving it once. Deliberately not here: who may close and what
the task says (`web.cases.acts`), and tasks that nobody takes (`task_alarms`).
"""

from __future__ import annotations

import structlog

from oncall.core.case.case import Case
from oncall.service.ports.journal import Journal
from oncall.service.ports.register import Register

log = structlog.get_logger("follow-ups")


class FollowUps:
    """See the module."""

    def __init__(self, journal: Journal, register: Register) -> None:
        self._journal, self._register = journal, register

    async def look(self) -> None:
        for case_id in await self._journal.owed_follow_ups():
            try:
                await self._leave(await self._journal.case(case_id))
                await self._journal.follow_up_left(case_id)
            except Exception as problem:  # around one case: the others' go on, this one is tried again
                log.error("follow-up not left yet", case=case_id, exc_info=problem)

    async def _leave(self, case: Case | None) -> None:
        closed = case.closed if case is not None else None
        if case is None or closed is None or closed.follow_up is None:
            return
        known = await self._register.patient(case.patient) if case.patient else None
        patient, task_id = known.id if known else None, f"follow-up-{case.id}"
        await self._register.leave_follow_up(closed.follow_up, task_id, case.id, patient, closed.person)
