"""From findings to urgency, leaning and advice."""

from __future__ import annotations

import pytest

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Leaning, Urgency, assess
from oncall.core.triage.rulebook import involves_device, is_danger
from tests.examples.shipped_rules import judged, shipped


def said(*codes: str) -> list[Finding]:
    return [Finding(code, Heard.PRESENT, "said") for code in codes]


def test_one_sign_is_urgent_and_two_independent_ones_are_an_emergency() -> None:
    assert assess(said("itching"), shipped().rules).urgency is Urgency.URGENT
    assert assess(said("itching", "tight_muscles"), shipped().rules).urgency is Urgency.EMERGENCY


def test_not_sure_counts_as_present() -> None:
    doubted = [Finding("hard_to_wake", Heard.NOT_SURE, "key 3")]
    assert assess(doubted, shipped().rules).urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("code", ["hard_to_wake", "trouble_breathing", "seizure", "floppy", "temperature_very_high"])
def test_waking_breathing_seizure_floppy_and_very_hot_call_911(code: str) -> None:
    assert assess(said(code), shipped().rules).advice == "call_911"


def test_another_emergency_goes_now() -> None:
    assert assess(said("itching", "tight_muscles"), shipped().rules).advice == "go_now"


def test_signs_of_both_sides_cannot_be_told_apart() -> None:
    leanings = assess(said("seizure"), shipped().rules).leanings
    assert leanings[0] is Leaning.CANNOT_TELL
    assert {Leaning.WITHDRAWAL, Leaning.OVERDOSE} <= set(leanings)


def test_tight_and_floppy_together_cannot_be_told_apart() -> None:
    assert Leaning.CANNOT_TELL in assess(said("tight_muscles", "floppy"), shipped().rules).leanings


def test_clear_signs_lean_one_way() -> None:
    assert assess(said("itching_no_rash", "tight_muscles"), shipped().rules).leanings[0] is Leaning.WITHDRAWAL
    assert assess(said("floppy", "slow_breathing"), shipped().rules).leanings[0] is Leaning.OVERDOSE


def test_each_reason_names_its_rule_its_sentence_and_its_findings() -> None:
    reason = assess(said("rigid_body"), shipped().rules).because[0]
    assert reason.rule == "W-rigid"
    assert reason.says.endswith(".")
    assert reason.findings == ("rigid_body",)


def test_a_sign_of_an_earlier_edition_is_urgent_and_a_persons_beside_whatever_is_understood() -> None:
    assessment = assess(said("thanks_only", "sign_of_last_year"), shipped().rules)
    assert assessment.urgency is Urgency.URGENT
    assert assessment.advice == "wait_for_call"
    assert assessment.needs_human
    assert assessment.because[0].findings == ("sign_of_last_year",)
    assert assess(said("floppy", "sign_of_last_year"), shipped().rules).urgency is Urgency.EMERGENCY


def test_what_would_still_raise_is_told_for_the_page() -> None:
    assert "menu_sleepy_or_breathing" in assess(said("itching"), shipped().rules).would_raise
    assert assess(said("floppy"), shipped().rules).would_raise == ()


def test_only_denied_words_wait_for_a_person_the_same_day() -> None:
    denied = [Finding("fever", Heard.DENIED, "no fever")]
    assert assess(denied, shipped().rules).urgency is Urgency.SAME_DAY


def test_an_office_matter_is_routine_until_anything_else_is_said() -> None:
    assert judged("confirming tuesday 2pm").urgency is Urgency.ROUTINE
    assert judged("confirming tuesday 2pm, he is itchy").urgency is Urgency.URGENT
    assert judged("confirming tuesday 2pm", days_to_low_reservoir_alarm=-2).urgency is Urgency.URGENT


def test_a_sign_soon_after_a_refill_is_raised() -> None:
    assert judged("hes a bit sleepy").urgency is Urgency.URGENT
    assert judged("hes a bit sleepy", hours_since_refill=6).urgency is Urgency.EMERGENCY


def test_oral_baclofen_never_lowers() -> None:
    plain, treated = judged("itchy and tight"), judged("itchy and tight", oral_baclofen_given_hours_ago=1)
    assert treated.urgency >= plain.urgency


def test_portuguese_and_creole_may_only_raise() -> None:
    assert judged("obrigada pela consulta de hoje").urgency is Urgency.URGENT
    assert judged("mesi anpil pou randevou a").urgency is Urgency.URGENT


def test_a_danger_sign_rings_the_holder_and_a_device_state_is_known_by_its_code() -> None:
    assert is_danger(said("floppy")[0], shipped())
    assert not is_danger(said("thanks_only")[0], shipped())
    assert not is_danger(Finding("floppy", Heard.DENIED, "no"), shipped())
    assert is_danger(said("a_code_nobody_knows")[0], shipped())
    assert involves_device(said("alarm_single_tone"))
    assert not involves_device(said("itching", "recent_refill"))
