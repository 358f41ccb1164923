"""Opens the hospital's database file, and brings its tables up to this program by numbered SQL files.

Each component (register, journal) keeps its files `0001_name.sql` in a directory of its own. They go forward
only, all pending ones in one commit, and are remembered with their hash: a database that is newer than the
program, or one whose history was edited, is refused in a sentence that says what to do. Deliberately not
here: going back (restore a backup), and any knowledge of what the tables mean.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from oncall.adapters.footing import why_not

_NAME = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")
_RECORD = """
CREATE TABLE IF NOT EXISTS migrations (
  component TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,
  sha256 TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (component, number)
) STRICT
"""
_PRAGMAS = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
# WAL needs memory shared by all processes that have the file open; over a network that memory does not exist
_NETWORK = re.compile(
    r"9p|afs|ceph|cifs|davfs|glusterfs|lustre|ncpfs|nfs4?|smb[23]|smbfs"
    r"|fuse\.(ceph|davfs|glusterfs|rclone|s3fs|sshfs).*"
)
_MOUNTS = Path("/proc/mounts")


class DatabaseRefused(Exception):
    """This database must not be used as it stands; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class _Migration:
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def open_database(path: Path) -> sqlite3.Connection:
    """A connection that survives power cuts (WAL, full sync) and begins transactions only by hand.

    It may be handed to one worker thread after opening; it must never be used by two at a time. Raises DatabaseRefused
    where it would not, and where opening would mix two files or begin an empty one in the place of one that is gone.
    """
    _refuse_network(path, _MOUNTS.read_text() if _MOUNTS.exists() else "")
    if why := why_not(path, open_for_reading):
        raise DatabaseRefused(why)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)  # patients' names: for this account alone, whatever the shell's umask
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, beside a process that does (WAL); the file must exist."""
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA {_PRAGMAS[0]}")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One write: begun immediately, so that reading first and writing then cannot fail as locked."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def migrate(connection: sqlite3.Connection, component: str, directory: Path, at: datetime) -> list[str]:
    """Apply what is pending, in order and in one commit; the names of what was applied."""
    known = _read_directory(directory)
    with transaction(connection):
        connection.execute(_RECORD)
        applied = _applied(connection, component)
        _refuse_strangers(component, known, applied)
        pending = [migration for migration in known if migration.number not in applied]
        for migration in pending:
            _apply(connection, component, migration, at)
    return [migration.name for migration in pending]


def pending_in(connection: sqlite3.Connection, component: str, directory: Path) -> list[int]:
    """The numbers that `migrate` would apply; none for a file that no program of ours has used yet."""
    told = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'"
    if connection.execute(told).fetchone() is None:
        return []
    known, applied = _read_directory(directory), _applied(connection, component)
    _refuse_strangers(component, known, applied)
    return [migration.number for migration in known if migration.number not in applied]


def refuse_older(connection: sqlite3.Connection, component: str, directory: Path) -> None:
    """For readers, who may not migrate: the tables must be those of this program."""
    known, applied = _read_directory(directory), _applied(connection, component)
    _refuse_strangers(component, known, applied)
    if missing := [migration.name for migration in known if migration.number not in applied]:
        raise DatabaseRefused(
            f"The database is older than this program ({component} lacks {missing[0]}):"
            " stop the service and start it again with this program."
        )


def file_system_of(path: Path, mounts: str) -> str:
    """The type of the file system that holds `path`, by the text of /proc/mounts; empty when unknown."""
    where, best, kind = path.resolve(), -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " ").replace("\\011", "\t"))
        if where.is_relative_to(point) and len(point.parts) >= best:  # a later mount covers an earlier one
            best, kind = len(point.parts), fields[2]
    return kind


def _refuse_network(path: Path, mounts: str) -> None:
    kind = file_system_of(path, mounts)
    if _NETWORK.fullmatch(kind):
        raise DatabaseRefused(
            f"The database {path} lies on a network file system ({kind}), where a power cut can lose what was"
            " promised: put it on a disk of this machine and set `database:` in config.yaml to that path."
        )


def _read_directory(directory: Path) -> list[_Migration]:
    found: dict[int, _Migration] = {}
    for path in sorted(directory.glob("*.sql")):
        matched = _NAME.match(path.name)
        if matched is None:
            raise DatabaseRefused(f"{path} is not named like 0001_what_it_does.sql: rename it.")
        number = int(matched[1])
        if number != len(found) + 1:
            raise DatabaseRefused(f"{path} should have number {len(found) + 1:04}: number the files without gaps.")
        found[number] = _Migration(number, path.name, path.read_text(encoding="utf-8"))
    return list(found.values())


def _applied(connection: sqlite3.Connection, component: str) -> dict[int, tuple[str, str]]:
    rows = connection.execute("SELECT number, name, sha256 FROM migrations WHERE component = ?", (component,))
    return {number: (name, sha256) for number, name, sha256 in rows}


def _refuse_strangers(component: str, known: Sequence[_Migration], applied: dict[int, tuple[str, str]]) -> None:
    ours = {migration.number: migration for migration in known}
    for number, (name, sha256) in sorted(applied.items()):
        if number not in ours:
            raise DatabaseRefused(
                f"The database is newer than this program ({component} has {name}, which is unknown here):"
                " install the newer program, or restore a backup made by this one."
            )
        if ours[number].sha256 != sha256:
            raise DatabaseRefused(
                f"{ours[number].name} of {component} was changed after it had been applied: put the file"
                " back as it was, and write the change as a new numbered file."
            )


def _apply(connection: sqlite3.Connection, component: str, migration: _Migration, at: datetime) -> None:
    for statement in _statements(migration.sql):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO migrations (component, number, name, sha256, at) VALUES (?, ?, ?, ?, ?)",
        (component, migration.number, migration.name, migration.sha256, at.isoformat()),
    )


def _statements(sql: str) -> Iterator[str]:
    """The file's statements one by one: `executescript` would commit what we have begun."""
    collected = ""
    for line in sql.splitlines(keepends=True):
        collected += line
        if sqlite3.complete_statement(collected):
            yield collected
            collected = ""
    if collected.strip():
        yield collected
