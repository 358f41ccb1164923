"""The words of the line: every sign that a rule, a question or a clock may speak of.

A sign has a code, one plain sentence, and a few properties that decide how it is handled before any rule is asked:
whether a new one rings the holder of a case, whether it counts as a device state at night, what it becomes when a
family calls it their everyday. Deliberately not here: phrases (`lexicon`) and urgency (`triage`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEVICE_CODES = ("alarm_", "pump_", "reservoir_", "refill_", "battery_", "catheter_", "mri_", "menu_beep")
ABSENT_GROUPS = frozenset({"office", "well"})  # no reason to worry by themselves
BACKGROUND_GROUPS = frozenset({"background"})  # colour other signs; alone they say nothing about today


@dataclass(frozen=True, slots=True)
class Asking:
    """How a family is asked for a sign, in a text and on the telephone, by language. `question`: the one that does."""

    question: str = ""
    text: Mapping[str, str] = field(default_factory=dict)
    spoken: Mapping[str, str] = field(default_factory=dict)
    not_asked: str = ""  # why nobody asks for it


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry of the vocabulary (rules/findings.yaml)."""

    code: str
    sentence: str
    group: str
    danger: bool = False  # new on a held case: the holder is rung (RULINGS 4)
    lingers: bool = False  # "it stopped" does not end it
    everyday: str | None = None  # the code it becomes when said to be their unchanged usual
    emergency_word: bool = False  # even imagined, past or of somebody else, a person reads it now
    source: str = ""  # S-numbers of the evidence, the families' words, a local ruling, K(nowledge) or J(udgement)
    asking: Asking = field(default_factory=Asking)

    @property
    def device(self) -> bool:
        """Any sound, alarm or device state (RULINGS 2, night rule); said by the name of the code."""
        return is_device(self.code)

    @property
    def outlasts_relief(self) -> bool:
        return self.danger or self.device or self.lingers


def is_device(code: str) -> bool:
    """Whether a code names a sound, an alarm or a device state."""
    return code.startswith(DEVICE_CODES)
