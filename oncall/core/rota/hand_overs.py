"""Who has just come on call, for how long, and who had it before: whoever is asked to prove the telephone.

Every layer that pages counts; the operator and the morning's tasks do not. Whoever stays on is asked again each Monday.
Also when somebody goes off. Deliberately not here: asking (`service.rota.shift_proofs`, `service.rota.shift_ends`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from oncall.core.rota.on_call import Rota, Rotation, on_call_at, shifts_between
from oncall.core.rota.working_days import BY_DAY_ONLY
from oncall.core.wall_time import TICK, first_pass, wall

MONDAY_AT = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class HandOver:
    """One person on one or several tiers ("rotation/layer") since the same instant."""

    person: str
    tiers: tuple[str, ...]
    starts_at: datetime
    until: datetime
    previous: str | None

    @property
    def reference(self) -> str:
        return f"{self.person}@{self.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def hand_overs(rota: Rota, at: datetime) -> tuple[HandOver, ...]:
    """The last hand-over to each person who is on now."""
    found: dict[tuple[str, datetime], HandOver] = {}
    for rotation, layer in paging_layers(rota):
        for shift in on_call_at(rotation, layer, at):
            starts_at, tier = max(shift.starts_at, _monday(at, rota.zone)), f"{rotation.name}/{layer}"
            if shift.ends_at - shift.starts_at <= timedelta(days=8):
                starts_at = shift.starts_at
            before = on_call_at(rotation, layer, starts_at - TICK)
            previous = next((other.person for other in before if other.person != shift.person), None)
            one = HandOver(shift.person, (tier,), starts_at, shift.ends_at, previous)
            known = found.get((shift.person, starts_at))
            found[shift.person, starts_at] = _together(known, one) if known else one
    return tuple(found.values())


def turn_ends_at(rota: Rota, person: str, since: datetime, until: datetime) -> datetime | None:
    """When the last turn that somebody had between the two is over; None for who is on at `until` or never was."""
    ends: list[datetime] = []
    for rotation, layer in paging_layers(rota):
        if any(shift.person == person for shift in on_call_at(rotation, layer, until)):
            return None
        shifts = shifts_between(rotation, layer, since, until)
        ends += [shift.ends_at for shift in shifts if shift.person == person]
    return max(ends, default=None)


def on_after(rota: Rota, person: str, since: datetime, at: datetime) -> tuple[str, ...]:
    """Who is on at `at` where this person had a turn since then, the pump team first."""
    places = [
        (rotation, layer)
        for rotation, layer in paging_layers(rota)
        if any(shift.person == person for shift in shifts_between(rotation, layer, since, at))
    ]
    return tuple(dict.fromkeys(shift.person for r, layer in places for shift in on_call_at(r, layer, at)))


def paging_layers(rota: Rota) -> list[tuple[Rotation, str]]:
    """Every layer whose holder may be paged at any hour; the pump team first."""
    rotations = sorted(rota.rotations.values(), key=lambda rotation: rotation.name != "pump-team")
    return [(r, layer.name) for r in rotations if r.name not in BY_DAY_ONLY for layer in r.layers]


def _together(known: HandOver, more: HandOver) -> HandOver:
    return replace(
        known,
        tiers=(*known.tiers, *more.tiers),
        until=min(known.until, more.until),
        previous=known.previous or more.previous,
    )


def _monday(at: datetime, zone: str) -> datetime:
    """The last Monday at eight."""
    local = wall(at, zone) - MONDAY_AT
    monday = datetime.combine(local.date() - timedelta(days=local.weekday()), datetime.min.time())
    return first_pass(monday + MONDAY_AT, zone)
