"""What a report shows: a tally becomes tables, and each number stands beside that of the span before.

Pure: the same cases give the same numbers. A wait is told by its nearest rank, never by an average; with fewer than
ten there is no percentage and no median, but every single one. What was never taken or reached counts as outside its
target. Deliberately not here: reading, adding up (`tally`), and how a page, a sheet or a paper shows it
(`report_words`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall.core.case.escalation import Hours
from oncall.core.notices import Notice, Standing
from oncall.core.triage.assessment import Urgency
from oncall.service.cases.board import Hole
from oncall.service.reports.tally import Tally

FEW = 10


@dataclass(frozen=True, slots=True)
class Share:
    of: int
    among: int


Cell = int | str | timedelta | Share | tuple[timedelta, ...] | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; None in `cells` where there is nothing to say. `before`: the same of the span before."""

    label: str
    cells: tuple[Cell, ...]
    before: tuple[Cell, ...] = ()


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
    """What a report is made from: what the cases of the span come to, the tests of the same time, the holes of the
    rota, and how people are called."""

    tally: Tally
    tests: Sequence[Notice]
    holes: Sequence[Hole]
    hours: Hours
    name: Callable[[str], str]
    when: Callable[[datetime, datetime], str]


def tables_of(told: Told) -> tuple[Table, ...]:
    """Every table, in the order in which a report has them."""
    tally = told.tally
    return (
        _urgencies(tally),
        _hours(tally),
        *_waits(tally),
        _climbed(tally),
        _wrong(tally),
        _silent(told),
        _delivered(tally),
        _night(told),
        _needed(tally),
        _outcomes(tally),
        _languages(tally),
        _tests(told.tests),
        _holes(told),
    )


def rank(waits: Sequence[timedelta], percent: int) -> timedelta:
    """The smallest wait that so many per cent do not exceed; `waits` are sorted."""
    return waits[-(-len(waits) * percent // 100) - 1]


# --- beside the span before ----------------------------------------------------------------------------------------


def compared(tables: Iterable[Table], before: Iterable[Table]) -> tuple[Table, ...]:
    """Each line with what it was before; a line that only the span before has stands among the others, with nothing.

    Holes are days of the rota and have no counterpart.
    """
    earlier = {table.id: table for table in before}
    return tuple(table if table.id == "holes" else _beside(table, earlier[table.id]) for table in tables)


def _beside(table: Table, before: Table) -> Table:
    now, then = ({line.label: line.cells for line in one.lines} for one in (table, before))
    lines = tuple(
        Line(label, now.get(label) or _nothing(then[label]), then.get(label) or _nothing(now[label]))
        for label in _in_order(list(now), list(then))
    )
    return replace(table, lines=lines)


def _in_order(labels: Sequence[str], others: Sequence[str]) -> list[str]:
    """By urgency where lines are urgencies; otherwise with what only the other has at the end."""
    both = list(dict.fromkeys((*labels, *others)))
    worst_first = [label for label, _ in BY_URGENCY]
    return sorted(both, key=worst_first.index) if set(both) <= set(worst_first) else both


def _nothing(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """What such a line says when there is no case."""
    empty: dict[type, Cell] = {int: 0, Share: Share(0, 0), tuple: ()}
    return tuple(empty.get(type(cell)) for cell in cells)


# --- how many, when ------------------------------------------------------------------------------------------------


def _urgencies(tally: Tally) -> Table:
    lines = [
        Line(label, (sum(tally.sums["cases", pace] for pace in paces), sum(tally.sums["open", pace] for pace in paces)))
        for label, paces in BY_URGENCY
    ]
    note = "By the clock that a case ran on last. Calls, texts and alarms about one episode are one case."
    return Table("urgency", "Cases by urgency", note, ("Cases", "Still open"), tuple(lines))


def _hours(tally: Tally) -> Table:
    lines = tuple(Line(f"{hour:02}:00", (tally.sums["hour", hour],)) for hour in range(24))
    return Table(
        "hours", "Cases by hour of day", "When the first word came, by the hospital's clock.", ("Cases",), lines
    )


def _labelled() -> Iterator[tuple[str, tuple[Urgency | None, ...]]]:
    for urgency in sorted(Urgency, reverse=True):
        yield urgency.word.replace("_", "-"), (urgency,)
    yield "not judged", (None,)
    yield "all", (*Urgency, None)


BY_URGENCY = tuple(_labelled())


# --- how long ------------------------------------------------------------------------------------------------------

WAITS = ("Cases", "Never", "Median", "9 in 10 within", "Longest", "Within target", "Each, if fewer than ten")
WAITED = (  # id, title, note, what no line means
    (
        "taken",
        "From page to taken",
        "From the first page to a named clinician who took the case and did not give it back. The target is the"
        " promise of the clock in force when the case ran. Cases that were closed and never taken are outside it.",
        "Nobody was paged.",
    ),
    (
        "reached",
        "From taken to family reached",
        "From taking to the clinician's word, or the family's key, that they have spoken. Target: as it was then.",
        "No case was taken.",
    ),
    (
        "first",
        "From first word to family reached",
        "The family's own wait: from their first word to speaking with a clinician. Target: the two above together.",
        "Nobody was paged.",
    ),
)


def _waits(tally: Tally) -> Iterator[Table]:
    """For each kind a line for each urgency that has a case."""
    for id, title, note, empty in WAITED:
        lines = (
            Line(label, _wait(tally, id, paces))
            for label, paces in BY_URGENCY
            if any(tally.sums["asked", id, pace] for pace in paces)
        )
        yield Table(id, title, note, WAITS, tuple(lines), empty)


def _wait(tally: Tally, kind: str, paces: Sequence[Urgency | None]) -> tuple[Cell, ...]:
    waits = sorted(wait for pace in paces for wait in tally.waits.get((kind, pace), ()))
    never, within, judged = (
        sum(tally.sums[what, kind, pace] for pace in paces) for what in ("never", "within", "judged")
    )
    if len(waits) < FEW:
        return (len(waits), never, None, None, None, Share(within, judged), tuple(waits))
    return (len(waits), never, rank(waits, 50), rank(waits, 90), waits[-1], Share(within, judged), None)


# --- how far, and whom ---------------------------------------------------------------------------------------------


def _climbed(tally: Tally) -> Table:
    paged = tally.sums["paged",]
    words = ("first step only", "1 step further", "2 steps further", "3 steps further", "4 or more")
    lines = [Line(word, (Share(tally.sums["climbed", place], paged),)) for place, word in enumerate(words)]
    lines.append(Line("went into another round", (Share(tally.sums["round",], paged),)))
    lines.append(Line("a promise to the family was missed", (Share(tally.sums["missed",], paged),)))
    note = "Of the cases that paged somebody. A step that was brought forward counts like any other."
    return Table("climbed", "Escalation", note, ("Cases",), tuple(lines))


def _wrong(tally: Tally) -> Table:
    said = {"passed on": "passed on", "said “not me”": "not me", "went off duty while paged": "off duty"}
    lines = tuple(Line(label, (tally.sums[what, "pages"], tally.sums[what, "cases"])) for label, what in said.items())
    note = "Pages that came to somebody who did not keep them."
    return Table("wrong", "Wrong person", note, ("Pages", "Cases"), lines)


def _silent(told: Told) -> Table:
    found = told.tally.named("silent")
    called = Counter(told.name(person) for person in found)
    lines = [
        Line(told.name(person) if called[told.name(person)] == 1 else f"{told.name(person)} ({person})", (count,))
        for person, count in sorted(found.items(), key=lambda p: (-p[1], p[0]))
    ]
    note = "A telephone rang to its end and its owner gave no sign in that case: no key, no reply, nothing on the page."
    return Table("silent", "Rung, and no sign", note, ("Cases",), tuple(lines), "Everybody who was rung gave a sign.")


def _delivered(tally: Tally) -> Table:
    texts, calls = tally.sums["texts",], tally.sums["calls",]
    lost, unanswered = Share(tally.sums["calls lost",], calls), Share(tally.sums["calls unanswered",], calls)
    lines = (
        Line("texts", (texts, Share(tally.sums["texts lost",], texts), None)),
        Line("calls", (calls, lost, unanswered)),
    )
    note = "What was handed to the carrier, to staff and families. Not brought: the carrier says so. Sent is not heard."
    return Table("delivered", "Delivery", note, ("Handed over", "Not brought", "Not answered"), lines)


# --- what for ------------------------------------------------------------------------------------------------------


def _night(told: Told) -> Table:
    hours, sums = told.hours, told.tally.sums
    lines = (
        Line("paged somebody at night", (sums["night",],)),
        Line("of these closed as “not a pump problem”", (sums["night, other",],)),
    )
    note = f"Night is from {hours.day_until:%H:%M} to {hours.day_from:%H:%M}, by the first page of a case."
    return Table("night", "Pages at night", note, ("Cases",), lines)


def _needed(tally: Tally) -> Table:
    words = {True: "needed", False: "not needed", None: "not recorded"}
    lines = tuple(
        Line(word, (Share(tally.sums["needed", said], tally.sums["paged",]),)) for said, word in words.items()
    )
    note = "What whoever closed the case said, if they said it. Open cases are not recorded yet."
    return Table("needed", "Was the page needed", note, ("Cases",), lines)


def _outcomes(tally: Tally) -> Table:
    lines = _most_first(tally.named("outcome"))
    return Table("outcomes", "How cases were closed", "", ("Cases",), lines, "No case was closed.")


def _languages(tally: Tally) -> Table:
    note = "The language a family chose, or was answered in."
    return Table("languages", "Languages", note, ("Cases",), _most_first(tally.named("language")), "No case.")


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
