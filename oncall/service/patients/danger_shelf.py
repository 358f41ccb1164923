"""Where the dates of pumps stand and what is done about them is kept, as a contract; every change is audited.

Deliberately not here: which dates are dangers (`core.dangers`), and the rows (the register).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from oncall.core.danger_acts import Changes, DangerAct
from oncall.core.dangers import Numbers
from oncall.core.pump_facts import PumpFacts


@dataclass(frozen=True, slots=True)
class Dated:
    """One patient who is with the programme: the name, the dates of the pump, the family's numbers."""

    id: str
    name: str
    facts: PumpFacts
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Changed:
    """Who has changed, as they stand now, and the ids of everybody touched: who is not among them has left."""

    dated: tuple[Dated, ...]
    touched: frozenset[str]


@dataclass(frozen=True, slots=True)
class FamilyNumber:
    """One enrolled telephone of a patient's family that may be written to."""

    number: str
    language: str
    is_verified: bool


class DangerShelf(Protocol):
    """See the module."""

    async def version(self) -> tuple[int, int]:
        """Moves whenever anything that `dated` shows has changed."""
        ...

    async def dated(self) -> list[Dated]:
        """Everybody who is with the programme."""
        ...

    async def changed(self, since: tuple[int, int]) -> Changed | None:
        """Since this version; None where it is better to read everything again."""
        ...

    async def set_aside(self) -> frozenset[tuple[str, str]]:
        """Patient and reference of what somebody has set aside."""
        ...

    async def acts_of(self, patients: Collection[str]) -> list[DangerAct]:
        """Those in force, newest first."""
        ...

    async def newest_acts(self, limit: int) -> list[DangerAct]: ...

    async def do(self, act: DangerAct, changes: Changes) -> bool:
        """Keep it and make the changes in one commit; False for a patient who is not with the programme."""
        ...

    async def undo(self, act_id: str, by: str) -> str:
        """Put back what it changed; a sentence when somebody has changed the record since, empty when done."""
        ...

    async def numbers_of(self, patient: str) -> list[FamilyNumber]:
        """Telephones that take texts and have not said STOP; verified ones first."""
        ...

    async def verify(self, number: str, who: str) -> None:
        """Somebody of the family has answered from it."""
        ...


def day_words(on: date) -> str:
    """ "Mon 3 Dec 2026", in a sentence."""
    return f"{on:%a} {on.day} {on:%b %Y}"
