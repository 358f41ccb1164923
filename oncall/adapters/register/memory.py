"""The in-memory twin of the register: the same contract without a disk, for tests and rehearsals.

Rows lie in dictionaries by table and key; a change that fails is taken back whole. `view` is what an in-
memory journal reads inside its write. Deliberately not here: durability.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from oncall.adapters.register import assembling
from oncall.adapters.register.kept import KeptRegister, Result, Work
from oncall.adapters.register.rows import AuditRow, Row, RowType, Value
from oncall.core.facts import Directory
from oncall.core.people import Caller, Hospital, Patient
from oncall.service.ports import Timepiece

_PAGED = frozenset({"people", "person_phones", "numbers"})  # what a directory is made of


class MemoryRows:
    """All tables in dictionaries."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[tuple[Any, ...], Any]] = {}
        self._audit: list[AuditRow] = []
        self._version = 1

    def find(self, kind: type[RowType], **equal: Value) -> list[RowType]:
        table = self._tables.get(kind.table, {})
        found = (table[key] for key in sorted(table))
        return [row for row in found if all(getattr(row, name) == value for name, value in equal.items())]

    def save(self, row: Row) -> None:
        key = tuple(getattr(row, name) for name in row.key)
        self._tables.setdefault(row.table, {})[key] = row
        self._version += row.table in _PAGED

    def record(self, entry: AuditRow) -> None:
        self._audit.append(entry)

    def audit(self, limit: int) -> list[AuditRow]:
        return self._audit[::-1][:limit]

    def version(self) -> int:
        return self._version

    def copy(self) -> MemoryRows:
        twin = MemoryRows()
        twin._tables = {name: dict(table) for name, table in self._tables.items()}
        twin._audit, twin._version = list(self._audit), self._version
        return twin


class MemoryStore:
    """Runs work on the rows at once; a failing change works on a copy that is thrown away."""

    def __init__(self) -> None:
        self.rows = MemoryRows()

    async def read(self, work: Work[Result]) -> Result:
        return work(self.rows)

    async def write(self, work: Work[Result]) -> Result:
        changed = self.rows.copy()
        result = work(changed)
        self.rows = changed
        return result

    async def close(self) -> None:
        return None


class MemoryView:
    """The register as an in-memory journal sees it inside its write."""

    def __init__(self, store: MemoryStore, hospital: Hospital) -> None:
        self._store = store
        self._hospital = hospital
        self._remembered = assembling.Remembered()

    def directory(self) -> Directory:
        return assembling.directory_of(self._store.rows, self._hospital, self._remembered)

    def caller(self, number: str, at: datetime) -> Caller | None:
        return assembling.caller_of(self._store.rows, self._hospital, number, at)

    def patient(self, patient_id: str, at: datetime) -> Patient | None:
        return assembling.patient_of(self._store.rows, self._hospital, patient_id, at)


class MemoryRegister(KeptRegister):
    """See the module."""

    def __init__(self, hospital: Hospital, clock: Timepiece) -> None:
        store = MemoryStore()
        super().__init__(store, hospital, clock)
        self.view = MemoryView(store, hospital)
