"""What alarm fields give, by tables small enough to stand here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oncall.core.reports import Finding, Heard
from oncall.core.triage.alarms import AlarmTables, PumpTables, findings_from_alarm, tables_for
from oncall.core.triage.thresholds import Limit

ACME = PumpTables("acme", {"alarm_reason": {"low_reservoir": ("low",), "both": ("low", "stall"), "motor_stall": ()}})
OTHER = PumpTables("other pump", {"alarm_reason": {"low_reservoir": ("other_low",)}})
UNKNOWN = PumpTables(
    "",
    {
        "alarm_reason": {"low_reservoir": ("critical",)},
        "stall_outcome": {outcome: (outcome,) for outcome in ("not_recovered", "recovered", "recovered_and_read")},
        "test_outcome": {"in_clinic": ("test",), "unconfirmed": ("test_unconfirmed",)},
    },
)
DERIVED = ("days_of_drug", "residual_surplus_ml", "reservoir_above_low_ml", "stall_duration_h")
TABLES = AlarmTables(
    pumps=(ACME, OTHER),
    unknown_pump=UNKNOWN,
    known_fields=frozenset(
        (
            *("alarm_reason", "device_model", "pump_model", "reservoir_ml", "daily_volume_ml", "raw_text"),
            *("expected_residual_ml", "actual_residual_ml", "low_reservoir_alarm_ml", "stall_duration_min"),
            *("recovered", "interrogated_after_mri", "tone", "clinician_initiated"),
        )
    ),
    free_text=("raw_text",),
    log_phrases={
        "log_stop": (frozenset({"pump", "stopped"}), frozenset({"halted"})),
        "log_x": (frozenset({"x"}),),
    },
    unknown_value="alarm_unknown",
    unreadable="unreadable_alarm",
    limits={
        **{name: (Limit(f"{name}!", at_least=-1000),) for name in DERIVED},
        "battery": (Limit("battery_low", at_most=10),),
    },
)
BASE = {"device_model": "ACME 5"}


def found(**fields: object) -> list[tuple[str, str]]:
    findings = findings_from_alarm(fields, TABLES)
    assert all(finding.heard is Heard.PRESENT for finding in findings)
    return [(finding.code, finding.evidence) for finding in findings]


def test_an_alarm_without_a_known_field_is_unreadable_and_says_so() -> None:
    unreadable = (Finding("unreadable_alarm", Heard.PRESENT, "no field we know"),)
    assert findings_from_alarm({}, TABLES) == unreadable
    assert findings_from_alarm({"mood": "odd"}, TABLES) == unreadable


def test_a_value_is_looked_up_in_the_table_of_the_named_pump() -> None:
    assert found(**BASE, alarm_reason="Low reservoir") == [("low", "alarm_reason: Low reservoir")]
    assert found(device_model="the Other Pump II", alarm_reason=" low-reservoir ") == [
        ("other_low", "alarm_reason:  low-reservoir ")
    ]
    assert found(alarm_reason="low_reservoir") == [("critical", "alarm_reason: low_reservoir")]
    assert found(device_model="nobodys", alarm_reason="low_reservoir")[0][0] == "critical"
    assert [code for code, _ in found(**BASE, alarm_reason="both")] == ["low", "stall"]


def test_the_pump_is_named_in_either_field_the_device_first() -> None:
    assert tables_for({"pump_model": "acme"}, TABLES) is ACME
    assert tables_for({"device_model": "Acme", "pump_model": "other pump"}, TABLES) is ACME
    assert tables_for({"device_model": "", "pump_model": "other pump"}, TABLES) is OTHER
    assert tables_for({}, TABLES) is UNKNOWN
    assert tables_for({}, replace(TABLES, pumps=(PumpTables("x", {}),))) is UNKNOWN


def test_a_value_that_no_table_knows_is_an_unknown_alarm_and_an_empty_one_says_nothing() -> None:
    assert found(**BASE, alarm_reason="squeak") == [("alarm_unknown", "alarm_reason: squeak")]
    for nothing in ("", "None", None, "null"):
        assert found(**BASE, alarm_reason=nothing) == [("alarm_unknown", "nothing that says what it is")]


def test_a_field_that_nobody_knows_is_an_unknown_alarm_too() -> None:
    assert found(**BASE, mood="odd") == [("alarm_unknown", "mood: odd")]


def test_a_number_goes_through_its_limit_whether_or_not_its_field_is_known_otherwise() -> None:
    assert found(**BASE, battery=9) == [("battery_low", "battery: 9")]
    assert found(**BASE, battery=11) == [("alarm_unknown", "nothing that says what it is")]


@pytest.mark.parametrize(
    ("fields", "derived"),
    [
        ({"reservoir_ml": 4, "daily_volume_ml": 0.3}, "days_of_drug: 13.3"),
        ({"reservoir_ml": 0, "daily_volume_ml": 1}, "days_of_drug: 0.0"),
        ({"expected_residual_ml": 3.111, "actual_residual_ml": 1}, "residual_surplus_ml: -2.11"),
        ({"reservoir_ml": 3.456, "low_reservoir_alarm_ml": 2}, "reservoir_above_low_ml: 1.46"),
        ({"stall_duration_min": 90}, "stall_duration_h: 1.5"),
    ],
)
def test_volumes_and_times_are_worked_out(fields: dict[str, object], derived: str) -> None:
    assert found(**BASE, **fields) == [(f"{derived.split(':')[0]}!", derived)]


@pytest.mark.parametrize(
    "fields",
    [
        {"reservoir_ml": 4},
        {"daily_volume_ml": 4},
        {"reservoir_ml": 4, "daily_volume_ml": 0},
        {"reservoir_ml": 4, "daily_volume_ml": -1},
        {"reservoir_ml": "much", "daily_volume_ml": 1},
        {"expected_residual_ml": 4},
        {"actual_residual_ml": 4},
        {"low_reservoir_alarm_ml": 4},
        {"stall_duration_min": "long"},
    ],
)
def test_what_is_not_known_is_not_worked_out(fields: dict[str, object]) -> None:
    assert found(**BASE, **fields) == [("alarm_unknown", "nothing that says what it is")]


def outcome(**fields: Any) -> str:
    told = [(code, evidence) for code, evidence in found(**fields) if evidence.startswith("stall_outcome")]
    assert all(evidence == f"stall_outcome: {code}" for code, evidence in told)
    return told[0][0] if told else ""


def test_a_stall_has_recovered_only_when_that_is_logged_and_is_read_out_only_when_it_was() -> None:
    assert outcome(alarm_reason="motor_stall") == "not_recovered"
    assert outcome(alarm_reason="motor_stall", recovered="yes") == "not_recovered"
    assert outcome(alarm_reason="motor_stall", recovered=True) == "recovered"
    assert outcome(alarm_reason="motor_stall", recovered=True, interrogated_after_mri="yes") == "recovered"
    assert outcome(alarm_reason="motor_stall", recovered=True, interrogated_after_mri=True) == "recovered_and_read"
    assert outcome(alarm_reason="motor_stall", interrogated_after_mri=True) == "not_recovered"
    for reason in ("motor_stall_recovered", "motor_stall_recovery"):
        assert outcome(alarm_reason=reason) == "recovered"
        assert outcome(alarm_reason=reason, recovered=False) == "not_recovered"
    assert outcome(alarm_reason="low_reservoir", recovered=True) == ""


def test_a_test_tone_is_a_test_only_when_a_clinician_started_it() -> None:
    def codes(**fields: Any) -> list[str]:
        return [f"{code} by {evidence}" for code, evidence in found(**fields) if evidence.startswith("test_outcome")]

    assert codes(tone="test_tone", clinician_initiated=True) == ["test by test_outcome: in_clinic"]
    assert codes(tone="test_tone", clinician_initiated="yes") == ["test_unconfirmed by test_outcome: unconfirmed"]
    assert codes(tone="test_tone") == ["test_unconfirmed by test_outcome: unconfirmed"]
    assert codes(tone="other_tone", clinician_initiated=True) == []


def test_a_raw_log_is_read_where_no_reason_is_given_and_adds_to_what_is_unknown() -> None:
    raw = "EVT: Pump was STOPPED at 10:30, " + "y" * 60
    assert found(raw_text=raw) == [
        ("alarm_unknown", "nothing that says what it is"),
        ("log_stop", f"raw_text: {raw[:60]}"),
    ]
    assert [code for code, _ in found(raw_text="halted x")] == ["alarm_unknown", "log_stop", "log_x"]
    assert [code for code, _ in found(raw_text="pump ok")] == ["alarm_unknown"]
    assert found(**BASE, alarm_reason="low_reservoir", raw_text="halted") == [("low", "alarm_reason: low_reservoir")]
    assert [code for code, _ in found(**BASE, alarm_reason="", raw_text="halted")] == ["alarm_unknown", "log_stop"]
