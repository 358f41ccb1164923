"""The escalation table as sentences for somebody who pages by hand because the line is down.

The same clocks as the line's own, so that paper and program never differ; whom a step means now stands on the sheet
beside it. Deliberately not here: people and numbers.
"""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case.escalation import EscalationTable, Policy, Step
from oncall.core.case.tiers import services_for
from oncall.core.rota.on_call import Rota
from oncall.core.triage.assessment import Leaning
from oncall.service.cases.board import tier_title

SUSPECTED = {
    Leaning.WITHDRAWAL: "stiff, itchy, hot (too little drug)",
    Leaning.OVERDOSE: "hard to wake, floppy, slow breathing (too much drug)",
    Leaning.CANNOT_TELL: "cannot tell which",
    Leaning.DEVICE: "pump or catheter",
    Leaning.INFECTION: "fever, wound or swelling at the pump",
}


def steps_in_words(policy: Policy, rota: Rota) -> list[tuple[str, str]]:
    """When, counted from the first ring, and whom."""
    return [(_after(step.after), _whom(step, rota)) for step in policy.steps]


def rounds_in_words(policy: Policy) -> str:
    """What goes on around the steps."""
    again = f"Ring each of them again every {span_in_words(policy.voice_again)}. " if policy.voice_again else ""
    round_ = (
        f"After {span_in_words(policy.next_round)} begin again at the top, and so on. " if policy.next_round else ""
    )
    return (
        f"{again}{round_}Stop only when a named clinician has said that they take it. That clinician calls the "
        f"family within {span_in_words(policy.reach_family)}: ask, and if not, go on ringing. Nobody after "
        f"{span_in_words(policy.promise)}: tell the family so, and what to do instead."
    )


def services_in_words(table: EscalationTable, rota: Rota) -> list[tuple[str, str]]:
    """Which service is meant, by what is suspected; only where a step asks for it."""
    if not any("service" in step.tiers for step in (*table.emergency.steps, *table.urgent.steps)):
        return []
    return [(words, _titles(services_for((leaning,), ()), rota)) for leaning, words in SUSPECTED.items()]


def span_in_words(span: timedelta) -> str:
    """ "90 seconds", "12 minutes", "2 h 15 min"."""
    seconds = int(span.total_seconds())
    if seconds % 60:
        return f"{seconds} seconds"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} minutes"


def _after(after: timedelta) -> str:
    return f"after {span_in_words(after)}" if after else "at once"


def _whom(step: Step, rota: Rota) -> str:
    return _titles((*step.tiers, *step.inform), rota)


def _titles(tiers: tuple[str, ...], rota: Rota) -> str:
    return " and ".join(dict.fromkeys(_title(tier, rota) for tier in tiers))


def _title(tier: str, rota: Rota) -> str:
    name, _, layer = tier.partition("/")
    match name:
        case "service":
            return "the service for what is suspected"
        case "everyone":
            return "everybody on this sheet"
    rotation = rota.rotations.get(name)
    return tier_title(rotation, layer or rotation.layers[0].name) if rotation else tier
