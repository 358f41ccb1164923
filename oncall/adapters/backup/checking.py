"""Unpacks a backup and holds it against itself: hashes, the database's own check, rows, and the record of care.

The last is the nightly audit: every chain, and every derived row against replay. Deliberately not here: that audit
itself (the journal's own), and where a backup is unpacked to.
"""

from __future__ import annotations

import sqlite3
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copyfileobj

from oncall.adapters.backup.manifest import MANIFEST, Manifest, counts_of, hash_of
from oncall.adapters.backup.sealing import NotOurs, Opener
from oncall.adapters.migrations import DatabaseRefused, open_database
from oncall.core.as_json import from_json

Audit = Callable[[sqlite3.Connection], Iterable[str]]


def checked(backup: Path, folder: Path, key: str | None, audit: Audit) -> tuple[Manifest, list[str]]:
    """Unpacked into the new `folder`, and every fault as a sentence. Raises NotOurs, OSError."""
    folder.mkdir(mode=0o700)
    manifest = _unpack(backup, folder, key)
    return manifest, list(_faults(manifest, folder, audit))


def _unpack(backup: Path, folder: Path, key: str | None) -> Manifest:
    try:
        with backup.open("rb") as file, tarfile.open(fileobj=Opener(file, key), mode="r|gz") as tar:
            for member in tar:
                _take_out(tar, member, folder)
        return _manifest(folder)
    except (tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, TypeError):
        raise NotOurs("The backup was cut off or changed.") from None


def _take_out(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Plain files by a plain name; nothing in a backup decides where it lands."""
    source = tar.extractfile(member)
    if source is None or Path(member.name).name != member.name or member.name.startswith("."):
        raise NotOurs("The backup holds something that was never put into it.")
    path = folder / member.name
    path.touch(mode=0o600)
    with path.open("wb") as file:
        copyfileobj(source, file, 2**20)


def _manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    manifest: Manifest = from_json(Manifest, path.read_text(encoding="utf-8"))
    path.unlink()
    return manifest


def _faults(manifest: Manifest, folder: Path, audit: Audit) -> Iterator[str]:
    for name, digest in manifest.hashes.items():
        if not (folder / name).exists() or hash_of(folder / name) != digest:
            yield f"{name} is missing or not what was packed"
            return
    try:
        yield from _database_faults(manifest, folder / manifest.database, audit)
    except (sqlite3.DatabaseError, DatabaseRefused) as problem:
        yield str(problem)


def _database_faults(manifest: Manifest, database: Path, audit: Audit) -> Iterator[str]:
    with closing(open_database(database)) as connection:
        if (told := connection.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            yield f"the database is damaged: {told}"
            return
        if counts_of(connection) != manifest.counts:
            yield "the numbers of rows differ from those that were packed"
        yield from audit(connection)
