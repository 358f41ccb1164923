"""The rules the house ships, loaded once for every test that reads them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from oncall.adapters.handbook.rules_files import load_rulebook
from oncall.core.reports import Heard
from oncall.core.triage.assessment import Assessment, assess, merge
from oncall.core.triage.rulebook import Rulebook, draw_from_context, draw_from_words

RULES = Path(__file__).parents[2] / "rules"


@cache
def shipped() -> Rulebook:
    return load_rulebook(RULES)


def heard_in(*messages: str) -> dict[str, Heard]:
    """Code -> how it was heard, for a thread of messages."""
    return {finding.code: finding.heard for finding in draw_from_words(messages, shipped()).findings}


def judged(*messages: str, **context: object) -> Assessment:
    """The assessment of a thread of messages with what the record says."""
    drawn = draw_from_words(messages, shipped())
    return assess(merge((*drawn.findings, *draw_from_context(context, shipped()))), shipped().rules)
