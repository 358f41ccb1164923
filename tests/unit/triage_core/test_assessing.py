"""From findings to an assessment, on rules that stand here."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import (
    ALL_DENIED,
    NOTHING_UNDERSTOOD,
    Assessment,
    Condition,
    Leaning,
    Reason,
    Rule,
    Ruleset,
    Urgency,
    assess,
    counted,
    merge,
)
from oncall.core.triage.vocabulary import Sign

WITHDRAWAL, OVERDOSE, CANNOT_TELL, DEVICE, INFECTION, OTHER, NONE = Leaning
ROUTINE, SAME_DAY, URGENT, EMERGENCY = Urgency
GROUPS = {
    "withdrawal": "itch stiff fever",
    "overdose": "floppy slow",
    "device": "beep",
    "office": "bill",
    "well": "fine",
    "background": "refill",
    "unread": "riddle",
}
SIGNS = {code: Sign(code, code, group) for group, codes in GROUPS.items() for code in codes.split()}


def rule(
    name: str,
    when: Condition,
    urgency: Urgency | None = URGENT,
    advice: str | None = None,
    leans: Mapping[Leaning, int] | None = None,
) -> Rule:
    return Rule(name, f"{name} says.", when, leans or {}, urgency, advice, "S1")


def one(code: str) -> Condition:
    return Condition(any=(code,))


RULES = (
    rule("R-bill", Condition(all=("bill",), none=("itch",)), ROUTINE, leans={OTHER: 1}),
    rule("R-beep", one("beep"), SAME_DAY, leans={DEVICE: 2}),
    rule("R-itch", one("itch"), URGENT, leans={WITHDRAWAL: 2}),
    rule("R-colour", one("refill"), None, leans={OVERDOSE: 1, WITHDRAWAL: 1}),
    rule("R-two", Condition(at_least=2, of=("itch", "stiff", "fever")), EMERGENCY, leans={WITHDRAWAL: 5}),
    rule("R-floppy", one("floppy"), EMERGENCY, "call_911", leans={OVERDOSE: 4}),
    rule("R-slow", one("slow"), URGENT, "call_911", leans={OVERDOSE: 2}),
    rule("R-riddle", one("riddle"), URGENT),
)


def rules(*given: Rule, asked: tuple[tuple[str, ...], ...] = ()) -> Ruleset:
    return Ruleset(given or RULES, SIGNS, "edition 7", asked)


def said(*codes: str) -> list[Finding]:
    return [Finding(code, Heard.PRESENT, "said") for code in codes]


def judged(*codes: str, asked: tuple[tuple[str, ...], ...] = ()) -> Assessment:
    return assess(said(*codes), rules(asked=asked))


NESTED = Condition(all=("a", Condition(any=("b", Condition(all=("c", "d"))))), none=(Condition(all=("x", "y")),))


@pytest.mark.parametrize(
    ("when", "codes", "holds"),
    [
        (Condition(all=("a", "b")), "a b", True),
        (Condition(all=("a", "b")), "a", False),
        (Condition(any=("a", "b")), "b", True),
        (Condition(any=("a", "b")), "c", False),
        (Condition(all=("a",), any=("b", "c")), "a", False),
        (Condition(all=("a",), any=("b", "c")), "a c", True),
        (Condition(at_least=2, of=("a", "b", "c")), "a", False),
        (Condition(at_least=2, of=("a", "b", "c")), "a c", True),
        (Condition(at_least=2, of=("a", Condition(any=("b", "c")))), "b c", False),
        (Condition(at_least=2, of=("a", Condition(any=("b", "c")))), "a c", True),
        (Condition(all=("a",), none=("b",)), "a", True),
        (Condition(all=("a",), none=("b",)), "a b", False),
        (Condition(any=(Condition(all=("a", "b")), "c")), "a b", True),
        (Condition(any=(Condition(all=("a", "b")), "c")), "a", False),
        (Condition(all=("a",), at_least=1, of=("b",)), "a", False),
        (NESTED, "a b", True),
        (NESTED, "a c", False),
        (NESTED, "a c d", True),
        (NESTED, "a b x", True),
        (NESTED, "a b x y", False),
        (Condition(), "a", True),
    ],
)
def test_a_condition_holds_when_every_part_of_it_holds(when: Condition, codes: str, holds: bool) -> None:
    assert when.holds(frozenset(codes.split())) is holds


def test_a_condition_mentions_the_codes_that_help_it_and_not_those_under_not() -> None:
    assert NESTED.mentions() == {"a", "b", "c", "d"}
    assert Condition(at_least=1, of=("e", Condition(any=("f",))), none=("g",)).mentions() == {"e", "f"}


def test_rules_fire_in_the_order_of_the_files() -> None:
    fired = rules().firing(frozenset({"floppy", "beep", "itch", "stiff", "refill"}))
    assert [held.id for held in fired] == ["R-beep", "R-itch", "R-colour", "R-two", "R-floppy"]


def test_everything_of_one_assessment() -> None:
    asked = (("fever", "stiff"), ("slow",), ("floppy",))
    assert judged("itch", "refill", asked=asked) == Assessment(
        urgency=URGENT,
        leanings=(CANNOT_TELL, WITHDRAWAL, OVERDOSE),
        advice="wait_for_call",
        because=(Reason("R-itch", "R-itch says.", ("itch",)), Reason("R-colour", "R-colour says.", ("refill",))),
        would_raise=("fever", "floppy"),
        edition="edition 7",
        needs_human=False,
    )


def test_the_highest_urgency_wins_and_the_weightiest_rules_are_told_first() -> None:
    assessment = judged("beep", "itch", "stiff", "refill", "bill")
    assert assessment.urgency is EMERGENCY
    assert [reason.rule for reason in assessment.because] == ["R-two", "R-itch", "R-beep", "R-colour"]
    assert assessment.because[0].findings == ("itch", "stiff")
    assert judged("bill", "beep").urgency is SAME_DAY
    assert [reason.rule for reason in judged("bill", "refill").because] == ["R-bill", "R-colour"]


@pytest.mark.parametrize(
    ("codes", "advice"),
    [
        ("bill", "office"),
        ("beep", "wait_for_call"),
        ("itch", "wait_for_call"),
        ("itch stiff", "go_now"),
        ("slow", "call_911"),
        ("itch stiff slow", "go_now"),
        ("floppy itch stiff", "call_911"),
    ],
)
def test_the_advice_is_the_strongest_of_the_rules_that_decided(codes: str, advice: str) -> None:
    assert judged(*codes.split()).advice == advice


def test_a_rule_gives_no_milder_advice_than_its_urgency() -> None:
    mild = rules(rule("R", one("itch"), EMERGENCY, "office"))
    assert assess(said("itch"), mild).advice == "go_now"


@pytest.mark.parametrize(
    ("weights", "leanings"),
    [
        ({WITHDRAWAL: 5, OVERDOSE: 2}, (WITHDRAWAL, OVERDOSE)),
        ({WITHDRAWAL: 4, OVERDOSE: 2}, (CANNOT_TELL, WITHDRAWAL, OVERDOSE)),
        ({WITHDRAWAL: 2, OVERDOSE: 4}, (CANNOT_TELL, OVERDOSE, WITHDRAWAL)),
        ({WITHDRAWAL: 1, OVERDOSE: 4}, (OVERDOSE, WITHDRAWAL)),
        ({WITHDRAWAL: 3, OVERDOSE: 3}, (CANNOT_TELL, WITHDRAWAL, OVERDOSE)),
        ({WITHDRAWAL: 1}, (WITHDRAWAL,)),
        ({OVERDOSE: 1}, (OVERDOSE,)),
        ({WITHDRAWAL: 1, OVERDOSE: 0}, (WITHDRAWAL,)),
        ({WITHDRAWAL: 1, OVERDOSE: 1}, (CANNOT_TELL, WITHDRAWAL, OVERDOSE)),
        ({OVERDOSE: 1, WITHDRAWAL: -1}, (OVERDOSE,)),
        ({DEVICE: 3, WITHDRAWAL: 2, OVERDOSE: 1}, (DEVICE, CANNOT_TELL, WITHDRAWAL, OVERDOSE)),
        (
            {DEVICE: 3, WITHDRAWAL: 2, OVERDOSE: 1, INFECTION: 1},
            (DEVICE, CANNOT_TELL, WITHDRAWAL, OVERDOSE, INFECTION),
        ),
        ({CANNOT_TELL: 1}, (CANNOT_TELL, WITHDRAWAL, OVERDOSE)),
        ({CANNOT_TELL: 1, DEVICE: 1}, (DEVICE, CANNOT_TELL, WITHDRAWAL, OVERDOSE)),
        ({CANNOT_TELL: 9, OVERDOSE: 8}, (CANNOT_TELL, OVERDOSE, WITHDRAWAL)),
        ({DEVICE: 1, INFECTION: 1}, (DEVICE, INFECTION)),
        ({INFECTION: 2, DEVICE: 1, OTHER: 1}, (INFECTION, DEVICE, OTHER)),
        ({}, (OTHER,)),
        ({DEVICE: 0}, (OTHER,)),
    ],
)
def test_the_leanings_go_by_weight_and_the_two_sides_too_near_each_other_cannot_be_told_apart(
    weights: dict[Leaning, int], leanings: tuple[Leaning, ...]
) -> None:
    assert assess(said("itch"), rules(rule("R", one("itch"), URGENT, leans=weights))).leanings == leanings


def test_weights_of_several_rules_add_up() -> None:
    heavy = (rule("A", one("itch"), leans={DEVICE: 2}), rule("B", one("itch"), leans={DEVICE: 2, INFECTION: 3}))
    assert assess(said("itch"), rules(*heavy)).leanings == (DEVICE, INFECTION)


def test_an_office_matter_leans_nowhere() -> None:
    assert judged("bill").leanings == (NONE,)
    assert judged("beep").leanings == (DEVICE,)


def test_a_sign_of_an_earlier_edition_is_named_first_and_is_a_persons() -> None:
    assessment = judged("bill", "zzz", "aaa")
    assert assessment.because[0] == Reason(
        "unknown-sign", "A sign that this edition does not know; a person must read it.", ("aaa", "zzz")
    )
    assert [reason.rule for reason in assessment.because] == ["unknown-sign", "R-bill"]
    assert (assessment.urgency, assessment.advice, assessment.needs_human) == (URGENT, "wait_for_call", True)
    assert judged("floppy", "zzz").urgency is EMERGENCY


def test_what_could_not_be_read_is_a_persons_and_a_sign_is_not() -> None:
    assert judged("riddle").needs_human
    assert judged("riddle", "itch").needs_human
    assert not judged("itch").needs_human


@pytest.mark.parametrize(
    ("findings", "urgency"),
    [
        ([], URGENT),
        ([Finding("itch", Heard.DENIED, "")], SAME_DAY),
        ([Finding("itch", Heard.NOT_SAID, "")], SAME_DAY),
        ([Finding("fine", Heard.PRESENT, "")], SAME_DAY),
        ([Finding("refill", Heard.PRESENT, "")], URGENT),
        ([Finding("refill", Heard.PRESENT, ""), Finding("itch", Heard.DENIED, "")], SAME_DAY),
        ([Finding("refill", Heard.PRESENT, ""), Finding("fine", Heard.PRESENT, "")], SAME_DAY),
        ([Finding("stiff", Heard.PRESENT, "")], URGENT),
        ([Finding("stiff", Heard.PRESENT, ""), Finding("itch", Heard.DENIED, "")], URGENT),
        ([Finding("stiff", Heard.NOT_SURE, ""), Finding("fine", Heard.PRESENT, "")], URGENT),
        ([Finding("zzz", Heard.PRESENT, ""), Finding("itch", Heard.DENIED, "")], URGENT),
        ([Finding("zzz", Heard.PRESENT, ""), Finding("fine", Heard.PRESENT, "")], URGENT),
    ],
)
def test_what_no_rule_knows_is_urgent_unless_it_was_all_denied_or_well(
    findings: list[Finding], urgency: Urgency
) -> None:
    asked = (("beep",), ("itch",), ("floppy",))
    assessment = assess(findings, rules(asked=asked))
    denied = urgency is SAME_DAY
    colour = any(finding.code == "refill" for finding in findings)
    assert assessment.urgency is urgency
    assert assessment.advice == "wait_for_call"
    assert assessment.needs_human is (not denied)
    assert assessment.because[0] == (ALL_DENIED if denied else NOTHING_UNDERSTOOD)
    assert [reason.rule for reason in assessment.because[1:]] == (["R-colour"] if colour else [])
    assert assessment.leanings == (NONE if denied else WITHDRAWAL if colour else OTHER,)
    assert assessment.edition == "edition 7"
    may_raise = {"itch", "floppy"} if denied else {"floppy"}
    stiff = any(finding.code == "stiff" and finding.heard.counts for finding in findings)
    assert set(assessment.would_raise) == may_raise | ({"itch"} if stiff else set())


@pytest.mark.parametrize(
    ("codes", "asked", "raising"),
    [
        ("beep", (("bill",), ("itch",), ("floppy", "itch")), ("itch", "floppy")),
        ("beep", (("bill", "itch"),), ("itch",)),
        ("itch", (("slow",), ("itch", "stiff")), ("stiff",)),
        ("itch", (("stiff", "fever"), ("fever",)), ("stiff", "fever")),
        ("itch", (("beep", "zzz"),), ()),
        ("floppy", (("itch",), ("stiff",)), ()),
        ("beep", (("refill",),), ()),
    ],
)
def test_what_would_still_raise_is_the_first_answer_of_each_question_that_would(
    codes: str, asked: tuple[tuple[str, ...], ...], raising: tuple[str, ...]
) -> None:
    assert judged(*codes.split(), asked=asked).would_raise == raising


def test_what_counts_is_present_or_not_sure() -> None:
    assert counted(Finding(heard.value, heard, "") for heard in Heard) == {"present", "not_sure"}


def test_the_most_dangerous_way_of_hearing_is_kept_the_first_of_its_kind_in_the_order_of_the_codes() -> None:
    told = [
        Finding("itch", Heard.NOT_SAID, "a"),
        Finding("beep", Heard.DENIED, "b"),
        Finding("itch", Heard.DENIED, "c"),
        Finding("beep", Heard.NOT_SURE, "d"),
        Finding("beep", Heard.PRESENT, "e"),
        Finding("beep", Heard.PRESENT, "f"),
        Finding("itch", Heard.NOT_SAID, "g"),
    ]
    assert merge(told) == (Finding("itch", Heard.DENIED, "c"), Finding("beep", Heard.PRESENT, "e"))


def test_an_urgency_is_told_by_its_word() -> None:
    assert [urgency.word for urgency in Urgency] == ["routine", "same_day", "urgent", "emergency"]
