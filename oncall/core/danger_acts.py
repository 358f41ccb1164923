"""What a named person does about a danger: booked for a day, done on a day, or set aside with a reason.

Pure: what it changes in the record, or why it cannot be. Setting aside changes nothing in the record: the danger stays
on the list, below, and a missed refill still becomes a case. Deliberately not here: keeping and taking back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum

from oncall.core.dangers import Kind
from oncall.core.wall_time import first_pass

FURTHEST = 730  # days; a date further away is a slip of the pen


class Act(Enum):
    BOOKED = "booked"
    DONE = "done"
    SET_ASIDE = "set_aside"


class ActRefused(Exception):
    """Nothing was changed; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`on`: the day it is booked for, or was done on. `due_on` and `low_on` are the next ones after a refill, `eri_on`
    the battery's after a new pump."""

    patient: str
    kind: Kind
    reference: str
    act: Act
    on: date | None = None
    due_on: date | None = None
    low_on: date | None = None
    eri_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """Columns of the patient's row, and whether the family's numbers count as verified from now."""

    record: Mapping[str, date | datetime | None] = field(default_factory=dict)
    verifies: bool = False


@dataclass(frozen=True, slots=True)
class DangerAct:
    """As it is kept."""

    id: str
    patient: str
    reference: str
    act: Act
    for_on: date | None
    reason: str
    by: str
    by_name: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str = ""


def changes_of(wanted: Wanted, at: datetime, today: date, zone: str) -> Changes:
    """Raises ActRefused."""
    match wanted.act:
        case Act.SET_ASIDE:
            if not wanted.reason.strip():
                raise ActRefused("Write in a few words why it is set aside.")
            return Changes()
        case Act.BOOKED:
            on = _day(wanted.on, "Choose the day it is booked for.")
            if not 0 <= (on - today).days <= FURTHEST:
                raise ActRefused("A visit is booked for today or later, within two years.")
            return Changes({"refill_booked_on": on} if _is_refill(wanted.kind) else {})
    if wanted.kind is Kind.NUMBER:
        return Changes(verifies=True)
    on = _day(wanted.on, "Choose the day it was done on.")
    if not 0 <= (today - on).days <= FURTHEST:
        raise ActRefused("It was done today or earlier, within two years.")
    if wanted.kind is Kind.SCAN:
        ended = at if on == today else min(first_pass(datetime.combine(on, time(23, 59)), zone), at)
        return Changes({"mri_interrogated_at": ended})
    if _is_refill(wanted.kind):
        return Changes(_refilled(wanted, on, today))
    return Changes({"implanted_on": on, "eri_on": _later(wanted.eri_on, today, 20 * 366)})


def _refilled(wanted: Wanted, on: date, today: date) -> Mapping[str, date | None]:
    """A refill makes the dates before it worthless; those that are not told stay as they were, and say nothing."""
    dates = {"refill_due_on": wanted.due_on, "low_reservoir_on": wanted.low_on}
    known = {name: _later(day, today, FURTHEST) for name, day in dates.items() if day is not None}
    return {"last_refill_on": on, "last_refill_at": None, "refill_booked_on": None, **known}


def _later(day: date | None, today: date, furthest: int) -> date | None:
    if day is not None and not 0 < (day - today).days <= furthest:
        raise ActRefused("The next date must lie ahead, and not so far that it is a slip of the pen.")
    return day


def _day(on: date | None, wanted: str) -> date:
    if on is None:
        raise ActRefused(wanted)
    return on


def _is_refill(kind: Kind) -> bool:
    return kind in (Kind.REFILL, Kind.LOW_RESERVOIR)
