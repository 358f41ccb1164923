"""Runs the examples that stand inside the rules: the clinicians' own test of their words and rules.

An example is drawn and assessed exactly as a message on the line would be. `oncall check` runs them over files, the
rules page over the edition in force. Deliberately not here: the vignettes, which test the whole conclusion.
"""

from __future__ import annotations

from dataclasses import dataclass

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Assessment, assess, merge
from oncall.core.triage.chapters import Example
from oncall.core.triage.rulebook import Rulebook, draw_from_alarm, draw_from_context, draw_from_keys, draw_from_words


@dataclass(frozen=True, slots=True)
class ExamplesRun:
    """How many were run, and those that do not hold."""

    count: int
    red: tuple[Example, ...]


def run_examples(rulebook: Rulebook) -> ExamplesRun:
    """Every example of the edition; some seconds of work."""
    examples = [example for chapter in rulebook.chapters for example in chapter.examples]
    return ExamplesRun(len(examples), tuple(example for example in examples if not holds(example, rulebook)))


def holds(example: Example, rulebook: Rulebook) -> bool:
    """Whether the rule does for this example what its authors wrote."""
    fired = any(reason.rule == example.rule for reason in assessed(example, rulebook).because)
    return fired is example.must_fire


def assessed(example: Example, rulebook: Rulebook) -> Assessment:
    """What these rules make of an example."""
    return assess(found_in(example, rulebook), rulebook.rules)


def found_in(example: Example, rulebook: Rulebook) -> tuple[Finding, ...]:
    """The findings of an example, those of its record included."""
    return merge((*_drawn(example, rulebook), *draw_from_context(example.context, rulebook)))


def _drawn(example: Example, rulebook: Rulebook) -> tuple[Finding, ...]:
    if example.alarm is not None:
        return draw_from_alarm(example.alarm, rulebook).findings
    if example.codes:
        return tuple(Finding(code, Heard.PRESENT, "example") for code in example.codes)
    if example.keys:
        return draw_from_keys(example.keys, rulebook).findings
    return draw_from_words(example.messages, rulebook, example.language).findings
