"""What a backup says of itself: how many rows, where every case's chain ends, and the hash of each of its files.

Deliberately not here: packing and unpacking.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
HEADS = (
    "SELECT case_id, seq, hash FROM entries JOIN (SELECT case_id, max(seq) AS seq FROM entries GROUP BY case_id)"
    " USING (case_id, seq) ORDER BY case_id"
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """`database`: the file's name in the backup; `counts` by table, `hashes` by file; `made_at` in ISO 8601."""

    made_at: str
    program: str
    database: str
    counts: Mapping[str, int]
    hashes: Mapping[str, str]


def counts_of(connection: sqlite3.Connection) -> dict[str, int]:
    tables = [name for (name,) in connection.execute(TABLES).fetchall()]
    quoted = {name: name.replace('"', '""') for name in tables}
    return {name: connection.execute(f'SELECT count(*) FROM "{quoted[name]}"').fetchone()[0] for name in tables}


def heads_of(connection: sqlite3.Connection) -> Iterator[str]:
    """One line a case: its id, its last entry, and the hash that ties it to all before. No patient is in it."""
    for case_id, seq, digest in connection.execute(HEADS):
        yield f"{case_id} {seq} {digest}\n"


def heads_missing(connection: sqlite3.Connection, heads: Path) -> list[str]:
    """Chains that once ended so and hold that entry no longer: as sentences."""
    found = []
    with heads.open(encoding="ascii") as lines:
        for line in lines:
            case_id, seq, digest = line.split()
            row = connection.execute(
                "SELECT hash FROM entries WHERE case_id = ? AND seq = ?", (case_id, int(seq))
            ).fetchone()
            if row is None or row[0] != digest:
                found.append(f"case {case_id}: entry {seq} is not the one that was backed up")
    return found


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
