"""From the bytes of a delivery to alarms, or to the reason why nobody can read them.

What can be read in part is read in part: an unknown field stays in, an item that is no object becomes a report that
says so, a doubled field keeps both its values. What cannot be read is a report as well (law 1), so nothing here
raises for what a sender wrote. Deliberately not here: the commit and the answer (`alarm_api`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, web
from aiohttp.http_exceptions import HttpProcessingError

from oncall.adapters.web.shapes import not_understood

LIMIT = 1024 * 1024  # RULINGS 10
KEPT = 64 * 1024
NAMED = 200  # characters of a sender's own name that are kept as they are
PATIENCE = 30  # seconds for one body to arrive


@dataclass(frozen=True, slots=True)
class Body:
    """What arrived, and why it is not the whole (with the status that says so)."""

    raw: bytes
    trouble: str | None = None
    status: int = 422


@dataclass(frozen=True, slots=True)
class Alarms:
    """Readable: the alarms in order, the sender's own name of the message, and what we did not understand."""

    items: tuple[Mapping[str, Any], ...]
    name: str | None
    strange: tuple[str, ...]
    broken: int  # items that are no object


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nothing in it can be read as an alarm."""

    why: str


async def read_body(request: web.Request) -> Body:
    """At most 1 MiB of the body; of a larger one the first 64 KiB, of a broken-off one what came."""
    arrived = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.content.iter_any():
                arrived += chunk
                if len(arrived) > LIMIT:
                    return Body(bytes(arrived[:KEPT]), "larger than 1 MiB: the first 64 KiB were kept", 413)
    except TimeoutError:
        return Body(bytes(arrived), f"it stopped arriving after {len(arrived)} bytes", 408)
    except (ConnectionError, ClientError, HttpProcessingError, web.RequestPayloadError):
        return Body(bytes(arrived), f"it broke off after {len(arrived)} bytes")
    return Body(bytes(arrived))


def read_alarms(raw: bytes, header_name: str | None) -> Alarms | Unreadable:
    """One flat object, or `{"alarms": [...]}`."""
    try:
        told = _parse(raw)
    except UnicodeDecodeError:
        return Unreadable("it is not UTF-8")
    except (ValueError, RecursionError):
        return Unreadable("it is empty" if not raw.strip() else "it is not JSON")
    if not isinstance(told, dict):
        return Unreadable("it is not a JSON object")
    items = told.get("alarms", told)
    if not items or not isinstance(items, dict | list):
        return Unreadable("there is no alarm in it")
    return _alarms(told, items if isinstance(items, list) else [items], header_name)


def _alarms(told: dict[str, Any], items: list[Any], header_name: str | None) -> Alarms:
    around = {name: value for name, value in told.items() if name not in ("alarms", "id")} if "alarms" in told else {}
    read = tuple(item if isinstance(item, dict) else {"unreadable_item": item} for item in items)
    if around:  # words beside the list belong to somebody: they travel with the first alarm
        read = ({**{f"beside.{name}": value for name, value in around.items()}, **read[0]}, *read[1:])
    return Alarms(
        items=read,
        name=_name(told, read) or header_name,
        strange=tuple(dict.fromkeys(name for item in read for name in not_understood(item))),
        broken=sum(1 for item in items if not isinstance(item, dict)),
    )


def name_in_header(told: str | None) -> str | None:
    """The sender's own name of a message, from the header: any bytes, any length."""
    return _short(told.encode("utf-8", "replace").decode()) if told else None


def _name(told: dict[str, Any], items: tuple[Mapping[str, Any], ...]) -> str | None:
    """The message's own id, or those of its alarms together."""
    if told.get("id") not in (None, ""):
        return _short(str(told["id"]))
    names = [str(item["id"]) for item in items if item.get("id") not in (None, "")]
    return _short(" ".join(names)) if len(names) == len(items) else None


def _short(name: str) -> str:
    return name if len(name) <= NAMED else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def _parse(raw: bytes) -> Any:
    told = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_both_kept, parse_constant=str)
    return json.loads(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"), parse_constant=str)


def _both_kept(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A field that stands twice keeps both values: the second under a name that nobody knows."""
    kept: dict[str, Any] = {}
    for name, value in pairs:
        while name in kept:
            name += " (again)"
        kept[name] = value
    return kept
