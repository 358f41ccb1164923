"""A time of the hospital's clock as somebody typed it: the one instant it means, or both that it may mean.

On two nights of the year the clock shows an hour twice, or never. Taking either silently would name the wrong person
as on call, so such a time is refused with both choices. An offset settles every doubt.
Deliberately not here: times in rota files (`adapters/handbook`), which refuse in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from oncall.core.wall_time import instants_showing, neighbours_of_skipped, wall

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Choice:
    """One instant that may be meant: how it is said, and how it is typed without doubt."""

    label: str
    typed: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why what was typed is no instant; `choices` are the two that may be meant, if it is a matter of two."""

    sentence: str
    choices: tuple[Choice, ...] = ()


def instant_typed(told: str, zone: str) -> datetime | Doubt:
    """ "2026-11-25T03:00" on the hospital's clock, or with an offset; a plus that an address made a blank counts."""
    try:
        at = datetime.fromisoformat(told.strip().replace(" ", "+") if "T" in told else told.strip())
    except ValueError:
        return Doubt(f"{told} is not a time: write it like 2026-11-25T03:00.")
    if not EARLIEST.year <= at.year < LATEST.year:
        return Doubt("The time must lie between 2000 and 2100.")
    return at.astimezone(UTC) if at.tzinfo else _on_the_wall(at, zone)


def _on_the_wall(local: datetime, zone: str) -> datetime | Doubt:
    instants = instants_showing(local, zone)
    if len(instants) == 1:
        return instants[0]
    shown = f"{local:%a} {local.day} {local:%b %H:%M}"
    if instants:
        return Doubt(f"The clock shows {shown} twice: which one?", tuple(_choice(at, zone) for at in instants))
    near = neighbours_of_skipped(local, zone)
    return Doubt(f"The clock skips {shown}: which one is meant?", tuple(_choice(at, zone) for at in near))


def _choice(at: datetime, zone: str) -> Choice:
    local = at.astimezone(ZoneInfo(zone))
    shown = wall(at, zone)
    return Choice(f"{shown:%a} {shown.day} {shown:%b %H:%M} {local:%Z}", local.isoformat(timespec="minutes"))
