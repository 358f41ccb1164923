"""Mistakes a person could make in a rule: left out, turned round, too wide, too narrow, one step milder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from oncall.core.triage.assessment import Condition, Rule, Ruleset, Urgency, assess
from tests.mutation.saved_cases import Findings, SavedCase

Mutant = tuple[str, tuple[Rule, ...]]


def mutants(rules: tuple[Rule, ...]) -> Iterable[Mutant]:
    """Each mistake by name, and the rules with that one mistake in them."""
    for place, rule in enumerate(rules):
        before, after = rules[:place], rules[place + 1 :]
        yield f"{rule.id}: left out", (*before, *after)
        for name, wrong in _wrong(rule):
            yield f"{rule.id}: {name}", (*before, wrong, *after)


def _wrong(rule: Rule) -> Iterable[tuple[str, Rule]]:
    if rule.urgency is not None and rule.urgency > Urgency.ROUTINE:
        yield "one step milder", replace(rule, urgency=Urgency(rule.urgency - 1))
    if rule.advice == "call_911":
        yield "without its 911", replace(rule, advice=None)
    for name, when in _wrong_conditions(rule.when):
        if when.mentions():
            yield name, replace(rule, when=when)


def _wrong_conditions(when: Condition) -> Iterable[tuple[str, Condition]]:
    if len(when.all) > 1:
        yield "any instead of all", replace(when, all=(), any=(*when.any, *when.all))
    if len(when.any) > 1:
        yield "all instead of any", replace(when, any=(), all=(*when.all, *when.any))
    if when.at_least:
        yield "one more needed", replace(when, at_least=when.at_least + 1)
        yield "one fewer needed", replace(when, at_least=when.at_least - 1)
    for field in ("all", "any", "none", "of"):
        parts: tuple[Condition | str, ...] = getattr(when, field)
        for place, part in enumerate(parts):
            if len(parts) > 1 or field in ("all", "none"):
                named = part if isinstance(part, str) else "a part"
                yield f"{field} without {named}", replace(when, **{field: parts[:place] + parts[place + 1 :]})
            if isinstance(part, Condition):
                for name, wrong in _wrong_conditions(part):
                    yield name, replace(when, **{field: (*parts[:place], wrong, *parts[place + 1 :])})


def survivors(rules: Ruleset, judged: Iterable[tuple[SavedCase, Findings]]) -> tuple[int, list[str]]:
    """How many mutants there were, and those that no saved case noticed."""
    cases = list(judged)
    count, unnoticed = 0, []
    for name, wrong in mutants(rules.rules):
        count += 1
        mutated = Ruleset(wrong, rules.signs, rules.edition, rules.asked)
        if all(case.holds(assess(findings, mutated), findings) for case, findings in cases):
            unnoticed.append(name)
    return count, unnoticed
