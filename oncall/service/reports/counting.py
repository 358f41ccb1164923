"""Adds cases up: entries became figures, figures become the tables of a report.

Pure: the same cases give the same numbers. A wait is told by its nearest rank, never by an average; with fewer than
ten there is no percentage and no median, but every single one. What was never taken or reached counts as outside its
target. Deliberately not here: reading, and how a page, a sheet or a paper shows it (`report_words`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.core.case.escalation import Hours
from oncall.core.case.figures import CaseFigures
from oncall.core.notices import Notice, Standing
from oncall.core.triage.assessment import Urgency
from oncall.service.cases.board import Hole

FEW = 10
NOT_A_PUMP = "not a pump problem"


@dataclass(frozen=True, slots=True)
class Share:
    of: int
    among: int


Cell = int | str | timedelta | Share | tuple[timedelta, ...] | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; None in `cells` where there is nothing to say."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`id` names it in files and addresses, `note` says what its numbers mean, `empty` what no row means."""

    id: str
    title: str
    note: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    empty: str = "None."


@dataclass(frozen=True, slots=True)
class Told:
    """What a report is made from: the cases of the span, the tests of the same time, the holes of the rota, and how
    people are called."""

    cases: Sequence[CaseFigures]
    tests: Sequence[Notice]
    holes: Sequence[Hole]
    hours: Hours
    zone: str
    name: Callable[[str], str]
    when: Callable[[datetime, datetime], str]


def tables_of(told: Told) -> tuple[Table, ...]:
    """Every table, in the order in which a report has them."""
    return (
        _urgencies(told.cases),
        _hours(told.cases, told.zone),
        _taken(told.cases),
        _reached(told.cases),
        _first_contact(told.cases),
        _climbed(told.cases),
        _wrong(told.cases),
        _silent(told),
        _delivered(told.cases),
        _night(told),
        _needed(told.cases),
        _outcomes(told.cases),
        _languages(told.cases),
        _tests(told.tests),
        _holes(told),
    )


def rank(waits: Sequence[timedelta], percent: int) -> timedelta:
    """The smallest wait that so many per cent do not exceed; `waits` are sorted."""
    return waits[-(-len(waits) * percent // 100) - 1]


# --- how many, when ------------------------------------------------------------------------------------------------


def _urgencies(cases: Sequence[CaseFigures]) -> Table:
    lines = [Line(label, (len(some), sum(c.closed_at is None for c in some))) for label, some in _by_urgency(cases)]
    note = "By the clock that a case ran on last. Calls, texts and alarms about one episode are one case."
    return Table("urgency", "Cases by urgency", note, ("Cases", "Still open"), tuple(lines))


def _hours(cases: Sequence[CaseFigures], zone: str) -> Table:
    place = ZoneInfo(zone)
    found = Counter(case.opened_at.astimezone(place).hour for case in cases)
    lines = tuple(Line(f"{hour:02}:00", (found[hour],)) for hour in range(24))
    return Table(
        "hours", "Cases by hour of day", "When the first word came, by the hospital's clock.", ("Cases",), lines
    )


def _by_urgency(cases: Sequence[CaseFigures]) -> Iterator[tuple[str, list[CaseFigures]]]:
    for urgency in sorted(Urgency, reverse=True):
        yield urgency.word.replace("_", "-"), [case for case in cases if case.pace is urgency]
    yield "not judged", [case for case in cases if case.pace is None]
    yield "all", list(cases)


# --- how long ------------------------------------------------------------------------------------------------------

WAITS = ("Cases", "Never", "Median", "9 in 10 within", "Longest", "Within target", "Each, if fewer than ten")


def _taken(cases: Sequence[CaseFigures]) -> Table:
    paged = [case for case in cases if case.paged_at]
    lines = _waits(paged, lambda c: (c.paged_at, c.taken_at), lambda c: c.target)
    note = (
        "From the first page to a named clinician who took the case and did not give it back. The target is the"
        " promise of the clock in force when the case ran. Cases that were closed and never taken are outside it."
    )
    return Table("taken", "From page to taken", note, WAITS, lines, "Nobody was paged.")


def _reached(cases: Sequence[CaseFigures]) -> Table:
    taken = [case for case in cases if case.taken_at]
    lines = _waits(taken, lambda c: (c.taken_at, c.reached_at), lambda c: c.reach_target)
    note = "From taking to the clinician's word, or the family's key, that they have spoken. Target: as it was then."
    return Table("reached", "From taken to family reached", note, WAITS, lines, "No case was taken.")


def _first_contact(cases: Sequence[CaseFigures]) -> Table:
    paged = [case for case in cases if case.paged_at]
    lines = _waits(paged, lambda c: (c.opened_at, c.reached_at), _whole_target)
    note = "The family's own wait: from their first word to speaking with a clinician. Target: the two above together."
    return Table("first", "From first word to family reached", note, WAITS, lines, "Nobody was paged.")


def _whole_target(case: CaseFigures) -> timedelta | None:
    return case.target + case.reach_target if case.target and case.reach_target else None


Ends = Callable[[CaseFigures], tuple[datetime | None, datetime | None]]


def _waits(
    cases: Sequence[CaseFigures], ends: Ends, target: Callable[[CaseFigures], timedelta | None]
) -> tuple[Line, ...]:
    """A line for each urgency that has a case."""
    return tuple(Line(label, _wait(some, ends, target)) for label, some in _by_urgency(cases) if some)


def _wait(
    cases: Sequence[CaseFigures], ends: Ends, target: Callable[[CaseFigures], timedelta | None]
) -> tuple[Cell, ...]:
    waits, never, within, judged = [], 0, 0, 0
    for case in cases:
        (began, ended), most = ends(case), target(case)
        if began is None or ended is None:
            never += case.closed_at is not None
            judged += case.closed_at is not None and most is not None
            continue
        waits.append(ended - began)
        judged += most is not None
        within += most is not None and ended - began <= most
    waits.sort()
    if len(waits) < FEW:
        return (len(waits), never, None, None, None, Share(within, judged), tuple(waits))
    return (len(waits), never, rank(waits, 50), rank(waits, 90), waits[-1], Share(within, judged), None)


# --- how far, and whom ---------------------------------------------------------------------------------------------


def _climbed(cases: Sequence[CaseFigures]) -> Table:
    paged = [case for case in cases if case.paged_at]
    found = Counter(min(case.climbed, 4) for case in paged)
    words = ("first step only", "1 step further", "2 steps further", "3 steps further", "4 or more")
    lines = [Line(word, (Share(found[place], len(paged)),)) for place, word in enumerate(words)]
    lines.append(Line("went into another round", (Share(sum(c.rounds > 1 for c in paged), len(paged)),)))
    lines.append(Line("a promise to the family was missed", (Share(sum(c.missed > 0 for c in paged), len(paged)),)))
    note = "Of the cases that paged somebody. A step that was brought forward counts like any other."
    return Table("climbed", "Escalation", note, ("Cases",), tuple(lines))


def _wrong(cases: Sequence[CaseFigures]) -> Table:
    lines = (
        Line("passed on", (sum(c.passed_on for c in cases), sum(c.passed_on > 0 for c in cases))),
        Line("said “not me”", (sum(c.not_me for c in cases), sum(c.not_me > 0 for c in cases))),
        Line("went off duty while paged", (sum(c.off_duty for c in cases), sum(c.off_duty > 0 for c in cases))),
    )
    note = "Pages that came to somebody who did not keep them."
    return Table("wrong", "Wrong person", note, ("Pages", "Cases"), lines)


def _silent(told: Told) -> Table:
    found = Counter(person for case in told.cases for person in case.silent)
    lines = [Line(told.name(person), (count,)) for person, count in sorted(found.items(), key=lambda p: (-p[1], p[0]))]
    note = "A telephone rang to its end and its owner gave no sign in that case: no key, no reply, nothing on the page."
    return Table("silent", "Rung, and no sign", note, ("Cases",), tuple(lines), "Everybody who was rung gave a sign.")


def _delivered(cases: Sequence[CaseFigures]) -> Table:
    texts, calls = sum(c.texts for c in cases), sum(c.calls for c in cases)
    lines = (
        Line("texts", (texts, Share(sum(c.texts_lost for c in cases), texts), None)),
        Line(
            "calls",
            (
                calls,
                Share(sum(c.calls_lost for c in cases), calls),
                Share(sum(c.calls_unanswered for c in cases), calls),
            ),
        ),
    )
    note = "What was handed to the carrier, to staff and families. Not brought: the carrier says so. Sent is not heard."
    return Table("delivered", "Delivery", note, ("Handed over", "Not brought", "Not answered"), lines)


# --- what for ------------------------------------------------------------------------------------------------------


def _night(told: Told) -> Table:
    place, hours = ZoneInfo(told.zone), told.hours
    at_night = [
        case
        for case in told.cases
        if case.paged_at and not hours.day_from <= case.paged_at.astimezone(place).time() < hours.day_until
    ]
    others = sum(case.outcome == NOT_A_PUMP for case in at_night)
    lines = (
        Line("paged somebody at night", (len(at_night),)),
        Line("of these closed as “not a pump problem”", (others,)),
    )
    note = f"Night is from {hours.day_until:%H:%M} to {hours.day_from:%H:%M}, by the first page of a case."
    return Table("night", "Pages at night", note, ("Cases",), lines)


def _needed(cases: Sequence[CaseFigures]) -> Table:
    paged = [case for case in cases if case.paged_at]
    words = {True: "needed", False: "not needed", None: "not recorded"}
    found = Counter(case.needed for case in paged)
    lines = tuple(Line(word, (Share(found[said], len(paged)),)) for said, word in words.items())
    note = "What whoever closed the case said, if they said it. Open cases are not recorded yet."
    return Table("needed", "Was the page needed", note, ("Cases",), lines)


def _outcomes(cases: Sequence[CaseFigures]) -> Table:
    found = Counter(case.outcome for case in cases if case.closed_at)
    return Table("outcomes", "How cases were closed", "", ("Cases",), _most_first(found), "No case was closed.")


def _languages(cases: Sequence[CaseFigures]) -> Table:
    found = Counter(case.language for case in cases)
    note = "The language a family chose, or was answered in."
    return Table("languages", "Languages", note, ("Cases",), _most_first(found), "No case.")


def _most_first(found: Counter[str]) -> tuple[Line, ...]:
    return tuple(Line(word, (count,)) for word, count in sorted(found.items(), key=lambda one: (-one[1], one[0])))


# --- apart from cases ----------------------------------------------------------------------------------------------


def _tests(tests: Iterable[Notice]) -> Table:
    kinds: dict[str, list[Notice]] = {}
    for notice in tests:
        if notice.attempts:
            kinds.setdefault(notice.about.kind, []).append(notice)
    lines = tuple(
        Line(kind.replace("-", " "), (len(some), Share(sum(n.standing is Standing.ANSWERED for n in some), len(some))))
        for kind, some in sorted(kinds.items())
    )
    note = "Marked TEST and in no other number here. Answered: by a key or a reply, never by voicemail."
    return Table("tests", "Tests and drills", note, ("Sent or rung", "Answered"), lines, "No test went out.")


def _holes(told: Told) -> Table:
    lines = tuple(
        Line(hole.title, (told.when(hole.starts_at, hole.ends_at), hole.ends_at - hole.starts_at))
        for hole in told.holes
    )
    note = "Nobody was rostered, by the rota in force now. The next tier and the last resort are paged there at once."
    return Table("holes", "Holes in the rota", note, ("When", "How long"), lines, "No hole.")
