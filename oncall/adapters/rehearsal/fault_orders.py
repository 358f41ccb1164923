"""What a visitor of the phones page may let go wrong, in words; each is an order to the carrier's book of faults.

Ordered faults are used up one by one, and an outage ends by the clock; all can be called off. Deliberately not here:
what a fault does (`faults`, and wherever it is taken).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web

from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.faults import Kind, What

OUTAGE = timedelta(minutes=5)
MOST = 50  # times that one order may ask for


@dataclass(frozen=True, slots=True)
class Order:
    """One line of the menu. `kind` None is the outage."""

    key: str
    told: str
    kind: Kind | None = None
    on: What = "any"
    details: dict[str, Any] = field(default_factory=dict)


ORDERS = (
    Order("lost-text", "a text of ours is taken and lost", "vanish", "text"),
    Order("lied", "a text is called delivered and is not", "lie_delivered", "text"),
    Order("late-text", "a text arrives 90 s late", "delay_text", "text", {"seconds": 90}),
    Order("filtered", "a text is filtered (30007)", "filter", "text"),
    Order("unregistered", "a text fails: our number is not registered (30034)", "filter", "text", {"code": 30034}),
    Order("refused", "a request is refused (20429)", "refuse", "any", {"code": 20429, "status": 429}),
    Order("error", "a request is answered with an error", "server_error"),
    Order("taken-no-answer", "a request is done and not answered", "accept_then_hang"),
    Order("lost-status", "a status is never told", "drop_callback"),
    Order("late-status", "a status is told 2 min late", "delay_callback", "any", {"seconds": 120}),
    Order("twice", "a text or step of a call is told twice", "repeat_webhook"),
    Order("unheard-text", "a text to the line is not told to it", "lose_webhook", "text"),
    Order("unheard-call", "a call to the line is not told to it", "lose_webhook", "call"),
    Order("no-conference", "a line cannot join the talk", "no_conference", "call"),
    Order("no-file", "a recording or picture cannot be fetched", "server_error", "file"),
    Order("down", "the whole carrier is down for 5 min"),
)


class FaultOrders:
    """Routes and the list for the page."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def routes(self) -> list[web.RouteDef]:
        table: list[tuple[str, Callable[[web.Request], Awaitable[web.Response]]]] = [
            ("/faults", self._order),
            ("/faults/none", self._call_off),
        ]
        return [web.post(path, handler) for path, handler in table]

    def ordered(self) -> list[str]:
        """What will still go wrong, a sentence each."""
        told = {(order.kind, order.on, order.details.get("code")): order.told for order in ORDERS}
        lines = []
        for fault in self._carrier.faults.ordered:
            if fault.times > 0:
                known = told.get((fault.kind, fault.on, fault.code)) or told.get((fault.kind, fault.on, None))
                lines.append(f"{known or fault.kind.replace('_', ' ')}, {fault.times} more")
        return lines + (["the whole carrier is down"] if self._carrier.is_down else [])

    async def _order(self, request: web.Request) -> web.Response:
        given = await request.json()
        order = next((order for order in ORDERS if order.key == given.get("key")), None)
        times = str(given.get("times", "1"))
        if order is None or not times.isdigit() or not 1 <= int(times) <= MOST:
            return web.json_response({"trouble": f"Choose what goes wrong, 1 to {MOST} times."}, status=409)
        if order.kind is None:
            self._carrier.goes_down(OUTAGE)
        else:
            self._carrier.faults.order(order.kind, order.on, **{**order.details, "times": int(times)})
        self._carrier.pulse.changed()
        return web.json_response({})

    async def _call_off(self, request: web.Request) -> web.Response:
        self._carrier.faults.clear()
        self._carrier.down_until = None
        self._carrier.pulse.changed()
        return web.json_response({})
