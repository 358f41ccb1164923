"""What one person has of the rota: stints on every tier, nights, weekend days and holidays.

A rota is read by tier, but a tired person is tired on all of them. Hand-over windows are left out here: a
quarter of an hour in which both are on is nobody's night. A night (23:00 to 07:00), the day of a weekend
(07:00 to 23:00) or a holiday counts for whoever has at least three hours of it, so two people may share one.
Deliberately not here: what is too much (`guards`) and what is a fair share (`fairness`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby

from oncall.core.rota.on_call import Rota, Rotation, shifts_between
from oncall.core.rota.spans import Span, joined, time_shared
from oncall.core.wall_time import first_pass, last_pass, wall

COUNTS_FROM = timedelta(hours=3)
_NIGHT, _MORNING, _DAY = timedelta(hours=23), timedelta(hours=7), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stint:
    """One person on one tier ("pump-team/primary") for one span, without any hand-over window."""

    person: str
    tier: str
    starts_at: datetime
    ends_at: datetime

    @property
    def span(self) -> Span:
        return self.starts_at, self.ends_at


def stints_of(rota: Rota, start: datetime, end: datetime) -> dict[str, list[Stint]]:
    """By person, every stint that touches the span, cut to it, by beginning."""
    found: dict[str, list[Stint]] = {}
    for stint in sorted(_stints(rota, start, end), key=lambda stint: (stint.starts_at, stint.tier)):
        found.setdefault(stint.person, []).append(stint)
    return found


def _stints(rota: Rota, start: datetime, end: datetime) -> Iterator[Stint]:
    for rotation in rota.rotations.values():
        bare = without_windows(rotation)
        for layer in bare.layers:
            for shift in shifts_between(bare, layer.name, start, end):
                starts_at, ends_at = max(shift.starts_at, start), min(shift.ends_at, end)
                yield Stint(shift.person, f"{rotation.name}/{layer.name}", starts_at, ends_at)


def without_windows(rotation: Rotation) -> Rotation:
    """The rotation as if everybody handed over at once."""
    return replace(rotation, layers=tuple(replace(layer, overlap=timedelta(0)) for layer in rotation.layers))


def is_shared(rota: Rota, person: str) -> bool:
    """Whether this is a telephone on a desk: it does not tire, and it has no share."""
    return person in rota.people and rota.people[person].role == "shared"


def name_of(rota: Rota, person: str) -> str:
    return rota.people[person].name if person in rota.people else person


def tier_in_words(rota: Rota, tier: str) -> str:
    """ "pump team attending"; a rotation with one layer needs only its own name."""
    name, _, layer = tier.partition("/")
    rotation = rota.rotations.get(name)
    alone = rotation is not None and len(rotation.layers) == 1
    return name.replace("-", " ") + ("" if alone else f" {layer}")


def unbroken(stints: Iterable[Stint]) -> list[Span]:
    """When the person is on at all, on whatever tier."""
    return joined(stint.span for stint in stints)


def nights(spans: Iterable[Span], zone: str) -> list[date]:
    """The evenings of the nights that count, each once."""
    return _counting(spans, zone, _night, back=1)


def weekend_days(spans: Iterable[Span], zone: str) -> list[date]:
    """The Saturdays and Sundays that count, each once."""
    return [day for day in _counting(spans, zone, _daytime) if day.weekday() >= 5]


def holidays_in(rota: Rota, spans: Iterable[Span]) -> Mapping[str, int]:
    """How many holidays count, by their bucket."""
    own = joined(spans)
    found: dict[str, int] = {}
    for holiday in rota.holidays:
        whole = (holiday.starts_at, holiday.ends_at)
        if sum((time_shared(span, whole) for span in own), timedelta(0)) >= COUNTS_FROM:
            found[holiday.bucket] = found.get(holiday.bucket, 0) + 1
    return found


def days_on_end(days: Iterable[date]) -> list[tuple[date, int]]:
    """Runs of days that follow each other: the first, and how many."""
    numbered = enumerate(sorted(days))
    runs = (list(run) for _, run in groupby(numbered, key=lambda one: one[1].toordinal() - one[0]))
    return [(run[0][1], len(run)) for run in runs]


def night_span(evening: date, zone: str) -> Span:
    """From 23:00 of that evening until 07:00."""
    return _night(datetime.combine(evening, time()), zone)


def _night(midnight: datetime, zone: str) -> Span:
    return first_pass(midnight + _NIGHT, zone), last_pass(midnight + _DAY + _MORNING, zone)


def _daytime(midnight: datetime, zone: str) -> Span:
    return first_pass(midnight + _MORNING, zone), last_pass(midnight + _NIGHT, zone)


def _counting(spans: Iterable[Span], zone: str, part: Callable[[datetime, str], Span], back: int = 0) -> list[date]:
    """The days of whose night or daytime at least three hours lie in the spans."""
    shares: dict[date, timedelta] = {}
    for span in joined(spans):
        day = wall(span[0], zone).date() - back * _DAY
        while day <= wall(span[1], zone).date():
            shared = time_shared(span, part(datetime.combine(day, time()), zone))
            shares[day] = shares.get(day, timedelta(0)) + shared
            day += _DAY
    return [day for day, shared in sorted(shares.items()) if shared >= COUNTS_FROM]
