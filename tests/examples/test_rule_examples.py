"""Every example that stands inside a rule: what must make it fire, and what must not."""

from __future__ import annotations

import pytest

from oncall.adapters.handbook.reading import read_shape, read_sheet
from oncall.adapters.handbook.rules_examples import examples_of, fires
from oncall.adapters.handbook.rules_files import RULE_FILES
from oncall.adapters.handbook.rules_shapes import AlarmsShape, ExampleShape, RuleShape, RulesShape
from tests.examples.shipped_rules import RULES, shipped


def rules_in_the_files() -> list[RuleShape]:
    """Every rule as its file declares it, examples included."""
    found: list[RuleShape] = []
    for name in (*RULE_FILES, "alarms"):
        sheet, _ = read_sheet(RULES / f"{name}.yaml")
        assert sheet is not None
        shape, faults = read_shape(sheet, AlarmsShape if name == "alarms" else RulesShape)
        assert shape is not None, faults
        found.extend(shape.rules)
    return found


@pytest.mark.parametrize("rule", rules_in_the_files(), ids=lambda rule: rule.id)
def test_a_rule_fires_for_its_examples_and_stays_silent_for_the_others(rule: RuleShape) -> None:
    wrong = [
        (kind, language, example)
        for kind, language, _, example, must_fire in examples_of(rule)
        if fires(rule.id, example, language, shipped()) is not must_fire
    ]
    assert wrong == []


@pytest.mark.parametrize("rule", rules_in_the_files(), ids=lambda rule: rule.id)
def test_a_rule_has_at_least_three_examples_each_way(rule: RuleShape) -> None:
    told: list[tuple[bool, str | ExampleShape]] = [
        (must_fire, example) for _, _, _, example, must_fire in examples_of(rule)
    ]
    assert sum(must_fire for must_fire, _ in told) >= 3
    assert sum(not must_fire for must_fire, _ in told) >= 2
