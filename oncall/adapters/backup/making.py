"""Makes a backup beside a running service, reads it back as a restore would, and only then gives it its name.

The snapshot is SQLite's own (one moment of the file; the writer goes on). It is packed with the key of page links and
the configuration, sealed if there is a key, then unpacked again beside the database and held against itself. Killed
anywhere, it leaves at most a file without a name, which the next one removes. Deliberately not here: when
(`service.line.nightly_backup`), and the check itself.
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from json import dumps
from pathlib import Path

from oncall import __version__
from oncall.adapters.backup.checking import Audit, checked
from oncall.adapters.backup.folder import HEADS, give_up_old, name_at
from oncall.adapters.backup.manifest import MANIFEST, Manifest, counts_of, hash_of, heads_of
from oncall.adapters.backup.sealing import Sealer
from oncall.adapters.migrations import open_for_reading
from oncall.adapters.put_back import synced

CONFIG = "config.yaml"
BESIDE = ("secret.key", "emergency.jsonl")  # the key of page links, and what the store has refused and not taken yet


class NotMade(Exception):
    """There is no new backup; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Order:
    """`database` with its folder's secret; `config` as it lies, or None; `keep` many stay, None: all."""

    database: Path
    folder: Path
    config: Path | None = None
    key: str | None = None
    keep: int | None = None


def make_backup(order: Order, at: datetime, audit: Audit) -> Path:
    """The new file. Raises NotMade, OSError, sqlite3.Error."""
    with _workshop(order.database.parent) as workshop:
        order.folder.mkdir(parents=True, exist_ok=True)
        for left in order.folder.glob("oncall-*.part"):
            left.unlink()  # by one that was killed
        final = order.folder / name_at(at)
        part, heads = final.with_suffix(".part"), final.with_suffix(HEADS)
        files = _copied(order, workshop)
        _pack(order, files, part, at)
        for path in files.values():
            path.unlink()
        _check(order, part, workshop / "check", audit)
        _write_heads(workshop / "check" / order.database.name, heads)
        part.rename(final)
        synced(order.folder)
        if order.keep is not None:
            give_up_old(order.folder, order.keep)
        return final


@contextmanager
def _workshop(var: Path) -> Iterator[Path]:
    """A folder of our own beside the database: what lies in it is not sealed."""
    with (var / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NotMade("Another backup is being made; try again when it is done.") from None
        folder = var / "backup.tmp"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _copied(order: Order, workshop: Path) -> dict[str, Path]:
    """Everything as it stood at one moment, by its name in the backup: the service writes on meanwhile."""
    beside = {name: order.database.parent / name for name in BESIDE}
    files = {order.database.name: workshop / order.database.name}
    _snapshot(order.database, files[order.database.name])
    for name, path in {CONFIG: order.config, **beside}.items():
        if path is not None and path.exists():
            files[name] = Path(shutil.copy(path, workshop / name))
    return files


def _snapshot(database: Path, to: Path) -> None:
    with closing(open_for_reading(database)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file


def _pack(order: Order, files: Mapping[str, Path], part: Path, at: datetime) -> None:
    with closing(sqlite3.connect(files[order.database.name])) as copy:
        counts = counts_of(copy)
    hashes = {name: hash_of(path) for name, path in files.items()}
    manifest = Manifest(at.isoformat(), __version__, order.database.name, counts, hashes)
    part.touch(mode=0o600)
    with part.open("wb") as file:
        sealer = Sealer(file, order.key)
        with tarfile.open(fileobj=sealer, mode="w|gz") as tar:
            told = dumps(asdict(manifest)).encode()
            head = tarfile.TarInfo(MANIFEST)
            head.size, head.mode = len(told), 0o600
            tar.addfile(head, BytesIO(told))
            for name, path in files.items():
                tar.add(path, name)
        sealer.finish()
    synced(part)


def _check(order: Order, part: Path, folder: Path, audit: Audit) -> None:
    _, faults = checked(part, folder, order.key, audit)
    if faults:
        kept = part.rename(part.with_suffix(".broken"))
        raise NotMade(f"The backup is not whole ({faults[0]}); it is kept as {kept} to be looked at.")


def _write_heads(database: Path, heads: Path) -> None:
    with closing(open_for_reading(database)) as connection, heads.open("w", encoding="ascii") as file:
        file.writelines(heads_of(connection))
    synced(heads)
