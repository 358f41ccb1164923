"""Runs the examples that stand inside the rules.

Every rule carries sentences that must make it fire and sentences that must not; together they are the clinicians'
own test of the words and the rules. Deliberately not here: the vignettes, which test the whole conclusion.
"""

from __future__ import annotations

from collections.abc import Iterable

from oncall.adapters.handbook.reading import Fault
from oncall.adapters.handbook.rules_parts import Given
from oncall.adapters.handbook.rules_shapes import ExampleShape, RuleShape
from oncall.core.reports import Finding, Heard
from oncall.core.rulebook import (
    Drawn,
    Rulebook,
    draw_from_alarm,
    draw_from_context,
    draw_from_keys,
    draw_from_words,
)
from oncall.core.triage import assess, merge

_ENOUGH = 3  # each way, in each language


def example_faults(given: Given | None, rulebook: Rulebook) -> Iterable[Fault]:
    """A fault for every example that does not hold any more."""
    for sheet, shape in given.rules if given else ():
        for place, rule in enumerate(shape.rules):
            for kind, language, number, example, must_fire in examples_of(rule):
                if fires(rule.id, example, language, rulebook) is not must_fire:
                    found = "an example that does not fire" if must_fire else "an example that fires"
                    where = ("rules", place, "examples", kind, language, number)
                    yield sheet.fault(where, found, f"{'' if must_fire else 'no '}{rule.id} for {_said(example)!r}")


def language_faults(given: Given | None) -> Iterable[Fault]:
    """A fault for every rule told in words that lacks examples in a language of which there are words."""
    languages = [shape.language for _, shape in given.words] if given else []
    for sheet, shape in given.rules if given else ():
        for place, rule in enumerate(shape.rules):
            for kind, told in (("fires", rule.examples.fires), ("silent", rule.examples.silent)):
                for language in languages if _is_told_in_words(rule) else ():
                    if len(told.get(language, ())) < _ENOUGH:
                        found = f"{len(told.get(language, ()))} examples in {language}"
                        yield sheet.fault(("rules", place, "examples", kind), found, f"{_ENOUGH} for {rule.id}")


def _is_told_in_words(rule: RuleShape) -> bool:
    """Keys and codes have no language, and a context says the same in all."""
    told = [example for examples in rule.examples.fires.values() for example in examples]
    return any(isinstance(example, str) or example.text is not None for example in told)


def examples_of(rule: RuleShape) -> Iterable[tuple[str, str, int, str | ExampleShape, bool]]:
    """Kind, language, number, the example, and whether it must fire."""
    for kind, listed in (("fires", rule.examples.fires), ("silent", rule.examples.silent)):
        for language, examples in listed.items():
            for number, example in enumerate(examples):
                yield kind, language, number, example, kind == "fires"


def fires(rule: str, example: str | ExampleShape, language: str, rulebook: Rulebook) -> bool:
    """Whether this rule is among the reasons for this example."""
    shape = ExampleShape(text=example) if isinstance(example, str) else example
    findings = (*_drawn(shape, language, rulebook).findings, *draw_from_context(shape.context, rulebook))
    return any(reason.rule == rule for reason in assess(merge(findings), rulebook.rules).because)


def _drawn(shape: ExampleShape, language: str, rulebook: Rulebook) -> Drawn:
    if shape.alarm is not None:
        return draw_from_alarm(shape.alarm, rulebook)
    if shape.codes is not None:
        return Drawn(tuple(Finding(code, Heard.PRESENT, "example") for code in shape.codes), language, False)
    if shape.keys is not None:
        return draw_from_keys(shape.keys, rulebook)
    text = shape.text or ""
    return draw_from_words([text] if isinstance(text, str) else text, rulebook, language)


def _said(example: str | ExampleShape) -> str:
    return example if isinstance(example, str) else str(example.text or example.keys or example.alarm)
