"""What families say, sentence by sentence: each names a sign, and the reader must find it as said.

`said/*.yaml` holds one file for each language: a code of the vocabulary and the sentences that carry it. They were
written beside the word lists, so that a phrase left out of a list is noticed (`python -m tests.mutation words`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from oncall.core.triage.assessment import counted
from oncall.core.triage.rulebook import draw_from_words
from tests.examples.shipped_rules import shipped

SAID = Path(__file__).parent / "said"


def sentences() -> Iterable[tuple[str, str, str]]:
    """Language, code, sentence."""
    for path in sorted(SAID.glob("*.yaml")):
        for code, listed in YAML(typ="safe").load(path).items():
            yield from ((path.stem, code, sentence) for sentence in listed)


def _by_code() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for language, code, sentence in sentences():
        found.setdefault((language, code), []).append(sentence)
    return found


@pytest.mark.parametrize(("spoken", "said"), _by_code().items(), ids=lambda value: "-".join(value[:2]))
def test_a_sentence_is_heard_as_the_sign_it_names(spoken: tuple[str, str], said: list[str]) -> None:
    language, code = spoken
    missed = [words for words in said if code not in counted(draw_from_words([words], shipped(), language).findings)]
    assert missed == []
