"""The row of an edition that waits for a test page, of schema/0011_rota_waiting.sql, and the value that it is.

Deliberately not here: when it ends (`core.rota.waiting`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from oncall.core.rota.waiting import State, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """One edition that waits or waited; `people` is JSON."""

    table: ClassVar[str] = "rota_waiting"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    author: str
    by: str
    base: str
    edits: str
    people: str
    asked_at: datetime
    until: datetime
    state: str
    is_open: bool
    reason: str = ""
    ended_at: datetime | None = None
    note: str = ""


SAME = ("id", "author", "by", "base", "edits", "asked_at", "until", "reason", "ended_at", "note")


def row_of(waiting: Waiting) -> WaitingRow:
    return WaitingRow(
        people=json.dumps(waiting.people),
        state=waiting.state.value,
        is_open=waiting.is_open,
        **{name: getattr(waiting, name) for name in SAME},
    )


def waiting_of(row: WaitingRow) -> Waiting:
    return Waiting(
        people=tuple(json.loads(row.people)),
        state=State(row.state),
        **{name: getattr(row, name) for name in SAME},
    )
