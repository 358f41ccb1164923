"""The drill by the calendar, where the configuration asks for one: Tuesdays at ten, each week or the first of a month.

Everybody whom a page would reach then is rung with a mark; coordinators hear who did not answer. Ordered at the first
look of that hour, once (its name is the day). Deliberately not here: ringing (`drills`, `messenger`).
"""

from __future__ import annotations

from datetime import datetime, time

from oncall.core.notices import About, Notice, Standing
from oncall.core.wall_time import wall
from oncall.service.cases.board import name_of
from oncall.service.messenger import Messenger
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.drills import KIND, Drills, NobodyToRing
from oncall.service.telling import told_coordinators

TUESDAY, FROM, UNTIL = 1, time(10), time(11)
BY = "calendar"
MISSED = "drill-missed"


class DrillCalendar:
    """See the module. `rhythm` is "weekly", "monthly" or None for never."""

    def __init__(
        self,
        drills: Drills,
        messenger: Messenger,
        register: Register,
        handbooks: HandbookSource,
        clock: Timepiece,
        rhythm: str | None,
    ) -> None:
        self._drills, self._messenger, self._register = drills, messenger, register
        self._handbooks, self._clock, self._rhythm = handbooks, clock, rhythm
        messenger.hears(KIND, self._ended)

    async def look(self) -> None:
        local = wall(self._clock.now(), self._handbooks.current().rota.zone)
        name = f"{BY} {local.date().isoformat()}"
        if self._is_time(local) and not await self._messenger.answers(About(KIND, name)):
            try:
                await self._drills.begin(name, None, None, BY)
            except NobodyToRing:
                return  # the standing alarms tell of an empty rota

    def _is_time(self, local: datetime) -> bool:
        is_day = local.weekday() == TUESDAY and (self._rhythm == "weekly" or local.day <= 7)
        return self._rhythm is not None and is_day and FROM <= local.time() < UNTIL

    async def _ended(self, notice: Notice) -> None:
        missed = notice.standing in (Standing.EXPIRED, Standing.FAILED) and notice.attempts > 0
        if notice.ordered_by != BY or not missed or not await self._drills.is_missed(notice):
            return
        handbook, directory = self._handbooks.current(), await self._register.directory()
        words = f"{name_of(notice.person, directory)} did not answer today's test call. Please find out why."
        about = About(MISSED, f"{notice.about.reference} {notice.person}")
        hours, now = handbook.table.hours, self._clock.now()
        await self._messenger.order(*told_coordinators(directory, handbook.rota, hours, about, words, BY, now))
