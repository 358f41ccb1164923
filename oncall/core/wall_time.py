"""The hospital's wall clock, and the nights on which it lies.

A rota is agreed in wall time ("hands over Monday 08:00"), but a page goes out at an instant. Once a year
an hour happens twice and once an hour is missing; some zones move by half an hour, at midnight, or skip a
day. By RULINGS 11 two people may then overlap, but never is there a hole: what begins does so at the
first pass of its wall time, what ends does so at the last, and a skipped wall time means the end of the
gap. Naive datetimes are wall time and stay in the rota.
Deliberately not here: how times are said to people.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAWN = datetime(1900, 1, 1, tzinfo=UTC)  # "since always": before every rota
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)  # "until further notice": the end of an open-ended shift
TICK = timedelta(microseconds=1)


def wall(at: datetime, zone: str) -> datetime:
    """What the clock on the hospital's wall shows at an instant."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def wall_day(at: datetime, zone: str) -> int:
    """The number of the day that the calendar on the wall shows, as `date.toordinal` counts."""
    return at.astimezone(ZoneInfo(zone)).toordinal()


def first_pass(local: datetime, zone: str) -> datetime:
    """The first instant at which the wall clock shows `local`; the end of the gap if it never does."""
    return passes(local, zone)[0]


def last_pass(local: datetime, zone: str) -> datetime:
    """The last instant at which the wall clock comes to `local`; the end of the gap if it never does."""
    return passes(local, zone)[1]


def instants_showing(local: datetime, zone: str) -> tuple[datetime, ...]:
    """Every instant at which the wall clock shows `local`: none in a skipped hour, two in a doubled one."""
    first, last = passes(local, zone)
    if wall(first, zone) != local:
        return ()
    return (first,) if first == last else (first, last)


def neighbours_of_skipped(local: datetime, zone: str) -> tuple[datetime, datetime]:
    """What somebody who typed a skipped wall time may mean: an hour before the jump, or an hour after."""
    before, after = _offsets(local, zone)
    return _utc(local, after), _utc(local, before)


@lru_cache(maxsize=65_536)
def passes(local: datetime, zone: str) -> tuple[datetime, datetime]:
    """The first and the last pass; the same instant on every ordinary hour."""
    before, after = _offsets(local, zone)
    if before == after:
        once = _utc(local, before)
        return once, once
    if before < after:
        end_of_gap = _end_of_gap(_utc(local, after), _utc(local, before), zone)
        return end_of_gap, end_of_gap
    return _utc(local, before), _utc(local, after)


def _offsets(local: datetime, zone: str) -> tuple[timedelta, timedelta]:
    """The offsets on both sides of a change of the clock (PEP 495); equal on every ordinary hour."""
    early = local.replace(tzinfo=ZoneInfo(zone), fold=0)
    before, after = early.utcoffset(), early.replace(fold=1).utcoffset()
    assert before is not None
    assert after is not None
    return before, after


def _end_of_gap(early: datetime, late: datetime, zone: str) -> datetime:
    """The instant between the two at which the clock jumps forward, to the second."""
    place = ZoneInfo(zone)
    old = early.astimezone(place).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(place).utcoffset() == old:
            early = middle
        else:
            late = middle
    return late


def _utc(local: datetime, offset: timedelta) -> datetime:
    """Raises ValueError for the last hours of the year 9999, as whoever reads a typed time expects."""
    try:
        return (local - offset).replace(tzinfo=UTC, fold=0)
    except OverflowError:
        raise ValueError("a time that no calendar has") from None
