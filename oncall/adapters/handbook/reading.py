"""Reads one declared file (rules, rotas, config) and says every fault in it with its line.

Clinicians and coordinators edit these files by hand, so a fault names the file, the line, what was found and what
was wanted. Nothing here knows what a rule or a rota is: shapes are pydantic models given by the caller, comments
and line numbers are ruamel.yaml's. Deliberately not here: faults of meaning, which the loaders add themselves.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

_DAY = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b")
Shape = TypeVar("Shape", bound=BaseModel)
Location = Sequence[str | int]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake in a declared file. `line` counts from 1."""

    file: str
    line: int
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} found {self.found}, wanted {self.wanted}"


class HandbookFaults(Exception):
    """Raised when a set of files cannot be used; carries every fault at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Sheet:
    """One parsed file: plain data, and the line on which any part of it stands."""

    def __init__(self, name: str, data: Any) -> None:
        self.name = name
        self.data = data

    def line(self, location: Location = ()) -> int:
        """The line of the deepest part of `location` that exists in the file (from 1)."""
        node, line = self.data, 1
        for key in location:
            if isinstance(node, CommentedMap) and key in node:
                line = node.lc.key(key)[0] + 1
            elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                line = node.lc.item(key)[0] + 1
            else:
                break
            node = node[key]
        return line

    def fault(self, location: Location, found: object, wanted: str) -> Fault:
        return Fault(self.name, self.line(location), str(found), wanted)


def reading_of(text: str, data: Any = None) -> str:
    """What a text was read as, to lie beside it (`x.yaml.json`): JSON, tied to the text by its hash.

    Parsing YAML with its lines takes most of a start. An edition was read without a fault when it was published, so
    its reading is published with it and a house that was killed is back sooner. `data` instead of what the text says
    is for what an older edition lacks (`lending`).
    """
    read = _plain(_parsed(text)) if data is None else data
    return json.dumps({"sha256": _hash(text), "data": read}, ensure_ascii=False, default=_dated)


def data_of(text: str, reading: str | None = None) -> Any:
    """A text as plain data, from its reading if there is one of this very text; None for broken YAML."""
    if reading is not None and (told := _read_before(reading, text)) is not None:
        return told
    try:
        return _plain(_parsed(text))
    except (YAMLError, ValueError, RecursionError):
        return None


def _earlier_reading(path: Path, text: str) -> Any:
    """The reading that lies beside `path`, if it is of this very text; None otherwise."""
    beside = path.with_name(path.name + ".json")
    return _read_before(beside.read_text(encoding="utf-8"), text) if beside.exists() else None


def _read_before(reading: str, text: str) -> Any:
    """None for what is no reading of this text, whatever else it is: the text itself is then read."""
    try:
        told = json.loads(reading, object_hook=_undated)
        return told["data"] if told["sha256"] == _hash(text) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _dated(value: object) -> dict[str, str]:
    """YAML knows days and instants, JSON does not."""
    if isinstance(value, datetime | date):
        return {"day or instant": value.isoformat()}
    raise TypeError(f"no JSON for {type(value).__name__}")


def _undated(told: dict[str, Any]) -> Any:
    written = told.get("day or instant")
    if written is None:
        return told
    return datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    """YAML with its lines; only ever read. Publishing looks at each of some thirty files several times."""
    return YAML(typ="rt", pure=True).load(text)


def read_sheet(path: Path, text: str | None = None) -> tuple[Sheet | None, tuple[Fault, ...]]:
    """The file as data with line numbers; duplicate keys and broken YAML are faults, not exceptions."""
    try:
        content = path.read_bytes().decode() if text is None else text
    except (OSError, UnicodeError) as problem:
        return None, (Fault(str(path), 1, f"a file that cannot be read ({problem})", "a UTF-8 text file"),)
    if (known := _earlier_reading(path, content)) is not None:
        return Sheet(str(path), known), ()
    try:
        return Sheet(str(path), _parsed(content)), ()
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        return None, (Fault(str(path), line, problem.problem or "broken YAML", "valid YAML"),)
    except YAMLError as problem:
        return None, (Fault(str(path), 1, str(problem), "valid YAML"),)
    except RecursionError:
        return None, (Fault(str(path), 1, "lists in lists without end", "valid YAML"),)
    except ValueError:  # of the library, which reads 2026-02-30 as a day and says not where
        return None, (Fault(str(path), *_first_odd_day(content)),)


def _first_odd_day(text: str) -> tuple[int, str, str]:
    for line, told in enumerate(text.splitlines(), start=1):
        for written in _DAY.findall(told):
            try:
                date(*map(int, written.split("-")))
            except ValueError:
                return line, written, "a day of the calendar"
    return 1, "a day or time that is none", "days like 2026-11-23, times like 14:30"


def read_shape(sheet: Sheet, shape: type[Shape]) -> tuple[Shape | None, tuple[Fault, ...]]:
    """The sheet's data as `shape`, or every place where it does not fit."""
    try:
        return shape.model_validate(_plain(sheet.data)), ()
    except ValidationError as problem:
        return None, tuple(
            sheet.fault(error["loc"], _shown(error.get("input")), error["msg"][0].lower() + error["msg"][1:])
            for error in problem.errors(include_url=False)
        )


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {_plain_key(key): _plain(value) for key, value in node.items()}
    if isinstance(node, str):
        return str(node)
    if isinstance(node, Sequence):
        return [_plain(item) for item in node]
    return node


def _plain_key(key: Any) -> Any:
    """YAML may have a day, or a whole list, as the name of a field; JSON may not."""
    return key if key is None or isinstance(key, str | int | float) else str(key)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
