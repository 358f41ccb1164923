"""Whom a tier of the escalation means at this instant: one layer, a rotation, the service by leaning, everyone.

People are resolved when a step is reached, never before. Whoever was asked to take over is paged beside the holder
until they have said yes. Deliberately not here: the steps themselves (`escalation`), ordering pages (`rounds`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.core.case.facts import Replacement
from oncall.core.handbook import Handbook
from oncall.core.reports import Finding
from oncall.core.rota.on_call import tier_shifts
from oncall.core.rota.working_days import BY_DAY_ONLY
from oncall.core.triage.assessment import Assessment, Leaning

HARD_TO_WAKE = frozenset({"hard_to_wake", "unresponsive", "very_sleepy", "menu_sleepy_or_breathing"})
WOUND = ("wound_", "swelling", "pocket_")


@dataclass(frozen=True, slots=True)
class Target:
    """One person whom a tier means at one instant, and why."""

    person: str
    tier: str
    why: str


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
