"""The training ground's carrier as a program of its own, which outlives every death of the house.

Real REST, real signed callbacks, phones that nobody answers. It takes a moment over every request, as one across the
country does, so that kills fall between an attempt and its outcome. `/log` tells what the house has handed over, when,
and under which message's name. Deliberately not here: the house.

    python -m tests.crash.carrier_for_crash PORT ACCOUNT TOKEN LINE PUBLIC_URL
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from oncall.adapters.clock import SystemClock, new_id
from oncall.adapters.rehearsal.pace import INSTANT
from oncall.adapters.rehearsal.records import Call, Text
from oncall.adapters.rehearsal.sample_handsets import sample_handsets
from oncall.adapters.rehearsal.server import Rehearsal

TAKES = 0.12  # seconds


@web.middleware
async def takes_a_moment(request: web.Request, handler: Any) -> web.StreamResponse:
    """Whoever asked may be dead by the time the request is carried out."""
    if request.method == "POST":
        await request.read()  # it has heard what is wanted, and will do it
        await asyncio.sleep(TAKES)
    return await handler(request)


def handed_over(record: Text | Call) -> dict[str, Any]:
    """One text or call of the house, with our message's id out of its callback address."""
    named = parse_qs(urlsplit(record.status_callback.url).query).get("m", [""])[0]
    body = record.body if isinstance(record, Text) else ""
    return {"message": named, "to": record.to, "body": body, "at": record.created_at.timestamp()}


async def main(port: int, account: str, token: str, line: str, public_url: str) -> None:
    clock = SystemClock()
    phones = sample_handsets(clock.now())
    rehearsal = Rehearsal(clock, new_id, account, token, line, public_url, phones, pace=INSTANT)

    async def log(request: web.Request) -> web.Response:
        carrier = rehearsal.carrier
        records = (*carrier.texts.all.values(), *carrier.calls.all.values())
        outbound = [handed_over(record) for record in records if record.direction == "outbound-api"]
        return web.json_response({"handed_over": outbound, "alarms": carrier.alarms})

    rehearsal.app.middlewares.append(takes_a_moment)
    rehearsal.app.router.add_get("/log", log)
    await rehearsal.start(port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:6]))
