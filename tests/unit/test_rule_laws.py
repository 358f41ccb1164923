"""The laws of an edition of rules: held by the shipped one, and each seen to break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from oncall.core.reports import Heard
from oncall.core.triage.assessment import Condition, Rule, Ruleset, Urgency
from oncall.core.triage.questions import Answer
from oncall.core.triage.rulebook import Rulebook
from oncall.service.rules.laws import LAWS, laws_of
from tests.examples.shipped_rules import shipped

BY_FUNCTION = {broken.__name__: says for says, broken in LAWS.items()}


def with_rules(*more: Rule, without: Callable[[Rule], bool] = lambda rule: False) -> Rulebook:
    book = shipped()
    kept = tuple(rule for rule in book.rules.rules if not without(rule))
    return replace(book, rules=Ruleset((*kept, *more), book.vocabulary, book.rules.edition, book.rules.asked))


def rule(when: Condition, urgency: Urgency, advice: str | None = None) -> Rule:
    return Rule("T-1", "a test", when, {}, urgency, advice, "test")


def test_the_shipped_rules_keep_every_law() -> None:
    assert [law.says for law in laws_of(shipped()) if not law.holds] == []


def without_itch(rule: Rule) -> bool:
    return "itching_no_rash" in rule.when.mentions()


def reserved_as_office() -> Rulebook:
    """A carrier's word taken for small talk."""
    routine = rule(Condition(all=("reserved_word",)), Urgency.ROUTINE)
    return with_rules(routine, without=lambda rule: "reserved_word" in rule.when.mentions())


def turned_question() -> Rulebook:
    book = shipped()
    first = book.questions[0]
    turned = {"1": (Answer("office_question", Heard.PRESENT),), "2": (Answer("thanks_only", Heard.DENIED),)}
    return replace(book, questions=(replace(first, keys=turned), *book.questions[1:]))


@pytest.mark.parametrize(
    ("law", "book", "named"),
    [
        ("_every_sign", with_rules(without=without_itch), "itching with no rash"),
        ("_no_not", with_rules(rule(Condition(all=("fever",), none=("itching",)), Urgency.URGENT)), "T-1"),
        (
            "_no_not",
            with_rules(rule(Condition(all=(Condition(any=("fever",), none=("itching",)),)), Urgency.URGENT)),
            "T-1",
        ),
        ("_emergency_advice", with_rules(rule(Condition(all=("fever",)), Urgency.EMERGENCY, "wait_for_call")), "T-1"),
        ("_reserved", reserved_as_office(), "stop"),
        ("_answers", turned_question(), "waking_breathing"),
        ("_examples", replace(shipped(), chapters=(replace(shipped().chapters[0], examples=()),)), "W-itch"),
    ],
)
def test_a_broken_law_is_seen_and_names_what_breaks_it(law: str, book: Rulebook, named: str) -> None:
    told = next(one for one in laws_of(book) if one.says == BY_FUNCTION[law])
    assert not told.holds
    assert named in told.broken


def test_a_routine_rule_may_say_not() -> None:
    book = with_rules(rule(Condition(all=("thanks_only",), none=("itching",)), Urgency.ROUTINE))
    assert next(one for one in laws_of(book) if one.says == BY_FUNCTION["_no_not"]).holds
