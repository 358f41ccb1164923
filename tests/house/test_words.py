"""What the tree may not hold: unfinished marks, heavy or foreign files, modules that do not say what they are."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LARGEST = 400_000
MINIFIED = 400  # no line of a script or style that a person wrote is longer
SKIPPED = {"var", "dist", "build", "__pycache__", "node_modules"}
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".sql", ".html", ".css", ".js", ".svg", ".json", ".lock", ".csv", ""}
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|H" + r"ACK)\b")
THIS_MACHINE = re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/")
VAGUE = re.compile(r"^(utils?|helpers?|misc|common|manager|managers|stuff)$")


@cache
def files() -> tuple[Path, ...]:
    """Everything that belongs to the tree, without what tools leave behind."""
    return tuple(path for path in sorted(ROOT.rglob("*")) if path.is_file() and not _is_left_behind(path))


def _is_left_behind(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    hidden = any(part.startswith(".") and part not in (".ci", ".gitignore") for part in parts)
    return hidden or bool(SKIPPED & set(parts)) or any(part.endswith(".egg-info") for part in parts)


def texts() -> list[Path]:
    return [path for path in files() if path.suffix in TEXT]


def modules() -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and path.name != "__init__.py"]


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_nothing_is_marked_unfinished():
    assert _lines_with(UNFINISHED) == []


def test_no_path_of_somebodys_machine():
    assert _lines_with(THIS_MACHINE) == []


def test_no_file_is_heavy():
    assert [path for path in files() if path.stat().st_size > LARGEST] == []


@pytest.mark.parametrize("suffix", [".js", ".css"])
def test_scripts_and_styles_are_our_own_and_readable(suffix):
    long = {
        path.name
        for path in files()
        if path.suffix == suffix
        if ".min." in path.name or max(map(len, path.read_text(encoding="utf-8").splitlines()), default=0) > MINIFIED
    }
    assert long == set()


def test_every_module_says_what_it_is():
    silent = [path.relative_to(ROOT) for path in modules() if not ast.get_docstring(_tree(path))]
    assert silent == []


def test_names_say_what_a_thing_is():
    vague = [path.relative_to(ROOT) for path in files() if VAGUE.match(path.stem.lower())]
    named = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in modules()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Utils?|Processor)$", node.name)
    ]
    assert vague == []
    assert named == []


def test_documents_are_plain_text():
    """Prose that anybody may quote: no typographic spaces, no tabs, no trailing blanks."""
    wrong = re.compile("[\t\u00a0\u2009\u200b\u202f]|[ ]+$")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in texts()
        if path.suffix == ".md"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if wrong.search(line)
    ]
    assert found == []


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
