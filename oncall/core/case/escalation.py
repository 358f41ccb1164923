"""How far and how fast a page climbs: the table that clinicians sign, and whom each of its tiers means right now.

The numbers live in rules/escalation.yaml and are exactly RULINGS 2; the whole table is pinned to a case when it
opens, so an edit at 3 am cannot lengthen a wait. People are resolved when a step is reached, never before.
Deliberately not here: what happened so far (`case`) and the ordering of pages (`rounds`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from oncall.core.case.facts import Replacement
from oncall.core.handbook import Handbook
from oncall.core.reports import Finding
from oncall.core.rota.on_call import tier_shifts
from oncall.core.rota.working_days import BY_DAY_ONLY, LAST_RESORT
from oncall.core.triage.assessment import Assessment, Leaning, Urgency


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


@dataclass(frozen=True, slots=True)
class Target:
    """One person whom a tier means at one instant, and why."""

    person: str
    tier: str
    why: str


HARD_TO_WAKE = frozenset({"hard_to_wake", "unresponsive", "very_sleepy", "menu_sleepy_or_breathing"})


WOUND = ("wound_", "swelling", "pocket_")


def services_for(leanings: Sequence[Leaning], findings: Iterable[Finding]) -> tuple[str, ...]:
    """The rotations that answer for a leaning (RULINGS 10); where two apply, both."""
    present = {finding.code for finding in findings if finding.heard.counts}
    first = leanings[0] if leanings else Leaning.NONE
    if first is Leaning.CANNOT_TELL:
        return ("neurocritical", "anaesthesia-pain")
    wound = any(code.startswith(WOUND) for code in present)
    services = {
        "neurocritical": first is Leaning.OVERDOSE or bool(present & HARD_TO_WAKE),
        "neurosurgery": first in (Leaning.DEVICE, Leaning.INFECTION) or wound,
        "anaesthesia-pain": first is Leaning.WITHDRAWAL,
    }
    return tuple(name for name, applies in services.items() if applies) or ("anaesthesia-pain",)


def people_for(
    tier: str, handbook: Handbook, at: datetime, assessment: Assessment | None, findings: Iterable[Finding]
) -> tuple[Target, ...]:
    """Whom `tier` means at `at`: `rotation/layer`, `rotation`, `service` (by leaning) or `everyone`.

    Empty when nobody is rostered there; the caller then takes the next tier and the last resort at once (law 6).
    """
    leanings = assessment.leanings if assessment else ()
    if tier == "service":
        names: tuple[str, ...] = services_for(leanings, findings)
    elif tier == "everyone":
        names = tuple(name for name in handbook.rota.rotations if name not in BY_DAY_ONLY)
    else:
        names = (tier,)
    found: dict[str, Target] = {}
    for name in names:
        for shift in tier_shifts(handbook.rota, name, at):
            found.setdefault(shift.person, Target(shift.person, name, shift.why))
    return tuple(found.values())


def replaced(found: Iterable[Target], replacing: Iterable[Replacement], at: datetime) -> tuple[Replacement, ...]:
    """Which of these people cannot go on, while nobody has taken over from them (RULINGS 8)."""
    holders = {(target.person, target.tier.partition("/")[0]): target.tier for target in found}
    return tuple(one for one in replacing if one.starts_at <= at < one.ends_at and _holds(one, holders))


def _holds(one: Replacement, holders: Mapping[tuple[str, str], str]) -> bool:
    """A tier may be the whole rotation or one layer of it."""
    return holders.get((one.holder, one.tier.partition("/")[0])) in (one.tier, one.tier.partition("/")[0])


def waits_for_a_yes(handbook: Handbook, found: Iterable[Target], at: datetime) -> bool:
    """Whether the rota itself puts somebody beside the holder of one of these tiers who has not said yes."""
    tiers = {target.tier for target in found}
    return any(shift.is_asked for tier in tiers for shift in tier_shifts(handbook.rota, tier, at))


def stand_ins(found: Sequence[Target], replacing: Iterable[Replacement], at: datetime) -> tuple[Target, ...]:
    """Whoever was asked to take over from one of these is paged beside them, before any answer."""
    known = {target.person for target in found}
    asked = (one for one in replaced(found, replacing, at) if one.asked and one.asked not in known)
    return tuple(Target(one.asked, one.tier, f"asked to take over from {one.holder}, who is on still") for one in asked)
