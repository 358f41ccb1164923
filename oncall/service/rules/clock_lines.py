"""The clocks that clinicians sign, as sentences: whom each urgency pages when, what the family is promised, each wait.

Made from the table in force, so that they cannot drift from it. Deliberately not here: whom a tier means tonight
(the bench shows it), and HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta

from oncall.core.case.escalation import EscalationTable, Policy, Step
from oncall.core.rota.on_call import Rota
from oncall.service.cases.board import tier_title
from oncall.service.rules.sentences import urgency_word

SERVICE, EVERYONE = "service", "everyone"
WAITS = {
    "status_every": "The family hears where we are every {} until somebody has taken the case.",
    "call_start": "From picking up to the page: {}, whatever was said.",
    "first_sentence": "The emergency sentence in both languages: {}.",
    "hang_up": "An unknown phone hung up early: it pages after {}, unless a person says “wrong number”.",
    "silence": "A question without an answer: we ring the family after {}.",
    "holder_silent": "The holder was rung and did not take it up again: the case climbs after {}.",
    "undo": "A key may be undone for {}.",
    "bare_reply": "A bare 1 or ok answers a page for {}.",
    "redial": "Who calls again within {} is not asked again.",
    "call_back": "Between two calls back to a family that was cut off: {}.",
}


@dataclass(frozen=True, slots=True)
class Clocks:
    """What one urgency does, or `hours` and `waits`: a title and its lines."""

    code: str
    title: str
    lines: tuple[str, ...]


def clocks_of(table: EscalationTable, rota: Rota) -> tuple[Clocks, ...]:
    policies = (table.emergency, table.urgent, table.same_day)
    hours = table.hours
    return (
        *(Clocks(one.urgency.word, urgency_word(one.urgency), tuple(_policy(one, rota))) for one in policies),
        Clocks(
            "hours",
            "Hours of the day",
            (
                f"Day is from {hours.day_from:%H:%M} to {hours.day_until:%H:%M}, by the hospital's clock.",
                f"The coordinator hears of a morning task that nobody took at {hours.task_due:%H:%M}; it pages at"
                f" {hours.page_at:%H:%M}.",
            ),
        ),
        Clocks("waits", "Short waits", tuple(_waits(table))),
    )


def _policy(policy: Policy, rota: Rota) -> Iterator[str]:
    for step in policy.steps:
        yield _step(step, rota)
    if policy.voice_again is not None:
        yield f"Every telephone rings again each {_span(policy.voice_again)} until somebody takes it."
    if policy.raise_after is not None:
        yield f"Untaken for {_span(policy.raise_after)}: it goes on as urgent."
    yield f"The family is promised a call within {_span(policy.promise)}; if nobody took it by then, it is told so."
    if policy.next_round is not None:
        yield f"After {_span(policy.next_round)} the next round begins, and so on for ever."
    yield f"Whoever takes it reaches the family within {_span(policy.reach_family)}."


def _step(step: Step, rota: Rota) -> str:
    voice = (
        f", call after {_span(step.voice)}" if step.voice else " and call together" if step.voice == timedelta() else ""
    )
    told = [f"text{f' after {_span(step.text)}' if step.text else ''}{voice}: {_whom(step.tiers, rota)}"]
    told += [f"told for information: {_whom(step.inform, rota)}"] if step.inform else []
    when = f"After {_span(step.after)}" if step.after else "At once"
    return f"{when}, {'; '.join(told)}."


def _voice(step: Step) -> str:
    if step.voice is None:
        return ""
    return f", call after {_span(step.voice)}" if step.voice else " and call together"


def _whom(tiers: tuple[str, ...], rota: Rota) -> str:
    return ", ".join(_tier(tier, rota) for tier in tiers)


def _tier(tier: str, rota: Rota) -> str:
    if tier == SERVICE:
        return "the service that the picture leans to"
    if tier == EVERYONE:
        return "everyone on the rota"
    name, _, layer = tier.partition("/")
    return tier_title(rota.rotations[name], layer) if name in rota.rotations else tier


def _waits(table: EscalationTable) -> Iterator[str]:
    for one in fields(table.waits):
        yield WAITS[one.name].format(_span(getattr(table.waits, one.name)))


def _span(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return f"{minutes} min {seconds} s" if minutes and seconds else f"{minutes} min" if minutes else f"{seconds} s"
