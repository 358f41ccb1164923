"""Everything that has been judged once and must be judged so again: examples, vignettes, sentences, red flags.

Each case says what reached the line and what must come of it; a mutant is noticed when one of them fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from oncall.adapters.handbook.rules_examples import drawn_of, examples_of
from oncall.adapters.handbook.rules_shapes import ExampleShape, RuleShape
from oncall.core.reports import Finding
from oncall.core.rulebook import Rulebook, draw_from_context
from oncall.core.triage import Assessment, Urgency, counted, merge
from tests.examples.test_dangerous_sentences import EMERGENCIES, OFFICE, URGENT
from tests.examples.test_rule_examples import rules_in_the_files
from tests.examples.test_said import sentences

EXAMPLES = Path(__file__).parents[1] / "examples"
Findings = tuple[Finding, ...]
Verdict = Callable[[Assessment, Findings], bool]


@dataclass(frozen=True, slots=True)
class SavedCase:
    """What reached the line, and whether what came of it is what must come of it."""

    told: ExampleShape
    language: str
    holds: Verdict

    def findings(self, rulebook: Rulebook) -> Findings:
        drawn = drawn_of(self.told, self.language, rulebook).findings
        return merge((*drawn, *draw_from_context(self.told.context, rulebook)))


def saved_cases() -> tuple[SavedCase, ...]:
    """All of them, in a fixed order."""
    return (*_examples(rules_in_the_files()), *_vignettes(), *_sentences(), *_said())


def _examples(rules: Iterable[RuleShape]) -> Iterable[SavedCase]:
    for rule in rules:
        for _, language, _, example, must_fire in examples_of(rule):
            told = ExampleShape(text=example) if isinstance(example, str) else example
            yield SavedCase(told, language, _fires(rule.id, must_fire))


def _fires(rule: str, must_fire: bool) -> Verdict:
    return lambda assessment, _: any(reason.rule == rule for reason in assessment.because) is must_fire


def _vignettes() -> Iterable[SavedCase]:
    for name in ("dev", "own"):
        for told in YAML(typ="safe").load(EXAMPLES / f"vignettes_{name}.yaml"):
            kind = {"pump_alarm": "alarm", "ivr_keys": "keys"}.get(told["channel"], "text")
            shape = ExampleShape(**{kind: told["messages"]}, context=told.get("patient_context", {}))
            yield SavedCase(shape, told.get("language", "en"), _meets(told))


def _meets(told: Mapping[str, Any]) -> Verdict:
    floor = Urgency[told["expected_min_urgency"].upper()]
    ceiling = Urgency[told.get("max_urgency", "emergency").upper()]
    accepted = told["expected_suspicion"]
    accepted = [accepted] if isinstance(accepted, str) else accepted

    def holds(assessment: Assessment, _: Findings) -> bool:
        named = [leaning.value for leaning in assessment.leanings if leaning.value != "cannot_tell"]
        return floor <= assessment.urgency <= ceiling and named[0] in accepted

    return holds


def _sentences() -> Iterable[SavedCase]:
    for texts, floor, ceiling in (
        (EMERGENCIES, Urgency.EMERGENCY, Urgency.EMERGENCY),
        (URGENT, Urgency.URGENT, Urgency.EMERGENCY),
        (OFFICE, Urgency.ROUTINE, Urgency.SAME_DAY),
    ):
        context = {"days_to_low_reservoir_alarm": 50} if texts is OFFICE else {}
        yield from (SavedCase(ExampleShape(text=t, context=context), "en", _between(floor, ceiling)) for t in texts)


def _between(floor: Urgency, ceiling: Urgency) -> Verdict:
    return lambda assessment, _: floor <= assessment.urgency <= ceiling


def _said() -> Iterable[SavedCase]:
    for language, code, sentence in sentences():
        yield SavedCase(ExampleShape(text=sentence), language, _speaks_of(code))


def _speaks_of(code: str) -> Verdict:
    return lambda _, findings: code in counted(findings)
