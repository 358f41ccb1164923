"""The questions a family may be asked while the pump doctor is being paged.

Three core ones first, then whichever could raise the urgency most, one at a time; yes is always the dangerous answer,
and "not sure" counts as yes. A key gives findings, a number such as a temperature goes through the declared limits.
Deliberately not here: when to stop asking (a person took the case) and how a prompt is spoken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import ADVICE, Assessment, Ruleset, assess, counted
from oncall.core.triage.measurements import keyed_celsius
from oncall.core.triage.thresholds import Limits, codes_for


@dataclass(frozen=True, slots=True)
class Answer:
    """What one key means: a code, and how it was heard."""

    code: str
    heard: Heard


@dataclass(frozen=True, slots=True)
class Question:
    """One question, as a text and as spoken. `number` names the measure that may be keyed instead of a digit.

    `may_mean` are the signs a yes may stand for, `numbers` what a number may give.
    """

    code: str
    core: bool
    text: Mapping[str, str]
    keys: Mapping[str, tuple[Answer, ...]]
    number: str | None = None
    spoken: Mapping[str, str] = field(default_factory=dict)
    may_mean: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = ()

    @property
    def doubt(self) -> tuple[Answer, ...]:
        """What silence or an unexpected key counts as: not sure of the dangerous answers."""
        worst = {answer.code: None for answers in self.keys.values() for answer in answers if answer.heard.counts}
        return self.keys.get("3") or tuple(Answer(code, Heard.NOT_SURE) for code in worst)

    @property
    def could_say(self) -> tuple[str, ...]:
        """The codes a yes would assert."""
        present = (answer.code for answers in self.keys.values() for answer in answers)
        return tuple(dict.fromkeys(present))


def next_question(
    answered: frozenset[str], findings: Sequence[Finding], questions: Sequence[Question], rules: Ruleset
) -> Question | None:
    """The next one to ask: core first, then the most dangerous that it could still bring up, then as they are filed.

    Not asked is what has been answered, what is known to be so, and, core ones apart, what no answer could change.
    """
    now, known = assess(findings, rules), counted(findings)
    open_ones = [
        (question, prospect)
        for question in questions
        if question.code not in answered and known.isdisjoint(question.could_say)
        if (prospect := _prospect(question, findings, now, rules)).is_worth_asking(known)
    ]
    best = min(open_ones, key=lambda pair: pair[1].rank, default=None)
    return best[0] if best else None


@dataclass(frozen=True, slots=True)
class _Prospect:
    """What the most dangerous answer to a question would do to the assessment of now."""

    question: Question
    danger: tuple[int, int]  # urgency and advice
    raises: bool
    turns: bool  # it leans another way

    @property
    def rank(self) -> tuple[int, ...]:
        """What is asked first; core ones in the order of the file."""
        return () if self.question.core else (-self.danger[0], -self.danger[1], not self.raises)

    def is_worth_asking(self, known: frozenset[str]) -> bool:
        """Who cannot be woken is not asked whether they are hard to wake, unless a yes would mean more than that."""
        is_open = known.isdisjoint(self.question.may_mean)
        return self.raises or (is_open and (self.turns or self.question.core))


def _prospect(question: Question, findings: Sequence[Finding], now: Assessment, rules: Ruleset) -> _Prospect:
    then = [assess((*findings, *said), rules) for said in _possible(question)]
    danger = max((_danger(assessment) for assessment in then), default=_danger(now))
    turns = any(assessment.leanings != now.leanings for assessment in then)
    return _Prospect(question, danger, danger > _danger(now), turns)


def _possible(question: Question) -> Iterator[tuple[Finding, ...]]:
    """The findings of each answer that would assert something."""
    for answers in question.keys.values():
        said = tuple(Finding(answer.code, answer.heard, question.code) for answer in answers)
        if counted(said):
            yield said
    yield from ((Finding(code, Heard.PRESENT, question.code),) for code in question.numbers)


def _danger(assessment: Assessment) -> tuple[int, int]:
    return int(assessment.urgency), ADVICE.index(assessment.advice)


def findings_from_answer(question: Question, digits: str, limits: Limits) -> tuple[Finding, ...]:
    """What a keyed answer says; anything unexpected, or nothing at all, is "not sure"."""
    pressed = digits.strip().rstrip("#")
    evidence = f"{question.code}: {pressed or 'no answer'}"
    if pressed in question.keys:
        return tuple(Finding(answer.code, answer.heard, evidence) for answer in question.keys[pressed])
    measured = keyed_celsius(pressed) if question.number == "temperature_c" else None
    if measured is not None:
        codes = codes_for("temperature_c", measured, limits)
        return tuple(Finding(code, Heard.PRESENT, evidence) for code in codes) or _denied(question, evidence)
    return tuple(Finding(answer.code, Heard.NOT_SURE, evidence) for answer in question.doubt)


def _denied(question: Question, evidence: str) -> tuple[Finding, ...]:
    return tuple(Finding(code, Heard.DENIED, evidence) for code in question.could_say)
