"""One layer worked out over a span: patterns, then one-off changes in order, then hand-over windows.

The first pattern that covers an instant has it. A cover takes the slot for its span, in a hole too; leave
takes a person out and leaves the hole visible; a change published later beats one published earlier. At a
hand-over the outgoing person stays on for the window that the layer declares. Shifts come out whole,
never cut to the span asked.
Deliberately not here: turns and wall time (`turns`, `wall_time`), and every question about a rotation
(`rota`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from oncall.core.rota.turns import Pattern, Stretch, silent, stretch_at
from oncall.core.wall_time import DAWN, FOREVER, TICK

_SECOND_PASS = timedelta(hours=26)  # longer than any doubled wall time lasts


@dataclass(frozen=True, slots=True)
class Shift:
    """One person on one layer for one span. An open-ended shift ends at `FOREVER`.

    `is_asked`: on beside whoever has the slot, without having said yes (RULINGS 8).
    """

    person: str
    layer: str
    starts_at: datetime
    ends_at: datetime
    why: str
    is_asked: bool = False


class Kind(Enum):
    """What a one-off change does to the slot."""

    COVER = "cover"
    SWAP = "swap"
    SPLIT = "split"
    LEAVE = "leave"
    BESIDE = "beside"  # on as well, nobody goes: asked to stand in and has not said yes (RULINGS 8)


@dataclass(frozen=True, slots=True)
class Change:
    """A one-off change. `instead_of` None: the whole slot is taken, also where it was a hole.

    `tier` is "rotation/layer" (or the rotation, if it has one layer); a leave has none, it holds everywhere.
    """

    id: str
    kind: Kind
    person: str
    starts_at: datetime
    ends_at: datetime
    tier: str | None = None
    instead_of: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """Patterns in order, and for how long both are on at a hand-over."""

    name: str
    patterns: tuple[Pattern, ...]
    overlap: timedelta = timedelta(0)


def cover(
    id: str,
    tier: str,
    person: str,
    starts_at: datetime,
    ends_at: datetime,
    note: str = "",
    instead_of: str | None = None,
) -> Change:
    """`person` has the slot for the span, or takes over from one person where several are on."""
    return Change(id, Kind.COVER, person, starts_at, ends_at, tier, instead_of, note)


def beside(id: str, tier: str, person: str, starts_at: datetime, ends_at: datetime, note: str = "") -> Change:
    """`person` is on as well as whoever has the slot."""
    return Change(id, Kind.BESIDE, person, starts_at, ends_at, tier, note=note)


def leave(id: str, person: str, starts_at: datetime, ends_at: datetime, note: str = "") -> Change:
    """`person` is on no layer during the span; a hole that this leaves stays visible."""
    return Change(id, Kind.LEAVE, person, starts_at, ends_at, note=note)


def swap(
    id: str,
    tier: str,
    first: tuple[str, datetime, datetime],
    second: tuple[str, datetime, datetime],
    note: str = "",
) -> tuple[Change, Change]:
    """Two people each give the other what they have in a span (person, start, end)."""
    return (
        Change(id, Kind.SWAP, second[0], first[1], first[2], tier, first[0], note),
        Change(id, Kind.SWAP, first[0], second[1], second[2], tier, second[0], note),
    )


def split(id: str, tier: str, people: Sequence[str], edges: Sequence[datetime], note: str = "") -> tuple[Change, ...]:
    """The slot shared out along `edges`, one more than `people`: each has it from one edge to the next."""
    spans = zip(people, edges[:-1], edges[1:], strict=True)
    return tuple(Change(id, Kind.SPLIT, person, start, end, tier, note=note) for person, start, end in spans)


def shifts_of(layer: Layer, changes: Sequence[Change], start: datetime, end: datetime) -> list[Shift]:
    """All shifts of the layer that touch the span, whole, and some neighbours; by beginning."""
    line = _line(layer, *_widened(changes, start - _SECOND_PASS, end))
    first, last = line[0].starts_at, line[-1].ends_at
    near = [change for change in changes if change.starts_at <= last and change.ends_at >= first]
    shifts = [shift for stretch in line for shift in _held(stretch, layer)]
    for change in near:
        shifts = _changed(shifts, change, layer.name)
    if layer.overlap:
        shifts = list(_with_overlap(shifts, layer.overlap, near))
    return sorted(_never_twice(shifts), key=lambda shift: shift.starts_at)


def _widened(changes: Sequence[Change], start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The span and every cover that touches it: who follows a cover must be known too."""
    covers = [c for c in changes if c.kind is not Kind.LEAVE and c.starts_at <= end and c.ends_at >= start]
    return min([start, *(c.starts_at for c in covers)]), max([end, *(c.ends_at for c in covers)])


def _line(layer: Layer, start: datetime, end: datetime) -> list[Stretch]:
    """What the patterns alone say from `start` to `end`, and on to where the last to stay on go."""
    line = [_whole_start(layer, _stretch_at(layer, start))]
    reach = end + layer.overlap
    while line[-1].starts_at <= reach and line[-1].ends_at < FOREVER:
        if line[-1].starts_at <= end:
            reach = max(reach, line[-1].stays_until + layer.overlap)
        following = _stretch_at(layer, line[-1].ends_at)
        if following.mark == line[-1].mark:
            line[-1] = _from(following, line[-1].starts_at)
        else:
            line.append(following)
    return line


def _whole_start(layer: Layer, stretch: Stretch) -> Stretch:
    """The stretch from its real beginning on: an instant may fall behind an edge that divides nothing."""
    while stretch.starts_at > DAWN:
        earlier = _stretch_at(layer, stretch.starts_at - TICK)
        if earlier.mark != stretch.mark:
            return stretch
        stretch = _from(stretch, earlier.starts_at)
    return stretch


def _from(stretch: Stretch, at: datetime) -> Stretch:
    return Stretch(at, stretch.ends_at, stretch.people, stretch.stays_until, stretch.why, stretch.mark)


def _stretch_at(layer: Layer, at: datetime) -> Stretch:
    """The first pattern that covers the instant has it, until it ends or a pattern above it begins."""
    starts_at, ends_at = DAWN, FOREVER
    for place, pattern in enumerate(layer.patterns):
        found = stretch_at(pattern, at)
        starts_at, ends_at = max(starts_at, found.starts_at), min(ends_at, found.ends_at)
        if found.people is not None:
            stays_until = found.stays_until if ends_at == found.ends_at else ends_at
            return Stretch(starts_at, ends_at, found.people, stays_until, found.why, (place, *found.mark))
    return silent(starts_at, ends_at)


def _held(stretch: Stretch, layer: Layer) -> Iterator[Shift]:
    for person in stretch.people or ():
        yield Shift(person, layer.name, stretch.starts_at, stretch.stays_until, stretch.why)


def _changed(shifts: list[Shift], change: Change, layer: str) -> list[Shift]:
    """The shifts after one change: what it takes away is cut out, and given to whom it names."""
    if change.kind is Kind.BESIDE:
        return [*shifts, *_given([], change, layer)]
    kept: list[Shift] = []
    taken: list[Shift] = []
    gives_way = change.person if change.kind is Kind.LEAVE else change.instead_of
    start, end = change.starts_at, change.ends_at
    for shift in shifts:
        if shift.starts_at < end and shift.ends_at > start and gives_way in (None, shift.person):
            kept.extend(_outside(shift, change))
            taken.append(_inside(shift, change))
        else:
            kept.append(shift)
    given = _given(taken, change, layer)
    return [*(part for shift in kept for part in _unless_agreed(shift, change, given)), *given]


def _unless_agreed(shift: Shift, change: Change, given: list[Shift]) -> Iterable[Shift]:
    """Who was asked to stand in and is now given the slot has said yes: nobody waits for them any more."""
    agreed = shift.is_asked and any(new.person == shift.person for new in given)
    return _outside(shift, change) if agreed else (shift,)


def _given(taken: list[Shift], change: Change, layer: str) -> list[Shift]:
    if change.kind is Kind.LEAVE:
        return []
    if change.instead_of is not None:
        return [replace(shift, person=change.person, why=_why(change)) for shift in taken]
    is_asked = change.kind is Kind.BESIDE
    return [Shift(change.person, layer, change.starts_at, change.ends_at, _why(change), is_asked)]


def _why(change: Change) -> str:
    instead = f" for {change.instead_of}" if change.instead_of else ""
    return f"{change.kind.value} {change.id}{instead}" + (f": {change.note}" if change.note else "")


def _inside(shift: Shift, change: Change) -> Shift:
    starts_at, ends_at = max(shift.starts_at, change.starts_at), min(shift.ends_at, change.ends_at)
    return replace(shift, starts_at=starts_at, ends_at=ends_at)


def _outside(shift: Shift, change: Change) -> Iterator[Shift]:
    if shift.starts_at < change.starts_at:
        yield replace(shift, ends_at=change.starts_at)
    if shift.ends_at > change.ends_at:
        yield replace(shift, starts_at=change.ends_at)


def _with_overlap(shifts: list[Shift], overlap: timedelta, changes: Sequence[Change]) -> Iterator[Shift]:
    """At a hand-over the outgoing person stays on for the declared window, unless leave has begun."""
    begins: dict[datetime, list[Shift]] = {}
    for shift in shifts:
        begins.setdefault(shift.starts_at, []).append(shift)
    for shift in shifts:
        followers = begins.get(shift.ends_at, [])
        if followers and shift.person not in {follower.person for follower in followers}:
            # never longer than a follower is on: a hole behind a short shift stays visible
            wanted = min(shift.ends_at + overlap, max(follower.ends_at for follower in followers))
            yield _ending(shift, _stays_until(shift, wanted, changes))
        else:
            yield shift


def _stays_until(shift: Shift, wanted: datetime, changes: Sequence[Change]) -> datetime:
    away = (c for c in changes if c.kind is Kind.LEAVE and c.person == shift.person)
    begun = (c.starts_at for c in away if c.ends_at > shift.ends_at)
    return max(shift.ends_at, min([wanted, *begun]))


def _never_twice(shifts: Iterable[Shift]) -> Iterator[Shift]:
    """Nobody stands twice in a layer at once: a shift ends where the same person's next one begins."""
    last: dict[str, Shift] = {}
    for shift in sorted(shifts, key=lambda shift: (shift.starts_at, -shift.ends_at.timestamp())):
        before = last.get(shift.person)
        if before and shift.ends_at <= before.ends_at:
            continue
        if before:
            yield _ending(before, min(before.ends_at, shift.starts_at))
        last[shift.person] = shift
    yield from last.values()


def _ending(shift: Shift, at: datetime) -> Shift:
    return shift if at == shift.ends_at else replace(shift, ends_at=at)
