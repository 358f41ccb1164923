"""What alarm fields mean, per pump model."""

from __future__ import annotations

import pytest

from oncall.core.triage.assessment import Urgency, assess
from oncall.core.triage.rulebook import draw_from_alarm
from tests.examples.shipped_rules import shipped


def codes(**fields: object) -> set[str]:
    return {finding.code for finding in draw_from_alarm(fields, shipped()).findings}


def urgency(**fields: object) -> Urgency:
    return assess(draw_from_alarm(fields, shipped()).findings, shipped().rules).urgency


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("low_reservoir", "alarm_low_reservoir"),
        ("empty_reservoir", "alarm_empty_reservoir"),
        ("motor_stall", "alarm_motor_stall"),
        ("stopped_pump_over_48h", "alarm_stopped_48h"),
        ("flow_activated_valve_closed", "alarm_valve_closed"),
        ("elective_replacement_indicator", "alarm_replacement_due"),
    ],
)
def test_a_reason_gives_its_code(reason: str, code: str) -> None:
    assert code in codes(device_model="SynchroMed II", alarm_reason=reason)


def test_an_unknown_value_or_field_is_an_unknown_alarm_never_harmless() -> None:
    assert urgency(event="status", alarm_reason="something new") is Urgency.URGENT
    assert urgency(event="status", alarm_class="none", firmware_mood="odd") is Urgency.URGENT


def test_a_tone_nobody_has_confirmed_counts_as_critical() -> None:
    assert codes(device_model="Prometra II", tone="single_tone") == {"alarm_unknown"}
    assert codes(device_model="SynchroMed II", tone="single_tone") == {"alarm_single_tone"}


def test_a_critical_alarm_with_a_symptom_in_the_note_is_an_emergency() -> None:
    assert urgency(alarm_class="critical") is Urgency.URGENT
    assert urgency(alarm_class="critical", caller_note="he is itchy") is Urgency.EMERGENCY


def test_a_kind_note_does_not_make_an_alarm_an_office_matter() -> None:
    assert urgency(alarm_class="critical", caller_note="thank you!") is Urgency.URGENT


def test_a_stall_is_settled_only_by_a_reading_afterwards() -> None:
    assert urgency(alarm_reason="motor_stall", recovered=False) is Urgency.URGENT
    assert urgency(alarm_reason="motor_stall", recovered=True) is Urgency.URGENT
    assert urgency(alarm_reason="motor_stall", recovered=True, interrogated_after_mri=True) is Urgency.SAME_DAY


def test_two_days_without_drug_is_an_emergency_however_it_is_told() -> None:
    assert urgency(alarm_reason="motor_stall", stall_duration_min=2900) is Urgency.EMERGENCY


def test_volumes_tell_too_little_and_too_much() -> None:
    assert "reservoir_surplus" in codes(expected_residual_ml=3, actual_residual_ml=9)
    assert "reservoir_deficit" in codes(expected_residual_ml=9, actual_residual_ml=3)


def test_few_days_of_drug_are_worked_out() -> None:
    assert "reservoir_near_empty" in codes(alarm_reason="low_reservoir", reservoir_ml=0.9, daily_volume_ml=0.4)


def test_a_pump_that_reports_nothing_wrong_is_routine() -> None:
    assert urgency(event="status", alarm_class="none", tone="none", battery="ok") is Urgency.ROUTINE


@pytest.mark.parametrize("fields", [{}, {"x": 1}, {"foo": "bar", "baz": None}])
def test_an_alarm_without_a_field_we_know_is_unreadable(fields: dict[str, object]) -> None:
    assert codes(**fields) == {"unreadable_alarm"}


def test_a_raw_log_without_a_reason_is_read_and_stays_unknown_too() -> None:
    found = codes(raw_text="EVT 31 CRITICAL: stopped pump period exceeds 48 hours")
    assert {"alarm_stopped_48h", "alarm_unknown"} <= found


def test_a_raw_log_beside_a_reason_adds_nothing() -> None:
    found = codes(device_model="SynchroMed II", alarm_reason="low_reservoir", raw_text="pump reset before refill")
    assert "alarm_memory_critical" not in found


def test_a_test_tone_that_a_clinician_started_is_a_test() -> None:
    assert "alarm_test_unconfirmed" not in codes(tone="test_tone", clinician_initiated=True)
    assert "alarm_test_unconfirmed" in codes(tone="test_tone")


def test_words_in_a_field_nobody_knows_are_read_as_words() -> None:
    found = codes(alarm_reason="empty_reservoir", note="family says he is itchy and sweating")
    assert {"itching", "sweating", "alarm_unknown"} <= found
