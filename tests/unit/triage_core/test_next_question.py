"""Which question comes next, and what an answer says, on questions and rules that stand here."""

from __future__ import annotations

import pytest

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Condition, Leaning, Rule, Ruleset, Urgency
from oncall.core.triage.questions import Answer, Question, findings_from_answer, next_question
from oncall.core.triage.thresholds import Limit
from oncall.core.triage.vocabulary import Sign

LIMITS = {"temperature_c": (Limit("fever", at_least=38), Limit("very_hot", at_least=40)), "pills": (Limit("many", 3),)}
SIGNS = {
    code: Sign(code, code, "both")
    for code in [
        "itch",
        "stiff",
        "floppy",
        "hot",
        "beep",
        "bill",
        "late",
        "wake",
        "sleepy",
        "fever",
        "very_hot",
        "colour",
    ]
}


def rule(
    name: str, codes: str, urgency: Urgency | None, advice: str | None = None, leans: Leaning | None = None
) -> Rule:
    return Rule(name, name, Condition(all=tuple(codes.split())), {leans: 3} if leans else {}, urgency, advice, "S1")


RULES = Ruleset(
    (
        rule("1", "itch", Urgency.URGENT, leans=Leaning.WITHDRAWAL),
        rule("2", "stiff", Urgency.URGENT, leans=Leaning.WITHDRAWAL),
        rule("3", "itch stiff", Urgency.EMERGENCY, leans=Leaning.WITHDRAWAL),
        rule("4", "floppy", Urgency.EMERGENCY, "call_911", leans=Leaning.OVERDOSE),
        rule("5", "beep", Urgency.SAME_DAY, leans=Leaning.DEVICE),
        rule("6", "bill", Urgency.ROUTINE),
        rule("7", "itch late", Urgency.EMERGENCY, leans=Leaning.WITHDRAWAL),
        rule("8", "late", Urgency.URGENT, leans=Leaning.DEVICE),
        rule("9", "wake", Urgency.EMERGENCY, "call_911", leans=Leaning.OVERDOSE),
        rule("10", "sleepy", Urgency.URGENT, leans=Leaning.OVERDOSE),
        rule("11", "very_hot", Urgency.EMERGENCY, "call_911"),
        rule("12", "fever", Urgency.URGENT),
        rule("13", "colour", None, leans=Leaning.INFECTION),
    ),
    SIGNS,
    "edition 7",
)


def question(code: str, *signs: str, core: bool = False, may_mean: str = "", numbers: str = "") -> Question:
    keys = {
        "1": tuple(Answer(sign, Heard.PRESENT) for sign in signs),
        "2": tuple(Answer(sign, Heard.DENIED) for sign in signs),
    }
    number = "temperature_c" if numbers else None
    return Question(code, core, {}, keys, number, may_mean=frozenset(may_mean.split()), numbers=tuple(numbers.split()))


FILED = (
    question("beep?", "beep"),
    question("late?", "late"),
    question("stiff?", "stiff"),
    question("bill?", "bill"),
    question("heat?", "hot", numbers="fever very_hot"),
    question("waking?", "wake", core=True, may_mean="sleepy floppy"),
    question("floppy?", "floppy"),
    question("core two?", "itch", core=True),
)


def asked_of(*known: str, filed: tuple[Question, ...] = FILED) -> list[str]:
    """The codes of the questions, in the order in which they would be asked, none of them changing anything."""
    told = [Finding(code, Heard.PRESENT, "said") for code in known]
    order: list[str] = []
    while found := next_question(frozenset(order), told, filed, RULES):
        order.append(found.code)
    return order


def test_core_ones_come_first_as_filed_then_those_that_could_bring_up_the_most_dangerous() -> None:
    assert asked_of("itch") == ["waking?", "heat?", "floppy?", "late?", "stiff?", "beep?"]
    assert asked_of("beep") == ["waking?", "core two?", "heat?", "floppy?", "late?", "stiff?"]


def test_what_nobody_said_yet_is_asked_by_its_danger_and_what_changes_nothing_is_not_asked() -> None:
    assert asked_of() == ["waking?", "core two?", "heat?", "floppy?", "late?", "stiff?", "beep?", "bill?"]


def test_what_is_known_is_not_asked_nor_what_no_answer_could_change() -> None:
    assert asked_of("floppy") == ["core two?", "beep?", "late?", "stiff?"]
    assert asked_of("wake", "itch", "stiff", "late", "beep", "floppy") == []
    assert asked_of("itch", "stiff") == ["waking?", "heat?", "floppy?", "beep?", "late?"]


def test_a_core_question_whose_answer_is_known_by_another_word_is_asked_only_if_a_yes_means_more() -> None:
    assert asked_of("sleepy")[0] == "waking?"
    assert "waking?" not in asked_of("floppy")


def test_an_answer_that_only_turns_the_leaning_is_worth_asking_and_comes_last() -> None:
    filed = (question("colour?", "colour"), question("same?", "stiff"), question("none?"))
    assert asked_of("itch", filed=filed) == ["same?", "colour?"]
    assert asked_of("itch", "stiff", filed=filed) == ["colour?"]
    closed = (question("colour?", "colour", may_mean="itch"),)
    assert asked_of("itch", filed=closed) == []


def test_what_raises_comes_before_what_ends_as_high_and_raises_nothing() -> None:
    filed = (question("late?", "late"), question("fever?", "fever"))
    assert asked_of("itch", filed=filed) == ["late?"]
    assert asked_of("bill", filed=(question("beep?", "beep"), *filed)) == ["late?", "fever?", "beep?"]


def test_nothing_is_asked_where_nothing_is_filed() -> None:
    assert next_question(frozenset(), [], (), RULES) is None


HEAT = Question(
    "heat",
    False,
    {},
    {
        "1": (Answer("hot", Heard.PRESENT),),
        "2": (Answer("hot", Heard.DENIED), Answer("fever", Heard.DENIED)),
        "3": (Answer("hot", Heard.NOT_SURE),),
    },
    number="temperature_c",
)


@pytest.mark.parametrize(
    ("digits", "findings"),
    [
        ("1", [("hot", Heard.PRESENT, "heat: 1")]),
        (" 1# ", [("hot", Heard.PRESENT, "heat: 1")]),
        ("2", [("hot", Heard.DENIED, "heat: 2"), ("fever", Heard.DENIED, "heat: 2")]),
        ("3", [("hot", Heard.NOT_SURE, "heat: 3")]),
        ("38", [("fever", Heard.PRESENT, "heat: 38")]),
        ("1041#", [("fever", Heard.PRESENT, "heat: 1041"), ("very_hot", Heard.PRESENT, "heat: 1041")]),
        ("37", [("hot", Heard.DENIED, "heat: 37"), ("fever", Heard.DENIED, "heat: 37")]),
        ("7", [("hot", Heard.NOT_SURE, "heat: 7")]),
        ("", [("hot", Heard.NOT_SURE, "heat: no answer")]),
        ("1X", [("hot", Heard.NOT_SURE, "heat: 1X")]),
        ("#1", [("hot", Heard.NOT_SURE, "heat: #1")]),
    ],
)
def test_an_answer_is_a_key_or_a_number_and_anything_else_is_not_sure(
    digits: str, findings: list[tuple[str, Heard, str]]
) -> None:
    assert findings_from_answer(HEAT, digits, LIMITS) == tuple(Finding(*told) for told in findings)


def test_a_number_means_nothing_to_a_question_that_asks_for_none() -> None:
    assert findings_from_answer(question("stiff?", "stiff"), "39", LIMITS) == (
        Finding("stiff", Heard.NOT_SURE, "stiff?: 39"),
    )


def test_without_a_not_sure_key_doubt_is_about_every_dangerous_answer_once() -> None:
    asked = Question(
        "tight or loose",
        False,
        {},
        {
            "1": (Answer("stiff", Heard.PRESENT), Answer("beep", Heard.DENIED)),
            "2": (Answer("floppy", Heard.NOT_SURE), Answer("stiff", Heard.PRESENT)),
        },
    )
    assert asked.doubt == (Answer("stiff", Heard.NOT_SURE), Answer("floppy", Heard.NOT_SURE))
    assert asked.could_say == ("stiff", "beep", "floppy")
