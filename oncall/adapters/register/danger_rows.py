"""The rows behind the calendar of dangers: the dates of a pump as a slice of the patient's row, and what was done.

A slice is read where thousands are; it is never written. Deliberately not here: which dates are dangers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import ClassVar

from oncall.core.danger_acts import Act, DangerAct
from oncall.core.pump_facts import PumpFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpDatesRow:
    """The columns of a patient that the calendar reads."""

    table: ClassVar[str] = "patients"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    name: str
    implanted_on: date | None = None
    last_refill_on: date | None = None
    last_refill_at: datetime | None = None
    refill_due_on: date | None = None
    refill_booked_on: date | None = None
    low_reservoir_on: date | None = None
    eri_on: date | None = None
    last_dose_change_at: datetime | None = None
    last_mri_at: datetime | None = None
    mri_interrogated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRow:
    """Whether a family's number was ever verified."""

    table: ClassVar[str] = "family_phones"
    key: ClassVar[tuple[str, ...]] = ("number",)
    number: str
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerActRow:
    """One act; `changed` is JSON."""

    table: ClassVar[str] = "danger_acts"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    patient: str
    reference: str
    act: str
    by: str
    by_name: str
    at: datetime
    for_on: date | None = None
    reason: str = ""
    changed: str = "{}"
    undone_at: datetime | None = None
    undone_by: str = ""


DATES = tuple(field.name for field in fields(PumpDatesRow) if field.name not in ("id", "name"))
SAME = ("id", "patient", "reference", "for_on", "reason", "by", "by_name", "at", "undone_at", "undone_by")


def facts_of(row: PumpDatesRow) -> PumpFacts:
    return PumpFacts(**{name: getattr(row, name) for name in DATES})


def row_of(act: DangerAct, changed: str) -> DangerActRow:
    return DangerActRow(act=act.act.value, changed=changed, **{name: getattr(act, name) for name in SAME})


def act_of(row: DangerActRow) -> DangerAct:
    return DangerAct(act=Act(row.act), **{name: getattr(row, name) for name in SAME})
