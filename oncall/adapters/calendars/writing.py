"""A feed as iCalendar text (RFC 5545, 7986).

Times are the hospital's wall clock with its VTIMEZONE, so that a calendar shows 07:00 as 07:00. iCalendar has no word
for the second pass of a doubled hour: a shift that begins or ends there is told in UTC. SEQUENCE is the number of the
edition and DTSTAMP its instant, so that the same edition is the same text. Deliberately not here: what is shown.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration

from oncall.adapters.calendars.feed import Feed, FeedEvent
from oncall.adapters.calendars.zones import vtimezone
from oncall.core.wall_time import instants_showing, wall

TRUTH = "The screen is the truth: this calendar may lag behind it by up to a day."
REFRESH = timedelta(hours=1)


def calendar_text(feed: Feed, sequence: int, stamped: datetime) -> bytes:
    """The whole calendar; `stamped` is when the edition it shows was published."""
    calendar = _head(feed)
    for zone in sorted({event.zone for event in feed.events}):
        own = [event for event in feed.events if event.zone == zone]
        edges = [edge for event in own for edge in (event.starts_at, event.ends_at)]
        calendar.add_component(vtimezone(zone, min(edges) - timedelta(days=1), max(edges) + timedelta(days=1)))
    for event in feed.events:
        calendar.add_component(_component(event, sequence, stamped))
    return calendar.to_ical()


def _head(feed: Feed) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", "-//oncall//rota//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, feed.title)
    for name in ("DESCRIPTION", "X-WR-CALDESC"):
        calendar.add(name, TRUTH)
    calendar.add("X-WR-TIMEZONE", feed.zone)
    calendar.add("REFRESH-INTERVAL", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    return calendar


def _component(event: FeedEvent, sequence: int, stamped: datetime) -> Event:
    told = Event()
    told.add("UID", event.uid)
    told.add("DTSTAMP", stamped)
    told.add("LAST-MODIFIED", stamped)
    told.add("SEQUENCE", sequence)
    in_zone = not any(_is_second_pass(at, event.zone) for at in (event.starts_at, event.ends_at))
    place = ZoneInfo(event.zone) if in_zone else UTC
    told.add("DTSTART", event.starts_at.astimezone(place))
    told.add("DTEND", event.ends_at.astimezone(place))
    told.add("SUMMARY", event.summary)
    told.add("DESCRIPTION", TRUTH)
    told.add("TRANSP", "TRANSPARENT")  # being on call does not make anybody's clinic hours busy
    told.add("CLASS", "PRIVATE")
    return told


def _is_second_pass(at: datetime, zone: str) -> bool:
    return at in instants_showing(wall(at, zone), zone)[1:]
