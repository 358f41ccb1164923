"""Notices that the turn of somebody who holds a case ends, and tells the case.

A look of every minute compares the holders of open cases with the rota, so an edit, a cover and an outage are seen
alike; what follows is a clock of the case (law 3). Deliberately not here: what follows (`core.case.shift_end`).
"""

from __future__ import annotations

from oncall.core.case.case import Status
from oncall.core.case.commands import EndTurn
from oncall.core.case.shift_end import AHEAD, end_of_turn, is_to_be_told
from oncall.service.desk import Desk
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.timepiece import Timepiece


class ShiftEnds:
    """See the module."""

    def __init__(self, desk: Desk, handbooks: HandbookSource, clock: Timepiece) -> None:
        self._desk, self._handbooks, self._clock = desk, handbooks, clock

    async def look(self) -> None:
        """Every case that somebody holds."""
        now, rota = self._clock.now(), self._handbooks.current().rota
        for case in await self._desk.journal.held_cases():
            holder = case.holder if case.status is Status.HELD else None
            ends_at = end_of_turn(rota, holder, now + AHEAD) if holder else None
            if holder and ends_at and is_to_be_told(case, ends_at, now):
                await self._desk.take(EndTurn(case.id, holder.person, ends_at))
