"""An edition that waits: a coordinator publishes it as soon as whoever comes on has answered a test page.

Until then nothing changes and the old holder is on call. It goes into force only as it was looked at: on the edition
and with the edits of that moment. A row, so that a restart loses nothing (law 3). Deliberately not here: the test page
and its answer, and publishing (`service.rota.when_proven`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from oncall.core.rota.difference import SOON, Move
from oncall.core.rota.guards import FIRST_TIERS

WAITS = timedelta(minutes=15)  # a proposal: as long as somebody is asked to replace now


class State(Enum):
    """How it stands, or why it came to nothing. Only PUBLISHED changes who is on call."""

    WAITING = "waiting"
    PUBLISHED = "published"
    CANCELLED = "taken back"
    DECLINED = "declined"
    LAPSED = "not answered in time"
    OVERTAKEN = "overtaken by another change"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Waiting:
    """`author` names the draft, `by` whoever pressed the button; `base` and `edits` are what was looked at.

    `people` must all answer until `until`; `note` says how it ended.
    """

    id: str
    author: str
    by: str
    base: str
    edits: str
    people: tuple[str, ...]
    asked_at: datetime
    until: datetime
    reason: str = ""
    state: State = State.WAITING
    ended_at: datetime | None = None
    note: str = ""

    @property
    def is_open(self) -> bool:
        return self.state is State.WAITING


def ended(waiting: Waiting, state: State, at: datetime, note: str = "") -> Waiting:
    """The first end holds, so that everything is safe to repeat."""
    return replace(waiting, state=state, ended_at=at, note=note) if waiting.is_open else waiting


def who_comes_on(moved: Sequence[Move], now: datetime) -> tuple[str, ...]:
    """Whoever comes on the first two tiers now or within two hours."""
    soon = (move for move in moved if move.tier in FIRST_TIERS and move.starts_at < now + SOON)
    return tuple(dict.fromkeys(person for move in soon for person in move.after if person not in move.before))


def who_goes_off(moved: Sequence[Move], now: datetime) -> tuple[str, ...]:
    """Whoever has these tiers until then, and keeps them while it waits."""
    soon = (move for move in moved if move.tier in FIRST_TIERS and move.starts_at < now + SOON)
    return tuple(dict.fromkeys(person for move in soon for person in move.before if person not in move.after))
