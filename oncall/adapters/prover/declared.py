"""What is proved about: the rules of one edition, its numbers, its red flags and its clocks, as plain values.

Small enough to be handed to the solver's process as it is; the words and the rota stay outside, because every
combination of findings is proved, however anybody comes to say it. Deliberately not here: formulas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from oncall.core.case.escalation import Policy
from oncall.core.handbook import Handbook
from oncall.core.triage.assessment import Ruleset
from oncall.core.triage.context import Reading
from oncall.core.triage.safety import Directions, RedFlag, Worse
from oncall.core.triage.thresholds import Limit, Limits

Place = tuple[str, str]  # section of findings.yaml, name of the number
DERIVED = {
    "days_from_refill_to_empty": ("days_to_empty_estimate", "refill_booked_in_days")
}  # as core/triage/context.py


@dataclass(frozen=True, slots=True)
class Declared:
    """One edition, as far as it is proved."""

    rules: Ruleset
    reading: Reading
    limits: Mapping[str, Limits]  # by section: measured, context, alarm
    worse: Directions
    red_flags: tuple[RedFlag, ...]
    policies: tuple[Policy, ...]

    def fields(self) -> Iterator[Place]:
        """Every number that somebody can tell; what is worked out from others is not one of them."""
        for section, limits in self.limits.items():
            told = {*limits, *(self._of_the_record() if section == "context" else ())}
            yield from ((section, name) for name in sorted(told - DERIVED.keys()))

    def _of_the_record(self) -> set[str]:
        return {name for fields in self.reading.missing.values() for name in fields}

    def limits_of(self, place: Place) -> tuple[Limit, ...]:
        section, name = place
        return tuple(self.limits[section].get(name, ()))

    def direction(self, place: Place) -> Worse | None:
        section, name = place
        return self.worse.get(section, {}).get(name)


def declared_by(handbook: Handbook) -> Declared:
    book, table = handbook.rulebook, handbook.table
    return Declared(
        rules=book.rules,
        reading=book.thresholds,
        limits={
            "measured": book.lexicon.limits,
            "context": book.thresholds.limits,
            "alarm": book.alarms.limits,
        },
        worse=book.worse,
        red_flags=book.red_flags,
        policies=(table.emergency, table.urgent, table.same_day),
    )


def what_is_missing(declared: Declared) -> str | None:
    """Why nothing can be proved of this edition, or None."""
    if not declared.red_flags:
        return "No red flags are declared (rules/red-flags.yaml), so there is nothing to hold the rules against."
    aimless = [f"{section} {name}" for section, name in declared.fields() if not declared.direction((section, name))]
    if aimless:
        return f"rules/findings.yaml does not say under `worse` which way these are worse: {', '.join(aimless)}."
    return None
