"""How long a connection may take over a request, and how many there may be: nobody who is slow holds up anybody else.

A request's head has so many seconds from its first byte (a new connection: from the start), its body so many more; who
takes longer is cut off. When a listener is full, whoever has waited longest without asking anything makes room: a
newcomer is never turned away, because it may be the carrier with a first contact. Between requests a connection may
rest as long as it likes, so that a proxy before us is never cut off as it begins to speak. Deliberately not here: how
large a request may be (aiohttp for the head, `alarm_body` for the rest).
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from oncall.adapters.web.cases.alarm_body import PATIENCE
from oncall.adapters.web.headers import ALWAYS
from oncall.adapters.web.problems import Handler


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds; an alarm that stops arriving is kept before its connection is cut."""

    head: float = 10
    body: float = PATIENCE + 10
    connections: int = 400  # of one listener: both together stay under the usual 1,024 open files


USUAL = Limits()


class Connection(web.RequestHandler):  # type: ignore[type-arg]
    """One connection, spoken by aiohttp's protocol, watched by the listener's guard."""

    __slots__ = ("_answering", "_end", "_guard")

    def __init__(self, guard: Guard, server: web.Server[Any]) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), access_log=None)
        self._guard = guard
        self._end: asyncio.TimerHandle | None = None
        self._answering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._guard.came(self)
        super().connection_made(transport)
        self._within(self._guard.limits.head)

    def data_received(self, data: bytes) -> None:
        if self.is_waiting and self._end is None:
            self._within(self._guard.limits.head)
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._at_ease()
        self._guard.went(self)
        super().connection_lost(exc)

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """A head that is no HTTP: none of it is said back, and nothing about what we are made of."""
        super().handle_error(request, status, exc, message)
        answer = web.Response(status=status, text="This is no request that can be read.", headers=ALWAYS)
        answer.force_close()
        return answer

    @property
    def is_waiting(self) -> bool:
        return not self._answering

    def cut(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def asked(self, request: web.BaseRequest) -> None:
        """The head is there; the body has its own time."""
        self._answering = True
        self._at_ease()
        if not request.content.is_eof():
            self._end = asyncio.get_running_loop().call_later(self._guard.limits.body, self._cut_unread, request)

    def answered(self) -> None:
        self._answering = False
        self._at_ease()

    def _cut_unread(self, request: web.BaseRequest) -> None:
        if not request.content.is_eof():
            self.cut()

    def _within(self, seconds: float) -> None:
        self._end = asyncio.get_running_loop().call_later(seconds, self.cut)

    def _at_ease(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None


class Guard:
    """All connections of one listener, the one that was of use longest ago first."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._open: dict[Connection, None] = {}

    def came(self, connection: Connection) -> None:
        """At the limit the one that has waited longest goes; those that are being answered stay."""
        if len(self._open) >= self.limits.connections:
            oldest = next((one for one in self._open if one.is_waiting), None)
            if oldest is not None:
                oldest.cut()
        self._open[connection] = None

    def went(self, connection: Connection) -> None:
        self._open.pop(connection, None)

    def rested(self, connection: Connection) -> None:
        """It was of use just now: others make room before it does."""
        if connection in self._open:
            del self._open[connection]
            self._open[connection] = None


GUARD: web.AppKey[Guard] = web.AppKey("guard", Guard)


@web.middleware
async def in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost: from here until the answer the head's clock stands still."""
    connection = request.protocol
    if not isinstance(connection, Connection):  # a test's own server
        return await handler(request)
    connection.asked(request)
    try:
        return await handler(request)
    finally:
        connection.answered()
        request.app[GUARD].rested(connection)


class PatientSite(web.BaseSite):
    """Where one listener listens, as aiohttp's own `TCPSite` with every connection watched; `door` is bound already."""

    def __init__(self, runner: web.AppRunner, host: str, port: int, door: socket.socket | None = None) -> None:
        super().__init__(runner)
        self._host, self._port, self._door, self._guard = host, port, door, runner.app[GUARD]

    @property
    def name(self) -> str:
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Raises OSError when somebody else listens there."""
        await super().start()
        server = self._runner.server
        assert server is not None
        place = {"sock": self._door} if self._door else {"host": self._host, "port": self._port}
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self._guard, server), **place, backlog=self._backlog
        )
