"""Senders that cost little themselves: HTTP/1.1 on a kept connection, a request at a time, no library in between.

The house and whoever loads it share two cores, so a client that costs as much as the house would halve every figure.
Deliberately not here: what is sent, and what the figures mean.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from oncall.adapters.rehearsal.sample_ward import BRIDGE_TOKEN

END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Answered:
    """Status and body of one answer."""

    status: int
    body: bytes

    def told(self) -> Any:
        return json.loads(self.body)


class Line(asyncio.Protocol):
    """One connection; the next request goes out when the answer to the last has come."""

    def __init__(self) -> None:
        self._arrived = bytearray()
        self._waiting: asyncio.Future[Answered] | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the house hung up"))

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        head = self._arrived.find(END)
        if head < 0:
            return
        top = bytes(self._arrived[:head])
        length = next((int(line[len(LENGTH) :]) for line in top.lower().split(b"\r\n") if line.startswith(LENGTH)), 0)
        if len(self._arrived) >= head + len(END) + length and self._waiting is not None:
            body = bytes(self._arrived[head + len(END) : head + len(END) + length])
            del self._arrived[: head + len(END) + length]
            self._waiting.set_result(Answered(int(top[9:12]), body))

    async def send(self, request: bytes) -> Answered:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def lines(address: str, count: int) -> AsyncIterator[list[Line]]:
    """`count` connections to `address` (http://host:port)."""
    told, loop = urlsplit(address), asyncio.get_running_loop()
    made = [(await loop.create_connection(Line, told.hostname, told.port))[1] for _ in range(count)]
    try:
        yield made
    finally:
        for line in made:
            line.close()


def post(path: str, told: Any) -> bytes:
    """A bridge's request, whole."""
    body = json.dumps(told).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {BRIDGE_TOKEN}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def get(path: str, cookie: str) -> bytes:
    """A signed-in person's request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session={cookie}\r\n\r\n".encode()


async def in_a_row(made: list[Line], seconds: float, request: Callable[[], bytes]) -> list[float]:
    """Every line sends its next request when it has its answer; how long each waited for 201."""
    until, waits = time.perf_counter() + seconds, list[float]()

    async def one(line: Line) -> None:
        while time.perf_counter() < until:
            at = time.perf_counter()
            answered = await line.send(request())
            assert answered.status == 201, answered
            waits.append(time.perf_counter() - at)

    await asyncio.gather(*(one(line) for line in made))
    return waits


@dataclass(frozen=True, slots=True)
class Sent:
    """An alarm: the case it opened, and the instant it was meant to be sent."""

    case: str
    at: float


async def by_the_clock(made: list[Line], rate: float, count: int, request: Callable[[], bytes]) -> list[Sent]:
    """`rate` requests a second whether or not the house keeps up; each counts from when it was meant to be sent."""
    free: asyncio.Queue[Line] = asyncio.Queue()
    for line in made:
        free.put_nowait(line)
    began = time.time()

    async def one(number: int) -> Sent:
        at = began + number / rate
        await asyncio.sleep(at - time.time())
        line = await free.get()
        answered = await line.send(request())
        free.put_nowait(line)
        assert answered.status == 201, answered
        return Sent(answered.told()["id"], at)

    return list(await asyncio.gather(*(one(number) for number in range(count))))
