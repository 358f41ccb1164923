"""What the house owes a case now, and what the case occupies: the rows beside its journal.

A function of the case alone, so every derived row can be deleted, rebuilt and audited against replay.
Deliberately not here: storing them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oncall.core.case.case import Case, Page
from oncall.core.case.messages import Channel, Message, Progress


@dataclass(frozen=True, slots=True)
class Owed:
    """A message the outbox must hand over; `not_before` holds it back, `attempts` says that it may have gone out."""

    message: Message
    not_before: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Duties:
    """`due_at` is the earliest clock and `set_at` the instant it was set; `key` and `holder` are told while the case
    is open."""

    due_at: datetime | None
    set_at: datetime | None
    owed: tuple[Owed, ...]
    key: str | None
    pages: tuple[Page, ...]
    busy: tuple[str, ...]
    holder: str | None


def duties_of(case: Case) -> Duties:
    """See the module."""
    first = min(case.clocks, key=lambda clock: clock.due_at, default=None)
    return Duties(
        due_at=first.due_at if first else None,
        set_at=max((clock.due_at - clock.wait for clock in case.clocks), default=None),
        owed=tuple(Owed(state.message, state.not_before, state.attempts) for state in case.messages if state.is_owed),
        key=case.key if case.is_open else None,
        pages=case.pages,
        busy=_on_our_calls(case),
        holder=case.holder.person if case.holder is not None and case.is_open else None,
    )


def _on_our_calls(case: Case) -> tuple[str, ...]:
    """People with an answered call of ours: they count as busy for other cases (RULINGS 2)."""
    return tuple(
        sorted(
            {
                state.message.person
                for state in case.messages
                if state.message.person
                and state.message.channel is Channel.VOICE
                and state.progress is Progress.ANSWERED
                and not state.machine
                and case.is_open
            }
        )
    )
