"""A patient's record as the hospital's systems send and read it (openapi.json is made of these models).

Numbers are E.164 or as one dials them here; dates are ISO, and instants without an offset are the hospital's time.
Deliberately not here: what a value may be (`service.patients.fields`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CareService = Literal["complex-care", "neurocritical", "anaesthesia-pain"]
REFERENCE = "reference text copied from the record; nothing computes with it"
Day = str | None
Instant = str | None


class PhoneTold(BaseModel):
    """One phone of the family; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    number: str
    relation: str
    name: str = ""
    language: str = "en"
    takes_texts: bool = True
    prefers: Literal["text", "call"] | None = None


class PatientTold(BaseModel):
    """A field that is left out stays as it is; null empties it. A new patient needs a name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Leo Marsh",
                    "born_on": "2018-02-01",
                    "serial": "NGP123456H",
                    "last_refill_on": "2026-10-14",
                    "low_reservoir_on": "2027-01-12",
                    "phones": [{"number": "+16175550142", "relation": "mother", "prefers": "text"}],
                }
            ]
        },
    )

    name: str | None = None
    label: str | None = None
    language: str | None = None
    born_on: Day = None
    diagnosis: str | None = None
    emergency_room: str | None = None
    care_services: list[CareService] | None = None
    model: str | None = None
    serial: str | None = None
    implanted_on: Day = None
    reservoir_ml: float | None = None
    low_reservoir_alarm_ml: float | None = None
    daily_volume_ml: float | None = None
    eri_on: Day = None
    eos_on: Day = None
    concentration: str | None = Field(None, description=REFERENCE)
    dose: str | None = Field(None, description=REFERENCE)
    last_refill_on: Day = None
    last_refill_at: Instant = None
    refill_due_on: Day = None
    refill_booked_on: Day = None
    low_reservoir_on: Day = None
    last_dose_change_at: Instant = None
    last_mri_at: Instant = None
    mri_interrogated_at: Instant = None
    last_surgery_on: Day = None
    phones: list[PhoneTold] | None = Field(None, description="all of them, in the order in which they are rung")


class PhoneView(PhoneTold):
    """One phone; `verified_at`: when the family last confirmed it, `stopped_at`: STOP was texted from it."""

    verified_at: datetime | None
    stopped_at: datetime | None


class PatientView(BaseModel):
    """The record as it stands. `left_at`: not of the programme any more."""

    id: str
    name: str
    label: str
    language: str
    born_on: date | None
    diagnosis: str | None
    emergency_room: str | None
    care_services: list[CareService]
    model: str | None
    serial: str | None
    implanted_on: date | None
    reservoir_ml: float | None
    low_reservoir_alarm_ml: float | None
    daily_volume_ml: float | None
    eri_on: date | None
    eos_on: date | None
    concentration: str | None = Field(description=REFERENCE)
    dose: str | None = Field(description=REFERENCE)
    last_refill_on: date | None
    last_refill_at: datetime | None
    refill_due_on: date | None
    refill_booked_on: date | None
    low_reservoir_on: date | None
    last_dose_change_at: datetime | None
    last_mri_at: datetime | None
    mri_interrogated_at: datetime | None
    last_surgery_on: date | None
    left_at: datetime | None
    changed_at: datetime | None
    phones: list[PhoneView]


class PatientsChanged(BaseModel):
    """The oldest change first; `next` is the address to go on at, null at the end."""

    patients: list[PatientView]
    next: str | None
