"""The rules as formulas: what `core/triage/assessment.py::assess` does, for every combination at once.

A code is a truth value, a rule a formula over codes, the urgency and the advice are "at least this much". Rules fire
only when a code that helps them is there, and words that no rule understands end as they do in `assess`. The
property tests hold these formulas and `assess` against each other. Deliberately not here: what is proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import z3

from oncall.core.triage.assessment import ADVICE, MILDEST, Condition, Leaning, Rule, Ruleset, Urgency
from oncall.core.triage.vocabulary import BACKGROUND_GROUPS

Codes = Mapping[str, z3.BoolRef]
YES, NO = z3.BoolVal(True), z3.BoolVal(False)


def some(parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
    return z3.Or([*parts, NO])


def every(parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
    return z3.And([*parts, YES])


@dataclass(frozen=True)
class Said:
    """Everything that can be heard, as unknowns. `denied`: some sign was denied or is of another time or person."""

    codes: Codes
    denied: z3.BoolRef
    strange: z3.BoolRef  # a code that no vocabulary holds

    def but(self, codes: Codes) -> Said:
        return Said({**self.codes, **codes}, self.denied, self.strange)


def anything_said(rules: Ruleset) -> Said:
    return Said({code: z3.Bool(code) for code in rules.signs}, z3.Bool("a denial"), z3.Bool("an unknown code"))


def holds(condition: Condition, codes: Codes) -> z3.BoolRef:
    parts = [_part(part, codes) for part in condition.all]
    if condition.any:
        parts.append(some(_part(part, codes) for part in condition.any))
    if condition.at_least:
        parts.append(_at_least(condition.at_least, [_part(part, codes) for part in condition.of]))
    parts += [z3.Not(_part(part, codes)) for part in condition.none]
    return every(parts)


def _part(part: Condition | str, codes: Codes) -> z3.BoolRef:
    return codes.get(part, NO) if isinstance(part, str) else holds(part, codes)


def _at_least(wanted: int, parts: Sequence[z3.BoolRef]) -> z3.BoolRef:
    return z3.AtLeast(*parts, wanted) if len(parts) >= wanted else NO


def fires(rule: Rule, codes: Codes) -> z3.BoolRef:
    """Whether a rule fires; `firing` looks only at rules that mention a code which is there."""
    helped = some(codes.get(code, NO) for code in rule.when.mentions())
    return every((holds(rule.when, codes), helped))


class Verdict:
    """The urgency and the advice that follow from what was said, as formulas.

    `muted` takes a rule out while its formula holds.
    """

    def __init__(self, rules: Ruleset, said: Said, muted: Codes | None = None) -> None:
        self.rules, self.said = rules, said
        out = muted or {}
        self.fired = {rule.id: z3.And(fires(rule, said.codes), z3.Not(out.get(rule.id, NO))) for rule in rules.rules}
        self.matched = some(self._with_urgency(Urgency.ROUTINE))
        self._urgency = {least: self._at_least(least) for least in Urgency}
        self._advice = {least: self._advice_at_least(least) for least in ADVICE}

    def urgency_at_least(self, least: Urgency) -> z3.BoolRef:
        return self._urgency[least]

    def urgency_is(self, urgency: Urgency) -> z3.BoolRef:
        higher = self._urgency[Urgency(urgency + 1)] if urgency < Urgency.EMERGENCY else NO
        return z3.And(self._urgency[urgency], z3.Not(higher))

    def advice_at_least(self, least: str) -> z3.BoolRef:
        return self._advice[least]

    def weight(self, leaning: Leaning) -> z3.ArithRef:
        told = [
            z3.If(self.fired[rule.id], rule.leans[leaning], 0) for rule in self.rules.rules if leaning in rule.leans
        ]
        return z3.Sum(told) if told else z3.IntVal(0)

    def _with_urgency(self, least: Urgency) -> Iterable[z3.BoolRef]:
        return (self.fired[rule.id] for rule in self.rules.rules if rule.urgency is not None and rule.urgency >= least)

    def _at_least(self, least: Urgency) -> z3.BoolRef:
        """Matched: the highest rule, and a code nobody knows is urgent. Unmatched: denied words are the same day."""
        known = z3.Or(some(self._with_urgency(least)), self.said.strange if least <= Urgency.URGENT else NO)
        unmatched = z3.Not(self._only_denied()) if least is Urgency.URGENT else z3.BoolVal(least < Urgency.URGENT)
        return z3.If(self.matched, z3.Or(known, z3.BoolVal(least is Urgency.ROUTINE)), unmatched)

    def _only_denied(self) -> z3.BoolRef:
        """No rule acts: something was denied or said to be well, and nothing of today is there."""
        signs, codes = self.rules.signs, self.said.codes
        well = [codes[code] for code, sign in signs.items() if sign.group == "well"]
        quiet = {*BACKGROUND_GROUPS, "well"}
        today = [codes[code] for code, sign in signs.items() if sign.group not in quiet]
        return z3.And(some((*well, self.said.denied)), z3.Not(some((*today, self.said.strange))))

    def _advice_at_least(self, least: str) -> z3.BoolRef:
        parts = []
        for urgency in Urgency:
            given = [
                self.fired[rule.id]
                for rule in self.rules.rules
                if rule.urgency == urgency and rule.advice and reaches(rule.advice, least)
            ]
            parts.append(z3.And(self.urgency_is(urgency), YES if reaches(MILDEST[urgency], least) else some(given)))
        return z3.If(self.matched, some(parts), z3.BoolVal(reaches("wait_for_call", least)))


def reaches(advice: str, least: str) -> bool:
    return ADVICE.index(advice) >= ADVICE.index(least)


def milder(after: Verdict, before: Verdict) -> z3.BoolRef:
    """The urgency or the advice after is lower than before."""
    urgency = [
        z3.And(before.urgency_at_least(least), z3.Not(after.urgency_at_least(least))) for least in list(Urgency)[1:]
    ]
    advice = [z3.And(before.advice_at_least(least), z3.Not(after.advice_at_least(least))) for least in ADVICE[1:]]
    return some((*urgency, *advice))
