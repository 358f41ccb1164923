"""What the record gives, on limits and words that stand here."""

from __future__ import annotations

import pytest

from oncall.core.reports import Finding, Heard
from oncall.core.triage.context import Reading, findings_from_context
from oncall.core.triage.thresholds import Limit

READING = Reading(
    limits={
        "hours_since_refill": (Limit("recent_refill", at_most=72),),
        "days_to_empty_estimate": (Limit("near_empty", at_most=3),),
        "days_from_refill_to_empty": (Limit("refill_after_empty", at_most=0),),
        "recent_mri": (Limit("mri_counted", at_least=1),),
    },
    mentions={"diagnosis": {"sci": "spinal", "stroke": "brain"}, "pump_model": {"prometra": "prometra"}},
    flags={"recent_mri": "recent_mri"},
    missing={"supply_unknown": ("days_to_empty_estimate", "days_to_low_reservoir_alarm")},
)
SUPPLIED = {"days_to_low_reservoir_alarm": 30}


def found(**context: object) -> list[tuple[str, str]]:
    """Code and evidence; the supply is known where the test says nothing of it."""
    findings = findings_from_context({**SUPPLIED, **context}, READING)
    assert all(finding.heard is Heard.PRESENT for finding in findings)
    return [(finding.code, finding.evidence) for finding in findings]


def test_a_number_goes_through_its_limit_and_is_named_in_the_evidence() -> None:
    assert found(hours_since_refill=72) == [("recent_refill", "hours_since_refill: 72")]
    assert found(hours_since_refill=72.5) == []
    assert found(shoe_size=1) == []


def test_a_flag_that_is_true_gives_its_code_and_nothing_else_does() -> None:
    assert found(recent_mri=True) == [("recent_mri", "recent_mri: True")]
    assert found(recent_mri=False) == []
    assert found(recent_mri="yes") == []
    assert found(recent_mri=2) == [("mri_counted", "recent_mri: 2")]
    assert found(shoe_size=True) == []


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("SCI T4", ["spinal"]),
        ("old Stroke,sci/other", ["spinal", "brain"]),
        ("quadriplegia/SCI", ["spinal"]),
        ("fascist", []),
        ("sclerosis", []),
        ("Strokes", ["brain"]),
    ],
)
def test_words_of_the_record_are_met_where_a_word_begins(said: str, codes: list[str]) -> None:
    assert [code for code, _ in found(diagnosis=said)] == codes


def test_a_field_of_words_that_holds_a_number_and_a_number_given_as_words() -> None:
    assert found(diagnosis=4) == []
    assert found(hours_since_refill="7,5") == [("recent_refill", "hours_since_refill: 7,5")]
    assert found(hours_since_refill="soon") == []


def test_the_days_between_the_booked_refill_and_the_empty_pump_are_worked_out() -> None:
    assert found(days_to_empty_estimate=8, refill_booked_in_days=8) == [
        ("refill_after_empty", "days_from_refill_to_empty: 0.0")
    ]
    assert found(days_to_empty_estimate=8, refill_booked_in_days=7) == []
    assert found(days_to_empty_estimate=8) == []
    assert found(refill_booked_in_days=-3) == []


def test_what_is_missing_is_said_with_every_field_that_could_have_told_it() -> None:
    unknown = Finding("supply_unknown", Heard.PRESENT, "unknown: days_to_empty_estimate, days_to_low_reservoir_alarm")
    assert findings_from_context({}, READING) == (unknown,)
    assert findings_from_context({"days_to_empty_estimate": "soon"}, READING) == (unknown,)
    assert findings_from_context({"days_to_empty_estimate": 9}, READING) == ()
    assert findings_from_context({"days_to_low_reservoir_alarm": 0}, READING) == ()
