"""A patient's record at one instant: what is known is said, what is not known is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from oncall.core.pump_facts import PumpFacts, age_in_years, context_of

ZONE = "America/New_York"
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # 03:00 on the 23rd at the hospital
FULL = PumpFacts(
    model="SynchroMed II",
    diagnosis="CP, epilepsy",
    born_on=date(2018, 11, 24),
    implanted_on=date(2022, 3, 24),
    last_refill_on=date(2026, 8, 5),
    last_refill_at=datetime(2026, 8, 5, 14, 0, tzinfo=UTC),
    refill_booked_on=date(2026, 11, 26),
    low_reservoir_on=date(2026, 11, 19),
    low_reservoir_alarm_ml=2.0,
    daily_volume_ml=0.3,
    last_dose_change_at=AT - timedelta(hours=26, minutes=40),
    last_mri_at=AT - timedelta(hours=5),
    last_surgery_on=date(2026, 11, 11),
)
NOTHING = PumpFacts()


def said(facts: PumpFacts, at: datetime = AT) -> dict[str, object]:
    return context_of(facts, at, ZONE)


def test_a_full_record_says_everything_that_triage_can_ask() -> None:
    assert said(FULL) == {
        "pump_model": "SynchroMed II",
        "diagnosis": "CP, epilepsy",
        "age_years": 7,
        "pump_age_years": 4.7,
        "months_since_implant": 55,
        "days_since_refill": 110,
        "hours_since_refill": 2634,
        "refill_booked_in_days": 3,
        "days_to_low_reservoir_alarm": -4,
        "days_to_empty_estimate": 2,
        "hours_since_dose_change": 26,
        "recent_mri": True,
        "hours_since_mri": 5,
        "days_since_surgery": 12,
    }


def test_an_empty_record_says_nothing() -> None:
    assert said(NOTHING) == {}


def test_days_are_those_of_the_hospital_not_of_utc() -> None:
    late = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # still the 23rd at the hospital
    assert said(PumpFacts(last_surgery_on=date(2026, 11, 23)), late)["days_since_surgery"] == 0


def test_hours_are_not_made_up_from_a_date() -> None:
    assert said(PumpFacts(last_refill_on=date(2026, 11, 22))) == {"days_since_refill": 1}


def test_a_refill_with_its_hour_also_gives_the_day() -> None:
    facts = PumpFacts(last_refill_at=AT - timedelta(hours=20))
    assert said(facts) == {"days_since_refill": 1, "hours_since_refill": 20}


def test_dates_set_for_the_filling_before_the_last_say_nothing() -> None:
    stale = replace(FULL, last_refill_on=date(2026, 11, 27), last_refill_at=None)
    told = said(stale, AT + timedelta(days=5))
    assert not {"refill_booked_in_days", "days_to_low_reservoir_alarm", "days_to_empty_estimate"} & set(told)


def test_a_missed_appointment_stays_in_the_past() -> None:
    assert said(PumpFacts(refill_booked_on=date(2026, 11, 15)))["refill_booked_in_days"] == -8


def test_a_refill_entered_for_next_year_does_not_hide_an_overdue_one() -> None:
    slip = replace(FULL, last_refill_on=date(2027, 11, 5), last_refill_at=None)
    assert said(slip)["days_to_low_reservoir_alarm"] == -4
    assert "days_since_refill" not in said(slip)


@pytest.mark.parametrize(("left", "daily"), [(None, 0.3), (2.0, None), (2.0, 0.0), (2.0, -1.0)])
def test_without_both_volumes_nobody_guesses_when_it_is_empty(left: float | None, daily: float | None) -> None:
    facts = replace(FULL, low_reservoir_alarm_ml=left, daily_volume_ml=daily)
    assert "days_to_empty_estimate" not in said(facts)


def test_a_tiny_daily_volume_does_not_break_the_calendar() -> None:
    assert said(replace(FULL, daily_volume_ml=1e-9))["days_to_empty_estimate"] == 361


def test_a_scan_stays_recent_until_somebody_has_looked_at_the_pump() -> None:
    scanned = PumpFacts(last_mri_at=AT - timedelta(days=10))
    looked = replace(scanned, mri_interrogated_at=AT - timedelta(days=9))
    refilled = replace(scanned, last_refill_on=date(2026, 11, 20))
    assert said(scanned)["recent_mri"] is True
    assert "recent_mri" not in said(looked)
    assert "recent_mri" not in said(refilled)


def test_for_three_days_a_scan_is_recent_even_when_looked_at() -> None:
    facts = PumpFacts(last_mri_at=AT - timedelta(hours=70), mri_interrogated_at=AT - timedelta(hours=69))
    assert said(facts)["recent_mri"] is True


def test_a_look_before_the_scan_does_not_count() -> None:
    facts = PumpFacts(last_mri_at=AT - timedelta(days=10), mri_interrogated_at=AT - timedelta(days=11))
    assert said(facts)["recent_mri"] is True


def test_a_planned_scan_is_not_a_scan() -> None:
    assert said(PumpFacts(last_mri_at=AT + timedelta(days=4))) == {}


def test_a_clock_slightly_ahead_counts_as_now() -> None:
    facts = PumpFacts(last_refill_at=AT + timedelta(minutes=5), last_surgery_on=date(2026, 11, 24))
    assert said(facts) == {"days_since_refill": 0, "hours_since_refill": 0, "days_since_surgery": 0}


def test_nobody_is_older_than_their_birthday() -> None:
    assert age_in_years(date(2018, 11, 24), date(2026, 11, 23)) == 7
    assert age_in_years(date(2018, 11, 23), date(2026, 11, 23)) == 8
    assert age_in_years(date(2027, 1, 1), date(2026, 11, 23)) is None
    assert age_in_years(date(2024, 2, 29), date(2026, 2, 28)) == 1
