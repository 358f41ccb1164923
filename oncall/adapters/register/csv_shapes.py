"""What each spreadsheet of the register may say: its columns, which are needed, and how a cell is written.

One pydantic model for each file; every refusal is phrased as what was wanted, for the coordinator who
corrects the cell. Numbers become E.164, local times become instants of the hospital's zone. Deliberately
not here: comparing with what the register already holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from oncall.core.emergency_numbers import is_emergency_number
from oncall.core.wall_time import instants_showing

_TRUTH = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


def _phone(cell: str, info: ValidationInfo) -> str:
    """E.164, read as somebody in the hospital's country would dial it."""
    if is_emergency_number(cell):
        raise ValueError("a person's telephone, never an emergency number")
    try:
        number = phonenumbers.parse(cell, _place(info)["region"])
    except NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_possible_number(number):
        raise ValueError("a whole telephone number without extension, like +1 617-555-0142")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _place(info: ValidationInfo) -> Mapping[str, str]:
    """Country and zone of the hospital, handed in with each row."""
    place: Mapping[str, str] | None = info.context
    assert place is not None
    return place


def _day(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError("a date like 2026-11-23") from None


def _instant(cell: str, info: ValidationInfo) -> datetime:
    """With an offset as written; without one, the hospital's wall clock."""
    try:
        written = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError("a time like 2026-11-23 14:30") from None
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    shown = instants_showing(written, _place(info)["zone"])
    if len(shown) == 1:
        return shown[0]
    both = " or ".join(at.isoformat() for at in shown) or "another time"
    raise ValueError(f"{both}: this wall time comes {'twice' if shown else 'never'} that night")


def _truth(cell: str) -> bool:
    if cell.lower() not in _TRUTH:
        raise ValueError("yes or no")
    return _TRUTH[cell.lower()]


def _amount(cell: str) -> float:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", cell) or float(cell) == 0:
        raise ValueError("a number like 20 or 18.5")
    return float(cell)


def _id(cell: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", cell):
        raise ValueError("a short id of small letters, digits and dashes")
    return cell


def _email(cell: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", cell):
        raise ValueError("an address like ana@hospital.example")
    return cell


def _ids(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_id(part) for part in re.split(r"[\s,;]+", cell) if part))


def _language(cell: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", cell):
        raise ValueError("a language tag like en or es")
    return cell


def _role(cell: str) -> str:
    if cell.lower() not in ("clinician", "coordinator", "shared"):
        raise ValueError("clinician, coordinator or shared")
    return cell.lower()


Number = Annotated[str, BeforeValidator(_phone)]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Truth = Annotated[bool, BeforeValidator(_truth)]
Amount = Annotated[float, BeforeValidator(_amount)]
Id = Annotated[str, BeforeValidator(_id)]
Ids = Annotated[tuple[str, ...], BeforeValidator(_ids)]
Email = Annotated[str, BeforeValidator(_email)]
Language = Annotated[str, BeforeValidator(_language)]
Role = Annotated[str, BeforeValidator(_role)]


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
    last_mri_at: Instant | None = None
    mri_interrogated_at: Instant | None = None
    last_surgery_on: Day | None = None
    last_dose_change_at: Instant | None = None
    emergency_room: str | None = None


class FamilyLine(Line):
    """families.csv: one row for each phone."""

    number: Number
    relation: str
    name: str = ""
    language: Language = "en"
    takes_texts: Truth = True
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
