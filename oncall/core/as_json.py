"""Values of the core as plain JSON, and back: what a journal, a side door or a published edition holds of them.

How a type is written and read is found out once. Deliberately not here: kinds and versions of entries (`case.codec`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, time, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

_PLAIN = frozenset({NoneType, bool, int, float, str})
_AS_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_ESCAPED = json.JSONEncoder(separators=(",", ":")).encode


def to_json(value: Any) -> str:
    """A value as JSON text that any store takes; half a character (a lone surrogate) stays as its escape."""
    data = plain(value)
    told = _AS_WRITTEN(data)
    return told if _is_whole(told) else _ESCAPED(data)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read(shape: Any, data: Any) -> Any:
    """A dataclass of the core from what `plain` made of it."""
    return _reader(shape)(data)


def from_json(shape: Any, body: str) -> Any:
    """Any frozen dataclass of the core from its JSON."""
    return _reader(shape)(json.loads(body))


def plain(value: Any) -> Any:
    """A value as what JSON can hold."""
    kind: Any = type(value)
    return value if kind in _PLAIN else _writer(kind)(value)


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    """A function that writes values of this type; made once per type, as every entry passes here."""
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, int | float | str):
        return lambda value: value
    if issubclass(kind, datetime | time):
        return lambda value: value.isoformat()
    if issubclass(kind, timedelta):
        return lambda value: value.total_seconds()
    if issubclass(kind, tuple | list):
        return lambda value: [plain(item) for item in value]
    if issubclass(kind, Mapping):
        return lambda value: {key: plain(item) for key, item in value.items()}
    if is_dataclass(kind):
        names = tuple(field.name for field in fields(kind))
        return lambda value: {name: plain(getattr(value, name)) for name in names}
    raise TypeError(f"no JSON for {kind.__name__}")


@cache
def _reader(shape: Any) -> Callable[[Any], Any]:
    """A function that reads JSON data as `shape`; compiled once per type."""
    origin = get_origin(shape)
    if origin in (Union, UnionType):
        return _optional_reader(shape)
    if origin is tuple:
        item = _reader(get_args(shape)[0])
        return lambda data: tuple(item(part) for part in data)
    if is_dataclass(shape):
        return _dataclass_reader(shape)
    if isinstance(shape, type) and issubclass(shape, Enum):
        return shape
    simple: dict[Any, Callable[[Any], Any]] = {
        datetime: datetime.fromisoformat,
        time: time.fromisoformat,
        timedelta: lambda seconds: timedelta(seconds=seconds),
    }
    return simple.get(shape, lambda data: data)


def _optional_reader(shape: Any) -> Callable[[Any], Any]:
    inner = _reader(next(part for part in get_args(shape) if part is not NoneType))
    return lambda data: None if data is None else inner(data)


def _dataclass_reader(shape: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(shape, vars(sys.modules[shape.__module__]))
    readers = {field.name: _reader(hints[field.name]) for field in fields(shape)}
    return lambda data: shape(**{name: readers[name](value) for name, value in data.items() if name in readers})
