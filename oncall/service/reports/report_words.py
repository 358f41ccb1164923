"""How a number of a report is said: for the eye, and for a spreadsheet.

A share of fewer than ten is told as "3 of 4" and never as a percentage. Deliberately not here: the numbers
(`counting`), and the files (`adapters/web/paper`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from oncall.service.reports.counting import FEW, Cell, Share, Table

NOTHING = "–"


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


def against(cell: Cell, before: Cell) -> str:
    """A number beside what it was, in words; empty where there is nothing to compare."""
    was = said(before)
    if was == NOTHING or (cell == 0 and before == 0):
        return ""
    if said(cell) == was:
        return "as before"
    match cell, before:
        case (int(), int()):
            return f"{'more' if cell > before else 'fewer'}, was {was}"
        case (timedelta(), timedelta()):
            return f"{'longer' if cell > before else 'shorter'}, was {was}"
    return f"was {was}"


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


SHEET = ("table", "line", "column", "value", "of", "before", "before, of")


def sheet_rows(tables: Iterable[Table]) -> Iterator[tuple[str, ...]]:
    """For a spreadsheet, a row for each number, as SHEET names them. Waits are in seconds."""
    for table in tables:
        for line in table.lines:
            before = line.before or (None,) * len(line.cells)
            for column, cell, was in zip(table.columns, line.cells, before, strict=True):
                yield (table.title, line.label, column, *_plain(cell), *_plain(was))


def _plain(cell: Cell) -> tuple[str, str]:
    """The value, and for a share of how many."""
    match cell:
        case Share():
            return str(cell.of), str(cell.among)
        case timedelta():
            return _seconds(cell), ""
        case tuple():
            return " ".join(map(_seconds, cell)), ""
    return "" if cell is None else str(cell), ""


def _seconds(wait: timedelta) -> str:
    return f"{wait.total_seconds():.0f}"
