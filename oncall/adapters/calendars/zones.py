"""A time zone as iCalendar wants it told: each change of the clock within a span, by itself.

No yearly rule is guessed, so zones whose rule changes, that move by half an hour or by law next spring are right for
exactly the span that the feed covers. Windows' names of zones are icalendar's own table. Deliberately not here: what
is shown in the zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

LONG_AGO = datetime.fromisoformat("1970-01-01")
STEP = timedelta(days=1)  # no zone changes its clock twice in a day


def vtimezone(zone: str, start: datetime, end: datetime) -> Timezone:
    """The zone as it is between two instants, named by its IANA name."""
    place, told = ZoneInfo(zone), Timezone()
    told.add("TZID", zone)
    first = start.astimezone(place)
    told.add_component(_part(LONG_AGO, first, _offset(first)))
    for at in changes_of_clock(zone, start, end):
        before = (at - timedelta(seconds=1)).astimezone(place)
        shown = at.replace(tzinfo=None) + _offset(before)
        told.add_component(_part(shown, at.astimezone(place), _offset(before)))
    return told


def changes_of_clock(zone: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """Each instant in the span from which the clock is read differently."""
    place, at = ZoneInfo(zone), start.astimezone(UTC).replace(microsecond=0)
    while at < end:
        following = min(at + STEP, end)
        if _reading(at, place) != _reading(following, place):
            yield _edge(at, following, place)
        at = following


def iana_name(name: str) -> str | None:
    """The IANA zone of this name: its own, or Windows' ("Eastern Standard Time"); None if there is none."""
    for known in (name, WINDOWS_TO_OLSON.get(name, "")):
        try:
            if known:
                return ZoneInfo(known).key
        except (KeyError, ValueError, OSError):
            continue
    return None


def _edge(early: datetime, late: datetime, place: ZoneInfo) -> datetime:
    old = _reading(early, place)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (middle, late) if _reading(middle, place) == old else (early, middle)
    return late


def _reading(at: datetime, place: ZoneInfo) -> tuple[timedelta, str | None]:
    local = at.astimezone(place)
    return _offset(local), local.tzname()


def _offset(local: datetime) -> timedelta:
    offset = local.utcoffset()
    assert offset is not None
    return offset


def _part(shown: datetime, after: datetime, before: timedelta) -> TimezoneDaylight | TimezoneStandard:
    """One stretch: from the wall time `shown`, read in the old offset, the clock goes as `after` does."""
    part = TimezoneDaylight() if (after.dst() or timedelta(0)) > timedelta(0) else TimezoneStandard()
    part.add("DTSTART", shown)
    part.add("TZOFFSETFROM", before)
    part.add("TZOFFSETTO", _offset(after))
    part.add("TZNAME", after.tzname())
    return part
