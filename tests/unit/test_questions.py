"""The questions: their order, their keys, and anybody's menu."""

from __future__ import annotations

import re

import pytest

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import merge
from oncall.core.triage.key_prompts import legend, read_line
from oncall.core.triage.questions import next_question
from oncall.core.triage.rulebook import draw_from_answer, draw_from_keys
from tests.examples.shipped_rules import shipped

WAKE = "Is it hard to wake them up, or are they much more sleepy than normal? 1 yes 2 no 3 not sure"


def heard(*lines: str) -> dict[str, Heard]:
    return {finding.code: finding.heard for finding in draw_from_keys(lines, shipped()).findings}


CORE = ["waking_breathing", "seizure_confusion_floppy", "stiff_hot_itch"]


def asked_of(*known: str, key: str | None = None) -> list[str]:
    """The questions in their order; every one is answered with `key`, or with nothing that changes the findings."""
    told = [Finding(code, Heard.PRESENT, "said") for code in known]
    asked: list[str] = []
    while question := next_question(frozenset(asked), merge(told), shipped().questions, shipped().rules):
        asked.append(question.code)
        told += draw_from_answer(question.code, key, shipped()) if key else ()
    return asked


def test_the_three_core_questions_come_first_and_one_at_a_time() -> None:
    asked = asked_of()
    assert asked[:3] == CORE
    assert set(asked) == {question.code for question in shipped().questions}
    assert asked_of("pain")[:3] == CORE


def test_what_is_already_known_is_not_asked() -> None:
    assert "beep" not in asked_of("alarm_two_tone")
    assert "muscles" not in asked_of("tight_muscles")


def test_who_cannot_be_woken_is_not_asked_whether_they_are_hard_to_wake() -> None:
    assert asked_of("hard_to_wake")[0] == "seizure_confusion_floppy"
    assert asked_of("sleepy")[0] == "waking_breathing", "a yes would mean more than sleepy"


def test_after_the_core_the_most_dangerous_that_may_come_up_is_asked_first() -> None:
    """A change in the last three days, or a beep, makes an emergency of an itch; a red wound it only colours."""
    itchy, wound = asked_of("itching"), asked_of("wound_red")
    assert itchy.index("recent_change") < itchy.index("wound_neck_head")
    assert wound.index("late_refill") > wound.index("muscles")
    assert wound.index("itch") < wound.index("beep"), "what raises as much is asked in the order of the file"


def test_a_question_that_could_change_nothing_is_not_asked() -> None:
    """Two tones with an itch are an emergency already, and a late refill leans the same way."""
    assert "late_refill" in asked_of("itching")
    assert "late_refill" not in asked_of("itching", "alarm_two_tone")


def test_every_question_can_still_raise_something() -> None:
    """One that no state of a case would bring up first could be taken out."""
    for question in shipped().questions:
        others = frozenset(other.code for other in shipped().questions if other is not question)
        assert next_question(others, (), shipped().questions, shipped().rules) is question


def test_keys_are_the_same_in_every_language_and_question() -> None:
    for question in shipped().questions:
        keys = set(question.keys)
        assert keys == ({"1", "2", "3", "4"} if question.code in ("muscles", "beep") else {"1", "2", "3"})
        for said in (*question.text.values(), *question.spoken.values()):
            assert keys <= set(re.findall(r"\d", said)), said


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


@pytest.mark.parametrize(
    "prompt",
    [
        "¿Tiene fiebre? Oprima 1 sí, 2 no, 3 no estoy seguro",
        "A fever? 1 is yes. 2 is no. 3 is I do not know",
        "Tem febre? Aperte 1 para sim, 2 para não, 3 se não sabe",
        "Èske li gen lafyèv? Peze 1 pou wi, 2 pou non, 3 si ou pa konnen",
    ],
)
def test_a_legend_behind_one_press_word_explains_every_key(prompt: str) -> None:
    assert heard(f"PROMPT: {prompt} | KEY: 1")["fever"] is Heard.PRESENT
    assert heard(f"PROMPT: {prompt} | KEY: 2")["fever"] is Heard.DENIED
    assert heard(f"PROMPT: {prompt} | KEY: 3")["fever"] is Heard.NOT_SURE


@pytest.mark.parametrize(
    ("prompt", "sign"),
    [
        ("Are they breathing normally? 1 yes 2 no", "trouble_breathing"),
        ("¿Respira bien? 1 sí, 2 no", "trouble_breathing"),
        ("Can you wake them easily? For yes press 1, for no, they will not wake well, press 2", "hard_to_wake"),
    ],
)
def test_a_no_to_is_all_well_is_the_sign_and_a_yes_denies_it(prompt: str, sign: str) -> None:
    assert heard(f"PROMPT: {prompt} | KEY: 2")[sign] is Heard.PRESENT
    assert heard(f"PROMPT: {prompt} | KEY: 1")[sign] is Heard.DENIED


def test_a_yes_to_a_mixed_question_is_not_sure() -> None:
    assert heard("PROMPT: Is it hard to breathe normally? 1 yes 2 no | KEY: 1")["trouble_breathing"] is Heard.NOT_SURE


@pytest.mark.parametrize("key", ["1", "2"])
def test_asking_whether_it_stopped_tells_that_it_was_there(key: str) -> None:
    assert heard(f"PROMPT: Did the seizure stop? 1 yes 2 no | KEY: {key}")["seizure"] is Heard.PRESENT


def test_tighter_than_normal_is_no_denial() -> None:
    prompt = "Muscles: press 1 for tighter than normal, press 2 for looser than normal, press 3 for normal"
    assert heard(f"PROMPT: {prompt} | KEY: 1") == {"tight_muscles": Heard.PRESENT}
    assert heard(f"PROMPT: {prompt} | KEY: 3") == {"tight_or_loose": Heard.DENIED}


def test_a_yes_to_a_question_that_nobody_recognises_is_a_persons() -> None:
    assert "not_understood" in heard("PROMPT: Is the green lamp blinking? 1 yes 2 no | KEY: 1")


def test_an_errand_of_a_menu_is_an_office_matter_and_a_missed_visit_is_none() -> None:
    menu = "For billing press 1, to move an appointment press 2, for a missed pump appointment press 3"
    assert set(heard(f"PROMPT: {menu} | KEY: 1")) == {"office_billing"}
    assert set(heard(f"PROMPT: {menu} | KEY: 2")) == {"office_appointment"}
    assert not set(heard(f"PROMPT: {menu} | KEY: 3")) & {"office_appointment"}
