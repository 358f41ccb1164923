"""Rules, questions and limits as sentences made from what is declared."""

from __future__ import annotations

import pytest

from oncall.core.triage.assessment import Condition, Leaning, Rule, Urgency
from oncall.core.triage.thresholds import Limit
from oncall.service.rules.sentences import (
    RuleCard,
    found,
    limit_lines,
    question_cards,
    rule_cards,
    rule_sentence,
    span_words,
)
from tests.examples.shipped_rules import shipped


def sentence(when: Condition, urgency: Urgency | None = Urgency.URGENT, **leans: int) -> str:
    weights = {Leaning[name.upper()]: weight for name, weight in leans.items()}
    return rule_sentence(Rule("T-1", "a test", when, weights, urgency, None, "test"), shipped().vocabulary)


def card(id: str) -> RuleCard:
    return next(card for card in rule_cards(shipped()) if card.id == id)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (Condition(all=("itching",)), "itching"),
        (Condition(all=("itching", "fever")), "itching AND fever"),
        (Condition(any=("itching", "fever")), "itching OR fever"),
        (Condition(any=("itching", "fever", "vomiting", "pain")), "ANY OF (itching; fever; vomiting; pain)"),
        (Condition(all=("itching",), any=("fever", "pain")), "itching AND (fever OR pain)"),
        (Condition(at_least=2, of=("itching", "fever")), "AT LEAST 2 OF (itching; fever)"),
        (Condition(any=("itching",), none=("fever",)), "itching AND NOT fever"),
        (Condition(none=(Condition(any=("itching", "fever")),)), "NOT (itching OR fever)"),
        (Condition(any=("pain", Condition(all=("itching", "fever")))), "pain OR (itching AND fever)"),
        (
            Condition(all=(Condition(any=("itching", "fever")), Condition(at_least=2, of=("pain", "nausea")))),
            "(itching OR fever) AND AT LEAST 2 OF (pain; nausea)",
        ),
        (Condition(all=("weak_muscles", "never_heard_of")), "weak or legs not working AND never heard of"),
    ],
)
def test_a_condition_reads_as_it_holds(when: Condition, words: str) -> None:
    assert sentence(when) == f"IF {words} → URGENT"


def test_a_consequence_says_urgency_and_both_ways_it_leans_the_heavier_first() -> None:
    told = sentence(Condition(all=("itching",)), Urgency.SAME_DAY, infection=1, withdrawal=3, overdose=-2)
    assert told == "IF itching → SAME DAY, leans to too little drug and an infection, speaks against too much drug"
    assert sentence(Condition(all=("itching",)), None, device=1).endswith(
        "→ no urgency of its own, leans to the pump or catheter"
    )


def test_cards_stand_the_most_urgent_first_and_none_is_lost() -> None:
    cards = rule_cards(shipped())
    urgencies = [-1 if card.urgency is None else int(card.urgency) for card in cards]
    assert urgencies == sorted(urgencies, reverse=True)
    assert urgencies[0] == Urgency.EMERGENCY
    assert {card.id for card in cards} == {rule.id for rule in shipped().rules.rules}


def test_a_card_says_where_the_rule_stands_and_who_signed_it() -> None:
    told = card("W-itch-no-rash")
    assert told.sentence == "IF itching with no rash → URGENT, leans to too little drug"
    assert (told.chapter, told.signed, told.source) == ("withdrawal", "", "S5, S71b")
    assert [example.must_fire for example in told.examples].count(True) >= 3
    assert "she is itchy all over with no rash" in {example.said for example in told.examples}


def test_an_alarm_among_the_examples_is_told_field_by_field() -> None:
    said = [example.said for example in card("A-stopped-48h").examples]
    assert "alarm: device model SynchroMed II, alarm reason motor stall, stall duration h 50" in said


@pytest.mark.parametrize(
    ("words", "finds", "misses"),
    [
        ("w-itch-no", "W-itch-no-rash", "W-tight"),
        ("FEVER emergency", "W-fever-very-high", "W-itch"),
        ("S71b", "W-itch-no-rash", "W-rigid"),
    ],
)
def test_a_search_keeps_the_rules_with_every_word(words: str, finds: str, misses: str) -> None:
    kept = {card.id for card in found(rule_cards(shipped()), words)}
    assert finds in kept
    assert misses not in kept


def test_a_search_for_nothing_keeps_everything() -> None:
    cards = rule_cards(shipped())
    assert found(cards, "  ") == cards
    assert found(cards, "no such word anywhere") == ()


def test_a_questions_keys_read_as_the_family_reads_them() -> None:
    cards = {card.code: card for card in question_cards(shipped())}
    assert [key.word for key in cards["muscles"].keys] == ["tighter", "looser", "not sure", "the same"]
    assert [key.word for key in cards["recent_change"].keys] == ["yes", "no", "not sure"]
    assert cards["beep"].text == "Does the pump make a sound?"
    assert cards["beep"].keys[3].meaning == "no: pump sound not known"
    assert cards["beep"].doubt == "not sure: pump sound not known"
    assert cards["temperature"].takes_temperature
    assert not any(key.word.startswith("key ") for card in cards.values() for key in card.keys)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit("x", 38, None), "38 or more"),
        (Limit("x", None, 3), "3 or less"),
        (Limit("x", 0, 72), "0 to 72"),
        (Limit("x"), "any number"),
    ],
)
def test_a_limit_reads_as_it_holds(limit: Limit, words: str) -> None:
    assert span_words(limit) == words


def test_every_declared_limit_is_told() -> None:
    book, told = shipped(), limit_lines(shipped())
    for limits, where in (
        (book.lexicon.limits, "what a family says or keys"),
        (book.alarms.limits, "what a pump alarm says"),
    ):
        assert len(told[where]) == sum(map(len, limits.values()))
    record = {(line.measure, line.span, line.gives) for line in told["what the record says"]}
    assert ("pump model", "says “prometra”", "Prometra pump") in record
    assert ("recent mri", "is true", "MRI within a day") in record
    assert any(span == "none of them is known" for _, span, _ in record)
