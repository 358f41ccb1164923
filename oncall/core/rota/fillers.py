"""Who could fill a hole: people of the same rotation who can be paged, ranked, each with the reason said.

First those who are free and rested, then those who would be short of rest, last those who are on another tier
at that time; among equals, whoever has the fewest weighted hours for their post in the eight weeks around it.
An hour of a night, a weekend or a holiday weighs two. It is a suggestion: a coordinator asks, and the old
holder stays on until somebody has accepted.
Deliberately not here: who is paged when a step is empty (`escalation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from oncall.core.rota.fairness import roster_of
from oncall.core.rota.on_call import Change, Gap, Kind, Rota, gaps_between, with_changes
from oncall.core.rota.spans import Span, hours_in_words, outside, time_shared, within
from oncall.core.rota.stints import Stint, is_shared, name_of, night_span, stints_of, tier_in_words, unbroken
from oncall.core.rota.strain import LEAST_REST
from oncall.core.wall_time import first_pass, last_pass, wall

AROUND = timedelta(days=28)
_LONG_REST = timedelta(days=2)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filler:
    """Somebody who could take a hole. `hours` are weighted and for a whole post."""

    person: str
    sentence: str
    hours: float
    is_free: bool
    is_rested: bool


def fillers(rota: Rota, gap: Gap, proven: frozenset[str]) -> tuple[Filler, ...]:
    """The best first; nobody who is on leave in the hole or whose telephone is not in `proven`."""
    start, end = gap.starts_at - AROUND, gap.ends_at + AROUND
    stints = stints_of(rota, start, end)
    heavy = _heavy(rota, start, end)
    layers = rota.rotations[gap.rotation].layers
    people = dict.fromkeys(person for layer in layers for person in roster_of(layer, start, end))
    found = [
        _filler(rota, gap, person, stints.get(person, ()), heavy)
        for person in people
        if person in proven and not is_shared(rota, person) and not _is_away(rota, person, gap)
    ]
    return tuple(sorted(found, key=lambda filler: (not filler.is_free, not filler.is_rested, filler.hours)))


def fillers_for_leave(rota: Rota, away: Change, proven: frozenset[str]) -> tuple[tuple[Gap, tuple[Filler, ...]], ...]:
    """Every hole that a leave, published now, would open, by beginning, and who could fill it."""
    after = with_changes(rota, [away])
    holes = [
        Gap(name, layer.name, *span)
        for name, rotation in after.rotations.items()
        for layer in rotation.layers
        for span in outside(*(_holes(state, name, layer.name, away) for state in (after, rota)))
    ]
    return tuple((hole, fillers(after, hole, proven)) for hole in sorted(holes, key=lambda hole: hole.starts_at))


def _holes(rota: Rota, rotation: str, layer: str, away: Change) -> list[Span]:
    gaps = gaps_between(rota.rotations[rotation], layer, away.starts_at, away.ends_at)
    return [(gap.starts_at, gap.ends_at) for gap in gaps]


def _is_away(rota: Rota, person: str, gap: Gap) -> bool:
    return any(
        change.starts_at < gap.ends_at and change.ends_at > gap.starts_at
        for change in rota.rotations[gap.rotation].changes
        if change.kind is Kind.LEAVE and change.person == person
    )


def _filler(rota: Rota, gap: Gap, person: str, stints: Sequence[Stint], heavy: Sequence[Span]) -> Filler:
    hole = (gap.starts_at, gap.ends_at)
    busy = sorted({stint.tier for stint in stints if time_shared(stint.span, hole)})
    own = unbroken(stints)
    before = hole[0] - max((ends_at for _, ends_at in own if ends_at <= hole[0]), default=hole[0] - AROUND)
    after = min((starts_at for starts_at, _ in own if starts_at >= hole[1]), default=hole[1] + AROUND) - hole[1]
    hours = _weighted(own, heavy) / (rota.people[person].fte if person in rota.people else 1)
    if busy:
        fit = f"is on {' and '.join(tier_in_words(rota, tier) for tier in busy)} at that time"
    else:
        fit = f"has {_rest(before)} of rest before and {_rest(after)} after"
    sentence = f"{name_of(rota, person)} {fit}, and {hours:.0f} weighted hours in the eight weeks around it."
    return Filler(person, sentence, hours, not busy, min(before, after) >= LEAST_REST)


def _rest(length: timedelta) -> str:
    return "more than two days" if length > _LONG_REST else "no hour" if not length else hours_in_words(length)


def _weighted(spans: Sequence[Span], heavy: Sequence[Span]) -> float:
    lengths = (ends_at - starts_at for starts_at, ends_at in (*spans, *within(spans, heavy)))
    return sum(lengths, timedelta(0)) / timedelta(hours=1)


def _heavy(rota: Rota, start: datetime, end: datetime) -> list[Span]:
    """Nights, weekends and holidays: what weighs double."""
    first, last = (wall(at, rota.zone).date() for at in (start, end))
    days = [first + n * _DAY for n in range(-1, (last - first).days + 1)]
    weekends = [_whole_day(day, rota.zone) for day in days if day.weekday() >= 5]
    holidays = [(holiday.starts_at, holiday.ends_at) for holiday in rota.holidays]
    return [*(night_span(day, rota.zone) for day in days), *weekends, *holidays]


def _whole_day(day: date, zone: str) -> Span:
    midnight = datetime.combine(day, time())
    return first_pass(midnight, zone), last_pass(midnight + _DAY, zone)
