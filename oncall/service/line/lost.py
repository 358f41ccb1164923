"""What the line has once said yes to and its record does not hold any more, in the words of whoever has to look for it.

A torn, older or half copied database is opened all the same: a ward whose line is up and says what it has forgotten is
better off than one whose line is down. How far back the carrier's own list is read again follows from it. Deliberately
not here: how it is noticed (`adapters.footing`), and what becomes of the open cases (`after_restore`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oncall.service.rota.span_words import moment_words


@dataclass(frozen=True, slots=True)
class Lost:
    """The record ends at `ends_at`; entry `seq` of `case` was written later and is gone. `evidence` names the file."""

    case: str
    seq: int
    ends_at: datetime
    evidence: str


def lost_words(lost: Lost, zone: str) -> str:
    return (
        f"The record ends at {moment_words(lost.ends_at, zone)}. Entry {lost.seq} of case {lost.case} was written after"
        " that and is gone. Families who called or wrote since then, and alarms, may be unknown to the line: look at"
        " the carrier's list."
    )


def lost_aloud(lost: Lost, zone: str) -> str:
    """For a call; the board says which entry."""
    since = moment_words(lost.ends_at, zone)
    return (
        f"The pump line's database was damaged or replaced, and what was written after {since} is lost. Families who"
        " called since then may be unknown to the line: look at the carrier's list."
    )


def what_to_do(lost: Lost) -> str:
    return f"Go through the carrier's list and the ward's own notes from then on; then move {lost.evidence} away."
