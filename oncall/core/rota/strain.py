"""Where a change of the rota asks too much of somebody: tired, in two places at once, on leave, on every holiday.

Each question is asked of both states of the rota and only what the change creates or makes worse comes out.
The limits are those that coordinators use, not a law: nothing here can stop a change.
Deliberately not here: holes and what is wrong in itself (`guards`), and who would be better (`fillers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise

from oncall.core.rota.fairness import fairness
from oncall.core.rota.on_call import Kind, Rota
from oncall.core.rota.spans import Span, hours_in_words, outside, within
from oncall.core.rota.stints import (
    Stint,
    days_on_end,
    holidays_in,
    is_shared,
    name_of,
    night_span,
    nights,
    tier_in_words,
    unbroken,
)

MOST_NIGHTS = 7
LEAST_REST = timedelta(hours=10)
LONGEST = timedelta(hours=36)  # 24 h and the next 12 h
_YEAR = timedelta(days=365)

Stints = Mapping[str, Sequence[Stint]]


@dataclass(frozen=True, slots=True)
class Strain:
    """What a person would have too much of, the first half of a sentence, and when."""

    says: str
    person: str
    spans: tuple[Span, ...]
    tier: str | None = None


def strains(before: Rota, after: Rota, was: Stints, becomes: Stints, now: datetime) -> Iterator[Strain]:
    """Everything that ends after `now` and is new or worse in `after`."""
    for person, stints in becomes.items():
        if is_shared(after, person):
            continue
        old, new = was.get(person, ()), stints
        found = [
            *_in_two_places(after, old, new),
            *_on_leave(before, after, person, old, new),
            (f"has more than {MOST_NIGHTS} nights in a row", _nights_in_a_row(old, new, after.zone), None),
            (f"has less than {hours_in_words(LEAST_REST)} of rest", _short_rests(old, new), None),
            (f"is on for {hours_in_words(LONGEST)} or more without a break", _long_stretches(old, new), None),
        ]
        for says, spans, tier in found:
            ahead = tuple(span for span in spans if span[1] > now)
            if ahead:
                yield Strain(f"{name_of(after, person)} {says}", person, ahead, tier)
    yield from _holidays(after, was, becomes, now)


_Found = tuple[str, list[Span], str | None]


def _in_two_places(rota: Rota, old: Sequence[Stint], new: Sequence[Stint]) -> Iterator[_Found]:
    was, becomes = _by_tier(old), _by_tier(new)
    for one, other in combinations(becomes, 2):
        made = outside(within(becomes[one], becomes[other]), within(was.get(one, ()), was.get(other, ())))
        titles = f"{tier_in_words(rota, one)} and {tier_in_words(rota, other)}"
        yield f"is on {titles} at once", made, None


def _by_tier(stints: Sequence[Stint]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for stint in stints:
        found.setdefault(stint.tier, []).append(stint.span)
    return dict(sorted(found.items()))


def _on_leave(before: Rota, after: Rota, person: str, old: Sequence[Stint], new: Sequence[Stint]) -> Iterator[_Found]:
    """A cover published after the leave puts them on all the same."""
    was, becomes = _by_tier(old), _by_tier(new)
    away_before, away = _leave(before, person), _leave(after, person)
    for tier, spans in becomes.items():
        made = outside(within(spans, away), within(was.get(tier, ()), away_before))
        yield f"is on {tier_in_words(after, tier)} while on leave", made, tier


def _leave(rota: Rota, person: str) -> list[Span]:
    return [
        (change.starts_at, change.ends_at)
        for rotation in rota.rotations.values()
        for change in rotation.changes
        if change.kind is Kind.LEAVE and change.person == person
    ]


def _nights_in_a_row(old: Sequence[Stint], new: Sequence[Stint], zone: str) -> list[Span]:
    was, becomes = (days_on_end(nights(unbroken(stints), zone)) for stints in (old, new))
    long_before = [_nights_span(first, count, zone) for first, count in was if count > MOST_NIGHTS]
    runs = [_nights_span(first, count, zone) for first, count in becomes if count > MOST_NIGHTS]
    return _not_inside(runs, long_before)


def _short_rests(old: Sequence[Stint], new: Sequence[Stint]) -> list[Span]:
    """A rest that was shorter before, or that was no rest at all, is no worse now."""
    worked, were_short = unbroken(old), _rests(old)
    worse = _not_inside(_rests(new), worked)
    return [rest for rest in worse if not any(_lies_in(earlier, rest) for earlier in were_short)]


def _rests(stints: Sequence[Stint]) -> list[Span]:
    pauses = [(a[1], b[0]) for a, b in pairwise(unbroken(stints))]
    return [pause for pause in pauses if pause[1] - pause[0] < LEAST_REST]


def _long_stretches(old: Sequence[Stint], new: Sequence[Stint]) -> list[Span]:
    """One long stint is how the pattern is meant; several that meet are what a change makes of it."""
    long = [stretch for stretch in unbroken(new) if stretch[1] - stretch[0] >= LONGEST]
    made_of_several = [stretch for stretch in long if len({s for s in new if _lies_in(s.span, stretch)}) > 1]
    return _not_inside(made_of_several, unbroken(old))


def _nights_span(first: date, count: int, zone: str) -> Span:
    return night_span(first, zone)[0], night_span(first + timedelta(days=count - 1), zone)[1]


def _not_inside(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Those that are not wholly part of one of the others."""
    return [span for span in spans if not any(_lies_in(span, other) for other in others)]


def _lies_in(span: Span, other: Span) -> bool:
    return other[0] <= span[0] and span[1] <= other[1]


def _holidays(rota: Rota, was: Stints, becomes: Stints, now: datetime) -> Iterator[Strain]:
    """Who gets another holiday although they have a whole one more than their share in the year around it."""
    more = {p for p, stints in becomes.items() if _holidays_of(rota, stints) > _holidays_of(rota, was.get(p, ()))}
    span = (now - _YEAR, now + _YEAR)
    for share in fairness(rota, *span) if more else ():
        has, due = share.load.holidays, share.fair.holidays
        if share.person in more and has - due >= 1:
            says = f"{name_of(rota, share.person)} has {has:g} holidays where {due:.1f} would be a fair share,"
            yield Strain(says, share.person, (span,))


def _holidays_of(rota: Rota, stints: Sequence[Stint]) -> int:
    return sum(sum(holidays_in(rota, spans).values()) for spans in _by_tier(stints).values())
