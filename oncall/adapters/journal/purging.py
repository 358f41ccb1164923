"""Takes closed cases out of the SQLite file for good, and leaves a tombstone where each chain ended (RULINGS 7).

One commit for each call; what is deleted is overwritten in the file. The tombstones have a chain of their own.
Deliberately not here: which cases are old enough, and that they were exported before (`service.cases.retention`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from oncall.adapters.journal.rows import instant, micros, tombstone_row
from oncall.adapters.journal.shelf import GENESIS, tombstone_hash
from oncall.service.ports.journal import Tombstone

OF_A_CASE = ("entries", "reports", "figures", "pages", "busy", "due", "outbox", "follow_ups", "cases")
TOMBSTONES = "case_id, code, entries, last_hash, closed_at, purged_at, purged_by, export_sha256"


def exported_case(connection: sqlite3.Connection, case_id: str) -> str:
    """One line: the entries with their hashes, byte for byte, and the raw reports."""
    entries = connection.execute(
        "SELECT seq, at, kind, version, body, hash FROM entries WHERE case_id = ? ORDER BY seq", (case_id,)
    ).fetchall()
    told = [[seq, instant(at).isoformat(), *rest] for seq, at, *rest in entries]
    reports = connection.execute("SELECT body FROM reports WHERE case_id = ? ORDER BY rowid", (case_id,)).fetchall()
    raw = [json.loads(body) for (body,) in reports]
    return json.dumps({"case": case_id, "entries": told, "reports": raw})


def purge_cases(
    connection: sqlite3.Connection, case_ids: Sequence[str], at: datetime, by: str, export_sha256: str
) -> list[Tombstone]:
    """Inside the caller's transaction. A case that is open, or not there, stays as it is."""
    connection.execute("PRAGMA secure_delete = ON")
    stones = []
    for case_id in case_ids:
        closed = connection.execute(
            "SELECT code, closed_at FROM cases WHERE case_id = ? AND status = 'closed'", (case_id,)
        ).fetchone()
        if closed is not None:
            stones.append(
                _purge(
                    connection,
                    Tombstone(
                        case_id, closed[0], *_end(connection, case_id), instant(closed[1]), at, by, export_sha256
                    ),
                )
            )
    if stones:
        _forget_deliveries(connection, max(stone.closed_at for stone in stones))
    connection.execute("PRAGMA secure_delete = OFF")
    return stones


def _end(connection: sqlite3.Connection, case_id: str) -> tuple[int, str]:
    seq, digest = connection.execute(
        "SELECT seq, hash FROM entries WHERE case_id = ? ORDER BY seq DESC LIMIT 1", (case_id,)
    ).fetchone()
    return seq, digest


def _purge(connection: sqlite3.Connection, stone: Tombstone) -> Tombstone:
    last = connection.execute("SELECT number, hash FROM tombstones ORDER BY number DESC LIMIT 1").fetchone()
    number, before = last or (0, GENESIS)
    row = tombstone_row(number + 1, stone, tombstone_hash(before, stone))
    connection.execute(f"INSERT INTO tombstones VALUES ({', '.join('?' * len(row))})", row)
    for table in OF_A_CASE:
        connection.execute(f"DELETE FROM {table} WHERE case_id = ?", (stone.case,))
    return stone


def _forget_deliveries(connection: sqlite3.Connection, until: datetime) -> None:
    """Dedupe keys whose cases are all gone; they hold numbers."""
    connection.execute(
        "DELETE FROM received WHERE at <= ? AND NOT EXISTS"
        " (SELECT 1 FROM json_each(received.cases) AS named JOIN cases ON cases.case_id = named.value)",
        (micros(until),),
    )
