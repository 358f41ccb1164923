"""What code, rules and tests cite can be looked up in this tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CITING = ("oncall/**/*.py", "rules/*.yaml", "rotations/*.yaml", "tests/**/*.py", "bench/*.py")


def cited(pattern: str, *files: str) -> Iterator[tuple[str, str]]:
    """What is cited, and in which file; without the golden files, which stay as they were published."""
    for path in (path for glob in files for path in ROOT.glob(glob)):
        for found in re.finditer(pattern, path.read_text()):
            yield found[1], str(path.relative_to(ROOT))


def test_every_ruling_that_is_cited_has_its_section() -> None:
    sections = set(re.findall(r"^## (\d+)\. ", (ROOT / "docs/rulings.md").read_text(), re.MULTILINE))
    assert [(number, file) for number, file in cited(r"RULINGS (\d+)", *CITING) if number not in sections] == []


def test_every_numbered_source_of_a_sign_or_rule_is_listed() -> None:
    listed = set(re.findall(r"^\| (S\d+) \|", (ROOT / "docs/sources.md").read_text(), re.MULTILINE))
    in_rules = [(source, file) for source, file in cited(r"\b(S\d{1,2})[a-c]?\b", "rules/*.yaml")]
    assert len(in_rules) > 100
    assert [(source, file) for source, file in in_rules if source not in listed] == []


def test_no_document_is_cited_that_is_not_here() -> None:
    here = {path.name for path in ROOT.glob("docs/**/*.md")} | {path.name for path in ROOT.glob("*.md")}
    documents = cited(r"\b([A-Za-z_-]+\.md)\b", *CITING)
    assert [(name, file) for name, file in documents if name not in here] == []
