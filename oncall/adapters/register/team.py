"""The team with its numbers, over whichever store holds the register's rows; the contract is `team_shelf.TeamShelf`.

Every change is one commit with its line in the audit, and a number has one owner at a time: who adds it sees that in
the same commit. Deliberately not here: whether a number may be used (`core.staff_numbers`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime

from oncall.adapters.register.calendar_rows import CalendarLinkRow
from oncall.adapters.register.keeping import keep
from oncall.adapters.register.rows import FamilyPhoneRow, NumberRow, PersonPhoneRow, PersonRow, Rows, TaskRow
from oncall.adapters.register.store import Store
from oncall.core.staff_numbers import Member, Number
from oncall.service.ports.timepiece import Timepiece


class KeptTeam:
    """See the module."""

    def __init__(self, store: Store, clock: Timepiece) -> None:
        self._store, self._clock = store, clock

    async def members(self) -> list[Member]:
        people = await self._store.read(lambda rows: [_member(rows, row) for row in rows.find(PersonRow)])
        return sorted(people, key=lambda member: (member.left_at is not None, member.full_name))

    async def member(self, person: str) -> Member | None:
        found = await self._store.read(lambda rows: [_member(rows, row) for row in rows.find(PersonRow, id=person)])
        return found[0] if found else None

    async def owner_of(self, number: str) -> str | None:
        return await self._store.read(lambda rows: _owner(rows, number))

    async def is_a_familys(self, number: str) -> bool:
        found = await self._store.read(lambda rows: rows.find(FamilyPhoneRow, number=number))
        return any(row.retired_at is None for row in found)

    async def calendar_links(self, person: str) -> int:
        found = await self._store.read(lambda rows: rows.find(CalendarLinkRow, person=person))
        return sum(link.revoked_at is None for link in found)

    async def add_number(self, number: Number, who: str) -> bool:
        at = self._clock.now()

        def work(rows: Rows) -> bool:
            if _owner(rows, number.number) is not None:
                return False
            places = [row.position for row in rows.find(PersonPhoneRow, person=number.person) if not row.retired_at]
            return keep(rows, _row(replace(number, position=max(places, default=0) + 1)), who, at)

        return await self._store.write(work)

    async def change_number(
        self, person: str, number: str, change: Callable[[Number], Number], who: str
    ) -> Number | None:
        at = self._clock.now()

        def work(rows: Rows) -> Number | None:
            for row in rows.find(PersonPhoneRow, number=number):
                if row.person == person and row.retired_at is None:
                    changed = change(_number(rows, row))
                    keep(rows, replace(_row(changed), is_sample=row.is_sample), who, at)
                    return changed
            return None

        return await self._store.write(work)

    async def order_numbers(self, person: str, first: str, who: str) -> None:
        at = self._clock.now()

        def work(rows: Rows) -> None:
            found = [row for row in rows.find(PersonPhoneRow, person=person) if row.retired_at is None]
            found.sort(key=lambda row: (row.number != first, row.position))
            for position, row in enumerate(found, start=1):
                keep(rows, replace(row, position=position), who, at)

        await self._store.write(work)

    async def bring_back(self, person: str, who: str) -> None:
        at = self._clock.now()

        def work(rows: Rows) -> None:
            for row in rows.find(PersonRow, id=person):
                keep(rows, replace(row, left_at=None), who, at)

        await self._store.write(work)

    async def tasks_of(self, person: str) -> list[tuple[str, str, datetime]]:
        found = await self._store.read(lambda rows: _tasks(rows, person))
        return [(task.id, task.title, task.due_at) for task in found]

    async def give_tasks(self, person: str, to: str, who: str) -> int:
        at = self._clock.now()

        def work(rows: Rows) -> int:
            given = (replace(task, owner=to, taken_by="", taken_at=None) for task in _tasks(rows, person))
            return sum(keep(rows, task, who, at) for task in given)

        return await self._store.write(work)


def _member(rows: Rows, row: PersonRow) -> Member:
    phones = [phone for phone in rows.find(PersonPhoneRow, person=row.id) if phone.retired_at is None]
    numbers = (_number(rows, phone) for phone in sorted(phones, key=lambda phone: phone.position))
    languages = tuple(row.languages.replace(",", " ").split())
    return Member(
        row.id, row.name, row.full_name, row.spoken, row.role, languages, row.email, row.left_at, tuple(numbers)
    )


def _number(rows: Rows, row: PersonPhoneRow) -> Number:
    known = rows.find(NumberRow, number=row.number)
    told = {name: value for name, value in asdict(row).items() if name != "is_sample"}
    return Number(**told, stopped_at=known[0].stopped_at if known else None)


def _row(number: Number) -> PersonPhoneRow:
    """STOP stands with the number itself, whoever owns it."""
    return PersonPhoneRow(**{name: value for name, value in asdict(number).items() if name != "stopped_at"})


def _owner(rows: Rows, number: str) -> str | None:
    held = (row.person for row in rows.find(PersonPhoneRow, number=number) if row.retired_at is None)
    return next((p for p in held if any(row.left_at is None for row in rows.find(PersonRow, id=p))), None)


def _tasks(rows: Rows, person: str) -> list[TaskRow]:
    return rows.find(TaskRow, owner=person, done_at=None)
