"""The same years asked of the house, through its files, and every minute in which it says something else."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from oncall.adapters.handbook.rotation_files import load_rotations
from oncall.core.rota.on_call import (
    Change,
    Rotation,
    cover,
    gaps_between,
    leave,
    on_call_at,
    shifts_between,
    with_changes,
)
from tests.oracle.walk import MINUTE, instant, mask_of, walked
from tests.oracle.wards import STAFF, Ward, write

_TIER = "team/primary"
_ASKED_SINGLY = 200


@dataclass(frozen=True)
class Difference:
    """The first minute in which the house and the walk disagree, and how many there are."""

    what: str
    minutes: int
    first: str
    house: str
    walk: str

    def __str__(self) -> str:
        return f"{self.what}: {self.minutes} minutes, first {self.first}: house {self.house}, walk {self.walk}"


def differences(ward: Ward, chance: Random, asked: Rotation | None = None) -> list[Difference]:
    """Where the house says other people, another hole, or another answer when asked for one instant.

    `asked` stands in for the house's own reading, to see whether a mistake in it would be found.
    """
    rotation, truth = asked or rotation_of(ward), walked(ward)
    found = [
        _difference("who is on", ward, _by_shifts(rotation, ward), truth),
        _difference("holes", ward, _by_gaps(rotation, ward), bytes(mask == 0 for mask in truth)),
        _singly(rotation, ward, truth, chance),
    ]
    return [difference for difference in found if difference is not None]


def rotation_of(ward: Ward) -> Rotation:
    """The ward as the house reads it, with the changes published one after another."""
    with tempfile.TemporaryDirectory() as folder:
        write(ward, Path(folder))
        rota = load_rotations(Path(folder))
    return with_changes(rota, [_change(f"X{n}", ward.changes[n]) for n in range(len(ward.changes))]).rotations["team"]


def _change(name: str, told) -> Change:  # type: ignore[no-untyped-def]
    if told.kind == "leave":
        return leave(name, told.person, told.start, told.end)
    return cover(name, _TIER, told.person, told.start, told.end, instead_of=told.instead)


def _by_shifts(rotation: Rotation, ward: Ward) -> bytearray:
    answers = bytearray((ward.end - ward.start) // MINUTE)
    for shift in shifts_between(rotation, "primary", ward.start, ward.end):
        bit = mask_of((shift.person,))
        for n in _minutes(ward, shift.starts_at, shift.ends_at):
            answers[n] |= bit
    return answers


def _by_gaps(rotation: Rotation, ward: Ward) -> bytearray:
    answers = bytearray((ward.end - ward.start) // MINUTE)
    for gap in gaps_between(rotation, "primary", ward.start, ward.end):
        for n in _minutes(ward, gap.starts_at, gap.ends_at):
            answers[n] = 1
    return answers


def _minutes(ward: Ward, starts_at, ends_at) -> range:  # type: ignore[no-untyped-def]
    first, last = (min(max(at, ward.start), ward.end) - ward.start for at in (starts_at, ends_at))
    assert first % MINUTE == last % MINUTE == timedelta(0), f"{starts_at} to {ends_at} is not on the minute"
    return range(first // MINUTE, last // MINUTE)


def _singly(rotation: Rotation, ward: Ward, truth: bytearray, chance: Random) -> Difference | None:
    """Some instants asked one by one; half of them where something has just changed."""
    edges = [n for n in range(1, len(truth)) if truth[n] != truth[n - 1]]
    asked = {chance.randrange(len(truth)) for _ in range(_ASKED_SINGLY)}
    asked |= set(chance.sample(edges, min(_ASKED_SINGLY, len(edges))))
    house = bytearray(truth)
    for n in asked:
        on = on_call_at(rotation, "primary", ward.start + n * MINUTE)
        house[n] = mask_of(tuple({shift.person for shift in on}))
    return _difference("asked singly", ward, house, truth)


def _difference(what: str, ward: Ward, house: bytes | bytearray, walk: bytes | bytearray) -> Difference | None:
    if house == walk:
        return None
    wrong = [n for n in range(len(walk)) if house[n] != walk[n]]
    n = wrong[0]
    return Difference(what, len(wrong), instant(ward, n), _names(house[n]), _names(walk[n]))


def _names(mask: int) -> str:
    return "+".join(person for n, person in enumerate(STAFF) if mask >> n & 1) or "nobody"
