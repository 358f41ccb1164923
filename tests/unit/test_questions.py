"""The questions: their order, their keys, and anybody's menu."""

from __future__ import annotations

import pytest

from oncall.core.key_prompts import legend, read_line
from oncall.core.questions import Question, next_question
from oncall.core.reports import Finding, Heard
from oncall.core.rulebook import draw_from_answer, draw_from_keys
from tests.examples.shipped_rules import shipped

WAKE = "Is it hard to wake them up, or are they much more sleepy than normal? 1 yes 2 no 3 not sure"


def heard(*lines: str) -> dict[str, Heard]:
    return {finding.code: finding.heard for finding in draw_from_keys(lines, shipped()).findings}


def test_the_three_core_questions_come_first_and_one_at_a_time() -> None:
    asked: list[str] = []
    while question := next_question(frozenset(asked), (), shipped().questions):
        asked.append(question.code)
    assert asked[:3] == ["waking_breathing", "seizure_confusion_floppy", "stiff_hot_itch"]
    assert len(asked) == len(shipped().questions)


def test_what_is_already_known_is_not_asked() -> None:
    known = [Finding("alarm_two_tone", Heard.PRESENT, "hi-lo")]
    asked: set[str] = set()
    while question := next_question(frozenset(asked), known, shipped().questions):
        asked.add(question.code)
    assert "beep" not in asked


@pytest.mark.parametrize("question", shipped().questions, ids=lambda question: question.code)
def test_every_english_question_fits_one_text(question: Question) -> None:
    text = question.text["en"]
    assert len(text) <= 160
    assert text.isascii()


def test_yes_no_and_not_sure() -> None:
    code = "menu_sleepy_or_breathing"
    for key, expected in (("1", Heard.PRESENT), ("2", Heard.DENIED), ("3", Heard.NOT_SURE), ("", Heard.NOT_SURE)):
        assert [(f.code, f.heard) for f in draw_from_answer("waking_breathing", key, shipped())] == [(code, expected)]


def test_a_keyed_temperature_is_judged_by_the_limits() -> None:
    hot = {finding.code for finding in draw_from_answer("temperature", "1041", shipped())}
    assert "temperature_very_high" in hot
    normal = draw_from_answer("temperature", "985", shipped())
    assert all(finding.heard is Heard.DENIED for finding in normal)


def test_an_answer_to_an_unknown_question_is_a_persons() -> None:
    assert draw_from_answer("what", "1", shipped())[0].code == "unreadable"


def test_a_recorded_key_is_read_by_the_meaning_of_its_prompt() -> None:
    assert heard(f"PROMPT: {WAKE} | KEY: 1")["menu_sleepy_or_breathing"] is Heard.PRESENT
    assert heard(f"PROMPT: {WAKE} | KEY: 2")["menu_sleepy_or_breathing"] is Heard.DENIED
    assert heard(f"PROMPT: {WAKE} | KEY: 3")["menu_sleepy_or_breathing"] is Heard.NOT_SURE


@pytest.mark.parametrize("key", ["SILENCE", "HANGUP", "7"])
def test_no_answer_or_a_strange_one_counts_as_not_sure(key: str) -> None:
    assert heard(f"PROMPT: {WAKE} | KEY: {key}")["menu_sleepy_or_breathing"] is Heard.NOT_SURE


def test_zero_asks_for_a_person_and_eight_is_hospital_staff() -> None:
    assert "asked_for_person" in heard(f"PROMPT: {WAKE} | KEY: 0")
    assert "hospital_staff" in heard(f"PROMPT: {WAKE} | KEY: 8")


@pytest.mark.parametrize(
    "prompt",
    [
        "Are they stiff? 1 yes 2 no 3 not sure",
        "Are they stiff? Press 1 for yes, 2 for no, 3 for not sure.",
        "Are they stiff? 1=yes, 2=no, 3=not sure",
        "Are they stiff? For yes press 1, for no press 2, for not sure press 3",
    ],
)
def test_legends_are_read_in_many_forms(prompt: str) -> None:
    assert set(legend(prompt)) == {"1", "2", "3"}
    assert heard(f"PROMPT: {prompt} | KEY: 1")["tight_muscles"] is Heard.PRESENT
    assert heard(f"PROMPT: {prompt} | KEY: 2")["tight_muscles"] is Heard.DENIED


def test_a_line_of_another_form_is_read_as_words() -> None:
    assert read_line("she is floppy") is None
    assert heard("she is floppy")["floppy"] is Heard.PRESENT


def test_no_key_at_all_is_a_silent_caller() -> None:
    assert "caller_silent" in heard("PROMPT: Welcome to the pump line. | KEY: SILENCE")
