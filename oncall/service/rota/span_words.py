"""Spans of a rota in a nurse's words: "Sat 22 Nov 19:00 to Sun 23 Nov 07:00", never just a date.

Both ends of a night carry their day, so that it is never read as a day; where the clock shows an hour twice, the
zone's letters tell the two passes apart. Deliberately not here: waits and ages (`board.span_words`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.core.wall_time import DAWN, FOREVER, instants_showing, wall

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def day_words(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def hour_words(at: datetime, zone: str) -> str:
    """ "07:00"; "01:30 EDT" where the clock shows this twice."""
    local = at.astimezone(ZoneInfo(zone))
    twice = len(instants_showing(local.replace(tzinfo=None, fold=0), zone)) == 2
    return f"{local:%H:%M %Z}" if twice else f"{local:%H:%M}"


def moment_words(at: datetime, zone: str) -> str:
    """ "Sat 22 Nov 19:00"."""
    return f"{day_words(wall(at, zone).date())} {hour_words(at, zone)}"


def between_words(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """See the module; the ends that nobody has set are said so."""
    if starts_at <= DAWN:
        return "always" if ends_at >= FOREVER else f"until {moment_words(ends_at, zone)}"
    if ends_at >= FOREVER:
        return f"{moment_words(starts_at, zone)} until further notice"
    is_one_day = wall(starts_at, zone).date() == wall(ends_at, zone).date()
    return f"{moment_words(starts_at, zone)} to {(hour_words if is_one_day else moment_words)(ends_at, zone)}"


def length_words(span: timedelta) -> str:
    """ "12 h", "12 h 30 min", "15 min"; hours are not made into days, so that a night of 25 h shows."""
    hours, rest = divmod(span, HOUR)
    minutes = rest // MINUTE
    parts = [f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0)
    return " ".join(parts) or "0 min"


def clock_change(starts_at: datetime, ends_at: datetime, zone: str) -> timedelta:
    """By how much the span is longer than the clock on the wall says: +1 h when it goes back, zero on most days."""
    if starts_at <= DAWN or ends_at >= FOREVER:
        return timedelta(0)
    return (ends_at - starts_at) - (wall(ends_at, zone) - wall(starts_at, zone))


def change_words(change: timedelta) -> str:
    """ "the clock goes back 1 h"; empty when it does not."""
    if not change:
        return ""
    return f"the clock goes {'back' if change > timedelta(0) else 'forward'} {length_words(abs(change))}"
