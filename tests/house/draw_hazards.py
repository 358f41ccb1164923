"""Draws docs/hazards.md from docs/hazards.yml: each hazard, what holds it off, and the test that shows it.

For the safety officer: one page to read through, no cell empty, what is not controlled yet first. Run it after a change
of the file: `python -m tests.house.draw_hazards`. Deliberately not here: whether the tests pass (`make test`).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DOCS = Path(__file__).parents[2] / "docs"
SOURCE, PAGE = DOCS / "hazards.yml", DOCS / "hazards.md"
HARM = {
    "H": "delay, or no clinician, for withdrawal or overdose",
    "M": "late advice, distress",
    "P": "privacy",
    "F": "fatigue and trust",
}
HEAD = """# The hazards of the line

Drawn from [hazards.yml](hazards.yml) by `python -m tests.house.draw_hazards`. For every hazard: how it comes about, \
what holds it off, and the test that shows that it does. A test checks that no control is without a test and that \
every named test exists; all of them run in `make test`. That software fails is taken for certain when asking whether \
a control is needed. The line adds to 911 and never replaces it. Signed by: {signed}.
"""


def hazards() -> dict[str, Any]:
    return YAML(typ="safe").load(SOURCE)


def page() -> str:
    told = hazards()
    rows = told["hazards"]
    parts = [HEAD.format(signed=told["signed"]), _summary(rows)]
    parts += [_section(row) for row in rows]
    return "\n".join(parts)


def _summary(rows: list[dict[str, Any]]) -> str:
    count = Counter(row["harm"] for row in rows)
    lines = [f"- {harm}: {count[letter]} hazards ({letter})" for letter, harm in HARM.items()]
    left = [f"- {row['number']}. {row['hazard']}: {row['open']}" for row in rows if "open" in row]
    if left:
        lines += ["", "## Not wholly controlled yet", "", *left]
    return "\n".join([*lines, ""])


def _section(row: dict[str, Any]) -> str:
    lines = [f"## {row['number']}. {row['hazard']} ({row['harm']})", "", f"{_sentence(row['cause'])}", ""]
    for control in row["controls"]:
        lines.append(f"- {_sentence(control['does'])}")
        lines += [f"  - `{test}`" for test in control["tests"]]
    if "open" in row:
        lines.append(f"- Still open: {row['open']}.")
    return "\n".join([*lines, ""])


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
