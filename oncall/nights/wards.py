"""The ward of a rehearsed night: its handbook in some zone, its people and families, and edits of the rota.

The sample ward where none is named, so that a night needs no hospital. Deliberately not here: the night.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from oncall.adapters.handbook.files import load_handbook
from oncall.adapters.handbook.rotation_files import load_rotations
from oncall.adapters.rehearsal.sample_ward import INTERPRETERS, LINE, OPERATOR, sample_rows
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital
from oncall.core.rota.on_call import Rota, cover, leave, with_changes

_ZONE = re.compile(r"^zone: .*$", re.MULTILINE)
Edit = Callable[[Rota, datetime], Rota]


def hospital_in(zone: str) -> Hospital:
    """Lakeside, moved."""
    return Hospital(
        name="Lakeside Children's",
        zone=zone,
        emergency_number="911",
        operator=OPERATOR,
        line=LINE,
        public_url="https://line.lakeside.example",
        secret=b"only for rehearsals",
        interpreter=INTERPRETERS,
    )


@lru_cache(maxsize=4)
def handbook_of(rules: Path, rotations: Path) -> Handbook:
    """The folders, read once. Raises HandbookFaults."""
    return load_handbook(rules, rotations)


@lru_cache(maxsize=16)
def handbook_in(zone: str, rules: Path, rotations: Path) -> Handbook:
    """The same edition with its rota in another zone."""
    handbook = handbook_of(rules, rotations)
    if handbook.rota.zone == zone:
        return handbook
    with TemporaryDirectory() as name:
        moved = Path(name)
        for path in rotations.glob("*.yaml"):
            text = path.read_text(encoding="utf-8")
            (moved / path.name).write_text(_ZONE.sub(f"zone: {zone}", text), encoding="utf-8")
        return replace(handbook, rota=load_rotations(moved))


@lru_cache(maxsize=1)
def banned_words(at: datetime) -> tuple[str, ...]:
    """Names and serial numbers of every patient of the sample ward."""
    patients: list[Mapping[str, Any]] = sample_rows(at)["patients"]
    names = {part for row in patients for part in str(row["name"]).split()}
    return tuple(sorted({*names, *(str(row["serial"]) for row in patients)}))


def _nobody(rota: Rota, at: datetime) -> Rota:
    return replace(rota, rotations={})


def _without_layer(layer: str) -> Edit:
    def edit(rota: Rota, at: datetime) -> Rota:
        team = rota.rotations["pump-team"]
        rest = replace(team, layers=tuple(known for known in team.layers if known.name != layer))
        return replace(rota, rotations={**rota.rotations, "pump-team": rest})

    return edit


def _without(rotation: str) -> Edit:
    def edit(rota: Rota, at: datetime) -> Rota:
        return replace(rota, rotations={name: one for name, one in rota.rotations.items() if name != rotation})

    return edit


def _cover(rota: Rota, at: datetime) -> Rota:
    return with_changes(rota, [cover("c1", "pump-team/primary", "fay", at, at + timedelta(hours=5))])


def _leave(rota: Rota, at: datetime) -> Rota:
    return with_changes(rota, [leave("l1", "ana", at - timedelta(hours=1), at + timedelta(days=3))])


EDITS: Mapping[str, Edit] = {
    "nobody anywhere": _nobody,
    "no primary": _without_layer("primary"),
    "no attending": _without_layer("attending"),
    "no operator": _without("operator"),
    "cover by fay": _cover,
    "leave of ana": _leave,
    "as filed": lambda rota, at: rota,
}


def edited(handbook: Handbook, edit: str, at: datetime) -> Handbook:
    """The next edition, whose rota somebody has changed."""
    return replace(handbook, rota=EDITS[edit](handbook.rota, at), edition=f"{handbook.edition[:40]}, {edit}")
