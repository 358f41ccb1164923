"""What came out of a proof: each property with what was looked at, or why nothing is proved.

Free of the solver, so that publishing and pages can hold it. An edition is proved only when every property is; out of
time, undecided and no solver are all "refused" (RULINGS 8). Deliberately not here: how it is proved.
"""

from __future__ import annotations

from dataclasses import dataclass

PROPERTIES = {
    "an urgency, always": "Every combination gets one urgency and its advice; routine is for office matters alone.",
    "never lower": "A sign more or a number worse never lowers the urgency or the advice.",
    "unknown is no better": "A sign not said or a number missing never ranks below one denied or harmless.",
    "red flags": "Every declared red flag is an emergency.",
    "reachable": "Every rule fires in some combination.",
    "pages": "Whatever is urgent pages somebody at once, and a device sound does so at night.",
}
ABSENT = "The solver is not installed: pip install 'oncall[prove]'."


@dataclass(frozen=True, slots=True)
class Property:
    """One property, decided. A remark is worth knowing and breaks nothing."""

    name: str
    looked_at: str
    seconds: float
    counter_examples: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.counter_examples

    @property
    def says(self) -> str:
        return PROPERTIES[self.name]


@dataclass(frozen=True, slots=True)
class Proof:
    """`properties` are those decided before it was refused, if it was."""

    edition: str
    properties: tuple[Property, ...]
    seconds: float
    refused: str | None = None

    @property
    def ok(self) -> bool:
        return self.refused is None and all(one.ok for one in self.properties)

    @property
    def counter_examples(self) -> tuple[str, ...]:
        return tuple(sentence for one in self.properties for sentence in one.counter_examples)
