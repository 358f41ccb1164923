"""A calendar file (RFC 5545) as shifts.

Written zones become instants at once, Windows' names too; times without a zone stay wall clock. What is cancelled or
tentative is left out and counted. DURATION is elapsed time, whatever the clock does that night; our libraries add it
on the wall. Deliberately not here: who and which tier is meant by a summary (`names`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import recurring_ical_events
from icalendar import Calendar, Component, Event

from oncall.adapters.calendars.cells import Hours, Unclear, read_hours
from oncall.adapters.calendars.imported import MOST, ImportedShift, Reading, RowError, Unreadable, Wish
from oncall.adapters.calendars.repeats import why_refused
from oncall.adapters.calendars.sheets import decoded
from oncall.adapters.calendars.zones import iana_name
from oncall.core.wall_time import instants_showing

ROW, LENGTH = "X-ONCALL-ROW", "X-ONCALL-LENGTH"  # what expanding would lose: which entry it was, and its DURATION
_ONCE = {"DTSTART": date, "DTEND": date, "RECURRENCE-ID": date, "DURATION": timedelta}
_USED = frozenset({*_ONCE, "RRULE", "EXDATE", "RDATE", "STATUS", "SUMMARY", "UID"})
Span = tuple[datetime, datetime]
_DAY = timedelta(days=1)


class _Wrong(Exception):
    def __init__(self, found: str, wanted: str) -> None:
        self.found, self.wanted = found, wanted


@dataclass
class _Desk:
    """What is gathered while reading."""

    zone: str  # in which times without a zone are read
    hours: Hours | None
    span: Span
    shifts: list[ImportedShift] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    cancelled: int = 0
    tentative: int = 0
    floating: int = 0
    all_day: int = 0


def read_calendar(content: bytes, wish: Wish, span: Span) -> Reading:
    """Every shift that touches the span; rows are the entries in their order, from 1. Raises Unreadable."""
    calendar = _parsed(decoded(content))
    desk = _Desk(_zone_of(calendar, wish), _hours(wish), span)
    events = calendar.walk("VEVENT")
    if len(events) > MOST:
        raise Unreadable(f"More than {MOST} entries: export a shorter stretch.")
    series: dict[str, list[Event]] = {}
    for number, event in enumerate(events, start=1):
        event[ROW] = str(number)
        series.setdefault(str(event.get("UID", f"entry {number}")), []).append(event)
    for parts in series.values():
        _take_series(desk, parts)
    return Reading(tuple(sorted(desk.shifts, key=lambda s: s.row)), tuple(sorted(desk.errors)), _remarks(desk, wish))


def _parsed(text: str) -> Component:
    try:
        found = Calendar.from_ical(text, multiple=True)
    except Exception:  # the library raises whatever a broken file makes it stumble over
        found = []
    calendars = [calendar for calendar in found if calendar.name == "VCALENDAR"]
    if len(calendars) != 1:
        raise Unreadable("This is no calendar that can be read: export it again as .ics.")
    if str(calendars[0].get("METHOD", "")).upper() == "CANCEL":
        raise Unreadable("This calendar only cancels entries: export the whole schedule.")
    return calendars[0]


def _zone_of(calendar: Component, wish: Wish) -> str:
    told = str(calendar.get("X-WR-TIMEZONE", "")).strip()
    return iana_name(told) or wish.zone


def _hours(wish: Wish) -> Hours | None:
    try:
        return read_hours(wish.hours)
    except Unclear as problem:
        raise Unreadable(f"The hours (--hours) should be {problem}.") from None


def _take_series(desk: _Desk, parts: Sequence[Event]) -> None:
    """One entry, or a series with its changed occurrences."""
    row = int(parts[0][ROW])
    for part in parts:
        if refused := _broken(part) or why_refused(part) or _unknown_zone(part):
            desk.errors.append(RowError(int(part[ROW]), *refused))
            return
    try:
        occurrences = list(_occurrences(parts, desk.span))
    except Exception:  # whatever an odd rule makes the library stumble over
        desk.errors.append(RowError(row, "a repetition that cannot be worked out", "single entries, or a simpler one"))
        return
    if len(desk.shifts) + len(occurrences) > MOST:
        raise Unreadable(f"More than {MOST} shifts: export a shorter stretch.")
    for occurrence in occurrences:
        _take(desk, occurrence)


def _broken(event: Event) -> tuple[str, str] | None:
    """Values that the library could not read, or read as something else; touching them would raise."""
    wrong = {str(name) for name, _ in event.errors} & _USED
    wrong |= {name for name, kind in _ONCE.items() if name in event and not _is_one(event, name, kind, wrong)}
    if "DTSTART" in wrong or "DTSTART" not in event:
        return "an entry without a start that can be read", "DTSTART as in RFC 5545"
    return (f"a {min(wrong)} that cannot be read", "one as in RFC 5545") if wrong else None


def _is_one(event: Event, name: str, kind: type, wrong: set[str]) -> bool:
    return name not in wrong and not isinstance(event[name], list) and isinstance(event[name].dt, kind)


def _unknown_zone(event: Event) -> tuple[str, str] | None:
    """The library reads a zone that it does not know as no zone at all."""
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"):
        for value in event[name] if isinstance(event.get(name), list) else [event.get(name)]:
            zone = getattr(value, "params", {}).get("TZID")
            times = [part.dt for part in getattr(value, "dts", [value] if hasattr(value, "dt") else [])]
            if zone and any(isinstance(at, datetime) and at.tzinfo is None for at in times):
                return f"the time zone {zone}", "one that is known, such as America/New_York"
    return None


def _occurrences(parts: Sequence[Event], span: Span) -> Iterator[Event]:
    for part in parts:
        if (length := getattr(part.get("DURATION"), "dt", None)) is not None:
            part[LENGTH] = str(length.total_seconds())
    if len(parts) == 1 and not any(name in parts[0] for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
        return iter(parts)
    calendar = Calendar()
    for part in parts:
        calendar.add_component(part)
    return iter(recurring_ical_events.of(calendar).between(*span))


def _take(desk: _Desk, event: Event) -> None:
    status = str(event.get("STATUS", "")).upper()
    if status in ("CANCELLED", "TENTATIVE"):
        desk.cancelled += status == "CANCELLED"
        desk.tentative += status == "TENTATIVE"
        return
    row, summary = int(str(event[ROW])), " ".join(str(event.get("SUMMARY", "")).split())
    try:
        for starts_at, ends_at in _spans(desk, event):
            if _touches(starts_at, ends_at, desk.span):
                desk.shifts.append(ImportedShift(row, summary, None, starts_at, ends_at, desk.zone))
    except _Wrong as problem:
        desk.errors.append(RowError(row, problem.found, problem.wanted))
    except OverflowError:
        desk.errors.append(RowError(row, "a time beyond the calendar", "a time in this century"))


def _spans(desk: _Desk, event: Event) -> Iterator[Span]:
    starts_at = event["DTSTART"].dt
    if not isinstance(starts_at, datetime):
        desk.all_day += 1
        return _days(desk, starts_at, event)
    desk.floating += starts_at.tzinfo is None
    ends_at = _end(desk, starts_at, event)
    starts_at, ends_at = _plain(starts_at), _plain(ends_at)
    if (starts_at.tzinfo is None) == (ends_at.tzinfo is None) and ends_at <= starts_at:
        raise _Wrong(f"{starts_at} - {ends_at}", "an end after the start")
    return iter([(starts_at, ends_at)])


def _end(desk: _Desk, starts_at: datetime, event: Event) -> datetime:
    if LENGTH in event:
        return _after(desk, starts_at, timedelta(seconds=float(str(event[LENGTH]))))
    ends_at = getattr(event.get("DTEND"), "dt", None)
    if isinstance(ends_at, datetime):
        return ends_at
    raise _Wrong("an entry without an end", "DTEND, with a time as DTSTART has")


def _after(desk: _Desk, starts_at: datetime, length: timedelta) -> datetime:
    """Hours are elapsed, a day is one on the wall; the parsed file no longer says whether it was P1D or PT24H."""
    if starts_at.tzinfo is None:
        shown = instants_showing(starts_at, desk.zone)
        if len(shown) != 1:
            return starts_at + length  # refused for its start, with both choices
        elapsed = shown[0] + length
        on_the_wall = instants_showing(starts_at + length, desk.zone)
    else:
        elapsed, on_the_wall = starts_at.astimezone(UTC) + length, (starts_at + length,)
    if length >= _DAY and elapsed not in on_the_wall:
        raise _Wrong("a DURATION of a day or more over a change of the clock", "DTEND, which can only mean one thing")
    return elapsed


def _days(desk: _Desk, first: date, event: Event) -> Iterator[Span]:
    """All-day entries: from midnight to midnight, or each day the hours that were said. The last day is not part."""
    last = getattr(event.get("DTEND"), "dt", None)
    if LENGTH in event:
        last = first + timedelta(seconds=float(str(event[LENGTH])))
    last = last if isinstance(last, date) and not isinstance(last, datetime) else first + _DAY
    if not first < last <= first + 400 * _DAY:
        raise _Wrong(f"{first} - {last}", "an all-day entry of 1 to 400 days")
    midnight, count = datetime.combine(first, time()), (last - first).days
    if desk.hours is None:
        return iter([(midnight, midnight + count * _DAY)])
    opens, closes = desk.hours
    return iter([(midnight + n * _DAY + opens, midnight + n * _DAY + closes) for n in range(count)])


def _plain(at: datetime) -> datetime:
    return at if at.tzinfo is None else at.astimezone(UTC)


def _touches(starts_at: datetime, ends_at: datetime, span: Span) -> bool:
    """Times without an offset may be a day off."""
    starts, ends = ((at if at.tzinfo else at.replace(tzinfo=UTC)) for at in (starts_at, ends_at))
    return starts < span[1] + _DAY and ends > span[0] - _DAY


def _remarks(desk: _Desk, wish: Wish) -> tuple[str, ...]:
    whole = (
        "the hours that you gave"
        if desk.hours
        else "midnight to midnight; say the hours if that is wrong (--hours 07:00-07:00)"
    )
    told = (
        (desk.cancelled, f"{desk.cancelled} entries are cancelled and left out."),
        (desk.tentative, f"{desk.tentative} entries are tentative and left out."),
        (desk.floating, f"{desk.floating} entries have no time zone: read as wall clock of {desk.zone}."),
        (desk.all_day, f"{desk.all_day} entries are all-day: read as {whole}."),
    )
    return tuple(sentence for count, sentence in told if count)
