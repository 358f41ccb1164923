"""Sentences in which certain signs must be heard and no other: "so cold" is a cold body and no cold.

`said_exactly.yaml` lists them by language and by their signs. They keep the longer phrases, whose whole work is to use
up words that would else be heard as something more. What only says how well a message was read is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from oncall.core.reports import Finding
from oncall.core.triage.assessment import counted
from oncall.core.triage.rulebook import draw_from_words
from tests.examples.shipped_rules import shipped

EXACTLY: dict[str, dict[str, list[str]]] = YAML(typ="safe").load(
    Path(__file__).with_name("said_exactly.yaml").read_text("utf-8")
)


def exact_sentences() -> Iterable[tuple[str, frozenset[str], str]]:
    """Language, signs, sentence."""
    for language, by_signs in EXACTLY.items():
        for signs, listed in by_signs.items():
            yield from ((language, frozenset(signs.split()), sentence) for sentence in listed)


def signs_in(findings: Iterable[Finding]) -> frozenset[str]:
    """The signs that count, without those that only say how well a message was read."""
    return frozenset(code for code in counted(findings) if shipped().vocabulary[code].group != "unread")


@pytest.mark.parametrize("language", EXACTLY)
def test_a_sentence_is_heard_as_its_signs_and_no_other(language: str) -> None:
    wrong = {
        sentence: heard
        for spoken, signs, sentence in exact_sentences()
        if spoken == language
        if (heard := signs_in(draw_from_words([sentence], shipped(), language).findings)) != signs
    }
    assert wrong == {}
