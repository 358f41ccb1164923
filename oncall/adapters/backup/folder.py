"""The folder of backups: their names, which is the newest, and which are given up.

A file has its name only once it has been read back and found whole, so whatever is named here can be restored.
Deliberately not here: making one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

ENDING, HEADS = ".backup", ".heads"
_NAME = re.compile(r"oncall-(\d{8}T\d{6}Z)\.backup")
_STAMP = "%Y%m%dT%H%M%SZ"


def name_at(at: datetime) -> str:
    return f"oncall-{at.astimezone(UTC).strftime(_STAMP)}{ENDING}"


def made_at(path: Path) -> datetime | None:
    """When it was made, by its name; None for what is not one of ours."""
    matched = _NAME.fullmatch(path.name)
    return datetime.strptime(matched[1], _STAMP).replace(tzinfo=UTC) if matched else None


def backups_in(folder: Path) -> list[Path]:
    """Oldest first. Raises OSError when the folder cannot be read."""
    return sorted(path for path in folder.iterdir() if made_at(path))


def newest_in(folder: Path) -> datetime | None:
    """When the newest whole one was made. Raises OSError."""
    found = backups_in(folder) if folder.exists() else []
    return made_at(found[-1]) if found else None


def give_up_old(folder: Path, keep: int) -> None:
    """All but the newest `keep`, each with its list of heads; nothing else in the folder is touched."""
    for path in backups_in(folder)[:-keep]:
        path.with_suffix(HEADS).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
