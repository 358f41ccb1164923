"""Who is on call, for programs: one instant, or the shifts of a span.

The rows are those of `oncall who` and of the operator's sheet (service/rota/who.py), so that no two answers differ; a
hole is a row without a person. Deliberately not here: changing the rota, and phones.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.shapes import OnCall, OnCallRow
from oncall.adapters.web.tokens import sender_of
from oncall.service.rota.who import Row, who_at, who_between
from oncall.service.typed_time import EARLIEST, LATEST

LONGEST = timedelta(days=400)
DEFAULT = timedelta(days=14)


async def on_call(request: web.Request) -> web.Response:
    """GET /v1/on-call?rotation=&at=."""
    await sender_of(request)
    given = request.app[GIVEN]
    rotation = request.query.get("rotation") or None
    _known(request, rotation)
    rows = who_at(given.handbooks.current().rota, rotation, _instant(request, "at", given.clock.now()))
    return _answer(rows)


async def shifts(request: web.Request) -> web.Response:
    """GET /v1/rotations/{name}/shifts?from=&until=."""
    await sender_of(request)
    given, name = request.app[GIVEN], request.match_info["name"]
    _known(request, name)
    start = _instant(request, "from", given.clock.now())
    end = _instant(request, "until", min(start + DEFAULT, LATEST))
    if not start < end <= start + LONGEST:
        raise Problem(400, "wrong-span", f"until must be after from, by {LONGEST.days} days at most.")
    return _answer(who_between(given.handbooks.current().rota, name, start, end))


def _known(request: web.Request, rotation: str | None) -> None:
    known = request.app[GIVEN].handbooks.current().rota.rotations
    if rotation is not None and rotation not in known:
        raise Problem(404, "no-such-rotation", f"There is no such rotation; there are {', '.join(sorted(known))}.")


def _instant(request: web.Request, name: str, default: datetime) -> datetime:
    """An instant with its offset; a plus sign that a URL turned into a blank is understood."""
    told = request.query.get(name)
    if not told:
        return default
    try:
        at = datetime.fromisoformat(told.strip().replace(" ", "+") if "T" in told else told)
    except ValueError:
        raise Problem(400, "wrong-time", f"{name} must look like 2026-11-23T03:00:00-05:00.") from None
    if at.tzinfo is None:
        raise Problem(400, "wrong-time", f"{name} needs its offset from UTC, as in 2026-11-23T03:00:00-05:00.")
    if not EARLIEST <= at <= LATEST:
        raise Problem(400, "wrong-time", f"{name} must lie between 2000 and 2100.")
    return at.astimezone(UTC)


def _answer(rows: list[Row]) -> web.Response:
    answer = OnCall(rows=[OnCallRow.model_validate(cast(dict[str, object], row)) for row in rows])
    return web.json_response(text=answer.model_dump_json(by_alias=True))
