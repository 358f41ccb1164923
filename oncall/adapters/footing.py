"""What stands under the stores: is this still the file that we said yes over, and is everything in it?

SQLite opens a torn write-ahead log, or an older copy put in its place, without a word; the record is only shorter. So
the journal's writer leaves a note beside the database after each commit and before anybody hears yes: its newest entry,
and which files it wrote to. Whoever opens the database holds it against that note. A record that is whole and shorter
is opened, and marked as put back; opening is refused only where it would mix two files or begin an empty one. The note
is not synced: lost with the power it proves less, and never too much. Deliberately not here: what becomes of a record
that was put back (`put_back`, `service.line.after_restore`).
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oncall.adapters.put_back import mark_shorter

PARTS = ("", "-wal", "-shm")
LENGTH = 512  # bytes, written in one piece and in place: a full disk does not stop it
MEANWHILE = "The carrier's fallback answers meanwhile."
BEGUN = ("entries", "tombstones", "editions")  # a line that has served once published an edition
ENDS_AT = "SELECT max(at) FROM (SELECT max(at) AS at FROM entries UNION ALL SELECT max(at) FROM editions)"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FileExchanged(Exception):
    """The file under an open store was moved, deleted or replaced; what is written reaches nobody who opens it anew."""


@dataclass(frozen=True, slots=True)
class Note:
    """The newest acknowledged entry, and the inodes of the database and of the log that took it."""

    case: str
    seq: int
    hash: str
    inode: int
    log: int


def beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def read_note(path: Path) -> Note | None:
    """Nothing for a note that was never written or cannot be read: it proves nothing."""
    try:
        return Note(**json.loads(beside(path, "-last").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def why_not(path: Path, open_for_reading: Callable[[Path], sqlite3.Connection]) -> str | None:
    """A sentence when it must not be opened, with what to do. A record that is only shorter than its note is marked,
    and the note goes with the mark, as evidence."""
    note = read_note(path)
    if note is None:
        return None
    if not path.exists():
        return f"The database {path} is gone. {_way_out(path)}"
    if _is_foreign_to_its_log(path, note):
        return (
            f"The database {path} was exchanged, and the write-ahead log of another file stands beside it: opening both"
            f" would mix them. {_way_out(path)}"
        )
    try:
        with contextlib.closing(open_for_reading(path)) as connection:
            return _held_against(note, path, connection)
    except sqlite3.DatabaseError as problem:
        return f"The database {path} cannot be read ({problem}). {_way_out(path)}"


def _is_foreign_to_its_log(path: Path, note: Note) -> bool:
    """A whole set that was moved or copied has a log of its own, and is not meant."""
    database, log, _ = _inodes(path)
    return database != note.inode and log == note.log != 0 and beside(path, "-wal").stat().st_size > 0


def _held_against(note: Note, path: Path, connection: sqlite3.Connection) -> str | None:
    if not any(_has(connection, table) for table in BEGUN):
        return f"The database {path} is empty, and there was one before. {_way_out(path)}"
    if not _holds(connection, note):
        [micros] = connection.execute(ENDS_AT).fetchone()
        evidence = beside(path, "-last")
        mark_shorter(path, evidence.read_text().strip(), note.case, note.seq, EPOCH + timedelta(microseconds=micros))
        evidence.unlink()
    return None


def _has(connection: sqlite3.Connection, table: str) -> bool:
    """Whether there is such a table with anything in it; an older program's database lacks some."""
    known = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    return known is not None and connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def _holds(connection: sqlite3.Connection, note: Note) -> bool:
    """The entry itself, or the tombstone of its case: retention may have taken it."""
    entry = connection.execute("SELECT hash FROM entries WHERE case_id = ? AND seq = ?", (note.case, note.seq))
    if (found := entry.fetchone()) is not None:
        return bool(found[0] == note.hash)
    if not _has(connection, "tombstones"):
        return False
    stone = connection.execute("SELECT entries, last_hash FROM tombstones WHERE case_id = ?", (note.case,)).fetchone()
    return stone is not None and (stone[0] > note.seq or stone == (note.seq, note.hash))


def _way_out(path: Path) -> str:
    return (
        f"Copy the files {path.name}* away, put back the whole set or the last backup; if going on with what is there"
        f" is meant, move {beside(path, '-last')} away and start again. {MEANWHILE}"
    )


class Footing:
    """The files under one open writer: `stand` is asked after each commit, `note` leaves the newest entry."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # the log and its index exist from here on
        self._opened = _inodes(path)
        self._note = os.open(beside(path, "-last"), os.O_RDWR | os.O_CREAT, 0o600)

    def note(self, case: str) -> None:
        """A note that cannot be written proves less; the commit stands."""
        last = self._connection.execute(
            "SELECT seq, hash FROM entries WHERE case_id = ? ORDER BY seq DESC LIMIT 1", (case,)
        ).fetchone()
        note = {"case": case, "seq": last[0], "hash": last[1], "inode": self._opened[0], "log": self._opened[1]}
        with contextlib.suppress(OSError):
            os.pwrite(self._note, json.dumps(note).ljust(LENGTH).encode(), 0)

    def stand(self) -> None:
        """Raises FileExchanged, after saving what only this open connection still has."""
        if _inodes(self._path) == self._opened:
            return
        with contextlib.suppress(sqlite3.Error, OSError):
            self._save()
        raise FileExchanged(f"{self._path} was moved, deleted or replaced while it was in use")

    def _save(self) -> None:
        """The whole of it under another name if the database itself is gone; the log into its own database always."""
        if _inodes(self._path)[0] != self._opened[0]:
            with contextlib.closing(sqlite3.connect(beside(self._path, "-rescued"))) as rescued:
                self._connection.backup(rescued)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        os.close(self._note)


def _inodes(path: Path) -> list[int]:
    """Of the database, its log and its index; 0 for one that is not there. Asked in every commit, so no `Path` here."""
    return [_inode(f"{path}{part}") for part in PARTS]


def _inode(name: str) -> int:
    try:
        return os.stat(name).st_ino
    except FileNotFoundError:
        return 0
