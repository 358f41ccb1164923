"""Every rule can fire, and every urgent outcome pages somebody.

A rule that no combination makes fire is a mistake that nobody would ever see. A rule that fires and changes nothing
may be meant so, and is a remark. Paging is read from the table of clocks; that a same-day device sound is urgent at
night hangs on the names of the codes, so it is proved for every sign that is declared to be of the device.
Deliberately not here: who is on call, which `oncall check` knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import z3

from oncall.adapters.prover.asking import found, solver_with
from oncall.adapters.prover.formulas import Verdict, every, milder, some
from oncall.adapters.prover.properties import Outcome, Question
from oncall.adapters.prover.sentences import idle, nobody_paged, too_low, unreachable
from oncall.adapters.prover.situations import Situation, situation_of, smallest
from oncall.core.case.escalation import Policy
from oncall.core.triage.assessment import Leaning, Rule, Urgency
from oncall.core.triage.vocabulary import is_device

_CLOSE = 3  # as core/triage/assessment.py
_BEGINS = timedelta(0)


def every_rule_is_reachable(asked: Question) -> Outcome:
    """For each rule there is a combination in which it fires; those that never change anything are remarked on."""
    rules = asked.declared.rules.rules
    fired = {rule.id: found(solver_with(asked.verdict.fired[rule.id])) for rule in rules}
    dead = [rule for rule in rules if fired[rule.id] is None]
    doubtful = [rule for rule in rules if (model := fired[rule.id]) and not _matters(rule, model, asked)]
    remarks = tuple(map(idle, _idle(asked, doubtful) if doubtful else ()))
    return Outcome(f"{len(rules)} rules", tuple(map(unreachable, dead)), remarks)


def _matters(rule: Rule, model: z3.ModelRef, asked: Question) -> bool:
    """Whether the rule makes a difference where it fires with as little as possible."""
    start = situation_of(model, asked.said)
    least = smallest(replace(start, denied=frozenset()), lambda one: rule.when.holds(one.present))
    others = tuple(other for other in asked.declared.rules.rules if other is not rule)
    without = replace(asked.declared, rules=replace(asked.declared.rules, rules=others))
    was, now = least.judged(asked.declared), least.judged(without)
    return (was.urgency, was.advice, was.leanings) != (now.urgency, now.advice, now.leanings)


def _idle(asked: Question, rules: list[Rule]) -> Iterator[Rule]:
    """Rules that could be taken out without any combination coming out otherwise."""
    out = {rule.id: z3.Bool(f"without {rule.id}") for rule in asked.declared.rules.rules}
    without = Verdict(asked.declared.rules, asked.said, out)
    judged = solver_with(z3.Or(milder(without, asked.verdict), milder(asked.verdict, without)))
    leaning = solver_with(_leans_otherwise(asked.verdict, without))
    for rule in rules:
        only = [choice if id == rule.id else z3.Not(choice) for id, choice in out.items()]
        if found(judged, *only) is None and (not any(rule.leans.values()) or found(leaning, *only) is None):
            yield rule


def _leans_otherwise(first: Verdict, second: Verdict) -> z3.BoolRef:
    """The leanings differ: another one is listed, in another order, or they can no longer be told apart."""
    sides = [leaning for leaning in Leaning if leaning is not Leaning.CANNOT_TELL]
    heavy = [{leaning: verdict.weight(leaning) for leaning in Leaning} for verdict in (first, second)]
    listed = [{leaning: weights[leaning] > 0 for leaning in sides} for weights in heavy]
    other = [listed[0][leaning] != listed[1][leaning] for leaning in sides]
    order = [
        every((listed[0][a], listed[0][b], (heavy[0][a] >= heavy[0][b]) != (heavy[1][a] >= heavy[1][b])))
        for a, b in combinations(sides, 2)
    ]
    torn = _torn(first, heavy[0]) != _torn(second, heavy[1])
    seen = [every((verdict.matched, verdict.urgency_at_least(Urgency.SAME_DAY))) for verdict in (first, second)]
    return every((*seen, some((*other, *order, torn))))


def _torn(verdict: Verdict, weights: dict[Leaning, z3.ArithRef]) -> z3.BoolRef:
    less, more = weights[Leaning.WITHDRAWAL], weights[Leaning.OVERDOSE]
    said = some(verdict.fired[rule.id] for rule in verdict.rules.rules if Leaning.CANNOT_TELL in rule.leans)
    return z3.Or(said, every((less > 0, more > 0, less - more < _CLOSE, more - less < _CLOSE)))


def every_urgent_outcome_pages(asked: Question) -> Outcome:
    """Emergency, urgent and daytime same-day begin by paging a tier at once; a same-day device sound does at night."""
    policies = asked.declared.policies
    wrong = [nobody_paged(policy.urgency, wrong) for policy in policies if (wrong := _late(policy))]
    device = [sign.code for sign in asked.declared.rules.signs.values() if sign.group == "device"]
    looked_at = f"{len(policies)} policies, {len(device)} device signs at night"
    return Outcome(looked_at, (*wrong, *_quiet_devices(asked, device)))


def _late(policy: Policy) -> str | None:
    """What is wrong with the first step of a policy, if anything is."""
    if not policy.steps:
        return "no step"
    first = policy.steps[0]
    if first.after > _BEGINS:
        return f"a step after {first.after}"
    if not first.tiers:
        return "a step for no tier"
    return f"a text after {first.text}" if first.text > _BEGINS else None


def _quiet_devices(asked: Question, device: list[str]) -> Iterator[str]:
    """Same day, of the device, and not counted as such by `pace_for` at night (RULINGS 2)."""
    said, same_day = asked.said, asked.verdict.urgency_is(Urgency.SAME_DAY)
    counted = some(said.codes[code] for code in said.codes if is_device(code))
    solver = solver_with(same_day, z3.Not(counted), some(said.codes[code] for code in device))
    while (model := found(solver)) is not None:
        quiet = situation_of(model, said).present & set(device)
        start = asked.confirmed(situation_of(model, said), lambda one: _waits_till_morning(one, asked, device))
        yield too_low(start, asked.declared, "at night it would wait for the morning, although it is of the device.")
        solver.add(z3.Not(some(said.codes[code] for code in quiet)))


def _waits_till_morning(situation: Situation, asked: Question, device: list[str]) -> bool:
    same_day = situation.judged(asked.declared).urgency is Urgency.SAME_DAY
    return same_day and bool(situation.present & set(device)) and not any(map(is_device, situation.present))
