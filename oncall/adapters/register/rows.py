"""The rows of the register, one class for each table of schema/0001_register.sql; later ones beside it.

Both registers, the import and the sample ward speak in these rows; a row is replaced whole and never
deleted. Dates and instants are real dates and aware instants here, text only in the database. Deliberately
not here: what the core makes of them (`assembling`), and who may write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Protocol, TypeVar

from oncall.adapters.register.calendar_rows import CalendarLinkRow, WatchedFeedRow
from oncall.adapters.register.kiosk_rows import KioskLinkRow
from oncall.adapters.register.proposal_rows import ProposalFilesRow, ProposalRow
from oncall.adapters.register.request_rows import RequestRow
from oncall.adapters.register.rota_draft_rows import RotaDraftRow
from oncall.adapters.register.sign_in_rows import AccountRow, LinkRow, SessionRow, ViewRow
from oncall.adapters.register.waiting_rows import WaitingRow

Value = str | int | float | bool | date | datetime | None
Key = tuple[str, ...]


class Row(Protocol):
    """What every row has: the name of its table, and the columns that name one row of it."""

    table: ClassVar[str]
    key: ClassVar[Key]


RowType = TypeVar("RowType", bound=Row)


@dataclass(frozen=True, slots=True)
class Wanted:
    """At most `limit` rows in the order of the columns `by`, behind the values `after`.

    `within` must hold every one of `words` somewhere; `empty` must be NULL, `filled` must not.
    """

    by: Key
    limit: int
    after: tuple[str, ...] = ()
    within: str = ""
    words: tuple[str, ...] = ()
    empty: str = ""
    filled: str = ""


class Rows(Protocol):
    """All tables at one moment: inside one transaction, or in memory."""

    def find(self, kind: type[RowType], **equal: Value) -> list[RowType]:
        """The rows of one table whose columns have these values, in the order of their keys."""
        ...

    def newest(self, kind: type[RowType], by: str, limit: int, **equal: Value) -> list[RowType]:
        """At most `limit` of those that have a `by`, the greatest first."""
        ...

    def between(
        self, kind: type[RowType], by: str, since: datetime, until: datetime, limit: int, **equal: Value
    ) -> list[RowType]:
        """At most `limit` of them whose `by` is at `since` or later and before `until`, the newest first."""
        ...

    def some(self, kind: type[RowType], wanted: Wanted) -> list[RowType]:
        """A few rows of a table that may be long, by an index."""
        ...

    def save(self, row: Row) -> None:
        """Add the row, or replace the one with the same key."""
        ...

    def record(self, entry: AuditRow) -> None: ...

    def audit(self, limit: int) -> list[AuditRow]:
        """Newest first."""
        ...

    def version(self) -> int:
        """Moves whenever somebody who can be paged changes, or is to be replaced."""
        ...

    def calendar_version(self) -> tuple[int, int]:
        """The first moves whenever the dates of a pump change, the second with families' numbers."""
        ...

    def calendar_changes(self, since: int) -> list[str]:
        """The patients who have changed after the first of these was `since`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody who may be paged; `name` is what families read."""

    table: ClassVar[str] = "people"
    key: ClassVar[Key] = ("id",)
    id: str
    full_name: str
    name: str
    spoken: str
    role: str
    languages: str = "en"
    left_at: datetime | None = None
    is_sample: bool = False
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPhoneRow:
    """A number of one person, `position` 1 first; proven when a human key was pressed on it.

    One that was added on a page (`added_at`) is paged from `in_use_at` on; one of an import at once.
    """

    table: ClassVar[str] = "person_phones"
    key: ClassVar[Key] = ("number",)
    number: str
    person: str
    position: int = 1
    proven_at: datetime | None = None
    takes_texts: bool = True
    retired_at: datetime | None = None
    is_sample: bool = False
    added_at: datetime | None = None
    added_by: str | None = None
    in_use_at: datetime | None = None
    texts_proven_at: datetime | None = None
    code_sent_at: datetime | None = None
    code_tries: int = 0

    @property
    def is_in_use(self) -> bool:
        return self.retired_at is None and (self.added_at is None or self.in_use_at is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """What is known of a number whoever owns it, and even if nobody does."""

    table: ClassVar[str] = "numbers"
    key: ClassVar[Key] = ("number",)
    number: str
    stopped_at: datetime | None = None
    not_a_patient_until: datetime | None = None
    marked_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPhoneRow:
    """An enrolled phone of a family, a school or a group home."""

    table: ClassVar[str] = "family_phones"
    key: ClassVar[Key] = ("number",)
    number: str
    relation: str
    name: str = ""
    language: str = "en"
    takes_texts: bool = True
    verified_at: datetime | None = None
    retired_at: datetime | None = None
    is_sample: bool = False
    prefers: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRow:
    """A person with a pump. Concentration and dose are reference text: nothing computes with them.

    `found_by` (plain words to search in) and `changed_at` (also when a phone of theirs changes) are set by `keeping`.
    """

    table: ClassVar[str] = "patients"
    key: ClassVar[Key] = ("id",)
    id: str
    name: str
    label: str = ""
    language: str = "en"
    born_on: date | None = None
    diagnosis: str | None = None
    model: str | None = None
    serial: str | None = None
    implanted_on: date | None = None
    reservoir_ml: float | None = None
    concentration: str | None = None
    dose: str | None = None
    low_reservoir_alarm_ml: float | None = None
    daily_volume_ml: float | None = None
    last_refill_on: date | None = None
    last_refill_at: datetime | None = None
    refill_due_on: date | None = None
    refill_booked_on: date | None = None
    low_reservoir_on: date | None = None
    eri_on: date | None = None
    last_mri_at: datetime | None = None
    mri_interrogated_at: datetime | None = None
    last_surgery_on: date | None = None
    last_dose_change_at: datetime | None = None
    emergency_room: str | None = None
    left_at: datetime | None = None
    is_sample: bool = False
    eos_on: date | None = None
    care_services: str | None = None
    changed_at: datetime | None = None
    found_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientPhoneRow:
    """This phone may be about this patient; `position` 1 is rung first, those that nobody has put in order last."""

    table: ClassVar[str] = "patient_phones"
    key: ClassVar[Key] = ("patient", "number")
    patient: str
    number: str
    retired_at: datetime | None = None
    is_sample: bool = False
    position: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """Something to do by day, with an owner and an hour. `log` is JSON; whoever takes it need not be pageable."""

    table: ClassVar[str] = "tasks"
    key: ClassVar[Key] = ("id",)
    id: str
    title: str
    due_at: datetime
    patient: str | None = None
    owner: str | None = None
    case_id: str | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    is_sample: bool = False
    promised_at: datetime | None = None
    words: str = ""
    taken_by: str = ""
    taken_at: datetime | None = None
    outcome: str = ""
    log: str = "[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderRow:
    """A program that may call the API; its token is kept only as a hash. `scope`: what more it may, "patients"."""

    table: ClassVar[str] = "api_senders"
    key: ClassVar[Key] = ("name",)
    name: str
    token_sha256: str
    added_at: datetime
    person: str | None = None
    revoked_at: datetime | None = None
    is_sample: bool = False
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Who changed what; `row` is JSON."""

    at: datetime
    who: str
    what: str
    row: str


# in the order in which they refer to each other
KINDS: tuple[type[Row], ...] = (
    PersonRow,
    PersonPhoneRow,
    NumberRow,
    FamilyPhoneRow,
    PatientRow,
    PatientPhoneRow,
    TaskRow,
    SenderRow,
    CalendarLinkRow,
    KioskLinkRow,
    WatchedFeedRow,
    RotaDraftRow,
    RequestRow,
    WaitingRow,
)
SIGN_IN_KINDS: tuple[type[Row], ...] = (AccountRow, SessionRow, LinkRow, ViewRow, ProposalRow, ProposalFilesRow)
ALL_KINDS = (*KINDS, *SIGN_IN_KINDS)


def kind_of(table: str) -> type[Row]:
    """The class of a table's rows."""
    return next(kind for kind in ALL_KINDS if kind.table == table)
