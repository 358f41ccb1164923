"""The questions a family may be asked while the pump doctor is being paged.

Three core ones first, one at a time; yes is always the dangerous answer, and "not sure" counts as yes. A key gives
findings, a number such as a temperature goes through the declared limits. Deliberately not here: when to stop
asking (a person took the case) and how a prompt is spoken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oncall.core.measurements import keyed_celsius
from oncall.core.reports import Finding, Heard
from oncall.core.thresholds import Limits, codes_for
from oncall.core.triage import counted


@dataclass(frozen=True, slots=True)
class Answer:
    """What one key means: a code, and how it was heard."""

    code: str
    heard: Heard


@dataclass(frozen=True, slots=True)
class Question:
    """One question, as a text and as spoken. `number` names the measure that may be keyed instead of a digit."""

    code: str
    core: bool
    text: Mapping[str, str]
    keys: Mapping[str, tuple[Answer, ...]]
    number: str | None = None
    spoken: Mapping[str, str] = field(default_factory=dict)

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
    answered: frozenset[str], findings: Sequence[Finding], questions: Sequence[Question]
) -> Question | None:
    """The next one to ask: core first, skipping what has been answered or is already known to be so."""
    known = counted(findings)
    open_ones = [
        question for question in questions if question.code not in answered and known.isdisjoint(question.could_say)
    ]
    return min(open_ones, key=lambda question: not question.core, default=None)


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
