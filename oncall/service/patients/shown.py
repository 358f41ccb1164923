"""Patients as their pages show them: the list, one with everything about them, and what a search finds.

Every list is cut off and goes on from the last one shown. Deliberately not here: changing (`shelf`), HTML, and
what a date means for triage (`core.pump_facts`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.core.staff_numbers import Member
from oncall.service.cases.board import CaseRow, case_row
from oncall.service.intake import MOST_PEOPLE
from oncall.service.patients.shelf import Kept, PatientShelf, Record
from oncall.service.people.team_shelf import TeamShelf
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.register import Register

PAGE, CASES, FOUND = 50, 10, 25
SHORTEST = 4  # digits of a number


@dataclass(frozen=True, slots=True)
class Page:
    """Part of the list; `next` is the patient to go on behind, empty at the end."""

    rows: tuple[Record, ...]
    next: str


@dataclass(frozen=True, slots=True)
class History:
    """Past and open cases, newest first; `next` is the instant to go on before. Those of a shared phone say so."""

    rows: tuple[tuple[CaseRow, bool], ...]
    next: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, each part cut off. `cut`: there is more."""

    patients: tuple[tuple[Record, str], ...]  # with the number that was asked for, or ""
    cases: tuple[CaseRow, ...]
    people: tuple[Member, ...]
    cut: bool

    @property
    def is_empty(self) -> bool:
        return not (self.patients or self.cases or self.people)


class Patients:
    """See the module."""

    def __init__(
        self, shelf: PatientShelf, team: TeamShelf, register: Register, journal: Journal, handbooks: HandbookSource
    ) -> None:
        self.shelf, self._team = shelf, team
        self._register, self._journal, self._handbooks = register, journal, handbooks

    async def page(self, after: str, left: bool) -> Page:
        rows = await self.shelf.page(after, left, PAGE + 1)
        return Page(tuple(rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else "")

    async def history(self, kept: Kept, before: datetime | None) -> History:
        """Cases of the patient, and of phones that may have been about somebody else."""
        own = f"patient:{kept.record.id}"
        numbers = [phone.number for phone in kept.phones]
        shared = [f"phone:{number}{end}" for number in numbers for end in _ENDS]
        marks = await self._journal.cases_of((own, *shared), before, CASES + 1)
        shown = marks[:CASES]
        rows = await self._rows([mark.case for mark in shown])
        keys = {mark.case: mark.key for mark in shown}
        last = shown[-1].opened_at if len(marks) > CASES else None
        return History(tuple((row, keys[row.id] != own) for row in rows), last)

    async def search(self, told: str) -> Found:
        words = told.split()[:6]
        if not words:
            return Found((), (), (), cut=False)
        digits = re.sub(r"\D", "", told)
        by_number = _is_number(told) and len(digits) >= SHORTEST
        patients = [(row, "") for row in await self.shelf.find(words, FOUND + 1)]
        patients += await self.shelf.at_number(digits[-10:], FOUND + 1) if by_number else []
        cases = await self._rows(await self._cases(told.strip()))
        people = await self._people(told, digits if by_number else "")
        cut = len(patients) > FOUND
        return Found(tuple(patients[:FOUND]), tuple(cases), tuple(people[:FOUND]), cut)

    async def _cases(self, told: str) -> Sequence[str]:
        """By id, by code (with or without #), or by a slot that a page of the last week has had."""
        name = told.removeprefix("#")
        slot = int(name[:2]) if name.isascii() and name.isdigit() and len(name) in (2, 3) else None
        return await self._journal.find_cases(name, slot, CASES)

    async def _people(self, told: str, digits: str) -> list[Member]:
        wanted = told.casefold().split()
        return [
            member
            for member in await self._team.members()
            if all(word in f"{member.full_name} {member.name} {member.id}".casefold() for word in wanted)
            or (digits and any(number.number.endswith(digits[-10:]) for number in member.numbers))
        ]

    async def _rows(self, ids: Sequence[str]) -> list[CaseRow]:
        directory, handbook = await self._register.directory(), self._handbooks.current()
        cases = [await self._journal.case(case) for case in ids]
        return [case_row(case, directory, handbook) for case in cases if case is not None]


_ENDS = ("", *(f"/{n}" for n in range(2, MOST_PEOPLE + 1)))


def _is_number(told: str) -> bool:
    return re.fullmatch(r"[+\d\s().\-/]+", told.strip()) is not None
