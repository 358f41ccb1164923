"""What a calendar feed shows: one person's shifts, or a rotation's with its holes.

A person reads "On call: pump team, primary"; a team also reads who, and NOBODY ON CALL where nobody is. A feed goes
from 30 days back to a year ahead, by whole days, so that it stays the same until midnight or the next edition. A
shift keeps its UID for as long as it begins when it does: what an override cuts off its end changes only its end.
Deliberately not here: iCalendar's own words (`writing`), patients, telephones and the notes of covers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from oncall.core.rota.on_call import Rota, Rotation, Shift, gaps_between, shifts_between
from oncall.core.wall_time import DAWN, FOREVER, first_pass, wall
from oncall.service.rota.calendars import CalendarLink

BACK, AHEAD = timedelta(days=30), timedelta(days=366)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One entry of the calendar; instants in UTC, shown in `zone`."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole calendar."""

    title: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    events: tuple[FeedEvent, ...]


def feed_of(rota: Rota, link: CalendarLink, now: datetime) -> Feed:
    """What the link shows today; whoever or whatever is no longer on the rota has an empty calendar."""
    start, end = _midnight(now - BACK, rota.zone), _midnight(now + AHEAD, rota.zone)
    if link.person is not None:
        person = rota.people.get(link.person)
        title = f"On call: {person.name if person else link.person}"
        events = (event for rotation in rota.rotations.values() for event in _own(rotation, link.person, start, end))
        return Feed(title, rota.zone, start, end, _in_order(events))
    rotation = rota.rotations.get(link.rotation or "")
    title = f"On call: {_plain(link.rotation or '')}"
    if rotation is None:
        return Feed(title, rota.zone, start, end, ())
    return Feed(title, rotation.zone, start, end, _in_order(_team(rota, rotation, start, end)))


def place_name(rotation: str, layer: str) -> str:
    """ "pump team, primary": as people say it."""
    return f"{_plain(rotation)}, {_plain(layer)}"


def _own(rotation: Rotation, person: str, start: datetime, end: datetime) -> Iterator[FeedEvent]:
    for layer in rotation.layers:
        for shift in shifts_between(rotation, layer.name, start, end):
            if shift.person == person:
                yield _event(rotation, shift, f"On call: {place_name(rotation.name, layer.name)}", (start, end))


def _team(rota: Rota, rotation: Rotation, start: datetime, end: datetime) -> Iterator[FeedEvent]:
    for layer in rotation.layers:
        place = place_name(rotation.name, layer.name)
        for shift in shifts_between(rotation, layer.name, start, end):
            name = rota.people[shift.person].name if shift.person in rota.people else shift.person
            yield _event(rotation, shift, f"{name} on call: {place}", (start, end))
        for gap in gaps_between(rotation, layer.name, start, end):
            uid = _uid(rotation.name, layer.name, "nobody", gap.starts_at)
            yield FeedEvent(uid, gap.starts_at, gap.ends_at, rotation.zone, f"NOBODY ON CALL: {place}")


def _event(rotation: Rotation, shift: Shift, summary: str, span: tuple[datetime, datetime]) -> FeedEvent:
    """The whole shift; one without beginning or end is cut at a New Year, which moves once a year."""
    starts_at = _new_year(span[0], rotation.zone) if shift.starts_at <= DAWN else shift.starts_at
    ends_at = _new_year(span[1], rotation.zone, 1) if shift.ends_at >= FOREVER else shift.ends_at
    uid = _uid(rotation.name, shift.layer, shift.person, shift.starts_at)
    return FeedEvent(uid, starts_at, ends_at, rotation.zone, summary)


def _new_year(at: datetime, zone: str, later: int = 0) -> datetime:
    return first_pass(datetime.combine(date(wall(at, zone).year + later, 1, 1), time()), zone)


def _uid(*parts: object) -> str:
    told = "|".join(str(part) for part in parts)
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@oncall"


def _in_order(events: Iterator[FeedEvent]) -> tuple[FeedEvent, ...]:
    return tuple(sorted(events, key=lambda event: (event.starts_at, event.uid)))


def _midnight(at: datetime, zone: str) -> datetime:
    return first_pass(datetime.combine(wall(at, zone).date(), time()), zone)


def _plain(name: str) -> str:
    return name.replace("-", " ")
