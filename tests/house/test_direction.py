"""Who may import whom. The core knows nothing outside itself, the desk knows the core, no neighbour knows another."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
KNOW_ALL = re.compile(
    r"oncall\.(house|stores|one_process|paging|serving|backing_up|fitness|errands(\.\w+)?|taking_in|proposing|proving"
    r"|training|cli(\.\w+)?|__main__"
    r"|preflight(\.\w+)?|nights(\.\w+)?)"
)
FOR_ALL_ADAPTERS = tuple(f"oncall.adapters.{name}" for name in ("chores", "clock", "footing", "migrations", "put_back"))
COMMON_TO_THE_CORE = tuple(
    f"oncall.core.{file.stem}" for file in (ROOT / "oncall" / "core").glob("*.py") if file.stem != "handbook"
)
MISSPELLINGS = ("oncall.core.triage.lexicon", "rapidfuzz")  # the one package that the core may use


def may_import(module: str, wanted: str) -> bool:
    """The directions of the tree; outside packages concern only the core."""
    package = wanted.split(".")[0]
    if KNOW_ALL.fullmatch(module) or wanted == "oncall":  # the package itself holds the version and nothing else
        return True
    if package != "oncall":
        standard = package in sys.stdlib_module_names
        return standard or not module.startswith("oncall.core.") or (module, package) == MISSPELLINGS
    return any(wanted == allowed or wanted.startswith(f"{allowed}.") for allowed in _allowed(module))


def _allowed(module: str) -> tuple[str, ...]:
    match module.split(".")[1:]:
        case ["core", "triage" | "rota" as part, *_]:  # neither of them knows cases
            return (f"oncall.core.{part}", *COMMON_TO_THE_CORE)
        case ["core", *_]:
            return ("oncall.core",)
        case ["service", *_]:
            return ("oncall.core", "oncall.service")
        case ["adapters", neighbour, *_]:
            return ("oncall.core", "oncall.service", f"oncall.adapters.{neighbour}", *FOR_ALL_ADAPTERS)
        case ["config"]:
            # the reader of declared files and its list of faults, and the numbers that may not be declared
            return ("oncall.adapters.handbook.reading", "oncall.core.emergency_numbers")
        case _:
            return ()


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def test_imports_point_inwards():
    wrong = []
    for path in sorted((ROOT / "oncall").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        wrong += [
            f"{path.relative_to(ROOT)}:{line} imports {wanted}"
            for line, wanted in imports_of(path)
            if not may_import(module, wanted)
        ]
    assert wrong == []


def test_a_wrong_direction_would_be_seen():
    assert not may_import("oncall.core.case.decide", "oncall.service.desk")
    assert not may_import("oncall.core.case.decide", "structlog")
    assert not may_import("oncall.service.desk", "oncall.adapters.clock")
    assert not may_import("oncall.adapters.web.app", "oncall.adapters.journal.sqlite")
    assert not may_import("oncall.adapters.web.app", "oncall.house")
