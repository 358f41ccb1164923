"""Editions to prove: the shipped one, and the shipped one with something broken in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from oncall.adapters.prover.declared import Declared, declared_by
from oncall.adapters.prover.properties import Question
from oncall.core.triage.assessment import Condition, Leaning, Rule, Urgency
from tests.support.ward import shipped


@cache
def shipped_declared() -> Declared:
    return declared_by(shipped())


@cache
def shipped_question() -> Question:
    return Question(shipped_declared())


def with_rules(change: Callable[[Rule], Rule | None], *more: Rule) -> Question:
    """The shipped edition with every rule changed or, where None comes back, dropped; `more` are added."""
    declared = shipped_declared()
    changed = [new for rule in declared.rules.rules if (new := change(rule)) is not None]
    return Question(replace(declared, rules=replace(declared.rules, rules=(*changed, *more))))


def rule(id: str, urgency: Urgency | None, when: Condition, advice: str | None = None) -> Rule:
    return Rule(id, f"{id} is made up for a test.", when, {Leaning.OTHER: 1}, urgency, advice, "test")
