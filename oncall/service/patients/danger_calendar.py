"""The calendar of dangers as coordinators work on it: one list, worst first, and what was done about each.

The list is worked out again only when a date, a limit or the day has changed, a scan by the hour; what somebody set
aside stands at its end and is never left out. An act is kept with its name and can be taken back. Deliberately not
here: which dates are dangers and what an act may change (core), and cases of their own (`overdue_refills`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from oncall.core.danger_acts import ActRefused, DangerAct, Wanted, changes_of
from oncall.core.dangers import Danger, Kind, Level, Week, dangers_of, refill_on, weeks_ahead
from oncall.core.rota.on_call import Rota
from oncall.core.rota.working_days import is_working_day
from oncall.core.wall_time import first_pass, wall
from oncall.service.patients.danger_shelf import Changed, DangerShelf, Dated
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.timepiece import Timepiece

PAGE = 30  # rows of the list on one page
ASIDE = 500  # of more patients the list is worked out beside the loop, which pages
LATELY = 12  # acts that are shown for taking back
WEEKS = 52


@dataclass(frozen=True, slots=True)
class Listed:
    """One danger of one patient."""

    patient: str
    name: str
    danger: Danger
    is_set_aside: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The same with what was done about it, newest first."""

    listed: Listed
    acts: tuple[DangerAct, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """`place` counts from 1; `counts` is of everything on the list that nobody has set aside."""

    rows: tuple[Row, ...]
    place: int
    is_last: bool
    counts: Mapping[Level, int]
    kinds: Mapping[Kind, int]
    patients: int


@dataclass(frozen=True, slots=True)
class _Key:
    version: tuple[int, int]
    edition: str
    hour: datetime


@dataclass(frozen=True, slots=True)
class _Known:
    """What is remembered: everybody by id, and the list that they make."""

    key: _Key
    dated: Mapping[str, Dated]
    listed: Sequence[Listed]


class DangerCalendar:
    """See the module."""

    def __init__(
        self, shelf: DangerShelf, handbooks: HandbookSource, clock: Timepiece, new_id: Callable[[], str]
    ) -> None:
        self.shelf = shelf
        self._handbooks, self._clock, self._new_id = handbooks, clock, new_id
        self._known: _Known | None = None

    async def page(self, place: int = 1, kind: Kind | None = None) -> Page:
        """One page of the list."""
        everything = await self.listed()
        shown = [one for one in everything if kind in (None, one.danger.kind)]
        start = PAGE * (max(place, 1) - 1)
        cut = shown[start : start + PAGE]
        acts = await self.shelf.acts_of(sorted({one.patient for one in cut}))
        rows = (Row(one, tuple(act for act in acts if _answers(act, one))) for one in cut)
        open_ones = [one for one in everything if not one.is_set_aside]
        return Page(
            tuple(rows),
            max(place, 1),
            start + PAGE >= len(shown),
            Counter(one.danger.level for one in open_ones),
            Counter(one.danger.kind for one in open_ones),
            len(await self.dated()),
        )

    async def listed(self) -> Sequence[Listed]:
        """Everything, worst first, what was set aside at the end."""
        aside = await self.shelf.set_aside()
        found = (await self._read()).listed
        if not aside:
            return found
        marked = [
            Listed(one.patient, one.name, one.danger, (one.patient, one.danger.reference) in aside) for one in found
        ]
        return sorted(marked, key=lambda one: one.is_set_aside)

    async def dated(self) -> Sequence[Dated]:
        """Everybody with a pump, as remembered."""
        return list((await self._read()).dated.values())

    async def counts(self) -> tuple[int, int]:
        """How many overdue, how many near, that nobody has set aside."""
        levels = Counter(one.danger.level for one in await self.listed() if not one.is_set_aside)
        return levels[Level.OVERDUE], levels[Level.NEAR]

    async def year(self) -> list[Week]:
        """Refills week by week against the days on which somebody works."""
        rota, now = self._handbooks.current().rota, self._clock.now()
        today = wall(now, rota.zone).date()
        days = (refill_on(one.facts, today, rota.zone) for one in await self.dated())
        return list(weeks_ahead((day for day in days if day), clinic_days(rota, today), today, WEEKS))

    # --- what is done ------------------------------------------------------------------------------------------------

    async def do(self, wanted: Wanted, by: str, name: str) -> None:
        """Raises ActRefused."""
        now, zone = self._clock.now(), self._handbooks.current().rota.zone
        changes = changes_of(wanted, now, wall(now, zone).date(), zone)
        act = DangerAct(
            self._new_id(),
            wanted.patient,
            wanted.reference,
            wanted.act,
            wanted.on,
            wanted.reason.strip(),
            by,
            name,
            now,
        )
        if not await self.shelf.do(act, changes):
            raise ActRefused("This patient is not with the programme any more: load the page again.")

    async def undo(self, act_id: str, by: str) -> None:
        """Raises ActRefused."""
        if sentence := await self.shelf.undo(act_id, by):
            raise ActRefused(sentence)

    async def lately(self) -> list[tuple[DangerAct, str]]:
        """The newest acts with the patients' names."""
        names = {one.id: one.name for one in await self.dated()}
        return [(act, names.get(act.patient, act.patient)) for act in await self.shelf.newest_acts(LATELY)]

    async def _read(self) -> _Known:
        handbook, now = self._handbooks.current(), self._clock.now()
        hour = wall(now, handbook.rota.zone).replace(minute=0, second=0, microsecond=0)
        key = _Key(await self.shelf.version(), handbook.edition, hour)
        if self._known is None or self._known.key != key:
            self._known = await self._brought_up(key) or await self._worked_out(key)
        return self._known

    async def _brought_up(self, key: _Key) -> _Known | None:
        """What is remembered with those who have changed since; None when it is of another day or edition."""
        known = self._known
        if known is None or (known.key.edition, known.key.hour.date()) != (key.edition, key.hour.date()):
            return None
        changed = await self.shelf.changed(known.key.version)
        if changed is None:
            return None
        return await _aside(len(known.dated), partial(self._renewed, known, key, changed))

    def _renewed(self, known: _Known, key: _Key, changed: Changed) -> _Known:
        """Of what was not touched only a scan goes by the hour; everything else goes by the day."""
        dated = {id: one for id, one in known.dated.items() if id not in changed.touched}
        by_hour = [one for one in dated.values() if one.facts.last_mri_at] if known.key.hour != key.hour else []
        again = changed.touched | {one.id for one in by_hour}
        kept = [one for one in known.listed if one.patient not in again]
        anew = self._listed([*changed.dated, *by_hour])
        return _Known(key, dated | {one.id: one for one in changed.dated}, self._sorted([*kept, *anew]))

    async def _worked_out(self, key: _Key) -> _Known:
        dated = await self.shelf.dated()

        def work() -> _Known:
            return _Known(key, {one.id: one for one in dated}, self._sorted(self._listed(dated)))

        return await _aside(len(dated), work)

    def _listed(self, dated: Iterable[Dated]) -> list[Listed]:
        handbook, now = self._handbooks.current(), self._clock.now()
        return [
            Listed(one.id, one.name, danger)
            for one in dated
            for danger in dangers_of(one.facts, one.numbers, now, handbook.rota.zone, handbook.dangers)
        ]

    @staticmethod
    def _sorted(found: Iterable[Listed]) -> Sequence[Listed]:
        return sorted(found, key=lambda one: (one.danger.rank, one.name))


async def _aside(patients: int, work: Callable[[], _Known]) -> _Known:
    return await asyncio.to_thread(work) if patients > ASIDE else work()


def clinic_days(rota: Rota, today: date) -> Iterator[date]:
    """The working days of the year ahead, from this week's Monday on."""
    monday = today - timedelta(days=today.weekday())
    for number in range(7 * WEEKS):
        day = monday + timedelta(days=number)
        if is_working_day(rota, first_pass(datetime.combine(day, time(12)), rota.zone)):
            yield day


def _answers(act: DangerAct, listed: Listed) -> bool:
    return act.patient == listed.patient and act.reference == listed.danger.reference


def named(kind: str, kinds: Iterable[Kind] = Kind) -> Kind | None:
    """The kind of this name, if there is one."""
    return next((one for one in kinds if one.value == kind), None)
