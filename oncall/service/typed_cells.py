"""How one cell of a patient's record, a family's phone or a person is written, in a spreadsheet, a form or the API.

Each reader makes a value of text, or refuses it with what was wanted, for whoever corrects the cell. Numbers become
E.164, local times become instants of the hospital's zone. Deliberately not here: which cells there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from oncall.core.emergency_numbers import is_emergency_number
from oncall.core.people import Hospital
from oncall.core.wall_time import instants_showing

CARE_SERVICES = ("complex-care", "neurocritical", "anaesthesia-pain")  # rotations that may share a patient's care
YEARS = range(1900, 2200)
Day = TypeVar("Day", date, datetime)
_TRUTH = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Place:
    """Country and zone of the hospital: how numbers are dialled there, and what its clocks show."""

    region: str
    zone: str


def place_of(hospital: Hospital) -> Place:
    """The country in which numbers without a country code are dialled is the operator's."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(hospital.operator)) or "US"
    return Place(region, hospital.zone)


def phone(cell: str, place: Place) -> str:
    """E.164, read as somebody in the hospital's country would dial it."""
    if is_emergency_number(cell):
        raise ValueError("a person's telephone, never an emergency number")
    try:
        number = phonenumbers.parse(cell, place.region)
    except NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_possible_number(number):
        raise ValueError("a whole telephone number without extension, like +1 617-555-0142")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def written_phone(number: str) -> str:
    """As people write it; as it stands where it cannot be read."""
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def day(cell: str) -> date:
    try:
        return _of_a_life(date.fromisoformat(cell))
    except ValueError:
        raise ValueError("a date like 2026-11-23") from None


def instant(cell: str, place: Place) -> datetime:
    """With an offset as written; without one, the hospital's wall clock."""
    try:
        written = _of_a_life(datetime.fromisoformat(cell))
    except ValueError:
        raise ValueError("a time like 2026-11-23 14:30") from None
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    shown = instants_showing(written, place.zone)
    if len(shown) == 1:
        return shown[0]
    both = " or ".join(at.isoformat() for at in shown) or "another time"
    raise ValueError(f"{both}: this wall time comes {'twice' if shown else 'never'} that night")


def _of_a_life(written: Day) -> Day:
    """Beyond it lies a typing error, at which every later sum of dates would break."""
    if written.year not in YEARS:
        raise ValueError
    return written


def truth(cell: str) -> bool:
    if cell.lower() not in _TRUTH:
        raise ValueError("yes or no")
    return _TRUTH[cell.lower()]


def amount(cell: str) -> float:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", cell) or float(cell) == 0:
        raise ValueError("a number like 20 or 18.5")
    return float(cell)


def short_id(cell: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", cell):
        raise ValueError("a short id of small letters, digits and dashes")
    return cell


def short_ids(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(short_id(part) for part in re.split(r"[\s,;]+", cell) if part))


def email(cell: str) -> str:
    if not re.fullmatch(r"[^@\s\\\[\]\"(),:;<>]+@[^@\s\\\[\]\"(),:;<>]+\.[\w-]+", cell):
        raise ValueError("an address like ana@hospital.example")
    return cell


def language(cell: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", cell):
        raise ValueError("a language tag like en or es")
    return cell


def role(cell: str) -> str:
    if cell.lower() not in ("clinician", "coordinator", "shared"):
        raise ValueError("clinician, coordinator or shared")
    return cell.lower()


def care_services(cell: str) -> str:
    """In one order, however they were listed."""
    told = {part for part in re.split(r"[\s,;]+", cell.lower()) if part}
    if not told <= set(CARE_SERVICES):
        raise ValueError(f"one or more of {', '.join(CARE_SERVICES)}")
    return ",".join(service for service in CARE_SERVICES if service in told)


def prefers(cell: str) -> str:
    if cell.lower() not in ("text", "call"):
        raise ValueError("text, call, or nothing where they have no wish")
    return cell.lower()
