"""Closed cases in the SQLite file as one line each: the few entries that such a line is made of, and no others.

A night's case has fifty entries and more; a board that lists fifty closed ones would replay thousands of them for a
code, a label and an outcome. What was read is remembered by case and version, so it can never be stale. Deliberately
not here: what a line says (`service.ports.ClosedMark`).
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from oncall.adapters.journal.rows import micros, recorded_of
from oncall.core.case.case import Case
from oncall.core.case.evolve import replay
from oncall.service.ports.journal import ClosedMark, closed_mark

OF_A_LINE = ("CaseOpened", "PersonTold", "PaceSet", "Closed")
REMEMBERED = 1_000

Remembered = dict[tuple[str, int], ClosedMark]


def closed_marks(
    connection: sqlite3.Connection, since: datetime, limit: int, remembered: Remembered
) -> list[ClosedMark]:
    """The last closed first."""
    rows = connection.execute(
        "SELECT case_id, version FROM cases WHERE closed_at >= ? ORDER BY closed_at DESC LIMIT ?",
        (micros(since), limit),
    ).fetchall()
    if len(remembered) > REMEMBERED:
        remembered.clear()
    found = []
    for key in rows:
        mark = remembered.get(key)
        if mark is None:
            mark = remembered[key] = _read(connection, key[0])
        found.append(mark)
    return found


def _read(connection: sqlite3.Connection, case_id: str) -> ClosedMark:
    rows = connection.execute(
        f"SELECT seq, at, kind, version, body FROM entries WHERE case_id = ?"
        f" AND kind IN ({', '.join('?' * len(OF_A_LINE))}) ORDER BY seq",
        (case_id, *OF_A_LINE),
    ).fetchall()
    return closed_mark(replay([recorded_of(row) for row in rows], Case(case_id)))
