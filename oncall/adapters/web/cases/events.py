"""The board's heartbeat: one stream per open page that says "something changed" and "we are alive".

A stream carries no case data, only the hospital's clock and that it is worth looking again, so nothing has to be kept
or replayed: whoever was cut off fetches the board and is up to date. The beat runs in real time on purpose, because
the page judges by it whether it is still connected (no duty hangs on it, law 3). Deliberately not here: the board.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.who_may import who_asks
from oncall.service.ports.journal import Written


class Streams:
    """The streams that are open now."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()
        self.closing = False

    def tell(self, written: Written) -> None:
        """A listener of the desk: after every commit, everybody looks again."""
        self._wake()

    def look_again(self) -> None:
        """A listener of the sign-in: whose session has ended gets no more."""
        self._wake()

    async def close(self, app: web.Application) -> None:
        """At the end of the house: no stream keeps the listener open."""
        self.closing = True
        self._wake()

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    @contextmanager
    def one(self) -> Iterator[asyncio.Event]:
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            yield changed
        finally:
            self._waiting.discard(changed)


STREAMS = web.AppKey("streams", Streams)


async def events(request: web.Request) -> web.StreamResponse:
    """GET /events, for as long as the session lasts."""
    return await stream(request, _is_signed_in)


async def _is_signed_in(request: web.Request) -> bool:
    return await who_asks(request) is not None


async def stream(request: web.Request, may_still: Callable[[web.Request], Awaitable[bool]]) -> web.StreamResponse:
    """For as long as whoever asks may look."""
    given, streams = request.app[GIVEN], request.app[STREAMS]
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await answer.prepare(request)
    with streams.one() as changed, suppress(ConnectionError):
        await answer.write(_event("beat", given.clock.now(), given.hospital.zone))
        while not streams.closing:
            kind = "changed" if await _set_within(changed, given.beat) else "beat"
            changed.clear()
            if not await may_still(request):
                await answer.write(_event("ended", given.clock.now(), given.hospital.zone))
                break
            await answer.write(_event(kind, given.clock.now(), given.hospital.zone))
    return answer


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _event(kind: str, now: datetime, zone: str) -> bytes:
    told = {"now": now.isoformat(timespec="milliseconds"), "letters": f"{now.astimezone(ZoneInfo(zone)):%Z}"}
    return f"event: {kind}\ndata: {json.dumps(told)}\n\n".encode()
