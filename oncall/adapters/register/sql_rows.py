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

from oncall.adapters.register.rows import AuditRow, Row, RowType, Value, Wanted

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

    def between(
        self, kind: type[RowType], by: str, since: datetime, until: datetime, limit: int, **equal: Value
    ) -> list[RowType]:
        span = {f"{by} >=": since, f"{by} <": until}
        return self._select(kind, f"ORDER BY {by} DESC LIMIT {limit:d}", {**equal, **span})

    def some(self, kind: type[RowType], wanted: Wanted) -> list[RowType]:
        tests = [f"{wanted.within} LIKE ? ESCAPE '!'" for _ in wanted.words]
        values: list[Value] = [f"%{_literally(word)}%" for word in wanted.words]
        tests += [f"{wanted.empty} IS NULL"] if wanted.empty else []
        tests += [f"{wanted.filled} IS NOT NULL"] if wanted.filled else []
        if wanted.after:
            tests.append(f"({', '.join(wanted.by)}) > ({', '.join('?' for _ in wanted.by)})")
            values += wanted.after
        columns = _columns(kind)
        sql = f"SELECT {', '.join(columns)} FROM {kind.table} WHERE {' AND '.join(tests) or '1 = 1'}"
        found = self._connection.execute(f"{sql} ORDER BY {', '.join(wanted.by)} LIMIT {wanted.limit:d}", values)
        return [kind(**_read(columns, row)) for row in found]

    def _select(self, kind: type[RowType], order: str, wanted: Mapping[str, Value]) -> list[RowType]:
        """A name in `wanted` may end in how it is compared; else it must be equal."""
        columns = _columns(kind)
        where = " AND ".join(_compared(name, value) for name, value in wanted.items()) or "1 = 1"
        sql = f"SELECT {', '.join(columns)} FROM {kind.table} WHERE {where} {order}"
        found = self._connection.execute(sql, [_stored(value) for value in wanted.values() if value is not None])
        return [kind(**_read(columns, values)) for values in found]

    def save(self, row: Row) -> None:
        self._connection.execute(_saving(type(row)), [_stored(getattr(row, name)) for name in _columns(type(row))])

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


def _compared(name: str, value: Value) -> str:
    if value is None:
        return f"{name} IS NULL"
    return f"{name} ?" if " " in name else f"{name} = ?"


@lru_cache
def _saving(kind: type[Row]) -> str:
    names = list(_columns(kind))
    replaced = ", ".join(f"{name} = excluded.{name}" for name in names if name not in kind.key)
    return (
        f"INSERT INTO {kind.table} ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})"
        f" ON CONFLICT ({', '.join(kind.key)}) DO UPDATE SET {replaced}"
    )


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


def _literally(word: str) -> str:
    """The signs that LIKE gives a meaning, without it."""
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _stored(value: Value) -> str | int | float | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value
