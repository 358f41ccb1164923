"""What the rules are held against: red flags that are always an emergency, and which way a number is worse.

Clinicians declare both beside the rules (rules/red-flags.yaml, `worse` in rules/findings.yaml) and sign them; the
rules themselves are never asked what they ought to do. Triage reads nothing here: a red flag pages only through a
rule, and the prover shows that such a rule exists for every combination. Deliberately not here: the proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from oncall.core.triage.assessment import Condition
from oncall.core.triage.thresholds import Limit

SECTIONS = ("measured", "context", "alarm")  # the three tables of limits in rules/findings.yaml


class Worse(Enum):
    """Which way a number grows worse."""

    LOWER = "lower"
    HIGHER = "higher"
    WITHIN = "within"  # inside a declared limit is worse than outside; its two ends differ in kind, not in degree


Directions = Mapping[str, Mapping[str, Worse]]  # section -> field -> direction


@dataclass(frozen=True, slots=True)
class InSpan:
    """A number of the record, of a measurement or of an alarm that lies in a span; `span.gives` stays empty."""

    section: str
    field: str
    span: Limit


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A picture that must be an emergency, whatever else is known or not known."""

    id: str
    says: str
    when: Condition
    numbers: tuple[InSpan, ...]
    source: str
