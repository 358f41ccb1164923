"""The journal on one SQLite file: one thread writes, nothing is acknowledged before it is on disk, and readers ask.

Reads go over their own connections, beside the writer. Deliberately not here: the thread (`writer`), what a delivery
writes (`sqlite_shelf`, `shelf`), and what it means (`core`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from oncall.adapters.journal.audit import audit, refuse_damaged
from oncall.adapters.journal.closed import closed_marks
from oncall.adapters.journal.counted import case_figures, figures_written, fill_figures
from oncall.adapters.journal.purging import TOMBSTONES, exported_case, purge_cases
from oncall.adapters.journal.rows import (
    EPOCH,
    instant,
    micros,
    open_page_of,
    recorded_of,
    tombstone_from,
)
from oncall.adapters.journal.shelf import (
    LONGEST_PUSH,
    SLOT_REST,
    RegisterView,
    is_settled,
    write_delivery,
)
from oncall.adapters.journal.sqlite_shelf import KEPT_CASES, Kept, SqliteShelf
from oncall.adapters.journal.writer import Writer
from oncall.adapters.migrations import migrate, open_database, open_for_reading, refuse_older
from oncall.core.as_json import from_json
from oncall.core.case.case import Case, Status
from oncall.core.case.commands import Command
from oncall.core.case.decide import Decide
from oncall.core.case.entries import Recorded
from oncall.core.case.evolve import replay
from oncall.core.case.figures import CaseFigures
from oncall.core.case.messages import Lane, Message
from oncall.core.reports import Report
from oncall.service.ports.journal import (
    CaseMark,
    ClosedMark,
    Edition,
    EditionOvertaken,
    JournalRefused,
    OpenPage,
    Received,
    Tombstone,
    Written,
)

LAST_INSTANT = 2**63 - 1  # as it is stored
SCHEMA = Path(__file__).parent / "schema"
LAST_CHARACTER = "\U0010ffff"  # sorts after everything that continues a key
STEP_BACK = timedelta(seconds=1)
NEXT_DUE = (
    "WITH standing AS (SELECT due_at FROM due WHERE pushed_until <= due_at ORDER BY due_at LIMIT 1),"
    " put_off AS (SELECT min(max(due_at, pushed_until)) AS due_at FROM due"
    f" WHERE due_at < coalesce((SELECT due_at FROM standing), {LAST_INSTANT}))"
    " SELECT min(due_at) FROM (SELECT due_at FROM standing UNION ALL SELECT due_at FROM put_off)"
)
FIRST_OWED = " UNION ALL ".join(
    "SELECT * FROM (SELECT message_id, not_before FROM outbox WHERE lane = ? ORDER BY not_before LIMIT ?)" for _ in Lane
)
SID = "json_extract(body, '$.sid')"  # as the index has it
CARRYING = (
    f"(SELECT case_id, body FROM entries WHERE kind IN ('MessageAccepted', 'MessageProgressed') AND {SID} IS NOT NULL)"
    " CROSS JOIN open_cases USING (case_id)"
)
MANY = 500  # values in one statement

Found = TypeVar("Found")


class SqliteJournal:
    """See the module. `view` gives the register as seen from a connection; `on_death` ends the process.

    `reading_only` opens an existing file beside the process that writes it, and refuses every write.
    """

    def __init__(
        self,
        path: Path,
        view: Callable[[sqlite3.Connection], RegisterView],
        now: Callable[[], datetime],
        on_death: Callable[[], None] = lambda: os._exit(70),
        reading_only: bool = False,
    ) -> None:
        self._path = path
        self._view = view
        self._now = now
        self._kept = Kept()
        self._seen: dict[str, Case] = {}  # open cases as last committed, or replayed for a reader since the start
        self._marked: dict[tuple[str, int], ClosedMark] = {}  # by case and version; a line of a board each
        self._leases: dict[str, datetime] = {}
        self._is_closed = False
        self._open = open_for_reading if reading_only else open_database
        with contextlib.closing(self._open(path)) as connection:
            if reading_only:
                refuse_older(connection, "journal", SCHEMA)
            else:
                migrate(connection, "journal", SCHEMA, now())
                refuse_damaged(connection, path)
                fill_figures(connection)
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="journal-reader")
        self._local = threading.local()
        self._read_connections: list[sqlite3.Connection] = []
        self._writer = None if reading_only else Writer(path, self._kept.rolled_back, on_death)

    # --- the write door --------------------------------------------------------------------------------------

    async def write(self, commands: Sequence[Command], decide: Decide, key: str | None = None) -> Written:
        written: Written = await self._submit(
            lambda connection: write_delivery(
                SqliteShelf(connection, self._view(connection), self._kept), commands, decide, key, self._now()
            )
        )
        for case in written.cases:
            self._forget_settled_leases(case)
            self._see(case)
        return written

    async def _submit(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        if self._is_closed:
            raise JournalRefused("the journal is closed")
        if self._writer is None:
            raise JournalRefused("the journal was opened for reading only")
        return await self._writer.does(work)

    def _forget_settled_leases(self, case: Case) -> None:
        now = self._now()
        for state in case.messages:
            if is_settled(state, now):
                self._leases.pop(state.message.id, None)

    # --- reading ---------------------------------------------------------------------------------------------

    async def _read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._rows, sql, values)

    async def _with_reader(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: work(self._reader()))

    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._reader().execute(sql, values).fetchall()

    def _reader(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = self._open(self._path)
            self._read_connections.append(self._local.connection)
        connection: sqlite3.Connection = self._local.connection
        return connection

    async def due(self, now: datetime, limit: int) -> list[str]:
        rows = await self._read(
            "SELECT case_id FROM (SELECT case_id, due_at, pushed_until FROM due WHERE due_at <= ?"
            " UNION SELECT case_id, due_at, pushed_until FROM due WHERE set_at > ?)"
            " WHERE pushed_until <= ? OR pushed_until > ? ORDER BY due_at LIMIT ?",
            micros(now),
            micros(now + STEP_BACK),
            micros(now),
            micros(now + LONGEST_PUSH),
            limit,
        )
        return [case_id for (case_id,) in rows]

    async def push_due(self, case_id: str, until: datetime) -> None:
        await self._submit(
            lambda connection: connection.execute(
                "UPDATE due SET pushed_until = ?, failures = failures + 1 WHERE case_id = ?",
                (micros(until), case_id),
            )
        )

    async def next_due(self) -> datetime | None:
        """Along the index: the first that was not put off, or one of the few before it that were. Thousands may fall
        due at one instant, so nothing that is not earlier is looked at."""
        [(first,)] = await self._read(NEXT_DUE)
        return None if first is None else instant(first)

    async def lease_owed(self, now: datetime, lease: timedelta, limit: int, lanes: Sequence[str]) -> list[Message]:
        leased = {name for name, until in self._leases.items() if now < until <= now + lease}
        rows = await self._read(
            f"SELECT message_id, body FROM outbox WHERE lane IN ({_marks(lanes)}) AND not_before <= ?"
            f" ORDER BY not_before, rowid LIMIT ?",
            *lanes,
            micros(now),
            limit + len(leased),
        )
        # What was settled while we read comes back once more here; whoever sends it is told that it is not owed.
        still = {name: until for name, until in self._leases.items() if now < until <= now + lease}
        free = [(name, body) for name, body in rows if name not in still][:limit]
        self._leases = still | {name: now + lease for name, _ in free}
        return [from_json(Message, body) for _, body in free]

    async def next_owed(self) -> datetime | None:
        """The first of each lane, past what is leased."""
        limit = len(self._leases) + 1
        rows = await self._read(FIRST_OWED, *(value for lane in Lane for value in (lane.value, limit)))
        return min(
            (max(instant(first), self._leases.get(name, EPOCH)) for name, first in rows),
            default=None,
        )

    async def unsent(self, now: datetime, limit: int) -> list[str]:
        leased = {name for name, until in self._leases.items() if until > now}
        rows = await self._read(
            "SELECT message_id FROM outbox WHERE not_before <= ? ORDER BY not_before, rowid LIMIT ?",
            micros(now),
            limit + len(leased),
        )
        return [name for (name,) in rows if name not in leased][:limit]

    async def idle_cases(self) -> list[str]:
        rows = await self._read(
            "SELECT case_id FROM cases WHERE closed_at IS NULL AND status <> ?"
            " AND case_id NOT IN (SELECT case_id FROM due) AND case_id NOT IN (SELECT case_id FROM outbox)",
            Status.HELD.value,
        )
        return [case_id for (case_id,) in rows]

    async def release_leases(self) -> None:
        self._leases.clear()

    async def entries(self, case_id: str) -> list[Recorded]:
        rows = await self._read(
            "SELECT seq, at, kind, version, body FROM entries WHERE case_id = ? ORDER BY seq", case_id
        )
        return [recorded_of(row) for row in rows]

    async def chain(self, case_id: str) -> list[str]:
        rows = await self._read("SELECT hash FROM entries WHERE case_id = ? ORDER BY seq", case_id)
        return [row[0] for row in rows]

    async def case(self, case_id: str) -> Case | None:
        entries = await self.entries(case_id)
        return replay(entries, Case(case_id)) if entries else None

    async def case_by_code(self, code: str) -> str | None:
        rows = await self._read(
            "SELECT case_id FROM cases WHERE code = ? ORDER BY closed_at IS NULL DESC, opened_at DESC LIMIT 1",
            code,
        )
        return rows[0][0] if rows else None

    async def open_case(self, key: str) -> str | None:
        rows = await self._read("SELECT case_id FROM open_cases WHERE key = ?", key)
        return rows[0][0] if rows else None

    async def last_closed(self, key: str) -> Case | None:
        rows = await self._read(
            "SELECT case_id FROM cases WHERE key = ? AND closed_at IS NOT NULL ORDER BY closed_at DESC LIMIT 1",
            key,
        )
        return await self.case(rows[0][0]) if rows else None

    async def received(self, start: str) -> list[Received]:
        rows = await self._read(
            "SELECT key, at, cases FROM received WHERE key >= ? AND key < ? ORDER BY at, rowid LIMIT 100",
            start,
            start + LAST_CHARACTER,
        )
        return [Received(key, instant(at), tuple(json.loads(cases))) for key, at, cases in rows]

    async def open_cases(self, due_by: datetime | None = None) -> list[Case]:
        """As this process has last committed them, or by replay."""
        if due_by is None:
            return await self._cases_in("open_cases")
        return await self._cases_in("open_cases JOIN due USING (case_id)", "due_at <= ?", micros(due_by))

    async def held_cases(self) -> list[Case]:
        return await self._cases_in("holding")

    async def cases_carrying(self, sids: Sequence[str]) -> list[Case]:
        found: dict[str, Case] = {}
        for start in range(0, len(sids), MANY):
            some = sids[start : start + MANY]
            found |= {case.id: case for case in await self._cases_in(CARRYING, f"{SID} IN ({_marks(some)})", *some)}
        return list(found.values())

    async def enclosed_since(self, since: datetime) -> list[str]:
        rows = await self._read(
            "SELECT DISTINCT case_id FROM entries WHERE kind = 'EnclosureAdded' AND at >= ?", micros(since)
        )
        return [case_id for (case_id,) in rows]

    async def _cases_in(self, table: str, where: str = "TRUE", *values: Any) -> list[Case]:
        """Those that this table names, which is read first: it may be short where the cases are many."""
        joined = f"{table} CROSS JOIN cases USING (case_id)"
        rows = await self._read(
            f"SELECT DISTINCT case_id, version FROM {joined} WHERE {where} ORDER BY opened_at", *values
        )
        found = [await self._replayed(case_id, version) for case_id, version in rows]
        return [case for case in found if case is not None]

    async def _replayed(self, case_id: str, version: int) -> Case | None:
        seen = self._seen.get(case_id)
        if seen is not None and seen.version >= version:
            return seen
        if (case := await self.case(case_id)) is not None:
            self._see(case)
        return case

    def _see(self, case: Case) -> None:
        """Only what is committed; what a slow reader replayed does not replace what was written meanwhile."""
        if not case.is_open:
            self._seen.pop(case.id, None)
            return
        known = self._seen.get(case.id)
        if known is None and len(self._seen) >= KEPT_CASES:
            self._seen.clear()
        if known is None or known.version < case.version:
            self._seen[case.id] = case

    async def closed_cases(self, since: datetime, limit: int) -> list[Case]:
        rows = await self._read(
            "SELECT case_id FROM cases WHERE closed_at >= ? ORDER BY closed_at DESC LIMIT ?",
            micros(since),
            limit,
        )
        found = [await self.case(case_id) for (case_id,) in rows]
        return [case for case in found if case is not None]

    async def closed_marks(self, since: datetime, limit: int) -> list[ClosedMark]:
        return await self._with_reader(lambda connection: closed_marks(connection, since, limit, self._marked))

    async def cases_since(self, since: datetime) -> list[str]:
        rows = await self._read(
            "SELECT case_id FROM cases WHERE opened_at >= ? ORDER BY opened_at, rowid", micros(since)
        )
        return [case_id for (case_id,) in rows]

    async def figures(self, since: datetime, until: datetime) -> list[CaseFigures]:
        return await self._with_reader(lambda connection: case_figures(connection, since, until))

    async def figures_written(self, since: tuple[int, int]) -> tuple[tuple[int, int], tuple[datetime, ...] | None]:
        return await self._with_reader(lambda connection: figures_written(connection, since))

    async def owed_follow_ups(self) -> list[str]:
        return [case_id for (case_id,) in await self._read("SELECT case_id FROM follow_ups ORDER BY rowid")]

    async def follow_up_left(self, case_id: str) -> None:
        await self._submit(
            lambda connection: connection.execute("DELETE FROM follow_ups WHERE case_id = ?", (case_id,))
        )

    async def closed_before(self, before: datetime, limit: int) -> list[str]:
        rows = await self._read(
            "SELECT case_id FROM cases WHERE closed_at < ? ORDER BY closed_at, case_id LIMIT ?", micros(before), limit
        )
        return [case_id for (case_id,) in rows]

    async def exported(self, case_id: str) -> str:
        return await self._with_reader(lambda connection: exported_case(connection, case_id))

    async def purge(self, case_ids: Sequence[str], by: str, export_sha256: str) -> list[Tombstone]:
        at = self._now()
        stones: list[Tombstone] = await self._submit(
            lambda connection: purge_cases(connection, case_ids, at, by, export_sha256)
        )
        return stones

    async def tombstones(self, limit: int) -> list[Tombstone]:
        rows = await self._read(f"SELECT {TOMBSTONES} FROM tombstones ORDER BY number DESC LIMIT ?", limit)
        return [tombstone_from(row) for row in rows]

    async def note_audit(self, faults: int) -> None:
        row = (micros(self._now()), faults)
        await self._submit(lambda connection: connection.execute("INSERT OR REPLACE INTO audits VALUES (?, ?)", row))

    async def last_audit(self) -> tuple[datetime, int] | None:
        rows = await self._read("SELECT at, faults FROM audits ORDER BY at DESC LIMIT 1")
        return (instant(rows[0][0]), rows[0][1]) if rows else None

    async def cases_of(self, keys: Sequence[str], before: datetime | None, limit: int) -> list[CaseMark]:
        rows = await self._read(
            f"SELECT case_id, key, opened_at FROM cases WHERE key IN ({_marks(keys)}) AND opened_at < ?"
            " ORDER BY opened_at DESC, rowid DESC LIMIT ?",
            *keys,
            micros(before) if before else LAST_INSTANT,
            limit,
        )
        return [CaseMark(case_id, key, instant(opened_at)) for case_id, key, opened_at in rows]

    async def find_cases(self, name: str, slot: int | None, limit: int) -> list[str]:
        rows = await self._read(
            "SELECT case_id FROM cases WHERE case_id IN (SELECT case_id FROM cases WHERE case_id = ?"
            " UNION SELECT case_id FROM cases WHERE code = ?"
            " UNION SELECT case_id FROM pages WHERE slot = ? AND ordered_at > ?)"
            " ORDER BY opened_at DESC, rowid DESC LIMIT ?",
            name,
            name.upper(),
            slot,
            micros(self._now() - SLOT_REST),
            limit,
        )
        return [case_id for (case_id,) in rows]

    async def pages_of(self, person: str) -> list[OpenPage]:
        rows = await self._read(
            "SELECT case_id, page_id, person, slot, ordered_at, is_open FROM pages"
            " WHERE person = ? AND (ordered_at > ? OR is_open) ORDER BY ordered_at DESC, rowid DESC",
            person,
            micros(self._now() - SLOT_REST),
        )
        return [open_page_of(row) for row in rows]

    async def page_by_token(self, token: str) -> OpenPage | None:
        rows = await self._read(
            "SELECT case_id, page_id, person, slot, ordered_at, is_open FROM pages WHERE token = ?", token
        )
        return open_page_of(rows[0]) if rows else None

    async def report(self, report_id: str) -> Report | None:
        rows = await self._read("SELECT body FROM reports WHERE report_id = ?", report_id)
        return from_json(Report, rows[0][0]) if rows else None

    async def editions(self) -> list[Edition]:
        rows = await self._read(f"SELECT {EDITION} FROM editions ORDER BY at DESC, rowid DESC")
        return [_edition_of(row) for row in rows]

    async def edition_at(self, at: datetime) -> Edition | None:
        sql = f"SELECT {EDITION} FROM editions WHERE at <= ? ORDER BY at DESC, rowid DESC LIMIT 1"
        rows = await self._read(sql, micros(at))
        return _edition_of(rows[0]) if rows else None

    async def save_edition(self, edition: Edition, files: Mapping[str, str], base: str | None = None) -> None:
        told = (edition.author, edition.second, edition.reason, edition.difference)
        row = (edition.name, micros(edition.at), json.dumps(dict(files), ensure_ascii=False), *told)
        await self._submit(lambda connection: _save_edition(connection, row, base))

    async def edition_files(self, edition: str) -> Mapping[str, str] | None:
        rows = await self._read("SELECT files FROM editions WHERE edition = ? ORDER BY at DESC LIMIT 1", edition)
        files: Mapping[str, str] | None = json.loads(rows[0][0]) if rows else None
        return files

    async def audit(self) -> list[str]:
        return await self._with_reader(audit)

    async def close(self) -> None:
        """Finish what is queued and let go of the file. Closing twice is once."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._writer is not None:
            await self._writer.close()
        self._readers.shutdown(wait=True)
        for connection in self._read_connections:
            connection.close()


EDITION = "edition, at, author, second, reason, difference"


def _edition_of(row: Sequence[Any]) -> Edition:
    name, at, *told = row
    return Edition(name, instant(at), *told)


# --- the writer's work ------------------------------------------------------------------------------------------


def _save_edition(connection: sqlite3.Connection, row: tuple[Any, ...], base: str | None) -> None:
    """On `base` or not at all: two who publish at once are told apart by the one connection that writes."""
    newest = connection.execute("SELECT edition FROM editions ORDER BY at DESC, rowid DESC LIMIT 1").fetchone()
    if base is not None and base != (newest[0] if newest else ""):
        raise EditionOvertaken(row[0])
    connection.execute(
        "INSERT INTO editions (edition, at, files, author, second, reason, difference) VALUES (?, ?, ?, ?, ?, ?, ?)",
        row,
    )


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
