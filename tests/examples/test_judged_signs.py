"""Pictures of several signs and what must come of them: urgency, advice to the family, where the picture leans.

The rules say it in conditions; `judged_signs.yaml` says it in cases, so that a condition that is a little too wide or
too narrow is noticed. Each row was read against the evidence when it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Assessment, assess
from tests.examples.shipped_rules import shipped

JUDGED: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("judged_signs.yaml").read_text("utf-8"))


def as_judged(row: Mapping[str, Any], assessment: Assessment) -> bool:
    """Whether the urgency, the advice and the first leaning are those of the row."""
    given = (assessment.urgency.word, assessment.advice, assessment.leanings[0].value)
    return given == (row["urgency"], row["advice"], row["leans"])


@pytest.mark.parametrize("row", JUDGED, ids=lambda row: "+".join(row["signs"]))
def test_a_picture_of_signs_is_judged_as_written(row: dict[str, Any]) -> None:
    assessment = assess([Finding(code, Heard.PRESENT, "said") for code in row["signs"]], shipped().rules)
    assert as_judged(row, assessment), assessment
