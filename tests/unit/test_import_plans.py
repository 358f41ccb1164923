"""What an import would change: names that are never guessed, times that are refused with both choices, and covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from oncall.adapters.calendars.imported import ImportedShift, Reading, RowError
from oncall.adapters.calendars.names import names_of
from oncall.adapters.calendars.planning import ImportPlan, plan_of
from oncall.core.rota.on_call import Kind, Person, Rota, with_changes
from tests.support.calendar_rotas import HOUR, rota_in

NOW = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)
ROTA = rota_in("America/New_York")
BY_DAY = (
    datetime.fromisoformat("2026-11-24T07:00"),
    datetime.fromisoformat("2026-11-24T19:00"),
)  # Ben's, by the pattern


def shift(
    person: str,
    tier: str | None = "pump-team/primary",
    start: datetime = BY_DAY[0],
    end: datetime = BY_DAY[1],
    row: int = 1,
) -> ImportedShift:
    return ImportedShift(row, person, tier, start, end)


def plan(
    *shifts: ImportedShift,
    rota: Rota = ROTA,
    people: Mapping[str, str] | None = None,
    tiers: Mapping[str, str] | None = None,
    tier: str = "",
    now: datetime = NOW,
) -> ImportPlan:
    return plan_of(Reading(shifts), rota, names_of(rota, people or {}, tiers or {}), tier, now)


def covered(found: ImportPlan) -> list[tuple[str, str | None, str, str]]:
    assert (found.row_errors, found.unmatched) == ((), ())
    return [(c.person, c.tier, f"{c.starts_at:%m-%d %H:%M}", f"{c.ends_at:%m-%d %H:%M}") for c in found.covers]


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Ana Lee",
        "ana",
        "Lee, Ana",
        "LEE, ANA MD",
        "Dr. Lee",
        "Doctor Lee",
        "A. Lee",
        "Lee A",
        "Lee",
        "Ana",
        "  ana   lee ",
    ],
)
def test_a_person_is_known_however_others_write_the_name(name: str) -> None:
    assert covered(plan(shift(name))) == [("ana", "pump-team/primary", "11-24 12:00", "11-25 00:00")]


@pytest.mark.parametrize("name", ["Cho Park-Nunez", "Chö Park-Núñez", "Park-Nunez, C", "Dr Park"])
def test_accents_and_double_names_are_no_hindrance(name: str) -> None:
    assert covered(plan(shift(name)))[0][0] == "cho"


def test_a_name_that_fits_two_people_is_left_to_the_coordinator() -> None:
    amy = Person("amy", "Amy Lee", "Doctor Amy Lee", "clinician")
    rota = replace(ROTA, people={**ROTA.people, "amy": amy})
    for name in ("Lee", "A Lee"):
        found = plan(shift(name), rota=rota)
        assert (found.covers, found.can_be_applied) == ((), False)
        assert str(found.unmatched[0]) == f'row 1: person "{name}" could be amy or ana Say --name "{name}=..."'
    assert covered(plan(shift("Ana Lee"), rota=rota))[0][0] == "ana"
    assert covered(plan(shift("Lee"), rota=rota, people={"Lee": "amy"}))[0][0] == "amy"


def test_a_misspelt_name_is_asked_back_and_never_guessed() -> None:
    found = plan(shift("Anna Leee", row=4), shift("Anna Leee", row=9), shift("Zoltan Quux"))
    assert found.covers == ()
    assert "rows 4, 9" in str(found.unmatched[0])
    assert "did you mean ana" in str(found.unmatched[0])
    assert found.unmatched[1].could_be == ()


def test_another_person_of_the_same_surname_is_not_taken_for_ours() -> None:
    assert plan(shift("Bob Lee")).covers == ()


def test_a_person_or_a_tier_that_was_said_to_be_left_out_is() -> None:
    found = plan(
        shift("Locum"),
        shift("Ana", "Clinic"),
        shift("Ben", "Ward"),
        people={"locum": ""},
        tiers={"Clinic": "", "*": ""},
    )
    assert (found.covers, found.can_be_applied) == ((), True)


@pytest.mark.parametrize(
    ("tier", "wanted"),
    [
        ("pump-team/attending", "pump-team/attending"),
        ("Pump team: attending", "pump-team/attending"),
        ("Attending", "pump-team/attending"),
        ("operator", "operator/primary"),
    ],
)
def test_a_tier_is_known_by_its_name_and_by_the_part_that_only_it_has(tier: str, wanted: str) -> None:
    assert covered(plan(shift("Ana", tier)))[0][1] == wanted


def test_an_unknown_tier_is_asked_about() -> None:
    [unmatched] = plan(shift("Ana", "Pump Primry")).unmatched
    assert (unmatched.kind, unmatched.could_be[0]) == ("tier", "pump-team/primary")


@pytest.mark.parametrize(
    "summary", ["Pump team primary - Dr Lee", "Ana Lee on call: pump team, primary", "primary: Lee", "Lee (primary)"]
)
def test_a_summary_holds_person_and_tier_in_either_order(summary: str) -> None:
    assert covered(plan(shift(summary, None)))[0][:2] == ("ana", "pump-team/primary")


def test_a_calendar_of_one_tier_needs_only_names() -> None:
    assert covered(plan(shift("On call - Lee", None), tier="pump-team/primary"))[0][:2] == ("ana", "pump-team/primary")


def test_entries_that_say_nobody_take_nobody_off() -> None:
    found = plan(shift("NOBODY ON CALL: pump team, primary", None), shift("Vacant"))
    assert (found.covers, found.can_be_applied) == ((), True)
    assert "2 entries say that nobody is on" in found.remarks[0]


# --- times ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2027-11-07T01:30", "2027-11-07 01:30-04:00 or 2027-11-07 01:30-05:00"),  # comes twice
        ("2027-03-14T02:30", "2027-03-14 01:30-05:00 or 2027-03-14 03:30-04:00"),  # never comes
    ],
)
def test_a_time_that_comes_twice_or_never_is_refused_with_both_choices(start: str, said: str) -> None:
    begins = datetime.fromisoformat(start)
    [error] = plan(shift("Ana", start=begins, end=begins + 12 * HOUR)).row_errors
    assert error.wanted == said


def test_a_shift_of_a_year_is_a_slip_of_the_pen() -> None:
    [error] = plan(shift("Ana", end=BY_DAY[1].replace(year=2027))).row_errors
    assert "62 days" in error.wanted


def test_a_shift_in_ten_years_is_a_slip_of_the_pen_too() -> None:
    far = [edge.replace(year=2036) for edge in BY_DAY]
    [error] = plan(shift("Ana", start=far[0], end=far[1])).row_errors
    assert error.wanted == "a day of the next two years"


def test_two_people_on_one_tier_at_once_are_refused_beyond_a_hand_over() -> None:
    late = BY_DAY[1] - 6 * HOUR
    [error] = plan(shift("Ana"), shift("Cho", start=late, row=2)).row_errors
    assert (error.row, "ana and cho at once" in error.found) == (2, True)
    assert plan(shift("Ana"), shift("Cho", start=BY_DAY[1] - HOUR, end=BY_DAY[1] + HOUR, row=2)).row_errors == ()


# --- covers ---------------------------------------------------------------------------------------------------------


def test_where_the_file_agrees_nothing_is_added() -> None:
    assert covered(plan(shift("Ben Singh"))) == []


def test_only_the_part_that_differs_becomes_a_cover() -> None:
    [change] = plan(shift("Ben", start=BY_DAY[0] - 3 * HOUR)).covers
    assert (change.kind, change.person, change.tier) == (Kind.COVER, "ben", "pump-team/primary")
    assert (f"{change.starts_at:%d %H:%M}", f"{change.ends_at:%d %H:%M}") == ("24 09:00", "24 12:00")


def test_neighbouring_rows_of_one_person_are_one_cover() -> None:
    rows = [shift("Ana", start=BY_DAY[0] + n * HOUR, end=BY_DAY[0] + (n + 1) * HOUR, row=n) for n in range(1, 6)]
    assert covered(plan(*rows)) == [("ana", "pump-team/primary", "11-24 13:00", "11-24 18:00")]


def test_the_past_is_left_as_it_is_and_a_running_shift_begins_now() -> None:
    noon = datetime(2026, 11, 24, 17, 2, tzinfo=UTC)
    assert covered(plan(shift("Ana"), now=noon)) == [("ana", "pump-team/primary", "11-24 17:05", "11-25 00:00")]
    over = plan(shift("Ana"), now=noon + 24 * HOUR)
    assert (over.covers, over.shifts, over.past) == ((), 1, 1)


def test_a_hole_is_filled() -> None:
    saturday = datetime.fromisoformat("2026-11-28T08:00")
    found = plan(shift("Ana", "attending", saturday, saturday + 8 * HOUR))
    assert covered(found) == [("ana", "pump-team/attending", "11-28 13:00", "11-28 21:00")]


def test_the_same_file_again_adds_nothing_and_after_an_overruling_cover_it_has_an_id_of_its_own() -> None:
    first = plan(shift("Ana"))
    after = with_changes(ROTA, first.covers)
    assert covered(plan(shift("Ana"), rota=after)) == []
    overruled = with_changes(after, plan(shift("Cho"), rota=after).covers)
    [again] = plan(shift("Ana"), rota=overruled).covers
    assert again.id == f"{first.covers[0].id}-2"


def test_faults_of_the_reading_stand_in_the_plan() -> None:
    fault = RowError(3, "x", "y")
    found = plan_of(Reading(errors=(fault,)), ROTA, names_of(ROTA, {}, {}), "", NOW)
    assert (found.row_errors, found.can_be_applied) == ((fault,), False)
