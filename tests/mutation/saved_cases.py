"""Everything that has been judged once and must be judged so again: examples, vignettes, sentences, signs, red flags.

Each case says what reached the line and what must come of it; a mutant is noticed when one of them fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from oncall.core.reports import Finding
from oncall.core.triage.assessment import Assessment, Urgency, assess, counted
from oncall.core.triage.chapters import Example
from oncall.core.triage.rulebook import Rulebook
from oncall.service.rules.examples import found_in
from tests.examples.shipped_rules import shipped
from tests.examples.test_dangerous_sentences import EMERGENCIES, OFFICE, URGENT
from tests.examples.test_inventory import ROWS
from tests.examples.test_judged_signs import JUDGED, as_judged
from tests.examples.test_said import sentences
from tests.examples.test_said_exactly import exact_sentences, signs_in

EXAMPLES = Path(__file__).parents[1] / "examples"
WELL_FILLED = {"days_to_low_reservoir_alarm": 50}  # a record that adds nothing to the signs
Findings = tuple[Finding, ...]
Verdict = Callable[[Assessment, Findings], bool]


@dataclass(frozen=True, slots=True)
class SavedCase:
    """What reached the line, and whether what came of it is what must come of it."""

    told: Example
    holds: Verdict

    def findings(self, rulebook: Rulebook) -> Findings:
        return found_in(self.told, rulebook)


def judged_cases() -> tuple[SavedCase, ...]:
    """Those of which it is written what must come of them, in a fixed order."""
    return _sound((*_examples(), *_vignettes(), *_sentences(), *_signs()))


def heard_cases() -> tuple[SavedCase, ...]:
    """Those of which it is written what must be heard in them."""
    return _sound((*_inventory(), *_said(), *_said_exactly()))


def _sound(cases: tuple[SavedCase, ...]) -> tuple[SavedCase, ...]:
    """Every one holds for the rules as they are: one that fails anyway would notice every mutant."""
    broken = [case.told.said for case in cases if not _holds_now(case)]
    assert broken == []
    return cases


def _holds_now(case: SavedCase) -> bool:
    findings = case.findings(shipped())
    return case.holds(assess(findings, shipped().rules), findings)


def _examples() -> Iterable[SavedCase]:
    for chapter in shipped().chapters:
        yield from (SavedCase(example, _fires(example)) for example in chapter.examples)


def _fires(example: Example) -> Verdict:
    return lambda assessment, _: any(reason.rule == example.rule for reason in assessment.because) is example.must_fire


def _vignettes() -> Iterable[SavedCase]:
    for name in ("dev", "own"):
        for told in YAML(typ="safe").load(EXAMPLES / f"vignettes_{name}.yaml"):
            yield SavedCase(_told(told), _meets(told))


def _told(vignette: Mapping[str, Any]) -> Example:
    said, known = vignette["messages"], vignette.get("patient_context", {})
    match vignette["channel"]:
        case "pump_alarm":
            return Example("", True, "en", alarm=said, context=known)
        case "ivr_keys":
            return Example("", True, "en", keys=tuple(said), context=known)
        case _:
            texts = (said,) if isinstance(said, str) else tuple(said)
            return Example("", True, vignette.get("language", "en"), messages=texts, context=known)


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
        known = WELL_FILLED if texts is OFFICE else {}
        for text in texts:
            yield SavedCase(Example("", True, "en", messages=(text,), context=known), _between(floor, ceiling))


def _between(floor: Urgency, ceiling: Urgency) -> Verdict:
    return lambda assessment, _: floor <= assessment.urgency <= ceiling


def _inventory() -> Iterable[SavedCase]:
    for row in ROWS:
        for language in ("en", "es"):
            if language in row:
                yield SavedCase(Example("", True, language, messages=(row[language],)), _speaks_of(row["code"]))


def _said() -> Iterable[SavedCase]:
    for language, code, sentence in sentences():
        yield SavedCase(Example("", True, language, messages=(sentence,)), _speaks_of(code))


def _said_exactly() -> Iterable[SavedCase]:
    for language, signs, sentence in exact_sentences():
        told = Example("", True, language, messages=(sentence,), context=WELL_FILLED)
        yield SavedCase(told, _speaks_only_of(signs))


def _speaks_only_of(signs: frozenset[str]) -> Verdict:
    return lambda _, findings: signs_in(findings) == signs


def _speaks_of(code: str) -> Verdict:
    return lambda _, findings: code in counted(findings)


def _signs() -> Iterable[SavedCase]:
    for row in JUDGED:
        yield SavedCase(Example("", True, "en", codes=tuple(row["signs"]), context=WELL_FILLED), _is_judged(row))


def _is_judged(row: Mapping[str, Any]) -> Verdict:
    return lambda assessment, _: as_judged(row, assessment)
