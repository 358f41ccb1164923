"""`oncall serve` itself with one more address, which answers 201 at once.

What that address costs is what the listener, the middlewares and the two cores cost; the rest of an alarm's time is
ours. Nothing else differs from the served house. Deliberately not here: what is measured.

    python -m bench.serve_measured config.yaml
"""

from __future__ import annotations

import sys
from functools import partial

from aiohttp import web

from oncall import serving
from oncall.adapters.web.app import internal_app
from oncall.adapters.web.who_may import OPEN, needs
from oncall.cli.main import main

EMPTY = "/bench/empty"


async def empty(request: web.Request) -> web.Response:
    """The body is read, as an alarm's is, and nothing is done with it."""
    await request.read()
    return web.json_response({}, status=201)


if __name__ == "__main__":
    serving.internal_app = partial(internal_app, more_routes=needs(OPEN, web.post(EMPTY, empty)))  # type: ignore
    main(["serve", "--config", sys.argv[1]])
