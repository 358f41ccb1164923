"""A pilot: the line runs beside the old way, and every week both are laid side by side.

In `mode: pilot` the operator is told with the first page of every case, from the table that the case is opened with;
nothing else differs, so a pilot proves the line that goes live. On Mondays at 07:05 coordinators get what the line
did and what the operator did in the week before, from the journal alone: codes and minutes, no patient. Deliberately
not here: the table itself (`core.case.escalation`), and what anybody concludes from the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from statistics import median

from oncall.core.case import entries as e
from oncall.core.case.entries import Recorded
from oncall.core.case.escalation import piloted
from oncall.core.case.messages import Channel
from oncall.core.handbook import Handbook
from oncall.core.notices import About, Notice
from oncall.core.people import Clinician
from oncall.core.wall_time import first_pass, wall
from oncall.service.messenger import Messenger
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telling import coordinators, text_number

KIND, BY = "pilot-week", "the pilot"
MONDAY, FROM, UNTIL = 0, time(7, 5), time(11)
MOST_LISTED = 40  # cases in one mail; the figures count them all


class PilotHandbook:
    """The edition in force as a pilot decides by it; a HandbookSource."""

    def __init__(self, handbooks: HandbookSource) -> None:
        self._handbooks = handbooks
        self._known: tuple[Handbook, Handbook] | None = None

    def current(self) -> Handbook:
        in_force = self._handbooks.current()
        if self._known is None or self._known[0] is not in_force:
            self._known = (in_force, replace(in_force, table=piloted(in_force.table)))
        return self._known[1]


# --- one case, one week ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PilotCase:
    """What the line and the operator did in one case; every instant is the first of its kind."""

    code: str
    opened_at: datetime
    paged_at: datetime | None  # somebody of the team, by the line
    taken_at: datetime | None
    reached_at: datetime | None
    told_at: datetime | None  # the operator, by the line
    confirmed_at: datetime | None  # by the operator

    @property
    def taken_after(self) -> timedelta | None:
        return _between(self.opened_at, self.taken_at)

    @property
    def reached_after(self) -> timedelta | None:
        return _between(self.opened_at, self.reached_at)

    @property
    def confirmed_after(self) -> timedelta | None:
        return _between(self.opened_at, self.confirmed_at)


def pilot_case(recorded: Sequence[Recorded]) -> PilotCase | None:
    """One case as the pilot counts it; None for one that was not of the pilot, or paged nobody."""
    opened = next((r for r in recorded if isinstance(r.entry, e.CaseOpened)), None)
    pages = [(r.at, r.entry.page) for r in recorded if isinstance(r.entry, e.PageOrdered)]
    if opened is None or not isinstance(opened.entry, e.CaseOpened) or not opened.entry.table.pilot or not pages:
        return None
    return PilotCase(
        code=opened.entry.code,
        opened_at=opened.at,
        paged_at=next((at for at, page in pages if not page.informs), None),
        taken_at=_first(recorded, e.Acknowledged),
        reached_at=_first(recorded, e.FamilyReached),
        told_at=next((at for at, page in pages if page.informs), None),
        confirmed_at=_first(recorded, e.Informed),
    )


def _first(recorded: Iterable[Recorded], kind: type) -> datetime | None:
    return next((r.at for r in recorded if isinstance(r.entry, kind)), None)


def _between(start: datetime, end: datetime | None) -> timedelta | None:
    return end - start if end is not None else None


def in_figures(cases: Sequence[PilotCase]) -> list[str]:
    """The week in sentences: the line, then the operator."""
    if not cases:
        return ["No case of the pilot."]
    before = sum(1 for case in cases if _came_first(case))
    return [
        f"{len(cases)} case{'s' if len(cases) > 1 else ''}.",
        f"The line: taken by a clinician {_spread(case.taken_after for case in cases)}; "
        f"family reached {_spread(case.reached_after for case in cases)}.",
        f"The operator: confirmed {_spread(case.confirmed_after for case in cases)}; "
        f"before a clinician had taken it in {before} of {len(cases)}.",
    ]


def _came_first(case: PilotCase) -> bool:
    return case.confirmed_at is not None and (case.taken_at is None or case.confirmed_at < case.taken_at)


def _spread(told: Iterable[timedelta | None]) -> str:
    """Median and longest, and how often never: a mean would hide the night that matters."""
    waits = list(told)
    known = sorted(wait for wait in waits if wait is not None)
    never = f", never in {len(waits) - len(known)}" if len(known) < len(waits) else ""
    if not known:
        return f"never in {len(waits)}"
    middle = timedelta(seconds=median(wait.total_seconds() for wait in known))
    return f"median {_minutes(middle)}, longest {_minutes(known[-1])}{never}"


def _minutes(wait: timedelta) -> str:
    minutes, seconds = divmod(int(wait.total_seconds()), 60)
    return f"{minutes}:{seconds:02d} min"


def case_line(case: PilotCase, zone: str) -> str:
    """One case: its code, when, and after how long each thing happened."""
    told = (
        ("paged", _between(case.opened_at, case.paged_at)),
        ("taken", case.taken_after),
        ("family reached", case.reached_after),
        ("operator told", _between(case.opened_at, case.told_at)),
        ("operator confirmed", case.confirmed_after),
    )
    waits = (f"{word} {_minutes(wait) if wait is not None else 'never'}" for word, wait in told)
    return f"#{case.code} {wall(case.opened_at, zone):%a %d %b %H:%M}: {', '.join(waits)}"


# --- Mondays ---------------------------------------------------------------------------------------------------------


class PilotWeek:
    """Tells coordinators on Mondays; ordered at the first look after 07:05, once each by the notices' own ids."""

    def __init__(
        self, messenger: Messenger, register: Register, journal: Journal, handbooks: HandbookSource, clock: Timepiece
    ) -> None:
        self._messenger, self._register, self._journal = messenger, register, journal
        self._handbooks, self._clock = handbooks, clock

    async def look(self) -> None:
        """Order the notice of the week before, once it is time; again is nothing."""
        zone = self._handbooks.current().rota.zone
        local = wall(self._clock.now(), zone)
        if local.weekday() != MONDAY or not FROM <= local.time() < UNTIL:
            return
        about, directory = About(KIND, local.date().isoformat()), await self._register.directory()
        known = {notice.person for notice in await self._messenger.answers(about)}
        readers = [one for one in coordinators(directory) if one.id not in known and (one.email or text_number(one))]
        if not readers:
            return
        midnight = datetime.combine(local.date(), time())
        cases = await self.week(*(first_pass(midnight - timedelta(days=days), zone) for days in (7, 0)))
        last = local.date() - timedelta(days=1)
        head = f"Pilot of the pump line, week to {last:%a} {last.day} {last:%b}"
        lines = [case_line(case, zone) for case in cases[:MOST_LISTED]]
        told = (_told(person, about, head, in_figures(cases), lines) for person in readers)
        await self._messenger.order(*(notice for notice in told if notice is not None))

    async def week(self, since: datetime, until: datetime) -> list[PilotCase]:
        """The pilot's cases that were opened in that time, oldest first."""
        ids = await self._journal.cases_since(since)
        found = [pilot_case(await self._journal.entries(case_id)) for case_id in ids]
        return [case for case in found if case is not None and case.opened_at < until]


def _told(person: Clinician, about: About, head: str, figures: list[str], lines: list[str]) -> Notice | None:
    """By e-mail with every case; as a text the figures alone."""
    if person.email:
        words = "\n".join([head, "", *figures, "", *lines])
        return Notice(about, person.email, Channel.MAIL, words, BY, person=person.id)
    number = text_number(person)
    words = f"{head}. {' '.join(figures)}"
    return Notice(about, number, Channel.SMS, words, BY, person=person.id) if number else None
