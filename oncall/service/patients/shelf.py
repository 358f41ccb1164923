"""How patients, their pumps and their families' phones are kept, as a contract; nothing is ever deleted.

A record is what the hospital's own record says, copied: concentration and dose are reference text, and nothing computes
with them. Every change is one commit with its audit line, and is refused when somebody else was faster. Deliberately
not here: how a field is written (`fields`), and the rows (the register).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One person with a pump; `_on` is a date of the hospital, `_at` an instant. `care_services`: with commas."""

    id: str
    name: str
    label: str = ""
    language: str = "en"
    born_on: date | None = None
    diagnosis: str | None = None
    emergency_room: str | None = None
    care_services: str | None = None
    model: str | None = None
    serial: str | None = None
    implanted_on: date | None = None
    reservoir_ml: float | None = None
    low_reservoir_alarm_ml: float | None = None
    daily_volume_ml: float | None = None
    eri_on: date | None = None
    eos_on: date | None = None
    concentration: str | None = None
    dose: str | None = None
    last_refill_on: date | None = None
    last_refill_at: datetime | None = None
    refill_due_on: date | None = None
    refill_booked_on: date | None = None
    low_reservoir_on: date | None = None
    last_dose_change_at: datetime | None = None
    last_mri_at: datetime | None = None
    mri_interrogated_at: datetime | None = None
    last_surgery_on: date | None = None
    left_at: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPhone:
    """One enrolled phone as one patient has it. `verified_at`: when the family last confirmed it; `others`: whom else
    it may be about, by id and name; `stopped_at`: STOP stands with the number itself."""

    number: str
    relation: str
    name: str = ""
    language: str = "en"
    takes_texts: bool = True
    prefers: str | None = None
    verified_at: datetime | None = None
    stopped_at: datetime | None = None
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A record with its phones in the order in which they are rung."""

    record: Record
    phones: tuple[FamilyPhone, ...]


class PatientRefused(Exception):
    """Nothing was changed: the sentence says why; `field` is where."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class PatientShelf(Protocol):
    """See the module. `who` stands in the audit."""

    async def page(self, after: str, left: bool, limit: int) -> Sequence[Record]:
        """By name, behind the patient `after`; those who have left apart."""
        ...

    async def find(self, words: Sequence[str], limit: int) -> Sequence[Record]:
        """Here or left: every word is in the name, the id or the serial number."""
        ...

    async def at_number(self, digits: str, limit: int) -> Sequence[tuple[Record, str]]:
        """Those with a phone whose number ends so, with the number."""
        ...

    async def changed_since(self, since: datetime, after: str, limit: int) -> Sequence[Kept]:
        """At `since` behind the id `after`, or later; oldest change first."""
        ...

    async def get(self, patient: str) -> Kept | None: ...

    async def phone(self, number: str) -> FamilyPhone | None:
        """An enrolled phone, whoever it may be about."""
        ...

    async def put(self, record: Record, seen: Record | None, who: str) -> Record | None:
        """None when it is kept; what stands there instead when that is not `seen` any more. Raises PatientRefused."""
        ...

    async def leave(self, patient: str, who: str) -> None:
        """Texts and alarms are not known as theirs any more; everything stays on record."""
        ...

    async def bring_back(self, patient: str, who: str) -> None:
        """Raises PatientRefused when somebody else has the pump now."""
        ...

    async def change_phone(
        self, patient: str, number: str, change: Callable[[FamilyPhone | None], FamilyPhone], who: str
    ) -> None:
        """Add or change an enrolled phone, for everybody it is about, and give it to this patient."""
        ...

    async def drop_phone(self, patient: str, number: str, who: str) -> None:
        """It is not this patient's any more; with nobody left it is nobody's."""
        ...

    async def ring_first(self, patient: str, number: str, who: str) -> None: ...

    async def set_phones(self, patient: str, phones: Sequence[FamilyPhone], who: str) -> None:
        """Exactly these, in this order; others are dropped."""
        ...


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What a spreadsheet would do. `headings` are the file's, `columns` which heading each of our fields comes from."""

    headings: tuple[str, ...]
    fields: tuple[str, ...]
    columns: Mapping[str, str]
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def can_be_applied(self) -> bool:
        return bool(self.changes) and not self.errors


class PatientSheets(Protocol):
    """Spreadsheets in and out; `subject` is patients or families."""

    async def plan(self, subject: str, content: str, columns: Mapping[str, str]) -> SheetPlan:
        """Writes nothing. A field without a column of its own name takes the one that is told."""
        ...

    async def apply(self, subject: str, content: str, columns: Mapping[str, str], who: str) -> SheetPlan:
        """In one commit, unless there are errors: the plan as it was applied."""
        ...

    async def export(self, subject: str) -> str:
        """CSV that a spreadsheet program shows as text: no cell is a formula."""
        ...
