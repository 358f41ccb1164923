"""The side door: a socket beside the database through which a command on this machine reaches the running service.

Only the account that runs the service may open it (mode 0600); there is no network behind it and no password before
it. An errand is one JSON object in and one out. Deliberately not here: what the errands do.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from oncall.adapters.side_door.handing_in import Declined

log = structlog.get_logger("side door")

SOCKET = "oncall.sock"
LARGEST = 64 * 2**20  # an edition with its readings is a few MB
Errand = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


async def open_door(folder: Path, errands: Mapping[str, Errand], stack: AsyncExitStack) -> None:
    """Listen in `folder`, which only one service may use at a time. Raises OSError, also for a path that is too long.

    A socket left by a process that was killed is replaced.
    """
    path = folder / SOCKET
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stack.callback(door.close)
    _bind(door, path)
    stack.callback(path.unlink, missing_ok=True)
    app = web.Application(client_max_size=LARGEST)
    app.add_routes([web.post(f"/{name}", partial(_run, errand)) for name, errand in errands.items()])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, door).start()


def _bind(door: socket.socket, path: Path) -> None:
    """Nobody else may knock, not even between making the socket and narrowing it."""
    before = os.umask(0o177)
    try:
        door.bind(str(path))
    finally:
        os.umask(before)


async def _run(errand: Errand, request: web.Request) -> web.Response:
    try:
        told = await request.json()
    except (ValueError, LookupError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return web.json_response({"declined": "An errand is one JSON object; this is none."}, status=409)
    try:
        return web.json_response(await errand(told))
    except Declined as problem:
        return web.json_response({"declined": str(problem)}, status=409)
    except Exception as problem:  # around one errand: the line goes on
        log.error("an errand failed", path=request.path, exc_info=problem)
        return web.json_response({"failed": type(problem).__name__}, status=500)
