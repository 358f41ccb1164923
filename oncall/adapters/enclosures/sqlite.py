"""Sounds and pictures in the hospital's SQLite file, so that a backup of the file is a backup of everything.

A connection and a thread of its own: some megabytes of picture must not stand before a page in the journal's queue.
Deliberately not here: fetching, and how long they stay.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from oncall.adapters.migrations import migrate, open_database, transaction
from oncall.service.ports.enclosures import KeptEnclosure

SCHEMA = Path(__file__).parent / "schema"
Result = TypeVar("Result")


class SqliteEnclosures:
    """See the module."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._connection = open_database(path)
        migrate(self._connection, "enclosures", SCHEMA, now())
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="enclosures")

    async def _run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._connection)

    async def _write(self, sql: str, *values: object) -> None:
        def work(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                connection.execute(sql, values)

        await self._run(work)

    async def keep(self, enclosure: KeptEnclosure, at: datetime) -> None:
        await self._write(
            "INSERT OR REPLACE INTO enclosures (name, case_id, kept_at, media_type, body) VALUES (?, ?, ?, ?, ?)",
            enclosure.name,
            enclosure.case,
            _micros(at),
            enclosure.media_type,
            enclosure.body,
        )

    async def get(self, name: str) -> KeptEnclosure | None:
        sql = "SELECT case_id, name, media_type, body FROM enclosures WHERE name = ?"
        row = await self._run(lambda connection: connection.execute(sql, (name,)).fetchone())
        return KeptEnclosure(*row) if row else None

    async def older_than(self, at: datetime) -> list[tuple[str, str]]:
        sql = "SELECT case_id, name FROM enclosures WHERE kept_at < ? ORDER BY kept_at"
        return await self._run(lambda connection: connection.execute(sql, (_micros(at),)).fetchall())

    async def forget(self, name: str) -> None:
        await self._write("DELETE FROM enclosures WHERE name = ?", name)

    async def close(self) -> None:
        await self._run(lambda connection: connection.close())
        self._thread.shutdown()


def _micros(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() * 1_000_000)
