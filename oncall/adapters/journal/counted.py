"""The figures of closed cases in the SQLite file, so that a report reads a row for a case and not its whole journal.

Written in the commit that closes a case, or that adds to a closed one; a file of an older program is filled at its
first opening. Open cases are counted when somebody asks. Deliberately not here: what is counted (`core.case.figures`).
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

import structlog

from oncall.adapters.journal.rows import FIGURES, figures_from, figures_row, instant, micros, recorded_of
from oncall.adapters.migrations import transaction
from oncall.core.case.figures import CaseFigures, figures_of

AT_ONCE = 200  # cases in one commit while an older file is filled
MARKS = ", ".join("?" * len(FIGURES.split(",")))

log = structlog.get_logger("journal")


def derive_figures(connection: sqlite3.Connection, case_id: str) -> None:
    """Inside the caller's transaction."""
    figures = _from_entries(connection, case_id)
    if figures is not None:
        connection.execute(
            f"INSERT OR REPLACE INTO figures ({FIGURES}, written)"
            f" VALUES ({MARKS}, (SELECT coalesce(max(written), 0) + 1 FROM figures))",
            figures_row(figures),
        )


def case_figures(connection: sqlite3.Connection, since: datetime, until: datetime) -> list[CaseFigures]:
    """Of one moment of the file."""
    span = (micros(since), micros(until))
    connection.execute("BEGIN")  # deferred: a case that closes meanwhile is counted once
    try:
        rows = connection.execute(
            f"SELECT {FIGURES} FROM figures WHERE opened_at >= ? AND opened_at < ?", span
        ).fetchall()
        still_open = connection.execute(
            "SELECT case_id FROM open_cases JOIN cases USING (case_id) WHERE opened_at >= ? AND opened_at < ?", span
        ).fetchall()
        found = [figures_from(row) for row in rows]
        found += [known for (case_id,) in still_open if (known := _from_entries(connection, case_id))]
    finally:
        connection.execute("ROLLBACK")
    return sorted(found, key=lambda case: case.opened_at)


def figures_written(
    connection: sqlite3.Connection, since: tuple[int, int]
) -> tuple[tuple[int, int], tuple[datetime, ...] | None]:
    """The mark is of the last figures written and the last tombstone."""
    row = connection.execute(
        "SELECT coalesce(max(written), 0), (SELECT coalesce(max(number), 0) FROM tombstones) FROM figures"
    ).fetchone()
    mark = (int(row[0]), int(row[1]) + 1)
    if since[1] != mark[1]:
        return mark, None
    rows = connection.execute("SELECT opened_at FROM figures WHERE written > ?", (since[0],)).fetchall()
    return mark, tuple(instant(opened_at) for (opened_at,) in rows)


def fill_figures(connection: sqlite3.Connection) -> None:
    """What an older program closed without them."""
    missing = connection.execute(
        "SELECT case_id FROM cases WHERE closed_at IS NOT NULL EXCEPT SELECT case_id FROM figures"
    ).fetchall()
    for start in range(0, len(missing), AT_ONCE):
        with transaction(connection):
            for (case_id,) in missing[start : start + AT_ONCE]:
                derive_figures(connection, case_id)
    if missing:
        log.info("figures of closed cases filled in", cases=len(missing))


def _from_entries(connection: sqlite3.Connection, case_id: str) -> CaseFigures | None:
    rows = connection.execute(
        "SELECT seq, at, kind, version, body FROM entries WHERE case_id = ? ORDER BY seq", (case_id,)
    ).fetchall()
    return figures_of(case_id, [recorded_of(row) for row in rows])
