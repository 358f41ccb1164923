"""What a schedule from elsewhere would change in our rota: covers where it names somebody else, and nothing more.

Compared is who holds the slot, without hand-over windows, from now on: the past does not move. Where both agree nothing
is added, so that the same file a second time plans nothing. A file takes nobody off: where it names nobody, the rota
stands. Deliberately not here: publishing, and the guards that every draft passes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from oncall.adapters.calendars.imported import ImportedShift, Reading, RowError
from oncall.adapters.calendars.names import Found, Names, is_nobody
from oncall.core.rota.on_call import Change, Rota, Rotation, cover, people_between
from oncall.core.wall_time import instants_showing, neighbours_of_skipped

GRAIN = timedelta(minutes=5)  # a cover that begins now begins at the next full five minutes
LONGEST = timedelta(days=62)  # of one shift: longer ones are slips of the year
AHEAD = timedelta(days=731)  # further on nobody reads the difference
HAND_OVER = timedelta(hours=2)  # two people at once for longer are no hand-over
_Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A name that is nobody's (or several people's) here, where it stands, and who could be meant."""

    kind: str  # person or tier
    text: str
    rows: tuple[int, ...]
    could_be: tuple[str, ...]
    ambiguous: bool

    def __str__(self) -> str:
        where = f"{'row' if len(self.rows) == 1 else 'rows'} {', '.join(map(str, self.rows[:5]))}"
        more = f" and {len(self.rows) - 5} more" if len(self.rows) > 5 else ""
        if self.ambiguous:
            meant = f"could be {' or '.join(self.could_be)}"
        else:
            meant = f"did you mean {' or '.join(self.could_be)}?" if self.could_be else "is on no rota of ours"
        option = "--name" if self.kind == "person" else "--tier"
        return f'{where}{more}: {self.kind} "{self.text}" {meant} Say {option} "{self.text}=..."'


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """See the module. `covers` in the order in which they would be published; `past` counts shifts that are over;
    `people` and `tiers` say what was meant by which words of the file."""

    covers: tuple[Change, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    row_errors: tuple[RowError, ...] = ()
    remarks: tuple[str, ...] = ()
    shifts: int = 0
    past: int = 0
    people: tuple[tuple[str, str], ...] = ()
    tiers: tuple[tuple[str, str], ...] = ()

    @property
    def can_be_applied(self) -> bool:
        return not self.unmatched and not self.row_errors


@dataclass(frozen=True, slots=True)
class _Placed:
    """A shift whose person, tier and instants are known."""

    row: int
    person: str
    tier: str
    starts_at: datetime
    ends_at: datetime


def plan_of(reading: Reading, rota: Rota, names: Names, tier: str, now: datetime) -> ImportPlan:
    """`tier` is where shifts go that name none; "" if each must name its own."""
    errors, remarks = list(reading.errors), list(reading.remarks)
    unmatched: dict[tuple[str, str], tuple[Found, list[int]]] = {}
    meant = _Meant()
    placed = list(_placed(reading.shifts, rota, names, tier, unmatched, errors, remarks, meant))
    errors += [
        RowError(s.row, _typed(s.ends_at, rota.zone), "a day of the next two years")
        for s in placed
        if s.ends_at > now + AHEAD
    ]
    ahead = [shift for shift in placed if shift.ends_at > now]
    covers = list(_covers(ahead, rota, _next_grain(now), errors))
    told = tuple(
        Unmatched(kind, text, tuple(rows), found.could_be, found.ambiguous)
        for (kind, text), (found, rows) in unmatched.items()
    )
    return ImportPlan(
        tuple(covers),
        told,
        tuple(sorted(set(errors))),
        tuple(remarks),
        len(placed),
        len(placed) - len(ahead),
        tuple(meant.people.items()),
        tuple(meant.tiers.items()),
    )


@dataclass(frozen=True, slots=True)
class _Meant:
    """The words of the file that were understood, and as what."""

    people: dict[str, str] = field(default_factory=dict)
    tiers: dict[str, str] = field(default_factory=dict)


# --- who, where and when ------------------------------------------------------------------------------------------


def _placed(
    shifts: Iterable[ImportedShift],
    rota: Rota,
    names: Names,
    usual: str,
    unmatched: dict[tuple[str, str], tuple[Found, list[int]]],
    errors: list[RowError],
    remarks: list[str],
    meant: _Meant,
) -> Iterator[_Placed]:
    empty = 0
    for shift in shifts:
        if is_nobody(shift.person_text):
            empty += 1
            continue
        person, tier_text, tier = _who_and_where(shift, names, usual)
        if person.id is not None:
            meant.people[shift.person_text] = person.id
        if tier.id is not None and tier_text:
            meant.tiers[tier_text] = tier.id
        if tier.id == "" or (tier.id is not None and person.id == ""):
            continue  # the coordinator said: leave it out
        for kind, text, found in (("tier", tier_text, tier), ("person", shift.person_text, person)):
            if found.id is None:
                unmatched.setdefault((kind, text), (found, []))[1].append(shift.row)
        if person.id is None or tier.id is None:
            continue
        span = _instants(shift, rota.rotations[tier.id.partition("/")[0]].zone, errors)
        if span is not None:
            yield _Placed(shift.row, person.id, tier.id, *span)
    if empty:
        remarks.append(f"{empty} entries say that nobody is on: left out, the rota stands there.")


def _who_and_where(shift: ImportedShift, names: Names, usual: str) -> tuple[Found, str, Found]:
    if shift.tier is not None:
        person, tier_text = names.person(shift.person_text), shift.tier
    else:
        person, tier_text = names.in_free_text(shift.person_text)
    tier = names.tier(tier_text)
    if usual and (shift.tier is None or not tier_text):
        tier = Found(usual)
    return person, tier_text, tier


def _instants(shift: ImportedShift, zone: str, errors: list[RowError]) -> _Span | None:
    zone = shift.zone or zone
    found = [_instant(shift.row, at, zone, errors) for at in (shift.starts_at, shift.ends_at)]
    starts_at, ends_at = found
    if starts_at is None or ends_at is None:
        return None
    if not timedelta(0) < ends_at - starts_at <= LONGEST:
        wanted = f"an end after the start, by {LONGEST.days} days at most"
        errors.append(RowError(shift.row, f"{_typed(starts_at, zone)} - {_typed(ends_at, zone)}", wanted))
        return None
    return starts_at, ends_at


def _instant(row: int, at: datetime, zone: str, errors: list[RowError]) -> datetime | None:
    """The one instant that is meant; what the clock skips or shows twice is refused with both choices."""
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    if at.second or at.microsecond:
        errors.append(RowError(row, str(at), "whole minutes"))
        return None
    shown = instants_showing(at, zone)
    if len(shown) == 1:
        return shown[0]
    choices = " or ".join(_typed(each, zone) for each in (shown or neighbours_of_skipped(at, zone)))
    why = "shows this time twice" if shown else "skips this time"
    errors.append(RowError(row, f"{at:%Y-%m-%d %H:%M}: the clock {why} in {zone}", choices))
    return None


def _typed(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat(" ", "minutes")


# --- what differs -------------------------------------------------------------------------------------------------


def _covers(shifts: Sequence[_Placed], rota: Rota, start: datetime, errors: list[RowError]) -> Iterator[Change]:
    used = {change.id for rotation in rota.rotations.values() for change in rotation.changes}
    for tier in sorted({shift.tier for shift in shifts}):
        rotation = rota.rotations[tier.partition("/")[0]]
        own = [shift for shift in shifts if shift.tier == tier]
        for person, span in _joined(_differing(own, _without_windows(rotation), tier, start, errors)):
            if not _is_on(rotation, tier, person, span):  # it is no more than a hand-over window
                yield cover(_id(tier, person, span[0], used), tier, person, *span, note="imported")


def _differing(
    shifts: Sequence[_Placed], rotation: Rotation, tier: str, start: datetime, errors: list[RowError]
) -> Iterator[tuple[str, _Span]]:
    """Stretches in which the file names one person and the rota's holder is somebody else, or nobody."""
    edges = {edge for shift in shifts for edge in (shift.starts_at, shift.ends_at)}
    first, last = max(start, min(edges)), max(edges)
    if first >= last:
        return
    holders = people_between(rotation, tier.partition("/")[2], first, last)
    steps = sorted({first, last, *(edge for edge in (*edges, *(at for at, _ in holders)) if first < edge < last)})
    waiting, running, place = sorted(shifts, key=lambda shift: shift.starts_at, reverse=True), list[_Placed](), 0
    for begins, ends in pairwise(steps):
        while waiting and waiting[-1].starts_at <= begins:
            running.append(waiting.pop())
        running = [shift for shift in running if shift.ends_at > begins]
        while place + 1 < len(holders) and holders[place + 1][0] <= begins:
            place += 1
        named = {shift.person for shift in running}
        if named and named != set(holders[place][1]):
            if (person := _one_of(running, named, (begins, ends), errors, rotation.zone)) is None:
                continue
            if (person,) != holders[place][1]:
                yield person, (begins, ends)


def _one_of(running: Sequence[_Placed], named: set[str], span: _Span, errors: list[RowError], zone: str) -> str | None:
    """Whom a cover would name: the newcomer, where two meet at a hand-over."""
    newest = max(running, key=lambda shift: (shift.starts_at, shift.ends_at))
    until = min(shift.ends_at for shift in running)
    if len(named) == 1 or (len(named) == 2 and until - newest.starts_at <= HAND_OVER):
        return newest.person
    found = f"{' and '.join(sorted(named))} at once from {_typed(span[0], zone)}"
    errors.append(RowError(newest.row, found, "one person at a time, as in a rota with one slot"))
    return None


def _joined(parts: Iterable[tuple[str, _Span]]) -> Iterator[tuple[str, _Span]]:
    """Neighbouring stretches of one person are one cover."""
    last: tuple[str, _Span] | None = None
    for person, span in parts:
        if last is not None and last[0] == person and last[1][1] == span[0]:
            last = (person, (last[1][0], span[1]))
            continue
        if last is not None:
            yield last
        last = (person, span)
    if last is not None:
        yield last


def _is_on(rotation: Rotation, tier: str, person: str, span: _Span) -> bool:
    return all(person in people for _, people in people_between(rotation, tier.partition("/")[2], *span))


def _without_windows(rotation: Rotation) -> Rotation:
    return replace(rotation, layers=tuple(replace(layer, overlap=timedelta(0)) for layer in rotation.layers))


def _next_grain(now: datetime) -> datetime:
    return now + (datetime.min.replace(tzinfo=UTC) - now) % GRAIN


def _id(tier: str, person: str, starts_at: datetime, used: set[str]) -> str:
    """The same cover has the same id, unless that one was published before and overruled since."""
    told = hashlib.sha256(f"{tier}|{person}|{starts_at.isoformat()}".encode()).hexdigest()[:8]
    id, number = f"import-{told}", 1
    while id in used:
        number += 1
        id = f"import-{told}-{number}"
    used.add(id)
    return id
