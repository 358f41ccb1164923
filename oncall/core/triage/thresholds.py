"""Numbers become findings here, and only by limits declared in rules/findings.yaml.

A limit is a span of values and the code it gives; several may hold at once (40.2 C is a fever, a high one and a
very high one). A value that is not a number gives nothing: unknown stays unknown. Deliberately not here: where the
numbers come from (`measurements`, `context`, `alarms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """A span of values, and the finding a value inside it gives."""

    gives: str
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)


Limits = Mapping[str, tuple[Limit, ...]]


def number(value: object) -> float | None:
    """The value as a number, or None for anything that is not one."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if value == value and abs(value) != float("inf") else None
    if isinstance(value, str):
        try:
            return number(float(value.strip().replace(",", ".")))
        except (ValueError, OverflowError):
            return None
    return None


def codes_for(name: str, value: object, limits: Limits) -> tuple[str, ...]:
    """The codes that this named value gives."""
    amount = number(value)
    if amount is None:
        return ()
    return tuple(limit.gives for limit in limits.get(name, ()) if limit.holds(amount))
