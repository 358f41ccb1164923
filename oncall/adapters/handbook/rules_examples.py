"""The examples that stand inside the rules, read from their files.

Every rule carries sentences that must make it fire and sentences that must not; together they are the clinicians'
own test of the words and the rules. Deliberately not here: running them (`service.rules.examples`), and the
vignettes, which test the whole conclusion.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from oncall.adapters.handbook.reading import Fault, Sheet
from oncall.adapters.handbook.rules_parts import Given
from oncall.adapters.handbook.rules_shapes import ExampleShape, RuleShape, RulesShape
from oncall.core.triage.chapters import Chapter, Example
from oncall.core.triage.rulebook import Rulebook
from oncall.service.rules.examples import holds

Place = tuple[str, str, int]  # fires or silent, language, number


def chapters_of(given: Given) -> tuple[Chapter, ...]:
    """One chapter for each file that holds rules, in the order of the files."""
    return tuple(_chapter(sheet, shape) for sheet, shape in given.rules)


def _chapter(sheet: Sheet, shape: RulesShape) -> Chapter:
    return Chapter(
        name=Path(sheet.name).stem,
        source=shape.source,
        signed="" if isinstance(shape.signed, str) else ", ".join(str(value) for value in shape.signed.values()),
        rules=tuple(rule.id for rule in shape.rules),
        examples=tuple(example for rule in shape.rules for _, example in examples_of(rule)),
    )


def examples_of(rule: RuleShape) -> Iterable[tuple[Place, Example]]:
    """Each example with its place in the rule."""
    for kind, listed in (("fires", rule.examples.fires), ("silent", rule.examples.silent)):
        for language, examples in listed.items():
            for number, example in enumerate(examples):
                yield (kind, language, number), _example(rule.id, kind == "fires", language, example)


def _example(rule: str, must_fire: bool, language: str, told: str | ExampleShape) -> Example:
    shape = ExampleShape(text=told) if isinstance(told, str) else told
    texts = [shape.text] if isinstance(shape.text, str) else shape.text or []
    return Example(
        rule=rule,
        must_fire=must_fire,
        language=language,
        messages=tuple(texts),
        keys=tuple(shape.keys or ()),
        codes=tuple(shape.codes or ()),
        alarm=shape.alarm,
        context=shape.context,
    )


_ENOUGH = 3  # each way, in each language


def example_faults(given: Given | None, rulebook: Rulebook) -> Iterable[Fault]:
    """A fault for every example that does not hold any more."""
    for sheet, shape in given.rules if given else ():
        for number, rule in enumerate(shape.rules):
            for place, example in examples_of(rule):
                if not holds(example, rulebook):
                    found = "an example that does not fire" if example.must_fire else "an example that fires"
                    wanted = f"{'' if example.must_fire else 'no '}{rule.id} for {example.said!r}"
                    yield sheet.fault(("rules", number, "examples", *place), found, wanted)


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
