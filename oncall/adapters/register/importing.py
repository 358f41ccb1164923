"""Takes in the coordinators' spreadsheets: people.csv, patients.csv, families.csv and tasks.csv.

First a plan: every mistake with its row and column, and every change in plain language; nothing is written
until somebody applies a plan without mistakes. The same files a second time change nothing. A column that a
file does not have is left as it is, an empty cell empties it, a phone that a row no longer lists retires;
nothing is deleted, and people missing from a file stay. Deliberately not here: how a cell is written
(`csv_shapes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rapidfuzz import process

from oncall.adapters.register.comparing import Comparison
from oncall.adapters.register.csv_rows import CsvRow, CsvSheet, RowError, read_csv_rows
from oncall.adapters.register.csv_shapes import FILES, Line
from oncall.adapters.register.kept import Existing, KeptRegister
from oncall.adapters.register.rows import Row
from oncall.service.typed_cells import Place, place_of

NOTHING = "nothing to change"


class ImportRefused(Exception):
    """A plan with mistakes is never applied; the text lists them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. `warnings` do not stop it."""

    row_errors: tuple[RowError, ...] = ()
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    rows: tuple[Row, ...] = field(default=(), repr=False)


def plan_import(paths: Iterable[Path], existing: Existing) -> Plan:
    """Compare the files with the register. Writes nothing."""
    return plan_of([read_csv_rows(path) for path in paths], existing)


def plan_of(sheets: Sequence[CsvSheet], existing: Existing) -> Plan:
    """The same of files that were read already."""
    place = place_of(existing.hospital)
    comparison = Comparison(existing)
    errors: list[RowError] = []
    for sheet in sorted(sheets, key=_order):
        errors.extend(sheet.errors)
        lines, mistakes = _lines(sheet, place)
        errors.extend(mistakes)
        comparison.expect(sheet)
        for row, line in lines:
            comparison.take(sheet.file, row, line)
    comparison.finish()
    rows = comparison.changed_rows()
    changes = comparison.told() or (NOTHING,)
    return Plan(tuple(sorted({*errors, *comparison.errors})), changes, tuple(comparison.warnings), rows)


async def apply_plan(register: KeptRegister, plan: Plan, who: str) -> int:
    """Write a plan without mistakes, in one commit; how many rows changed."""
    if plan.row_errors:
        raise ImportRefused("\n".join(str(error) for error in plan.row_errors))
    return await register.put(plan.rows, who)


def _order(sheet: CsvSheet) -> int:
    known = list(FILES)
    return known.index(_subject(sheet)) if _subject(sheet) in known else len(known)


def _subject(sheet: CsvSheet) -> str:
    return sheet.file.lower().removesuffix(".csv")


def _lines(sheet: CsvSheet, place: Place) -> tuple[list[tuple[int, Line]], list[RowError]]:
    shape = FILES.get(_subject(sheet))
    if shape is None:
        wanted = "one of " + ", ".join(f"{name}.csv" for name in FILES)
        return [], [RowError(sheet.file, 1, "", "a file with this name", wanted)]
    if not sheet.columns:
        return [], []  # unreadable, and said so already
    errors = _heading_errors(sheet, shape)
    if any(name not in sheet.columns for name in shape.needed()):
        return [], errors
    lines = []
    for row in sheet.rows:
        line, mistakes = _line(sheet.file, row, shape, place)
        errors.extend(mistakes)
        lines.extend([(row.row, line)] if line else [])
    return lines, errors


def _heading_errors(sheet: CsvSheet, shape: type[Line]) -> list[RowError]:
    known, named = list(shape.model_fields), [column for column in sheet.columns if column]
    unknown = (RowError(sheet.file, 1, c, f"the column {c}", _nearest(c, known)) for c in named if c not in known)
    needed = (
        RowError(sheet.file, 1, name, "no such column", f"the column {name}")
        for name in shape.needed()
        if name not in named
    )
    twice = (
        RowError(sheet.file, 1, c, "the column twice", "each column once")
        for c in sorted(set(named))
        if named.count(c) > 1
    )
    return [*unknown, *needed, *twice]


def _nearest(column: str, known: Sequence[str]) -> str:
    near = process.extractOne(column, known, score_cutoff=60)
    return f"a known column; did you mean {near[0]}?" if near else "one of " + ", ".join(known)


def _line(file: str, row: CsvRow, shape: type[Line], place: Place) -> tuple[Line | None, list[RowError]]:
    try:
        return shape.model_validate(_filled(row, shape), context=place), []
    except ValidationError as problem:
        return None, [
            _row_error(file, row, str(error["loc"][0]), error)
            for error in problem.errors(include_url=False, include_input=False)
        ]


def _row_error(file: str, row: CsvRow, column: str, error: Any) -> RowError:
    cell = row.cells.get(column, "")
    said = error.get("ctx", {}).get("error")
    return RowError(file, row.row, column, repr(cell) if cell else "nothing", str(said) if said else "a value")


def _filled(row: CsvRow, shape: type[Line]) -> dict[str, str | None]:
    """An empty cell empties a column that may be empty, and says nothing about one that may not."""
    filled: dict[str, str | None] = {}
    for name, cell in row.cells.items():
        known = shape.model_fields.get(name)
        if known is not None and (cell or (known.default is None and not known.is_required())):
            filled[name] = cell or None
    return filled
