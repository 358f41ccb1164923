"""Puts a backup back into a folder where nothing is, and marks it so that the line pages nobody for what is long over.

Everything is unpacked and checked beside the folder, and moved there in one step: a folder that has the name is whole.
Deliberately not here: what the line makes of the mark (`service.line.after_restore`).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from oncall.adapters.backup.checking import Audit, checked
from oncall.adapters.backup.folder import synced
from oncall.adapters.backup.manifest import Manifest
from oncall.adapters.backup.mark import RESTORED


class NotRestored(Exception):
    """Nothing was put back; the sentence says why and what to do."""


def restore(backup: Path, folder: Path, key: str | None, audit: Audit) -> Manifest:
    """Raises NotRestored, NotOurs, OSError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotRestored(f"{folder} is not empty. Stop the service and move it away; a restore writes over nothing.")
    beside = folder.absolute().with_name(f"{folder.absolute().name}.restoring")
    shutil.rmtree(beside, ignore_errors=True)  # by one that was killed
    beside.parent.mkdir(parents=True, exist_ok=True)
    try:
        manifest, faults = checked(backup, beside, key, audit)
        if faults:
            raise NotRestored(f"The backup is not whole, nothing was restored: {faults[0]}. Take an older one.")
        _settle(beside, manifest)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    synced(folder.absolute().parent)
    return manifest


def _settle(folder: Path, manifest: Manifest) -> None:
    (folder / RESTORED).write_text(manifest.made_at, encoding="ascii")
    for path in (*folder.iterdir(), folder):
        synced(path)
