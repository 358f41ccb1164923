"""The chapters of a rulebook: one declared file each, with who signed it and the examples inside its rules.

The rules themselves are found by sign (`triage.Ruleset`); a chapter keeps what a reader wants beside them, and what
the clinicians wrote down as their own test. Deliberately not here: running the examples (`service.rules.examples`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Example:
    """What a rule must fire for, or stay silent for. `codes` are signs that only the program itself can find."""

    rule: str
    must_fire: bool
    language: str
    messages: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    alarm: Mapping[str, object] | None = None
    context: Mapping[str, object] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """The example as one line for the eye."""
        alarm = (_told("alarm", self.alarm),) if self.alarm is not None else ()
        signs = (f"signs: {', '.join(self.codes)}",) if self.codes else ()
        record = (_told("record", self.context),) if self.context else ()
        return "; ".join((*self.messages, *self.keys, *alarm, *signs, *record))


def _told(what: str, fields: Mapping[str, object]) -> str:
    told = (f"{name} {_value(value)}".replace("_", " ") for name, value in fields.items())
    return f"{what}: {', '.join(told)}"


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file of rules. `signed` is a person and a day as they were written, empty while nobody has signed."""

    name: str
    source: str
    signed: str
    rules: tuple[str, ...]
    examples: tuple[Example, ...]

    def examples_of(self, rule: str) -> tuple[Example, ...]:
        return tuple(example for example in self.examples if example.rule == rule)
