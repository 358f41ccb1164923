"""Backups of this house: with its own audit, and by a process of their own while it serves.

Packing and replaying every case takes the processor for longer than a page may wait, so the service leaves it to
another process (`python -m oncall.backing_up`, the order on its standard input: the key is seen in no list of
processes). Deliberately not here: what is in a backup (`adapters/backup`).
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from oncall.adapters.backup.folder import newest_in
from oncall.adapters.backup.making import NotMade, Order, make_backup
from oncall.adapters.backup.sealing import NotOurs
from oncall.adapters.clock import SystemClock
from oncall.adapters.journal.audit import audit
from oncall.adapters.migrations import DatabaseRefused, migrate
from oncall.config import Config
from oncall.stores import COMPONENTS

TROUBLE = (NotMade, NotOurs, DatabaseRefused, OSError, sqlite3.Error)
_HERE = Path(__file__).parents[1]


def record_faults(connection: sqlite3.Connection, at: datetime) -> Iterator[str]:
    """A copy of the database, brought up to this program, against itself. Raises DatabaseRefused for a newer one."""
    for component, schema in COMPONENTS.items():
        migrate(connection, component, schema, at)
    for name, _ in sorted(_acting_of(connection) - _acting_here(at)):
        yield f"the database acts by itself: {name} was not made by this program"
    yield from audit(connection)


def _acting_of(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """What does something when rows are read or written, with its words: a stranger could drop every contact."""
    told = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
    return set(connection.execute(told).fetchall())


def _acting_here(at: datetime) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
        for component, schema in COMPONENTS.items():
            migrate(empty, component, schema, at)
        return _acting_of(empty)


def made(order: Order) -> Path:
    """A new backup, read back. Raises one of TROUBLE."""
    at = SystemClock().now()
    return make_backup(order, at, partial(record_faults, at=at))


def order_of(config: Config, folder: Path) -> Order:
    assert config.database_path is not None, "a database in memory has nothing to back up"
    part = config.backup
    return Order(config.database_path, folder, config.file, part.key, part.keep if folder == part.folder else None)


class ByAnotherProcess:
    """Backups into the configured folder."""

    def __init__(self, config: Config) -> None:
        assert config.backup.folder is not None
        self._folder, self._config = config.backup.folder, config
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="backup-folder")  # no other waits with it

    async def newest(self) -> datetime | None:
        return await asyncio.get_running_loop().run_in_executor(self._thread, newest_in, self._folder)

    async def make(self) -> str | None:
        order = _plain(order_of(self._config, self._folder))
        path = os.pathsep.join([str(_HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "oncall.backing_up"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            told, _ = await process.communicate(json.dumps(order).encode())
        finally:
            if process.returncode is None:
                process.kill()
        return None if process.returncode == 0 else told.decode(errors="replace").strip() or "its process ended early"


def _plain(order: Order) -> Mapping[str, Any]:
    config = str(order.config) if order.config else None
    return {
        "database": str(order.database),
        "folder": str(order.folder),
        "config": config,
        "key": order.key,
        "keep": order.keep,
    }


def _ordered(told: Mapping[str, Any]) -> Order:
    config = Path(told["config"]) if told["config"] else None
    return Order(Path(told["database"]), Path(told["folder"]), config, told["key"], told["keep"])


def main() -> int:
    os.nice(10)
    try:
        made(_ordered(json.load(sys.stdin)))
    except TROUBLE as problem:
        print(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
