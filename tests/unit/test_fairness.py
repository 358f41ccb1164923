"""Who has how much of the rota beside their share: counted over a span, for the past as for a draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.core.rota.fairness import Share, fairness
from oncall.core.rota.on_call import Holiday, Rota, cover, leave, split, swap
from oncall.core.rota.turns import Pattern, with_roster
from tests.support.rotas import DAYS, NIGHTS, ZONE, at, hospital, hours, in_turns

START, END = at("2026-06-01 07:00"), at("2026-06-22 07:00")  # three weeks: each has the days and the nights once
PRIMARY = "pump-team/primary"
NIGHT = (at("2026-06-04 19:00"), at("2026-06-05 07:00"))  # Cho's


def shares(rota: Rota, *tiers: str, start=START, end=END, pages=None) -> dict[str, Share]:
    return {share.person: share for share in fairness(rota, start, end, pages, tiers or None)}


def test_three_people_over_three_weeks_have_the_same_of_everything():
    found = shares(hospital(), PRIMARY)
    assert set(found) == {"ana", "ben", "cho"}
    for share in found.values():
        assert (share.load.hours, share.load.nights) == (168, 7)
        assert share.load == share.fair


def test_a_hand_over_window_is_nobodys_hour():
    assert shares(hospital(overlap=60), PRIMARY) == shares(hospital(overlap=0), PRIMARY)


def test_weekend_days_go_to_days_and_to_nights_that_begin_on_them():
    found = shares(hospital(), PRIMARY, end=at("2026-06-08 07:00"))
    assert (found["ana"].load.weekend_days, found["cho"].load.weekend_days) == (2, 2)
    assert "ben" in found
    assert found["ben"].load.weekend_days == 0


def test_a_night_counts_for_whoever_has_three_hours_of_it():
    late = cover("C1", PRIMARY, "ben", NIGHT[1] - timedelta(hours=3), NIGHT[1])
    later = cover("C1", PRIMARY, "ben", NIGHT[1] - timedelta(hours=3) + timedelta(minutes=1), NIGHT[1])
    assert [shares(hospital(change), PRIMARY)["ben"].load.nights for change in (late, later)] == [8, 7]
    assert shares(hospital(late), PRIMARY)["cho"].load.nights == 7


def test_half_a_post_has_half_a_share():
    people = hospital().people
    part = replace(hospital(), people={**people, "ben": replace(people["ben"], fte=0.5)})
    found = shares(part, PRIMARY)
    assert found["ben"].fair.nights == pytest.approx(21 / 5)
    assert found["ana"].fair.nights == pytest.approx(42 / 5)
    assert found["ben"].load.nights == 7


def test_who_comes_into_the_roster_half_way_has_half_a_share():
    middle = START + (END - START) / 2
    days = with_roster(DAYS, (("dia",),), middle)
    found = shares(hospital(primary=(days,)), PRIMARY)
    # the change holds from the next hand-over: one week of three
    assert found["dia"].fair.hours / sum(share.fair.hours for share in found.values()) == pytest.approx(1 / 7)


def test_a_helper_from_outside_has_hours_and_no_share_of_the_tier():
    found = shares(hospital(cover("C1", PRIMARY, "dia", *NIGHT)), PRIMARY)
    assert found["dia"].load.hours == 12
    assert found["dia"].fair.hours == 0
    assert found["ana"].fair.hours == pytest.approx(168)


def test_whole_days_are_counted_by_the_clock_on_the_wall():
    week = shares(hospital(), "pump-team/attending", start=at("2026-10-26 08:00"), end=at("2026-11-02 08:00"))
    (worked,) = [share for share in week.values() if share.load.hours]
    assert worked.load.hours == 169
    assert worked.load.whole_days == 7
    assert shares(hospital(), PRIMARY)["ana"].load.whole_days == 0


def test_holidays_are_counted_by_bucket_for_whoever_is_on():
    thanks = Holiday("Thanksgiving", "major", at("2026-06-04 00:00"), at("2026-06-05 00:00"))
    eve = Holiday("Eve", "minor", at("2026-06-06 00:00"), at("2026-06-07 00:00"))
    found = shares(replace(hospital(), holidays=(thanks, eve)), PRIMARY)
    assert found["ana"].holidays == {"major": 1, "minor": 1}
    assert found["cho"].holidays == {"major": 1, "minor": 1}
    assert found["ben"].holidays == {}
    assert found["ben"].fair.holidays == pytest.approx(4 / 3)


def test_a_cover_is_given_by_who_was_on_and_taken_by_who_covers():
    found = shares(hospital(cover("C1", PRIMARY, "ben", *NIGHT)))
    assert [(found[person].given, found[person].taken) for person in ("ana", "ben", "cho")] == [(0, 0), (0, 1), (1, 0)]


def test_a_cover_of_a_hole_is_taken_and_given_by_nobody():
    found = shares(hospital(leave("L1", "cho", *NIGHT), cover("C1", PRIMARY, "ben", *NIGHT)))
    assert found["ben"].taken == 1
    assert sum(share.given for share in found.values()) == 0


def test_a_swap_is_one_given_and_one_taken_for_both():
    other = (at("2026-06-16 19:00"), at("2026-06-17 07:00"))
    found = shares(hospital(*swap("S1", PRIMARY, ("cho", *NIGHT), ("ben", *other))))
    assert [(found[person].given, found[person].taken) for person in ("ben", "cho")] == [(1, 1), (1, 1)]


def test_of_a_split_only_the_part_that_changes_hands_is_counted():
    edges = (NIGHT[0], NIGHT[0] + timedelta(hours=5), NIGHT[1])
    found = shares(hospital(*split("P1", PRIMARY, ("cho", "ben"), edges)))
    assert [(found[person].given, found[person].taken) for person in ("ben", "cho")] == [(0, 1), (1, 0)]


def test_changes_outside_the_span_or_the_tiers_are_not_counted():
    covered = hospital(cover("C1", PRIMARY, "ben", *NIGHT))
    assert shares(covered, "pain")["eli"].taken == 0
    assert all(share.given == 0 for share in shares(covered, start=NIGHT[1]).values())


def test_pages_at_night_come_from_the_journal():
    found = shares(hospital(), PRIMARY, pages={"ana": 3})
    assert [found[person].pages_at_night for person in ("ana", "ben")] == [3, 0]


def test_a_closed_day_has_no_roster_and_nobody_has_it():
    closed = Pattern(ZONE, (), starts_at=at("2026-06-04 00:00"), ends_at=at("2026-06-05 00:00"), is_closed=True)
    found = shares(hospital(primary=(closed, DAYS, NIGHTS)), PRIMARY).values()
    assert sum(share.load.hours for share in found) == 20 * 24


def test_a_shared_telephone_has_no_share():
    assert "operator" not in shares(hospital())


def test_the_shares_of_all_add_up_to_the_work():
    found = shares(hospital(cover("C1", PRIMARY, "ben", *NIGHT))).values()
    assert sum(share.fair.hours for share in found) == pytest.approx(sum(share.load.hours for share in found))


def test_a_draft_is_projected_by_the_same_question():
    only_ana = in_turns("ana", 7, "2026-01-05 07:00", hours("07:00-19:00"))
    before, after = hospital(), hospital(primary=(only_ana, NIGHTS))
    assert shares(after, PRIMARY)["ana"].load.hours - shares(before, PRIMARY)["ana"].load.hours == 168
