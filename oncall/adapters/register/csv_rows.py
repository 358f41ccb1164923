"""Reads a spreadsheet that was saved as CSV, as rows with the numbers that the spreadsheet shows.

Excel writes commas or semicolons, a mark at the start of the file, and empty lines; all of that is taken.
What cannot be read at all is one row error, not an exception. Deliberately not here: what a column means.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils.utils import Format, rows_from_file

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BEYOND = "beyond the last column"


@dataclass(frozen=True, slots=True, order=True)
class RowError:
    """One mistake in a spreadsheet. `row` counts as the spreadsheet does; the heading is row 1."""

    file: str
    row: int
    column: str
    found: str
    wanted: str

    def __str__(self) -> str:
        place = f"{self.file} row {self.row}" + (f", {self.column}" if self.column else "")
        return f"{place}: found {self.found}, wanted {self.wanted}"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row with text in it, by column."""

    row: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class CsvSheet:
    """One file: its name, its columns, its rows, and what could not be read."""

    file: str
    columns: tuple[str, ...] = ()
    rows: tuple[CsvRow, ...] = ()
    errors: tuple[RowError, ...] = ()


def read_csv_rows(path: Path, named: Mapping[str, str] | None = None) -> CsvSheet:
    """The rows of one file; empty rows are skipped and still counted. See `read_sheet`."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        return _unreadable(path.name, problem)
    return read_sheet(path.name, content, named)


def read_sheet(file: str, content: bytes, named: Mapping[str, str] | None = None) -> CsvSheet:
    """`named` says for a heading which column it is; "" leaves it out."""
    try:
        text = content.decode("utf-8-sig")
        columns, rows, errors = _parsed(file, text)
    except (UnicodeError, csv.Error) as problem:
        return _unreadable(file, problem)
    ours = {plain_name(heading): column for heading, column in (named or {}).items()}
    rows = [CsvRow(row.row, _renamed(row.cells, ours)) for row in rows] if ours else rows
    kept = tuple(name for name in (ours.get(column, column) for column in columns) if name or not ours)
    return CsvSheet(file, kept, tuple(rows), tuple(errors))


def headings_of(content: bytes) -> tuple[str, ...]:
    """As the file writes them; none of a file that cannot be read."""
    try:
        text = content.decode("utf-8-sig")
        return tuple(name.strip() for name in next(csv.reader(io.StringIO(text), _dialect(text)), []) if name.strip())
    except (UnicodeError, csv.Error):
        return ()


def _renamed(cells: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    named = ((ours.get(column, column), cell) for column, cell in cells.items())
    return {column: cell for column, cell in named if column}


def _unreadable(file: str, problem: Exception) -> CsvSheet:
    wanted = "a spreadsheet saved as CSV in UTF-8"
    return CsvSheet(file, errors=(RowError(file, 1, "", f"unreadable ({problem})", wanted),))


def _parsed(file: str, text: str) -> tuple[tuple[str, ...], list[CsvRow], list[RowError]]:
    dialect = _dialect(text)
    columns = tuple(plain_name(name) for name in next(csv.reader(io.StringIO(text), dialect), []))
    if not any(columns):
        return (), [], [RowError(file, 1, "", "no heading", "the names of the columns in the first row")]
    rows, errors = [], []
    for number, record in _records(text, dialect):
        extra = [cell for cell in _beyond(record) if cell.strip()]
        cells = {plain_name(name): _as_meant(str(cell or "").strip()) for name, cell in record.items() if name.strip()}
        if extra:
            errors.append(RowError(file, number, "", f"{extra[0]!r} {_BEYOND}", "one cell for each column"))
        elif any(cells.values()):
            rows.append(CsvRow(number, cells))
    return columns, rows, errors


def _records(text: str, dialect: type[csv.Dialect]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row that is not an empty line, with the spreadsheet's number of it; the heading is left out."""
    numbers = (n for n, record in enumerate(csv.reader(io.StringIO(text), dialect), start=1) if record)
    next(numbers)
    source = io.BytesIO(text.encode())
    found, _ = rows_from_file(source, Format.CSV, dialect=dialect, encoding="utf-8", extras_key=_BEYOND)
    yield from zip(numbers, (dict(record) for record in found), strict=True)


def _beyond(record: dict[str, Any]) -> list[str]:
    """Cells under no heading: they belong to nothing, and must not be lost in silence."""
    return [*(record.pop(_BEYOND, None) or ()), *(str(record[name] or "") for name in record if not name.strip())]


def _dialect(text: str) -> type[csv.Dialect]:
    """By the heading alone: a sniffer that looks at the rows is fooled by what people write in them."""
    heading = text.partition("\n")[0]

    class Spreadsheet(csv.excel):
        delimiter = max(",;\t", key=heading.count)

    return Spreadsheet


def harmless_cell(cell: str) -> str:
    """Text that no spreadsheet program runs as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _as_meant(cell: str) -> str:
    """Without the mark that keeps a cell from being a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def plain_name(name: str) -> str:
    return name.strip().lower().replace(" ", "_")
