"""The fields of a patient's record and of a family's phone: what each is called, how it is typed and shown.

One table serves the form, the page, the API and the words of a conflict. A refusal says what is wanted, never what was
typed. Deliberately not here: spreadsheets' headings (the register), and keeping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from oncall.core.wall_time import wall
from oncall.service import typed_cells as cells
from oncall.service.patients.shelf import FamilyPhone, Record
from oncall.service.typed_cells import Place

LONGEST = 200
REFERENCE = "Reference text, copied from the record. Nothing here is used to decide or to compute anything."
Read = Callable[[str, Place], Any]
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: text, date, time, number, services, choice. `is_past`: it has happened, so it cannot be ahead."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    is_past: bool = False
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    fields: tuple[Field, ...]
    about: str = ""


def _day(name: str, label: str, hint: str = "", is_past: bool = False) -> Field:
    return Field(name, label, "date", hint, is_past)


def _time(name: str, label: str, hint: str = "like 2026-11-23 14:30, the hospital's time") -> Field:
    return Field(name, label, "time", hint, is_past=True)


GROUPS = (
    Group(
        "Who",
        (
            Field("name", "Full name", needed=True),
            Field("label", "What clinicians see in a page", hint="initials; empty: made of the name. The age is added"),
            Field("language", "Language", hint="a tag like en or es"),
            _day("born_on", "Born on", is_past=True),
            Field("diagnosis", "Diagnosis"),
            Field("emergency_room", "Their emergency room", hint="to name to the family; nobody is told by itself"),
            Field("care_services", "Also cared for by", "services"),
        ),
    ),
    Group(
        "Pump",
        (
            Field("model", "Model", hint="as on the pump card, like SynchroMed II"),
            Field("serial", "Serial number", hint="an alarm is known by it; one pump has one patient"),
            _day("implanted_on", "Implanted on", is_past=True),
            Field("reservoir_ml", "Reservoir, mL", "number"),
            Field("low_reservoir_alarm_ml", "Low-reservoir alarm at, mL", "number"),
            Field("daily_volume_ml", "Volume a day, mL", "number", "tells when it would be empty"),
            _day("eri_on", "Battery: elective replacement (ERI) on"),
            _day("eos_on", "Battery: end of service (EOS) on"),
        ),
    ),
    Group(
        "Drug",
        (Field("concentration", "Concentration, reference"), Field("dose", "Daily dose, reference")),
        REFERENCE,
    ),
    Group(
        "Dates that triage goes by",
        (
            _day("last_refill_on", "Last refill on", is_past=True),
            _time("last_refill_at", "Last refill, with the hour", "so that the first 72 hours are counted"),
            _day("refill_due_on", "Refill due on"),
            _day("refill_booked_on", "Refill booked on"),
            _day("low_reservoir_on", "Low-reservoir alarm expected on"),
            _time("last_dose_change_at", "Last change of dose or programme"),
            _time("last_mri_at", "Last MRI"),
            _time("mri_interrogated_at", "Pump interrogated after the MRI"),
            _day("last_surgery_on", "Last surgery of pump or catheter on", is_past=True),
        ),
        "A date that is changed here counts from the family's next word on. Empty means unknown.",
    ),
)
FIELDS = {field.name: field for group in GROUPS for field in group.fields}
_READ: Mapping[str, Read] = {
    "text": lambda cell, _: cell,
    "date": lambda cell, _: cells.day(cell),
    "time": cells.instant,
    "number": lambda cell, _: cells.amount(cell),
    "services": lambda cell, _: cells.care_services(cell),
}
_OWN: Mapping[str, Read] = {"language": lambda cell, _: cells.language(cell)}
_NEVER_EMPTY = {"label": "", "language": "en"}  # what an empty cell means where there is no "unknown"


def as_typed(record: Record, zone: str) -> dict[str, str]:
    """What stands in the fields of the form."""
    return {name: _typed(getattr(record, name), zone) for name in FIELDS}


def _typed(value: object, zone: str) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{wall(value, zone):%Y-%m-%d %H:%M}"
        case float():
            return f"{value:.12g}"
    return str(value)


def read_into(record: Record, told: Texts, place: Place, now: datetime) -> tuple[Record, dict[str, str]]:
    """The record with what was told, and by field what is wanted instead. Fields that are not told stay."""
    values, wanted = {}, {}
    for name, cell in told.items():
        try:
            values[name] = _value(FIELDS[name], cell.strip(), place)
        except ValueError as refused:
            wanted[name] = f"Wanted: {refused}."
    changed = replace(record, **values)
    return changed, _out_of_order(changed, told, wall(now, place.zone).date(), now) | wanted


def _value(field: Field, cell: str, place: Place) -> Any:
    if not cell and field.needed:
        raise ValueError("a name")
    if not cell:
        return _NEVER_EMPTY.get(field.name)
    if len(cell) > LONGEST:
        raise ValueError(f"at most {LONGEST} letters")
    return _OWN.get(field.name, _READ[field.kind])(cell, place)


def _out_of_order(record: Record, told: Texts, today: date, now: datetime) -> dict[str, str]:
    """A slip in a date would hide a danger: what has happened is not ahead, and nothing comes before birth."""
    found = {}
    for name in told:
        value = getattr(record, name)
        if FIELDS[name].is_past and value is not None and _is_ahead(value, today, now):
            found[name] = "Wanted: a date that is not ahead, because it has happened."
        elif record.born_on and name != "born_on" and _date_of(value) is not None and _date_of(value) < record.born_on:
            found[name] = "Wanted: a date after birth."
    return found


def _is_ahead(value: date, today: date, now: datetime) -> bool:
    return value > now + timedelta(hours=1) if isinstance(value, datetime) else value > today


def _date_of(value: object) -> Any:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


# --- two people at one record ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Both:
    """One field that somebody else has changed meanwhile: before, as it stands now, and as this person typed it."""

    label: str
    was: str
    now: str
    mine: str


def changed_fields(was: Texts, typed: Texts) -> dict[str, str]:
    """What was changed in the form."""
    return {name: cell for name, cell in typed.items() if cell.strip() != was.get(name, "").strip()}


def both_of(was: Texts, now: Texts, mine: Texts) -> tuple[Both, ...]:
    theirs = (name for name in FIELDS if now.get(name, "") != was.get(name, ""))
    return tuple(Both(FIELDS[n].label, was.get(n, ""), now.get(n, ""), mine.get(n, "")) for n in theirs)


# --- a family's phone ------------------------------------------------------------------------------------------------

PHONE_FIELDS = ("number", "relation", "name", "language", "prefers", "takes_texts")


def read_phone(told: Texts, known: FamilyPhone | None, place: Place, ours: Sequence[str]) -> FamilyPhone:
    """The phone with what was told of it. Raises PhoneRefused."""
    wanted: dict[str, str] = {}
    phone = known or FamilyPhone(number="", relation="")
    for name, read in _PHONE_READ.items():
        if name in told and not (name == "number" and known):
            try:
                phone = replace(phone, **{name: read(told[name].strip()[:LONGEST], place)})
            except ValueError as refused:
                wanted[name] = f"Wanted: {refused}."
    if phone.number and phone.number in ours:
        wanted["number"] = "Wanted: a number that is not the pump line's own."
    if wanted:
        raise PhoneRefused(wanted)
    return phone


class PhoneRefused(Exception):
    """`wanted`: by field, what is wanted."""

    def __init__(self, wanted: Mapping[str, str]) -> None:
        super().__init__("; ".join(wanted.values()))
        self.wanted = dict(wanted)


def _relation(cell: str, _: Place) -> str:
    if not cell:
        raise ValueError("who answers it, like mother or group home")
    return cell


_PHONE_READ: Mapping[str, Read] = {
    "number": cells.phone,
    "relation": _relation,
    "name": lambda cell, _: cell,
    "language": lambda cell, _: cells.language(cell) if cell else "en",
    "prefers": lambda cell, _: cells.prefers(cell) if cell else None,
    "takes_texts": lambda cell, _: cells.truth(cell),
}


# --- for the eye -----------------------------------------------------------------------------------------------------


def shown(record: Record, name: str, zone: str, today: date) -> str:
    """A field as the page says it; empty for unknown. Dates say how far they are."""
    match getattr(record, name):
        case None | "":
            return ""
        case datetime() as at:
            local = wall(at, zone)
            return f"{local.day} {local:%b %Y %H:%M}, {_far(local.date(), today)}"
        case date() as on:
            return f"{on.day} {on:%b %Y}, {_far(on, today)}"
        case float() as much:
            return f"{much:.12g}"
        case words if name == "care_services":
            return ", ".join(service.replace("-", " ") for service in str(words).split(","))
        case words:
            return str(words)


def _far(on: date, today: date) -> str:
    days = (on - today).days
    if abs(days) > 730:
        years = abs(days) / 365.25
        return f"in {years:.0f} years" if days > 0 else f"{years:.0f} years ago"
    if days == 0:
        return "today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {count}" if days > 0 else f"{count} ago"
