"""The whole training ground: carrier, REST interface and phones page, on loopback only.

The house is given this server's address as its telephony provider and never learns the difference. A request
from another machine, or from a web page of another origin, is refused: nothing leaves this machine and
nothing enters it. Deliberately not here: starting the house (house.py, cli/main.py).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.pace import HUMAN, Pace
from oncall.adapters.rehearsal.phones import HandsetSpec
from oncall.adapters.rehearsal.phones_page import BoardFeed, Jump, PhonesPage
from oncall.adapters.rehearsal.rest import Rest
from oncall.adapters.rehearsal.settings import LineSettings
from oncall.adapters.rehearsal.webhooks import Webhooks

if TYPE_CHECKING:
    from oncall.service.ports.timepiece import Timepiece

LOOPBACK = "127.0.0.1"


class Rehearsal:
    """`.app` is served by the caller (or by `start`), `.carrier` is held by tests."""

    def __init__(
        self,
        clock: Timepiece,
        new_id: Callable[[], str],
        account_sid: str,
        auth_token: str,
        line_number: str,
        public_url: str,
        handsets: Sequence[HandsetSpec],
        board_feed: BoardFeed | None = None,
        jump: Jump | None = None,
        *,
        pace: Pace = HUMAN,
        api_url: str = "https://api.twilio.com",
        town: Carrier | None = None,
    ) -> None:
        line = LineSettings.at(account_sid, line_number, public_url)
        web_out = Webhooks(auth_token, new_id)
        self.carrier = Carrier(clock, new_id, line, web_out, handsets, pace=pace, api_url=api_url, town=town)
        self._rest = Rest(self.carrier, auth_token)
        self.app = web.Application(middlewares=[only_this_machine])
        self.app.add_routes(self._rest.routes())
        self._page = PhonesPage(self.carrier, board_feed, jump)
        self.app.add_routes(self._page.routes())
        self.app.on_shutdown.append(self._close_requests)
        self.app.on_cleanup.append(self._close)
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Serve on loopback; returns the address."""
        self._runner = web.AppRunner(self.app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        return f"http://{host}:{bound}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _close_requests(self, app: web.Application) -> None:
        self._rest.closing.set()
        self._page.closing.set()

    async def _close(self, app: web.Application) -> None:
        await self.carrier.close()


@web.middleware
async def only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Loopback peers only, under a loopback name, and no request made by another site's page."""
    origin = request.headers.get("Origin")
    if not (_is_loopback(request.remote or "") and _is_loopback(urlsplit(f"//{request.host}").hostname or "")):
        raise web.HTTPForbidden(text="The training ground answers this machine only.")
    if origin and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="The training ground answers its own pages only.")
    return await handler(request)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
