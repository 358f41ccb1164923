"""Counter-examples as a nurse reads them.

"With itching present it is URGENT; adding thanks makes it ROUTINE, by rule F-not-for-us." Deliberately not here: how
they were found.
"""

from __future__ import annotations

from collections.abc import Sequence

from oncall.adapters.prover.declared import Declared, Place
from oncall.adapters.prover.situations import Situation
from oncall.core.triage.assessment import Assessment, Rule, Urgency
from oncall.core.triage.safety import RedFlag


def told(situation: Situation, declared: Declared) -> str:
    """What is said and known: "With fever present, itching denied and days since refill 3"."""
    present = [_says(code, declared) for code in sorted(situation.present)]
    denied = [_says(code, declared) for code in sorted(situation.denied)]
    parts = [f"{_and(present)} present"] if present else []
    parts += [f"{_and(denied)} denied"] if denied else []
    parts += [f"{number(place)} {value:g}" for place, value in sorted(situation.numbers.items())]
    return f"With {_and(parts)}" if parts else "With nothing said"


def worsened(before: Situation, step: str, after: Situation, declared: Declared) -> str:
    """Something more, or something worse, made it less urgent."""
    was, now = before.judged(declared), after.judged(declared)
    gone = f", and {', '.join(lost)} no longer holds" if (lost := _lost(was, now)) else ""
    advised = now.urgency >= was.urgency
    then = f"{step} makes it {result(now, advised)}, {by(now, declared)}{gone}"
    return f"{told(before, declared)} it is {result(was, advised)}; {then}."


def adding(code: str, declared: Declared) -> str:
    return f"adding {_says(code, declared)}"


def moving(place: Place, becomes: float) -> str:
    return f"{number(place)} {becomes:g} instead, which is worse,"


def missed(flag: RedFlag, situation: Situation, declared: Declared) -> str:
    """A red flag that is no emergency."""
    verdict = situation.judged(declared)
    return (
        f"{told(situation, declared)} it is {verdict.urgency.name}, {by(verdict, declared)}; "
        f"red flag {flag.id} says EMERGENCY: {flag.says}"
    )


def by(verdict: Assessment, declared: Declared) -> str:
    """The rules that decide the urgency."""
    urgencies = {rule.id: rule.urgency for rule in declared.rules.rules}
    deciding = [reason.rule for reason in verdict.because if urgencies.get(reason.rule) == verdict.urgency]
    return f"by rule {' and '.join(deciding)}" if deciding else "by no rule"


def _lost(was: Assessment, now: Assessment) -> list[str]:
    kept = {reason.rule for reason in now.because}
    return [reason.rule for reason in was.because if reason.rule not in kept and reason.findings]


def result(verdict: Assessment, with_advice: bool) -> str:
    """The urgency; with the advice where it is the advice that is lower."""
    return f"{verdict.urgency.name} ({verdict.advice.replace('_', ' ')})" if with_advice else verdict.urgency.name


def unreachable(rule: Rule) -> str:
    return f"No combination of findings makes rule {rule.id} fire: {rule.says}"


def idle(rule: Rule) -> str:
    return f"Rule {rule.id} changes neither urgency nor advice nor leaning in any combination: {rule.says}"


def too_low(situation: Situation, declared: Declared, why: str) -> str:
    verdict = situation.judged(declared)
    return f"{told(situation, declared)} it is {verdict.urgency.name}, {by(verdict, declared)}; {why}"


def nobody_paged(urgency: Urgency, found: str) -> str:
    return f"{urgency.name} begins with {found}, so at first nobody is paged."


def number(place: Place) -> str:
    """ "days since refill" of the record, "alarm: reservoir ml"."""
    section, name = place
    words = name.replace("_", " ")
    return words if section != "alarm" else f"alarm: {words}"


def _says(code: str, declared: Declared) -> str:
    sign = declared.rules.signs.get(code)
    return sign.sentence if sign else code


def _and(parts: Sequence[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
