"""What the record says about the patient, as findings.

A refill yesterday raises both suspicions, an overdue one raises withdrawal; nothing in the record ever lowers
anything. Numbers go through the declared limits, words (pump model, diagnosis) through declared pieces of text.
Missing or unreadable means unknown and gives nothing here. Deliberately not here: what any of it leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oncall.core.reports import Finding, Heard
from oncall.core.triage.thresholds import Limits, codes_for, number
from oncall.core.triage.words import fold


@dataclass(frozen=True, slots=True)
class Reading:
    """How context fields become findings (rules/findings.yaml, `context`)."""

    limits: Limits
    mentions: Mapping[str, Mapping[str, str]]  # field -> piece of text -> code
    flags: Mapping[str, str]  # field that is true -> code
    missing: Mapping[str, tuple[str, ...]]  # code -> the fields of which at least one must be known


def findings_from_context(context: Mapping[str, object], reading: Reading) -> tuple[Finding, ...]:
    """Every finding the record gives."""
    found: list[Finding] = []
    for field, value in (*context.items(), *_derived(context)):
        evidence = f"{field}: {value}"
        found.extend(Finding(code, Heard.PRESENT, evidence) for code in _codes(str(field), value, reading))
    for code, fields in reading.missing.items():
        if all(number(context.get(field)) is None for field in fields):
            found.append(Finding(code, Heard.PRESENT, f"unknown: {', '.join(fields)}"))
    return tuple(found)


def _derived(context: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    """How many days of drug are left over when the booked refill comes."""
    lasts, booked = number(context.get("days_to_empty_estimate")), number(context.get("refill_booked_in_days"))
    return () if lasts is None or booked is None else (("days_from_refill_to_empty", lasts - booked),)


def _codes(field: str, value: object, reading: Reading) -> tuple[str, ...]:
    if field in reading.flags and value is True:
        return (reading.flags[field],)
    if isinstance(value, str) and field in reading.mentions:
        said = " ".join(fold(word) for word in value.replace("/", " ").replace(",", " ").split())
        return tuple(code for piece, code in reading.mentions[field].items() if f" {piece}" in f" {said}")
    return codes_for(field, value, reading.limits)
