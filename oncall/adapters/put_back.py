"""The marks beside a database that is older than what happened: put back from a backup, or found shorter than its note.

A restore leaves the first kind, whoever opens a shorter record both; the line deals with the open cases once and moves
the mark aside, and what was lost stays told until a person takes the evidence away. Deliberately not here: noticing it
(`footing`), and what the line makes of it (`service.line.after_restore`).
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from oncall.service.line.lost import Lost

RESTORED = "restored"  # holds when the backup was made, or when the shorter record ends
SETTLED = "restored.settled"  # the same, until the carrier's list has been read again from then on
EVIDENCE = "-lost-"  # after the name of the database, before case and entry


class RestoreMark:
    """What lies in the folder of the database."""

    def __init__(self, var: Path) -> None:
        self._path, self._settled = var / RESTORED, var / SETTLED

    def made_at(self) -> str | None:
        """When the backup was made; None where nothing was restored, or it has been dealt with."""
        return _told(self._path)

    def settled(self) -> None:
        """The cases know; the carrier's list is still to be read."""
        self._path.replace(self._settled)
        synced(self._path.parent)

    def ends_at(self) -> datetime | None:
        """From when the carrier's list must be read again; None where nothing was put back, or that has been done."""
        told = filter(None, (self.made_at(), _told(self._settled)))
        return min(map(datetime.fromisoformat, told), default=None)

    def lists_are_read(self) -> None:
        self._settled.unlink(missing_ok=True)

    def lost(self) -> tuple[Lost, ...]:
        """Earliest end first; what cannot be read is no evidence."""
        found = (_evidence(path) for path in self._path.parent.glob(f"*{EVIDENCE}*"))
        return tuple(sorted((one for one in found if one is not None), key=lambda one: one.ends_at))


class NeverPutBack:
    """A house in memory; the folder of another one is not its business."""

    def made_at(self) -> str | None:
        return None

    def settled(self) -> None: ...

    def ends_at(self) -> datetime | None:
        return None

    def lists_are_read(self) -> None: ...

    def lost(self) -> tuple[Lost, ...]:
        return ()


def mark_restored(folder: Path, made_at: str) -> None:
    _write(folder / RESTORED, made_at)


def mark_shorter(database: Path, note: str, case: str, seq: int, ends_at: datetime) -> None:
    """Repeat-safe; `note` is what was found beside the database, and the caller removes it after this."""
    told = {"case": case, "seq": seq, "ends_at": ends_at.isoformat(), "note": note}
    _write(database.with_name(f"{database.name}{EVIDENCE}{case}-{seq}"), json.dumps(told))
    mark_restored(database.parent, ends_at.isoformat())


def synced(path: Path) -> None:
    """What was written to this file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _evidence(path: Path) -> Lost | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Lost(told["case"], told["seq"], datetime.fromisoformat(told["ends_at"]), path.name)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _told(path: Path) -> str | None:
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def _write(path: Path, told: str) -> None:
    """Whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(told, encoding="utf-8")
    synced(part)
    part.replace(path)
    synced(path.parent)
