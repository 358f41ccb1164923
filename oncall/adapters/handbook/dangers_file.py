"""rules/dangers.yaml: from which day a date of a pump stands on coordinators' list, and when it rises.

Read into the core's limits with every fault at once: steps that do not rise, spans of nothing, an evening that ends
before it begins. Deliberately not here: what the limits are for (`core.dangers`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from oncall.adapters.handbook.escalation_file import Hour, is_signed
from oncall.adapters.handbook.reading import Fault, Sheet, read_shape, read_sheet
from oncall.core.dangers import Ahead, Limits

Count = Annotated[int, Field(ge=1)]
Source = Annotated[str, Field(min_length=1)]
RISING = ("refill", "low_reservoir", "battery")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source


class _Rising(_Strict):
    listed: Count
    soon: Count
    near: Count


class _Battery(_Rising):
    runs_on: Count


class _Days(_Strict):
    days: Count


class _Years(_Strict):
    years: Count


class _Scan(_Strict):
    overdue_after: Count


class _Evening(_Strict):
    at: Hour
    until: Hour
    reply_counts: Count


class DangersFile(_Strict):
    signed: Any
    refill: _Rising
    refill_unrecorded: _Days
    low_reservoir: _Rising
    battery: _Battery
    pump_age: _Years
    scan: _Scan
    evening: _Evening


def read_dangers(path: Path) -> tuple[Limits | None, bool, tuple[Fault, ...]]:
    """The limits, whether they are signed, and the faults (then the limits are None)."""
    sheet, faults = read_sheet(path)
    if sheet is None:
        return None, False, faults
    shape, faults = read_shape(sheet, DangersFile)
    if shape is None:
        return None, False, faults
    found = tuple(_faults(sheet, shape))
    return (None if found else _limits(shape)), is_signed(shape.signed), found


def _faults(sheet: Sheet, shape: DangersFile) -> Iterable[Fault]:
    for name in RISING:
        block = getattr(shape, name)
        if not block.listed >= block.soon >= block.near:
            found = f"listed {block.listed}, soon {block.soon}, near {block.near}"
            yield sheet.fault((name,), found, "days that only become fewer: it rises as the date comes near")
    if shape.evening.at >= shape.evening.until:
        yield sheet.fault(("evening", "until"), shape.evening.until, "an hour later than `at`")


def _limits(shape: DangersFile) -> Limits:
    refill, low, battery = (_ahead(getattr(shape, name)) for name in RISING)
    return Limits(
        refill=refill,
        low_reservoir=low,
        battery=battery,
        refill_unrecorded_days=shape.refill_unrecorded.days,
        battery_runs_on_days=shape.battery.runs_on,
        pump_age_years=shape.pump_age.years,
        scan_overdue_days=shape.scan.overdue_after,
        evening_at=shape.evening.at,
        evening_until=shape.evening.until,
        reply_counts_hours=shape.evening.reply_counts,
    )


def _ahead(block: _Rising) -> Ahead:
    return Ahead(block.listed, block.soon, block.near)
