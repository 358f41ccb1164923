"""docs/clinical.md and rules/ say the same: limits of numbers, files to sign, grades of the questions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from oncall.core.triage.thresholds import Limit
from tests.support.builders import handbook

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "clinical.md").read_text(encoding="utf-8")
BOOK = handbook().rulebook


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")][2:]


def _declared() -> Iterable[Limit]:
    for limits in (*BOOK.lexicon.limits.values(), *BOOK.thresholds.limits.values()):
        yield from limits


def test_the_limits_that_are_told_are_those_that_are_declared() -> None:
    told = {re.findall(r"`(\w+)`", row[0])[0]: row[2] for row in rows("Limits of numbers")}
    assert set(told) == {limit.gives for limit in _declared()}
    for limit in _declared():
        for bound in (limit.at_least, limit.at_most):
            if bound is not None and abs(bound) >= 1:
                assert re.search(rf"\b{bound:g}\b", told[limit.gives]), f"{limit.gives}: {bound:g}"


def test_every_file_has_somebody_to_sign_it() -> None:
    named = {name for row in rows("Who signs what") for name in re.findall(r"`([\w-]+\.yaml)`", row[0])}
    assert named == {path.name for path in (ROOT / "rules").glob("*.yaml")}


def test_nothing_reads_as_signed_before_it_is() -> None:
    assert "No clinician has signed any of it" in PAGE
    assert not BOOK.signed
