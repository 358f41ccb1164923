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
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj, disk_usage

from oncall.adapters.backup.manifest import MANIFEST, Manifest, counts_of, hash_of
from oncall.adapters.backup.sealing import NotOurs, Opener
from oncall.adapters.migrations import DatabaseRefused, open_database
from oncall.core.as_json import from_json

Audit = Callable[[sqlite3.Connection], Iterable[str]]
RECORD = "entries"  # the table without which a file is no record of care
LARGEST_MANIFEST = 2**20  # bytes
_NO_SHAPE = (ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError)


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
    except (tarfile.TarError, EOFError, zlib.error, *_NO_SHAPE):
        raise NotOurs("The backup was cut off or changed.") from None


def _take_out(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Plain files by a plain name; nothing in a backup decides where it lands, or fills the disk of a running line."""
    source = tar.extractfile(member)
    path = folder / member.name
    if source is None or not _is_plain(member.name) or path.exists():
        raise NotOurs("The backup holds something that was never put into it.")
    if member.size * 10 > disk_usage(folder).free * 9:
        raise NotOurs(f"The backup unpacks to more than the disk of {folder.parent} has room for.")
    path.touch(mode=0o600)
    with path.open("wb") as file:
        copyfileobj(source, file, 2**20)


def _is_plain(name: str) -> bool:
    return Path(name).name == name and not name.startswith(".")


def _manifest(folder: Path) -> Manifest:
    """It names the files that lie here and no others: what it says is read, opened and brought up to date."""
    path = folder / MANIFEST
    if not path.exists() or path.stat().st_size > LARGEST_MANIFEST:
        raise ValueError("no manifest")
    manifest: Manifest = from_json(Manifest, path.read_text(encoding="utf-8"))
    path.unlink()
    datetime.fromisoformat(manifest.made_at)
    if {*manifest.hashes} != {one.name for one in folder.iterdir()} or manifest.database not in manifest.hashes:
        raise ValueError("other files than it names")
    return manifest


def _faults(manifest: Manifest, folder: Path, audit: Audit) -> Iterator[str]:
    for name, digest in manifest.hashes.items():
        if hash_of(folder / name) != digest:
            yield f"{name} is not what was packed"
            return
    try:
        yield from _database_faults(manifest, folder / manifest.database, audit)
    except (sqlite3.Error, sqlite3.Warning, DatabaseRefused) as problem:
        yield str(problem)
    except _NO_SHAPE as problem:
        yield f"the database holds what this program cannot read ({type(problem).__name__})"


def _database_faults(manifest: Manifest, database: Path, audit: Audit) -> Iterator[str]:
    with closing(open_database(database)) as connection:
        if (told := connection.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            yield f"the database is damaged: {told}"
            return
        if (counts := counts_of(connection)) != manifest.counts or RECORD not in counts:
            yield "the numbers of rows differ from those that were packed"
        yield from audit(connection)
