"""How much each person carries in a picture: hours, and hours weighted for nights, weekends and holidays.

A night hour weighs one and a half, a weekend hour too, both together two, a holiday's hour one more. The weights are
a proposal for fairness tables, not a law. Shared telephones carry nothing. Deliberately not here: targets.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Protocol

from oncall.core.rota.on_call import Person
from oncall.core.wall_time import first_pass
from oncall.service.rota.days import Day

MORNING, EVENING = time(7), time(19)
NIGHT, WEEKEND, HOLIDAY = 0.5, 0.5, 1.0  # added to 1 for each hour
SATURDAY = 5


class Carried(Protocol):
    """A block as far as its weight goes."""

    @property
    def person(self) -> str | None: ...
    @property
    def is_holiday(self) -> bool: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Load:
    """One person's part of the span shown; elapsed hours, on all tiers together."""

    person: str
    name: str
    shifts: int
    hours: float
    weighted: float


@dataclass(frozen=True, slots=True)
class _Piece:
    starts_at: datetime
    ends_at: datetime
    weight: float


def loads_of(
    blocks: Iterable[Carried], days: Sequence[Day], zone: str, people: Mapping[str, Person], called: Mapping[str, str]
) -> tuple[Load, ...]:
    """Most carried first; only people, and only within the days."""
    pieces = [piece for day in days for piece in _pieces(day, zone)]
    edges = [piece.starts_at for piece in pieces]
    carried: dict[str, list[tuple[float, float]]] = {}
    for block in blocks:
        if block.person is not None and not _is_shared(people, block.person):
            carried.setdefault(block.person, []).append(_hours(block, pieces, edges))
    loads = (_load(id, called.get(id, id), hours) for id, hours in carried.items())
    return tuple(sorted(loads, key=lambda load: (-load.weighted, load.name)))


def _is_shared(people: Mapping[str, Person], person: str) -> bool:
    return person in people and people[person].role == "shared"


def _load(person: str, name: str, hours: Sequence[tuple[float, float]]) -> Load:
    plain, weighted = (round(sum(part), 1) for part in zip(*hours, strict=True))
    return Load(person, name, len(hours), plain, weighted)


def _pieces(day: Day, zone: str) -> Iterator[_Piece]:
    """The night before the morning, the day, and the night that begins in its evening."""
    morning, evening = (first_pass(datetime.combine(day.date, at), zone) for at in (MORNING, EVENING))
    base = 1.0 + (WEEKEND if day.date.weekday() >= SATURDAY else 0.0)
    yield _Piece(day.starts_at, morning, base + NIGHT)
    yield _Piece(morning, evening, base)
    yield _Piece(evening, day.ends_at, base + NIGHT)


def _hours(block: Carried, pieces: Sequence[_Piece], edges: Sequence[datetime]) -> tuple[float, float]:
    """Its hours within the pieces, plain and weighted."""
    more = HOLIDAY if block.is_holiday else 0.0
    plain = weighted = 0.0
    for piece in pieces[max(bisect_right(edges, block.starts_at) - 1, 0) :]:
        if piece.starts_at >= block.ends_at:
            break
        inside = min(piece.ends_at, block.ends_at) - max(piece.starts_at, block.starts_at)
        hours = max(inside.total_seconds(), 0.0) / 3600
        plain, weighted = plain + hours, weighted + hours * (piece.weight + more)
    return plain, weighted
