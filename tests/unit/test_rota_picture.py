"""The rota as a picture: every block says who, from when until when, and why; what is missing is said exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from oncall.core.rota.on_call import (
    Change,
    Layer,
    Person,
    Rota,
    Rotation,
    cover,
    leave,
    shifts_between,
    swap,
    with_changes,
)
from oncall.core.rota.turns import Era, Hours, Pattern
from oncall.core.wall_time import first_pass
from oncall.service.cases.board import holes_ahead
from oncall.service.rota.picture import Block, Caution, Look, Picture, Row, picture_of
from oncall.service.rota.reasons import Sort
from oncall.service.rota.sheets import day_sheets, hole_sentence, month_sheets, patterns_that_run_out
from tests.support.web_house import shipped_handbook

BOSTON, LORD_HOWE = "America/New_York", "Australia/Lord_Howe"
PEOPLE = {id: Person(id, f"Dr {id.title()}", id, "clinician") for id in ("ana", "ben", "cho", "dia")}
PEOPLE["desk"] = Person("desk", "Operator", "operator", "shared")
MONDAY, NEXT = date(2026, 11, 23), date(2026, 11, 30)


def at(text: str, zone: str = BOSTON) -> datetime:
    return first_pass(datetime.fromisoformat(text), zone)


def hours(opens: int, closes: int, days: tuple[int, ...] = tuple(range(7))) -> tuple[Hours, ...]:
    return (Hours(days, timedelta(hours=opens), timedelta(hours=closes)),)


def days_and_nights(zone: str = BOSTON) -> tuple[Pattern, ...]:
    """Ana has every day, Ben every night."""
    day = Pattern(zone, (Era(0, (("ana",),)),), hours=hours(7, 19), why="days")
    night = Pattern(zone, (Era(0, (("ben",),)),), hours=hours(19, 31), why="nights")
    return day, night


def rota(zone: str = BOSTON, overlap: int = 0, patterns: tuple[Pattern, ...] = ()) -> Rota:
    layer = Layer("primary", patterns or days_and_nights(zone), timedelta(minutes=overlap))
    attending = Layer("attending", (Pattern(zone, (Era(0, (("dia",),)),), why="always"),))
    return Rota({"pump-team": Rotation("pump-team", zone, (layer, attending))}, PEOPLE, zone)


def look(
    hospital: Rota, first: date = MONDAY, until: date = NEXT, now: str = "2026-11-25 12:00", **more: object
) -> Picture:
    return picture_of(hospital, Look(first, until), at(now, hospital.zone), **more)  # type: ignore[arg-type]


def row(picture: Picture, tier: str = "pump-team/primary") -> Row:
    return next(row for row in picture.rows if row.tier == tier)


def block(picture: Picture, start: str) -> Block:
    return next(one for one in row(picture).blocks if one.starts_at == at(start, picture.zone))


def published(*changes: Change, hospital: Rota | None = None) -> Rota:
    return with_changes(hospital or rota(), changes)


# --- blocks --------------------------------------------------------------------------------------------------------


def test_a_night_says_both_of_its_days_and_the_pattern():
    night = block(look(rota()), "2026-11-28 19:00")
    assert (night.name, night.span) == ("Dr Ben", "Sat 28 Nov 19:00 to Sun 29 Nov 07:00")
    assert (night.why, night.length, night.badge, night.more) == ("nights", "12 h", "", ())


def test_a_day_shift_says_its_day_once():
    assert block(look(rota()), "2026-11-24 07:00").span == "Tue 24 Nov 07:00 to 19:00"


def test_a_shift_without_an_end_is_said_so():
    [always] = row(look(rota()), "pump-team/attending").blocks
    assert (always.span, always.length, always.badge) == ("always", "", "")


def test_past_present_and_future_are_told_apart():
    picture = look(rota(), now="2026-11-25 07:00")
    past, now, future = (
        block(picture, start) for start in ("2026-11-24 19:00", "2026-11-25 07:00", "2026-11-25 19:00")
    )
    assert [(one.is_past, one.is_now) for one in (past, now, future)] == [(True, False), (False, True), (False, False)]


def test_blocks_and_holes_of_every_shipped_tier_are_those_of_the_resolver():
    hospital = shipped_handbook().rota
    picture = picture_of(hospital, Look(MONDAY, date(2027, 1, 4)), at("2026-11-25 12:00"))
    for shown in picture.rows:
        rotation, layer = hospital.rotations[shown.tier.partition("/")[0]], shown.tier.partition("/")[2]
        told = [(one.person, one.starts_at, one.ends_at) for one in shown.blocks if one.person]
        shifts = shifts_between(rotation, layer, picture.starts_at, picture.ends_at)
        assert sorted(told) == sorted((shift.person, shift.starts_at, shift.ends_at) for shift in shifts)
    assert len({one.key for shown in picture.rows for one in shown.blocks}) == sum(len(r.blocks) for r in picture.rows)


# --- one-off changes, leave, holes ---------------------------------------------------------------------------------


def test_a_cover_is_hatched_and_says_for_whom():
    picture = look(
        published(cover("C7", "pump-team/primary", "cho", at("2026-11-24 07:00"), at("2026-11-24 19:00"), "x"))
    )
    covered = block(picture, "2026-11-24 07:00")
    assert (covered.name, covered.sort, covered.sort.is_one_off) == ("Dr Cho", Sort.COVER, True)
    assert (covered.change, covered.why, covered.more) == ("C7", "cover C7: x", ("Without it: Dr Ana.",))


def test_a_cover_of_a_hole_says_that_nobody_would_be_on():
    holed = published(leave("L1", "ana", at("2026-11-24 07:00"), at("2026-11-24 19:00")))
    covered = published(
        cover("C1", "pump-team/primary", "cho", at("2026-11-24 07:00"), at("2026-11-24 19:00")), hospital=holed
    )
    assert block(look(covered), "2026-11-24 07:00").more == ("Without it: nobody.",)


def test_a_swap_names_the_other_person():
    exchanged = swap(
        "S1",
        "pump-team/primary",
        ("ana", at("2026-11-24 07:00"), at("2026-11-24 19:00")),
        ("ben", at("2026-11-25 19:00"), at("2026-11-26 07:00")),
    )
    picture = look(published(*exchanged))
    assert block(picture, "2026-11-24 07:00").why == "swap S1, for Dr Ana"
    assert block(picture, "2026-11-25 19:00").why == "swap S1, for Dr Ben"


def test_a_pattern_whose_name_sounds_like_a_change_is_none():
    named = tuple(replace(pattern, why="cover C9 of the ward") for pattern in days_and_nights())
    assert {one.sort for one in row(look(rota(patterns=named))).blocks} == {Sort.PATTERN}


def test_leave_leaves_a_red_hole_that_names_it():
    picture = look(published(leave("L1", "ana", at("2026-11-24 07:00"), at("2026-11-24 19:00"), "a course")))
    hole = block(picture, "2026-11-24 07:00")
    assert (hole.sort, hole.person, hole.name, hole.span) == (Sort.HOLE, None, "NOBODY", "Tue 24 Nov 07:00 to 19:00")
    assert hole.more == ("Dr Ana is on leave (L1).",)
    [away] = picture.leave
    assert (away.name, away.span, away.note) == ("Dr Ana", "Tue 24 Nov 07:00 to 19:00", "a course")


def test_leave_of_somebody_else_is_not_the_reason_of_a_hole():
    gone = published(
        leave("L1", "ana", at("2026-11-24 07:00"), at("2026-11-24 19:00")),
        leave("L2", "cho", at("2026-11-24 00:00"), at("2026-11-25 00:00")),
    )
    assert block(look(gone), "2026-11-24 07:00").more == ("Dr Ana is on leave (L1).",)


def test_a_hole_that_reaches_the_edge_says_that_it_may_go_on():
    only_days = rota(patterns=days_and_nights()[:1])
    first, last = row(look(only_days)).blocks[0], row(look(only_days)).blocks[-1]
    assert first.more == ("It may have begun before the first day shown.",)
    assert last.more == ("It may go on after the last day shown.",)


def test_a_tier_that_serves_by_day_only_has_no_holes():
    clinic = Rotation("complex-care", BOSTON, (Layer("primary", days_and_nights()[:1]),))
    picture = look(replace(rota(), rotations={"complex-care": clinic}))
    assert {one.sort for one in row(picture, "complex-care/primary").blocks} == {Sort.PATTERN}
    assert row(picture, "complex-care/primary").is_by_day_only


def test_a_hand_over_window_is_said_on_both_sides():
    picture = look(rota(overlap=15))
    assert block(picture, "2026-11-24 07:00").more == ("Both on: with Dr Ben 07:00 to 07:15, Dr Ben 19:00 to 19:15.",)
    assert {one.lanes for one in row(picture).blocks} == {1}


def test_two_people_at_once_stand_side_by_side():
    both = Pattern(BOSTON, (Era(0, (("ana", "ben"),)),), hours=hours(7, 19), why="both")
    first, second = (one for one in row(look(rota(patterns=(both,)))).blocks if one.starts_at == at("2026-11-24 07:00"))
    assert {(first.lane, first.lanes), (second.lane, second.lanes)} == {(0, 2), (1, 2)}
    assert first.more == (f"Both on: with {second.name} Tue 24 Nov 07:00 to 19:00.",)


def test_a_warning_stands_on_the_blocks_it_is_about_and_no_other():
    caution = Caution("pump-team/primary", at("2026-11-24 19:00"), at("2026-11-25 07:00"), "ten nights in a row")
    told = [one for one in row(look(rota(), cautions=[caution])).blocks if one.cautions]
    assert [(one.starts_at, one.cautions) for one in told] == [(at("2026-11-24 19:00"), ("ten nights in a row",))]


# --- the nights on which the clock changes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "night", "day_badge", "badge", "said"),
    [
        (BOSTON, "2026-10-31 19:00", "25 h", "13 h", "13 h: the clock goes back 1 h."),
        (BOSTON, "2026-03-07 19:00", "23 h", "11 h", "11 h: the clock goes forward 1 h."),
        (LORD_HOWE, "2026-04-04 19:00", "24 h 30 min", "12 h 30 min", "12 h 30 min: the clock goes back 30 min."),
        (LORD_HOWE, "2026-10-03 19:00", "23 h 30 min", "11 h 30 min", "11 h 30 min: the clock goes forward 30 min."),
    ],
)
def test_the_night_and_the_day_of_a_clock_change_are_labelled(zone, night, day_badge, badge, said):
    evening = datetime.fromisoformat(night).date()
    picture = look(rota(zone), evening, evening + timedelta(days=3), "2026-01-01 12:00")
    assert [day.badge for day in picture.days] == ["", day_badge, ""]
    assert {one.starts_at: one.badge for one in row(picture).blocks if one.badge} == {at(night, zone): badge}
    assert block(picture, night).more == (said,)


def test_the_two_passes_of_a_doubled_hour_are_told_apart():
    twice = Pattern(BOSTON, (Era(0, (("ana",),)),), hours=hours(1, 2), why="short")
    told = {one.span for one in row(look(rota(patterns=(twice,)), date(2026, 11, 1), date(2026, 11, 2))).blocks}
    assert any("01:00 EDT" in span for span in told)


# --- before and after ----------------------------------------------------------------------------------------------


def test_a_draft_adds_a_row_only_to_the_tier_that_it_changes():
    before = rota()
    after = published(cover("C7", "pump-team/primary", "cho", at("2026-11-24 07:00"), at("2026-11-24 19:00")))
    picture = look(before, draft=after)
    assert [(one.tier, one.is_draft) for one in picture.rows] == [
        ("pump-team/primary", False),
        ("pump-team/primary", True),
        ("pump-team/attending", False),
    ]
    changed = [one for one in picture.rows[1].blocks if one.is_changed]
    assert [(one.name, one.span) for one in changed] == [("Dr Cho", "Tue 24 Nov 07:00 to 19:00")]
    assert not any(one.is_changed for one in picture.rows[0].blocks)
    assert {one.key for one in picture.rows[1].blocks} == picture.draft_keys


def test_hours_are_those_after_the_draft():
    after = published(cover("C7", "pump-team/primary", "cho", at("2026-11-24 07:00"), at("2026-11-24 19:00")))
    hours = {load.person: load.hours for load in look(rota(), draft=after).loads}
    assert (hours["cho"], hours["ana"]) == (12.0, 72.0)


def test_a_draft_that_changes_nothing_adds_no_row():
    assert [one.is_draft for one in look(rota(), draft=rota()).rows] == [False, False]


# --- hours carried -------------------------------------------------------------------------------------------------


def test_nights_and_weekends_weigh_more_and_the_operator_carries_nothing():
    desk = Rotation("operator", BOSTON, (Layer("primary", (Pattern(BOSTON, (Era(0, (("desk",),)),)),)),))
    loads = {
        load.person: load for load in look(replace(rota(), rotations={**rota().rotations, "operator": desk})).loads
    }
    assert set(loads) == {"ana", "ben", "dia"}
    assert (loads["ana"].hours, loads["ana"].weighted) == (84.0, 5 * 12 + 2 * 12 * 1.5)
    assert (loads["ben"].hours, loads["ben"].weighted) == (84.0, 60 * 1.5 + 24 * 2.0)
    assert loads["dia"].hours == 168.0


# --- days, months, what is missing ---------------------------------------------------------------------------------


def test_every_day_of_the_list_has_everybody():
    picture = look(rota())
    for sheet in day_sheets(picture):
        names = {one.name for one in (*sheet.begins, *sheet.goes_on)}
        assert names == {"Dr Ana", "Dr Ben", "Dr Dia"}, sheet.day.date


def test_the_list_of_one_person_has_only_their_shifts():
    sheets = day_sheets(look(rota()), "ana")
    assert {one.person for sheet in sheets for one in sheet.begins} == {"ana"}
    assert [len(sheet.begins) for sheet in sheets] == [1] * 7


def test_a_month_begins_and_ends_at_the_hospitals_midnight():
    picture = look(rota(), date(2026, 11, 1), date(2026, 12, 1))
    assert len(picture.days) == 30
    assert (picture.starts_at, picture.ends_at) == (at("2026-11-01 00:00"), at("2026-12-01 00:00"))


def test_a_year_counts_holes_and_changes_of_each_month():
    changed = published(
        leave("L1", "ana", at("2026-11-24 07:00"), at("2026-11-24 19:00")),
        cover("C7", "pump-team/primary", "cho", at("2026-12-02 07:00"), at("2026-12-02 19:00")),
    )
    months = month_sheets(look(changed, date(2026, 11, 1), date(2027, 11, 1)))
    assert [month.first.month for month in months] == [11, 12, *range(1, 11)]
    told = [(month.cells[0].holes, month.cells[0].hole_length, month.cells[0].one_offs) for month in months]
    assert told == [(1, "12 h", 0), (0, "", 1), *[(0, "", 0)] * 10]


def test_a_hole_is_said_exactly_and_one_beyond_the_horizon_as_such():
    holed = published(leave("L1", "ana", at("2026-11-24 07:00"), at("2026-11-24 19:00")))
    now = at("2026-11-23 12:00")
    horizon = now + timedelta(days=60)
    [hole] = holes_ahead(holed, now, timedelta(days=60))
    assert hole_sentence(hole, horizon, BOSTON) == "Pump team, primary: nobody Tue 24 Nov 07:00 to 19:00 (12 h)"
    ending = rota(patterns=tuple(replace(p, ends_at=at("2026-12-01 00:00")) for p in days_and_nights()))
    [last] = holes_ahead(ending, now, timedelta(days=60))
    assert hole_sentence(last, horizon, BOSTON).endswith(" at least)")


def test_a_pattern_that_runs_out_is_told_and_one_without_end_is_not():
    ending = rota(patterns=tuple(replace(p, ends_at=at("2027-06-30 07:00")) for p in days_and_nights()))
    [told] = patterns_that_run_out(ending, at("2026-11-23 12:00"))
    assert told.sentence == (
        "Pump team, primary: the pattern runs out on Wed 30 Jun 07:00 2027. From then on nobody is on."
    )
    assert patterns_that_run_out(rota(), at("2026-11-23 12:00")) == ()
