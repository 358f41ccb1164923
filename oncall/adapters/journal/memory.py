"""The in-memory twin of the journal: the same contract without a disk, for tests and rehearsals.

It keeps rows in dictionaries and takes them back when a delivery fails, so one suite of contract tests runs over it
and over SQLite. Deliberately not here: durability.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from oncall.adapters.journal.shelf import (
    GENESIS,
    LONGEST_PUSH,
    SLOT_REST,
    RegisterView,
    chained,
    is_settled,
    owes_follow_up,
    write_delivery,
)
from oncall.core.as_json import plain
from oncall.core.case.case import Case, Page, Status
from oncall.core.case.codec import decode
from oncall.core.case.commands import Command
from oncall.core.case.decide import Decide
from oncall.core.case.duties import Duties, Owed, duties_of
from oncall.core.case.entries import EnclosureAdded, Recorded, ReportAdded
from oncall.core.case.evolve import replay
from oncall.core.case.figures import CaseFigures, figures_of
from oncall.core.case.messages import Message
from oncall.core.reports import Report
from oncall.service.ports.journal import (
    CaseMark,
    ClosedMark,
    Edition,
    EditionOvertaken,
    OpenPage,
    Received,
    Tombstone,
    Written,
    closed_mark,
)

Row = tuple[Recorded, str, int, str, str]


@dataclass
class _Rows:
    """Everything a transaction can change."""

    entries: dict[str, list[Row]] = field(default_factory=dict)
    open_keys: dict[str, str] = field(default_factory=dict)
    owed: dict[str, Owed] = field(default_factory=dict)
    due: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    pages: dict[str, tuple[str, Page]] = field(default_factory=dict)
    busy: dict[str, tuple[str, ...]] = field(default_factory=dict)
    holders: dict[str, str | None] = field(default_factory=dict)
    follow_ups: dict[str, None] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    received: dict[str, tuple[Mapping[str, Any], Received]] = field(default_factory=dict)

    def copied(self) -> _Rows:
        same: dict[str, dict[str, Any]] = {name: rows.copy() for name, rows in vars(self).items()}
        same["entries"] = {case_id: rows.copy() for case_id, rows in self.entries.items()}
        return _Rows(**same)


class MemoryJournal:
    """See the module. `register` is the register's view, `now` the clock."""

    def __init__(self, register: RegisterView, now: Callable[[], datetime]) -> None:
        self._rows = _Rows()
        self._register = register
        self._now = now
        self._cases: dict[str, Case] = {}
        self._leases: dict[str, datetime] = {}
        self._pushed: dict[str, datetime] = {}
        self._editions: list[tuple[Edition, Mapping[str, str]]] = []
        self._tombstones: list[Tombstone] = []
        self._audited: tuple[datetime, int] | None = None

    def reopened(self) -> MemoryJournal:
        """What the next process finds: the rows, entries read back from their stored form, and nothing from memory."""
        found = MemoryJournal(self._register, self._now)
        found._rows, found._editions = self._rows, self._editions
        for case_id, rows in self._rows.entries.items():
            found._rows.entries[case_id] = [_read_back(row) for row in rows]
        return found

    # --- the write door --------------------------------------------------------------------------------------

    async def write(self, commands: Sequence[Command], decide: Decide, key: str | None = None) -> Written:
        before = self._rows.copied()
        try:
            written = write_delivery(self, commands, decide, key, self._now())
        except BaseException:
            self._rows = before
            self._cases.clear()
            raise
        return written

    # --- the shelf -------------------------------------------------------------------------------------------

    def seen(self, key: str) -> tuple[Mapping[str, Any], tuple[str, ...]] | None:
        known = self._rows.received.get(key)
        return (known[0], known[1].cases) if known else None

    def remember(self, key: str, at: datetime, answer: Mapping[str, Any], cases: Sequence[str]) -> None:
        self._rows.received[key] = (answer, Received(key, at, tuple(cases)))

    def replayed(self, case_id: str) -> tuple[Case, str]:
        rows = self._rows.entries.get(case_id, [])
        if case_id not in self._cases:
            self._cases[case_id] = replay((row[0] for row in rows), Case(case_id))
        return self._cases[case_id], rows[-1][4] if rows else GENESIS

    def append(self, case_id: str, rows: Sequence[Row]) -> None:
        self._rows.entries.setdefault(case_id, []).extend(rows)

    def derive(self, case: Case, before: Duties, after: Duties) -> None:
        self._cases[case.id] = case
        self._pushed.pop(case.id, None)
        for owed in before.owed:
            self._rows.owed.pop(owed.message.id, None)
        self._rows.owed |= {owed.message.id: owed for owed in after.owed}
        now = self._now()
        for state in case.messages if self._leases else ():
            if state.message.id in self._leases and is_settled(state, now):
                del self._leases[state.message.id]
        self._rows.due.pop(case.id, None)
        if after.due_at is not None and after.set_at is not None:
            self._rows.due[case.id] = (after.due_at, after.set_at)
        if before.key is not None:
            self._rows.open_keys.pop(before.key, None)
        if after.key is not None:
            self._rows.open_keys[after.key] = case.id
        self._rows.pages |= {page.id: (case.id, page) for page in after.pages}
        self._rows.busy[case.id] = after.busy
        self._rows.holders[case.id] = after.holder
        if owes_follow_up(case, before):
            self._rows.follow_ups[case.id] = None

    def file(self, case_id: str, report: Report) -> None:
        self._rows.reports[report.id] = report

    def taken_slots(self, person: str, since: datetime) -> frozenset[int]:
        return frozenset(
            page.slot
            for case_id, page in self._rows.pages.values()
            if page.person == person and page.slot is not None and (page.ordered_at > since or self._is_open(case_id))
        )

    def taken_codes(self) -> frozenset[str]:
        return frozenset(self.replayed(case_id)[0].code for case_id in self._rows.open_keys.values())

    def busy(self, except_case: str) -> frozenset[str]:
        return frozenset(person for case, people in self._rows.busy.items() if case != except_case for person in people)

    def held_by(self, person: str, except_case: str) -> int:
        return sum(1 for case_id, holder in self._rows.holders.items() if holder == person and case_id != except_case)

    def register(self) -> RegisterView:
        return self._register

    def case_of_key(self, key: str) -> str | None:
        return self._rows.open_keys.get(key)

    def _is_open(self, case_id: str) -> bool:
        return self.replayed(case_id)[0].is_open

    # --- reading ---------------------------------------------------------------------------------------------

    async def due(self, now: datetime, limit: int) -> list[str]:
        ready = [
            (due_at, case_id)
            for case_id, (due_at, set_at) in self._rows.due.items()
            if (due_at <= now or set_at > now + timedelta(seconds=1)) and not self._is_pushed(case_id, now)
        ]
        return [case_id for _, case_id in sorted(ready)[:limit]]

    def _is_pushed(self, case_id: str, now: datetime) -> bool:
        return now < self._pushed.get(case_id, now) <= now + LONGEST_PUSH

    async def push_due(self, case_id: str, until: datetime) -> None:
        self._pushed[case_id] = until

    async def next_due(self) -> datetime | None:
        return min(
            (max(due_at, self._pushed.get(case, due_at)) for case, (due_at, _) in self._rows.due.items()),
            default=None,
        )

    async def lease_owed(self, now: datetime, lease: timedelta, limit: int, lanes: Sequence[str]) -> list[Message]:
        ready = [
            owed.message
            for owed in self._rows.owed.values()
            if owed.message.lane.value in lanes
            and (owed.not_before is None or owed.not_before <= now)
            and not now < self._leases.get(owed.message.id, now) <= now + lease
        ][:limit]
        self._leases |= {message.id: now + lease for message in ready}
        return ready

    async def unsent(self, now: datetime, limit: int) -> list[str]:
        waiting = (name for name, owed in self._rows.owed.items() if owed.not_before is None or owed.not_before <= now)
        return [name for name in waiting if self._leases.get(name, now) <= now][:limit]

    async def idle_cases(self) -> list[str]:
        cases = {case.id: case for case in await self.open_cases()}
        busy = set(self._rows.due) | {owed.message.case for owed in self._rows.owed.values()}
        return [name for name, case in cases.items() if case.status is not Status.HELD and name not in busy]

    async def next_owed(self) -> datetime | None:
        return min((self._sendable_from(owed) for owed in self._rows.owed.values()), default=None)

    def _sendable_from(self, owed: Owed) -> datetime:
        now = self._now()
        return max(owed.not_before or now, self._leases.get(owed.message.id, now))

    async def release_leases(self) -> None:
        self._leases.clear()

    async def entries(self, case_id: str) -> list[Recorded]:
        return [row[0] for row in self._rows.entries.get(case_id, [])]

    async def chain(self, case_id: str) -> list[str]:
        return [row[4] for row in self._rows.entries.get(case_id, [])]

    async def case(self, case_id: str) -> Case | None:
        return self.replayed(case_id)[0] if case_id in self._rows.entries else None

    async def case_by_code(self, code: str) -> str | None:
        named = [self.replayed(case_id)[0] for case_id in self._rows.entries]
        named = sorted((c for c in named if c.code == code), key=lambda c: (c.is_open, c.opened_at))
        return named[-1].id if named else None

    async def open_case(self, key: str) -> str | None:
        return self._rows.open_keys.get(key)

    async def last_closed(self, key: str) -> Case | None:
        closed = [self.replayed(case_id)[0] for case_id in self._rows.entries]
        closed = [case for case in closed if case.key == key and case.closed]
        return max(closed, key=lambda case: case.closed.at if case.closed else self._now(), default=None)

    async def received(self, start: str) -> list[Received]:
        found = [row for key, (_, row) in self._rows.received.items() if key.startswith(start)]
        return sorted(found, key=lambda row: row.at)[:100]

    def received_keys(self) -> frozenset[str]:
        """Every delivery that was ever stored."""
        return frozenset(self._rows.received)

    async def open_cases(self, due_by: datetime | None = None) -> list[Case]:
        cases = [self.replayed(case_id)[0] for case_id in self._rows.open_keys.values()]
        return [case for case in cases if due_by is None or (case.due_at is not None and case.due_at <= due_by)]

    async def held_cases(self) -> list[Case]:
        return [case for case in await self.open_cases() if case.holder is not None]

    async def enclosed_since(self, since: datetime) -> list[str]:
        def is_enclosed(row: Recorded) -> bool:
            return isinstance(row.entry, EnclosureAdded) and row.at >= since

        return [case_id for case_id, rows in self._rows.entries.items() if any(is_enclosed(row[0]) for row in rows)]

    async def cases_carrying(self, sids: Sequence[str]) -> list[Case]:
        return [case for case in await self.open_cases() if any(state.sid in sids for state in case.messages)]

    async def closed_cases(self, since: datetime, limit: int) -> list[Case]:
        closed = [self.replayed(case_id)[0] for case_id in self._rows.entries]
        recent = [case for case in closed if case.closed and case.closed.at >= since]
        return sorted(recent, key=lambda case: case.closed.at if case.closed else since, reverse=True)[:limit]

    async def closed_marks(self, since: datetime, limit: int) -> list[ClosedMark]:
        return [closed_mark(case) for case in await self.closed_cases(since, limit)]

    async def cases_since(self, since: datetime) -> list[str]:
        opened = [self.replayed(case_id)[0] for case_id in self._rows.entries]
        recent = [case for case in opened if case.opened_at >= since]
        return [case.id for case in sorted(recent, key=lambda case: case.opened_at)]

    async def figures(self, since: datetime, until: datetime) -> list[CaseFigures]:
        found = [figures_of(case_id, [row[0] for row in rows]) for case_id, rows in self._rows.entries.items()]
        within = [case for case in found if case is not None and since <= case.opened_at < until]
        return sorted(within, key=lambda case: case.opened_at)

    async def figures_written(self, since: tuple[int, int]) -> tuple[tuple[int, int], tuple[datetime, ...] | None]:
        return (0, 0), None

    async def owed_follow_ups(self) -> list[str]:
        return list(self._rows.follow_ups)

    async def follow_up_left(self, case_id: str) -> None:
        self._rows.follow_ups.pop(case_id, None)

    async def closed_before(self, before: datetime, limit: int) -> list[str]:
        closed = [self.replayed(case_id)[0] for case_id in self._rows.entries]
        old = sorted((case.closed.at, case.id) for case in closed if case.closed and case.closed.at < before)
        return [case_id for _, case_id in old[:limit]]

    async def exported(self, case_id: str) -> str:
        entries = [
            [recorded.seq, recorded.at.isoformat(), kind, version, body, digest]
            for recorded, kind, version, body, digest in self._rows.entries.get(case_id, [])
        ]
        added = [row[0].entry for row in self._rows.entries.get(case_id, [])]
        reports = [plain(self._rows.reports[one.report]) for one in added if isinstance(one, ReportAdded)]
        return json.dumps({"case": case_id, "entries": entries, "reports": reports}, ensure_ascii=False)

    async def purge(self, case_ids: Sequence[str], by: str, export_sha256: str) -> list[Tombstone]:
        stones = []
        for case_id in case_ids:
            case, last_hash = self.replayed(case_id)
            if case.closed is None or case.is_open:
                continue
            stone = Tombstone(
                case_id, case.code, case.version, last_hash, case.closed.at, self._now(), by, export_sha256
            )
            stones.append(stone)
            self._take_out(case_id)
        self._tombstones += stones
        return stones

    def _take_out(self, case_id: str) -> None:
        for row in self._rows.entries.pop(case_id):
            if isinstance(row[0].entry, ReportAdded):
                self._rows.reports.pop(row[0].entry.report, None)
        self._cases.pop(case_id, None)
        self._rows.busy.pop(case_id, None)
        self._rows.due.pop(case_id, None)
        self._rows.owed = {name: owed for name, owed in self._rows.owed.items() if owed.message.case != case_id}
        self._rows.pages = {name: kept for name, kept in self._rows.pages.items() if kept[0] != case_id}
        gone = [key for key, (_, row) in self._rows.received.items() if not set(row.cases) & set(self._rows.entries)]
        for key in gone:
            del self._rows.received[key]

    async def tombstones(self, limit: int) -> list[Tombstone]:
        return self._tombstones[::-1][:limit]

    async def note_audit(self, faults: int) -> None:
        self._audited = (self._now(), faults)

    async def last_audit(self) -> tuple[datetime, int] | None:
        return self._audited

    async def cases_of(self, keys: Sequence[str], before: datetime | None, limit: int) -> list[CaseMark]:
        cases = [self.replayed(case_id)[0] for case_id in self._rows.entries]
        found = [case for case in cases if case.key in keys and (before is None or case.opened_at < before)]
        newest = sorted(found, key=lambda case: case.opened_at, reverse=True)
        return [CaseMark(case.id, case.key, case.opened_at) for case in newest[:limit]]

    async def find_cases(self, name: str, slot: int | None, limit: int) -> list[str]:
        since = self._now() - SLOT_REST
        pages = self._rows.pages.values()
        named = {
            case_id for case_id, page in pages if slot is not None and page.slot == slot and page.ordered_at > since
        }
        cases = [self.replayed(case_id)[0] for case_id in self._rows.entries]
        found = [case for case in cases if case.id in named or name == case.id or name.upper() == case.code]
        return [case.id for case in sorted(found, key=lambda case: case.opened_at, reverse=True)[:limit]]

    async def pages_of(self, person: str) -> list[OpenPage]:
        since = self._now() - SLOT_REST
        mine = [
            self._open_page(case_id, page)
            for case_id, page in self._rows.pages.values()
            if page.person == person and (page.ordered_at > since or self._is_open(case_id))
        ]
        return sorted(mine, key=lambda page: page.ordered_at, reverse=True)

    async def page_by_token(self, token: str) -> OpenPage | None:
        found = next(((c, page) for c, page in self._rows.pages.values() if page.token == token), None)
        return self._open_page(*found) if found else None

    def _open_page(self, case_id: str, page: Page) -> OpenPage:
        return OpenPage(case_id, page.id, page.person, page.slot, page.ordered_at, self._is_open(case_id))

    async def report(self, report_id: str) -> Report | None:
        return self._rows.reports.get(report_id)

    async def editions(self) -> list[Edition]:
        return [edition for edition, _ in reversed(self._editions)]

    async def edition_at(self, at: datetime) -> Edition | None:
        return next((edition for edition, _ in reversed(self._editions) if edition.at <= at), None)

    async def save_edition(self, edition: Edition, files: Mapping[str, str], base: str | None = None) -> None:
        if base is not None and base != (self._editions[-1][0].name if self._editions else ""):
            raise EditionOvertaken(edition.name)
        self._editions.append((edition, dict(files)))

    async def edition_files(self, edition: str) -> Mapping[str, str] | None:
        return next((files for kept, files in reversed(self._editions) if kept.name == edition), None)

    async def audit(self) -> list[str]:
        problems = []
        for case_id, rows in self._rows.entries.items():
            if chained(case_id, GENESIS, [row[0] for row in rows]) != rows:
                problems.append(f"case {case_id}: the hash chain is broken")
            case = replay((row[0] for row in rows), Case(case_id))
            owed = {message.message.id for message in duties_of(case).owed}
            stored = {name for name, held in self._rows.owed.items() if held.message.case == case_id}
            if owed != stored:
                problems.append(f"case {case_id}: owed messages differ from replay")
        return problems

    async def close(self) -> None:
        return None


def _read_back(row: Row) -> Row:
    recorded, kind, version, body, digest = row
    return Recorded(recorded.seq, recorded.at, decode(kind, version, body)), kind, version, body, digest
