"""The shapes of the files in rotations/: which keys they have, in the words that coordinators write.

Only shape is checked here, by pydantic; every value that is a small word of its own ("Mon 08:00") stays
text.
Deliberately not here: what the words mean (`rotation_words`) and what they make of a rota
(`rotation_files`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class PersonShape(_Shape):
    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str = Field(min_length=1)
    spoken: str = Field(min_length=1)
    role: Literal["clinician", "coordinator", "shared"]
    fte: float = Field(default=1.0, gt=0, le=1)


class PeopleShape(_Shape):
    hospital: str
    zone: str
    people: list[PersonShape]


class RosterShape(_Shape):
    start: Any = Field(alias="from")
    people: list[Any]
    starts_with: Any = None


class PatternShape(_Shape):
    name: str | None = None
    people: list[Any] | None = None
    together: list[Any] | None = None
    turn: str | None = None
    hands_over: str | None = None
    hours: str | list[str] | None = None
    days: str | None = None
    since: Any = None
    until: Any = None
    count: Literal["calendar", "worked"] = "calendar"
    roster: list[RosterShape] = []


class LayerShape(PatternShape):
    overlap: str | None = None
    patterns: list[PatternShape] | None = None


class RotationShape(_Shape):
    zone: str | None = None
    says: str = ""
    layers: dict[str, LayerShape] = Field(min_length=1)


def _kind_of(stand_in: object) -> str:
    return "closed" if isinstance(stand_in, str) else "pattern"


StandIn = Annotated[
    Annotated[PatternShape, Tag("pattern")] | Annotated[Literal["closed"], Tag("closed")],
    Discriminator(_kind_of),
]


class HolidayShape(_Shape):
    name: str
    bucket: str | None = Field(default=None, min_length=1)
    on: Any = None
    start: Any = Field(default=None, alias="from")
    until: Any = None
    tiers: dict[str, StandIn] = Field(min_length=1)


class HolidaysShape(_Shape):
    holidays: list[HolidayShape]


class GivenShape(_Shape):
    gives: str
    start: Any = Field(alias="from")
    until: Any = None
    through: Any = None


class OverrideShape(_Shape):
    id: str = Field(min_length=1)
    cover: str | None = None
    swap: str | None = None
    split: str | None = None
    leave: str | None = None
    beside: str | None = None
    by: str | None = None
    instead_of: str | None = None
    spans: list[GivenShape] = []
    at: Any = None
    between: list[str] = []
    start: Any = Field(default=None, alias="from")
    until: Any = None
    through: Any = None
    note: str = ""


class OverridesShape(_Shape):
    overrides: list[OverrideShape]
