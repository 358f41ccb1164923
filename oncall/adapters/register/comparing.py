"""Compares the lines of an import with what the register holds, and says the difference in plain language.

It builds the register as it would be after the import, next to the one that is, so that "two people with
one number" is found whether both stand in the file or one in the register. Deliberately not here: reading
files, and writing anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from rapidfuzz import process

from oncall.adapters.register.assembling import plain_serial
from oncall.adapters.register.csv_rows import CsvSheet, RowError
from oncall.adapters.register.csv_shapes import FamilyLine, Line, PatientLine, PersonLine, TaskLine
from oncall.adapters.register.kept import Existing
from oncall.adapters.register.memory_rows import MemoryRows
from oncall.adapters.register.rows import (
    KINDS,
    FamilyPhoneRow,
    PatientPhoneRow,
    PatientRow,
    PersonPhoneRow,
    PersonRow,
    Row,
    RowType,
    TaskRow,
)

_PHONES = ("phone_1", "phone_2", "phone_3")
Place = tuple[str, int, str]  # file, row, column


class Comparison:
    """The register as it is, and as the import would leave it."""

    def __init__(self, existing: Existing) -> None:
        self._before = existing.rows
        self._after = MemoryRows(row for kind in KINDS for row in existing.rows.find(kind))
        self._at = existing.at
        self._line_number = existing.hospital.line
        self._seen: dict[tuple[str, str], int] = {}
        self._claimed: dict[str, Place] = {}
        self._expected: dict[str, set[str]] = {}
        self.errors: list[RowError] = []
        self.warnings: list[str] = []

    def expect(self, sheet: CsvSheet) -> None:
        """Ids that a file of this import brings, also in rows with mistakes, so that one mistake is told once."""
        subject = sheet.file.lower().removesuffix(".csv")
        self._expected.setdefault(subject, set()).update(row.cells.get("id", "") for row in sheet.rows)

    def take(self, file: str, row: int, line: Line) -> None:
        """One line of one file."""
        match line:
            case PersonLine():
                self._take_person(file, row, line)
            case PatientLine():
                self._take_patient(file, row, line)
            case FamilyLine():
                self._take_family(file, row, line)
            case TaskLine():
                self._take_task(file, row, line)

    def finish(self) -> None:
        """What only the whole of the import can show."""
        families = {row.number for row in self._after.find(FamilyPhoneRow) if row.retired_at is None}
        for phone in self._after.find(PersonPhoneRow):
            if phone.number in families and phone.retired_at is None and phone.number in self._claimed:
                self.warnings.append(f"{phone.number} is {phone.person}'s and a family's: its texts may be either.")

    def changed_rows(self) -> tuple[Row, ...]:
        return tuple(row for _, row in self._differences())

    def told(self) -> tuple[str, ...]:
        return tuple(sentence for before, row in self._differences() for sentence in _sentences(before, row))

    # --- people -------------------------------------------------------------------------------------------

    def _take_person(self, file: str, row: int, line: PersonLine) -> None:
        if self._is_twice(file, row, "id", line.id):
            return
        said = line.said(*_PHONES)
        said.setdefault("name", line.full_name)
        known = self._one(PersonRow, id=line.id)
        if known is None:
            said.setdefault("spoken", said["name"])
            self._after.save(PersonRow(**said))
        else:
            self._after.save(replace(known, **(said | {"name": line.name or known.name}), is_sample=False))
            if known.left_at is not None:
                self.warnings.append(f"{known.name} ({line.id}) has left the team, and an import does not change that.")
        if any(name in line.model_fields_set for name in _PHONES):
            self._take_phones(file, row, line)

    def _take_phones(self, file: str, row: int, line: PersonLine) -> None:
        numbers = [(name, getattr(line, name)) for name in _PHONES if getattr(line, name)]
        for position, (column, number) in enumerate(numbers, start=1):
            if self._may_have(number, (file, row, column), line.id):
                self._after.save(self._phone(number, line.id, position))
        listed = {number for _, number in numbers}
        for phone in self._after.find(PersonPhoneRow, person=line.id):
            if phone.number not in listed and phone.retired_at is None:
                self._after.save(replace(phone, retired_at=self._at))

    def _may_have(self, number: str, place: Place, person: str) -> bool:
        if number == self._line_number:
            self._refuse(place, number, "a number that is not the pump line itself")
            return False
        if number in self._claimed:
            self._refuse(place, number, f"a number of one person; row {self._claimed[number][1]} has it too")
            return False
        holder = self._one(PersonPhoneRow, number=number)
        stranger = holder is not None and holder.retired_at is None and holder.person != person
        if holder is not None and stranger and holder.person not in self._expected["people"]:
            self._refuse(place, number, f"a number of nobody else; {holder.person} has it in the register")
            return False
        self._claimed[number] = place
        return True

    def _phone(self, number: str, person: str, position: int) -> PersonPhoneRow:
        """A number that changes hands, or comes back, must be proven anew."""
        known = self._one(PersonPhoneRow, number=number)
        if known is None or known.person != person or known.retired_at is not None:
            return PersonPhoneRow(number=number, person=person, position=position)
        return replace(known, position=position, is_sample=False)

    # --- patients and families ----------------------------------------------------------------------------

    def _take_patient(self, file: str, row: int, line: PatientLine) -> None:
        if self._is_twice(file, row, "id", line.id):
            return
        said = line.said()
        if line.serial:
            said["serial"] = plain_serial(line.serial)
            if self._is_twice(file, row, "serial", said["serial"]) or self._is_anothers(file, row, line.id, said):
                return
        known = self._one(PatientRow, id=line.id)
        if known is not None and known.left_at is not None:
            self.warnings.append(f"{known.name} ({line.id}) has left, and an import does not change that.")
        self._after.save(PatientRow(**said) if known is None else replace(known, **said, is_sample=False))

    def _is_anothers(self, file: str, row: int, patient: str, said: dict[str, Any]) -> bool:
        others = [other for other in self._after.find(PatientRow, serial=said["serial"]) if other.left_at is None]
        for other in others:
            if other.id != patient:
                self._refuse((file, row, "serial"), said["serial"], f"a pump of nobody else; it is {other.id}'s")
        return any(other.id != patient for other in others)

    def _take_family(self, file: str, row: int, line: FamilyLine) -> None:
        if self._is_twice(file, row, "number", line.number):
            return
        if line.number == self._line_number:
            self._refuse((file, row, "number"), line.number, "a number that is not the pump line itself")
            return
        said = line.said("patients")
        known = self._one(FamilyPhoneRow, number=line.number)
        self._after.save(
            FamilyPhoneRow(**said) if known is None else replace(known, **said, retired_at=None, is_sample=False)
        )
        if "patients" in line.model_fields_set:
            self._link(file, row, line.number, line.patients or ())
        if any(phone.retired_at is None for phone in self._after.find(PersonPhoneRow, number=line.number)):
            self._claimed.setdefault(line.number, (file, row, "number"))  # so that `finish` warns of it

    def _link(self, file: str, row: int, number: str, patients: Sequence[str]) -> None:
        for patient in patients:
            if self._is_known((file, row, "patients"), PatientRow, "patients", patient):
                known = self._one(PatientPhoneRow, patient=patient, number=number)
                new = PatientPhoneRow(patient=patient, number=number)
                self._after.save(replace(known, retired_at=None) if known else new)
        for link in self._after.find(PatientPhoneRow, number=number):
            if link.patient not in patients and link.retired_at is None:
                self._after.save(replace(link, retired_at=self._at))

    # --- tasks --------------------------------------------------------------------------------------------

    def _take_task(self, file: str, row: int, line: TaskLine) -> None:
        patient, owner = line.patient, line.owner
        known_patient = not patient or self._is_known((file, row, "patient"), PatientRow, "patients", patient)
        known_owner = not owner or self._is_known((file, row, "owner"), PersonRow, "people", owner)
        if self._is_twice(file, row, "id", line.id) or not (known_patient and known_owner):
            return
        known = self._one(TaskRow, id=line.id)
        said = line.said()
        self._after.save(TaskRow(**said) if known is None else replace(known, **said, is_sample=False))

    # --- common -------------------------------------------------------------------------------------------

    def _one(self, kind: type[RowType], **equal: Any) -> RowType | None:
        return next(iter(self._after.find(kind, **equal)), None)

    def _refuse(self, place: Place, found: str, wanted: str) -> None:
        file, row, column = place
        self.errors.append(RowError(file, row, column, repr(found), wanted))

    def _is_twice(self, file: str, row: int, column: str, value: str) -> bool:
        first = self._seen.setdefault((f"{file} {column}", value), row)
        if first != row:
            self._refuse((file, row, column), value, f"a different one in each row; row {first} has it too")
        return first != row

    def _is_known(self, place: Place, kind: type[PatientRow] | type[PersonRow], subject: str, id_: str) -> bool:
        if self._one(kind, id=id_):
            return True
        if id_ not in self._expected.get(subject, ()):
            near = process.extractOne(id_, [row.id for row in self._after.find(kind)], score_cutoff=60)
            hint = f"; did you mean {near[0]}?" if near else ""
            self._refuse(place, id_, f"the id of one of the {subject}{hint}")
        return False

    def _differences(self) -> Iterable[tuple[Row | None, Row]]:
        for kind in KINDS:
            before = {_key(row): row for row in self._before.find(kind)}
            for row in self._after.find(kind):
                if before.get(_key(row)) != row:
                    yield before.get(_key(row)), row


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in row.key)


def _sentences(before: Row | None, row: Row) -> list[str]:
    if before is None:
        return [f"add {_title(row)}"]
    names = [known.name for known in fields(row)]  # type: ignore[arg-type]
    changed = [name for name in names if getattr(before, name) != getattr(row, name)]
    if "retired_at" in changed:
        return [f"{_title(before)} is {'used again' if row.retired_at is None else 'no longer used'}"]  # type: ignore[attr-defined]
    return [_sentence(before, row, name) for name in changed]


def _sentence(before: Row, row: Row, name: str) -> str:
    if name == "is_sample":
        return f"{_title(row)} is no longer part of the sample ward"
    words = name.removesuffix("_on").removesuffix("_at").replace("_", " ")
    return f"{_title(before)}: {words} {_shown(getattr(before, name))} -> {_shown(getattr(row, name))}"


def _title(row: Row) -> str:
    match row:
        case PersonRow():
            return f"{row.name} ({row.id})"
        case PersonPhoneRow():
            return f"phone {row.position} of {row.person}, {row.number}"
        case PatientRow():
            return f"patient {row.name} ({row.id})"
        case FamilyPhoneRow():
            return f"family phone {row.number} ({row.relation})"
        case PatientPhoneRow():
            return f"patient {row.patient} at {row.number}"
        case TaskRow():
            return f'task "{row.title}" ({row.id})'
    raise TypeError(f"no import writes {row.table}")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return "nothing" if value is None or value == "" else str(value)
