"""How a number of a report is said: for the eye, and for a spreadsheet.

A share of fewer than ten is told as "3 of 4" and never as a percentage. In the spreadsheet a wait is in seconds, and
no cell can be taken for a formula. Deliberately not here: the numbers (`counting`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import timedelta

from oncall.service.counting import FEW, Cell, Share, Table

NOTHING = "–"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def said(cell: Cell) -> str:
    match cell:
        case None | ():
            return NOTHING
        case timedelta():
            return wait_said(cell)
        case tuple():
            return ", ".join(map(wait_said, cell))
        case Share():
            return _share(cell)
    return str(cell)


def _share(share: Share) -> str:
    if not share.among:
        return NOTHING
    if share.among < FEW:
        return f"{share.of} of {share.among}"
    return f"{percent(share)} % ({share.of} of {share.among})"


def percent(share: Share) -> int:
    """Rounded down, so that 100 means all of them."""
    return share.of * 100 // share.among


def wait_said(wait: timedelta) -> str:
    """ "3:04" is minutes and seconds; "1 h 02 min" from an hour on."""
    seconds = round(wait.total_seconds())
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"


def as_csv(head: Iterable[str], tables: Iterable[Table]) -> str:
    """One line for each number: table, line, column, value; the first lines say of what."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    for words in head:
        writer.writerow([harmless_cell(words)])
    writer.writerow(["table", "line", "column", "value", "of"])
    for table in tables:
        for line in table.lines:
            for column, cell in zip(table.columns, line.cells, strict=True):
                told = (table.title, line.label, column, *_plain(cell))
                writer.writerow([harmless_cell(words) for words in told])
    return sheet.getvalue()


def _plain(cell: Cell) -> Iterator[str]:
    """The value, and for a share of how many."""
    match cell:
        case Share():
            yield from (str(cell.of), str(cell.among))
        case timedelta():
            yield from (_seconds(cell), "")
        case tuple():
            yield from (" ".join(map(_seconds, cell)), "")
        case _:
            yield from ("" if cell is None else str(cell), "")


def _seconds(wait: timedelta) -> str:
    return f"{wait.total_seconds():.0f}"


def harmless_cell(words: str) -> str:
    """A spreadsheet takes what begins so for a formula."""
    return f"'{words}" if words.startswith(FORMULA) else words
