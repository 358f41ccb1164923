"""Who carries how much of the rota, beside the share that is theirs by their post.

The work of each tier is shared out among the people in its rosters, by their part of a full post and by how
long they stand in the roster; what somebody has is then set beside it. The same question asked of a draft is
the projection. Hand-over windows do not count, shared telephones have no share, and leave changes none.
Deliberately not here: what to do about it, and where the pages of the night come from (the journal).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from oncall.core.rota.on_call import Kind, Layer, Rota, Rotation, people_between
from oncall.core.rota.spans import Span, joined
from oncall.core.rota.stints import holidays_in, is_shared, nights, stints_of, weekend_days, without_windows
from oncall.core.rota.turns import Pattern, turn_starts_at
from oncall.core.wall_time import wall

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Load:
    """Work on call: counted, or a share of what was counted. `whole_days` are 24 h without a break."""

    hours: float = 0.0
    nights: float = 0.0
    weekend_days: float = 0.0
    holidays: float = 0.0
    whole_days: float = 0.0

    def plus(self, other: Load, times: float = 1.0) -> Load:
        return Load(*(getattr(self, part.name) + times * getattr(other, part.name) for part in fields(Load)))


@dataclass(frozen=True, slots=True)
class Share:
    """What one person has in a span beside the fair share of it.

    `holidays` are by bucket. `given` and `taken` count covers and swaps, each once.
    """

    person: str
    fte: float
    load: Load
    fair: Load
    holidays: Mapping[str, int] = field(default_factory=dict)
    given: int = 0
    taken: int = 0
    pages_at_night: int = 0


def fairness(
    rota: Rota,
    start: datetime,
    end: datetime,
    pages_at_night: Mapping[str, int] | None = None,
    tiers: Collection[str] | None = None,
) -> tuple[Share, ...]:
    """Everybody who is on, or stands in a roster, within the span; of these tiers only, if any are named."""
    spans = _spans(rota, start, end, tiers)
    loads = {tier: {person: _load(rota, own) for person, own in of.items()} for tier, of in spans.items()}
    fair = _fair(rota, loads, start, end)
    given, taken = _moved(rota, start, end, tiers)
    pages = pages_at_night or {}
    return tuple(
        Share(
            person=person.id,
            fte=person.fte,
            load=_sum(of[person.id] for of in loads.values() if person.id in of),
            fair=fair.get(person.id, Load()),
            holidays=_buckets(rota, [of[person.id] for of in spans.values() if person.id in of]),
            given=given[person.id],
            taken=taken[person.id],
            pages_at_night=pages.get(person.id, 0),
        )
        for person in rota.people.values()
        if not is_shared(rota, person.id)
        and (person.id in fair or given[person.id] or any(person.id in of for of in spans.values()))
    )


def _spans(
    rota: Rota, start: datetime, end: datetime, tiers: Collection[str] | None
) -> dict[str, dict[str, list[Span]]]:
    """By tier and person, when they are on; of people, not of telephones."""
    found: dict[str, dict[str, list[Span]]] = {tier: {} for tier, _, _ in _layers(rota, tiers)}
    for person, stints in stints_of(rota, start, end).items():
        for stint in stints:
            if stint.tier in found and not is_shared(rota, person):
                found[stint.tier].setdefault(person, []).append(stint.span)
    return {tier: {person: joined(own) for person, own in of.items()} for tier, of in found.items()}


def _layers(rota: Rota, tiers: Collection[str] | None) -> Iterator[tuple[str, Rotation, Layer]]:
    for rotation in rota.rotations.values():
        for layer in rotation.layers:
            tier = f"{rotation.name}/{layer.name}"
            if tiers is None or tier in tiers or rotation.name in tiers:
                yield tier, rotation, layer


def _load(rota: Rota, spans: list[Span]) -> Load:
    shown = [wall(ends_at, rota.zone) - wall(starts_at, rota.zone) for starts_at, ends_at in spans]
    return Load(
        hours=sum((ends_at - starts_at for starts_at, ends_at in spans), timedelta(0)) / _HOUR,
        nights=len(nights(spans, rota.zone)),
        weekend_days=len(weekend_days(spans, rota.zone)),
        holidays=sum(holidays_in(rota, spans).values()),
        whole_days=sum(length // _DAY for length in shown),  # by the wall clock: the night of 25 h makes no day more
    )


def _sum(loads: Iterable[Load]) -> Load:
    total = Load()
    for load in loads:
        total = total.plus(load)
    return total


def _buckets(rota: Rota, by_tier: Iterable[list[Span]]) -> Mapping[str, int]:
    counted: Counter[str] = Counter()
    for spans in by_tier:
        counted.update(holidays_in(rota, spans))
    return dict(counted)


# --- the fair share -------------------------------------------------------------------------------------


def _fair(rota: Rota, loads: Mapping[str, Mapping[str, Load]], start: datetime, end: datetime) -> dict[str, Load]:
    """By person, the sum of the shares of every tier in whose roster they stand."""
    due: dict[str, Load] = {}
    for tier, _, layer in _layers(rota, loads):
        weights = _weights(rota, layer, start, end)
        whole = sum(weights.values())
        total = _sum(loads[tier].values())
        for person, weight in weights.items():
            due[person] = due.get(person, Load()).plus(total, weight / whole)
    return due


def _weights(rota: Rota, layer: Layer, start: datetime, end: datetime) -> dict[str, float]:
    """The people of a tier, by their post and by how long they stand in its rosters within the span."""
    standing: dict[str, list[Span]] = {}
    for pattern in layer.patterns:
        for people, span in _rosters(pattern):
            cut = (max(span[0], start), min(span[1], end))
            for person in people if cut[0] < cut[1] else ():
                if person in rota.people and not is_shared(rota, person):
                    standing.setdefault(person, []).append(cut)
    lengths = {person: sum((b - a for a, b in joined(own)), timedelta(0)) for person, own in standing.items()}
    return {person: rota.people[person].fte * (length / _HOUR) for person, length in lengths.items()}


def roster_of(layer: Layer, start: datetime, end: datetime) -> tuple[str, ...]:
    """Everybody who stands in a roster of the layer within the span, in the order of the patterns."""
    found = (
        person
        for pattern in layer.patterns
        for people, (starts_at, ends_at) in _rosters(pattern)
        if starts_at < end and ends_at > start
        for person in people
    )
    return tuple(dict.fromkeys(found))


def _rosters(pattern: Pattern) -> Iterator[tuple[tuple[str, ...], Span]]:
    """Each roster of a pattern and how long it is in force; a closed day has none."""
    eras, turn = pattern.eras, pattern.turn
    begins = [pattern.starts_at, *(turn_starts_at(turn, era.first_turn) for era in eras[1:] if turn)]
    for era, starts_at, ends_at in zip(eras, begins, [*begins[1:], pattern.ends_at], strict=False):
        yield tuple(person for slot in era.slots for person in slot), (starts_at, min(ends_at, pattern.ends_at))


# --- covers and swaps -----------------------------------------------------------------------------------


def _moved(
    rota: Rota, start: datetime, end: datetime, tiers: Collection[str] | None
) -> tuple[Counter[str], Counter[str]]:
    """How many stints each person gave away and took over, by covers and swaps that begin in the span."""
    given: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for tier, rotation, layer in _layers(rota, tiers):
        for place, change in enumerate(rotation.changes):
            if change.tier == tier and change.kind is not Kind.LEAVE and start <= change.starts_at < end:
                earlier = replace(without_windows(rotation), changes=rotation.changes[:place])
                steps = people_between(earlier, layer.name, change.starts_at, change.ends_at)
                if all(people == (change.person,) for _, people in steps):
                    continue  # the part of a split that stays with who had it
                displaced = {person for _, people in steps for person in people} - {change.person}
                given.update(displaced if change.instead_of is None else displaced & {change.instead_of})
                taken[change.person] += 1
    return given, taken
