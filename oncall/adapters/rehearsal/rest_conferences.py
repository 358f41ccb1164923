"""Conferences in the carrier's REST interface: found, ended, spoken into, and who sits in them.

The paths and fields are Twilio's published ones. Deliberately not here: the room itself (conferences.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.conferences import Conference, Seat
from oncall.adapters.rehearsal.records import Callback, Refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Page = Callable[[web.Request, str, list[Any]], web.Response]


class RestConferences:
    """Handlers of /Conferences; `page` writes a list as the rest of the interface does."""

    def __init__(self, carrier: Carrier, page: Page) -> None:
        self._carrier, self._page = carrier, page

    def handlers(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/Conferences.json", self._list),
            ("GET", "/Conferences/{sid}.json", self._one),
            ("POST", "/Conferences/{sid}.json", self._update),
            ("GET", "/Conferences/{sid}/Participants.json", self._participants),
            ("GET", "/Conferences/{sid}/Participants/{call}.json", self._participant),
            ("POST", "/Conferences/{sid}/Participants/{call}.json", self._update_participant),
            ("DELETE", "/Conferences/{sid}/Participants/{call}.json", self._remove_participant),
        ]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        found = [
            room
            for room in reversed(self._carrier.calls.past_rooms)
            if query.get("FriendlyName") in (None, room.name)
            and query.get("Status") in (None, room.published()["status"])
        ]
        return self._page(request, "conferences", found)

    async def _one(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._room(request).published())

    async def _update(self, request: web.Request) -> web.StreamResponse:
        """End it, or say something to everybody in it."""
        room, given = self._room(request), await request.post()
        if given.get("Status") == "completed":
            room.end()
        elif where := str(given.get("AnnounceUrl", "")):
            self._announce(room, list(room.seats.values()), where)
        await self._carrier.pulse.settle_soon()
        return web.json_response(room.published())

    async def _participants(self, request: web.Request) -> web.StreamResponse:
        return self._page(request, "participants", list(self._room(request).seats.values()))

    async def _participant(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._seat(request).published())

    async def _update_participant(self, request: web.Request) -> web.StreamResponse:
        seat, given = self._seat(request), await request.post()
        if where := str(given.get("AnnounceUrl", "")):
            self._announce(seat.room, [seat], where)
        await self._carrier.pulse.settle_soon()
        return web.json_response(seat.published())

    async def _remove_participant(self, request: web.Request) -> web.StreamResponse:
        self._seat(request).leave()
        await self._carrier.pulse.settle_soon()
        return web.Response(status=204)

    def _announce(self, room: Conference, seats: list[Seat], where: str) -> None:
        self._carrier.pulse.start(room.announce([seat.line for seat in seats], Callback(where)))

    def _room(self, request: web.Request) -> Conference:
        sid = request.match_info["sid"]
        room = next((room for room in self._carrier.calls.past_rooms if room.sid == sid), None)
        if room is None:
            raise Refusal(20404, 404, f"The requested resource {request.path} was not found")
        return room

    def _seat(self, request: web.Request) -> Seat:
        seats = self._room(request).seats.values()
        seat = next((seat for seat in seats if seat.line.call.sid == request.match_info["call"]), None)
        if seat is None:
            raise Refusal(20404, 404, f"The requested resource {request.path} was not found")
        return seat
