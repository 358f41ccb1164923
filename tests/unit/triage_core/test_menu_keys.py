"""What a key means in anybody's menu, on meanings that stand here."""

from __future__ import annotations

import re

import pytest

from oncall.core.reports import Finding, Heard
from oncall.core.triage.key_prompts import KeyMeanings, Pressed, Union, findings_from_key, legend, read_line
from oncall.core.triage.thresholds import Limit

LIMITS = {"temperature_c": (Limit("fever", at_least=38), Limit("very_hot", at_least=40))}
MEANINGS = KeyMeanings(
    yes=frozenset({"yes", "si"}),
    no=frozenset({"no", "none of these"}),
    not_sure=frozenset({"not sure"}),
    same=frozenset({"the same"}),
    well={"hard_to_wake": frozenset({"wake easily"}), "breath": frozenset({"breathing well"})},
    ill=frozenset({"hard"}),
    ended=frozenset({"did it stop"}),
    temperature=frozenset({"temperature"}),
    labels={"scan": frozenset({"mri"}), "moved": frozenset({"pump moved"})},
    errands={"billing": frozenset({"bill", "invoice"}), "visit": frozenset({"visit"})},
    around_errands=frozenset({"a", "the", "pay"}),
    unions=(Union("tight_or_loose", frozenset({"stiff", "floppy"})), Union("any", frozenset({"stiff", "itch", "hot"}))),
    instead={"hospital": "asked_to_go"},
    person="person",
    staff="staff",
    silent="silent",
    hung_up="hung_up",
    riddle="riddle",
    idle=frozenset({"english", "repeat"}),
)
SIGNS = ("stiff", "floppy", "itch", "hot", "seizure", "hospital", "sleepy")


def codes_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in re.findall(r"\w+", text.lower()) if word in SIGNS))


def pressed(prompt: str, key: str) -> list[tuple[str, Heard]]:
    """Code and how it was heard; the evidence is the prompt's beginning and the key."""
    found = findings_from_key(Pressed(prompt, key), codes_in, MEANINGS, LIMITS)
    assert all(finding.evidence == f"{prompt[:60]} -> {key}" for finding in found)
    return [(finding.code, finding.heard) for finding in found]


PRESENT, NOT_SURE, DENIED = Heard.PRESENT, Heard.NOT_SURE, Heard.DENIED


def test_a_recorded_line_is_a_prompt_and_a_key() -> None:
    assert read_line("PROMPT: Is he stiff?  1 yes | KEY: 1 ") == Pressed("Is he stiff?  1 yes", "1")
    assert read_line("prompt : Stiff? | keys: silence") == Pressed("Stiff?", "SILENCE")
    assert read_line("PROMPT: two\nlines | KEY: HangUp") == Pressed("two\nlines", "HANGUP")
    assert read_line("Stiff? | KEY: 1") is None


@pytest.mark.parametrize(
    ("prompt", "explained"),
    [
        ("Stiff? 1 yes 2 no", {"1": "yes", "2": "no"}),
        ("Stiff? 1=yes, 2: no; 3) not sure", {"1": "yes", "2": "no", "3": "not sure"}),
        ("Press 1 for yes, 2 for no", {"1": "yes", "2": "no"}),
        ("For yes press 1, for no press 2", {"1": "For yes", "2": "for no"}),
        ("Yes 1, no 2, not sure 3", {"1": "Yes", "2": "no", "3": "not sure"}),
        ("Is he stiff?", {}),
    ],
)
def test_a_legend_says_what_each_key_meant_in_the_words_of_the_prompt(prompt: str, explained: dict[str, str]) -> None:
    assert legend(prompt) == explained


@pytest.mark.parametrize(
    ("prompt", "key", "told"),
    [
        ("Stiff? 1 yes 2 no 3 not sure", "1", [("stiff", PRESENT)]),
        ("Stiff? 1 yes 2 no 3 not sure", "2", [("stiff", DENIED)]),
        ("Stiff? 1 yes 2 no 3 not sure", "3", [("stiff", NOT_SURE)]),
        ("Stiff? 1 yes 2 no 3 not sure", "1: pressed twice", [("stiff", PRESENT)]),
        ("Stiff? 1 yes 2 no 3 not sure", "2 TWICE", [("stiff", DENIED)]),
        ("Stiff? 1 yes, he is 2 no, he is not", "1", [("stiff", PRESENT)]),
        ("Stiff? 1 yes it is today 2 no he is not", "1", [("stiff", PRESENT)]),
        ("Stiff? 1 yes it is today 2 no he is not", "2", [("stiff", DENIED)]),
        ("Stiff? 1 now not sure 2 no", "1", [("stiff", NOT_SURE)]),
        ("Stiff? 1 not sure, floppy 2 no", "1", [("floppy", NOT_SURE)]),
        ("Stiff? 1 not sure if floppy 2 no", "1", [("floppy", NOT_SURE)]),
        ("Stiff? 1 floppy 2 no", "1", [("floppy", PRESENT)]),
        ("Stiff? 1 much the same 2 no", "1", [("stiff", DENIED)]),
        ("Stiff? 1 wake easily 2 no", "1", [("stiff", DENIED)]),
        ("Stiff? 1 blue 2 no", "1", [("stiff", NOT_SURE)]),
        ("Stiff? 1 none of these 2 yes", "1", [("stiff", DENIED)]),
        ("Blue lamp? 1 yes 2 no 3 not sure 4 the same", "1", [("riddle", PRESENT)]),
        ("Blue lamp? 1 yes 2 no 3 not sure 4 the same", "2", []),
        ("Blue lamp? 1 yes 2 none of these 3 not sure 4 the same", "2", []),
        ("Blue lamp? 1 yes 2 no thank you 3 not sure 4 the same", "2", []),
        ("Blue lamp? 1 yes 2 no 3 not sure 4 the same", "3", [("riddle", PRESENT)]),
        ("Blue lamp? 1 yes 2 no 3 not sure 4 the same", "4", []),
        ("Welcome. 1 English 2 repeat", "1", []),
        ("Stiff? 1 English 2 repeat", "2", []),
        ("Stiff, press 1 for if stiff, 2 for english", "2", []),
    ],
)
def test_the_label_of_a_key_says_what_it_meant(prompt: str, key: str, told: list[tuple[str, Heard]]) -> None:
    assert pressed(prompt, key) == told


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("SILENCE", [("silent", PRESENT), ("stiff", NOT_SURE)]),
        ("HANGUP", [("hung_up", PRESENT), ("stiff", NOT_SURE)]),
        ("", [("silent", PRESENT), ("stiff", NOT_SURE)]),
        ("0", [("person", PRESENT)]),
        ("8", [("staff", PRESENT)]),
        ("9", []),
        ("*", []),
        ("#", []),
        ("7", [("stiff", NOT_SURE)]),
        ("38", [("stiff", NOT_SURE)]),
    ],
)
def test_no_answer_and_keys_without_a_label(key: str, told: list[tuple[str, Heard]]) -> None:
    assert pressed("Stiff? 1 yes 2 no", key) == told


def test_a_key_with_a_label_of_nothing_may_still_be_a_persons() -> None:
    assert pressed("Blue lamp? 1 yes, 0 operator", "0") == [("person", PRESENT)]
    assert pressed("Blue lamp? 1 yes, 8 blue nurse", "8") == [("staff", PRESENT)]
    assert pressed("Blue lamp? 1 yes", "7") == [("riddle", PRESENT)]
    assert pressed("Blue lamp?", "SILENCE") == [("silent", PRESENT)]


@pytest.mark.parametrize(
    ("prompt", "key", "told"),
    [
        ("Hot? Key the temperature. 1 yes", "1041", [("fever", PRESENT), ("very_hot", PRESENT)]),
        ("Hot? Key the Temperature, please", "38", [("fever", PRESENT)]),
        ("Hot? Key the temperature.", "37", [("hot", DENIED)]),
        ("Hot? Key the temperature.", "60", [("hot", NOT_SURE)]),
        ("Hot? Key the heat.", "39", [("hot", NOT_SURE)]),
        ("The (temperature)!", "37", []),
        ("Hot? Key the temperatureX.", "39", [("hot", NOT_SURE)]),
    ],
)
def test_a_keyed_temperature_is_read_where_one_was_asked_for(
    prompt: str, key: str, told: list[tuple[str, Heard]]
) -> None:
    assert pressed(prompt, key) == told


@pytest.mark.parametrize(
    ("prompt", "key", "told"),
    [
        ("Does he wake easily? 1 yes 2 no 3 not sure", "1", [("hard_to_wake", DENIED)]),
        ("Does he wake easily? 1 yes 2 no 3 not sure", "2", [("hard_to_wake", PRESENT)]),
        ("Does he wake easily? 1 yes 2 no 3 not sure", "3", [("hard_to_wake", NOT_SURE)]),
        ("Does he wake easily or is it hard? 1 yes 2 no", "1", [("hard_to_wake", NOT_SURE)]),
        ("Does he wake easily or is it hard? 1 yes 2 no", "2", [("hard_to_wake", PRESENT)]),
        ("Stiff? 1 wake easily 2 no, hard", "2", [("stiff", DENIED)]),
        ("Seizure: did it stop? 1 yes 2 no", "1", [("seizure", PRESENT)]),
        ("Seizure: did it stop? 1 yes 2 no", "2", [("seizure", PRESENT)]),
        ("Seizure? 1 did it stop 2 no", "2", [("seizure", DENIED)]),
        ("Did it stop? 1 yes 2 no", "1", [("riddle", PRESENT)]),
        ("Stiff? Then, did it stop? 1 yes 2 no", "2", [("stiff", DENIED)]),
    ],
)
def test_a_question_whether_all_is_well_is_turned_about(prompt: str, key: str, told: list[tuple[str, Heard]]) -> None:
    assert pressed(prompt, key) == told


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("Stiff or floppy? 1 yes", [("tight_or_loose", PRESENT)]),
        ("Stiff or itch or hot? 1 yes", [("any", PRESENT)]),
        ("Stiff or seizure? 1 yes", [("stiff", PRESENT), ("seizure", PRESENT)]),
        ("Hospital? 1 yes", [("asked_to_go", PRESENT)]),
        ("Blue? 1 stiff or floppy 2 no", [("tight_or_loose", PRESENT)]),
        ("Does he wake easily and is he breathing well? 1 yes", [("hard_to_wake", DENIED), ("breath", DENIED)]),
    ],
)
def test_one_finding_may_stand_for_one_of_several(prompt: str, told: list[tuple[str, Heard]]) -> None:
    assert pressed(prompt, "1") == told


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("pay the bill", [("billing", PRESENT)]),
        ("a visit, a bill", [("billing", PRESENT), ("visit", PRESENT)]),
        ("a visit or bill", []),
        ("pay the ransom", []),
        ("for an MRI soon", [("scan", PRESENT)]),
        ("for an mris soon", []),
        ("if the pump moved", [("moved", PRESENT)]),
        ("the visit before the mri", [("scan", PRESENT)]),
        ("bill visit", [("billing", PRESENT), ("visit", PRESENT)]),
        ("the a", []),
        ("pay the bill, a invoice visit", [("billing", PRESENT), ("visit", PRESENT)]),
        ("an MRIX soon", []),
    ],
)
def test_a_label_may_name_an_errand_or_something_that_is_no_sign(label: str, told: list[tuple[str, Heard]]) -> None:
    assert pressed(f"Menu. Press 1 {label}", "1") == (told or [("riddle", PRESENT)])


def test_the_evidence_is_cut_at_sixty_letters() -> None:
    prompt = "Stiff? " + "x" * 90
    found = findings_from_key(Pressed(prompt, "7"), codes_in, MEANINGS, LIMITS)
    assert found == (Finding("stiff", NOT_SURE, f"{prompt[:60]} -> 7"),)
