"""The database as the older program left it, copied beside itself before its tables move forward.

Migrations go one way. Whoever finds the new release wrong in its first hour puts the older program and this copy back,
and loses only what came since. A copy that cannot be made keeps no line from starting: it is said in the log, and last
night's backup is what is left. Deliberately not here: the moving itself (`migrations`), and backups for a lost disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import structlog

from oncall.adapters.migrations import DatabaseRefused, open_for_reading, pending_in

KEPT = 3

log = structlog.get_logger("before migrating")


def keep_before_migrating(database: Path, schemas: Mapping[str, Path]) -> Path | None:
    """`oncall.db-before-register-0016`: the first file that is about to be applied. None where nothing is."""
    if not database.exists():
        return None
    try:
        first = _first_pending(database, schemas)
        return _copied(database, first) if first else None
    except DatabaseRefused:
        return None  # whoever opens it says so
    except (OSError, sqlite3.Error) as problem:
        log.error("no copy was made before the database moves forward", reason=type(problem).__name__)
        return None


def kept_copies(database: Path) -> list[Path]:
    """Oldest first."""
    found = database.parent.glob(f"{database.name}-before-*")
    return sorted((path for path in found if path.suffix != ".part"), key=lambda path: path.stat().st_mtime_ns)


def _first_pending(database: Path, schemas: Mapping[str, Path]) -> str | None:
    """ "register-0016"; None for a file without tables too, of which nothing can be lost."""
    with closing(open_for_reading(database)) as connection:
        waiting = {name: pending_in(connection, name, schema) for name, schema in schemas.items()}
    return next((f"{name}-{number:04}" for name, numbers in waiting.items() for number in numbers), None)


def _copied(database: Path, first: str) -> Path:
    final = database.with_name(f"{database.name}-before-{first}")
    part = final.with_name(f"{final.name}.part")
    part.unlink(missing_ok=True)  # by one that was killed
    part.touch(mode=0o600)
    try:
        with closing(open_for_reading(database)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)
    for old in kept_copies(database)[:-KEPT]:
        old.unlink(missing_ok=True)
    log.warning("the database moves forward; it is kept as it was", path=final.name)
    return final
