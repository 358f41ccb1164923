"""The dates of pumps and what is done about them, over whichever store holds the register's rows.

The contract is `danger_shelf.DangerShelf`. An act and what it changes in the record are one commit with their lines in
the audit; undoing puts the record back only where nobody has changed it since. Deliberately not here: what an act may
change (`core.danger_acts`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, get_type_hints

from oncall.adapters.register.danger_rows import (
    DangerActRow,
    PumpDatesRow,
    VerifiedRow,
    act_of,
    facts_of,
    row_of,
)
from oncall.adapters.register.keeping import keep
from oncall.adapters.register.rows import FamilyPhoneRow, NumberRow, PatientPhoneRow, PatientRow, Rows
from oncall.adapters.register.store import Store
from oncall.core.danger_acts import Act, Changes, DangerAct
from oncall.core.dangers import Numbers
from oncall.service.patients.danger_shelf import Changed, Dated, FamilyNumber
from oncall.service.ports.timepiece import Timepiece

MOST_CHANGED = 500  # an import touches everybody: then everything is read again
CHANGED_SINCE = "Somebody has changed the record since: nothing was taken back. Open the patient and correct it there."


class KeptDangers:
    """See the module."""

    def __init__(self, store: Store, clock: Timepiece) -> None:
        self._store, self._clock = store, clock
        self._counted: tuple[int, Mapping[str, Numbers]] = (0, {})

    async def version(self) -> tuple[int, int]:
        return await self._store.read(lambda rows: rows.calendar_version())

    async def dated(self) -> list[Dated]:
        def work(rows: Rows) -> list[Dated]:
            _, version = rows.calendar_version()
            if self._counted[0] != version:
                self._counted = version, _counted(rows)
            return _dated(rows.find(PumpDatesRow, left_at=None), self._counted[1])

        return await self._store.read(work)

    async def changed(self, since: tuple[int, int]) -> Changed | None:
        def work(rows: Rows) -> Changed | None:
            _, numbers = rows.calendar_version()
            touched = rows.calendar_changes(since[0])
            if numbers != since[1] or numbers != self._counted[0] or len(touched) > MOST_CHANGED:
                return None
            found = [row for patient in touched for row in rows.find(PumpDatesRow, id=patient, left_at=None)]
            return Changed(tuple(_dated(found, self._counted[1])), frozenset(touched))

        return await self._store.read(work)

    async def set_aside(self) -> frozenset[tuple[str, str]]:
        wanted = {"act": Act.SET_ASIDE.value, "undone_at": None}
        found = await self._store.read(lambda rows: rows.find(DangerActRow, **wanted))
        return frozenset((row.patient, row.reference) for row in found)

    async def acts_of(self, patients: Collection[str]) -> list[DangerAct]:
        def work(rows: Rows) -> list[DangerActRow]:
            return [row for patient in patients for row in rows.find(DangerActRow, patient=patient, undone_at=None)]

        found = await self._store.read(work)
        return sorted((act_of(row) for row in found), key=lambda act: act.at, reverse=True)

    async def newest_acts(self, limit: int) -> list[DangerAct]:
        found = await self._store.read(lambda rows: rows.newest(DangerActRow, "at", limit))
        return [act_of(row) for row in found]

    async def do(self, act: DangerAct, changes: Changes) -> bool:
        at = self._clock.now()

        def work(rows: Rows) -> bool:
            patient = _patient(rows, act.patient)
            if patient is None:
                return False
            changed = _moved(rows, patient, changes, act.by, at)
            return keep(rows, row_of(act, json.dumps(changed, default=_as_text)), act.by, at)

        return await self._store.write(work)

    async def undo(self, act_id: str, by: str) -> str:
        at = self._clock.now()

        def work(rows: Rows) -> str:
            found = [row for row in rows.find(DangerActRow, id=act_id) if row.undone_at is None]
            for row in found:
                if not _put_back(rows, row, by, at):
                    return CHANGED_SINCE
                keep(rows, replace(row, undone_at=at, undone_by=by), by, at)
            return ""

        return await self._store.write(work)

    async def numbers_of(self, patient: str) -> list[FamilyNumber]:
        return await self._store.read(lambda rows: _numbers(rows, patient))

    async def verify(self, number: str, who: str) -> None:
        at = self._clock.now()

        def work(rows: Rows) -> None:
            for row in rows.find(FamilyPhoneRow, number=number):
                keep(rows, replace(row, verified_at=row.verified_at or at), who, at)

        await self._store.write(work)


def _counted(rows: Rows) -> Mapping[str, Numbers]:
    """The telephones of each family; read again only when one of them has changed."""
    verified = {row.number: row.verified_at is not None for row in rows.find(VerifiedRow, retired_at=None)}
    found: dict[str, list[bool]] = defaultdict(list)
    for link in rows.find(PatientPhoneRow, retired_at=None):
        if link.number in verified:
            found[link.patient].append(verified[link.number])
    return {patient: Numbers(len(numbers), sum(numbers)) for patient, numbers in found.items()}


def _dated(found: Iterable[PumpDatesRow], counted: Mapping[str, Numbers]) -> list[Dated]:
    nobody = Numbers(0, 0)
    return [Dated(row.id, row.name, facts_of(row), counted.get(row.id, nobody)) for row in found]


def _numbers(rows: Rows, patient: str) -> list[FamilyNumber]:
    links = rows.find(PatientPhoneRow, patient=patient, retired_at=None)
    phones = [row for link in links for row in rows.find(FamilyPhoneRow, number=link.number, retired_at=None)]
    fit = [row for row in phones if row.takes_texts and not _is_stopped(rows, row.number)]
    told = [FamilyNumber(row.number, row.language, row.verified_at is not None) for row in fit]
    return sorted(told, key=lambda one: not one.is_verified)


def _is_stopped(rows: Rows, number: str) -> bool:
    return any(row.stopped_at is not None for row in rows.find(NumberRow, number=number))


def _patient(rows: Rows, patient: str) -> PatientRow | None:
    return next(iter(rows.find(PatientRow, id=patient, left_at=None)), None)


def _moved(rows: Rows, patient: PatientRow, changes: Changes, by: str, at: datetime) -> Mapping[str, Any]:
    """Make the changes; before and after of each column, and the numbers that were verified."""
    record = {name: [getattr(patient, name), value] for name, value in changes.record.items()}
    keep(rows, replace(patient, **changes.record), by, at)
    numbers = list(_unverified(rows, patient.id)) if changes.verifies else []
    for row in numbers:
        keep(rows, replace(row, verified_at=at), by, at)
    return {"record": record, "numbers": [row.number for row in numbers], "at": at}


def _unverified(rows: Rows, patient: str) -> Iterable[FamilyPhoneRow]:
    for link in rows.find(PatientPhoneRow, patient=patient, retired_at=None):
        found = rows.find(FamilyPhoneRow, number=link.number, retired_at=None)
        yield from (row for row in found if row.verified_at is None)


def _put_back(rows: Rows, act: DangerActRow, by: str, at: datetime) -> bool:
    changed, patient = json.loads(act.changed), _patient(rows, act.patient)
    if patient is None:
        return False
    record = {name: (_read(name, before), _read(name, after)) for name, (before, after) in changed["record"].items()}
    verified_at = datetime.fromisoformat(changed["at"])
    phones = [row for number in changed["numbers"] for row in rows.find(FamilyPhoneRow, number=number)]
    moved = any(getattr(patient, name) != after for name, (_, after) in record.items())
    if moved or any(row.verified_at != verified_at for row in phones):
        return False
    keep(rows, replace(patient, **{name: before for name, (before, _) in record.items()}), by, at)
    for row in phones:
        keep(rows, replace(row, verified_at=None), by, at)
    return True


_HINTS = get_type_hints(PatientRow)
_INSTANTS = frozenset(f.name for f in fields(PatientRow) if datetime in getattr(_HINTS[f.name], "__args__", ()))


def _read(column: str, told: str | None) -> date | datetime | None:
    if told is None:
        return None
    return datetime.fromisoformat(told) if column in _INSTANTS else date.fromisoformat(told)


def _as_text(value: date | datetime) -> str:
    return value.isoformat()
