"""A refill past its low-reservoir date with no visit booked is a case by itself: at nine on clinic days (RULINGS 6).

Each look asks the calendar. The date is the dedupe key, so it opens once for each date, however often it looks and
whatever has crashed, and once more for a visit that was booked and has passed. Setting it aside on a page does not
stop it: only a visit that is booked, or a refill, does. Deliberately not here: how urgent that is (the rules) and who
is rung (the desk).
"""

from __future__ import annotations

from datetime import date, time

import structlog

from oncall.core.dangers import missed_refill
from oncall.core.reports import Finding, Heard
from oncall.core.rota.working_days import is_working_day
from oncall.core.wall_time import wall
from oncall.service.intake import Intake
from oncall.service.patients.danger_calendar import DangerCalendar
from oncall.service.patients.danger_shelf import Dated, day_words
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.timepiece import Timepiece

FROM, UNTIL = time(9), time(17)

log = structlog.get_logger("overdue refills")


class OverdueRefills:
    """See the module."""

    def __init__(self, calendar: DangerCalendar, intake: Intake, handbooks: HandbookSource, clock: Timepiece) -> None:
        self._calendar, self._intake = calendar, intake
        self._handbooks, self._clock = handbooks, clock
        self._opened: set[str] = set()  # asked already by this process; the journal knows it for good

    async def look(self) -> None:
        """Open what is missing; one that fails holds up no other and is asked again."""
        now, rota = self._clock.now(), self._handbooks.current().rota
        local, dated = wall(now, rota.zone), await self._calendar.dated()  # at night too: no page has to work it out
        if not FROM <= local.time() < UNTIL or not is_working_day(rota, now):
            return
        for one in dated:
            on = missed_refill(one.facts, local.date(), rota.zone)
            if on is not None:
                await self._open_safely(one, on)

    async def _open_safely(self, one: Dated, on: date) -> None:
        key = f"calendar:{one.id}:{on.isoformat()}:{one.facts.refill_booked_on or ''}"
        if key in self._opened:
            return
        words = f"low-reservoir date {day_words(on)} has passed, no refill is recorded and no visit is booked"
        try:
            await self._intake.take_calendar(one.id, Finding("refill_overdue", Heard.PRESENT, words), key)
            self._opened.add(key)
        except Exception as problem:  # around one patient: the others are not held up by it
            log.error("an overdue refill could not be made a case", exc_info=problem)
