"""The register's rows in SQLite, on a connection that somebody else owns.

Columns are the fields of the row classes, so plain SQL is made from them once per class; values become ISO
text, numbers, and 0 or 1. Deliberately not here: transactions and threads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, get_type_hints

from oncall.adapters.register.rows import AuditRow, Row, RowType, Value

_READ: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (datetime, datetime.fromisoformat),  # before date, of which it is a kind
    (date, date.fromisoformat),
    (bool, bool),
)


class SqlRows:
    """All tables as one connection sees them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, kind: type[RowType], **equal: Value) -> list[RowType]:
        return self._select(kind, f"ORDER BY {', '.join(kind.key)}", equal)

    def newest(self, kind: type[RowType], by: str, limit: int, **equal: Value) -> list[RowType]:
        return self._select(kind, f"AND {by} IS NOT NULL ORDER BY {by} DESC LIMIT {limit:d}", equal)

    def _select(self, kind: type[RowType], order: str, equal: Mapping[str, Value]) -> list[RowType]:
        columns = _columns(kind)
        tests = (f"{name} IS NULL" if value is None else f"{name} = ?" for name, value in equal.items())
        where = " AND ".join(tests) or "1 = 1"
        sql = f"SELECT {', '.join(columns)} FROM {kind.table} WHERE {where} {order}"
        found = self._connection.execute(sql, [_stored(value) for value in equal.values() if value is not None])
        return [kind(**_read(columns, values)) for values in found]

    def save(self, row: Row) -> None:
        names = list(_columns(type(row)))
        replaced = ", ".join(f"{name} = excluded.{name}" for name in names if name not in row.key)
        sql = (
            f"INSERT INTO {row.table} ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})"
            f" ON CONFLICT ({', '.join(row.key)}) DO UPDATE SET {replaced}"
        )
        self._connection.execute(sql, [_stored(getattr(row, name)) for name in names])

    def record(self, entry: AuditRow) -> None:
        self._connection.execute(
            'INSERT INTO audit (at, who, what, "row") VALUES (?, ?, ?, ?)',
            (_stored(entry.at), entry.who, entry.what, entry.row),
        )

    def audit(self, limit: int) -> list[AuditRow]:
        found = self._connection.execute('SELECT at, who, what, "row" FROM audit ORDER BY seq DESC LIMIT ?', (limit,))
        return [AuditRow(at=datetime.fromisoformat(at), who=who, what=what, row=row) for at, who, what, row in found]

    def version(self) -> int:
        return int(self._connection.execute("SELECT number FROM version WHERE id = 1").fetchone()[0])

    def calendar_version(self) -> tuple[int, int]:
        (dates,), (numbers,) = self._connection.execute("SELECT number FROM calendar_version ORDER BY id")
        return dates, numbers

    def calendar_changes(self, since: int) -> list[str]:
        found = self._connection.execute("SELECT patient FROM calendar_changes WHERE number > ?", (since,))
        return [patient for (patient,) in found]


@lru_cache
def _columns(kind: type[Row]) -> Mapping[str, Callable[[Any], Any]]:
    """Each column with what turns its stored value back."""
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}  # type: ignore[arg-type]


def _reader(hint: Any) -> Callable[[Any], Any]:
    wanted = getattr(hint, "__args__", (hint,))
    return next((read for kind, read in _READ if kind in wanted), lambda value: value)


def _read(columns: Mapping[str, Callable[[Any], Any]], values: tuple[Any, ...]) -> dict[str, Any]:
    pairs = zip(columns.items(), values, strict=True)
    return {name: None if value is None else read(value) for (name, read), value in pairs}


def _stored(value: Value) -> str | int | float | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value
