"""Every row of the evidence and of the families' words has its code, and is heard as it in English and Spanish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from oncall.core.reports import Finding
from oncall.core.triage.rulebook import draw_from_alarm, draw_from_context, draw_from_keys, draw_from_words
from tests.examples.shipped_rules import shipped

ROWS: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("inventory.yaml").read_text("utf-8"))
BY_THE_LINE = {
    "photo_sent",
    "repeat_contact_24h",
    "called_911",
    "cannot_call_911",
    "task_untaken",
}  # what arrived, or our own keys


def _ways(row: dict[str, Any]) -> dict[str, tuple[Finding, ...]]:
    """What is found by each way in which the row says it can be told."""
    ways = {
        language: draw_from_words([row[language]], shipped()).findings for language in ("en", "es") if language in row
    }
    if "record" in row:
        ways["record"] = draw_from_context(row["record"], shipped())
    if "alarm" in row:
        ways["alarm"] = draw_from_alarm(row["alarm"], shipped()).findings
    if "keys" in row:
        ways["keys"] = draw_from_keys([row["keys"]], shipped()).findings
    return ways


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['from']}: {row['row']}")
def test_a_row_of_the_evidence_is_heard_as_its_code(row: dict[str, Any]) -> None:
    ways = _ways(row)
    deaf = [way for way, found in ways.items() if row["code"] not in {f.code for f in found if f.heard.counts}]
    assert ways
    assert deaf == [], {way: [(f.code, f.heard.value) for f in ways[way]] for way in deaf}


def test_every_code_of_the_vocabulary_stands_in_the_inventory_and_no_other() -> None:
    assert {row["code"] for row in ROWS} | BY_THE_LINE == set(shipped().vocabulary)
