"""Slow, silent and oversized clients on real sockets: they are cut off, and nobody else waits for them."""

from __future__ import annotations

import asyncio
import json
import resource
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import cache

import pytest

from oncall.adapters.web.app import internal_app, public_app
from oncall.adapters.web.patience import GUARD, Guard, Limits
from oncall.serving import listen
from tests.support.web_house import DEVICE, WebHouse, web_house

SHORT = Limits(head=0.4, body=0.4, connections=6)
ALARM = json.dumps({"id": "1", "tone": "two_tone"}).encode()
HEAD = f"POST /v1/alarms HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {DEVICE}\r\n".encode()
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Doors:
    """Both listeners as they are served, with little patience."""

    house: WebHouse
    ports: dict[str, int]
    stack: AsyncExitStack

    async def line(self, door: str = "internal") -> Line:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[door])
        self.stack.push_async_callback(hang_up, writer)
        return reader, writer


@pytest.fixture
async def doors() -> AsyncIterator[Doors]:
    async with AsyncExitStack() as stack:
        house, ports = await web_house(), {}
        for name, app in (("internal", internal_app(house.given)), ("public", public_app(house.given))):
            app[GUARD] = Guard(SHORT)
            ports[name] = int((await listen(app, "127.0.0.1:0", stack)).rpartition(":")[2])
        async with AsyncExitStack() as lines:
            yield Doors(house, ports, lines)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def status_of(line: Line) -> int:
    """What the next answer on this line says, with its body read; 0 when the line was cut instead."""
    reader, _ = line
    try:
        async with asyncio.timeout(3):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            fields = dict(row.split(": ", 1) for row in head.split("\r\n")[1:] if ": " in row)
            await reader.readexactly(int(fields.get("Content-Length", 0)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return 0
    return int(head.split(" ")[1])


async def healthz(doors: Doors, door: str) -> float:
    """Seconds that a well-behaved client waits."""
    began, line = time.monotonic(), await doors.line(door)
    line[1].write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert await status_of(line) == 200
    return time.monotonic() - began


async def trickle(line: Line, words: bytes, pause: float = 0.1) -> None:
    with suppress(ConnectionError):
        for letter in words:
            line[1].write(bytes([letter]))
            await asyncio.sleep(pause)


@pytest.mark.parametrize("door", ["internal", "public"])
async def test_a_client_that_sends_a_letter_at_a_time_is_cut_off_and_others_do_not_wait(
    doors: Doors, door: str
) -> None:
    lines = [await doors.line(door) for _ in range(4)]
    tasks = [asyncio.create_task(trickle(line, b"GET /healthz HTTP/1.1\r\nX-A: b\r\n" * 9)) for line in lines]
    assert await healthz(doors, door) < 1
    began = time.monotonic()
    assert [await status_of(line) for line in lines] == [0, 0, 0, 0]
    assert time.monotonic() - began < 2
    for task in tasks:
        task.cancel()


async def test_a_client_that_says_nothing_is_cut_off(doors: Doors) -> None:
    began = time.monotonic()
    assert await status_of(await doors.line()) == 0
    assert time.monotonic() - began < 2


async def test_a_form_that_stops_arriving_is_cut_off(doors: Doors) -> None:
    line = await doors.line()
    line[1].write(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n")
    line[1].write(b"Content-Length: 900\r\n\r\nact=")
    began = time.monotonic()
    assert await status_of(line) == 0
    assert time.monotonic() - began < 2


async def test_a_whole_alarm_is_taken_while_the_listener_is_full_of_silent_clients(doors: Doors) -> None:
    silent = [await doors.line() for _ in range(SHORT.connections + 3)]
    line = await doors.line()
    line[1].write(HEAD + f"Content-Length: {len(ALARM)}\r\n\r\n".encode() + ALARM)
    assert await status_of(line) == 201
    assert await status_of(silent[0]) == 0, "whoever waited longest made room"


async def test_a_rested_connection_is_not_cut_and_asks_again(doors: Doors) -> None:
    """A proxy keeps its connections: cutting one as it begins to speak would lose a text."""
    line = await doors.line()
    for pause in (0.0, SHORT.head * 2):
        await asyncio.sleep(pause)
        line[1].write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert await status_of(line) == 200
    line[1].write(b"GET /healthz HT")  # and then no more
    assert await status_of(line) == 0


async def test_an_open_board_is_not_cut_off(doors: Doors) -> None:
    token = await doors.house.sign_in.open_session("vera")
    line = await doors.line()
    line[1].write(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session={token}\r\n\r\n".encode())
    assert b"200 OK" in await line[0].readuntil(b"\r\n\r\n")
    await asyncio.sleep(SHORT.head + SHORT.body + 0.2)
    assert not line[0].at_eof()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\n" + b"X-A: b\r\n" * 2000 + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nX-A: " + b"b" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"p" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nLeo Marin: +16175550142\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"POST /v1/alarms HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/alarms HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n",
    ],
    ids=["many-headers", "long-header", "long-address", "bad-header", "tls", "smuggled", "negative"],
)
async def test_a_head_that_is_too_large_or_broken_is_refused_without_a_word_of_it_or_of_our_insides(
    doors: Doors, head: bytes
) -> None:
    reader, writer = await doors.line()
    writer.write(head)
    async with asyncio.timeout(5):
        answer = await reader.read()
    assert answer.split(b" ")[1] == b"400", answer[:80]
    for secret in (b"Traceback", b"aiohttp", b"Python", b"Leo", b"6175550142", b"bbbb", b"pppp"):
        assert secret not in answer, answer
    assert await healthz(doors, "internal") < 1


async def test_more_than_a_mebibyte_is_refused_and_of_an_alarm_the_beginning_is_kept(doors: Doors) -> None:
    line = await doors.line()
    line[1].write(HEAD + f"Content-Length: {1 << 22}\r\n\r\n".encode())
    with suppress(ConnectionError):
        line[1].write(b"x" * (1 << 21))
    assert await status_of(line) == 413
    [case] = await doors.house.journal.open_cases()
    assert case.pages


@cache
def swelling() -> bytes:
    """Two hundred megabytes in two hundred kilobytes, packed piece by piece so that they are never held here."""
    packing, piece = zlib.compressobj(1, wbits=31), bytes(1 << 20)
    return b"".join(packing.compress(piece) for _ in range(200)) + packing.flush()


@pytest.mark.parametrize("path", ["/v1/alarms", "/login"])
async def test_a_packed_body_that_swells_is_refused_before_it_fills_the_memory(doors: Doors, path: str) -> None:
    bomb, line = swelling(), await doors.line()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {DEVICE}\r\nContent-Encoding: gzip\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    line[1].write(f"{head}{form}Content-Length: {len(bomb)}\r\n\r\n".encode())
    with suppress(ConnectionError):
        line[1].write(bomb)
    assert await status_of(line) in (0, 404, 413)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10, "kilobytes"
