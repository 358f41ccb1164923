"""Why somebody is on call, and why nobody is: the pattern, the change behind it and what it replaced, in words.

Deliberately not here: blocks and rows (`picture`), and who would be a good replacement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from oncall.core.rota.on_call import Gap, Rotation, Shift, shifts_between
from oncall.core.rota.shifts import Change, Kind
from oncall.service.rota.span_words import between_words, hour_words

HANDOVER = timedelta(hours=1)  # two people for longer than this stand side by side, not one after the other


class Sort(Enum):
    """What a block is; a word and a sign for each, never a colour alone."""

    PATTERN = "pattern"
    HOLIDAY = "holiday"
    COVER = "cover"
    SWAP = "swap"
    HOLE = "hole"

    @property
    def is_one_off(self) -> bool:
        return self in (Sort.COVER, Sort.SWAP)


@dataclass(frozen=True, slots=True)
class Words:
    """The hospital's clock, and how people are called."""

    zone: str
    called: Mapping[str, str]

    def name(self, person: str) -> str:
        return self.called.get(person, person)


def change_behind(rotation: Rotation, shift: Shift) -> Change | None:
    """The one-off change that put this person here; None for the pattern."""
    kind, _, rest = shift.why.partition(" ")
    id = rest.partition(" ")[0].removesuffix(":")
    touching = (c for c in rotation.changes if c.starts_at < shift.ends_at and c.ends_at > shift.starts_at)
    found = (c for c in touching if c.id == id and c.kind.value == kind and c.person == shift.person)
    return next(found, None)


def sort_of(shift: Shift, change: Change | None) -> Sort:
    if change is not None:
        return Sort.SWAP if change.kind is Kind.SWAP else Sort.COVER
    return Sort.HOLIDAY if shift.why.startswith("holiday ") else Sort.PATTERN


def change_in_words(words: Words, change: Change) -> str:
    instead = f", for {words.name(change.instead_of)}" if change.instead_of else ""
    return f"{change.kind.value} {change.id}{instead}" + (f": {change.note}" if change.note else "")


def displaced(words: Words, rotation: Rotation, shift: Shift, change: Change | None) -> Iterator[str]:
    """Whom a cover of the whole slot stands in for, which the change itself does not say."""
    if change is None or change.instead_of is not None:
        return
    without = replace(rotation, changes=tuple(other for other in rotation.changes if other is not change))
    start, end = max(shift.starts_at, change.starts_at), min(shift.ends_at, change.ends_at)
    before = dict.fromkeys(other.person for other in shifts_between(without, shift.layer, start + HANDOVER, end))
    others = [words.name(person) for person in before if person != shift.person]
    yield f"Without it: {', '.join(others)}." if others else "Without it: nobody."


def together(words: Words, shift: Shift, shifts: Sequence[Shift]) -> Iterator[str]:
    """With whom and when two are on at once, at hand-overs or throughout; one sentence."""
    told = []
    for other in shifts:
        if other.starts_at >= shift.ends_at:
            break
        start, end = max(shift.starts_at, other.starts_at), min(shift.ends_at, other.ends_at)
        if other is not shift and start < end:
            told.append(f"{words.name(other.person)} {_briefly(start, end, words.zone)}")
    if told:
        yield f"Both on: with {', '.join(told)}."


def _briefly(start: datetime, end: datetime, zone: str) -> str:
    """ "07:00 to 07:15" of a day that the shift names; days too for more than a hand-over."""
    if end - start > HANDOVER:
        return between_words(start, end, zone)
    return f"{hour_words(start, zone)} to {hour_words(end, zone)}"


def on_leave(words: Words, rotation: Rotation, gap: Gap, leave: Change) -> str:
    """That this leave makes the hole, if it does."""
    start, end = max(gap.starts_at, leave.starts_at), min(gap.ends_at, leave.ends_at)
    if start >= end:
        return ""
    without = replace(rotation, changes=tuple(other for other in rotation.changes if other is not leave))
    if leave.person not in {shift.person for shift in shifts_between(without, gap.layer, start, end)}:
        return ""
    return f"{words.name(leave.person)} is on leave ({leave.id})."
