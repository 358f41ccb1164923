"""The mark in a folder that was restored: the next start asks for it before it pages anybody.

Deliberately not here: restoring, and what the line makes of the mark (`service.line.after_restore`).
"""

from __future__ import annotations

from pathlib import Path

from oncall.adapters.backup.folder import synced

RESTORED = "restored"  # holds when the backup was made


class RestoreMark:
    """What a restore leaves in the folder of the database."""

    def __init__(self, var: Path) -> None:
        self._path = var / RESTORED

    def made_at(self) -> str | None:
        """When the backup was made; None where nothing was restored, or it has been dealt with."""
        return self._path.read_text(encoding="ascii").strip() if self._path.exists() else None

    def settled(self) -> None:
        self._path.unlink(missing_ok=True)
        synced(self._path.parent)
