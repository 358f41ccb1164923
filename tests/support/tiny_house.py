"""A town for the carrier's own tests: a tiny house that answers webhooks, the carrier, and a virtual clock.

The tiny house checks every signature, keeps every request, and answers each address with what the test has
put there. It stands in for the service only here; everything else is the shipped code.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from oncall.adapters.clock import VirtualClock
from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.pace import INSTANT, Pace
from oncall.adapters.rehearsal.phones import Handset, HandsetSpec
from oncall.adapters.rehearsal.server import Rehearsal

ACCOUNT, TOKEN = "AC" + "0" * 31 + "1", "12345"
OLD_AUTH = "ignore:(BasicAuth is deprecated|The 'auth' parameter):DeprecationWarning"  # twilio 9.13's own
LINE, MUM, ANA, DIA = "+16175550101", "+16175550142", "+16175550181", "+16175550182"
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # 3 am in Boston


@dataclass
class Asked:
    """One request that reached the tiny house."""

    path: str
    params: dict[str, str]
    token: str
    is_signed: bool


@dataclass(repr=False)  # asyncio writes out what a test is given, for every test
class TinyHouse:
    """`answers[path]` is the TwiML for a path, `statuses[path]` its HTTP status, `slow` paths dawdle."""

    answers: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        params = await request.post()
        signature = request.headers.get("X-Twilio-Signature", "")
        is_signed = RequestValidator(TOKEN).validate(str(request.url), params, signature)
        token = request.headers["I-Twilio-Idempotency-Token"]
        told = {name: str(value) for name, value in params.items()}
        self.asked.append(Asked(request.path_qs, told, token, is_signed))
        if request.path in self.slow:
            await asyncio.sleep(0.5)
        twiml = self.answers.get(request.path, "<Response/>")
        return web.Response(text=twiml, content_type="text/xml", status=self.statuses.get(request.path, 200))

    def told(self, path: str, name: str) -> list[str | None]:
        """The values of one parameter over all requests to `path`, in order."""
        return [asked.params.get(name) for asked in self.asked if asked.path.split("?")[0] == path]


class LocalTwilio(AsyncTwilioHttpClient):
    """The official client, sent to the carrier instead of to api.twilio.com; keeps what went both ways."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.exchanges: list[tuple[dict[str, Any], Any]] = []

    async def request(self, method: str, url: str, **details: Any) -> Any:
        response = await super().request(method, url.replace("https://api.twilio.com", self._base), **details)
        self.exchanges.append(({"method": method, "url": url, **details}, response))
        return response


@dataclass
class Town:
    house: TinyHouse
    carrier: Carrier
    clock: VirtualClock
    twilio: Client
    http: LocalTwilio

    @property
    def mum(self) -> Handset:
        return self.carrier.phone(MUM)

    @property
    def ana(self) -> Handset:
        return self.carrier.phone(ANA)

    @property
    def dia(self) -> Handset:
        return self.carrier.phone(DIA)

    async def text(self, to: str, body: str = "EMERGENCY pump call", **details: Any) -> Any:
        """The house sends a text through the official client."""
        told = {"status_callback": f"{self.house.url}/status", **details}
        message = await self.twilio.messages.create_async(to=to, from_=LINE, body=body, **told)
        await self.clock.settle()
        return message

    async def call(self, to: str, **details: Any) -> Any:
        """The house rings somebody; the page's words are what `/page` answers."""
        events = ["initiated", "ringing", "answered", "completed"]
        told = {"status_callback": f"{self.house.url}/status", "status_callback_event": events, **details}
        if "twiml" not in told:
            told.setdefault("url", f"{self.house.url}/page")
        call = await self.twilio.calls.create_async(to=to, from_=LINE, **told)
        await self.clock.settle()
        return call

    async def pass_time(self, seconds: float) -> None:
        await self.clock.pass_time(timedelta(seconds=seconds))


@asynccontextmanager
async def open_town(pace: Pace = INSTANT) -> AsyncIterator[Town]:
    house, clock = TinyHouse(), VirtualClock(START)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", house.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    house.url = "http://{}:{}".format(*runner.addresses[0])
    people = [
        HandsetSpec(MUM, "mother of Leo"),
        HandsetSpec(ANA, "Dr Ana", "clinician"),
        HandsetSpec(DIA, "Dr Dia", "clinician"),
    ]
    ids = iter(range(10_000))
    rehearsal = Rehearsal(clock, lambda: f"id{next(ids)}", ACCOUNT, TOKEN, LINE, house.url, people, pace=pace)
    clock.busy.append(lambda: rehearsal.carrier.busy)
    http = LocalTwilio(await rehearsal.start())
    try:
        yield Town(house, rehearsal.carrier, clock, Client(ACCOUNT, TOKEN, http_client=http), http)
        assert all(asked.is_signed for asked in house.asked), "every webhook must carry a valid signature"
    finally:
        await http.close()
        await rehearsal.stop()
        await runner.cleanup()
