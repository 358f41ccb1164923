"""The journal on one SQLite file: one writer thread, group commit, nothing acknowledged before it is on disk.

The thread owns the only write connection. It drains its queue, opens one IMMEDIATE transaction, gives every delivery
a savepoint of its own (one bad delivery cannot fail the others), commits once with synchronous=FULL and only then
answers. A failed COMMIT fails every waiter of its batch; a dead writer thread ends the process, because a line that
cannot store must be seen to be down, and so does a file that was exchanged under it (`footing`). Reads go over their
own connections. Hot statements are plain SQL (measured: sqlite-utils' insert costs a factor of three here).
Deliberately not here: what is written (`shelf`, `core`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import structlog

from oncall.adapters.footing import Footing
from oncall.adapters.journal.audit import audit, refuse_damaged
from oncall.adapters.journal.closed import closed_marks
from oncall.adapters.journal.counted import case_figures, derive_figures, figures_written, fill_figures
from oncall.adapters.journal.purging import TOMBSTONES, exported_case, purge_cases
from oncall.adapters.journal.rows import (
    EPOCH,
    case_row,
    due_row,
    instant,
    micros,
    open_page_of,
    outbox_row,
    page_rows,
    recorded_of,
    tombstone_from,
)
from oncall.adapters.journal.shelf import (
    GENESIS,
    LONGEST_PUSH,
    SLOT_REST,
    RegisterView,
    is_settled,
    owes_follow_up,
    write_delivery,
)
from oncall.adapters.migrations import migrate, open_database, open_for_reading, refuse_older
from oncall.core.as_json import from_json, to_json
from oncall.core.case.case import Case, Status
from oncall.core.case.commands import Command
from oncall.core.case.decide import Decide
from oncall.core.case.duties import Duties
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
BATCH = 512
KEPT_CASES = 20_000  # replayed cases kept by the writer; each is checked against the hash of its last stored entry
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
ITS_OWN_FAULT = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError)

Found = TypeVar("Found")

log = structlog.get_logger("journal")


@dataclass(slots=True)
class _Job:
    """One piece of work for the writer thread and who waits for it."""

    work: Callable[[sqlite3.Connection], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Kept:
    """What the writer keeps in memory: replayed cases with the hash that they are true for, and the codes of open
    cases; None until they are read, and again after anything was rolled back."""

    cases: dict[str, tuple[Case, str]] = field(default_factory=dict)
    codes: set[str] | None = None


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
        self._on_death = on_death
        self._kept = _Kept()
        self._seen: dict[str, Case] = {}  # open cases as last committed, or replayed for a reader since the start
        self._marked: dict[tuple[str, int], ClosedMark] = {}  # by case and version; a line of a board each
        self._leases: dict[str, datetime] = {}
        self._is_closed = False
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
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
        self._writer: threading.Thread | None = None
        if not reading_only:
            self._writer = threading.Thread(target=self._write_loop, name="journal-writer", daemon=True)
            self._writer.start()

    # --- the write door --------------------------------------------------------------------------------------

    async def write(self, commands: Sequence[Command], decide: Decide, key: str | None = None) -> Written:
        written: Written = await self._submit(
            lambda connection: write_delivery(
                _SqliteShelf(connection, self._view(connection), self._kept), commands, decide, key, self._now()
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
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        self._jobs.put(job)
        return await job.done

    def _forget_settled_leases(self, case: Case) -> None:
        now = self._now()
        for state in case.messages:
            if is_settled(state, now):
                self._leases.pop(state.message.id, None)

    def _write_loop(self) -> None:
        batch: list[_Job] | None = []
        try:
            connection = open_database(self._path)
            footing = Footing(self._path, connection)
            while (batch := self._next_batch()) is not None:
                self._write_batch(connection, footing, batch)
            footing.close()
            connection.close()
        except BaseException as problem:  # whatever it is, nobody may go on believing that we store
            log.critical("the journal's writer died", problem=type(problem).__name__)
            self._on_death()
            self._refuse_for_ever(batch or [])

    def _refuse_for_ever(self, batch: list[_Job] | None) -> None:
        """Where the process outlives its writer (a test, a command), every caller hears no."""
        while batch is not None:
            for job in batch:
                job.error = JournalRefused("the journal's writer died")
            _answer(batch)
            batch = self._next_batch()

    def _next_batch(self) -> list[_Job] | None:
        first = self._jobs.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < BATCH:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)
                break
            batch.append(job)
        return batch

    def _write_batch(self, connection: sqlite3.Connection, footing: Footing, batch: Sequence[_Job]) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                _run_in_savepoint(connection, job)
                if job.error is not None:
                    self._kept.codes = None
            connection.execute("COMMIT")
            footing.stand()
            if (newest := _newest_case(batch)) is not None:
                footing.note(newest)
        except sqlite3.Error as problem:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._kept.codes = None
            for job in batch:
                job.error = JournalRefused(str(problem))
        _answer(batch)

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
            self._jobs.put(None)
            await asyncio.get_running_loop().run_in_executor(None, self._writer.join)
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


def _run_in_savepoint(connection: sqlite3.Connection, job: _Job) -> None:
    connection.execute("SAVEPOINT delivery")
    try:
        job.result = job.work(connection)
    except Exception as problem:  # one bad delivery fails alone
        if isinstance(problem, sqlite3.Error) and not isinstance(problem, ITS_OWN_FAULT):
            raise  # the store itself is in trouble: the whole batch is refused
        connection.execute("ROLLBACK TO delivery")
        job.error = problem
    connection.execute("RELEASE delivery")


def _newest_case(batch: Sequence[_Job]) -> str | None:
    """The case of the last entries that this batch committed."""
    written = (job.result for job in reversed(batch) if job.error is None and isinstance(job.result, Written))
    return next((one.cases[-1].id for one in written if one.entries), None)


def _answer(batch: Sequence[_Job]) -> None:
    """Every waiter of the batch in one hop back to its loop; a loop that has ended has nobody waiting."""
    for loop in {job.loop for job in batch}:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, [job for job in batch if job.loop is loop])


def _settle(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        if job.done.done():
            continue
        if job.error is not None:
            job.done.set_exception(job.error)
        else:
            job.done.set_result(job.result)


class _SqliteShelf:
    """The shelf of one transaction."""

    def __init__(self, connection: sqlite3.Connection, register: RegisterView, kept: _Kept) -> None:
        self._db = connection
        self._register = register
        self._kept = kept
        self._cases = kept.cases

    def seen(self, key: str) -> tuple[Mapping[str, Any], tuple[str, ...]] | None:
        row = self._db.execute("SELECT answer, cases FROM received WHERE key = ?", (key,)).fetchone()
        return (json.loads(row[0]), tuple(json.loads(row[1]))) if row else None

    def remember(self, key: str, at: datetime, answer: Mapping[str, Any], cases: Sequence[str]) -> None:
        self._db.execute(
            "INSERT INTO received VALUES (?, ?, ?, ?)",
            (key, micros(at), json.dumps(answer), json.dumps(list(cases))),
        )

    def case_of_key(self, key: str) -> str | None:
        row = self._db.execute("SELECT case_id FROM open_cases WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def replayed(self, case_id: str) -> tuple[Case, str]:
        last = self._db.execute(
            "SELECT hash FROM entries WHERE case_id = ? ORDER BY seq DESC LIMIT 1", (case_id,)
        ).fetchone()
        if last is None:
            return Case(case_id), GENESIS
        known = self._cases.get(case_id)
        if known is not None and known[1] == last[0]:
            return known
        rows = self._db.execute(
            "SELECT seq, at, kind, version, body FROM entries WHERE case_id = ? ORDER BY seq", (case_id,)
        ).fetchall()
        return replay((recorded_of(row) for row in rows), Case(case_id)), last[0]

    def append(self, case_id: str, rows: Sequence[tuple[Recorded, str, int, str, str]]) -> None:
        self._db.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(case_id, r.seq, micros(r.at), kind, version, body, digest) for r, kind, version, body, digest in rows],
        )
        self._last_hash = rows[-1][4]

    def derive(self, case: Case, before: Duties, after: Duties) -> None:
        self._keep(case)
        self._derive_case(case)
        self._derive_key(case, before, after)
        self._derive_due(case.id, after)
        self._derive_outbox(case.id, before, after)
        if case.closed:
            derive_figures(self._db, case.id)
        if owes_follow_up(case, before):
            self._db.execute("INSERT OR IGNORE INTO follow_ups VALUES (?)", (case.id,))
        if after.pages != before.pages or after.key != before.key:
            self._derive_pages(case, after)
        if after.holder != before.holder:
            self._db.execute("DELETE FROM holding WHERE case_id = ?", (case.id,))
            if after.holder is not None:
                self._db.execute("INSERT INTO holding VALUES (?, ?)", (case.id, after.holder))
        if after.busy != before.busy:
            self._db.execute("DELETE FROM busy WHERE case_id = ?", (case.id,))
            self._db.executemany("INSERT INTO busy VALUES (?, ?)", [(case.id, person) for person in after.busy])

    def _keep(self, case: Case) -> None:
        if len(self._cases) >= KEPT_CASES:
            self._cases.clear()
        if case.is_open:
            self._cases[case.id] = (case, self._last_hash)
        else:
            self._cases.pop(case.id, None)

    def _derive_case(self, case: Case) -> None:
        self._db.execute(
            "INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (case_id) DO UPDATE SET"
            " status = excluded.status, closed_at = excluded.closed_at, version = excluded.version",
            case_row(case),
        )

    def _derive_key(self, case: Case, before: Duties, after: Duties) -> None:
        if before.key == after.key:
            return
        if before.key is not None:
            self._db.execute("DELETE FROM open_cases WHERE case_id = ?", (case.id,))
        if after.key is not None:
            self._db.execute("INSERT INTO open_cases VALUES (?, ?, ?)", (after.key, case.id, case.code))
        if self._kept.codes is not None:
            (self._kept.codes.discard if after.key is None else self._kept.codes.add)(case.code)

    def _derive_due(self, case_id: str, after: Duties) -> None:
        row = due_row(case_id, after)
        if row is None:
            self._db.execute("DELETE FROM due WHERE case_id = ?", (case_id,))
            return
        self._db.execute(
            "INSERT INTO due (case_id, due_at, set_at) VALUES (?, ?, ?) ON CONFLICT (case_id) DO UPDATE SET"
            " due_at = excluded.due_at, set_at = excluded.set_at, pushed_until = 0, failures = 0",
            row,
        )

    def _derive_outbox(self, case_id: str, before: Duties, after: Duties) -> None:
        if before.owed == after.owed:
            return
        gone = set(before.owed) - set(after.owed)
        come = set(after.owed) - set(before.owed)
        self._db.executemany("DELETE FROM outbox WHERE message_id = ?", [(owed.message.id,) for owed in gone])
        self._db.executemany(
            "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?)",
            [outbox_row(case_id, owed) for owed in after.owed if owed in come],
        )

    def _derive_pages(self, case: Case, after: Duties) -> None:
        self._db.executemany(
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (page_id) DO UPDATE SET is_open = excluded.is_open",
            page_rows(case, after),
        )

    def file(self, case_id: str, report: Report) -> None:
        self._db.execute(
            "INSERT INTO reports VALUES (?, ?, ?, ?)",
            (report.id, case_id, micros(report.received_at), to_json(report)),
        )

    def taken_slots(self, person: str, since: datetime) -> frozenset[int]:
        rows = self._db.execute(
            "SELECT slot FROM pages WHERE slot IS NOT NULL AND person = ? AND (ordered_at > ? OR is_open)",
            (person, micros(since)),
        )
        return frozenset(slot for (slot,) in rows)

    def taken_codes(self) -> Set[str]:
        """Kept by the writer: with ten thousand open cases, reading them would cost more than the rest of the write."""
        if self._kept.codes is None:
            (codes,) = self._db.execute("SELECT group_concat(code) FROM open_cases").fetchone()
            self._kept.codes = set(codes.split(",")) if codes else set()
        return self._kept.codes

    def held_by(self, person: str, except_case: str) -> int:
        (count,) = self._db.execute(
            "SELECT count(*) FROM holding WHERE person = ? AND case_id <> ?", (person, except_case)
        ).fetchone()
        return int(count)

    def busy(self, except_case: str) -> frozenset[str]:
        rows = self._db.execute("SELECT DISTINCT person FROM busy WHERE case_id <> ?", (except_case,))
        return frozenset(person for (person,) in rows)

    def register(self) -> RegisterView:
        return self._register


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
