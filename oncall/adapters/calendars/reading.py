"""Any schedule: what it is, is recognised from what it holds, never from its name.

iCalendar, a table of shifts (CSV, pasted cells, .xlsx, Amion's report 625c, QGenda's export) or a table of days by
tiers. Whatever bytes come, the answer is a reading or one sentence. Deliberately not here: limits of time and memory
(`aside`), and what the shifts mean for the rota (`planning`).
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from oncall.adapters.calendars.columns import headings_of, likely_headings, read_table, refuse_unknown_columns
from oncall.adapters.calendars.grid import read_grid
from oncall.adapters.calendars.ical import read_calendar
from oncall.adapters.calendars.imported import LARGEST, MOST, Reading, RowError, Unreadable, Wish
from oncall.adapters.calendars.sheets import Cells, decoded, read_sheet

_QGENDA = ("StaffFName", "StaffLName", "TaskName", "StartDate", "StartTime", "EndDate", "EndTime")
_QGENDA_STATES = ("IsPublished", "IsStruck")
_NOTHING_READ = "something that cannot be read"


def read_schedule(content: bytes, wish: Wish, span: tuple[datetime, datetime]) -> Reading:
    """Everything that the file says; a file as a whole that cannot be read is an error of row 0."""
    try:
        return _read(content, wish, span)
    except Unreadable as problem:
        return Reading(errors=(RowError(0, _NOTHING_READ, str(problem)),))


def _read(content: bytes, wish: Wish, span: tuple[datetime, datetime]) -> Reading:
    if len(content) > LARGEST:
        raise Unreadable(f"More than {LARGEST // 2**20} MB: export a shorter stretch of the schedule.")
    beginning = decoded(content[:400]).lstrip("\ufeff \r\n\t")
    if beginning.upper().startswith("BEGIN:VCALENDAR"):
        return read_calendar(content, wish, span)
    if re.match(r"<!doctype html|<html|<\?xml", beginning, re.IGNORECASE):
        raise Unreadable("This is a web page, not a schedule: the address or its password is wrong.")
    if beginning.startswith(("[{", "[ {", "[\n")):
        return _read_cells(_from_json(decoded(content)), wish)
    return _read_cells(read_sheet(content), wish)


def _read_cells(cells: Cells, wish: Wish) -> Reading:
    """Headings that are not understood are handed back, so that they can be explained."""
    try:
        refuse_unknown_columns(dict(wish.columns), cells)
    except Unreadable as problem:
        return _not_understood(cells, str(problem))
    if (found := headings_of(cells, wish)) is not None:
        return read_table(cells, *found, wish)
    if (grid := read_grid(cells, wish)) is not None:
        return grid
    return _not_understood(
        cells,
        "No headings that are understood: a column for the person and one for the date or start, such as "
        '"person, tier, date, start time, end time"; or say which is which (--map person="Staff" for each).',
    )


def _not_understood(cells: Cells, wanted: str) -> Reading:
    return Reading(errors=(RowError(0, _NOTHING_READ, wanted),), headings=likely_headings(cells))


def _from_json(text: str) -> Cells:
    """QGenda's own interface answers with objects."""
    try:
        rows: Any = json.loads(text)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or len(rows) > MOST:
        raise Unreadable("This JSON is no list of shifts as QGenda exports it.")
    names = [*_QGENDA, *_QGENDA_STATES]
    told = [["" if row.get(name) is None else str(row[name]).strip() for name in names] for row in rows]
    return [names, *told]
