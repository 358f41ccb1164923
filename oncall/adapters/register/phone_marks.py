"""What the carrier says against a number: kept where the paging sees it, audited, and a task for the coordinator.

A number that has said STOP or is a landline takes no more texts; one that no carrier knows is not proven any more, so
that the next tier is paged together with its owner until a key is pressed on it again. Deliberately not here: which
error number means what (`core.case.refusals`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from oncall.adapters.register.keeping import keep, set_stopped
from oncall.adapters.register.rows import FamilyPhoneRow, PersonPhoneRow, PersonRow, Rows, TaskRow
from oncall.core.case.refusals import Mark
from oncall.core.wall_time import first_pass, wall

WHO = "the carrier"
OFFICE_OPENS = time(9)
WHAT_TO_DO = {
    Mark.OPTED_OUT: "ask them to text START to the line",
    Mark.LANDLINE: "ask for a number that takes texts",
    Mark.UNKNOWN: "check the number",
}


def mark_phone(rows: Rows, number: str, mark: Mark, at: datetime, zone: str) -> None:
    """Remember `mark`; saying it again changes nothing while the task is open."""
    if mark is Mark.OPTED_OUT:
        set_stopped(rows, number, True, at)
    for row in _owned(rows, number):
        if mark is Mark.LANDLINE:
            keep(rows, replace(row, takes_texts=False), WHO, at)
        elif mark is Mark.UNKNOWN:
            keep(rows, _unproven(row), WHO, at)
        _leave_task(rows, row, mark, at, zone)


def _owned(rows: Rows, number: str) -> Iterator[PersonPhoneRow | FamilyPhoneRow]:
    for kind in (PersonPhoneRow, FamilyPhoneRow):
        yield from (row for row in rows.find(kind, number=number) if row.retired_at is None)


def _unproven(row: PersonPhoneRow | FamilyPhoneRow) -> PersonPhoneRow | FamilyPhoneRow:
    return replace(row, proven_at=None) if isinstance(row, PersonPhoneRow) else replace(row, verified_at=None)


def _leave_task(rows: Rows, row: PersonPhoneRow | FamilyPhoneRow, mark: Mark, at: datetime, zone: str) -> None:
    """One task for a number and a mark; a finished one is opened again."""
    name = hashlib.sha256(f"{row.number}|{mark.value}".encode()).hexdigest()[:12]
    if any(task.done_at is None for task in rows.find(TaskRow, id=f"phone-{name}")):
        return
    title = f"{_whose(rows, row)}, phone ending {row.number[-4:]}: {mark.value}; {WHAT_TO_DO[mark]}"
    keep(
        rows, TaskRow(id=f"phone-{name}", title=title, due_at=next_opening(at, zone), is_sample=row.is_sample), WHO, at
    )


def _whose(rows: Rows, row: PersonPhoneRow | FamilyPhoneRow) -> str:
    if isinstance(row, FamilyPhoneRow):
        return f"a family ({row.relation})"
    return next((person.name for person in rows.find(PersonRow, id=row.person)), row.person)


def next_opening(at: datetime, zone: str) -> datetime:
    """The next time the hospital's clock shows nine in the morning."""
    local = wall(at, zone)
    day = local.date() if local.time() < OFFICE_OPENS else local.date() + timedelta(days=1)
    return first_pass(datetime.combine(day, OFFICE_OPENS), zone)
