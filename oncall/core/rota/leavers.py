"""What of the rota still names somebody who leaves: the turns they take, and the shifts that are theirs.

Taking them out of every turn frees whatever begins after the next hand-over; what remains before it, with covers,
swaps and holidays, must be given to somebody by name. Holidays beyond the horizon are told and not asked.
Deliberately not here: who could fill a shift (`fillers`), and publishing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.rota.fairness import roster_of
from oncall.core.rota.on_call import Rota
from oncall.core.rota.shifts import Layer
from oncall.core.rota.stints import Stint, stints_of
from oncall.core.rota.turns import Pattern, Slot
from oncall.core.wall_time import FOREVER

AHEAD = timedelta(days=400)
A_MINUTE = timedelta(minutes=1)
_HOLIDAY = ("holiday ", "closed: ")  # patterns that a holiday puts in front of the layer's own


@dataclass(frozen=True, slots=True)
class Turns:
    """One pattern of a layer with somebody in it; `pattern` is its number, from 1. `slots` as they are by now."""

    tier: str
    pattern: int
    slots: tuple[Slot, ...]
    has_turns: bool

    @property
    def key(self) -> str:
        return f"{self.tier}#{self.pattern}"

    def without(self, person: str, instead: str = "") -> tuple[Slot, ...]:
        """The turns with somebody else in this person's place, or one turn less; nobody is on twice in one turn."""
        told = (tuple(dict.fromkeys(instead if one == person else one for one in slot)) for slot in self.slots)
        return tuple(slot for slot in (tuple(one for one in told_slot if one) for told_slot in told) if slot)


def turns_of(rota: Rota, person: str, now: datetime) -> tuple[Turns, ...]:
    """Every pattern that goes on and names this person in its newest roster."""
    return tuple(turns for turns in _all_turns(rota, now) if any(person in slot for slot in turns.slots))


def _all_turns(rota: Rota, now: datetime) -> Iterator[Turns]:
    for rotation in rota.rotations.values():
        for layer in rotation.layers:
            for number, pattern in enumerate(own_patterns(layer), start=1):
                if pattern.ends_at > now + A_MINUTE and pattern.eras:
                    slots = pattern.eras[-1].slots
                    yield Turns(f"{rotation.name}/{layer.name}", number, slots, pattern.turn is not None)


def own_patterns(layer: Layer) -> list[Pattern]:
    """The patterns of the layer's own file, in its order, without those that holidays put in front."""
    return [pattern for pattern in layer.patterns if not pattern.why.startswith(_HOLIDAY)]


def shifts_ahead(rota: Rota, person: str, now: datetime) -> list[Stint]:
    """What is theirs within four hundred days, by beginning; the minute that is running is not counted."""
    return [s for s in stints_of(rota, now, now + AHEAD).get(person, []) if s.ends_at > now + A_MINUTE]


def still_named(rota: Rota, person: str, since: datetime) -> bool:
    """Whether the rota would still put somebody on who left at `since`."""
    return _is_mentioned(rota, person, since) and _would_be_on(rota, person, since)


def _is_mentioned(rota: Rota, person: str, since: datetime) -> bool:
    """The quick question: most who left stand nowhere any more."""
    return any(
        person in roster_of(layer, since, FOREVER) for rotation in rota.rotations.values() for layer in rotation.layers
    ) or any(
        change.person == person and change.tier is not None and change.ends_at > since
        for rotation in rota.rotations.values()
        for change in rotation.changes
    )


def _would_be_on(rota: Rota, person: str, since: datetime) -> bool:
    return bool(shifts_ahead(rota, person, since + A_MINUTE)) or bool(turns_of(rota, person, since))
