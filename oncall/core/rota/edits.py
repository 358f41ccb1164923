"""What a coordinator may do to the rota, each act in the words of her form.

An edit says what somebody meant ("Dr Osei covers Tuesday night"), not what a file looks like, so that it can be
shown, taken out of a draft, and put on top of what somebody else has published meanwhile. Times are typed wall
times of the rotation, "2026-12-02 19:00"; where the clock skips or doubles that time, the offset is typed too
("2026-11-01 01:30-04:00"): the choice is part of the edit. A bare day as `until` is that whole day.
Deliberately not here: the files (adapters/handbook), who may do it, and whether it is wise (guards).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from oncall.core.as_json import plain, read

Slots = tuple[tuple[str, ...], ...]  # the people of each turn, in order; two in one turn are on together


class EditRefused(Exception):
    """This edit cannot be meant; the sentence is for its author. `choices` are times to type instead."""

    def __init__(self, sentence: str, choices: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.choices = choices


@dataclass(frozen=True, slots=True)
class AddCover:
    """`by` has the slot; or takes over from one person where several are on."""

    tier: str
    by: str
    starts: str
    until: str
    instead_of: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AddCovers:
    """All covers of a schedule that was taken in, as one edit; `source` is what people call it."""

    covers: tuple[AddCover, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class AddBeside:
    """`by` is on as well, nobody goes: an asked replacement who has not said yes (RULINGS 8)."""

    tier: str
    by: str
    starts: str
    until: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What one person of a swap gives away."""

    person: str
    starts: str
    until: str


@dataclass(frozen=True, slots=True)
class AddSwap:
    tier: str
    first: Given
    second: Given
    note: str = ""


@dataclass(frozen=True, slots=True)
class AddLeave:
    person: str
    starts: str
    until: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SplitShift:
    """From `at` on somebody else has the rest of the shift that is running then."""

    tier: str
    by: str
    at: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TakeBackChange:
    """One that has begun ends now instead. `was`: what its author saw, so that nothing else is hit."""

    id: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class EditChange:
    """What is None stays."""

    id: str
    starts: str | None = None
    until: str | None = None
    by: str | None = None
    note: str | None = None
    was: str = ""


@dataclass(frozen=True, slots=True)
class CopyWeek:
    """The week of `to_day` gets the people of the week of `from_day`, by covers; weeks begin on Monday."""

    tier: str
    from_day: str
    to_day: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PatternWords:
    """A pattern as the wizard asks for it; the words are those of the files ("weekly", "Mon 07:00", "19:00-07:00")."""

    people: Slots
    name: str = ""
    turn: str = ""
    hands_over: str = ""
    hours: tuple[str, ...] = ()
    days: str = ""
    since: str = ""
    until: str = ""
    counts_worked: bool = False


@dataclass(frozen=True, slots=True)
class NewPattern:
    """A further pattern of a layer, asked after the others, or before them; a layer not yet there is made."""

    tier: str
    words: PatternWords
    before_others: bool = False


@dataclass(frozen=True, slots=True)
class EditPattern:
    """From `starts` on (a day: its hand-over) the pattern is another one; `pattern` is its number, from 1."""

    tier: str
    pattern: int
    words: PatternWords
    starts: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class EndPattern:
    """From `until` on (a day: its hand-over) the pattern has nobody."""

    tier: str
    pattern: int
    until: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceRoster:
    """Other people, or another order, from the first hand-over at or after `starts`."""

    tier: str
    pattern: int
    people: Slots
    starts: str
    starts_with: str = ""
    was: str = ""


@dataclass(frozen=True, slots=True)
class SetOverlap:
    """For how long both are on at a hand-over: "15m", or "" for not at all."""

    tier: str
    overlap: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who has a tier on a holiday, year after year in turn, and its hours if it has its own; nobody named means closed.
    `as_it_is`: what stands there already, which this cannot say."""

    tier: str
    people: tuple[str, ...] = ()
    hours: str = ""
    as_it_is: bool = False


@dataclass(frozen=True, slots=True)
class HolidayWords:
    """Named days, or one span from `starts` to `until`, and who stands in on each tier that differs."""

    name: str
    on: tuple[str, ...]
    tiers: tuple[StandIn, ...]
    starts: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class AddHoliday:
    words: HolidayWords


@dataclass(frozen=True, slots=True)
class EditHoliday:
    name: str
    words: HolidayWords
    was: str = ""


@dataclass(frozen=True, slots=True)
class RemoveHoliday:
    name: str
    was: str = ""


Edit = (
    AddCover
    | AddCovers
    | AddBeside
    | AddSwap
    | AddLeave
    | SplitShift
    | TakeBackChange
    | EditChange
    | CopyWeek
    | NewPattern
    | EditPattern
    | EndPattern
    | ReplaceRoster
    | SetOverlap
    | AddHoliday
    | EditHoliday
    | RemoveHoliday
)
KINDS: Mapping[str, Any] = {kind.__name__: kind for kind in get_args(Edit)}


def encode(edit: Edit) -> dict[str, Any]:
    """For a draft's row."""
    return {"kind": type(edit).__name__, **plain(edit)}


def decode(told: Mapping[str, Any]) -> Edit:
    """Raises EditRefused for a kind that this program does not know."""
    if told.get("kind") not in KINDS:
        raise EditRefused(f"This draft has an edit {told.get('kind')} that this program does not know.")
    edit: Edit = read(KINDS[told["kind"]], told)
    return edit
