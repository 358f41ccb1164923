"""What each spreadsheet of the register may say: its columns, which are needed, and how a cell is written.

One pydantic model for each file, made of cells (`service.typed_cells`). Deliberately not here: comparing with what
the register already holds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from oncall.service import typed_cells as cells
from oncall.service.typed_cells import Place


def _in_place(read: Callable[[str, Place], Any]) -> BeforeValidator:
    """The hospital's country and zone are handed in with each row."""

    def validate(cell: str, info: ValidationInfo) -> Any:
        assert isinstance(info.context, Place)
        return read(cell, info.context)

    return BeforeValidator(validate)


Number = Annotated[str, _in_place(cells.phone)]
Day = Annotated[date, BeforeValidator(cells.day)]
Instant = Annotated[datetime, _in_place(cells.instant)]
Truth = Annotated[bool, BeforeValidator(cells.truth)]
Amount = Annotated[float, BeforeValidator(cells.amount)]
Id = Annotated[str, BeforeValidator(cells.short_id)]
Ids = Annotated[tuple[str, ...], BeforeValidator(cells.short_ids)]
Email = Annotated[str, BeforeValidator(cells.email)]
Language = Annotated[str, BeforeValidator(cells.language)]
Role = Annotated[str, BeforeValidator(cells.role)]
CareServices = Annotated[str, BeforeValidator(cells.care_services)]
Prefers = Annotated[str, BeforeValidator(cells.prefers)]


class Line(BaseModel):
    """One row of any of the files."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def needed(cls) -> tuple[str, ...]:
        return tuple(name for name, field in cls.model_fields.items() if field.is_required())

    def said(self, *without: str) -> dict[str, Any]:
        """Only the columns that the file has."""
        return {name: getattr(self, name) for name in self.model_fields_set if name not in without}


class PersonLine(Line):
    """people.csv"""

    id: Id
    full_name: str
    role: Role
    name: str = ""
    spoken: str = ""
    languages: str = "en"
    email: Email | None = None
    phone_1: Number | None = None
    phone_2: Number | None = None
    phone_3: Number | None = None


class PatientLine(Line):
    """patients.csv"""

    id: Id
    name: str
    label: str = ""
    language: Language = "en"
    born_on: Day | None = None
    diagnosis: str | None = None
    model: str | None = None
    serial: str | None = None
    implanted_on: Day | None = None
    reservoir_ml: Amount | None = None
    concentration: str | None = None
    dose: str | None = None
    low_reservoir_alarm_ml: Amount | None = None
    daily_volume_ml: Amount | None = None
    last_refill_on: Day | None = None
    last_refill_at: Instant | None = None
    refill_due_on: Day | None = None
    refill_booked_on: Day | None = None
    low_reservoir_on: Day | None = None
    eri_on: Day | None = None
    eos_on: Day | None = None
    last_mri_at: Instant | None = None
    mri_interrogated_at: Instant | None = None
    last_surgery_on: Day | None = None
    last_dose_change_at: Instant | None = None
    emergency_room: str | None = None
    care_services: CareServices | None = None


class FamilyLine(Line):
    """families.csv: one row for each phone."""

    number: Number
    relation: str
    name: str = ""
    language: Language = "en"
    takes_texts: Truth = True
    prefers: Prefers | None = None
    verified_at: Instant | None = None
    patients: Ids | None = None


class TaskLine(Line):
    """tasks.csv"""

    id: Id
    title: str
    due_at: Instant
    patient: Id | None = None
    owner: Id | None = None
    done_at: Instant | None = None


# in the order in which they refer to each other
FILES: dict[str, type[Line]] = {
    "people": PersonLine,
    "patients": PatientLine,
    "families": FamilyLine,
    "tasks": TaskLine,
}
