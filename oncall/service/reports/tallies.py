"""The tally of any span of days, with the months remembered that are over.

A year would otherwise be counted case by case each time somebody looks. A month is remembered once all its cases are
closed, and forgotten when anything of one of them is written again or cases are purged; nothing of it outlives the
process. Counting is done beside the loop, which pages. Deliberately not here: what is counted (`tally`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from oncall.core.case.escalation import Hours
from oncall.core.wall_time import first_pass, wall
from oncall.service.ports.journal import Journal
from oncall.service.reports.tally import Tally, tally_of, together

DAY = timedelta(days=1)
MOST = 60  # months


@dataclass(frozen=True, slots=True)
class _Part:
    """Days of one month, `last` among them."""

    first: date
    last: date

    @property
    def is_whole_month(self) -> bool:
        return self.first.day == 1 and (self.last + DAY).day == 1


@dataclass(slots=True)
class Tallies:
    """See the module."""

    _known: dict[tuple[date, Hours, str], Tally] = field(default_factory=dict)
    _mark: tuple[int, int] = (0, 0)

    async def of(self, first: date, last: date, at: datetime, journal: Journal, hours: Hours, zone: str) -> Tally:
        """Of the cases opened from the first day to the last, in the hospital's zone."""
        await self._forget_what_changed(journal, zone)
        return together([await self._part(part, at, journal, hours, zone) for part in _parts(first, last)])

    async def _part(self, part: _Part, at: datetime, journal: Journal, hours: Hours, zone: str) -> Tally:
        key = (part.first, hours, zone)
        if part.is_whole_month and key in self._known:
            return self._known[key]
        since, until = instants_of(part.first, part.last, zone)
        mark = self._mark
        tally = await asyncio.to_thread(tally_of, await journal.figures(since, until), hours, zone)
        if part.is_whole_month and until + DAY < at and tally.is_final and mark == self._mark and mark != (0, 0):
            self._known[key] = tally
        return tally

    async def _forget_what_changed(self, journal: Journal, zone: str) -> None:
        self._mark, written = await journal.figures_written(self._mark)
        if written is None or len(self._known) > MOST:
            self._known.clear()
            return
        months = {wall(opened_at, zone).date().replace(day=1) for opened_at in written}
        for key in [key for key in self._known if key[0] in months]:
            del self._known[key]


def instants_of(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Whole days of the hospital as instants, the end not among them."""
    began, ended = (first_pass(datetime.combine(day, time()), zone) for day in (first, last + DAY))
    return began, ended


def _parts(first: date, last: date) -> Iterator[_Part]:
    """The span by its months, whole or cut."""
    while first <= last:
        ends = min((first.replace(day=28) + 4 * DAY).replace(day=1) - DAY, last)
        yield _Part(first, ends)
        first = ends + DAY
