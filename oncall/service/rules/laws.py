"""What must hold for every edition of the rules, in words, and whether it holds for this one.

Each law is looked at anew over the whole edition: every sign alone, every key of every question, every reserved
word. Deliberately not here: what loading refuses outright, the prover's laws over all combinations of signs, and the
property tests, which try the program rather than an edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import ADVICE, Condition, Urgency, assess
from oncall.core.triage.questions import Question, findings_from_answer
from oncall.core.triage.rulebook import Rulebook, draw_from_words
from oncall.core.triage.vocabulary import BACKGROUND_GROUPS
from oncall.service.rules.sentences import sign_words

Broken = Iterable[str]
_NEED_NO_RULE = BACKGROUND_GROUPS | {"well"}


@dataclass(frozen=True, slots=True)
class Law:
    """`broken` names what breaks it; empty when it holds."""

    says: str
    broken: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.broken


def laws_of(rulebook: Rulebook) -> tuple[Law, ...]:
    return tuple(Law(says, tuple(broken(rulebook))) for says, broken in LAWS.items())


def _nothing_understood(rulebook: Rulebook) -> Broken:
    verdict = assess((), rulebook.rules)
    if verdict.urgency < Urgency.URGENT or not verdict.needs_human:
        yield f"it is {verdict.urgency.word}"


def _not_sure(rulebook: Rulebook) -> Broken:
    for code in rulebook.vocabulary:
        if _alone(code, Heard.NOT_SURE, rulebook) < _alone(code, Heard.PRESENT, rulebook):
            yield sign_words(code, rulebook.vocabulary)


def _every_sign(rulebook: Rulebook) -> Broken:
    for code, sign in rulebook.vocabulary.items():
        fired = rulebook.rules.firing(frozenset({code}))
        if sign.group not in _NEED_NO_RULE and all(rule.urgency is None for rule in fired):
            yield sign.sentence


def _no_not(rulebook: Rulebook) -> Broken:
    for rule in rulebook.rules.rules:
        if rule.urgency is not Urgency.ROUTINE and _says_not(rule.when):
            yield rule.id


def _reserved(rulebook: Rulebook) -> Broken:
    for word in sorted(rulebook.reserved_words):
        if assess(draw_from_words([word], rulebook).findings, rulebook.rules).urgency < Urgency.URGENT:
            yield word


def _answers(rulebook: Rulebook) -> Broken:
    for question in rulebook.questions:
        verdicts = [(_counts(question, key), _answered(question, key, rulebook)) for key in question.keys]
        mildest = min((urgency for counts, urgency in verdicts if counts), default=Urgency.EMERGENCY)
        if any(urgency > mildest for counts, urgency in verdicts if not counts):
            yield question.code


def _silence(rulebook: Rulebook) -> Broken:
    for question in rulebook.questions:
        if _answered(question, "", rulebook) < _answered(question, "3", rulebook):
            yield question.code


def _emergency_advice(rulebook: Rulebook) -> Broken:
    for rule in rulebook.rules.rules:
        mild = rule.advice is not None and ADVICE.index(rule.advice) < ADVICE.index("go_now")
        if rule.urgency is Urgency.EMERGENCY and mild:
            yield rule.id


def _examples(rulebook: Rulebook) -> Broken:
    for chapter in rulebook.chapters:
        for rule in chapter.rules:
            kinds = {example.must_fire for example in chapter.examples_of(rule)}
            if kinds != {True, False}:
                yield rule


LAWS: dict[str, Callable[[Rulebook], Broken]] = {
    "What nobody understands pages a person, and is at least urgent.": _nothing_understood,
    "“Not sure” counts as yes, for every sign.": _not_sure,
    "Every sign has a rule that acts on it alone; only background facts and “doing well” have none.": _every_sign,
    "No sign lowers another: NOT stands in routine rules only.": _no_not,
    "STOP, HELP and every other word that carriers reserve pages a person.": _reserved,
    "A “no” is never more urgent than a “yes” or “not sure” to the same question.": _answers,
    "No answer to a question counts as “not sure”.": _silence,
    "An emergency sends the family to 911 or an emergency room; it never tells them to wait.": _emergency_advice,
    "Every rule carries examples that must make it fire and examples that must not.": _examples,
}


def _alone(code: str, heard: Heard, rulebook: Rulebook) -> Urgency:
    return assess((Finding(code, heard, ""),), rulebook.rules).urgency


def _counts(question: Question, key: str) -> bool:
    return any(answer.heard.counts for answer in question.keys[key])


def _answered(question: Question, key: str, rulebook: Rulebook) -> Urgency:
    findings = findings_from_answer(question, key, rulebook.lexicon.limits)
    return assess(findings, rulebook.rules).urgency


def _says_not(condition: Condition) -> bool:
    return bool(condition.none) or any(_says_not(part) for part in _nested(condition))


def _nested(condition: Condition) -> Iterator[Condition]:
    for part in (*condition.all, *condition.any, *condition.of):
        if isinstance(part, Condition):
            yield part
