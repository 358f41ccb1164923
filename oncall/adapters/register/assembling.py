"""Makes the core's values of the register's rows: the directory, a caller, a patient as of this instant.

One place for every store, so that both registers and the journal's own reading agree. The hospital's
operator is always in the directory, because the last resort is never empty (law 6). Deliberately not here:
how rows are stored or changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from oncall.adapters.register.request_rows import RequestRow, replacements_of
from oncall.adapters.register.rows import (
    FamilyPhoneRow,
    NumberRow,
    PatientPhoneRow,
    PatientRow,
    PersonPhoneRow,
    PersonRow,
    Rows,
)
from oncall.core.case.facts import Directory
from oncall.core.people import Caller, Clinician, Hospital, NumberMark, Patient, Phone
from oncall.core.pump_facts import PumpFacts, age_in_years, context_of
from oncall.core.wall_time import wall

OPERATOR = "operator"
_NOBODY = PersonRow(
    id=OPERATOR,
    full_name="Hospital operator",
    name="Hospital operator",
    spoken="the hospital operator",
    role="shared",
)


@dataclass(slots=True)
class Remembered:
    """The last directory that was read, good for as long as the version row stands still."""

    version: int = 0
    directory: Directory | None = None


def directory_of(rows: Rows, hospital: Hospital, remembered: Remembered) -> Directory:
    """Everybody who can be paged, read again only when somebody changed."""
    version = rows.version()
    if remembered.directory is None or remembered.version != version:
        replacing = replacements_of(rows.find(RequestRow, is_replacing=True))
        remembered.directory = Directory(hospital, _clinicians(rows, hospital), replacing)
        remembered.version = version
    return remembered.directory


def proven_of(rows: Rows, hospital: Hospital) -> frozenset[str]:
    return frozenset(person.id for person in _clinicians(rows, hospital).values() if person.is_proven)


def clinician_by_number_of(directory: Directory, number: str) -> Clinician | None:
    """Whose number this is. The operator's own number is the operator's, whoever else has entered it."""
    operator = directory.clinicians[OPERATOR]
    for clinician in (operator, *directory.clinicians.values()):
        if any(phone.number == number for phone in clinician.phones):
            return clinician
    return None


def caller_of(rows: Rows, hospital: Hospital, number: str, at: datetime) -> Caller | None:
    """Who is enrolled with this number, with all their patients in the order of their ids."""
    found = [row for row in rows.find(FamilyPhoneRow, number=number) if row.retired_at is None]
    if not found:
        return None
    row = found[0]
    links = [link for link in rows.find(PatientPhoneRow, number=number) if link.retired_at is None]
    patients = (patient_of(rows, hospital, link.patient, at) for link in links)
    phone = Phone(number, row.verified_at, row.takes_texts, _is_stopped(rows, number))
    return Caller(number, row.relation, row.language, tuple(p for p in patients if p is not None), phone)


def patient_of(rows: Rows, hospital: Hospital, patient_id: str, at: datetime) -> Patient | None:
    """The patient with what the record says at this instant; nobody once they have left the programme."""
    found = next((row for row in rows.find(PatientRow, id=patient_id) if _is_here(row)), None)
    return _patient(rows, found, hospital, at) if found else None


def patient_by_serial_of(rows: Rows, hospital: Hospital, serial: str, at: datetime) -> Patient | None:
    """Whose pump has this serial number, however it is written."""
    found = rows.find(PatientRow, serial=plain_serial(serial))
    return next((_patient(rows, row, hospital, at) for row in found if _is_here(row)), None)


def links_of(rows: Rows, patient: str) -> list[PatientPhoneRow]:
    """The patient's phones in the order in which they are rung."""
    found = [link for link in rows.find(PatientPhoneRow, patient=patient) if link.retired_at is None]
    return sorted(found, key=lambda link: (link.position, link.number))


def mark_of(rows: Rows, number: str, at: datetime) -> NumberMark | None:
    """Who says that this number is no patient's, and until when (RULINGS 3); nobody once it has an owner."""
    for row in rows.find(NumberRow, number=number):
        until = row.not_a_patient_until
        if until is not None and at < until and not owner_of(rows, number):
            return NumberMark(row.marked_by or "", until)
    return None


def is_not_a_patient(rows: Rows, number: str, at: datetime) -> bool:
    return mark_of(rows, number, at) is not None


def owner_of(rows: Rows, number: str) -> str:
    """In what capacity this number is known, if it is: a family's, or the team's."""
    if any(row.retired_at is None for row in rows.find(FamilyPhoneRow, number=number)):
        return "an enrolled phone of a family"
    if any(row.retired_at is None for row in rows.find(PersonPhoneRow, number=number)):
        return "a number of the team"
    return ""


def plain_serial(serial: str) -> str:
    """Serial numbers are compared without the blanks, dashes and small letters that people add."""
    return "".join(letter for letter in serial if letter.isalnum()).upper()


def _clinicians(rows: Rows, hospital: Hospital) -> Mapping[str, Clinician]:
    phones: dict[str, list[PersonPhoneRow]] = {}
    for phone in sorted(rows.find(PersonPhoneRow), key=lambda row: row.position):
        if phone.is_in_use:
            phones.setdefault(phone.person, []).append(phone)
    stopped = frozenset(row.number for row in rows.find(NumberRow) if row.stopped_at is not None)
    people = {row.id: row for row in rows.find(PersonRow) if row.left_at is None}
    clinicians = {row.id: _clinician(row, phones.get(row.id, []), stopped) for row in people.values()}
    operator = _clinician(people.get(OPERATOR, _NOBODY), phones.get(OPERATOR, []), stopped)
    return clinicians | {OPERATOR: _always_reachable(operator, hospital)}


def _clinician(row: PersonRow, phones: list[PersonPhoneRow], stopped: frozenset[str]) -> Clinician:
    numbers = (Phone(p.number, p.proven_at, p.takes_texts, p.number in stopped, p.in_use_at) for p in phones)
    return Clinician(row.id, row.name, row.spoken, row.role, tuple(numbers), row.email)


def _always_reachable(operator: Clinician, hospital: Hospital) -> Clinician:
    """The configured number first, with the proof that the table may have of it."""
    known = [phone for phone in operator.phones if phone.number == hospital.operator]
    others = [phone for phone in operator.phones if phone.number != hospital.operator]
    first = known[0] if known else Phone(hospital.operator)
    return Clinician(OPERATOR, operator.name, operator.spoken, "shared", (first, *others))


def _patient(rows: Rows, row: PatientRow, hospital: Hospital, at: datetime) -> Patient:
    facts = PumpFacts(**{field.name: getattr(row, field.name) for field in fields(PumpFacts)})
    age = age_in_years(row.born_on, wall(at, hospital.zone).date())
    initials = row.label or "".join(f"{part[0]}." for part in row.name.split())
    return Patient(
        row.id,
        label=initials if age is None else f"{initials}, {age} y",
        name=row.name,
        language=row.language,
        device_serial=row.serial,
        context=context_of(facts, at, hospital.zone),
        phones=tuple(link.number for link in links_of(rows, row.id)),
    )


def _is_stopped(rows: Rows, number: str) -> bool:
    return any(row.stopped_at is not None for row in rows.find(NumberRow, number=number))


def _is_here(row: PatientRow) -> bool:
    return row.left_at is None
