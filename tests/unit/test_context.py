"""What the record says, as findings; missing means unknown."""

from __future__ import annotations

import pytest

from oncall.core.triage.rulebook import draw_from_context
from oncall.core.triage.thresholds import number
from tests.examples.shipped_rules import shipped


def codes(**context: object) -> set[str]:
    return {finding.code for finding in draw_from_context(context, shipped())}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("hours_since_refill", 72, "recent_refill"),
        ("days_since_refill", 2, "recent_refill"),
        ("days_to_low_reservoir_alarm", -1, "refill_overdue"),
        ("days_to_empty_estimate", 3, "reservoir_near_empty"),
        ("hours_since_dose_change", 24, "recent_dose_change"),
        ("days_since_surgery", 4, "recent_surgery"),
        ("days_since_surgery", 60, "surgery_90_days"),
        ("hours_since_mri", 5, "recent_mri"),
        ("recent_mri", True, "recent_mri"),
        ("pump_age_years", 6.5, "old_implant"),
        ("oral_baclofen_given_hours_ago", 1, "oral_baclofen_given"),
        ("pump_model", "Prometra II", "prometra"),
        ("diagnosis", "SCI T4", "spinal_cord_injury"),
    ],
)
def test_a_known_field_gives_its_finding(field: str, value: object, code: str) -> None:
    assert code in codes(**{field: value})


def test_a_low_date_still_ahead_is_not_overdue() -> None:
    assert "refill_overdue" not in codes(days_to_low_reservoir_alarm=0)


def test_a_refill_booked_after_the_pump_runs_empty_is_found() -> None:
    assert "refill_after_empty" in codes(days_to_empty_estimate=5, refill_booked_in_days=6)
    assert "refill_after_empty" not in codes(days_to_empty_estimate=9, refill_booked_in_days=3)


def test_unknown_supply_is_said_so() -> None:
    assert "supply_unknown" in codes()
    assert "supply_unknown" not in codes(days_to_empty_estimate=9)


@pytest.mark.parametrize("value", [None, "soon", True, float("nan"), [], "1e999"])
def test_what_is_no_number_gives_nothing(value: object) -> None:
    assert number(value) is None
    assert codes(hours_since_refill=value) == {"supply_unknown"}


def test_a_comma_is_a_decimal_point() -> None:
    assert number("39,5") == 39.5
