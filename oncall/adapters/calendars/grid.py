"""A table of days by tiers, as it hangs on the wall: each cell is a name.

Days may go down or across. The hours stand in the tier's heading ("Nights 19:00-07:00"), or are said once for all; a
table without hours says nothing that could be paged by. Deliberately not here: a row for each shift (`columns`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time

from oncall.adapters.calendars.cells import Hours, Unclear, is_day, order_of_dates, read_day, read_hours, without_hours
from oncall.adapters.calendars.imported import ImportedShift, Reading, RowError, Wish
from oncall.adapters.calendars.sheets import Cells

_LOOKED_AT = 40
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?", re.IGNORECASE)
_EMPTY = frozenset({"", "-", "–", "x", "n/a"})


def read_grid(cells: Cells, wish: Wish) -> Reading | None:
    """None if this is no table of days by tiers. Row numbers are those of the sheet, from 1."""
    for number, row in enumerate(cells[:_LOOKED_AT]):
        if sum(is_day(cell) for cell in row[1:]) >= 2:
            return _read(_turned(cells[number:]), wish, number + 1, days_go_across=True)
        below = cells[number + 1] if number + 1 < len(cells) else []
        if len(row) > 1 and any(row[1:]) and below and is_day(below[0]):
            return _read(cells[number:], wish, number + 1, days_go_across=False)
    return None


def _turned(cells: Cells) -> Cells:
    width = max(map(len, cells))
    return [[row[place] if place < len(row) else "" for row in cells] for place in range(width)]


def _read(cells: Cells, wish: Wish, first: int, days_go_across: bool) -> Reading:
    headings, days = cells[0], cells[1:]
    order = wish.dates or order_of_dates([row[0] for row in days if row])
    desk = _Desk(wish, order, first, days_go_across)
    for place, heading in enumerate(headings[1:], start=1):
        column = [(n, row[0], row[place]) for n, row in enumerate(days, start=1) if place < len(row) and row[0]]
        filled = [(n, day, person) for n, day, person in column if not _is_no_name(person)]
        hours = _hours(desk, heading) if heading and filled else None
        if hours is not None:
            _take_column(desk, place, without_hours(heading), hours, filled)
    return Reading(tuple(desk.shifts), tuple(desk.errors))


@dataclass
class _Desk:
    """What is gathered while reading."""

    wish: Wish
    order: str
    first: int  # the row of the sheet in which the headings stand
    days_go_across: bool
    shifts: list[ImportedShift] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def _hours(desk: _Desk, heading: str) -> Hours | None:
    wanted = "its hours in the heading, or hours for the whole table (--hours 07:00-07:00)"
    try:
        hours = read_hours(heading) or read_hours(desk.wish.hours)
    except Unclear as problem:
        hours, wanted = None, str(problem)
    if hours is None:
        desk.errors.append(RowError(desk.first, heading, wanted))
    return hours


def _take_column(desk: _Desk, place: int, tier: str, hours: Hours, filled: list[tuple[int, str, str]]) -> None:
    for n, day, person in filled:
        row = desk.first + (place if desk.days_go_across else n)
        try:
            midnight = datetime.combine(read_day(day, desk.order), time())
        except Unclear as problem:
            desk.errors.append(RowError(row, day, str(problem)))
        else:
            desk.shifts.append(ImportedShift(row, person, tier, midnight + hours[0], midnight + hours[1]))


def _is_no_name(cell: str) -> bool:
    """An empty cell, or a column that only names the weekday."""
    return cell.lower() in _EMPTY or bool(_WEEKDAY.fullmatch(cell))
