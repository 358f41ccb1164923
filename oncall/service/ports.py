"""What the duty desk needs from the world, each as a small contract.

The desk knows no vendor, no database and no wall clock: it is handed these. Every port has an in-memory twin that is
shipped and used by the tests, and one suite of contract tests runs over all implementations. Deliberately not here:
anything that only one adapter needs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from oncall.core.case.case import Case, FollowUp
from oncall.core.case.commands import Command
from oncall.core.case.decide import Decide
from oncall.core.case.entries import Recorded
from oncall.core.case.facts import Directory
from oncall.core.case.figures import CaseFigures
from oncall.core.case.messages import Channel, Message, Outcome, Progress
from oncall.core.case.refusals import Mark
from oncall.core.handbook import Handbook
from oncall.core.notices import Notice
from oncall.core.people import Caller, Clinician, NumberMark, Patient
from oncall.core.reports import Enclosed, Report
from oncall.core.triage.assessment import Urgency


class MarkRefused(Exception):
    """This number is somebody's, and the sentence says whose: it cannot be marked as no patient's."""


class JournalRefused(Exception):
    """The store cannot take it now: disk full, read-only, corrupt. The caller falls back (RULINGS 7)."""


class EditionOvertaken(Exception):
    """Another edition was published since the one that this was made on."""


class Timepiece(Protocol):
    """The only source of time and the only way to wait (law 3: it remembers nothing)."""

    def now(self) -> datetime:
        """This instant, aware and in UTC."""
        ...

    async def sleep_until(self, at: datetime | None, woken: asyncio.Event | None = None) -> None:
        """Wait until `at`, or until `woken` is set, or until the ceiling of half a second in real time.

        `None` waits for `woken` (or the ceiling) alone. May return early; the caller asks again what is due.
        """
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """What one delivery changed. `repeated` says that its key had been seen: nothing was added then."""

    cases: tuple[Case, ...]
    answer: Mapping[str, Any]
    repeated: bool = False
    entries: tuple[Recorded, ...] = ()

    @property
    def case(self) -> Case:
        return self.cases[0]


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page that a person may still answer, or could within the last seven days."""

    case: str
    page: str
    person: str
    slot: int | None
    ordered_at: datetime
    open: bool


@dataclass(frozen=True, slots=True)
class CaseMark:
    """Where a case is found: its key (RULINGS 6) and when it was opened."""

    case: str
    key: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class ClosedMark:
    """What one line about a closed case says; `person` closed it."""

    case: str
    code: str
    label: str
    pace: Urgency | None
    opened_at: datetime
    closed_at: datetime
    person: str
    outcome: str


def closed_mark(case: Case) -> ClosedMark:
    """Of a case that is closed."""
    assert case.closed is not None
    assert case.opened_at is not None
    closing = case.closed
    told = (case.id, case.code, case.label, case.pace, case.opened_at)
    return ClosedMark(*told, closing.at, closing.person, closing.outcome)


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery that was stored: its dedupe key, when, and the cases it went to."""

    key: str
    at: datetime
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One published handbook; `second` and `reason` are empty where none was needed, `difference` is JSON."""

    name: str  # the hash of its files
    at: datetime
    author: str
    second: str = ""
    reason: str = ""
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a purged case: how long its chain was, where it ended, and the file that holds it."""

    case: str
    code: str
    entries: int
    last_hash: str
    closed_at: datetime
    purged_at: datetime
    purged_by: str
    export_sha256: str


class Journal(Protocol):
    """The record of care: one append-only, hash-chained stream per case, and the rows derived from it.

    `write` is the only way in. Everything of one call is one commit (law 2): entries, due row, owed messages, raw
    reports, dedupe key and answer; if any part fails, nothing is kept and the error is raised to this caller alone.
    """

    async def write(self, commands: Sequence[Command], decide: Decide, key: str | None = None) -> Written:
        """Load each command's case, decide, append, commit. A key seen before returns the first answer unchanged.

        `at` is stamped inside. Raises `JournalRefused` when the store cannot take it.
        """
        ...

    async def due(self, now: datetime, limit: int) -> list[str]:
        """Cases with a clock due at `now`, and cases whose clocks were set in the future (the clock stepped back)."""
        ...

    async def push_due(self, case_id: str, until: datetime) -> None:
        """Put off a case whose step failed, so that the others go on; its clocks are untouched."""
        ...

    async def next_due(self) -> datetime | None: ...

    async def lease_owed(self, now: datetime, lease: timedelta, limit: int, lanes: Sequence[str]) -> list[Message]:
        """Up to `limit` messages that may be sent now, each hidden from other workers for `lease`."""
        ...

    async def next_owed(self) -> datetime | None: ...

    async def idle_cases(self) -> list[str]:
        """Open cases that nobody holds, with no running clock and nothing to be sent: there must be none."""
        ...

    async def release_leases(self) -> None:
        """At the start of a single node: what was leased by the process before is free again."""
        ...

    async def entries(self, case_id: str) -> list[Recorded]: ...

    async def chain(self, case_id: str) -> list[str]:
        """The hash of each entry, in order: each ties in everything before it, the last is the chain's head."""
        ...

    async def case(self, case_id: str) -> Case | None: ...

    async def case_by_code(self, code: str) -> str | None: ...

    async def open_case(self, key: str) -> str | None: ...

    async def last_closed(self, key: str) -> Case | None:
        """The newest closed case that had this key."""
        ...

    async def received(self, start: str) -> list[Received]:
        """Deliveries whose dedupe key begins so, oldest first; at most a hundred."""
        ...

    async def open_cases(self, due_by: datetime | None = None) -> list[Case]:
        """Oldest first; with `due_by` only those with a clock due by then, whatever else is open."""
        ...

    async def held_cases(self) -> list[Case]:
        """The open cases that somebody has taken, oldest first."""
        ...

    async def cases_carrying(self, sids: Sequence[str]) -> list[Case]:
        """The open cases that have a message which the carrier calls by one of these names."""
        ...

    async def enclosed_since(self, since: datetime) -> list[str]:
        """The cases, open or closed, that have had a sound or a picture added since."""
        ...

    async def closed_cases(self, since: datetime, limit: int) -> list[Case]: ...

    async def closed_marks(self, since: datetime, limit: int) -> list[ClosedMark]:
        """The same cases, the last closed first, without reading everything that happened in them."""
        ...

    async def cases_since(self, since: datetime) -> list[str]:
        """The cases that were opened at `since` or later, open or closed, oldest first."""
        ...

    async def figures(self, since: datetime, until: datetime) -> list[CaseFigures]:
        """Of the cases opened at `since` or later and before `until`, open or closed, oldest first."""
        ...

    async def figures_written(self, since: tuple[int, int]) -> tuple[tuple[int, int], tuple[datetime, ...] | None]:
        """A mark that moves with every closed case whose figures are written, and when those written since were opened.

        None: any may have changed, also that cases were purged; a mark of (0, 0) is for remembering nothing.
        """
        ...

    async def owed_follow_ups(self) -> list[str]:
        """Closed cases whose follow-up is not said to stand on the list of tasks yet."""
        ...

    async def follow_up_left(self, case_id: str) -> None: ...

    async def closed_before(self, before: datetime, limit: int) -> list[str]:
        """Cases that were closed before then and so may be purged, the longest closed first."""
        ...

    async def exported(self, case_id: str) -> str:
        """Everything that is stored of a case, entries with their hashes and raw words, as one line of JSON."""
        ...

    async def purge(self, case_ids: Sequence[str], by: str, export_sha256: str) -> list[Tombstone]:
        """Take closed cases out for good, in one commit; each leaves its tombstone. One that is open stays."""
        ...

    async def tombstones(self, limit: int) -> list[Tombstone]:
        """The newest first."""
        ...

    async def note_audit(self, faults: int) -> None:
        """The journal was held against itself just now."""
        ...

    async def last_audit(self) -> tuple[datetime, int] | None:
        """When, and how many faults it found."""
        ...

    async def cases_of(self, keys: Sequence[str], before: datetime | None, limit: int) -> list[CaseMark]:
        """Open and closed cases that have had one of these keys, newest first, opened before `before`."""
        ...

    async def find_cases(self, name: str, slot: int | None, limit: int) -> list[str]:
        """By id, by code in any letters, or by the slot of a page of the last seven days; newest first."""
        ...

    async def pages_of(self, person: str) -> list[OpenPage]:
        """This person's pages of the last seven days, newest first."""
        ...

    async def page_by_token(self, token: str) -> OpenPage | None: ...

    async def report(self, report_id: str) -> Report | None: ...

    async def editions(self) -> list[Edition]:
        """Published handbook editions, newest first."""
        ...

    async def edition_at(self, at: datetime) -> Edition | None:
        """The one that was in force then."""
        ...

    async def save_edition(self, edition: Edition, files: Mapping[str, str], base: str | None = None) -> None:
        """`base`: the edition that must be the newest in the same commit, "" for none; None asks nothing.

        Raises EditionOvertaken.
        """
        ...

    async def edition_files(self, edition: str) -> Mapping[str, str] | None: ...

    async def audit(self) -> list[str]:
        """Every broken hash and every derived row that differs from replay, as sentences; empty when whole."""
        ...

    async def close(self) -> None: ...


class Register(Protocol):
    """People, phones and proofs, patients and their pumps, tasks: plain audited rows, not a journal."""

    async def directory(self) -> Directory: ...

    async def caller(self, number: str) -> Caller | None:
        """Who is enrolled with this E.164 number, with all their patients."""
        ...

    async def clinician_by_number(self, number: str) -> Clinician | None: ...

    async def is_retired(self, number: str) -> bool:
        """Whether it was a number of somebody of the team, and is no more."""
        ...

    async def patient(self, patient_id: str) -> Patient | None: ...

    async def patient_by_serial(self, serial: str) -> Patient | None: ...

    async def set_stopped(self, number: str, stopped: bool, at: datetime) -> None:
        """Remember STOP (True) or START (False) from this number, whoever owns it."""
        ...

    async def prove_phone(self, number: str, at: datetime) -> bool:
        """A human key or reply came from this number of a clinician: it is proven. False for anybody else's."""
        ...

    async def number_mark(self, number: str) -> NumberMark | None:
        """Who says that this number is no patient's, and until when (RULINGS 3); None once it is somebody's."""
        ...

    async def mark_not_a_patient(self, number: str, until: datetime | None, who: str) -> None:
        """A named person says so, audited; `until` None takes it back. Raises MarkRefused for a number of somebody."""
        ...

    async def mark_phone(self, number: str, mark: Mark, at: datetime) -> None:
        """The carrier says this of the number: remembered, audited, and a task for the coordinator.

        Opted out and landline take no more texts; one that no carrier knows counts as not proven.
        """
        ...

    async def leave_follow_up(self, task: FollowUp, task_id: str, case_id: str, patient: str | None, who: str) -> None:
        """A task that `who` leaves when closing a case; one that is known by its id stays as it is."""
        ...

    async def sender_by_token(self, token: str) -> Sender | None:
        """The API sender that holds this bearer token; tokens are stored hashed."""
        ...

    async def close(self) -> None: ...


class Notices(Protocol):
    """What is told to or asked of staff outside of cases: audited rows beside the register's (law 3)."""

    async def put(self, notice: Notice, taken: Collection[int]) -> Notice:
        """Write it down with a slot that is not in `taken` and that no notice of this person has had for seven days.

        One that is known by its id is left alone and returned as it stands.
        """
        ...

    async def change(self, notice_id: str, move: Callable[[Notice], Notice]) -> Notice | None:
        """Read, move and write in one commit; what stands afterwards, None for an unknown id."""
        ...

    async def reslot(self, notice_id: str, taken: Collection[int]) -> Notice | None:
        """Another slot in place of one that a page has, as long as nothing was sent."""
        ...

    async def get(self, notice_id: str) -> Notice | None: ...

    async def open(self) -> list[Notice]:
        """To be sent, or waiting for an answer; oldest first."""
        ...

    async def unheard(self) -> list[Notice]:
        """Settled, and whoever ordered them has not been told."""
        ...

    async def about(self, kind: str, reference: str | None = None) -> list[Notice]:
        """All of one kind, or of one thing; oldest first."""
        ...

    async def between(self, since: datetime, until: datetime, kind: str = "", limit: int = 1000) -> list[Notice]:
        """At most `limit`, ordered at `since` or later and before `until`, newest first; of one kind, or of all."""
        ...

    async def of_person(self, person: str) -> list[Notice]:
        """Ordered within seven days or still open; newest first."""
        ...

    async def answered(self, kind: str, limit: int) -> list[Notice]:
        """Those of one kind that somebody has answered, the newest answer first."""
        ...

    async def tests(self, since: datetime, until: datetime) -> list[Notice]:
        """Marked as tests and ordered at `since` or later and before `until`; oldest first."""
        ...

    async def sent_to(self, number: str, kind: str) -> list[Notice]:
        """All of one kind to one number; oldest first."""
        ...

    async def answered_by(self, reply_sid: str) -> Notice | None:
        """The notice that this very text has answered."""
        ...


class Tasks(Protocol):
    """Work for the day, as chores leave it and take it back; the register keeps it."""

    async def directory(self) -> Directory: ...

    async def leave_task(self, task_id: str, title: str, due_at: datetime, who: str) -> None:
        """One that is known is left as it is, done or not."""
        ...

    async def finish_task(self, task_id: str, who: str) -> bool: ...

    async def finished_by(self, task_id: str, who: str) -> datetime | None:
        """When `who` finished it; None for one that is open or unknown, or that somebody else finished."""
        ...

    async def open_again(self, task_id: str, who: str) -> None:
        """What `who` finished is to be done after all; what somebody else finished stays done."""
        ...

    async def open_task_ids(self, start: str) -> frozenset[str]:
        """Those whose id begins so."""
        ...

    async def finished_at(self, start: str) -> list[datetime]:
        """When those whose id begins so were done."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """A program that may call the API. Acting tokens are bound to one person; device tokens are not (RULINGS 10).

    `scope`: what more it may, "patients" or nothing."""

    name: str
    person: str | None = None
    scope: str = ""


class Pager(Protocol):
    """The way out to telephones. No retries of its own: the outbox retries."""

    async def turn(self, message: Message) -> None:
        """Wait until the carrier may be given this message: emergencies first, then families."""
        ...

    def waiting(self) -> int:
        """How many turns only the clock will bring."""
        ...

    async def send(self, message: Message, attempt: int) -> Outcome: ...

    async def find(self, message: Message, since: datetime) -> Outcome | None:
        """After a crash: did this text go out since its first attempt? Calls cannot be found and answer None."""
        ...

    async def stop(self, sid: str) -> Outcome:
        """Cancel what is queued, end what rings. An answered call is left alone; `sid` None: not a call of ours."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A text or call in the carrier's own list. `number` is the far end's, None when withheld."""

    sid: str
    channel: Channel
    inbound: bool
    number: str | None
    at: datetime
    progress: Progress
    code: int | None = None
    body: str = ""
    media: int = 0
    opt_out: str | None = None
    enclosed: tuple[Enclosed, ...] = ()


class Ledger(Protocol):
    """What a carrier says has passed over one of our numbers, whether or not it told us then."""

    @property
    def name(self) -> str: ...

    async def since(self, at: datetime) -> Sequence[Seen]:
        """Texts and calls from then on. Raises LedgerUnread when it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class CarrierState:
    """How it stands with the carrier by our own results: lists read until, what only they told us, routes in doubt."""

    reconciled_at: datetime | None = None
    recovered: Mapping[str, int] = field(default_factory=dict)
    in_doubt: Mapping[str, bool] = field(default_factory=dict)


class LedgerUnread(Exception):
    """The carrier did not answer, or had more than we read at once; the sentence says which."""


@dataclass(frozen=True, slots=True)
class KeptEnclosure:
    """The bytes of a recording or picture, and what their beginning says they are."""

    case: str
    name: str
    media_type: str
    body: bytes


class EnclosureStore(Protocol):
    """Sounds and pictures in our own hands: what a family sent, beside the journal and like it never outside."""

    async def keep(self, enclosure: KeptEnclosure, at: datetime) -> None:
        """Again under the same name: the newest stands."""
        ...

    async def get(self, name: str) -> KeptEnclosure | None: ...

    async def older_than(self, at: datetime) -> list[tuple[str, str]]:
        """Case and name of what was kept before `at`."""
        ...

    async def forget(self, name: str) -> None: ...

    async def close(self) -> None: ...


class NotToBeHad(Exception):
    """The carrier gives no such file, or more than we take; the sentence says which. `for_now`: perhaps later."""

    def __init__(self, why: str, for_now: bool = True) -> None:
        self.why, self.for_now = why, for_now
        super().__init__(why)


class CarrierFiles(Protocol):
    """Recordings and pictures of one carrier account."""

    def has(self, source: str) -> bool:
        """Whether this path is one of this account's recordings or pictures."""
        ...

    async def fetch(self, source: str) -> bytes:
        """Raises NotToBeHad."""
        ...

    async def delete(self, source: str) -> bool:
        """Whether it is gone there; also when it was never there."""
        ...

    async def close(self) -> None: ...


class HandbookSource(Protocol):
    """The edition in force."""

    def current(self) -> Handbook: ...
