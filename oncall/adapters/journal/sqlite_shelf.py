"""What one delivery is written through: the shelf of one transaction on the writer's connection.

Replayed cases are kept between deliveries, each with the hash of the entry that it is true for. Hot statements are
plain SQL (measured: sqlite-utils' insert costs a factor of three here). Deliberately not here: the order of the acts
(`shelf`), and the transaction itself (`writer`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oncall.adapters.journal.counted import derive_figures
from oncall.adapters.journal.rows import case_row, due_row, micros, outbox_row, page_rows, recorded_of
from oncall.adapters.journal.shelf import GENESIS, RegisterView, owes_follow_up
from oncall.core.as_json import to_json
from oncall.core.case.case import Case
from oncall.core.case.duties import Duties
from oncall.core.case.entries import Recorded
from oncall.core.case.evolve import replay
from oncall.core.reports import Report

KEPT_CASES = 20_000  # replayed cases kept by the writer; each is checked against the hash of its last stored entry


@dataclass(slots=True)
class Kept:
    """What the writer keeps in memory: replayed cases with the hash that they are true for, and the codes of open
    cases; None until they are read, and again after anything was rolled back."""

    cases: dict[str, tuple[Case, str]] = field(default_factory=dict)
    codes: set[str] | None = None

    def rolled_back(self) -> None:
        """What was given out meanwhile is nobody's."""
        self.codes = None


class SqliteShelf:
    """The shelf of one transaction."""

    def __init__(self, connection: sqlite3.Connection, register: RegisterView, kept: Kept) -> None:
        self._db = connection
        self._register = register
        self._kept = kept
        self._cases = kept.cases

    def seen(self, key: str) -> tuple[Mapping[str, Any], tuple[str, ...]] | None:
        row = self._db.execute("SELECT answer, cases FROM received WHERE key = ?", (key,)).fetchone()
        return (json.loads(row[0]), tuple(json.loads(row[1]))) if row else None

    def remember(self, key: str, at: datetime, answer: Mapping[str, Any], cases: Sequence[str]) -> None:
        self._db.execute(
            "INSERT INTO received VALUES (?, ?, ?, ?)",
            (key, micros(at), json.dumps(answer), json.dumps(list(cases))),
        )

    def case_of_key(self, key: str) -> str | None:
        row = self._db.execute("SELECT case_id FROM open_cases WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def replayed(self, case_id: str) -> tuple[Case, str]:
        last = self._db.execute(
            "SELECT hash FROM entries WHERE case_id = ? ORDER BY seq DESC LIMIT 1", (case_id,)
        ).fetchone()
        if last is None:
            return Case(case_id), GENESIS
        known = self._cases.get(case_id)
        if known is not None and known[1] == last[0]:
            return known
        rows = self._db.execute(
            "SELECT seq, at, kind, version, body FROM entries WHERE case_id = ? ORDER BY seq", (case_id,)
        ).fetchall()
        return replay((recorded_of(row) for row in rows), Case(case_id)), last[0]

    def append(self, case_id: str, rows: Sequence[tuple[Recorded, str, int, str, str]]) -> None:
        self._db.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(case_id, r.seq, micros(r.at), kind, version, body, digest) for r, kind, version, body, digest in rows],
        )
        self._last_hash = rows[-1][4]

    def derive(self, case: Case, before: Duties, after: Duties) -> None:
        self._keep(case)
        self._derive_case(case)
        self._derive_key(case, before, after)
        self._derive_due(case.id, after)
        self._derive_outbox(case.id, before, after)
        if case.closed:
            derive_figures(self._db, case.id)
        if owes_follow_up(case, before):
            self._db.execute("INSERT OR IGNORE INTO follow_ups VALUES (?)", (case.id,))
        if after.pages != before.pages or after.key != before.key:
            self._derive_pages(case, after)
        if after.holder != before.holder:
            self._db.execute("DELETE FROM holding WHERE case_id = ?", (case.id,))
            if after.holder is not None:
                self._db.execute("INSERT INTO holding VALUES (?, ?)", (case.id, after.holder))
        if after.busy != before.busy:
            self._db.execute("DELETE FROM busy WHERE case_id = ?", (case.id,))
            self._db.executemany("INSERT INTO busy VALUES (?, ?)", [(case.id, person) for person in after.busy])

    def _keep(self, case: Case) -> None:
        if len(self._cases) >= KEPT_CASES:
            self._cases.clear()
        if case.is_open:
            self._cases[case.id] = (case, self._last_hash)
        else:
            self._cases.pop(case.id, None)

    def _derive_case(self, case: Case) -> None:
        self._db.execute(
            "INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (case_id) DO UPDATE SET"
            " status = excluded.status, closed_at = excluded.closed_at, version = excluded.version",
            case_row(case),
        )

    def _derive_key(self, case: Case, before: Duties, after: Duties) -> None:
        if before.key == after.key:
            return
        if before.key is not None:
            self._db.execute("DELETE FROM open_cases WHERE case_id = ?", (case.id,))
        if after.key is not None:
            self._db.execute("INSERT INTO open_cases VALUES (?, ?, ?)", (after.key, case.id, case.code))
        if self._kept.codes is not None:
            (self._kept.codes.discard if after.key is None else self._kept.codes.add)(case.code)

    def _derive_due(self, case_id: str, after: Duties) -> None:
        row = due_row(case_id, after)
        if row is None:
            self._db.execute("DELETE FROM due WHERE case_id = ?", (case_id,))
            return
        self._db.execute(
            "INSERT INTO due (case_id, due_at, set_at) VALUES (?, ?, ?) ON CONFLICT (case_id) DO UPDATE SET"
            " due_at = excluded.due_at, set_at = excluded.set_at, pushed_until = 0, failures = 0",
            row,
        )

    def _derive_outbox(self, case_id: str, before: Duties, after: Duties) -> None:
        if before.owed == after.owed:
            return
        gone = set(before.owed) - set(after.owed)
        come = set(after.owed) - set(before.owed)
        self._db.executemany("DELETE FROM outbox WHERE message_id = ?", [(owed.message.id,) for owed in gone])
        self._db.executemany(
            "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?)",
            [outbox_row(case_id, owed) for owed in after.owed if owed in come],
        )

    def _derive_pages(self, case: Case, after: Duties) -> None:
        self._db.executemany(
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (page_id) DO UPDATE SET is_open = excluded.is_open",
            page_rows(case, after),
        )

    def file(self, case_id: str, report: Report) -> None:
        self._db.execute(
            "INSERT INTO reports VALUES (?, ?, ?, ?)",
            (report.id, case_id, micros(report.received_at), to_json(report)),
        )

    def taken_slots(self, person: str, since: datetime) -> frozenset[int]:
        rows = self._db.execute(
            "SELECT slot FROM pages WHERE slot IS NOT NULL AND person = ? AND (ordered_at > ? OR is_open)",
            (person, micros(since)),
        )
        return frozenset(slot for (slot,) in rows)

    def taken_codes(self) -> Set[str]:
        """Kept by the writer: with ten thousand open cases, reading them would cost more than the rest of the write."""
        if self._kept.codes is None:
            (codes,) = self._db.execute("SELECT group_concat(code) FROM open_cases").fetchone()
            self._kept.codes = set(codes.split(",")) if codes else set()
        return self._kept.codes

    def held_by(self, person: str, except_case: str) -> int:
        (count,) = self._db.execute(
            "SELECT count(*) FROM holding WHERE person = ? AND case_id <> ?", (person, except_case)
        ).fetchone()
        return int(count)

    def busy(self, except_case: str) -> frozenset[str]:
        rows = self._db.execute("SELECT DISTINCT person FROM busy WHERE case_id <> ?", (except_case,))
        return frozenset(person for (person,) in rows)

    def register(self) -> RegisterView:
        return self._register
