"""Fields inside a file of an older edition: what today's shape demands and the edition has not, from the shipped file.

The shape itself says what is missing, so a release that asks for one field more needs no line here. A field comes from
the same place of the shipped file, an item of a list from the shipped item of the same code; where the shipped file
knows no such item, a list or mapping is lent empty and the rest stays a fault. Nothing that is there is changed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

NAMES = ("code", "id", "model")  # by which an item of a list is known
ROUNDS = 8  # a field that was lent may hold fields of its own
Place = tuple[str | int, ...]


def completed(data: Any, shape: type[BaseModel], shipped: Any) -> Any:
    """`data` with every required field that it lacks and that can be lent; the same object when it lacks none."""
    whole, is_lent = copy.deepcopy(data), False
    for _ in range(ROUNDS):
        if not any([_is_lent(whole, place, shape, shipped) for place in _missing(whole, shape)]):
            break
        is_lent = True
    return whole if is_lent else data


def _missing(data: Any, shape: type[BaseModel]) -> list[Place]:
    try:
        shape.model_validate(data)
    except ValidationError as problem:
        return [error["loc"] for error in problem.errors(include_url=False) if error["type"] == "missing"]
    return []


def _is_lent(data: Any, place: Place, shape: type[BaseModel], shipped: Any) -> bool:
    parent, theirs = data, shipped
    for step in place[:-1]:
        theirs = _counterpart(parent, theirs, step)
        parent = parent[step]
    field = place[-1]
    if isinstance(theirs, Mapping) and field in theirs:
        parent[field] = copy.deepcopy(theirs[field])
        return True
    empty = _empty(shape, place)
    if empty is not None:
        parent[field] = empty
    return empty is not None


def _counterpart(ours: Any, theirs: Any, step: str | int) -> Any:
    """The same place in the shipped file: by key, or in a list by the item's name."""
    if isinstance(step, str):
        return theirs.get(step) if isinstance(theirs, Mapping) else None
    item = ours[step]
    name = next((key for key in NAMES if isinstance(item, Mapping) and key in item), None)
    if name is None or not isinstance(theirs, Sequence):
        return None
    return next((other for other in theirs if isinstance(other, Mapping) and other.get(name) == item[name]), None)


def _empty(shape: type[BaseModel], place: Place) -> Any:
    """An empty list or mapping, where the field is one."""
    kind: Any = shape
    for step in place:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(step, str):
            fields = {field.alias or name: field for name, field in kind.model_fields.items()}
            kind = fields[step].annotation if step in fields else None
        else:
            kind = kind.__args__[-1] if get_origin(kind) in (list, dict) else None
    origin = get_origin(kind)
    return [] if origin is list else {} if origin is dict else None
