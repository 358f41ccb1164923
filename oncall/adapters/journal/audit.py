"""Holds the SQLite file against itself: every chain, every derived row, every raw word.

The rows beside the journal are a function of it, so a difference is corruption, a bug of ours, or somebody's hand in
the file, and a person must look. Case by case, so that one broken case hides no other. Deliberately not here: mending.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from oncall.adapters.footing import MEANWHILE
from oncall.adapters.journal.rows import (
    FIGURES,
    Row,
    case_row,
    due_row,
    figures_row,
    instant,
    outbox_row,
    page_rows,
    recorded_of,
    tombstone_from,
)
from oncall.adapters.journal.shelf import GENESIS, entry_hash, tombstone_hash
from oncall.adapters.migrations import DatabaseRefused
from oncall.core.as_json import from_json
from oncall.core.case.case import Case
from oncall.core.case.codec import UnknownEntry
from oncall.core.case.duties import duties_of
from oncall.core.case.entries import Recorded, ReportAdded
from oncall.core.case.evolve import replay
from oncall.core.case.figures import figures_of
from oncall.core.reports import Report

# a row that is whole by its hash, and no entry: of a newer program, or somebody's own
NO_ENTRY = (UnknownEntry, ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError)
OWED_NOW = ("open_cases", "due", "outbox", "busy")  # small at all times: looked through at every start
DERIVED = ("cases", "due", "outbox", "open_cases", "pages", "busy", "holding", "reports", "figures")


def refuse_damaged(connection: sqlite3.Connection, path: Path) -> None:
    """Raises DatabaseRefused when a page of what is owed now is damaged; the rest waits for the nightly audit."""
    try:
        told = [row[0] for table in OWED_NOW for row in connection.execute(f"PRAGMA quick_check('{table}')")]
    except sqlite3.DatabaseError as problem:
        told = [str(problem)]
    if problems := [one for one in told if one != "ok"]:
        raise DatabaseRefused(
            f"The database {path} is damaged where it holds what is owed ({problems[0]}): copy the files {path.name}*"
            f" away, and put back the last backup. {MEANWHILE}"
        )


def audit(connection: sqlite3.Connection) -> list[str]:
    """Every fault as a sentence, at one moment of the file; empty when it is whole."""
    found: list[str] = []
    connection.execute("BEGIN")  # deferred: one snapshot for all questions, no lock
    try:
        told = [row[0] for row in connection.execute("PRAGMA quick_check")]
        found += (f"the file is damaged: {one}" for one in told if one != "ok")
        found += _problems(connection)
    except sqlite3.DatabaseError as problem:
        found.append(f"the file cannot be read to its end: {problem}")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return found


def _problems(connection: sqlite3.Connection) -> Iterator[str]:
    for table in DERIVED:
        strangers = f"SELECT case_id FROM {table} EXCEPT SELECT case_id FROM entries"
        for (case_id,) in connection.execute(strangers).fetchall():
            yield f"case {case_id}: it has rows in {table} but no entries"
    for (case_id,) in connection.execute("SELECT DISTINCT case_id FROM entries").fetchall():
        try:
            yield from _case_problems(connection, case_id)
        except (*NO_ENTRY, RecursionError) as problem:  # around one case
            yield f"case {case_id}: it holds what this program cannot read ({type(problem).__name__})"
    yield from _tombstone_problems(connection)


def _tombstone_problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Their own chain, and no purged case may have come back."""
    last = GENESIS
    for number, digest, *row in connection.execute(
        "SELECT number, hash, case_id, code, entries, last_hash, closed_at, purged_at, purged_by, export_sha256"
        " FROM tombstones ORDER BY number"
    ).fetchall():
        last = tombstone_hash(last, tombstone_from(row))
        if digest != last:
            yield f"the chain of tombstones breaks at {number}"
            return
    back = "SELECT case_id FROM tombstones INTERSECT SELECT case_id FROM entries"
    for (case_id,) in connection.execute(back).fetchall():
        yield f"case {case_id}: it was purged and has entries"


def _case_problems(connection: sqlite3.Connection, case_id: str) -> Iterator[str]:
    rows = connection.execute(
        "SELECT seq, at, kind, version, body, hash FROM entries WHERE case_id = ? ORDER BY seq", (case_id,)
    ).fetchall()
    broken_at = _first_broken(case_id, rows)
    if broken_at is not None:  # what stands behind a broken link proves nothing about the derived rows
        yield f"case {case_id}: the hash chain breaks at entry {broken_at}"
        return
    entries = [recorded_of(row[:5]) for row in rows]
    case = replay(entries, Case(case_id))
    for what in (*_derived_problems(connection, case), *_figures_problems(connection, case, entries)):
        yield f"case {case_id}: {what} from replay"
    for report in _altered_words(connection, case_id, entries):
        yield f"case {case_id}: the raw words of report {report} are not those that were filed"


def _first_broken(case_id: str, rows: Sequence[Sequence[Any]]) -> int | None:
    last = GENESIS
    for place, (seq, at, kind, version, body, digest) in enumerate(rows, start=1):
        last = entry_hash(last, case_id, seq, instant(at), kind, version, body)
        if digest != last or seq != place:
            return int(seq)
    return None


def _derived_problems(connection: sqlite3.Connection, case: Case) -> Iterator[str]:
    duties = duties_of(case)
    due = due_row(case.id, duties)
    key = (duties.key, case.code) if duties.key is not None else None

    def differ(expected: Sequence[Row | None], columns: str, table: str) -> bool:
        stored = connection.execute(f"SELECT {columns} FROM {table} WHERE case_id = ?", (case.id,)).fetchall()
        return set(stored) != {row for row in expected if row is not None}

    if differ([case_row(case)], "case_id, key, code, status, opened_at, closed_at, version", "cases"):
        yield "the row of the case differs"
    if differ([due], "case_id, due_at, set_at", "due"):
        yield "the due row differs"
    owed = [outbox_row(case.id, owed) for owed in duties.owed]
    if differ(owed, "message_id, case_id, lane, not_before, attempts, body", "outbox"):
        yield "owed messages differ"
    if differ([key], "key, code", "open_cases"):
        yield "the open key differs"
    if differ(page_rows(case, duties), "page_id, case_id, person, slot, token, ordered_at, is_open", "pages"):
        yield "pages differ"
    if differ([(person,) for person in duties.busy], "person", "busy"):
        yield "people on our calls differ"
    if differ([(duties.holder,)] if duties.holder else [], "person", "holding"):
        yield "the holder differs"


def _figures_problems(connection: sqlite3.Connection, case: Case, entries: Sequence[Recorded]) -> Iterator[str]:
    """Only a closed case has them."""
    stored = connection.execute(f"SELECT {FIGURES} FROM figures WHERE case_id = ?", (case.id,)).fetchall()
    figures = figures_of(case.id, entries) if case.closed else None
    if stored != ([figures_row(figures)] if figures else []):
        yield "figures differ"


def _altered_words(connection: sqlite3.Connection, case_id: str, entries: Sequence[Recorded]) -> Iterator[str]:
    """Reports whose words are gone or no longer have the hash that stands in the chain."""
    stored = dict(connection.execute("SELECT report_id, body FROM reports WHERE case_id = ?", (case_id,)).fetchall())
    for recorded in entries:
        entry = recorded.entry
        if isinstance(entry, ReportAdded) and not _is_as_filed(stored.get(entry.report), entry):
            yield entry.report


def _is_as_filed(body: str | None, entry: ReportAdded) -> bool:
    if body is None:
        return False
    try:
        report: Report = from_json(Report, body)
    except (ValueError, TypeError, KeyError):
        return False
    digest = hashlib.sha256(report.raw.encode("utf-8", "surrogatepass")).hexdigest()
    return entry.sha256 in ("", digest)  # the blind decision files words without a hash
