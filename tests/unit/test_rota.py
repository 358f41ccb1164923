"""Who is on call, by pattern and by one-off change. Every test states one sentence of RULINGS 11."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from oncall.core.rota.on_call import (
    Change,
    Layer,
    Person,
    Rota,
    Rotation,
    Shift,
    changes_nothing,
    cover,
    differences,
    gaps_between,
    leave,
    next_change_after,
    on_call_at,
    shifts_between,
    split,
    swap,
    tier_shifts,
    tiers,
    with_changes,
)
from oncall.core.rota.turns import Era, Hours, Pattern, Turn, Unit, with_roster
from oncall.core.wall_time import FOREVER, first_pass, last_pass

ZONE = "America/New_York"
PEOPLE = {id: Person(id, id.title(), f"Doctor {id}", "clinician") for id in ("ana", "ben", "cho", "dia")}


def at(text: str) -> datetime:
    """The first instant at which the ward's clock shows this."""
    return first_pass(datetime.fromisoformat(text), ZONE)


def again(text: str) -> datetime:
    """The second pass of a doubled time."""
    return last_pass(datetime.fromisoformat(text), ZONE)


def slots(people: str) -> tuple[tuple[str, ...], ...]:
    """ "ana ben+cho" is two turns, the second of both together."""
    return tuple(tuple(slot.split("+")) for slot in people.split())


def hours(text: str, days: str = "0123456") -> Hours:
    opens, closes = (timedelta(hours=int(part[:2]), minutes=int(part[3:])) for part in text.split("-"))
    return Hours(tuple(map(int, days)), opens, closes if closes > opens else closes + timedelta(days=1))


def pattern(
    people: str,
    length: int = 7,
    unit: Unit = Unit.DAYS,
    since: str = "2026-01-05 08:00",
    until: str | None = None,
    windows: tuple[Hours, ...] = (),
    month_day: int = 1,
    **more: object,
) -> Pattern:
    anchor = datetime.fromisoformat(since)
    anchor = anchor.replace(day=1) if unit is Unit.MONTHS else anchor
    return Pattern(
        zone=ZONE,
        eras=(Era(0, slots(people)),),
        turn=Turn(length, unit, anchor, ZONE, month_day),
        hours=windows,
        starts_at=at(since),
        ends_at=at(until) if until else FOREVER,
        **more,  # type: ignore[arg-type]
    )


def always(people: str) -> Pattern:
    return Pattern(zone=ZONE, eras=(Era(0, slots(people)),))


def rotation(*patterns: Pattern, overlap: timedelta = timedelta(0)) -> Rotation:
    return Rotation("pump-team", ZONE, (Layer("primary", patterns, overlap),))


def rota(*patterns: Pattern, overlap: timedelta = timedelta(0)) -> Rota:
    return Rota({"pump-team": rotation(*patterns, overlap=overlap)}, PEOPLE, ZONE)


def published(before: Rota, *changes: Change) -> Rotation:
    return with_changes(before, changes).rotations["pump-team"]


def on(asked: Rotation, instant: datetime) -> list[str]:
    return [shift.person for shift in on_call_at(asked, "primary", instant)]


def spans(asked: Rotation, start: str, end: str) -> list[tuple[str, datetime, datetime]]:
    found = shifts_between(asked, "primary", at(start), at(end))
    return [(shift.person, shift.starts_at, shift.ends_at) for shift in found]


# --- turns ---


def test_the_week_changes_hands_at_the_hand_over_and_not_a_moment_before():
    team = rotation(pattern("ana ben cho"))
    assert on(team, at("2026-01-12 08:00") - timedelta(microseconds=1)) == ["ana"]
    assert on(team, at("2026-01-12 08:00")) == ["ben"]
    assert on(team, at("2026-01-26 08:00")) == ["ana"]


def test_a_weekly_hand_over_keeps_its_wall_time_through_both_clock_changes():
    team = rotation(pattern("ana ben"))
    for day in ("2026-03-09", "2026-03-16", "2026-10-26", "2026-11-02"):
        assert on(team, at(f"{day} 07:59")) != on(team, at(f"{day} 08:00"))
    (week,) = on_call_at(team, "primary", at("2026-11-01 12:00"))
    assert week.ends_at - week.starts_at == timedelta(hours=169)


def test_turns_in_hours_keep_their_elapsed_length_and_drift_on_the_wall():
    team = rotation(pattern("ana ben", 12, Unit.HOURS, since="2026-10-31 07:00"))
    assert {end - start for _, start, end in spans(team, "2026-10-31 07:00", "2026-11-03 07:00")} == {
        timedelta(hours=12)
    }
    assert on(team, at("2026-11-01 05:59")) == ["ben"]
    assert on(team, at("2026-11-01 06:00")) == ["ana"]


def test_a_two_week_turn_is_one_person_for_two_weeks():
    team = rotation(pattern("ana ben", 14))
    assert on(team, at("2026-01-18 12:00")) == ["ana"]
    assert on(team, at("2026-01-19 08:00")) == ["ben"]
    assert on(team, at("2026-02-01 12:00")) == ["ben"]


def test_a_month_counted_from_the_31st_ends_on_the_last_day_of_shorter_months():
    team = rotation(pattern("ana ben", 1, Unit.MONTHS, since="2026-01-31 08:00", month_day=31))
    starts = [start for _, start, _ in spans(team, "2026-02-01 00:00", "2026-06-15 00:00")]
    days = ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31")
    assert starts == [at(f"{day} 08:00") for day in days]


def test_a_hand_over_at_a_doubled_time_happens_at_its_first_pass():
    team = rotation(pattern("ana ben", 1, since="2026-10-30 01:30"))
    assert on(team, at("2026-11-01 01:29")) == ["ben"]
    assert on(team, at("2026-11-01 01:30")) == ["ana"]
    assert on(team, again("2026-11-01 01:10")) == ["ana"]


def test_a_monthly_hand_over_at_a_doubled_time_happens_at_its_first_pass():
    team = rotation(pattern("ana ben", 1, Unit.MONTHS, since="2026-10-01 01:30"))
    assert on(team, at("2026-11-01 01:29")) == ["ana"]
    assert on(team, at("2026-11-01 01:30")) == ["ben"]


def test_turns_in_hours_that_begin_at_a_doubled_time_begin_at_its_first_pass():
    team = rotation(pattern("ana ben", 1, Unit.HOURS, since="2026-11-01 01:30"))
    assert on(team, at("2026-11-01 01:30")) == ["ana"]
    assert on(team, again("2026-11-01 01:30")) == ["ben"]


def test_a_hand_over_at_a_skipped_time_happens_at_the_end_of_the_gap():
    team = rotation(pattern("ana ben", 1, since="2026-03-06 02:30"))
    assert on(team, at("2026-03-08 03:00") - timedelta(seconds=1)) == ["ben"]
    assert on(team, at("2026-03-08 03:00")) == ["ana"]


def test_before_since_and_after_until_there_is_nobody_and_that_is_a_gap():
    team = rotation(pattern("ana", since="2026-01-05 08:00", until="2026-01-19 08:00"))
    gaps = gaps_between(team, "primary", at("2026-01-01 00:00"), at("2026-02-01 00:00"))
    assert [(gap.starts_at, gap.ends_at) for gap in gaps] == [
        (at("2026-01-01 00:00"), at("2026-01-05 08:00")),
        (at("2026-01-19 08:00"), at("2026-02-01 00:00")),
    ]
    assert on(team, at("2026-01-19 08:00")) == []


def test_two_patterns_that_share_a_day_join_without_a_hole():
    team = rotation(pattern("ana", until="2026-06-01 08:00"), pattern("ben", since="2026-06-01 08:00"))
    assert gaps_between(team, "primary", at("2026-05-01 00:00"), at("2026-07-01 00:00")) == ()
    assert on(team, at("2026-06-01 08:00")) == ["ben"]


def test_people_who_share_a_turn_are_both_on():
    team = rotation(pattern("ana ben+cho"))
    assert on(team, at("2026-01-13 00:00")) == ["ben", "cho"]


def test_somebody_who_is_always_on_has_no_beginning_and_no_end():
    team = rotation(always("ana"))
    assert on(team, at("1999-01-01 00:00")) == ["ana"]
    assert next_change_after(team, "primary", at("2026-01-01 00:00")) is None
    assert gaps_between(team, "primary", at("2026-01-01 00:00"), at("2036-01-01 00:00")) == ()


# --- hours ---


def test_an_overnight_window_belongs_to_the_day_on_which_it_opens():
    team = rotation(pattern("ana", windows=(hours("17:00-07:00", "4"),)))  # Fridays
    assert on(team, at("2026-01-09 16:59")) == []
    assert on(team, at("2026-01-10 06:59")) == ["ana"]
    assert on(team, at("2026-01-10 17:00")) == []
    assert on(team, at("2026-01-09 06:00")) == []


def test_weekday_nights_and_whole_weekends_leave_only_office_hours_open():
    windows = (hours("17:00-07:00", "01234"), hours("07:00-07:00", "56"))
    team = rotation(pattern("ana", windows=windows, since="2026-01-05 00:00"))
    gaps = gaps_between(team, "primary", at("2026-01-12 00:00"), at("2026-01-19 00:00"))
    assert [gap.ends_at - gap.starts_at for gap in gaps] == [timedelta(hours=10)] * 5


def test_the_first_pattern_that_covers_an_instant_has_it():
    office = pattern("ana", windows=(hours("08:00-17:00", "01234"),))
    team = rotation(office, pattern("ben"))
    assert spans(team, "2026-01-06 00:00", "2026-01-06 23:00") == [
        ("ben", at("2026-01-05 17:00"), at("2026-01-06 08:00")),
        ("ana", at("2026-01-06 08:00"), at("2026-01-06 17:00")),
        ("ben", at("2026-01-06 17:00"), at("2026-01-07 08:00")),
    ]


def test_a_window_that_ends_at_a_doubled_time_ends_at_its_last_pass_and_overlaps_the_next():
    nights = pattern("ana", windows=(hours("19:00-01:30"),), since="2026-10-01 00:00")
    days = pattern("ben", windows=(hours("01:30-19:00"),), since="2026-10-01 00:00")
    for team in (rotation(nights, days), rotation(days, nights)):
        assert on(team, at("2026-11-01 01:29")) == ["ana"]
        assert sorted(on(team, at("2026-11-01 01:30"))) == ["ana", "ben"]
        assert sorted(on(team, again("2026-11-01 01:29"))) == ["ana", "ben"]
        assert on(team, again("2026-11-01 01:30")) == ["ben"]


def test_windows_that_meet_in_the_skipped_hour_leave_no_hole():
    nights = pattern("ana", windows=(hours("19:00-02:30"),), since="2026-03-01 00:00")
    days = pattern("ben", windows=(hours("02:30-19:00"),), since="2026-03-01 00:00")
    team = rotation(nights, days)
    assert gaps_between(team, "primary", at("2026-03-05 00:00"), at("2026-03-12 00:00")) == ()
    assert on(team, at("2026-03-08 03:00")) == ["ben"]


def test_a_closed_day_uses_up_its_turn():
    team = rotation(pattern("ana ben cho", 1, windows=(hours("08:00-17:00", "01234"),)))
    assert on(team, at("2026-01-09 12:00")) == ["ben"]  # Friday, turn 4
    assert on(team, at("2026-01-12 12:00")) == ["ben"]  # Monday, turn 7


def test_counting_worked_turns_the_weekend_costs_nobody_a_day():
    team = rotation(pattern("ana ben cho", 1, windows=(hours("08:00-17:00", "01234"),), count_worked=True))
    assert on(team, at("2026-01-09 12:00")) == ["ben"]
    assert on(team, at("2026-01-12 12:00")) == ["cho"]


def test_counting_worked_turns_a_holiday_costs_nobody_a_day_even_years_later():
    holiday = (at("2026-01-07 00:00"), at("2026-01-08 00:00"))
    plain = pattern("ana ben cho", 1, windows=(hours("08:00-17:00", "01234"),), count_worked=True)
    resting = pattern("ana ben cho", 1, windows=(hours("08:00-17:00", "01234"),), count_worked=True, rests=(holiday,))
    assert on(rotation(resting), at("2026-01-08 12:00")) == ["cho"]
    later = at("2029-05-17 12:00")
    order = ["ana", "ben", "cho"]
    (before,), (after,) = on(rotation(plain), later), on(rotation(resting), later)
    assert order.index(after) == (order.index(before) - 1) % 3


# --- rosters ---


def test_a_roster_change_leaves_whoever_is_on_until_the_next_hand_over():
    weekly = with_roster(pattern("ana ben cho"), slots("ana ben cho dia"), at("2026-01-15 03:00"))
    team = rotation(weekly)
    assert on(team, at("2026-01-15 12:00")) == ["ben"]
    assert [person for person, *_ in spans(team, "2026-01-12 08:00", "2026-02-16 08:00")] == [
        "ben", "cho", "dia", "ana", "ben"
    ]  # fmt: skip


def test_the_past_does_not_move_when_the_roster_changes():
    old = rotation(pattern("ana ben cho"))
    new = rotation(with_roster(pattern("ana ben cho"), slots("cho ana"), at("2026-06-03 00:00")))
    assert differences(old, new, "primary", at("2026-01-05 08:00"), at("2026-06-08 08:00")) == []


def test_when_the_one_on_call_leaves_the_roster_the_next_of_the_old_order_follows():
    team = rotation(with_roster(pattern("ana ben cho"), slots("cho ana"), at("2026-01-14 00:00")))
    assert [person for person, *_ in spans(team, "2026-01-12 08:00", "2026-02-02 08:00")] == [
        "ben",
        "cho",
        "ana",
    ]


def test_a_roster_may_say_who_starts():
    team = rotation(with_roster(pattern("ana ben"), slots("ana ben cho"), at("2026-01-14 00:00"), lead=2))
    assert on(team, at("2026-01-19 08:00")) == ["cho"]


def test_a_roster_change_at_the_hand_over_itself_holds_from_it():
    team = rotation(with_roster(pattern("ana ben"), slots("ana cho"), at("2026-01-12 08:00")))
    assert on(team, at("2026-01-12 08:00")) == ["cho"]


def test_of_two_roster_changes_before_one_hand_over_the_later_counts():
    once = with_roster(pattern("ana ben"), slots("cho"), at("2026-01-13 00:00"))
    team = rotation(with_roster(once, slots("ana ben dia"), at("2026-01-14 00:00")))
    assert on(team, at("2026-01-19 08:00")) == ["dia"]


# --- covers, swaps, leave ---

NIGHT = (at("2026-01-07 19:00"), at("2026-01-08 07:00"))


def test_a_cover_takes_the_slot_for_its_span_and_gives_it_back():
    team = published(rota(pattern("ana ben")), cover("C1", "pump-team/primary", "dia", *NIGHT, "course"))
    assert spans(team, "2026-01-07 00:00", "2026-01-09 00:00") == [
        ("ana", at("2026-01-05 08:00"), NIGHT[0]),
        ("dia", *NIGHT),
        ("ana", NIGHT[1], at("2026-01-12 08:00")),
    ]
    assert on_call_at(team, "primary", NIGHT[0])[0].why == "cover C1: course"


def test_a_cover_fills_a_hole():
    team = published(rota(pattern("ana", windows=(hours("08:00-17:00"),))), cover("C1", "pump-team", "dia", *NIGHT))
    assert on(team, NIGHT[0]) == ["dia"]
    assert on(team, NIGHT[1]) == []


def test_the_cover_published_later_beats_the_earlier_one():
    early = cover("C1", "pump-team/primary", "ben", *NIGHT)
    late = cover("C2", "pump-team/primary", "dia", NIGHT[0] + timedelta(hours=4), NIGHT[1])
    team = published(rota(pattern("ana")), early, late)
    people = [person for person, *_ in spans(team, "2026-01-07 18:00", "2026-01-08 08:00")]
    assert people == ["ana", "ben", "dia", "ana"]
    assert on(published(rota(pattern("ana")), late, early), NIGHT[1] - timedelta(hours=1)) == ["ben"]


def test_leave_takes_the_person_out_everywhere_and_leaves_the_hole_visible():
    team = published(rota(pattern("ana")), leave("L1", "ana", *NIGHT))
    (gap,) = gaps_between(team, "primary", at("2026-01-07 00:00"), at("2026-01-09 00:00"))
    assert (gap.starts_at, gap.ends_at) == NIGHT


def test_leave_takes_out_a_cover_published_before_it_and_not_one_published_after():
    covered, away = cover("C1", "pump-team/primary", "dia", *NIGHT), leave("L1", "dia", *NIGHT)
    assert on(published(rota(pattern("ana")), covered, away), NIGHT[0]) == []
    assert on(published(rota(pattern("ana")), away, covered), NIGHT[0]) == ["dia"]


def test_of_two_people_together_leave_takes_out_only_one():
    team = published(rota(always("ana+ben")), leave("L1", "ana", *NIGHT))
    assert on(team, NIGHT[0]) == ["ben"]


def test_a_cover_for_one_of_two_leaves_the_other_on():
    team = published(rota(always("ana+ben")), cover("C1", "pump-team/primary", "dia", *NIGHT, instead_of="ben"))
    assert sorted(on(team, NIGHT[0])) == ["ana", "dia"]


def test_who_covers_for_a_colleague_beside_whom_he_is_on_does_not_stand_twice():
    team = published(rota(always("ana+ben")), cover("C1", "pump-team/primary", "ana", *NIGHT, instead_of="ben"))
    assert on(team, NIGHT[0]) == ["ana"]
    assert sorted(on(team, NIGHT[1])) == ["ana", "ben"]


def test_a_swap_gives_each_what_the_other_had():
    daily = rota(pattern("ana ben", 1))
    first = ("ana", at("2026-01-07 08:00"), at("2026-01-08 08:00"))
    second = ("ben", at("2026-01-08 08:00"), at("2026-01-09 08:00"))
    team = published(daily, *swap("S1", "pump-team/primary", first, second))
    assert on(team, at("2026-01-07 12:00")) == ["ben"]
    assert on(team, at("2026-01-08 12:00")) == ["ana"]
    assert on(team, at("2026-01-09 12:00")) == ["ana"]


def test_a_cover_by_the_person_who_is_on_anyway_changes_nothing():
    assert changes_nothing(rota(pattern("ana")), cover("C1", "pump-team", "ana", *NIGHT))
    assert not changes_nothing(rota(pattern("ana")), cover("C1", "pump-team", "dia", *NIGHT))
    longer = cover("C1", "pump-team", "ana", NIGHT[0], at("2026-01-12 09:00"))
    assert not changes_nothing(rota(pattern("ana ben")), longer)


def test_a_swap_of_what_somebody_does_not_have_changes_nothing():
    mistaken = swap("S1", "pump-team/primary", ("ben", *NIGHT), ("dia", *NIGHT))
    assert [changes_nothing(rota(pattern("ana")), change) for change in mistaken] == [True, True]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (cover("C1", "pump-team", "zed", *NIGHT), "nobody is called zed"),
        (cover("C1", "pump-team/third", "ana", *NIGHT), "there is no layer pump-team/third"),
        (cover("C1", "neurology", "ana", *NIGHT), "there is no layer neurology"),
        (cover("C1", "pump-team", "ana", NIGHT[1], NIGHT[0]), "the end is not after the start"),
        (cover("C1", "pump-team", "ana", *NIGHT, instead_of="ana"), "ana cannot stand in for ana"),
        (leave("L1", "zed", *NIGHT), "nobody is called zed"),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused_with_its_reason(change, reason):
    with pytest.raises(ValueError, match=reason):
        with_changes(rota(pattern("ana")), [change])


def test_a_year_of_daily_covers_back_to_back_is_still_answered():
    days = [NIGHT[0] + timedelta(days=n) for n in range(366)]
    covers = [cover(f"C{n}", "pump-team", "dia" if n % 2 else "ben", days[n], days[n + 1]) for n in range(365)]
    team = published(rota(pattern("ana"), overlap=timedelta(minutes=15)), *covers)
    assert on(team, NIGHT[0] + timedelta(days=200, hours=1)) == ["ben"]


def test_a_split_gives_each_their_part_of_one_span():
    middle = NIGHT[0] + timedelta(hours=5)
    parts = split("P1", "pump-team/primary", ("ana", "dia"), (NIGHT[0], middle, NIGHT[1]), "early flight")
    team = published(rota(pattern("ana ben")), *parts)
    assert spans(team, "2026-01-07 19:00", "2026-01-08 07:00") == [
        ("ana", NIGHT[0], middle),
        ("dia", middle, NIGHT[1]),
    ]
    assert on_call_at(team, "primary", middle)[0].why == "split P1: early flight"


def test_a_split_changes_something_if_one_part_of_it_does():
    middle = NIGHT[0] + timedelta(hours=5)
    with_dia, alone = (
        split("P1", "pump-team/primary", people, (NIGHT[0], middle, NIGHT[1]))
        for people in (("ana", "dia"), ("ana", "ana"))
    )
    assert not changes_nothing(rota(pattern("ana")), *with_dia)
    assert changes_nothing(rota(pattern("ana")), *alone)


# --- hand-over windows ---

QUARTER = timedelta(minutes=15)


def test_in_a_declared_hand_over_window_both_are_on_and_the_newcomer_comes_first():
    team = rotation(pattern("ana ben"), overlap=QUARTER)
    assert on(team, at("2026-01-12 08:00")) == ["ben", "ana"]
    assert on(team, at("2026-01-12 08:15")) == ["ben"]


def test_a_hand_over_window_never_hides_a_hole():
    team = rotation(pattern("ana", windows=(hours("08:00-17:00"),)), overlap=QUARTER)
    assert on(team, at("2026-01-06 17:00")) == []


def test_a_hand_over_window_ends_with_a_follower_who_is_on_for_less():
    team = rotation(pattern("ana ben", 1, windows=(hours("20:00-08:05"),)), overlap=QUARTER)
    assert on(team, at("2026-01-07 08:04")) == ["ana", "ben"]
    assert on(team, at("2026-01-07 08:05")) == []


def test_nobody_is_kept_on_into_leave():
    away = leave("L1", "ana", at("2026-01-12 08:05"), at("2026-01-13 00:00"))
    team = published(rota(pattern("ana ben"), overlap=QUARTER), away)
    assert on(team, at("2026-01-12 08:04")) == ["ben", "ana"]
    assert on(team, at("2026-01-12 08:05")) == ["ben"]


def test_a_long_cover_is_known_to_its_end_from_its_first_day():
    three_days = cover("C1", "pump-team", "dia", at("2026-01-07 08:00"), at("2026-01-10 08:00"))
    team = published(rota(pattern("ana ben", 1), overlap=QUARTER), three_days)
    assert on_call_at(team, "primary", at("2026-01-07 12:00"))[0].ends_at == at("2026-01-10 08:15")


def test_the_one_relieved_by_a_cover_stays_for_the_window_but_not_if_on_leave():
    covered = cover("C1", "pump-team", "dia", *NIGHT)
    assert on(published(rota(pattern("ana"), overlap=QUARTER), covered), NIGHT[0]) == ["dia", "ana"]
    away = leave("L1", "ana", *NIGHT)
    assert on(published(rota(pattern("ana"), overlap=QUARTER), away, covered), NIGHT[0]) == ["dia"]


# --- questions ---


def test_shifts_come_out_whole_however_short_the_question():
    team = rotation(pattern("ana ben"))
    noon = at("2026-01-14 12:00")
    (shift,) = shifts_between(team, "primary", noon, noon + timedelta(minutes=1))
    assert shift == Shift("ben", "primary", at("2026-01-12 08:00"), at("2026-01-19 08:00"), "the pattern")


def test_the_next_change_skips_a_hand_over_to_oneself():
    team = rotation(pattern("ana ana ben"))
    assert next_change_after(team, "primary", at("2026-01-06 00:00")) == at("2026-01-19 08:00")


def test_the_next_change_sees_a_hole_begin():
    team = published(rota(always("ana")), leave("L1", "ana", *NIGHT))
    assert next_change_after(team, "primary", at("2026-01-01 00:00")) == NIGHT[0]
    assert next_change_after(team, "primary", NIGHT[0]) == NIGHT[1]


def test_a_tier_is_a_layer_or_all_layers_of_a_rotation_in_order():
    both = Rotation("pump-team", ZONE, (Layer("primary", (always("ana"),)), Layer("attending", (always("dia"),))))
    hospital = Rota({"pump-team": both}, PEOPLE, ZONE)
    noon = at("2026-01-01 12:00")
    assert tiers(hospital) == ("pump-team", "pump-team/primary", "pump-team/attending")
    assert [shift.person for shift in tier_shifts(hospital, "pump-team", noon)] == ["ana", "dia"]
    assert [shift.person for shift in tier_shifts(hospital, "pump-team/attending", noon)] == ["dia"]


def test_a_tier_that_no_longer_exists_has_nobody_rather_than_failing_a_case():
    assert tier_shifts(rota(always("ana")), "pump-team/backup", at("2026-01-01 00:00")) == ()
    assert tier_shifts(rota(always("ana")), "neurology", at("2026-01-01 00:00")) == ()


def test_a_layer_that_does_not_exist_is_an_error_for_who_asks_by_name():
    with pytest.raises(KeyError, match="no layer backup"):
        on_call_at(rotation(always("ana")), "backup", at("2026-01-01 00:00"))


def test_a_closed_holiday_hides_the_patterns_behind_it():
    closed = Pattern(ZONE, (), starts_at=at("2026-11-26 00:00"), ends_at=at("2026-11-27 00:00"), is_closed=True)
    team = rotation(closed, pattern("ana"))
    (gap,) = gaps_between(team, "primary", at("2026-11-20 00:00"), at("2026-12-01 00:00"))
    assert (gap.starts_at, gap.ends_at) == (at("2026-11-26 00:00"), at("2026-11-27 00:00"))
