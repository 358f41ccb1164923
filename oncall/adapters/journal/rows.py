"""The derived rows of a case as the SQLite file holds them, made in one place for who writes and who audits.

Instants are integer microseconds UTC, so that they sort and compare exactly. Every function is of the case alone: what
it gives can be deleted, rebuilt, and held against the file. Deliberately not here: any statement that stores a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from oncall.core.case import Case
from oncall.core.codec import decode, to_json
from oncall.core.duties import Duties, Owed
from oncall.core.entries import Recorded
from oncall.service.ports import OpenPage

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
