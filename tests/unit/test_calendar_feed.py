"""Calendar feeds: two independent parsers read back the very instants of the rota, in zones that move oddly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
import vobject
from icalendar import Calendar

from oncall.adapters.calendars.feed import AHEAD, BACK, Feed, feed_of, place_name
from oncall.adapters.calendars.writing import calendar_text
from oncall.adapters.calendars.zones import changes_of_clock
from oncall.core.rota.on_call import Rota, cover, gaps_between, shifts_between, with_changes
from oncall.core.wall_time import FOREVER
from oncall.service.rota.calendars import CalendarLink
from tests.support.calendar_rotas import HOUR, rota_in

NOW = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)
TEAM, ANA = CalendarLink("t", rotation="pump-team"), CalendarLink("a", person="ana")
ZONES = (
    "America/New_York",
    "Europe/Dublin",
    "Australia/Lord_Howe",  # moves by half an hour
    "America/St_Johns",
    "America/Havana",  # midnight comes twice
    "Asia/Kathmandu",  # 5:45, never moves
    "Antarctica/Troll",  # moves by two hours
    "Pacific/Chatham",
)
Told = set[tuple[str, datetime, datetime]]


def text_of(rota: Rota, link: CalendarLink, now: datetime = NOW) -> bytes:
    return calendar_text(feed_of(rota, link, now), 3, now)


def under_an_unknown_name(text: bytes, zone: str) -> bytes:
    """The zone renamed, so that a parser must read our VTIMEZONE and cannot look the name up; both remember names."""
    for sign in ("TZID:", "TZID="):
        text = text.replace(f"{sign}{zone}".encode(), f"{sign}Ward of {zone}".encode())
    return text


def by_icalendar(text: bytes) -> Told:
    found = recurring_ical_events.of(Calendar.from_ical(text)).between((2020, 1, 1), (2032, 1, 1))
    return {(str(e["SUMMARY"]), e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC)) for e in found}


def by_vobject(text: bytes) -> Told:
    events = vobject.readOne(text.decode()).vevent_list
    return {(e.summary.value, e.dtstart.value.astimezone(UTC), e.dtend.value.astimezone(UTC)) for e in events}


def by_the_rota(rota: Rota, feed: Feed) -> Told:
    rotation, told = rota.rotations["pump-team"], set()
    for layer in ("primary", "attending"):
        place = place_name("pump-team", layer)
        for shift in shifts_between(rotation, layer, feed.starts_at, feed.ends_at):
            told.add((f"{rota.people[shift.person].name} on call: {place}", shift.starts_at, shift.ends_at))
        for gap in gaps_between(rotation, layer, feed.starts_at, feed.ends_at):
            told.add((f"NOBODY ON CALL: {place}", gap.starts_at, gap.ends_at))
    return told


@pytest.mark.parametrize("zone", ZONES)
def test_two_parsers_read_the_very_instants_of_the_rota_over_a_year(zone: str) -> None:
    rota = rota_in(zone)
    feed = feed_of(rota, TEAM, NOW)
    text = under_an_unknown_name(text_of(rota, TEAM), zone)
    wanted = by_the_rota(rota, feed)
    assert len(wanted) > 1000
    assert by_icalendar(text) == wanted
    assert by_vobject(text) == wanted


def test_the_year_is_the_last_thirty_days_and_the_next_twelve_months() -> None:
    feed = feed_of(rota_in("America/New_York"), TEAM, NOW)
    assert feed.starts_at == datetime(2026, 10, 24, 4, tzinfo=UTC), "midnight of the ward, 30 days ago"
    assert feed.ends_at >= NOW + timedelta(days=365)


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "America/Havana"])
def test_the_nights_on_which_the_clock_moves_are_among_those_compared(zone: str) -> None:
    """Without them the comparison above would show nothing of clock changes."""
    rota = rota_in(zone)
    changes = list(changes_of_clock(zone, NOW - BACK, NOW + AHEAD))
    events = feed_of(rota, TEAM, NOW).events
    assert len(changes) >= 2
    assert all(any(e.starts_at <= at <= e.ends_at for e in events) for at in changes)


def test_a_shift_at_the_second_pass_of_a_doubled_hour_is_told_in_utc() -> None:
    """iCalendar reads a doubled wall time as its first pass."""
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 01:30 EST
    change = cover("c2", "pump-team/primary", "cho", second - 3 * HOUR, second, note="")
    rota = with_changes(rota_in("America/New_York", timedelta(0)), [change])
    ends = {end for name, _, end in by_vobject(text_of(rota, TEAM)) if name.startswith("Chö Park-Núñez on call: pump")}
    assert second in ends
    assert b"DTEND:20261101T063000Z" in text_of(rota, TEAM)


def test_a_person_reads_only_their_own_shifts_and_which_tier() -> None:
    rota = rota_in("America/New_York")
    told = by_vobject(text_of(rota, ANA))
    assert {name for name, _, _ in told} == {"On call: pump team, primary"}
    hers = [s for s in by_the_rota(rota, feed_of(rota, TEAM, NOW)) if s[0] == "Ana Lee on call: pump team, primary"]
    assert {(start, end) for _, start, end in told} == {(start, end) for _, start, end in hers}


def test_an_override_splits_a_shift_and_the_others_keep_their_uid() -> None:
    rota = rota_in("America/New_York", timedelta(0))
    before = {event.uid: event for event in feed_of(rota, TEAM, NOW).events}
    shift = next(e for e in before.values() if e.starts_at > NOW and e.summary == "Ana Lee on call: pump team, primary")
    middle = shift.starts_at + 4 * HOUR
    changed = with_changes(rota, [cover("c9", "pump-team/primary", "ben", middle, middle + 2 * HOUR)])
    after = {event.uid: event for event in feed_of(changed, TEAM, NOW).events}
    assert after[shift.uid] == replace(shift, ends_at=middle), "the same shift, shorter"
    new = [after[uid] for uid in set(after) - set(before)]
    assert sorted((e.summary.partition(" ")[0], e.starts_at, e.ends_at) for e in new) == [
        ("Ana", middle + 2 * HOUR, shift.ends_at),
        ("Ben", middle, middle + 2 * HOUR),
    ]
    assert set(before) - set(after) == set()
    assert all(after[uid] == before[uid] for uid in before if uid != shift.uid)


def test_no_uid_stands_for_two_entries() -> None:
    events = feed_of(rota_in("America/New_York"), TEAM, NOW).events
    assert len({event.uid for event in events}) == len(events)


def test_the_sequence_is_the_number_of_the_edition_and_the_text_is_the_same_all_day() -> None:
    rota = rota_in("America/New_York")
    later = NOW + 11 * HOUR
    assert calendar_text(feed_of(rota, TEAM, NOW), 7, NOW) == calendar_text(feed_of(rota, TEAM, later), 7, NOW)
    assert b"SEQUENCE:7\r\n" in calendar_text(feed_of(rota, TEAM, NOW), 7, NOW)


def test_who_is_on_without_end_is_shown_to_the_new_year_after_the_feed() -> None:
    [event] = feed_of(rota_in("America/New_York"), CalendarLink("o", rotation="operator"), NOW).events
    place = ZoneInfo("America/New_York")
    assert (event.starts_at, event.ends_at) == (datetime(2026, 1, 1, tzinfo=place), datetime(2028, 1, 1, tzinfo=place))
    assert event.ends_at < FOREVER


def test_the_text_says_that_the_screen_is_the_truth_and_carries_no_telephone_and_no_note() -> None:
    text = text_of(rota_in("America/New_York"), TEAM).replace(b"\r\n ", b"").decode()
    assert text.count("The screen is the truth") > 1000
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in text
    assert "X-PUBLISHED-TTL:PT1H" in text
    assert "private words" not in text
    assert "+1" not in text
    assert "ATTENDEE" not in text


@pytest.mark.parametrize("link", [CalendarLink("x", person="gone"), CalendarLink("x", rotation="gone")])
def test_who_is_no_longer_on_the_rota_has_an_empty_calendar(link: CalendarLink) -> None:
    assert feed_of(rota_in("America/New_York"), link, NOW).events == ()
    assert Calendar.from_ical(text_of(rota_in("America/New_York"), link)).walk("VEVENT") == []


def test_names_with_commas_and_line_breaks_do_not_break_out_of_the_text() -> None:
    rota = rota_in("America/New_York")
    odd = replace(rota.people["ana"], name="Lee, Ana\r\nEND:VCALENDAR")
    names = {n for n, _, _ in by_vobject(text_of(replace(rota, people={**rota.people, "ana": odd}), TEAM))}
    assert any("END:VCALENDAR" in name for name in names)
