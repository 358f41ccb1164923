"""Values of the core as plain JSON, and back: what a journal, a side door or a published edition holds of them.

How a type is told and read is found out once. Text is made in one step and is, byte for byte, what `json` makes of
`plain`: the hashes of a journal stand on it. Deliberately not here: kinds and versions of entries (`case.codec`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, time, timedelta
from enum import Enum
from functools import cache
from json.encoder import encode_basestring as quoted
from math import isfinite
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

__all__ = ["as_text", "from_json", "plain", "quoted", "read", "tell_once", "to_json"]

_PLAIN = frozenset({NoneType, bool, int, float, str})
_AS_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_ESCAPED = json.JSONEncoder(separators=(",", ":")).encode


def to_json(value: Any) -> str:
    """A value as JSON text that any store takes; half a character (a lone surrogate) stays as its escape."""
    told = as_text(value)
    return told if _is_whole(told) else _ESCAPED(plain(value))


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def as_text(value: Any) -> str:
    """A value as JSON text, whatever its strings hold."""
    kind: Any = type(value)
    return (_TELLERS.get(kind) or _teller_of(kind))(value)


def tell_once(kind: Any) -> None:
    """The text of a frozen value that comes again and again is kept until another of its kind comes."""
    _TELLERS[kind] = _Again(_teller(kind))


class _Again:
    """Remembers the last value and its text, as one, because several threads come here."""

    def __init__(self, tell: Callable[[Any], str]) -> None:
        self._tell = tell
        self._last: tuple[Any, str] = (None, "")

    def __call__(self, value: Any) -> str:
        known, text = self._last
        if known is not value:
            text = self._tell(value)
            self._last = (value, text)
        return text


_SIMPLE: Mapping[Any, Callable[[Any], str]] = {
    NoneType: lambda value: "null",
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    float: lambda value: repr(value) if isfinite(value) else _AS_WRITTEN(value),
    str: quoted,
    timedelta: lambda value: repr(value.total_seconds()),
}
_TELLERS: dict[Any, Callable[[Any], str]] = {}  # made once per type, as every entry passes here


def _teller_of(kind: Any) -> Callable[[Any], str]:
    made = _TELLERS[kind] = _teller(kind)
    return made


def _teller(kind: Any) -> Callable[[Any], str]:
    """A function that tells values of this type as text; the usual ones without a detour, the rest by `plain`."""
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if issubclass(kind, Enum):
        return lambda value: as_text(value._value_)  # `.value` is a call of Python's own
    if issubclass(kind, datetime):
        return lambda value: f'"{value.isoformat()}"'
    if issubclass(kind, tuple | list):
        return lambda value: f"[{','.join([as_text(item) for item in value])}]"
    if is_dataclass(kind):
        return _dataclass_teller([field.name for field in fields(kind)])
    return lambda value: _AS_WRITTEN(plain(value))


def _dataclass_teller(names: list[str]) -> Callable[[Any], str]:
    """A form with a blank for each field."""
    form = f"{{{','.join(f'{quoted(name)}:%s' for name in names)}}}"
    if len(names) < 2:  # of one name, attrgetter gives the value itself and not a row of one
        return lambda value: form % tuple(as_text(getattr(value, name)) for name in names)
    values_of = attrgetter(*names)
    return lambda value: form % tuple([as_text(item) for item in values_of(value)])


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
