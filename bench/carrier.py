"""A carrier that only takes the time: it accepts every text and call at once and notes when the request came.

It speaks enough of Twilio's REST dialect for the official client and runs in a process of its own, so that what is
measured is the house and its client alone. Deliberately not here: phones, callbacks, faults (the training ground has
them, and the crash suite uses it).
"""

from __future__ import annotations

import itertools
import sys
import time
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

SERIAL = itertools.count(1)
STAMPS: list[tuple[float, str, str]] = []


async def take(request: web.Request) -> web.Response:
    """Note the instant first, then read who it is for."""
    at = time.time()
    form = await request.post()
    callback = str(form.get("StatusCallback") or "")
    message = parse_qs(urlsplit(callback).query).get("m", [""])[0]
    kind = "text" if "Messages" in request.path else "call"
    STAMPS.append((at, kind, message))
    sid = f"{'SM' if kind == 'text' else 'CA'}{next(SERIAL):032x}"
    return web.json_response({"sid": sid, "status": "queued", "body": str(form.get("Body", ""))}, status=201)


async def nothing_found(request: web.Request) -> web.Response:
    """What `find` asks after a crash: nothing of it is here."""
    return web.json_response({"messages": [], "calls": [], "page": 0, "page_size": 50, "next_page_uri": None})


async def stamps(request: web.Request) -> web.Response:
    """All stamps so far; they stay."""
    return web.json_response(STAMPS)


def main() -> None:
    app = web.Application()
    app.add_routes(
        [
            web.get("/stamps", stamps),
            web.post("/{rest:.*}", take),
            web.get("/{rest:.*}", nothing_found),
        ]
    )
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
