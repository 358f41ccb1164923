"""How far and how fast a page climbs: the table that clinicians sign.

The numbers live in rules/escalation.yaml and are exactly RULINGS 2; the whole table is pinned to a case when it
opens, so an edit at 3 am cannot lengthen a wait. Deliberately not here: whom a tier means right now (`tiers`), what
happened so far (`case`) and the ordering of pages (`rounds`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time, timedelta

from oncall.core.rota.working_days import LAST_RESORT
from oncall.core.triage.assessment import Urgency


@dataclass(frozen=True, slots=True)
class Step:
    """One rung. `after` counts from the start of the round; `text` and `voice` from the moment the rung is reached."""

    after: timedelta
    tiers: tuple[str, ...]
    text: timedelta = timedelta(0)
    voice: timedelta | None = timedelta(0)
    inform: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One column of RULINGS 2. `voice_again` None rings once; `next_round` None never begins again."""

    urgency: Urgency
    steps: tuple[Step, ...]
    voice_again: timedelta | None
    promise: timedelta
    next_round: timedelta | None
    reach_family: timedelta
    raise_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When the hospital counts as awake, in its own zone. `page_at` is when an untaken morning task pages."""

    day_from: time
    day_until: time
    task_due: time
    page_at: time


@dataclass(frozen=True, slots=True)
class Waits:
    """The short waits around a conversation (RULINGS 2 to 5)."""

    status_every: timedelta
    call_start: timedelta
    first_sentence: timedelta
    hang_up: timedelta
    silence: timedelta
    holder_silent: timedelta
    undo: timedelta
    bare_reply: timedelta
    redial: timedelta = timedelta(minutes=30)  # tables pinned by an earlier release have neither of these two
    call_back: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class EscalationTable:
    """All policies and waits of one edition. `pilot`: made by `piloted`; false in journals from before it."""

    emergency: Policy
    urgent: Policy
    same_day: Policy
    hours: Hours
    waits: Waits
    pilot: bool = False

    def policy(self, pace: Urgency) -> Policy:
        """The policy for a pace that pages. Raises KeyError for ROUTINE, which is a task and pages nobody."""
        return {
            Urgency.EMERGENCY: self.emergency,
            Urgency.URGENT: self.urgent,
            Urgency.SAME_DAY: self.same_day,
        }[pace]


def piloted(table: EscalationTable) -> EscalationTable:
    """The same clocks where the operator is told with the first page of every case: a pilot runs beside the old way
    (RULINGS 8). A case keeps the table it opened with, so its journal says that it was one of the pilot."""
    if table.pilot:
        return table
    return replace(
        table,
        emergency=_told_at_once(table.emergency),
        urgent=_told_at_once(table.urgent),
        same_day=_told_at_once(table.same_day),
        pilot=True,
    )


def _told_at_once(policy: Policy) -> Policy:
    first, *later = policy.steps
    told = first if LAST_RESORT in first.inform else replace(first, inform=(*first.inform, LAST_RESORT))
    return replace(policy, steps=(told, *later))
