"""Dates and times as people type them into spreadsheets.

"11/03/26" is in March for half the world, so the order is taken from the file (a 23 is never a month) or asked for; it
is never guessed. Deliberately not here: what a time means on the night on which it does not exist (`planning`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})(?::?(\d\d))?(?::(\d\d)(?:\.\d+)?)?\s*([ap])?\.?m?\.?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:[+-]\d\d:\d\d|Z)$")
_SPAN = re.compile(r"(\d[\d:]*\s*(?:[ap]\.?m?\.?)?)\s*(?:-|–|to|until)\s*(\d[\d:]*\s*(?:[ap]\.?m?\.?)?)", re.IGNORECASE)
Hours = tuple[timedelta, timedelta]


class Unclear(ValueError):
    """A cell that cannot be read; its text says what is wanted."""


def order_of_dates(cells: Iterable[str]) -> str:
    """ "mdy" or "dmy" if these cells can only mean one of them; "" if they can mean both or contradict."""
    orders = {"mdy", "dmy"}
    for cell in cells:
        if found := _NUMBERS.match(_without_weekday(cell)):
            first, second = int(found[1]), int(found[2])
            orders -= {"mdy"} if first > 12 or "." in found[0] else set()
            orders -= {"dmy"} if second > 12 else set()
    return orders.pop() if len(orders) == 1 else ""


def read_day(cell: str, order: str) -> date:
    """A day; a midnight behind it is no time."""
    words = re.sub(r"[T ]+(?:00:00(?::00)?(?:\.0+)?|12:00(?::00)? ?AM)$", "", _without_weekday(cell))
    try:
        return _of_our_time(_iso_day(words) or _numbers(words, order) or _named(words))
    except ValueError as problem:
        raise problem if isinstance(problem, Unclear) else Unclear("a day that is in the calendar") from None


def read_time(cell: str) -> timedelta:
    """A time of day from its midnight: "07:00", "1900", "7 pm", "24:00"."""
    found = _TIME.fullmatch(cell.strip())
    if not found or (len(found[1]) < 3 and not found[2] and not found[4]):
        raise Unclear("a time such as 07:00, 1900 or 7 pm")
    hours, minutes = int(found[1]), int(found[2] or 0)
    if found[4]:
        if not 1 <= hours <= 12:
            raise Unclear("a time such as 07:00, 1900 or 7 pm")
        hours = hours % 12 + (12 if found[4].lower() == "p" else 0)
    if minutes > 59 or hours * 60 + minutes > 24 * 60 or int(found[3] or 0):
        raise Unclear("a time of day from 00:00 to 24:00, in whole minutes")
    return timedelta(hours=hours, minutes=minutes)


def read_hours(text: str) -> Hours | None:
    """ "07:00-19:00", "7p-7a" or "19-07" anywhere in a text; an end that is not later is on the next day."""
    found = _SPAN.search(text)
    if not found:
        return None
    opens, closes = (_hour(part) for part in found.groups())
    return opens, closes if closes > opens else closes + timedelta(days=1)


def without_hours(text: str) -> str:
    return re.sub(r"\s{2,}", " ", _SPAN.sub(" ", text)).strip(" ()[],:-–")


def read_moment(cell: str, order: str) -> datetime | date:
    """A day with a time (and an offset, if one is written), or a day alone."""
    words = cell.strip()
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        at = None
    if at is not None and re.match(r"\d{4}-\d\d-\d\d", words):
        day = _of_our_time(at.date())
        return day if len(words) == len("2026-11-23") else at
    for found in re.finditer(r"[T ]+", words):
        try:
            return at_time(read_day(words[: found.start()], order), words[found.end() :])
        except Unclear:
            continue
    return read_day(words, order)


def at_time(day: date, cell: str) -> datetime:
    """That day at the time of a cell; an offset behind the time makes it an instant."""
    if offset := _OFFSET.search(cell.strip()):
        bare = datetime.combine(day, time()) + read_time(cell.strip()[: offset.start()])
        return datetime.fromisoformat(f"{bare.isoformat()}{offset[0]}")
    return datetime.combine(day, time()) + read_time(cell)


def is_day(cell: str) -> bool:
    return bool(cell) and any(_reads(cell, order) for order in ("mdy", "dmy"))


def _reads(cell: str, order: str) -> bool:
    try:
        read_day(cell, order)
    except Unclear:
        return False
    return True


def _hour(part: str) -> timedelta:
    part = part.strip()
    return read_time(f"{part}:00" if re.fullmatch(r"\d{1,2}", part) else part)


def _without_weekday(cell: str) -> str:
    return _WEEKDAY.sub("", cell.strip(), count=1).strip() if _WEEKDAY.match(cell.strip()) else cell.strip()


def _of_our_time(day: date) -> date:
    if not 2000 <= day.year <= 2100:
        raise Unclear("a day between 2000 and 2100")
    return day


def _iso_day(words: str) -> date | None:
    return date.fromisoformat(words) if re.fullmatch(r"\d{4}-\d\d-\d\d", words) else None


def _numbers(words: str, order: str) -> date | None:
    found = _NUMBERS.fullmatch(words)
    if not found:
        return None
    if not order:
        raise Unclear("whether dates begin with the month or the day (--dates mdy or --dates dmy)")
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    month, day = (first, second) if order == "mdy" else (second, first)
    return date(year + 2000 if year < 100 else year, month, day)


def _named(words: str) -> date:
    """ "23 Nov 2026" or "Nov 23, 2026"."""
    parts = re.findall(r"[A-Za-z]+|\d+", words)
    names = [part.lower()[:3] for part in parts if part.isalpha()]
    numbers = [int(part) for part in parts if part.isdigit() and len(part) <= 4]
    if len(parts) != 3 or len(names) != 1 or names[0] not in _MONTHS or len(numbers) != 2 or numbers[1] < 1000:
        raise Unclear("a day such as 2026-11-23")
    return date(numbers[1], _MONTHS.index(names[0]) + 1, numbers[0])
