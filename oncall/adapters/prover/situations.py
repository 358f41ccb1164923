"""One combination of findings and numbers, given to the real `assess`.

The solver's counter-example is only a claim; here it is judged by the engine that families meet, and made small until
a person can read it. If the engine does not agree, the formulas are wrong and nothing is proved. Deliberately not
here: the sentence (`sentences`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import z3

from oncall.adapters.prover.declared import DERIVED, Declared, Place
from oncall.adapters.prover.formulas import Said
from oncall.adapters.prover.numbers import Number, Numbers
from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Assessment, assess, merge
from oncall.core.triage.context import findings_from_context
from oncall.core.triage.thresholds import codes_for

UNKNOWN_SIGN = "a sign this edition does not know"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is said and known. `record`: the patient's record is looked at, so what is missing there counts."""

    present: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    numbers: Mapping[Place, float] = field(default_factory=dict)
    record: bool = False

    def findings(self, declared: Declared) -> tuple[Finding, ...]:
        said = [Finding(code, Heard.PRESENT, "") for code in sorted(self.present)]
        said += [Finding(code, Heard.DENIED, "") for code in sorted(self.denied)]
        for (section, name), value in self.numbers.items():
            if section != "context":
                codes = codes_for(name, value, declared.limits[section])
                said += [Finding(code, Heard.PRESENT, "") for code in codes]
        record = {name: value for (section, name), value in self.numbers.items() if section == "context"}
        known = findings_from_context(record, declared.reading) if self.record else ()
        return merge((*said, *known))

    def value(self, place: Place) -> float | None:
        """A number that is known, or worked out from two that are."""
        section, name = place
        parts = [self.numbers.get((section, part)) for part in DERIVED.get(name, ())]
        worked_out = parts[0] - parts[1] if parts and parts[0] is not None and parts[1] is not None else None
        return self.numbers.get(place, worked_out)

    def judged(self, declared: Declared) -> Assessment:
        return assess(self.findings(declared), declared.rules)

    def smaller(self) -> Iterator[Situation]:
        """The same with one thing less."""
        yield from (replace(self, present=self.present - {code}) for code in sorted(self.present))
        yield from (replace(self, denied=self.denied - {code}) for code in sorted(self.denied))
        for place in self.numbers:
            yield replace(self, numbers={told: value for told, value in self.numbers.items() if told != place})


def smallest(situation: Situation, still: Callable[[Situation], bool]) -> Situation:
    """The situation with everything taken out that is not needed for `still`."""
    while (less := next((one for one in situation.smaller() if still(one)), None)) is not None:
        situation = less
    return situation


def situation_of(model: z3.ModelRef, said: Said, numbers: Numbers | None = None) -> Situation:
    """The combination that the solver found; `said` as `anything_said` names it."""
    true = {unknown.name() for unknown in model.decls() if z3.is_true(model[unknown])}
    present = true & said.codes.keys()  # what the solver did not need to know is not there
    if _true(model, said.strange):
        present.add(UNKNOWN_SIGN)
    some_sign = min(code for code in said.codes if code not in present) if _true(model, said.denied) else None
    told = {place: value_of(model, number) for place, number in (numbers or {}).items() if _true(model, number.known)}
    return Situation(frozenset(present), frozenset({some_sign} if some_sign else ()), told, numbers is not None)


def value_of(model: z3.ModelRef, number: Number) -> float:
    return float(Fraction(str(model.eval(number.value, model_completion=True).as_fraction())))


def _true(model: z3.ModelRef, formula: z3.BoolRef) -> bool:
    return z3.is_true(model.eval(formula, model_completion=True))
