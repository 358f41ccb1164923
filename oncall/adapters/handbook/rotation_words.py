"""The small words of a rota file: "weekly", "Mon 08:00", "Mon-Fri 17:00-07:00", "2026-02-03 19:00", "15m".

A coordinator writes them the way she would say them. Each function reads one kind of word and raises
`Unclear` with what would have been understood.
Deliberately not here: what the words do to a rota (`rotation_files`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from oncall.core.rota.turns import Hours, Unit
from oncall.core.wall_time import DAWN, first_pass, instants_showing, neighbours_of_skipped, wall

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TURNS = {"daily": (1, Unit.DAYS), "weekly": (7, Unit.DAYS), "monthly": (1, Unit.MONTHS)}
_UNITS: Mapping[str, tuple[int, Unit]] = {
    "h": (1, Unit.HOURS),
    "hour": (1, Unit.HOURS),
    "day": (1, Unit.DAYS),
    "week": (7, Unit.DAYS),
    "month": (1, Unit.MONTHS),
}
Day = TypeVar("Day", date, datetime)
_CLOCK = r"(\d\d?):(\d\d)"


class Unclear(ValueError):
    """A word that cannot be read; its text says what is wanted."""


@dataclass(frozen=True, slots=True)
class HandsOver:
    """When turns change: a time of day, and a weekday or a day of the month where the turn needs one."""

    time: timedelta
    weekday: int | None = None
    month_day: int | None = None


def read_turn(text: str) -> tuple[int, Unit]:
    """The length of a turn: "weekly" is (7, DAYS), "12h" is (12, HOURS)."""
    if text in _TURNS:
        return _TURNS[text]
    found = re.fullmatch(r"(\d{1,5}) ?(h|hour|day|week|month)s?", text)
    if not found:
        raise Unclear("a turn such as daily, weekly, monthly, 12h, 3 days or 2 weeks")
    if int(found[1]) == 0:
        raise Unclear("a turn longer than zero")
    length, unit = _UNITS[found[2]]
    return int(found[1]) * length, unit


def read_hands_over(text: str) -> HandsOver:
    """ "08:00", "Mon 08:00" or "31st 08:00"."""
    found = re.fullmatch(rf"(?:([A-Za-z]{{3,9}}) |(\d\d?)(?:st|nd|rd|th) )?{_CLOCK}", text)
    if not found:
        raise Unclear("a hand-over such as 08:00, Mon 08:00 or 1st 08:00")
    clock = _clock(found[3], found[4])
    if clock >= timedelta(days=1):
        raise Unclear("a time of day from 00:00 to 23:59")
    if found[2] and not 1 <= int(found[2]) <= 31:
        raise Unclear("a day of the month from 1st to 31st")
    return HandsOver(clock, _weekday(found[1]) if found[1] else None, int(found[2]) if found[2] else None)


def read_hours(text: str, days: tuple[int, ...] | None = None) -> Hours:
    """ "17:00-07:00" or "Mon-Fri 17:00-07:00"; an end that is not later is on the next day."""
    found = re.fullmatch(rf"(?:([A-Za-z, -]+?) )?{_CLOCK} ?- ?{_CLOCK}", text)
    if not found:
        raise Unclear("hours such as 17:00-07:00 or Mon-Fri 17:00-07:00")
    if found[1] and days is not None:
        raise Unclear("the days either beside the hours or under days, not both")
    opens, closes = _clock(found[2], found[3]), _clock(found[4], found[5])
    if opens >= timedelta(days=1):
        raise Unclear("an opening time from 00:00 to 23:59")
    if closes <= opens:
        closes += timedelta(days=1)
    own = read_days(found[1]) if found[1] else days
    return Hours(own if own is not None else tuple(range(7)), opens, closes)


def read_days(text: str) -> tuple[int, ...]:
    """ "Mon-Fri", "Sat, Sun" or "Fri-Mon" as weekday numbers."""
    days: set[int] = set()
    for part in re.split(r"\s*,\s*", text.strip()):
        first, _, last = part.partition("-")
        start, end = _weekday(first.strip()), _weekday((last or first).strip())
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return tuple(sorted(days))


def read_span(text: str) -> timedelta:
    """ "15m" or "1h"."""
    found = re.fullmatch(r"(\d{1,5}) ?(m|min|h)", text)
    if not found:
        raise Unclear("a length of time such as 15m or 1h")
    return timedelta(**{"hours" if found[2] == "h" else "minutes": int(found[1])})


def read_day(value: object) -> date:
    """ "2026-02-03", as text or as YAML's own date."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return _within_reach(date(value.year, value.month, value.day))
    raise Unclear("a day such as 2026-02-03")


def _within_reach(written: Day) -> Day:
    """A year before every rota is a slip of the pen, from which turns would be counted for centuries. The year 9999 is
    how people write "for ever": one less leaves room for the day after it."""
    if written.year < DAWN.year:
        raise Unclear(f"a day after the year {DAWN.year}")
    return written.replace(year=9998) if written.year == 9999 else written


def read_local(value: object) -> datetime | date:
    """A wall time "2026-02-03 19:00", or a day."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", value):
        try:
            return _within_reach(datetime.strptime(value, "%Y-%m-%d %H:%M"))  # noqa: DTZ007  wall time is naive
        except Unclear:
            raise
        except ValueError:
            raise Unclear("a day and time that exist in the calendar") from None
    if isinstance(value, date):
        return read_day(value)
    raise Unclear("a time such as 2026-02-03 19:00, or a day such as 2026-02-03")


def read_instant(value: object, zone: str) -> datetime:
    """A typed wall time as the one instant it means, or a day's beginning; an offset settles doubts."""
    if isinstance(value, str) and re.search(r"[+-]\d\d:\d\d$", value):
        return _with_offset(value, zone)
    local = read_local(value)
    if not isinstance(local, datetime):
        return first_pass(datetime.combine(local, time()), zone)
    instants = instants_showing(local, zone)
    if len(instants) == 1:
        return instants[0]
    if not instants:
        choices = [typed(at, zone) for at in neighbours_of_skipped(local, zone)]
        raise Unclear(f"{choices[0]} or {choices[1]}: the clock skips this time")
    choices = [typed(at, zone) for at in instants]
    raise Unclear(f"{choices[0]} (the first) or {choices[1]} (the second): the clock shows this time twice")


def typed(at: datetime, zone: str) -> str:
    """An instant as it can be typed without doubt: wall time and offset."""
    offset = at.replace(tzinfo=None) - wall(at, zone)
    sign, minutes = ("-", offset) if offset > timedelta(0) else ("+", -offset)
    hours, rest = divmod(minutes, timedelta(hours=1))
    return f"{wall(at, zone):%Y-%m-%d %H:%M}{sign}{hours:02}:{rest // timedelta(minutes=1):02}"


def _with_offset(text: str, zone: str) -> datetime:
    try:
        at = _within_reach(datetime.fromisoformat(text)).astimezone(UTC)
    except Unclear:
        raise
    except (ValueError, OverflowError):
        raise Unclear("a time such as 2026-02-03 19:00-05:00") from None
    if typed(at, zone) != text:
        raise Unclear(f"an offset that holds in {zone} at that time, such as {typed(at, zone)}")
    return at


def _clock(hours: str, minutes: str) -> timedelta:
    if int(minutes) > 59 or int(hours) * 60 + int(minutes) > 24 * 60:
        raise Unclear("a time of day from 00:00 to 24:00")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _weekday(name: str) -> int:
    short = name.lower()[:3]
    if short not in WEEKDAYS:
        raise Unclear(f"a weekday such as Mon instead of {name or 'nothing'}")
    return WEEKDAYS.index(short)
