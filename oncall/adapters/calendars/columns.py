"""A table with a row for each shift: which column is what, and what each row says.

Headings are recognised as people, Amion (report 625c) and QGenda write them, wherever in the sheet they stand; the
coordinator may name columns instead. Field names of both are from their public readers, not from a live system.
Deliberately not here: tables of days by tiers (`grid`), and whether anybody of that name exists (`names`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from oncall.adapters.calendars.cells import Unclear, at_time, is_day, order_of_dates, read_day, read_hours, read_moment
from oncall.adapters.calendars.imported import ImportedShift, Reading, RowError, Unreadable, Wish
from oncall.adapters.calendars.sheets import Cells

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "person": ("person", "name", "staffname", "staff", "provider", "physician", "doctor", "clinician", "who", "oncall"),
    "first": ("firstname", "stafffname", "givenname"),
    "last": ("lastname", "stafflname", "surname"),
    "tier": ("tier", "role", "assignmentname", "assignment", "taskname", "task", "rotation", "service", "layer"),
    "start": ("start", "starts", "startsat", "from", "begin", "begins", "startdatetime"),
    "date": ("date", "day", "startdate"),
    "time": ("starttime", "timefrom", "fromtime"),
    "end": ("end", "ends", "endsat", "until", "to", "enddatetime"),
    "end date": ("enddate", "untildate"),
    "end time": ("endtime", "timeto", "untiltime", "totime"),
    "hours": ("hours", "length", "duration"),
    "struck": ("isstruck",),
    "published": ("ispublished",),
}
AMION = {"staffname", "assignmentname", "date", "starttime", "endtime", "backupstaffid"}
_LOOKED_AT = 40  # rows in which the headings must stand: Amion's report has seven before them
Row = Mapping[str, str]
Read = TypeVar("Read")


def headings_of(cells: Cells, wish: Wish) -> tuple[int, dict[str, int]] | None:
    """Where the headings stand, and the column of each; None if this is no table with a row for each shift."""
    for number, row in enumerate(cells[:_LOOKED_AT]):
        found = _columns(row, dict(wish.columns))
        who = "person" in found or "last" in found
        if who and ("start" in found or "date" in found):
            return number, found
    return None


def read_table(cells: Cells, number: int, columns: Mapping[str, int], wish: Wish) -> Reading:
    """Every row below the headings. Row numbers are those of the sheet, from 1."""
    rows = [(n, _row(row, columns)) for n, row in enumerate(cells[number + 1 :], start=number + 2) if any(row)]
    is_amion = {_bare(cell) for cell in cells[number]} >= AMION
    dates = [row.get(name, "") for _, row in rows for name in ("date", "start", "end date", "end")]
    order = wish.dates or ("mdy" if is_amion else order_of_dates(dates))
    shifts, errors, left_out = [], [], {"empty": 0, "struck": 0, "unpublished": 0}
    for n, row in rows:
        if reason := _left_out(row):
            left_out[reason] += 1
            continue
        try:
            starts_at, ends_at = _span(row, order, wish)
        except _Wrong as problem:
            errors.append(RowError(n, problem.found, problem.wanted))
        else:
            shifts.append(ImportedShift(n, _person(row), row.get("tier", ""), starts_at, ends_at))
    headings = cells[number]
    named = tuple((role, headings[place]) for role, place in columns.items())
    return Reading(tuple(shifts), tuple(errors), _remarks(left_out, is_amion), _filled(headings), named)


def likely_headings(cells: Cells) -> tuple[str, ...]:
    """The first row that can be one of headings: at least two cells, and no day among them."""
    rows = (row for row in cells[:_LOOKED_AT] if sum(map(bool, row)) >= 2 and not any(map(is_day, row)))
    return _filled(next(rows, []))


def _filled(row: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell for cell in row if cell))


def _columns(row: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    bare = [_bare(cell) for cell in row]
    found = {
        role: next(place for place, cell in enumerate(bare) if cell in words)
        for role, words in HEADINGS.items()
        if role not in named and any(cell in words for cell in bare)
    }
    for role, heading in named.items():
        if _bare(heading) in bare:
            found[role] = bare.index(_bare(heading))
    return found


def refuse_unknown_columns(named: Mapping[str, str], cells: Cells) -> None:
    """A column that was named and is not there, or a role that no column can have."""
    wrong = [role for role in named if role not in HEADINGS]
    if wrong:
        raise Unreadable(f"A column cannot be mapped to {wrong[0]}; it can to {', '.join(HEADINGS)}.")
    there = {_bare(cell) for row in cells[:_LOOKED_AT] for cell in row}
    missing = [heading for heading in named.values() if _bare(heading) not in there]
    if missing:
        raise Unreadable(f"No column has the heading {missing[0]}.")


def _row(row: Sequence[str], columns: Mapping[str, int]) -> Row:
    return {role: row[place] if place < len(row) else "" for role, place in columns.items()}


def _person(row: Row) -> str:
    return row.get("person") or f"{row.get('first', '')} {row.get('last', '')}".strip()


def _left_out(row: Row) -> str:
    if not _person(row):
        return "empty"
    if row.get("struck", "").lower() in ("true", "1", "yes"):
        return "struck"
    return "unpublished" if row.get("published", "").lower() in ("false", "0", "no") else ""


def _remarks(left_out: Mapping[str, int], is_amion: bool) -> tuple[str, ...]:
    told = {
        "empty": "rows name nobody and are left out",
        "struck": "rows are struck and left out",
        "unpublished": "rows are not published and are left out",
    }
    counted = tuple(f"{left_out[reason]} {words}." for reason, words in told.items() if left_out[reason])
    return (*counted, *(("Read as Amion's report 625c: dates begin with the month.",) if is_amion else ()))


# --- when ---------------------------------------------------------------------------------------------------------


class _Wrong(Exception):
    def __init__(self, found: str, wanted: str) -> None:
        self.found, self.wanted = found or "nothing", wanted


def _span(row: Row, order: str, wish: Wish) -> tuple[datetime, datetime]:
    hours = _try(read_hours, row.get("hours", "")) or _try(read_hours, row.get("time", ""))
    starts_at = _start(row, order)
    if not isinstance(starts_at, datetime):
        hours = hours or _try(read_hours, wish.hours)
        if hours is None:
            raise _Wrong(row.get("time", ""), "a start time such as 07:00, or hours for all rows (--hours 07:00-19:00)")
        midnight = datetime.combine(starts_at, time())
        return midnight + hours[0], midnight + hours[1]
    ends_at = _end(row, starts_at, order)
    if (ends_at.tzinfo is None) == (starts_at.tzinfo is None) and ends_at <= starts_at:
        raise _Wrong(f"{starts_at} - {ends_at}", "an end after the start")
    return starts_at, ends_at


def _start(row: Row, order: str) -> datetime | date:
    if cell := row.get("start"):
        moment = _try(read_moment, cell, order)
        if isinstance(moment, datetime) or not row.get("time"):
            return moment
        return _try(at_time, moment, row["time"])
    day = _try(read_day, row.get("date", ""), order)
    cell = row.get("time", "")
    return day if not cell or _try(read_hours, cell) else _try(at_time, day, cell)


def _end(row: Row, starts_at: datetime, order: str) -> datetime:
    """By day and time, by time alone (not later means the next day), or by a length in hours."""
    if cell := row.get("end"):
        return _end_of(cell, starts_at, row, order)
    if row.get("end date") and row.get("end time"):
        return _try(at_time, _try(read_day, row["end date"], order), row["end time"])
    if cell := row.get("end time"):
        return _next(starts_at, cell)
    length = row.get("hours", "")
    if re.fullmatch(r"\d{1,3}(?:\.\d+)?", length) and 0 < float(length) <= 24 * 31:
        return starts_at + timedelta(hours=float(length))
    raise _Wrong(length, "an end: its day and time, or its length in hours")


def _end_of(cell: str, starts_at: datetime, row: Row, order: str) -> datetime:
    try:
        return _next(starts_at, cell)
    except _Wrong:
        moment = _try(read_moment, cell, order)
    if isinstance(moment, datetime):
        return moment
    if row.get("end time"):
        return _try(at_time, moment, row["end time"])
    raise _Wrong(cell, "the time at which it ends as well")


def _next(starts_at: datetime, cell: str) -> datetime:
    """The next time at which a clock shows this."""
    ends_at = _try(at_time, starts_at.date(), cell)
    if ends_at.tzinfo is None and starts_at.tzinfo is not None:
        ends_at = ends_at.replace(tzinfo=starts_at.tzinfo)
    begins = starts_at.replace(tzinfo=ends_at.tzinfo) if starts_at.tzinfo is None else starts_at
    return ends_at if ends_at > begins else ends_at + timedelta(days=1)


def _try(read: Callable[..., Read], cell: Any, *more: Any) -> Read:
    try:
        return read(cell, *more)
    except Unclear as problem:
        raise _Wrong(str(more[0] if isinstance(cell, date) else cell), str(problem)) from None


def _bare(heading: str) -> str:
    return re.sub(r"[\W_]+", "", heading.casefold())
