"""A house and a carrier on the real clock, as `oncall preflight` meets them: real sockets, real client, a file.

Everything is as it should be; a test spoils one thing. The fallback files lie on a server of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from aiohttp import web

from oncall.adapters.clock import SystemClock, new_id
from oncall.adapters.handbook.files import read_files
from oncall.adapters.handbook.reading import reading_of
from oncall.adapters.handbook.store import PublishedHandbook
from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.pace import INSTANT
from oncall.adapters.rehearsal.phones import Handset
from oncall.adapters.rehearsal.records import Callback
from oncall.adapters.rehearsal.sample_handsets import sample_handsets
from oncall.adapters.rehearsal.sample_ward import LINE, PHONE_BOOK, UNPROVEN, fill_sample
from oncall.adapters.rehearsal.server import Rehearsal
from oncall.adapters.telephony.fallback import fallback_files
from oncall.adapters.web.app import public_app
from oncall.adapters.web.line.metrics import Metrics
from oncall.config import Config
from oncall.house import House, open_house
from oncall.preflight.check import Check
from oncall.preflight.run import Preflight, Wish
from oncall.service.ports.journal import Edition
from oncall.serving import given_of
from oncall.stores import hospital_without_secret
from tests.support.ward import ROOT, _loopback_door, _serve, shipped, ward_config


@dataclass(repr=False)  # asyncio writes out what a test is given, for every test
class LiveHouse:
    """`config` is what the command reads; `told` is what it said meanwhile."""

    config: Config
    carrier: Carrier
    house: House
    elsewhere: str
    files: dict[str, str]
    close_door: Callable[[], object]
    told: list[str] = field(default_factory=list)

    def phone(self, who: str) -> Handset:
        return self.carrier.phone(PHONE_BOOK[who])

    async def preflight(self, **wish: object) -> dict[str, Check]:
        """The checks by name; of two with one name the worse stands."""
        run = Preflight(self.config, SystemClock(), Wish(**wish), self.told.append)  # type: ignore[arg-type]
        found: dict[str, Check] = {}
        for check in await run.run():
            if check.name not in found or found[check.name].verdict.value == "OK":
                found[check.name] = check
        return found

    async def until_ringing(self, handset: Handset) -> None:
        with self.carrier.pulse.watched() as changed:
            async with asyncio.timeout(20):
                while not handset.ringing:
                    await changed.wait()
                    changed.clear()


@asynccontextmanager
async def open_live_house(folder: Path, line: str = LINE) -> AsyncIterator[LiveHouse]:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        door, public_url = _loopback_door()
        stack.callback(door.close)
        account = "AC" + "0" * 32
        handsets = sample_handsets(clock.now())
        rehearsal = Rehearsal(clock, new_id, account, "token", line, public_url, handsets, pace=INSTANT)
        api = await rehearsal.start()
        stack.push_async_callback(rehearsal.stop)
        config = _config(public_url, api, f"sqlite:///{folder / 'oncall.db'}", line)
        house = await open_house(config, clock, stack, handbooks=PublishedHandbook(shipped()))
        first = Edition(shipped().edition, clock.now(), "first start")
        await house.journal.save_edition(first, _edition_files())
        await fill_sample(house.register, clock.now())
        await house.register.prove_phone(UNPROVEN, clock.now() - timedelta(days=1))
        public = await stack.enter_async_context(AsyncExitStack())
        await _serve(public_app(given_of(house, Metrics(), training=True), house.outside_routes()), door, public)
        files = fallback_files(house.handbooks.current().advice, hospital_without_secret(config))
        other_door, elsewhere = _loopback_door()
        await _serve(_static(files), other_door, stack)
        rehearsal.carrier.line.voice_fallback = Callback(f"{elsewhere}/voice.xml", "GET")
        rehearsal.carrier.line.text_fallback = Callback(f"{elsewhere}/text.xml", "GET")
        yield LiveHouse(config, rehearsal.carrier, house, elsewhere, files, public.aclose)


def _config(public_url: str, api: str, database: str, line: str) -> Config:
    usual = ward_config(public_url, api, database)
    telephony = usual.telephony.model_copy(update={"line": line})
    return usual.model_copy(update={"telephony": telephony, "unsigned_accepted_by": "Ada Grant"})


@cache
def _edition_files() -> dict[str, str]:
    """The shipped edition as it is stored, with its readings: it loads five times as fast as the folders."""
    files = read_files(ROOT / "rules", ROOT / "rotations")
    return {**files, **{f"{name}.json": reading_of(text) for name, text in files.items()}}


def _static(files: dict[str, str]) -> web.Application:
    async def show(request: web.Request) -> web.Response:
        if request.match_info["name"] not in files:
            return web.Response(status=404)
        return web.Response(text=files[request.match_info["name"]], content_type="text/xml")

    app = web.Application()
    app.router.add_get("/{name}", show)
    return app
