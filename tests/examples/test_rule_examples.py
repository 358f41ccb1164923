"""Every example that stands inside a rule: what must make it fire, and what must not."""

from __future__ import annotations

import pytest

from oncall.adapters.handbook.reading import read_shape, read_sheet
from oncall.adapters.handbook.rules_examples import examples_of
from oncall.adapters.handbook.rules_files import RULE_FILES
from oncall.adapters.handbook.rules_shapes import AlarmsShape, RuleShape, RulesShape
from oncall.service.rules.examples import holds
from tests.examples.shipped_rules import RULES, shipped


def _rules() -> list[RuleShape]:
    found: list[RuleShape] = []
    for name in (*RULE_FILES, "alarms"):
        sheet, _ = read_sheet(RULES / f"{name}.yaml")
        assert sheet is not None
        shape, faults = read_shape(sheet, AlarmsShape if name == "alarms" else RulesShape)
        assert shape is not None, faults
        found.extend(shape.rules)
    return found


@pytest.mark.parametrize("rule", _rules(), ids=lambda rule: rule.id)
def test_a_rule_fires_for_its_examples_and_stays_silent_for_the_others(rule: RuleShape) -> None:
    wrong = [(place, example.said) for place, example in examples_of(rule) if not holds(example, shipped())]
    assert wrong == []


@pytest.mark.parametrize("rule", _rules(), ids=lambda rule: rule.id)
def test_a_rule_has_at_least_three_examples_each_way(rule: RuleShape) -> None:
    told = [example.must_fire for _, example in examples_of(rule)]
    assert told.count(True) >= 3
    assert told.count(False) >= 2
