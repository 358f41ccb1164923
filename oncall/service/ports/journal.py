"""The journal of cases and editions: what is written, what is owed, and what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from oncall.core.case.case import Case
from oncall.core.case.commands import Command
from oncall.core.case.decide import Decide
from oncall.core.case.entries import Recorded
from oncall.core.case.figures import CaseFigures
from oncall.core.case.messages import Message
from oncall.core.handbook import Handbook
from oncall.core.reports import Report
from oncall.core.triage.assessment import Urgency


class JournalRefused(Exception):
    """The store cannot take it now: disk full, read-only, corrupt. The caller falls back (RULINGS 7)."""


class EditionOvertaken(Exception):
    """Another edition was published since the one that this was made on."""


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

    async def next_owed(self) -> datetime | None:
        """When the first message may leave that no worker has; long past for one that may leave at once."""
        ...

    async def unsent(self, now: datetime, limit: int) -> list[str]:
        """Messages that may leave now and that no worker has leased, longest first."""
        ...

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


class HandbookSource(Protocol):
    """The edition in force."""

    def current(self) -> Handbook: ...
