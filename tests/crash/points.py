"""Every write and every send of the product, found in its own code: where a cut hurts, and what a new path adds itself.

A point is a line that calls one of the words below, in the stores and in the services. Deliberately not here: which of
them a story passes (`cutting` counts them).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORES = ("journal", "register", "enclosures")
TWINS = ("memory.py", "memory_rows.py")  # they have no disk
WRITES = frozenset({
    "execute", "executemany", "write", "push_due", "save_edition", "take", "take_all", "change", "put", "reslot",
    "keep", "forget", "insert", "update", "delete", "leave_task", "finish_task", "set_stopped", "mark_phone",
    "add_request", "change_request", "note", "stand",
})  # fmt: skip
SENDS = frozenset({"send", "stop", "order", "withdraw", "hand_over"})


@cache
def points() -> dict[str, frozenset[int]]:
    """The lines of each file that has some."""
    found = {str(path.relative_to(ROOT)): frozenset(_calls(path)) for path in _modules()}
    return {name: lines for name, lines in found.items() if lines}


def _modules() -> Iterator[Path]:
    yield from (ROOT / "oncall" / "adapters" / name for name in ("migrations.py", "footing.py", "put_back.py"))
    yield from sorted((ROOT / "oncall" / "service").rglob("*.py"))
    for store in STORES:
        files = sorted((ROOT / "oncall" / "adapters" / store).glob("*.py"))
        yield from (path for path in files if path.name not in TWINS)


def _calls(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (_name(node.func) in WRITES | SENDS or _is_of_the_shelf(node.func)):
            yield node.lineno


def _name(called: ast.expr) -> str:
    return called.attr.lstrip("_") if isinstance(called, ast.Attribute) else getattr(called, "id", "").lstrip("_")


def _is_of_the_shelf(called: ast.expr) -> bool:
    """What one delivery leaves goes through the journal's shelf, by words that mean other things elsewhere."""
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "shelf"
