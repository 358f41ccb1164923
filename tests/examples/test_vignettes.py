"""What families write, say and key, and what pumps report: urgency floor, ceiling and suspicion of every vignette."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from oncall.core.triage.assessment import Assessment, Urgency
from oncall.service.rules.triage_lines import triage_line
from tests.examples.shipped_rules import shipped

HERE = Path(__file__).parent


def vignettes() -> list[dict[str, Any]]:
    reader = YAML(typ="safe")
    return [told for name in ("dev", "own") for told in reader.load(HERE / f"vignettes_{name}.yaml")]


def _no_words(assessment: Assessment, language: str, minutes: int) -> str:
    return ""


@pytest.mark.parametrize("told", vignettes(), ids=lambda told: told["id"])
def test_a_vignette_meets_its_floor_its_ceiling_and_its_suspicion(told: dict[str, Any]) -> None:
    line = json.dumps({key: told[key] for key in ("id", "channel", "messages", "patient_context") if key in told})
    answer = triage_line(line, shipped(), _no_words)
    urgency = Urgency[answer["urgency"].upper()]
    accepted = told["expected_suspicion"]
    assert urgency >= Urgency[told["expected_min_urgency"].upper()], answer
    assert urgency <= Urgency[told.get("max_urgency", "emergency").upper()], answer
    assert answer["suspicion"][0] in ([accepted] if isinstance(accepted, str) else accepted), answer
