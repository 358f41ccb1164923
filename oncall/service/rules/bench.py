"""The test bench: what the line would make of a text, of answers or of a pump alarm, and why.

A trial is read as a real message is, assessed with the edition in force, and run dry. The outcome names each
finding with the very words that carried it, each rule that fired, and what would have raised it. Deliberately not
here: forms and HTML. Nothing is stored and nobody is paged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from itertools import pairwise

from oncall.core.case.case import Arrival
from oncall.core.case.facts import Directory
from oncall.core.handbook import Handbook
from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Assessment, Urgency, assess, merge
from oncall.core.triage.questions import next_question
from oncall.core.triage.rulebook import Rulebook, draw_from_alarm, draw_from_answer, draw_from_context, draw_from_words
from oncall.service.rules.dry_run import Event, Night, Worded, dry_run
from oncall.service.rules.sentences import LEANINGS, rule_sentence, sign_words
from oncall.service.rules.text_measures import measured

_BARE_DIGITS = re.compile(r"\s*(\d{1,5})\s*[.!#]?\s*")


class Door(Enum):
    """Through which door the trial comes in."""

    TEXT = "text"
    ANSWERS = "answers"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried. `answers` are keys by question, `alarm` and `context` fields as RULINGS 13 names them."""

    door: Door
    at: datetime
    messages: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    alarm: Mapping[str, object] = field(default_factory=dict)
    context: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeardSign:
    """One finding, numbered so that a mark in the text can name it."""

    number: int
    sign: str
    heard: str
    evidence: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a message and the numbers of the findings that were heard in it."""

    text: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired. `sentence` is empty for the two verdicts that no rule gives."""

    id: str
    says: str
    sentence: str
    source: str
    urgency: Urgency | None
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything the bench shows."""

    trial: Trial
    assessment: Assessment
    leans: tuple[str, ...]
    findings: tuple[HeardSign, ...]
    messages: tuple[tuple[Stretch, ...], ...]
    fired: tuple[Fired, ...]
    would_raise: tuple[str, ...]
    night: Night
    next_question: tuple[Worded, ...]


def try_out(trial: Trial, handbook: Handbook, directory: Directory) -> Outcome:
    """See the module. Total: whatever is tried has an outcome (law 1)."""
    book = handbook.rulebook
    findings = drawn_from(trial, book)
    verdict = assess(findings, book.rules)
    arrival = Arrival.ALARM if trial.door is Door.ALARM else Arrival.TEXT
    answered = tuple(trial.answers)
    return Outcome(
        trial=trial,
        assessment=verdict,
        leans=tuple(LEANINGS[leaning] for leaning in verdict.leanings),
        findings=heard_signs(findings, trial.messages, book),
        messages=tuple(marked(trial.messages, findings)),
        fired=fired(verdict, book),
        would_raise=tuple(sign_words(code, book.vocabulary) for code in verdict.would_raise),
        night=dry_run(Event(arrival, findings, answered, trial.at), handbook, directory),
        next_question=() if trial.door is Door.ALARM else _next_question(findings, answered, book),
    )


# --- drawing -------------------------------------------------------------------------------------------------------


def drawn_from(trial: Trial, rulebook: Rulebook) -> tuple[Finding, ...]:
    """All findings of the trial together, the record's included."""
    found: list[Finding] = []
    if trial.door is Door.ALARM:
        found.extend(draw_from_alarm(trial.alarm, rulebook).findings)
    elif trial.door is Door.TEXT:
        found.extend(_from_texts(trial.messages, rulebook))
    elif not trial.answers:
        found.append(Finding("caller_silent", Heard.PRESENT, "no answer to any question"))
    for question, key in trial.answers.items() if trial.door is not Door.ALARM else ():
        found.extend(draw_from_answer(question, key, rulebook))
    return merge((*found, *draw_from_context(trial.context, rulebook)))


def _from_texts(messages: Sequence[str], rulebook: Rulebook) -> tuple[Finding, ...]:
    """As the intake reads them: a bare number is a key, everything else words."""
    digits = [match[1] for match in map(_BARE_DIGITS.fullmatch, messages) if match]
    words = [message for message in messages if not _BARE_DIGITS.fullmatch(message)]
    everywhere = {"0": rulebook.keys.person, "8": rulebook.keys.staff}
    keyed = (Finding(everywhere[digit], Heard.PRESENT, digit) for digit in digits if digit in everywhere)
    spoken = draw_from_words(words, rulebook).findings if words or not digits else ()
    return (*spoken, *keyed)


def _next_question(findings: Sequence[Finding], answered: Sequence[str], rulebook: Rulebook) -> tuple[Worded, ...]:
    question = next_question(frozenset(answered), findings, rulebook.questions, rulebook.rules)
    if question is None:
        return ()
    return tuple(Worded(tongue, text, measured(text, tongue)) for tongue, text in question.text.items())


# --- explaining ----------------------------------------------------------------------------------------------------

_HEARD = {Heard.PRESENT: "present", Heard.NOT_SURE: "not sure", Heard.DENIED: "denied", Heard.NOT_SAID: "not of now"}


def heard_signs(findings: Sequence[Finding], messages: Sequence[str], rulebook: Rulebook) -> tuple[HeardSign, ...]:
    return tuple(
        HeardSign(
            number,
            sign_words(finding.code, rulebook.vocabulary),
            _HEARD[finding.heard],
            finding.evidence,
            marked=any(_place(finding, message) for message in messages),
        )
        for number, finding in enumerate(findings, 1)
    )


def marked(messages: Sequence[str], findings: Sequence[Finding]) -> list[tuple[Stretch, ...]]:
    """Each message cut where a finding's own words begin or end."""
    left = dict(enumerate(findings, 1))
    told = []
    for message in messages:
        places = {number: _place(finding, message) for number, finding in left.items()}
        spans = {number: span for number, span in places.items() if span}
        left = {number: finding for number, finding in left.items() if number not in spans}
        told.append(_stretches(message, spans))
    return told


def _place(finding: Finding, message: str) -> tuple[int, int] | None:
    """Where the evidence stands in the message as words of its own."""
    if not finding.evidence.strip():
        return None
    match = re.search(rf"(?<!\w){re.escape(finding.evidence)}(?!\w)", message)
    return match.span() if match else None


def _stretches(message: str, spans: Mapping[int, tuple[int, int]]) -> tuple[Stretch, ...]:
    cuts = sorted({0, len(message), *(edge for span in spans.values() for edge in span)})
    return tuple(
        Stretch(message[start:end], tuple(number for number, (a, b) in spans.items() if a <= start and end <= b))
        for start, end in pairwise(cuts)
    )


def fired(verdict: Assessment, rulebook: Rulebook) -> tuple[Fired, ...]:
    """The reasons of an assessment with what each rule says and where it comes from."""
    rules = {rule.id: rule for rule in rulebook.rules.rules}
    signs = rulebook.vocabulary
    told = []
    for reason in verdict.because:
        rule = rules.get(reason.rule)
        told.append(
            Fired(
                id=reason.rule,
                says=reason.says,
                sentence=rule_sentence(rule, signs) if rule else "",
                source=rule.source if rule else "",
                urgency=rule.urgency if rule else None,
                signs=tuple(sign_words(code, signs) for code in reason.findings),
            )
        )
    return tuple(told)
