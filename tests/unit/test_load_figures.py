"""The senders of the benchmarks: what they send arrives, what comes back is read, however it is cut. Never a timing."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from aiohttp import web

from bench.load import QUICK, Size, of_a_new_case, of_an_open_case
from bench.senders import by_the_clock, in_a_row, lines, post
from bench.stage import free_ports, marks, processor_seconds, resident_mb
from bench.watchers import Board, heard_after

ALARMS = web.AppKey("alarms", list)
STREAMS = web.AppKey("streams", list)


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """A house that answers each alarm in two pieces and tells its boards of it."""
    app = web.Application()
    app[ALARMS], app[STREAMS] = [], []
    app.add_routes([web.post("/v1/alarms", take), web.get("/events", stream)])
    (port,) = free_ports(1)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def take(request: web.Request) -> web.StreamResponse:
    assert request.headers["Authorization"].startswith("Bearer ")
    request.app[ALARMS].append(await request.json())
    for board in request.app[STREAMS]:
        await board.write(b"event: changed\ndata: {}\n\n")
    body = json.dumps({"id": f"c{len(request.app[ALARMS])}"}).encode()
    answer = web.StreamResponse(status=201, headers={"Content-Length": str(len(body))})
    await answer.prepare(request)
    await answer.write(body[:4])
    await asyncio.sleep(0)
    await answer.write(body[4:])
    return answer


async def stream(request: web.Request) -> web.StreamResponse:
    assert request.cookies["session"] == "cookie"
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b"event: beat\ndata: {}\n\n")
    request.app[STREAMS].append(answer)
    await asyncio.Event().wait()
    return answer


async def test_each_line_waits_for_its_answer_and_sends_the_next(address: str) -> None:
    async with lines(address, 3) as made:
        waits = await in_a_row(made, 0.05, of_a_new_case)
        answered = await made[0].send(post("/v1/alarms", {"id": "last"}))
    assert answered.told() == {"id": f"c{len(waits) + 1}"}


async def test_alarms_by_the_clock_are_all_sent_and_name_their_cases(address: str) -> None:
    async with lines(address, 2) as made:
        sent = await by_the_clock(made, 500, 6, of_an_open_case)
    assert {one.case for one in sent} == {f"c{n}" for n in range(1, 7)}
    assert [round(later.at - one.at, 4) for one, later in pairwise(sent)] == [0.002] * 5


async def test_every_open_board_is_heard(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    loop = asyncio.get_running_loop()
    streams = [await loop.create_connection(lambda: Board("cookie"), host, int(port)) for _ in range(3)]
    boards = [board for _, board in streams]
    async with lines(address, 1) as (line,):
        await asyncio.gather(*(board.open.wait() for board in boards))
        assert len(await heard_after(line, boards)) == 3
    for transport, _ in streams:
        transport.close()


def test_a_process_tells_its_own_cost() -> None:
    assert processor_seconds(os.getpid()) > 0
    assert resident_mb(os.getpid()) > 0
    assert marks([0.001, 0.002, 0.003]) == {"p50_ms": 2.0, "p99_ms": 3.0}


def test_the_quick_form_measures_less_of_everything() -> None:
    whole = Size()
    assert QUICK.seconds < whole.seconds
    assert set(QUICK.connections) < set(whole.connections)
    assert QUICK.lines < whole.lines
