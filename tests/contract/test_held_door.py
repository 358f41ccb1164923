"""A door that is bound before the house is whole: whoever knocks waits, and nobody else gets the port."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web

from oncall.adapters.web.patience import GUARD, Guard, Limits
from oncall.fitness import Refused
from oncall.one_process import held_door
from oncall.serving import listen


async def alive(request: web.Request) -> web.Response:
    return web.json_response({})


async def test_whoever_knocks_before_the_door_opens_is_answered_when_it_does() -> None:
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as carrier:
        door = held_door("127.0.0.1:0", stack)
        assert door is not None
        bind = f"127.0.0.1:{door.getsockname()[1]}"
        knock = asyncio.create_task(carrier.get(f"http://{bind}/"))
        await asyncio.sleep(0.05)
        assert not knock.done()
        app = web.Application()
        app[GUARD] = Guard(Limits())
        app.add_routes([web.get("/", alive)])
        assert await listen(app, bind, stack, door) == f"http://{bind}"
        async with await knock as answer:
            assert answer.status == 200


async def test_a_port_that_somebody_has_is_refused_before_anything_is_sent() -> None:
    async with AsyncExitStack() as stack:
        door = held_door("127.0.0.1:0", stack)
        assert door is not None
        with pytest.raises(Refused, match="is in use"):
            held_door(f"127.0.0.1:{door.getsockname()[1]}", stack)


async def test_a_host_told_by_name_is_bound_when_it_opens() -> None:
    async with AsyncExitStack() as stack:
        assert held_door("localhost:0", stack) is None
