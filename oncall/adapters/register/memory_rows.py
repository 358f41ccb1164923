"""The register's rows in dictionaries, by table and key.

The in-memory register lives on them, and an import compares a spreadsheet with a copy of them. Deliberately
not here: who may change them, and transactions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from oncall.adapters.register.rows import AuditRow, Row, RowType, Value

_PAGED = frozenset({"people", "person_phones", "numbers", "rota_requests"})  # what a directory is made of
_NUMBERS = frozenset({"patient_phones", "family_phones"})  # these and the patients make the calendar of dangers


class MemoryRows:
    """All tables in dictionaries."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._tables: dict[str, dict[tuple[Any, ...], Any]] = {}
        self._audit: list[AuditRow] = []
        self._version = self._dates = self._numbers = 1
        self._changed: dict[str, int] = {}
        for row in rows:
            self.save(row)

    def find(self, kind: type[RowType], **equal: Value) -> list[RowType]:
        table = self._tables.get(kind.table, {})
        if kind.key == tuple(equal):
            return [table[key] for key in [tuple(equal.values())] if key in table]
        wanted = tuple(equal.items())
        found = (key for key, row in table.items() if all(getattr(row, name) == value for name, value in wanted))
        return [table[key] for key in sorted(found)]

    def newest(self, kind: type[RowType], by: str, limit: int, **equal: Value) -> list[RowType]:
        found = [row for row in self.find(kind, **equal) if getattr(row, by) is not None]
        return sorted(found, key=lambda row: getattr(row, by), reverse=True)[:limit]

    def save(self, row: Row) -> None:
        key = tuple(getattr(row, name) for name in row.key)
        self._tables.setdefault(row.table, {})[key] = row
        self._version += row.table in _PAGED
        if row.table == "patients":
            self._dates += 1
            self._changed[key[0]] = self._dates
        self._numbers += row.table in _NUMBERS

    def record(self, entry: AuditRow) -> None:
        self._audit.append(entry)

    def audit(self, limit: int) -> list[AuditRow]:
        return self._audit[::-1][:limit]

    def version(self) -> int:
        return self._version

    def calendar_version(self) -> tuple[int, int]:
        return self._dates, self._numbers

    def calendar_changes(self, since: int) -> list[str]:
        return [patient for patient, number in self._changed.items() if number > since]

    def copy(self) -> MemoryRows:
        twin = MemoryRows()
        twin._tables = {name: dict(table) for name, table in self._tables.items()}
        twin._audit, twin._version = list(self._audit), self._version
        twin._dates, twin._numbers, twin._changed = self._dates, self._numbers, dict(self._changed)
        return twin
