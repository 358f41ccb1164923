"""The document on security shows the table that is tested, and names tests and files that exist."""

from __future__ import annotations

import re

from tests.house.draw_who_may import BEGIN, END, PAGE, drawn_into

ROOT = PAGE.parents[1]


def test_the_table_of_who_may_come_where_is_the_tested_one() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert drawn_into(page) == page, "draw it anew: python -m tests.house.draw_who_may"


def test_every_threat_names_a_test_that_exists() -> None:
    page = PAGE.read_text(encoding="utf-8")
    threats = page.partition("## Threats")[2].partition("\n## ")[0].splitlines()
    rows = [line for line in threats if line.startswith("| ") and not line.startswith("| what")]
    assert len(rows) > 15
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)`", row.split("|")[-2])
        assert named, row
        assert [name for name in named if not (ROOT / name).exists()] == [], row


def test_what_is_drawn_stands_between_its_marks() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
