"""A draft of the rota: what one coordinator means to change, as a list of edits on the edition it began from.

A draft holds no files: its edits are written onto whatever edition is the newest when it is looked at, so that two
people can work at once and neither overwrites the other (decision 0027). Deliberately not here: what an edit is
(`core.rota.edits`), and how it is written (the scribe).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from oncall.core.handbook import Handbook
from oncall.core.rota.edits import Edit, HolidayWords, decode, encode
from oncall.core.rota.on_call import Rota
from oncall.service.ports.journal import Edition, Journal


@dataclass(frozen=True, slots=True)
class Drafted:
    """One edit of a draft: its number there, what was meant, by whom and when."""

    number: int
    edit: Edit
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """`author` owns it, others may add to it; `base` is the edition that she looked at. Empty: there is none."""

    author: str
    base: str = ""
    edits: tuple[Drafted, ...] = ()
    name: str = ""
    changed_at: datetime | None = None

    def with_edit(self, edit: Edit, by: str, at: datetime) -> Draft:
        number = max((drafted.number for drafted in self.edits), default=0) + 1
        return replace(self, edits=(*self.edits, Drafted(number, edit, by, at)), changed_at=at)

    def without(self, number: int, at: datetime) -> Draft:
        kept = tuple(drafted for drafted in self.edits if drafted.number != number)
        return replace(self, edits=kept, changed_at=at)


def edits_to_json(edits: Sequence[Drafted]) -> str:
    told = [{"number": one.number, "by": one.by, "at": one.at.isoformat(), "edit": encode(one.edit)} for one in edits]
    return json.dumps(told, ensure_ascii=False)


def edits_from_json(told: str) -> tuple[Drafted, ...]:
    """Raises EditRefused for an edit of a newer program."""
    return tuple(_drafted(one) for one in json.loads(told))


def _drafted(told: Mapping[str, Any]) -> Drafted:
    return Drafted(told["number"], decode(told["edit"]), told["by"], datetime.fromisoformat(told["at"]))


class Change(Protocol):
    """What is done to a draft, inside one write."""

    def __call__(self, draft: Draft, /) -> Draft: ...


class DraftShelf(Protocol):
    """Where drafts are kept: audited rows of the register."""

    async def rota_draft(self, author: str) -> Draft:
        """The author's draft; an empty one if she has none."""
        ...

    async def rota_drafts(self) -> list[Draft]:
        """All that have an edit in them."""
        ...

    async def change_rota_draft(self, author: str, change: Change, who: str) -> Draft:
        """Read, change and keep in one write; `who` stands in the audit."""
        ...


class Scribe(Protocol):
    """Edits and files: what the desk knows of how a rota is written. Everything raises EditRefused."""

    def rota(self, files: Mapping[str, str]) -> Rota: ...

    def write(self, files: Mapping[str, str], edit: Edit, now: datetime, names: Mapping[str, str]) -> Mapping[str, str]:
        """The texts after the edit; they load, and the past has not moved. `names`: what a refusal calls people."""
        ...

    def witnessed(self, files: Mapping[str, str], edit: Edit, now: datetime) -> Edit:
        """The edit with what its author sees of the part that it changes."""
        ...

    def holiday(self, files: Mapping[str, str], name: str, now: datetime) -> HolidayWords:
        """A holiday as its form shows it."""
        ...

    def handbook(self, files: Mapping[str, str], same_rules: Handbook | None) -> Handbook:
        """The edition of these texts; `same_rules` is one with the very same rules, None if none is at hand."""
        ...

    def texts(self, files: Mapping[str, str]) -> Mapping[str, str]:
        """An edition's files as people wrote them."""
        ...

    def sealed(self, files: Mapping[str, str]) -> Mapping[str, str]:
        """The texts as an edition is stored."""
        ...

    def difference(self, before: Mapping[str, str], after: Mapping[str, str], sentences: tuple[str, ...]) -> str:
        """What is kept with an edition of what it changed."""
        ...

    def sentences(self, edition: Edition) -> tuple[str, ...]:
        """What was kept of who instead of whom."""
        ...


class Handbooks(Protocol):
    """The edition in force, and the one way to put another in its place."""

    def current(self) -> Handbook: ...

    async def publish(
        self, journal: Journal, edition: Edition, files: Mapping[str, str], base: str, handbook: Handbook
    ) -> None:
        """Stored and in force, or neither. Raises EditionOvertaken when `base` is not the newest."""
        ...
