"""Who is on call, when, and where nobody is: the one answer for paging, board, calendar and audit.

A rotation (pump-team) has layers (primary, attending), which are asked separately by tier. Every question
here is a view of `shifts.shifts_of`, so that no two screens can disagree. Spans are half-open, instants
UTC (RULINGS 11).
Deliberately not here: turns and wall time (`turns`, `wall_time`), phones, files, and who is paged
(`escalation`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from oncall.core.rota.shifts import Change, Kind, Layer, Shift, beside, cover, leave, shifts_of, split, swap
from oncall.core.wall_time import TICK

__all__ = [
    "Change",
    "Difference",
    "Gap",
    "Holiday",
    "Kind",
    "Layer",
    "Person",
    "Rota",
    "Rotation",
    "Shift",
    "beside",
    "called",
    "changes_nothing",
    "cover",
    "differences",
    "gaps_among",
    "gaps_between",
    "leave",
    "next_change_after",
    "on_call_at",
    "people_between",
    "shifts_between",
    "split",
    "swap",
    "tier_shifts",
    "tiers",
    "why_impossible",
    "with_changes",
]

_HORIZON = timedelta(days=800)  # no change found within two years: there is none


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or a shared phone, that can be on call. `spoken` is how a voice says the name.

    `fte` is the part of a full post from which a fair share is counted.
    """

    id: str
    name: str
    spoken: str
    role: str
    fte: float = 1.0


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day, or several, of a named holiday. `bucket` is what it is counted under when shares are compared."""

    name: str
    bucket: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which nobody is on this layer."""

    rotation: str
    layer: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Rotation:
    """One rota. `changes` stand in the order of their publication."""

    name: str
    zone: str
    layers: tuple[Layer, ...]
    changes: tuple[Change, ...] = ()

    def __hash__(self) -> int:
        """By name: what is remembered for a rotation is asked for many times a second."""
        return hash(self.name)

    def layer(self, name: str) -> Layer:
        """The layer of that name; KeyError if the rotation has none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(f"rotation {self.name} has no layer {name}")


@dataclass(frozen=True, slots=True)
class Rota:
    """All rotations of the hospital, the people in them and the holidays they share out."""

    rotations: Mapping[str, Rotation]
    people: Mapping[str, Person]
    zone: str
    hospital: str = ""
    holidays: tuple[Holiday, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A span in which a change puts other people on a layer."""

    starts_at: datetime
    ends_at: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


# --- questions ------------------------------------------------------------------------------------------


def on_call_at(rotation: Rotation, layer: str, at: datetime) -> tuple[Shift, ...]:
    """Everybody on the layer at that instant; in a hand-over window the newcomer first."""
    near = _shifts_of_minute(rotation, layer, at.astimezone(UTC).replace(second=0, microsecond=0))
    present = (shift for shift in near if shift.starts_at < at + TICK and shift.ends_at > at)
    return tuple(sorted(present, key=lambda shift: shift.starts_at, reverse=True))


@lru_cache(maxsize=1_024)
def _shifts_of_minute(rotation: Rotation, layer: str, minute: datetime) -> tuple[Shift, ...]:
    """Remembered, because every report of a busy minute asks the same."""
    return shifts_between(rotation, layer, minute, minute + timedelta(minutes=1))


def shifts_between(rotation: Rotation, layer: str, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """The shifts that touch the span, whole (not cut to it), by beginning."""
    changes = [change for change in rotation.changes if change.tier in (None, f"{rotation.name}/{layer}")]
    shifts = shifts_of(rotation.layer(layer), changes, start, end)
    return tuple(shift for shift in shifts if shift.starts_at < end and shift.ends_at > start)


def gaps_between(rotation: Rotation, layer: str, start: datetime, end: datetime) -> tuple[Gap, ...]:
    """The holes of the layer within the span, cut to it."""
    return gaps_among(shifts_between(rotation, layer, start, end), rotation, layer, start, end)


def gaps_among(
    shifts: Sequence[Shift], rotation: Rotation, layer: str, start: datetime, end: datetime
) -> tuple[Gap, ...]:
    """The same for whoever has the shifts of the span already."""
    gaps, covered_until = [], start
    for shift in shifts:
        if shift.starts_at > covered_until:
            gaps.append(Gap(rotation.name, layer, covered_until, shift.starts_at))
        covered_until = max(covered_until, shift.ends_at)
    if covered_until < end:
        gaps.append(Gap(rotation.name, layer, covered_until, end))
    return tuple(gaps)


def next_change_after(rotation: Rotation, layer: str, at: datetime) -> datetime | None:
    """The next instant at which other people are on; None if that does not happen within two years."""
    span = timedelta(days=8)
    while span < _HORIZON * 2:
        steps = people_between(rotation, layer, at, at + span)
        if len(steps) > 1:
            return steps[1][0]
        span *= 10
    return None


def people_between(
    rotation: Rotation, layer: str, start: datetime, end: datetime
) -> list[tuple[datetime, tuple[str, ...]]]:
    """Who is on, step by step: the instant from which, and the people; neighbours always differ."""
    shifts = shifts_between(rotation, layer, start, end)
    edges = {edge for shift in shifts for edge in (shift.starts_at, shift.ends_at) if start < edge < end}
    steps: list[tuple[datetime, tuple[str, ...]]] = []
    running: list[Shift] = []
    waiting = list(reversed(shifts))
    for edge in sorted({start, *edges}):
        running = [shift for shift in running if shift.ends_at > edge]
        while waiting and waiting[-1].starts_at <= edge:
            running.append(waiting.pop())
        people = tuple(sorted(shift.person for shift in running if shift.ends_at > edge))
        if not steps or steps[-1][1] != people:
            steps.append((edge, people))
    return steps


def tiers(rota: Rota) -> tuple[str, ...]:
    """Every name that a policy may use: each rotation, and each of its layers."""
    layers = (f"{rotation.name}/{layer.name}" for rotation in rota.rotations.values() for layer in rotation.layers)
    return (*rota.rotations, *layers)


def tier_shifts(rota: Rota, tier: str, at: datetime) -> tuple[Shift, ...]:
    """Who is on a tier: "rotation/layer", or "rotation" for all its layers in order.

    A tier that no longer exists has nobody; the policy then takes the next tier at once (law 6).
    """
    name, _, wanted = tier.partition("/")
    rotation = rota.rotations.get(name)
    layers = rotation.layers if rotation else ()
    return tuple(
        shift
        for layer in layers
        if rotation and wanted in ("", layer.name)
        for shift in on_call_at(rotation, layer.name, at)
    )


def called(rota: Rota, names: Mapping[str, str]) -> Rota:
    """The rota with its people called by these names; whoever has none there keeps their own."""
    people = {id: replace(person, name=names.get(id, person.name)) for id, person in rota.people.items()}
    return replace(rota, people=people)


# --- one-off changes ------------------------------------------------------------------------------------


def with_changes(rota: Rota, changes: Sequence[Change]) -> Rota:
    """The rota with these changes published on top, in order; ValueError for one that cannot be meant."""
    rotations = dict(rota.rotations)
    for change in changes:
        problem = why_impossible(rota, change)
        if problem:
            raise ValueError(f"{change.id}: {problem}")
        for name, rotation in rotations.items():
            if change.tier is None or change.tier.partition("/")[0] == name:
                placed = replace(change, tier=_full_tier(rotation, change.tier))
                rotations[name] = replace(rotation, changes=(*rotation.changes, placed))
    return replace(rota, rotations=rotations)


def why_impossible(rota: Rota, change: Change) -> str | None:
    """Why a change cannot be meant, in words for its author; None if it can."""
    if change.ends_at <= change.starts_at:
        return "the end is not after the start"
    if unknown := sorted({change.person, change.instead_of or change.person} - set(rota.people)):
        return f"nobody is called {unknown[0]}"
    if change.person == change.instead_of:
        return f"{change.person} cannot stand in for {change.instead_of}"
    if change.kind is Kind.LEAVE:
        return None
    single = {name for name, rotation in rota.rotations.items() if len(rotation.layers) == 1}
    known = {tier for tier in tiers(rota) if "/" in tier} | single
    return None if change.tier in known else f"there is no layer {change.tier}"


def differences(before: Rotation, after: Rotation, layer: str, start: datetime, end: datetime) -> list[Difference]:
    """Where two states of a rotation put different people on a layer."""
    old, new = (people_between(rotation, layer, start, end) for rotation in (before, after))
    edges = sorted({edge for edge, _ in (*old, *new)})
    spans = ((a, b, _people_at(old, a), _people_at(new, a)) for a, b in pairwise([*edges, end]))
    return [Difference(a, b, was, becomes) for a, b, was, becomes in spans if was != becomes]


def changes_nothing(rota: Rota, *parts: Change) -> bool:
    """Whether a cover, a half of a swap, or all parts of a split, published now, would change nobody in their spans."""
    if any(part.kind is Kind.LEAVE or part.tier is None for part in parts):
        return False  # leave may be entered before anybody knows the rota
    after = with_changes(rota, parts)
    return not any(_differs(rota, after, part) for part in parts)


def _differs(before: Rota, after: Rota, change: Change) -> bool:
    rotation = before.rotations[(change.tier or "").partition("/")[0]]
    layer = (_full_tier(rotation, change.tier) or "").partition("/")[2]
    then = after.rotations[rotation.name]
    return bool(differences(rotation, then, layer, change.starts_at, change.ends_at))


def _full_tier(rotation: Rotation, tier: str | None) -> str | None:
    return f"{tier}/{rotation.layers[0].name}" if tier == rotation.name else tier


def _people_at(steps: list[tuple[datetime, tuple[str, ...]]], at: datetime) -> tuple[str, ...]:
    return next(people for edge, people in reversed(steps) if edge <= at)
