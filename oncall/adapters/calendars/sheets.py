"""A spreadsheet as rows of text cells, whichever way it was saved: CSV, tabs pasted from a window, UTF-16, .xlsx.

Encoding and delimiter are found, not asked for. A .xlsx is a zip of XML, and both can be made to swell: what would
unpack to more than a large rota is refused before it is unpacked. Deliberately not here: what the cells mean.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from oncall.adapters.calendars.imported import MOST, Unreadable

Cells = list[list[str]]
WIDEST = 400  # columns: a year of days beside each other
UNPACKED = 40 * 2**20  # bytes
DELIMITERS = "\t;,|"
_DAY = timedelta(days=1)


def read_sheet(content: bytes) -> Cells:
    """The rows, blank ones too, so that their numbers are those that people see. Raises Unreadable."""
    return _from_xlsx(content) if content.startswith(b"PK") else _from_text(decoded(content))


def decoded(content: bytes) -> str:
    """As Unicode: by its mark, as UTF-16 that lost its mark, as UTF-8, else as Windows wrote Western Europe."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(name, "replace")
    if content[1:200:2].count(0) > len(content[1:200:2]) // 2:
        return content.decode("utf-16-le", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _from_text(text: str) -> Cells:
    if "\x00" in text:
        raise Unreadable("This is no text: save the schedule as CSV, .xlsx or .ics.")
    text, told = _told_delimiter(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=told or _delimiter(text)))
    except csv.Error as problem:
        raise Unreadable(f"The rows cannot be told apart ({problem}): save the schedule as CSV again.") from None
    _refuse_too_much(len(rows), max(map(len, rows), default=0))
    return [[cell.strip() for cell in row] for row in rows]


def _told_delimiter(text: str) -> tuple[str, str]:
    """Excel may say it in a first line of its own; the line stays, empty, so that the rows keep their numbers."""
    found = re.match(r"sep=(.)\r?\n", text)
    return (text[found.end() - 1 :], found[1]) if found else (text, "")


def _delimiter(text: str) -> str:
    """The sign that cuts most lines into equally many pieces; a tab is never part of a name, so it goes first."""
    lines = [line for line in text.splitlines() if line.strip()][:60]

    def agreement(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines if sign in line]
        usual = max(set(counts), key=counts.count) if counts else 0
        return counts.count(usual), usual

    return max(DELIMITERS, key=agreement)


def _from_xlsx(content: bytes) -> Cells:
    from openpyxl import load_workbook  # at first use: a tenth of a start, and each restart would wait for it

    _refuse_bomb(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        return list(_rows(sheet))
    except Unreadable:
        raise
    except Exception:  # the library raises whatever a broken file makes it stumble over
        raise Unreadable("This spreadsheet is damaged: open it and save it again as .xlsx or CSV.") from None


def _rows(sheet: Any) -> Iterator[list[str]]:
    for number, row in enumerate(sheet.iter_rows(max_row=MOST + 1, max_col=WIDEST + 1), start=1):
        cells = [_as_typed(cell.value, cell.number_format) if cell.value is not None else "" for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        _refuse_too_much(number, len(cells))
        yield cells


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = [entry.file_size for entry in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        raise Unreadable("This spreadsheet is damaged: open it and save it again as .xlsx or CSV.") from None
    if sum(sizes) > UNPACKED or len(sizes) > 2000:
        raise Unreadable("This spreadsheet unpacks to far more than a schedule: save the one sheet as CSV.")


def _refuse_too_much(rows: int, columns: int) -> None:
    if rows > MOST or columns > WIDEST:
        raise Unreadable(f"More than {MOST} rows or {WIDEST} columns: save a shorter stretch of the schedule.")


def _as_typed(value: Any, shown_as: str | None) -> str:
    """A cell as somebody would have typed it into a CSV; Excel's fractions of a day are rounded to the minute."""
    match value:
        case datetime():
            at = _rounded(value)
            return f"{at:%Y-%m-%d %H:%M}" if "h" in (shown_as or "").lower() else f"{at:%Y-%m-%d}"
        case date():
            return value.isoformat()
        case time():
            return f"{_rounded(datetime.combine(date(2000, 1, 1), value)):%H:%M}"
        case timedelta():
            return f"{_rounded(datetime(2000, 1, 1) + value % _DAY):%H:%M}"  # noqa: DTZ001  a time of day
        case float() if value.is_integer():
            return str(int(value))
    return str(value).strip()


def _rounded(at: datetime) -> datetime:
    return (at + timedelta(seconds=30)).replace(second=0, microsecond=0)
