"""What cases come to: sums and waits, in a form in which two spans of time can be laid together.

A year is twelve of them. No case is in it any more, only counts, waits, and the ids of staff who gave no sign.
Deliberately not here: which numbers a report shows of it (`counting`), and which months are remembered (`tallies`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.core.case.escalation import Hours
from oncall.core.case.figures import CaseFigures
from oncall.core.triage.assessment import Urgency

NOT_A_PUMP = "not a pump problem"
FURTHEST = 4  # steps after the first that are told apart

What = tuple[object, ...]
Ends = Callable[[CaseFigures], tuple[datetime | None, datetime | None, timedelta | None]]


def _whole_target(case: CaseFigures) -> timedelta | None:
    return case.target + case.reach_target if case.target and case.reach_target else None


WAITS: dict[str, Ends] = {  # from when, until when, within what
    "taken": lambda c: (c.paged_at, c.taken_at, c.target),
    "reached": lambda c: (c.taken_at, c.reached_at, c.reach_target),
    "first": lambda c: (c.opened_at if c.paged_at else None, c.reached_at, _whole_target(c)),
}


@dataclass(slots=True)
class Tally:
    """`sums` by what they count; `waits` by kind and urgency, sorted; `is_final`: every case in it is closed."""

    sums: Counter[What] = field(default_factory=Counter)
    waits: defaultdict[tuple[str, Urgency | None], list[timedelta]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_final(self) -> bool:
        return not any(self.sums["open", pace] for pace in (*Urgency, None))

    def named(self, what: str) -> Counter[str]:
        """The sums of everything that has this name and another behind it."""
        return Counter({str(key[1]): count for key, count in self.sums.items() if key[0] == what})


def tally_of(cases: Iterable[CaseFigures], hours: Hours, zone: str) -> Tally:
    tally, place = Tally(), ZoneInfo(zone)
    for case in cases:
        tally.sums.update(_counted(case, hours, place))
        for kind, ends in WAITS.items():
            _add_wait(tally, case, kind, ends)
    for waits in tally.waits.values():
        waits.sort()
    return tally


def together(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.sums.update(tally.sums)
        for key, waits in tally.waits.items():
            whole.waits[key] += waits
    for waits in whole.waits.values():
        waits.sort()  # of runs that are sorted already
    return whole


def _counted(case: CaseFigures, hours: Hours, place: ZoneInfo) -> list[What]:
    """Everything that this case counts once for; what it counts several times for is repeated."""
    found: list[What] = [
        ("cases", case.pace),
        ("hour", case.opened_at.astimezone(place).hour),
        ("language", case.language),
        ("outcome", case.outcome) if case.closed_at else ("open", case.pace),
        *(("silent", person) for person in case.silent),
        *_several("passed on", case.passed_on),
        *_several("not me", case.not_me),
        *_several("off duty", case.off_duty),
        *[("texts",)] * case.texts,
        *[("texts lost",)] * case.texts_lost,
        *[("calls",)] * case.calls,
        *[("calls lost",)] * case.calls_lost,
        *[("calls unanswered",)] * case.calls_unanswered,
    ]
    if case.paged_at is not None:
        found += [("paged",), ("climbed", min(case.climbed, FURTHEST)), ("needed", case.needed)]
        found += [("round",)] * (case.rounds > 1) + [("missed",)] * (case.missed > 0)
        if not hours.day_from <= case.paged_at.astimezone(place).time() < hours.day_until:
            found += [("night",)] + [("night, other",)] * (case.outcome == NOT_A_PUMP)
    return found


def _several(what: str, count: int) -> list[What]:
    """So many pages, and one case if there is any."""
    return [*[(what, "pages")] * count, *[(what, "cases")] * (count > 0)]


def _add_wait(tally: Tally, case: CaseFigures, kind: str, ends: Ends) -> None:
    began, ended, most = ends(case)
    if began is None:
        return
    tally.sums["asked", kind, case.pace] += 1
    if ended is not None:
        tally.waits[kind, case.pace].append(ended - began)
        tally.sums["judged", kind, case.pace] += most is not None
        tally.sums["within", kind, case.pace] += most is not None and ended - began <= most
    elif case.closed_at is not None:
        tally.sums["never", kind, case.pace] += 1
        tally.sums["judged", kind, case.pace] += most is not None
