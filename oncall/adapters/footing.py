"""What stands under the stores: is this still the file that we said yes over, and is everything in it?

SQLite opens a torn write-ahead log, or an older copy put in its place, without a word; the record is only shorter. So
the journal's writer leaves a note beside the database after each commit and before anybody hears yes: its newest entry,
and which file it wrote to. Whoever opens the database holds the file against that note, and refuses rather than go on
with less. The note is not synced: lost with the power it proves less, and never too much. Deliberately not here:
putting a damaged file right, which needs a person.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PARTS = ("", "-wal", "-shm")
LENGTH = 512  # bytes, written in one piece and in place: a full disk does not stop it
MEANWHILE = "The carrier's fallback answers meanwhile."


class FileExchanged(Exception):
    """The file under an open store was moved, deleted or replaced; what is written reaches nobody who opens it anew."""


@dataclass(frozen=True, slots=True)
class Note:
    """The newest acknowledged entry, and the inode of the database that took it."""

    case: str
    seq: int
    hash: str
    inode: int


def beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def read_note(path: Path) -> Note | None:
    """Nothing for a note that was never written or cannot be read: it proves nothing."""
    try:
        return Note(**json.loads(beside(path, "-last").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def why_less(path: Path, open_for_reading: Callable[[Path], sqlite3.Connection]) -> str | None:
    """A sentence when the file cannot be the one the note was left by, with what to do; nothing is written to it."""
    note, log = read_note(path), beside(path, "-wal")
    if note is None:
        return None
    if not path.exists():
        return f"The database {path} is gone. {_way_out(path)}"
    if path.stat().st_ino != note.inode and log.exists() and log.stat().st_size > 0:
        return (
            f"The database {path} was exchanged, and the write-ahead log of another file stands beside it: opening both"
            f" would mix them. {_way_out(path)}"
        )
    if not _holds(path, note, open_for_reading):
        return (
            f"The database {path} lacks what was acknowledged last (case {note.case}, entry {note.seq}): it is older"
            f" than its note, or its write-ahead log was torn or deleted. {_way_out(path)}"
        )
    return None


def _holds(path: Path, note: Note, open_for_reading: Callable[[Path], sqlite3.Connection]) -> bool:
    with contextlib.closing(open_for_reading(path)) as connection:
        try:
            found = connection.execute(
                "SELECT hash FROM entries WHERE case_id = ? AND seq = ?", (note.case, note.seq)
            ).fetchone()
        except sqlite3.OperationalError as problem:
            if "no such table" not in str(problem):
                raise
            return False
    return found is not None and found[0] == note.hash


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
        told = json.dumps({"case": case, "seq": last[0], "hash": last[1], "inode": self._opened[0]}).ljust(LENGTH)
        with contextlib.suppress(OSError):
            os.pwrite(self._note, told.encode(), 0)

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
