"""The one thread that writes: it owns the connection, commits in groups, and answers nobody before that.

It drains its queue, opens one IMMEDIATE transaction, gives every piece of work a savepoint of its own (one bad delivery
cannot fail the others), commits once with synchronous=FULL and only then answers. A failed COMMIT fails every waiter of
its batch; a dead writer ends the process, because a line that cannot store must be seen to be down, and so does a file
that was exchanged under it (`footing`). Deliberately not here: what is written (`sqlite_shelf`).
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from oncall.adapters.footing import Footing
from oncall.adapters.migrations import open_database
from oncall.service.ports.journal import JournalRefused, Written

BATCH = 512
ITS_OWN_FAULT = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError)

log = structlog.get_logger("journal")


@dataclass(slots=True)
class _Job:
    """One piece of work for the writer thread and who waits for it."""

    work: Callable[[sqlite3.Connection], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Writer:
    """See the module. `rolled_back` hears that something was not kept after all; `on_death` ends the process."""

    def __init__(self, path: Path, rolled_back: Callable[[], None], on_death: Callable[[], None]) -> None:
        self._path = path
        self._rolled_back = rolled_back
        self._on_death = on_death
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_loop, name="journal-writer", daemon=True)
        self._thread.start()

    async def does(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """What the work returned, on disk. Raises what it raised, or JournalRefused."""
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        self._jobs.put(job)
        return await job.done

    async def close(self) -> None:
        """What is queued is finished first."""
        self._jobs.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

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
                    self._rolled_back()
            connection.execute("COMMIT")
            footing.stand()
            if (newest := _newest_case(batch)) is not None:
                footing.note(newest)
        except sqlite3.Error as problem:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._rolled_back()
            for job in batch:
                job.error = JournalRefused(str(problem))
        _answer(batch)


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
