"""Reads rotations/*.yaml, the rota as coordinators write it, or says every fault with its line.

people.yaml names the people and the hospital's zone, holidays.yaml and overrides.yaml replace the pattern
for some days, every other file is one rotation. Loading is all or nothing: a rota with a typing error in
it must never become an empty night.
Deliberately not here: phone numbers (the register's), and whether a rota is wise (holes, rest).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oncall.adapters.handbook.reading import Fault, HandbookFaults, Location
from oncall.adapters.handbook.rotation_changes import with_holidays, with_overrides
from oncall.adapters.handbook.rotation_desk import Desk, opened
from oncall.adapters.handbook.rotation_patterns import read_pattern
from oncall.adapters.handbook.rotation_shapes import LayerShape, PeopleShape, RotationShape
from oncall.adapters.handbook.rotation_words import read_span
from oncall.core.rota.on_call import Layer, Person, Rota, Rotation
from oncall.core.rota.turns import Pattern
from oncall.core.wall_time import FOREVER

NOT_ROTATIONS = ("people", "holidays", "overrides")
_LONGEST_OVERLAP = timedelta(hours=2)


def load_rotations(directory: Path) -> Rota:
    """The rota of a directory; raises HandbookFaults with every fault in it."""
    rota, faults = _read(directory)
    if faults or rota is None:
        raise HandbookFaults(faults)
    return rota


def check_rotations(directory: Path) -> tuple[Fault, ...]:
    """Every fault in a directory's rota, in order of file and line; empty if it can be used."""
    return _read(directory)[1]


def _read(directory: Path) -> tuple[Rota | None, tuple[Fault, ...]]:
    faults: list[Fault] = []
    people = _people(directory / "people.yaml", faults)
    if people is None:
        return None, tuple(sorted(faults))
    rotations: dict[str, Rotation] = {}
    for path in sorted(directory.glob("*.yaml")):
        if path.stem not in NOT_ROTATIONS and (rotation := _rotation(path, people, faults)):
            rotations[path.stem] = rotation
    if not rotations and not faults:
        faults.append(Fault(str(directory), 1, "no rotation", "at least one, such as pump-team.yaml"))
    rota = replace(people, rotations=rotations)
    if not faults:
        rota = with_holidays(directory / "holidays.yaml", rota, faults)
    if not faults:
        rota = with_overrides(directory / "overrides.yaml", rota, faults)
    return rota, tuple(sorted(faults))


def _people(path: Path, faults: list[Fault]) -> Rota | None:
    file = opened(path, PeopleShape, Rota({}, {}, "UTC"), faults)
    if file is None:
        return None
    desk, shape = file
    people: dict[str, Person] = {}
    for place, person in enumerate(shape.people):
        if person.id in people:
            desk.fault(("people", place, "id"), person.id, "an id that nobody else has")
        people[person.id] = Person(person.id, person.name, person.spoken, person.role, person.fte)
    zone = _zone(desk, ("zone",), shape.zone)
    return Rota({}, people, zone, shape.hospital)


def _zone(desk: Desk, location: Location, name: str) -> str:
    """A zone with its daylight-saving rules; "EST" and fixed offsets do not know summer."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = False
    else:
        known = name == "UTC" or ("/" in name and not name.startswith("Etc/"))
    if not known:
        desk.fault(location, name, "a time zone such as America/New_York")
        return "UTC"
    return name


def _rotation(path: Path, people: Rota, faults: list[Fault]) -> Rotation | None:
    file = opened(path, RotationShape, people, faults)
    if file is None:
        return None
    desk, shape = file
    if shape.zone is not None:
        desk.zone = _zone(desk, ("zone",), shape.zone)
    layers = tuple(_layer(desk, name, layer) for name, layer in shape.layers.items())
    return Rotation(path.stem, desk.zone, layers)


def _layer(desk: Desk, name: str, shape: LayerShape) -> Layer:
    at: Location = ("layers", name)
    if "/" in name:
        desk.fault(at, name, "a layer name without a slash")
    if shape.patterns is None:
        patterns = [read_pattern(desk, at, shape)]
    else:
        if shape.people is not None or shape.together is not None:
            desk.fault(at, "people beside patterns", "either people, or patterns that each have people")
        patterns = [read_pattern(desk, (*at, "patterns", n), line) for n, line in enumerate(shape.patterns)]
        if not patterns:
            desk.fault((*at, "patterns"), "no pattern", "at least one pattern")
    whole = [pattern for pattern in patterns if pattern is not None]
    _find_unreachable(desk, at, whole)
    return Layer(name, tuple(whole), _overlap(desk, (*at, "overlap"), shape.overlap))


def _overlap(desk: Desk, location: Location, text: str | None) -> timedelta:
    span = desk.word(location, read_span, text) if text is not None else None
    if span is not None and span > _LONGEST_OVERLAP:
        desk.fault(location, text, "a hand-over window of at most 2h")
    return span or timedelta(0)


def _find_unreachable(desk: Desk, at: Location, patterns: Sequence[Pattern]) -> None:
    for place, pattern in enumerate(patterns):
        above = patterns[:place]
        if any(not p.hours and p.ends_at == FOREVER and p.starts_at <= pattern.starts_at for p in above):
            wanted = "it above the pattern that is always on, which hides it"
            desk.fault((*at, "patterns", place), "a pattern that is never reached", wanted)
