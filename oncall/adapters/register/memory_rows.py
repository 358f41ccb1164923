"""The register's rows in dictionaries, by table and key.

The in-memory register lives on them, and an import compares a spreadsheet with a copy of them. Deliberately
not here: who may change them, and transactions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from oncall.adapters.register.rows import AuditRow, Row, RowType, Value, Wanted

_PAGED = frozenset({"people", "person_phones", "numbers", "rota_requests"})  # what a directory is made of
_NUMBERS = frozenset({"patient_phones", "family_phones"})  # these and the patients make the calendar of dangers


def _as_stored(value: Value) -> Value:
    """Instants are compared as the text that a database holds."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


class MemoryRows:
    """All tables in dictionaries."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._tables: dict[str, dict[tuple[Any, ...], Any]] = {}
        self._indexes: dict[tuple[str, str], dict[Value, set[tuple[Any, ...]]]] = {}
        self._audit: list[AuditRow] = []
        self._version = self._dates = self._numbers = 1
        self._changed: dict[str, int] = {}
        for row in rows:
            self.save(row)

    def find(self, kind: type[RowType], **equal: Value) -> list[RowType]:
        table = self._tables.get(kind.table, {})
        if kind.key == tuple(equal):
            return [table[key] for key in [tuple(equal.values())] if key in table]
        if not equal:
            return [table[key] for key in sorted(table)]
        wanted = tuple(equal.items())
        near = self._index_of(kind.table, wanted[0][0]).get(wanted[0][1], set())
        found = (key for key in near if all(getattr(table[key], name) == value for name, value in wanted))
        return [table[key] for key in sorted(found)]

    def _index_of(self, table: str, column: str) -> dict[Value, set[tuple[Any, ...]]]:
        """Where a column has which value; made when first asked for, because a long import asks once a line."""
        if (table, column) not in self._indexes:
            made: dict[Value, set[tuple[Any, ...]]] = {}
            for key, row in self._tables.get(table, {}).items():
                made.setdefault(getattr(row, column), set()).add(key)
            self._indexes[table, column] = made
        return self._indexes[table, column]

    def newest(self, kind: type[RowType], by: str, limit: int, **equal: Value) -> list[RowType]:
        found = [row for row in self.find(kind, **equal) if getattr(row, by) is not None]
        return sorted(found, key=lambda row: getattr(row, by), reverse=True)[:limit]

    def between(
        self, kind: type[RowType], by: str, since: datetime, until: datetime, limit: int, **equal: Value
    ) -> list[RowType]:
        found = (row for row in self.find(kind, **equal) if since <= getattr(row, by) < until)
        return sorted(found, key=lambda row: getattr(row, by), reverse=True)[:limit]

    def some(self, kind: type[RowType], wanted: Wanted) -> list[RowType]:
        def place(row: RowType) -> tuple[Any, ...]:
            return tuple(_as_stored(getattr(row, name)) for name in wanted.by)

        def is_wanted(row: RowType) -> bool:
            is_after = not wanted.after or place(row) > wanted.after
            has_words = all(word in getattr(row, wanted.within) for word in wanted.words)
            is_empty = not wanted.empty or getattr(row, wanted.empty) is None
            return (
                is_after and has_words and is_empty and (not wanted.filled or getattr(row, wanted.filled) is not None)
            )

        found = filter(is_wanted, self._tables.get(kind.table, {}).values())
        return sorted(found, key=place)[: wanted.limit]

    def save(self, row: Row) -> None:
        key = tuple(getattr(row, name) for name in row.key)
        table = self._tables.setdefault(row.table, {})
        for (name, column), index in self._indexes.items():
            if name == row.table:
                index.get(getattr(table.get(key), column, None), set()).discard(key)
                index.setdefault(getattr(row, column), set()).add(key)
        table[key] = row
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
