"""Who is on call, as it is told to `oncall who`, to the API and on the operator's printed sheet.

One row for each person on a layer, and one for each hole, because "nobody" is an answer that must be
seen. Times come twice, as the hospital's clock says them and in UTC (null where there is no end).
Deliberately not here: phones, and any decision about whom to page (`escalation`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oncall.core.case.facts import Directory
from oncall.core.people import Clinician
from oncall.core.rota.on_call import Gap, Rota, Rotation, Shift, gaps_between, on_call_at, shifts_between
from oncall.core.wall_time import DAWN, FOREVER

_FAR = timedelta(days=183)

Row = dict[str, Any]  # rotation, layer, person, name, from, until, from_utc, until_utc, hours, reason


def who_at(rota: Rota, rotation: str | None, at: datetime) -> list[Row]:
    """Who is on at that instant, layer by layer; of all rotations if none is named."""
    rows: list[Row] = []
    for asked, layer in _layers(rota, rotation):
        shifts = on_call_at(asked, layer, at)
        rows.extend(_row(rota, asked, shift) for shift in shifts)
        if not shifts:
            rows.append(_row(rota, asked, hole_at(asked, layer, at)))
    return rows


def who_between(rota: Rota, rotation: str | None, start: datetime, end: datetime) -> list[Row]:
    """Every shift that touches the span, whole, and every hole in it; layer by layer, by beginning."""
    rows: list[Row] = []
    for asked, layer in _layers(rota, rotation):
        found: list[Shift | Gap] = [*shifts_between(asked, layer, start, end)]
        found.extend(gaps_between(asked, layer, start, end))
        rows.extend(_row(rota, asked, one) for one in sorted(found, key=lambda one: one.starts_at))
    return rows


def with_proofs(rows: list[Row], directory: Directory, zone: str) -> list[Row]:
    """Each row with the last time that a key or reply came from the person: `proven`, None for never and nobody."""
    return [{**row, "proven": _proven(directory.clinicians.get(row["person"] or ""), zone)} for row in rows]


def _proven(person: Clinician | None, zone: str) -> str | None:
    return local_text(person.proven_at, zone) if person and person.proven_at else None


def hole_at(rotation: Rotation, layer: str, at: datetime) -> Gap:
    """The whole hole around an instant at which nobody is on; open-ended beyond half a year."""
    start, end = at - _FAR, at + _FAR
    gap = next(gap for gap in gaps_between(rotation, layer, start, end) if gap.starts_at <= at < gap.ends_at)
    return replace(
        gap,
        starts_at=DAWN if gap.starts_at == start else gap.starts_at,
        ends_at=FOREVER if gap.ends_at == end else gap.ends_at,
    )


def local_text(at: datetime, zone: str) -> str:
    """An instant on the hospital's clock: "Sun 1 Nov 2026 01:30 EDT"; the zone tells the two passes apart."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}"


def _layers(rota: Rota, rotation: str | None) -> Iterator[tuple[Rotation, str]]:
    """KeyError for a rotation that does not exist: the one who asked must hear it."""
    for asked in rota.rotations.values() if rotation is None else [rota.rotations[rotation]]:
        for layer in asked.layers:
            yield asked, layer.name


def _row(rota: Rota, rotation: Rotation, found: Shift | Gap) -> Row:
    starts_at = None if found.starts_at == DAWN else found.starts_at
    ends_at = None if found.ends_at == FOREVER else found.ends_at
    person = found.person if isinstance(found, Shift) else None
    return {
        "rotation": rotation.name,
        "layer": found.layer,
        "person": person,
        "name": rota.people[person].name if person else None,
        "from": local_text(starts_at, rotation.zone) if starts_at else "always",
        "until": local_text(ends_at, rotation.zone) if ends_at else "further notice",
        "from_utc": _utc_text(starts_at) if starts_at else None,
        "until_utc": _utc_text(ends_at) if ends_at else None,
        "hours": (ends_at - starts_at).total_seconds() / 3600 if starts_at and ends_at else None,
        "reason": found.why if isinstance(found, Shift) else "nobody is on call",
    }


def _utc_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
