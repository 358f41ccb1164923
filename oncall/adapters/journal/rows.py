"""The derived rows of a case as the SQLite file holds them, made in one place for who writes and who audits.

Instants are integer microseconds UTC, so that they sort and compare exactly. Every function is of the case alone: what
it gives can be deleted, rebuilt, and held against the file. Deliberately not here: any statement that stores a row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from oncall.core.as_json import to_json
from oncall.core.case.case import Case
from oncall.core.case.codec import decode
from oncall.core.case.duties import Duties, Owed
from oncall.core.case.entries import Recorded
from oncall.core.case.figures import CaseFigures
from oncall.core.triage.assessment import Urgency
from oncall.service.ports.journal import OpenPage, Tombstone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = tuple[Any, ...]


def micros(at: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(stored: int) -> datetime:
    return EPOCH + timedelta(microseconds=stored)


def case_row(case: Case) -> Row:
    """case_id, key, code, status, opened_at, closed_at, version."""
    opened = micros(case.opened_at) if case.opened_at else 0
    closed = micros(case.closed.at) if case.closed else None
    return case.id, case.key, case.code, case.status.value, opened, closed, case.version


def due_row(case_id: str, duties: Duties) -> Row | None:
    """case_id, due_at, set_at; None when no clock runs."""
    if duties.due_at is None or duties.set_at is None:
        return None
    return case_id, micros(duties.due_at), micros(duties.set_at)


def outbox_row(case_id: str, owed: Owed) -> Row:
    """message_id, case_id, lane, not_before, attempts, body."""
    message = owed.message
    not_before = micros(owed.not_before) if owed.not_before else 0
    return message.id, case_id, message.lane.value, not_before, owed.attempts, to_json(message)


def page_rows(case: Case, duties: Duties) -> list[Row]:
    """page_id, case_id, person, slot, token, ordered_at, is_open."""
    return [
        (page.id, case.id, page.person, page.slot, page.token, micros(page.ordered_at), int(case.is_open))
        for page in duties.pages
    ]


def recorded_of(row: Sequence[Any]) -> Recorded:
    """An entry from its seq, at, kind, version and body."""
    seq, at, kind, version, body = row
    return Recorded(seq, instant(at), decode(kind, version, body))


def open_page_of(row: Sequence[Any]) -> OpenPage:
    """A page from its case_id, page_id, person, slot, ordered_at and is_open."""
    case_id, page, person, slot, ordered_at, is_open = row
    return OpenPage(case_id, page, person, slot, instant(ordered_at), bool(is_open))


# --- figures -------------------------------------------------------------------------------------------------------

FIGURES = (
    "case_id, opened_at, closed_at, pace, language, paged_at, taken_at, reached_at, target, reach_target, climbed,"
    " rounds, passed_on, not_me, off_duty, missed, outcome, needed, texts, texts_lost, calls, calls_lost,"
    " calls_unanswered, silent"
)


def figures_row(figures: CaseFigures) -> Row:
    """In the order of FIGURES."""
    told = figures
    return (
        *(told.case, micros(told.opened_at), _micros(told.closed_at), told.pace, told.language),
        *(_micros(told.paged_at), _micros(told.taken_at), _micros(told.reached_at)),
        *(_seconds(told.target), _seconds(told.reach_target)),
        *(told.climbed, told.rounds, told.passed_on, told.not_me, told.off_duty, told.missed, told.outcome),
        None if told.needed is None else int(told.needed),
        *(told.texts, told.texts_lost, told.calls, told.calls_lost, told.calls_unanswered),
        json.dumps(told.silent),
    )


def figures_from(row: Sequence[Any]) -> CaseFigures:
    case, opened, closed, pace, language, paged, taken, reached, target, reach_target, *sums = row
    *counts, outcome, needed, texts, texts_lost, calls, calls_lost, unanswered, silent = sums
    return CaseFigures(
        case,
        instant(opened),
        _instant(closed),
        None if pace is None else Urgency(pace),
        language,
        *(_instant(at) for at in (paged, taken, reached)),
        *(None if wait is None else timedelta(seconds=wait) for wait in (target, reach_target)),
        *counts,
        outcome,
        None if needed is None else bool(needed),
        *(texts, texts_lost, calls, calls_lost, unanswered),
        () if silent == "[]" else tuple(json.loads(silent)),
    )


def tombstone_row(number: int, stone: Tombstone, digest: str) -> Row:
    """number, case_id, code, entries, last_hash, closed_at, purged_at, purged_by, export_sha256, hash."""
    told = (stone.case, stone.code, stone.entries, stone.last_hash, micros(stone.closed_at), micros(stone.purged_at))
    return number, *told, stone.purged_by, stone.export_sha256, digest


def tombstone_from(row: Sequence[Any]) -> Tombstone:
    """From case_id, code, entries, last_hash, closed_at, purged_at, purged_by, export_sha256."""
    case, code, entries, last_hash, closed, purged, by, sha256 = row
    return Tombstone(case, code, entries, last_hash, instant(closed), instant(purged), by, sha256)


def _micros(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def _instant(stored: int | None) -> datetime | None:
    return None if stored is None else instant(stored)


def _seconds(wait: timedelta | None) -> float | None:
    return None if wait is None else wait.total_seconds()
