"""Every hazard has a control, every control a test that exists, and the page is drawn from the file."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

from tests.house.draw_hazards import HARM, PAGE, hazards, page

ROOT = Path(__file__).parents[2]


def rows() -> list[dict[str, Any]]:
    return hazards()["hazards"]


@cache
def names_in(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    return frozenset(
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_hazards_are_numbered_in_order_and_say_what_they_harm() -> None:
    assert [row["number"] for row in rows()] == list(range(1, len(rows()) + 1))
    assert [row["number"] for row in rows() if row["harm"] not in HARM or not row["cause"]] == []


def test_every_hazard_has_a_control() -> None:
    assert [row["number"] for row in rows() if not row["controls"]] == []


def test_every_control_has_a_test_that_exists() -> None:
    controls = [(row["number"], control) for row in rows() for control in row["controls"]]
    assert [number for number, control in controls if not control["tests"]] == []
    named = [(number, *test.split("::")) for number, control in controls for test in control["tests"]]
    assert [(number, file, name) for number, file, name in named if name not in names_in(file)] == []


def test_the_page_is_drawn_from_the_file() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "draw it anew: python -m tests.house.draw_hazards"
