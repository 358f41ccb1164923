"""Whose slot it is at a time, and that span as somebody would type it: what a form about a block begins with.

A block of the picture has its hand-over windows; a form about it means the slot between them, so that a cover of one
night does not take a quarter of an hour from the next day. Deliberately not here: the forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.rota.fillers import Filler, fillers
from oncall.core.rota.on_call import Gap, Rota, gaps_between, on_call_at
from oncall.core.rota.stints import without_windows
from oncall.core.wall_time import DAWN, FOREVER, instants_showing, wall
from oncall.service.typed_time import Doubt, instant_typed

LONGEST_HOLE = timedelta(days=60)
LONGEST_FILLED = timedelta(days=60)  # nobody is suggested for longer than this


@dataclass(frozen=True, slots=True)
class Slot:
    """Whose slot, or nobody's; the ends are None where it has none."""

    tier: str
    person: str | None
    starts_at: datetime | None
    ends_at: datetime | None


def slot_at(rota: Rota, tier: str, at: datetime) -> Slot | None:
    """The slot that runs at an instant, or the hole; None for a tier that is not there."""
    name, _, layer = tier.partition("/")
    found = rota.rotations.get(name)
    if found is None or layer not in {one.name for one in found.layers}:
        return None
    rotation = without_windows(found)
    running = on_call_at(rotation, layer, at)
    if running:
        first = running[0]
        return _slot(tier, first.person, first.starts_at, first.ends_at)
    holes = gaps_between(rotation, layer, at - LONGEST_HOLE, at + LONGEST_HOLE)
    hole = next((one for one in holes if one.starts_at <= at < one.ends_at), None)
    return _slot(tier, None, hole.starts_at, hole.ends_at) if hole else Slot(tier, None, None, None)


def _slot(tier: str, person: str | None, start: datetime, end: datetime) -> Slot:
    return Slot(tier, person, start if start > DAWN else None, end if end < FOREVER else None)


def typed_at(at: datetime, zone: str) -> str:
    """As a browser's field has it, "2026-12-02T19:00"; with its offset where the clock shows this twice."""
    local = wall(at, zone)
    if len(instants_showing(local.replace(second=0, microsecond=0), zone)) == 1:
        return local.isoformat(timespec="minutes")
    offset = local - at.replace(tzinfo=None)
    sign, size = ("-", -offset) if offset < timedelta(0) else ("+", offset)
    hours, rest = divmod(size, timedelta(hours=1))
    return f"{local.isoformat(timespec='minutes')}{sign}{hours:02}:{rest // timedelta(minutes=1):02}"


def could_fill(rota: Rota, tier: str, starts: str, until: str, proven: frozenset[str]) -> tuple[Filler, ...]:
    """Who could take a typed span, best first, without whom it is taken from; nobody while it cannot be read."""
    name, _, layer = tier.partition("/")
    start, end = instant_typed(starts, rota.zone), instant_typed(until, rota.zone)
    if name not in rota.rotations or isinstance(start, Doubt) or isinstance(end, Doubt):
        return ()
    if not start < end <= start + LONGEST_FILLED:
        return ()
    if layer not in {one.name for one in rota.rotations[name].layers}:
        return ()
    having = {shift.person for shift in on_call_at(without_windows(rota.rotations[name]), layer, start)}
    return fillers(rota, Gap(name, layer, start, end), proven - having)


def holder_words(slot: Slot | None, called: Mapping[str, str]) -> str:
    """Who has it now."""
    return called.get(slot.person, slot.person) if slot and slot.person else "nobody"
