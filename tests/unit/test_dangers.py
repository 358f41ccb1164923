"""The calendar of dangers: what stands on the list, how it rises with the date, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from oncall.adapters.handbook.dangers_file import read_dangers
from oncall.core.dangers import (
    Danger,
    Kind,
    Level,
    Numbers,
    dangers_of,
    missed_refill,
    refill_on,
    weeks_ahead,
)
from oncall.core.pump_facts import PumpFacts
from tests.support.ward import ROOT, shipped

ZONE = "America/New_York"
AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
KNOWN = Numbers(2, 2)
WELL = PumpFacts(
    last_refill_on=TODAY - 40 * DAY,
    refill_due_on=TODAY + 50 * DAY,
    low_reservoir_on=TODAY + 60 * DAY,
    eri_on=TODAY + 900 * DAY,
    implanted_on=TODAY - 1000 * DAY,
)


def found(facts: PumpFacts, numbers: Numbers = KNOWN) -> dict[Kind, Danger]:
    return {danger.kind: danger for danger in dangers_of(facts, numbers, AT, ZONE, shipped().dangers)}


def test_a_pump_with_all_its_dates_ahead_is_on_no_list() -> None:
    assert found(WELL) == {}


@pytest.mark.parametrize(("kind", "field"), [(Kind.REFILL, "refill_due_on"), (Kind.LOW_RESERVOIR, "low_reservoir_on")])
def test_a_date_rises_step_by_step_as_it_comes_near_and_never_falls(kind: Kind, field: str) -> None:
    levels = [
        danger.level if (danger := found(replace(WELL, **{field: TODAY + days * DAY})).get(kind)) else -1
        for days in range(40, -5, -1)
    ]
    assert all(before <= after for before, after in pairwise(levels))
    assert set(levels) == {-1, Level.LISTED, Level.SOON, Level.NEAR, Level.OVERDUE}
    assert levels[-5] == Level.NEAR, "today is not yet past"


def test_what_was_never_recorded_stands_as_overdue() -> None:
    nothing = found(PumpFacts(), Numbers(0, 0))
    assert nothing[Kind.LOW_RESERVOIR].level is Level.OVERDUE
    assert "no low-reservoir date is recorded" in nothing[Kind.LOW_RESERVOIR].reason
    assert nothing[Kind.REFILL].level is Level.OVERDUE
    assert "no refill is recorded at all" in nothing[Kind.REFILL].reason
    assert "no telephone" in nothing[Kind.NUMBER].reason
    assert Kind.BATTERY not in nothing


def test_a_refill_not_recorded_for_six_months_is_overdue_whatever_its_next_date_says() -> None:
    old = replace(WELL, last_refill_on=TODAY - 184 * DAY)
    assert found(old)[Kind.REFILL].level is Level.OVERDUE
    assert Kind.REFILL not in found(replace(WELL, last_refill_on=TODAY - 183 * DAY))


def test_a_date_that_a_refill_has_overtaken_is_no_date() -> None:
    filled = replace(WELL, last_refill_on=TODAY - DAY, low_reservoir_on=TODAY - 2 * DAY, refill_due_on=TODAY - 3 * DAY)
    assert found(filled)[Kind.LOW_RESERVOIR].on is None
    assert found(filled)[Kind.REFILL].reason == "no date is recorded for the next refill"


def test_a_visit_in_time_keeps_a_date_from_rising_and_one_too_late_or_missed_does_not() -> None:
    near = replace(WELL, refill_due_on=TODAY + 3 * DAY)
    assert found(near)[Kind.REFILL].level is Level.NEAR
    assert found(replace(near, refill_booked_on=TODAY + 2 * DAY))[Kind.REFILL].level is Level.LISTED
    late = found(replace(near, refill_booked_on=TODAY + 5 * DAY))[Kind.REFILL]
    assert (late.level, late.booked_on) == (Level.NEAR, TODAY + 5 * DAY)
    assert late.reason == "refill due in 3 days, 26 Nov 2026; booked for 28 Nov 2026, 2 days after it"
    missed = found(replace(near, refill_booked_on=TODAY - DAY))[Kind.REFILL]
    assert "the visit of 22 Nov 2026 has passed and no refill is recorded" in missed.reason
    past = replace(WELL, low_reservoir_on=TODAY - DAY, refill_booked_on=TODAY + DAY)
    assert found(past)[Kind.LOW_RESERVOIR].level is Level.OVERDUE


def test_a_scan_that_nobody_followed_up_is_near_at_once_and_overdue_after_a_day() -> None:
    fresh, old = (replace(WELL, last_mri_at=AT - timedelta(hours=hours)) for hours in (2, 25))
    assert found(fresh)[Kind.SCAN].level is Level.NEAR
    assert found(old)[Kind.SCAN].level is Level.OVERDUE
    assert Kind.SCAN not in found(replace(old, mri_interrogated_at=AT - timedelta(hours=20)))
    assert Kind.SCAN not in found(replace(WELL, last_mri_at=AT + 3 * DAY)), "a scan that is only planned"


def test_the_battery_goes_by_its_date_and_the_age_only_flags() -> None:
    assert found(replace(WELL, eri_on=TODAY - DAY))[Kind.BATTERY].level is Level.OVERDUE
    assert "it may stop from 20 Feb 2027 on" in found(replace(WELL, eri_on=TODAY - DAY))[Kind.BATTERY].reason
    assert found(replace(WELL, implanted_on=date(2020, 11, 23)))[Kind.PUMP_AGE].level is Level.FLAG
    assert Kind.PUMP_AGE not in found(replace(WELL, implanted_on=date(2020, 11, 24)))


def test_a_family_without_any_verified_number_weighs_more_than_one_with_another() -> None:
    assert found(WELL, Numbers(2, 0))[Kind.NUMBER].level is Level.SOON
    assert found(WELL, Numbers(2, 1))[Kind.NUMBER].level is Level.FLAG


def test_the_worst_comes_first() -> None:
    both = replace(WELL, low_reservoir_on=TODAY - DAY, implanted_on=TODAY - 3000 * DAY, eri_on=TODAY + 20 * DAY)
    kinds = [danger.kind for danger in dangers_of(both, Numbers(1, 0), AT, ZONE, shipped().dangers)]
    assert kinds == [Kind.LOW_RESERVOIR, Kind.BATTERY, Kind.NUMBER, Kind.PUMP_AGE]


def test_a_missed_refill_is_a_passed_date_without_a_visit_ahead() -> None:
    past = replace(WELL, low_reservoir_on=TODAY - DAY)
    assert missed_refill(past, TODAY, ZONE) == TODAY - DAY
    assert missed_refill(replace(past, low_reservoir_on=TODAY), TODAY, ZONE) is None
    assert missed_refill(replace(past, refill_booked_on=TODAY), TODAY, ZONE) is None
    assert missed_refill(replace(past, refill_booked_on=TODAY - DAY), TODAY, ZONE) == TODAY - DAY
    unknown = replace(WELL, low_reservoir_on=None, refill_due_on=TODAY - 4 * DAY)
    assert missed_refill(unknown, TODAY, ZONE) == TODAY - 4 * DAY
    assert missed_refill(PumpFacts(), TODAY, ZONE) is None


def test_the_year_counts_each_refill_once_in_the_week_of_its_visit_or_date() -> None:
    days = [refill_on(facts, TODAY, ZONE) for facts in (WELL, replace(WELL, refill_booked_on=TODAY + 8 * DAY))]
    days.append(refill_on(replace(WELL, refill_due_on=TODAY - 9 * DAY), TODAY, ZONE))
    weeks = list(weeks_ahead([day for day in days if day], [TODAY, TODAY + DAY], TODAY))
    assert len(weeks) == 52
    assert sum(week.refills for week in weeks) == 3
    assert (weeks[0].refills, weeks[0].clinic_days) == (1, 2)
    assert weeks[1].is_full


def test_steps_that_do_not_rise_and_an_evening_that_ends_before_it_begins_are_faults(tmp_path: Path) -> None:
    text = (ROOT / "rules" / "dangers.yaml").read_text(encoding="utf-8")
    path = tmp_path / "dangers.yaml"
    path.write_text(text.replace("near: 30", "near: 300").replace('until: "21:00"', 'until: "20:00"'), encoding="utf-8")
    limits, _, faults = read_dangers(path)
    assert limits is None
    assert [fault.wanted.partition(":")[0] for fault in faults] == [
        "days that only become fewer",
        "an hour later than `at`",
    ]
    path.write_text(text.replace("    source", "    origin").replace("  source: RULINGS 9", ""), encoding="utf-8")
    assert read_dangers(path)[0] is None, "every limit has its source"
