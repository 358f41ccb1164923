"""The row of a request for a swap, leave or cover, of schema/0010_rota_requests.sql, and the request that it is.

Deliberately not here: which moves are possible (`core.rota.requests`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from oncall.core.case.facts import Replacement
from oncall.core.rota.requests import Entry, Kind, Move, Request, State


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One request; `asked` and `entries` are JSON."""

    table: ClassVar[str] = "rota_requests"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    kind: str
    tier: str
    holder: str
    starts_at: datetime
    ends_at: datetime
    entered_by: str
    made_at: datetime
    turn_at: datetime
    state: str
    is_open: bool
    is_replacing: bool
    back_starts_at: datetime | None = None
    back_ends_at: datetime | None = None
    asked: str = "[]"
    asked_now: str = ""
    taker: str = ""
    note: str = ""
    edition: str = ""
    entries: str = "[]"


SAME = ("id", "tier", "holder", "entered_by", "made_at", "turn_at", "taker", "note", "edition")


def row_of(request: Request) -> RequestRow:
    back = request.back or (None, None)
    return RequestRow(
        kind=request.kind.value,
        starts_at=request.span[0],
        ends_at=request.span[1],
        back_starts_at=back[0],
        back_ends_at=back[1],
        asked=json.dumps(request.asked),
        asked_now=next(iter(beside(request)), ""),
        state=request.state.value,
        is_open=request.is_open,
        is_replacing=request.is_replacing,
        entries=json.dumps([_plain(entry) for entry in request.entries], ensure_ascii=False),
        **{name: getattr(request, name) for name in SAME},
    )


def beside(request: Request) -> tuple[str, ...]:
    """Who is paged beside a holder who must be replaced: whoever is asked, or has said yes."""
    if not request.is_replacing:
        return ()
    return (request.taker,) if request.taker and request.is_open else request.asked_now


def request_of(row: RequestRow) -> Request:
    back = (row.back_starts_at, row.back_ends_at)
    return Request(
        kind=Kind(row.kind),
        span=(row.starts_at, row.ends_at),
        back=(back[0], back[1]) if back[0] is not None and back[1] is not None else None,
        asked=tuple(json.loads(row.asked)),
        state=State(row.state),
        entries=tuple(_entry(told) for told in json.loads(row.entries)),
        **{name: getattr(row, name) for name in SAME},
    )


def replacements_of(rows: Iterable[RequestRow]) -> tuple[Replacement, ...]:
    """For whoever decides whom a page reaches."""
    return tuple(Replacement(row.tier, row.holder, row.asked_now, row.starts_at, row.ends_at) for row in rows)


def _plain(entry: Entry) -> dict[str, Any]:
    told = {"move": entry.move.value, "who": entry.who, "at": entry.at.isoformat()}
    return told | {name: value for name, value in (("note", entry.note), ("whom", entry.whom)) if value}


def _entry(told: dict[str, Any]) -> Entry:
    at = datetime.fromisoformat(told["at"])
    return Entry(Move(told["move"]), told["who"], at, told.get("note", ""), told.get("whom", ""))
