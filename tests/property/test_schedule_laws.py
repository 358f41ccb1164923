"""Laws of schedules from elsewhere: any bytes are a reading or a fault, and the same file again plans nothing."""

from __future__ import annotations

import time as stopwatch
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.adapters.calendars.aside import read_aside
from oncall.adapters.calendars.feed import feed_of
from oncall.adapters.calendars.imported import ImportedShift, Reading, Wish
from oncall.adapters.calendars.names import names_of
from oncall.adapters.calendars.planning import plan_of
from oncall.adapters.calendars.reading import read_schedule
from oncall.adapters.calendars.writing import calendar_text
from oncall.core.rota.on_call import Rota, people_between, with_changes
from oncall.core.wall_time import first_pass, wall
from oncall.service.rota.calendars import CalendarLink
from tests.support.calendar_rotas import DAY, HOUR, rota_in

NOW = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)
SPAN = (NOW - 31 * DAY, NOW + 400 * DAY)
HERE = Wish("America/New_York", hours="07:00-19:00")
ZONES = ("America/New_York", "Australia/Lord_Howe", "Europe/London", "Asia/Kathmandu")

# --- hostile files --------------------------------------------------------------------------------------------------

NAMES = (
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "EXDATE",
    "RDATE",
    "RECURRENCE-ID",
    "STATUS",
    "UID",
    "SUMMARY",
    "TZID",
)
VALUES = (
    "20261123T190000",
    "20261124T070000Z",
    "20261123",
    "99991231T235959",
    "00010101T000000",
    "PT4H",
    "-P1W",
    "P99999999999D",
    "FREQ=DAILY",
    "FREQ=WEEKLY;UNTIL=20270101",
    "FREQ=DAILY;COUNT=-1",
    "FREQ=YEARLY;BYMONTH=13",
    "FREQ=MONTHLY;BYDAY=XX",
    "INTERVAL=2",
    "20261123T190000/PT1H",
    "CANCELLED",
    "a",
    "",
)
PARAMETERS = (
    "",
    ";VALUE=DATE",
    ";TZID=America/New_York",
    ";TZID=Nowhere",
    ";VALUE=PERIOD",
    ";RANGE=THISANDFUTURE",
    ";TZID",
)
LINES = st.one_of(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(PARAMETERS), st.sampled_from(VALUES)).map(
        lambda parts: f"{parts[0]}{parts[1]}:{parts[2]}"
    ),
    st.sampled_from(
        ["BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "BEGIN:STANDARD", "END:VCALENDAR"]
    ),
    st.text(max_size=12),
)
ENTRIES = st.lists(LINES, max_size=8).map(lambda lines: "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"]))
CALENDARS = st.lists(ENTRIES, max_size=4).map(
    lambda entries: "\n".join(["BEGIN:VCALENDAR", *entries, "END:VCALENDAR"]).encode()
)
CELLS = st.sampled_from(
    [
        "person",
        "tier",
        "date",
        "start",
        "end",
        "hours",
        "Ana",
        "2026-11-23",
        "23.11.2026",
        "19:00",
        "7",
        "12",
        "=1+1",
        "Z",
        "",
    ]
) | st.text(max_size=8)
TABLES = st.tuples(st.sampled_from(",;\t|"), st.lists(st.lists(CELLS, max_size=6), max_size=6)).map(
    lambda parts: "\n".join(parts[0].join(row) for row in parts[1]).encode("utf-8", "replace")
)
ANYTHING = st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: b"PK\x03\x04" + tail)


@settings(max_examples=600, deadline=None)
@given(CALENDARS | TABLES | ANYTHING | st.text(max_size=100).map(lambda t: ("[{" + t).encode("utf-8", "replace")))
def test_any_bytes_are_a_reading_or_a_fault_and_never_an_exception(content: bytes) -> None:
    reading = read_schedule(content, HERE, SPAN)
    assert all(shift.row >= 1 for shift in reading.shifts)
    assert all(error.found and error.wanted for error in reading.errors)
    plan_of(reading, rota_in("America/New_York"), names_of(rota_in("America/New_York"), {}, {}), "", NOW)


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1", "FREQ=WEEKLY;BYSETPOS=300;BYDAY=MO"],
)
async def test_a_rule_that_never_comes_true_costs_a_bounded_time_aside(rule: str) -> None:
    event = f"BEGIN:VEVENT\nUID:%d\nDTSTART:20261123T190000Z\nDURATION:PT1H\nRRULE:{rule}\nEND:VEVENT\n"
    content = "BEGIN:VCALENDAR\n" + "".join(event % n for n in range(300)) + "END:VCALENDAR\n"
    began = stopwatch.monotonic()
    reading = await read_aside(content.encode(), HERE, SPAN, seconds=3)
    assert stopwatch.monotonic() - began < 8
    assert reading.shifts == ()


async def test_what_is_read_aside_is_what_is_read_here() -> None:
    content = b"person,tier,start,end\nAna,primary,2026-11-23 19:00,2026-11-24 07:00\nBen,primary,never,\n"
    assert await read_aside(content, HERE, SPAN) == read_schedule(content, HERE, SPAN)


# --- plans ----------------------------------------------------------------------------------------------------------


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Rota, Reading]:
    """Some shifts of one tier around a change of the clock, one after the other with holes, in wall time."""
    zone = draw(st.sampled_from(ZONES))
    rota = rota_in(zone)
    at, shifts = wall(NOW + draw(st.integers(1, 140)) * DAY, zone).replace(hour=7, minute=0, second=0), []
    for row in range(1, draw(st.integers(1, 9)) + 1):
        at += draw(st.sampled_from([timedelta(0), 4 * HOUR, 12 * HOUR, 30 * HOUR]))
        ends_at = at + draw(st.sampled_from([4 * HOUR, 12 * HOUR, 24 * HOUR, 50 * HOUR]))
        person = draw(st.sampled_from(["Ana Lee", "Singh, Ben", "Dr Park-Nunez"]))
        shifts.append(ImportedShift(row, person, draw(st.sampled_from(["primary", "Attending"])), at, ends_at))
        at = ends_at
    return rota, Reading(tuple(shifts))


@settings(max_examples=150, deadline=None)
@given(weeks())
def test_after_the_plan_the_rota_says_what_the_file_says_and_the_same_file_plans_nothing_more(
    week: tuple[Rota, Reading],
) -> None:
    rota, reading = week
    names = names_of(rota, {}, {})
    plan = plan_of(reading, rota, names, "", NOW)
    assert plan.unmatched == ()
    after = with_changes(rota, plan.covers)
    again = plan_of(reading, after, names, "", NOW)
    assert (again.covers, again.row_errors) == ((), plan.row_errors)
    refused = {error.row for error in plan.row_errors}
    for shift in reading.shifts:
        if shift.row not in refused:
            starts_at, ends_at = (first_pass(at, rota.zone) for at in (shift.starts_at, shift.ends_at))
            team, layer = after.rotations["pump-team"], (shift.tier or "").lower()
            person = names.person(shift.person_text).id
            behind_the_window = people_between(team, layer, starts_at + HOUR, ends_at)
            assert [people for _, people in behind_the_window] == [(person,)]


@pytest.mark.parametrize("zone", ZONES)
def test_our_own_feed_taken_in_again_plans_nothing(zone: str) -> None:
    rota = rota_in(zone)
    text = calendar_text(feed_of(rota, CalendarLink("t", rotation="pump-team"), NOW), 1, NOW)
    reading = read_schedule(text, Wish(zone), SPAN)
    plan = plan_of(reading, rota, names_of(rota, {}, {}), "", NOW)
    assert len(reading.shifts) > 1000
    assert (plan.covers, plan.unmatched, plan.row_errors) == ((), (), ())
