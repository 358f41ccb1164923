"""What the source itself may not do: put words together in a log line, name a patient in a template that nobody signs
in for, or have a text to a telephone ask for more than closed words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "oncall" / "adapters" / "web" / "templates"
LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "exception"})
# what a log line may carry: ids, codes, counts, kinds and places; never a name, a number, words or a body
MAY_CARRY = frozenset({
    "case", "message", "notice", "seq", "kind", "reason", "problem", "exc_info", "path", "route", "address",
    "door", "enclosure", "proof", "wrong", "faults", "code", "sid", "loop", "status", "trouble", "usable",
    "texts_arrive", "road", "seconds", "feed", "fault", "good_at", "chore", "words",
    "cases", "channel", "kinds", "contact", "contacts", "torn", "made_at",
})  # fmt: skip
PRIVATE = re.compile(
    r"\{\{[^}\"]*\b(patient|family|caller|number|phone|serial|raw|report|full_name|initials)\b", re.IGNORECASE
)
# the places of all texts and spoken sentences: the hospital's own facts, times, codes, keys, and names of the team.
# {number} is said to the caller whose number it is, {summary} to a clinician by voice after the key of the page
MAY_BE_FILLED = frozenset({
    "by", "code", "code_spoken", "count", "digit", "emergency", "emergency_spoken", "held", "hospital", "keys",
    "link", "list", "mark", "minutes", "name", "number", "operator", "other", "people", "question", "service",
    "slot", "summary", "time", "tongue", "urgency", "urgency_spoken", "when", "who", "why",
})  # fmt: skip
OPEN_PAGES = ("login.html", "code.html", "first.html", "error.html", "base.html", "kiosk.html", "kiosk_live.html")
PLACE = re.compile(r"{(\w+)}")


def log_calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted((ROOT / "oncall").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id in ("log", "logger"):
                    yield path, node


def test_a_log_line_is_a_fixed_sentence_with_named_ids() -> None:
    found = list(log_calls())
    assert len(found) > 40
    for path, call in found:
        where = f"{path.name}:{call.lineno}"
        assert isinstance(call.args[0], ast.Constant), f"{where}: the sentence is put together"
        assert {word.arg for word in call.keywords} <= MAY_CARRY, f"{where}: may a log carry that?"


def test_nothing_is_printed_by_the_service() -> None:
    """What is printed goes to the same place as the log, past everything that keeps words out of it."""
    for folder in ("core", "service", "adapters"):
        for path in sorted((ROOT / "oncall" / folder).rglob("*.py")):
            if path.name == "__main__.py":  # a process of its own, whose output is its answer
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                printed = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
                assert not printed, f"{path.name}:{node.lineno}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", OPEN_PAGES)
def test_a_page_that_nobody_signs_in_for_names_no_patient(name: str) -> None:
    assert PRIVATE.findall((TEMPLATES / name).read_text(encoding="utf-8")) == []


def test_a_page_link_shows_words_only_behind_the_digits() -> None:
    page = (TEMPLATES / "page_link.html").read_text(encoding="utf-8")
    before = page.partition("{% if card %}")[0].replace("family_reached", "")
    assert before != page, "the page has a part for whoever gave the digits"
    assert PRIVATE.findall(before) == []


def strings(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    for inner in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from strings(inner)


def test_no_text_of_the_rules_has_a_place_for_a_patient() -> None:
    """Templates of texts, calls and mails: only the hospital's own words, times, codes and clinicians' names."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        for line in strings(YAML(typ="safe").load(path)):
            for place in PLACE.findall(line):
                found.setdefault(place, set()).add(path.name)
    assert found, "the texts have places"
    assert {place: where for place, where in found.items() if place not in MAY_BE_FILLED} == {}
