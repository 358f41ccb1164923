"""The register in the hospital's SQLite file, beside the journal.

Reading and writing have a connection and a thread each, so that a change waiting for the journal's commit
never holds up a look-up. Changes are rare and small: one immediate transaction each, with its audit line.
Deliberately not here: what the changes are (`keeping`).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from oncall.adapters.migrations import migrate, open_database, transaction
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.sealing import Seal, seal_what_is_open
from oncall.adapters.register.sql_rows import SqlRows
from oncall.adapters.register.store import Result, Work
from oncall.core.people import Hospital
from oncall.service.ports.timepiece import Timepiece

SCHEMA = Path(__file__).parent / "schema"


class _Lane:
    """One connection and the only thread that uses it."""

    def __init__(self, path: Path, name: str) -> None:
        self.connection = open_database(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self.connection)

    async def close(self) -> None:
        await self.run(lambda connection: connection.close())
        self._thread.shutdown()


class SqliteStore:
    """Runs work in the file. Opening it brings the tables up to date."""

    def __init__(self, path: Path, clock: Timepiece, seal: Seal) -> None:
        self._writing = _Lane(path, "register-write")
        try:
            migrate(self._writing.connection, "register", SCHEMA, clock.now())
            seal_what_is_open(self._writing.connection, seal)
        except BaseException:
            self._writing.connection.close()
            raise
        self._reading = _Lane(path, "register-read")

    async def read(self, work: Work[Result]) -> Result:
        return await self._reading.run(lambda connection: _at_one_moment(connection, work))

    async def write(self, work: Work[Result]) -> Result:
        return await self._writing.run(lambda connection: _in_one_commit(connection, work))

    async def close(self) -> None:
        await self._reading.close()
        await self._writing.close()


def _at_one_moment(connection: sqlite3.Connection, work: Work[Result]) -> Result:
    connection.execute("BEGIN")  # deferred: a snapshot for all the reads of this work, no lock
    try:
        return work(SqlRows(connection))
    finally:
        connection.execute("ROLLBACK")


def _in_one_commit(connection: sqlite3.Connection, work: Work[Result]) -> Result:
    with transaction(connection):
        return work(SqlRows(connection))


class SqliteRegister(KeptRegister):
    """See the module."""

    def __init__(self, path: Path, hospital: Hospital, clock: Timepiece) -> None:
        super().__init__(SqliteStore(path, clock, Seal(hospital.secret)), hospital, clock)
