"""Laws of the rota, in every time zone and around its clock changes, against an oracle without tricks.

The oracle walks minute by minute and looks only at the wall clock. A hand-over has happened once the clock
has ever shown its time (`latest`), a window is over once it will only show later times (`least_to_come`).
It knows nothing of folds, offsets or transitions, so it cannot share a mistake with the code it checks.
"""

from __future__ import annotations

import time as stopwatch
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import accumulate, combinations, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from oncall.core.rota.on_call import (
    Change,
    Kind,
    Layer,
    Person,
    Rota,
    Rotation,
    Shift,
    gaps_between,
    next_change_after,
    on_call_at,
    people_between,
    shifts_between,
    with_changes,
)
from oncall.core.rota.turns import Era, Hours, Pattern, Turn, Unit, with_roster
from oncall.core.wall_time import FOREVER, first_pass, last_pass, wall

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEVER = datetime.fromisoformat("9998-01-01")
WEEK_DAYS = tuple(range(7))
STAFF = ("ana", "ben", "cho", "dia")
PEOPLE = {id: Person(id, id.title(), id, "clinician") for id in STAFF}
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
NOTORIOUS = [
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # back by half an hour
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),  # forward by half an hour
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),  # midnight is skipped
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2, tzinfo=UTC)),  # the hour before midnight comes twice
    ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),  # midnight itself comes twice
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a day is skipped
    ("Antarctica/Troll", datetime(2026, 3, 29, 1, tzinfo=UTC)),  # forward by two hours
    ("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC)),  # back to yesterday
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
]


@dataclass(frozen=True)
class Days:
    """Some days of one layer around a change of the clock."""

    zone: str
    start: datetime
    end: datetime
    patterns: tuple[Pattern, ...]
    changes: tuple[Change, ...] = ()

    def rotation(self, overlap: timedelta = timedelta(0)) -> Rotation:
        bare = Rotation("team", self.zone, (Layer("primary", self.patterns, overlap),))
        return with_changes(Rota({"team": bare}, PEOPLE, self.zone), self.changes).rotations["team"]


# --- the oracle ---


class Clock:
    """The wall clock of one zone, minute by minute, read in both directions."""

    def __init__(self, zone: str, start: datetime, end: datetime) -> None:
        self.minutes = [start + n * MINUTE for n in range((end - start) // MINUTE)]
        shown = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in self.minutes]
        self.latest = list(accumulate(shown, max))
        self.least_to_come = [*list(accumulate(reversed(shown), min))[-2::-1], NEVER]


def expected(days: Days) -> dict[datetime, frozenset[str]]:
    """Who is on at each minute of the week, found by walking through it."""
    clock = Clock(days.zone, days.start - DAY / 4, days.end + DAY / 4)
    answers: dict[datetime, frozenset[str]] = {}
    staying: list[tuple[datetime, tuple[str, ...]]] = []  # the wall time at which they may go, and who they are
    before: tuple[object, tuple[str, ...], datetime] | None = None
    for n, at in enumerate(clock.minutes):
        holding = first_that_covers(days, at, clock.latest[n])
        if before and (holding is None or holding[0] != before[0]) and clock.latest[n] >= before[2]:
            staying.append((before[2], before[1]))
        # it ends at the last pass: from there on the clock will only show later times
        staying = [(closes, people) for closes, people in staying if clock.least_to_come[n] <= closes]
        present = {person for _, people in staying for person in people} | set(holding[1] if holding else ())
        answers[at] = frozenset(after_changes(days.changes, at, present))
        before = holding
    return {at: people for at, people in answers.items() if days.start <= at < days.end}


def first_that_covers(days: Days, at: datetime, latest: datetime) -> tuple[object, tuple[str, ...], datetime] | None:
    """The window that holds this minute, its people, and the wall time at which it closes."""
    for place, pattern in enumerate(days.patterns):
        if not pattern.starts_at <= at < pattern.ends_at:
            continue
        for hour in pattern.hours or (Hours(WEEK_DAYS, timedelta(0), DAY),):
            for back in (0, 1):
                midnight = datetime.combine(latest.date() - back * DAY, time())
                if midnight.weekday() in hour.days and midnight + hour.opens <= latest < midnight + hour.closes:
                    closes = midnight + hour.closes if pattern.hours else NEVER
                    return (place, midnight, hour.opens), people_by_turns(pattern, at, latest), closes
    return None


def people_by_turns(pattern: Pattern, at: datetime, latest: datetime) -> tuple[str, ...]:
    turn, slots = pattern.turn, pattern.eras[0].slots
    if turn is None:
        return slots[0]
    if turn.unit is Unit.HOURS:
        return slots[(at - pattern.starts_at) // timedelta(hours=turn.length) % len(slots)]
    return slots[(latest - turn.anchor) // timedelta(days=turn.length) % len(slots)]


def after_changes(changes: tuple[Change, ...], at: datetime, present: set[str]) -> set[str]:
    for change in changes:
        if not change.starts_at <= at < change.ends_at:
            continue
        if change.kind is Kind.LEAVE:
            present = present - {change.person}
        elif change.instead_of is None:
            present = {change.person}
        elif change.instead_of in present:
            present = (present - {change.instead_of}) | {change.person}
    return present


def answered(shifts: tuple[Shift, ...], days: Days) -> dict[datetime, frozenset[str]]:
    minutes = [days.start + n * MINUTE for n in range((days.end - days.start) // MINUTE)]
    return {at: frozenset(shift.person for shift in shifts if shift.starts_at <= at < shift.ends_at) for at in minutes}


# --- made-up weeks ---


@cache
def clock_changes(zone: str) -> tuple[datetime, ...]:
    """When the zone's clock was changed between 2008 and 2037, to the minute; or one date if never."""
    place = ZoneInfo(zone)
    days = [datetime(2008, 1, 1, tzinfo=UTC) + n * 5 * DAY for n in range(2_190)]
    spans = [(a, b) for a, b in pairwise(days) if a.astimezone(place).utcoffset() != b.astimezone(place).utcoffset()]
    found = [halved(a, b, place) for a, b in spans]
    return tuple(found) or (datetime(2026, 1, 1, tzinfo=UTC),)


def halved(early: datetime, late: datetime, place: ZoneInfo) -> datetime:
    while late - early > MINUTE:
        middle = early + (late - early) // MINUTE // 2 * MINUTE
        same = middle.astimezone(place).utcoffset() == early.astimezone(place).utcoffset()
        early, late = (middle, late) if same else (early, middle)
    return late


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, datetime]:
    if draw(st.booleans()):
        return draw(st.sampled_from(NOTORIOUS))
    zone = draw(st.sampled_from(ZONES))
    return zone, draw(st.sampled_from(clock_changes(zone)))


@st.composite
def clock_times(draw: st.DrawFn, zone: str, change: datetime) -> timedelta:
    """A time of day, most often one that the clock change touches."""
    near = wall(change + draw(st.integers(-6, 6)) * 15 * MINUTE, zone)
    touched = timedelta(hours=near.hour, minutes=near.minute)
    usual = timedelta(minutes=draw(st.sampled_from([0, 7 * 60, 8 * 60, 19 * 60, 23 * 60 + 30])))
    return draw(st.sampled_from([touched, touched, usual]))


@st.composite
def patterns(draw: st.DrawFn, zone: str, change: datetime) -> Pattern:
    opens, closes = draw(clock_times(zone, change)), draw(clock_times(zone, change))
    days = tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1))))
    every_day = Hours(WEEK_DAYS, opens, closes if closes > opens else closes + DAY)
    whole_days = Hours(days, opens, opens + DAY)
    windows = draw(st.sampled_from([(), (every_day,), (whole_days,)]))
    slot = st.lists(st.sampled_from(STAFF), min_size=1, max_size=2, unique=True).map(tuple)
    slots = tuple(draw(st.lists(slot, min_size=1, max_size=4)))
    day = wall(change, zone).date() - draw(st.integers(0, 9)) * DAY
    since = datetime.combine(day, time()) + draw(clock_times(zone, change))
    length, unit = draw(st.sampled_from([(1, Unit.DAYS), (3, Unit.DAYS), (7, Unit.DAYS), (12, Unit.HOURS)]))
    turn = Turn(length, unit, since, zone)
    until = first_pass(since + draw(st.integers(1, 12)) * DAY, zone) if draw(st.booleans()) else FOREVER
    starts_at = first_pass(since, zone)
    return Pattern(zone, (Era(0, slots),), turn, windows, starts_at, max(until, starts_at + DAY))


@st.composite
def changes(draw: st.DrawFn, change: datetime) -> Change:
    start = change + draw(st.integers(-30, 30)) * timedelta(minutes=45)
    kind = draw(st.sampled_from([Kind.COVER, Kind.LEAVE]))
    person, other = draw(st.permutations(STAFF))[:2]
    return Change(
        id=f"X{draw(st.integers(0, 99))}",
        kind=kind,
        person=person,
        starts_at=start,
        ends_at=start + draw(st.integers(1, 60)) * timedelta(minutes=45),
        tier="team/primary" if kind is Kind.COVER else None,
        instead_of=draw(st.sampled_from([None, other])) if kind is Kind.COVER else None,
    )


@st.composite
def some_days(draw: st.DrawFn) -> Days:
    zone, change = draw(moments())
    made = tuple(draw(st.lists(patterns(zone, change), min_size=1, max_size=3)))
    published = tuple(draw(st.lists(changes(change), max_size=4)))
    return Days(zone, change - 1.5 * DAY, change + 1.5 * DAY, made, published)


# --- the laws ---


@settings(max_examples=80, deadline=None)
@given(some_days())
def test_the_rota_agrees_with_a_walk_through_every_minute(days):
    shifts = shifts_between(days.rotation(), "primary", days.start, days.end)
    assert answered(shifts, days) == expected(days)


@settings(max_examples=150, deadline=None)
@given(some_days(), st.sampled_from([timedelta(0), timedelta(minutes=15)]))
def test_shifts_and_gaps_together_cover_every_instant_and_never_meet(days, overlap):
    rotation = days.rotation(overlap)
    spans = [(shift.starts_at, shift.ends_at) for shift in shifts_between(rotation, "primary", days.start, days.end)]
    gaps = [(gap.starts_at, gap.ends_at) for gap in gaps_between(rotation, "primary", days.start, days.end)]
    covered_until = days.start
    for starts_at, ends_at in sorted(spans + gaps):
        assert starts_at < ends_at
        assert starts_at <= covered_until
        covered_until = max(covered_until, ends_at)
    assert covered_until >= days.end
    assert not [1 for a, b in gaps for c, d in spans if a < d and c < b]


@settings(max_examples=100, deadline=None)
@given(some_days(), st.lists(st.integers(0, 3 * 24 * 60 - 1), min_size=1, max_size=12), st.booleans())
def test_one_instant_and_some_days_give_the_same_shifts(days, minutes, overlapping):
    rotation = days.rotation(timedelta(minutes=15 * overlapping))
    shifts = shifts_between(rotation, "primary", days.start, days.end)
    for at in [days.start + n * MINUTE for n in minutes]:
        here = {shift for shift in shifts if shift.starts_at <= at < shift.ends_at}
        assert set(on_call_at(rotation, "primary", at)) == here


@settings(max_examples=100, deadline=None)
@given(some_days())
def test_nobody_stands_twice_in_a_layer_at_once(days):
    shifts = shifts_between(days.rotation(timedelta(minutes=15)), "primary", days.start, days.end)
    for person in STAFF:
        own = [shift for shift in shifts if shift.person == person]
        assert all(shift.ends_at <= following.starts_at for shift, following in pairwise(own))


@settings(max_examples=40, deadline=None)
@given(some_days())
def test_a_hand_over_window_adds_only_those_who_just_handed_over(days):
    """It hides no hole and takes nobody away; whoever it adds was on in the quarter of an hour before."""
    quarter = timedelta(minutes=15)
    plain, windowed = (days.rotation(overlap) for overlap in (timedelta(0), quarter))
    assert gaps_between(plain, "primary", days.start, days.end) == gaps_between(
        windowed, "primary", days.start, days.end
    )
    wide = Days(days.zone, days.start - quarter, days.end, days.patterns, days.changes)
    without = answered(shifts_between(plain, "primary", wide.start, wide.end), wide)
    for at, people in answered(shifts_between(windowed, "primary", days.start, days.end), days).items():
        assert people >= without[at]
        just_before = {person for n in range(1, 16) for person in without[at - n * MINUTE]}
        assert people - without[at] <= just_before


@settings(max_examples=100, deadline=None)
@given(some_days())
def test_without_a_declared_window_two_overlap_only_while_the_clock_is_set_back(days):
    alone = replace(days, patterns=tuple(one_each(pattern) for pattern in days.patterns), changes=())
    shifts = shifts_between(alone.rotation(), "primary", days.start, days.end)
    for shift, following in combinations(shifts, 2):
        starts_at, ends_at = following.starts_at, min(shift.ends_at, following.ends_at)
        if starts_at < ends_at:
            assert ends_at - starts_at <= set_back(days.zone, starts_at - 3 * HOUR, ends_at + 3 * HOUR)


def set_back(zone: str, start: datetime, end: datetime) -> timedelta:
    """By how much the clock was set back between two instants."""
    return (wall(start, zone) - start.replace(tzinfo=None)) - (wall(end, zone) - end.replace(tzinfo=None))


def one_each(pattern: Pattern) -> Pattern:
    return replace(pattern, eras=(Era(0, tuple(slot[:1] for slot in pattern.eras[0].slots)),))


@settings(max_examples=100, deadline=None)
@given(some_days(), st.integers(0, 3 * 24 * 60 - 1))
def test_the_next_change_is_the_first_minute_with_other_people(days, minute):
    rotation = days.rotation()
    at = days.start + minute * MINUTE
    coming = next_change_after(rotation, "primary", at)
    steps = people_between(rotation, "primary", at, at + 60 * DAY)
    assert coming == (steps[1][0] if len(steps) > 1 else None)
    if coming is not None:
        before, after = ({s.person for s in on_call_at(rotation, "primary", t)} for t in (at, coming))
        assert before != after


@settings(max_examples=100, deadline=None)
@given(moments(), st.integers(1, 4), st.integers(0, 40), st.permutations(STAFF), st.integers(1, 4))
def test_a_roster_change_moves_nothing_before_its_hand_over(moment, length, day, order, size):
    zone, change = moment
    anchor = datetime.combine(wall(change, zone).date() - 10 * DAY, time(8))
    start = first_pass(anchor, zone)
    old = Pattern(
        zone,
        (Era(0, tuple((person,) for person in STAFF[:3])),),
        Turn(length, Unit.DAYS, anchor, zone),
        (),
        start,
    )
    effective_at = first_pass(anchor + day * DAY + timedelta(hours=5), zone)
    # On a day that the calendar skips (Apia, 30 December 2011) five hours later is the hand-over itself.
    assume(effective_at != first_pass(anchor + day * DAY, zone))
    new = with_roster(old, tuple((person,) for person in order[:size]), effective_at)
    days = Days(zone, start, effective_at, (old,))
    for at in (start, effective_at - MINUTE, effective_at):
        if start <= at:
            was, becomes = (
                on_call_at(Days(zone, days.start, days.end, (p,)).rotation(), "primary", at) for p in (old, new)
            )
            assert was == becomes


@pytest.mark.parametrize("zone", ZONES)
def test_in_every_zone_wall_time_only_ever_moves_forward(zone):
    """Around a clock change, a later wall time never has an earlier pass."""
    change = clock_changes(zone)[-1]
    around = [wall(change, zone) + n * 10 * MINUTE for n in range(-20, 21)]
    for early, late in pairwise(around):
        assert first_pass(early, zone) <= first_pass(late, zone)
        assert last_pass(early, zone) <= last_pass(late, zone)
        assert first_pass(early, zone) <= last_pass(early, zone)


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Europe/London"])
def test_a_year_of_three_layers_with_both_clock_changes_resolves_well_under_a_second(zone):
    since = datetime.fromisoformat("2026-01-01 07:00")
    start, end = first_pass(since, zone), first_pass(since + 365 * DAY, zone)
    days = Hours(WEEK_DAYS, timedelta(hours=7), timedelta(hours=19))
    nights = Hours(WEEK_DAYS, timedelta(hours=19), timedelta(hours=31))
    slots = tuple((person,) for person in STAFF)
    twelve_hours = tuple(
        Pattern(zone, (Era(0, slots),), Turn(7, Unit.DAYS, since, zone), (hours,), start) for hours in (days, nights)
    )
    daily, weekly = (Pattern(zone, (Era(0, slots),), Turn(n, Unit.DAYS, since, zone), (), start) for n in (1, 7))
    quarter = timedelta(minutes=15)
    layers = (
        Layer("primary", twelve_hours, quarter),
        Layer("attending", (daily,), quarter),
        Layer("service", (weekly,)),
    )
    rotation = Rotation("team", zone, layers)
    began = stopwatch.perf_counter()
    shifts = {layer.name: shifts_between(rotation, layer.name, start, end) for layer in layers}
    took = stopwatch.perf_counter() - began
    assert {name: len(found) for name, found in shifts.items()} == {
        "primary": 730,
        "attending": 365,
        "service": 53,
    }
    assert not any(gaps_between(rotation, layer.name, start, end) for layer in layers)
    assert took < 0.5
