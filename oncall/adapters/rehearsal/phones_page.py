"""The phones page: families' phones left, clinicians' right, the board between them, and six guided stories.

Everything visible is rendered here, on the server; the page's small script only swaps the parts that changed
and sends what a visitor presses. News goes out as server-sent events. Deliberately not here: the board's
content, which the house feeds in, and what a phone does (phones.py, line.py).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.fault_orders import ORDERS, FaultOrders
from oncall.adapters.rehearsal.numbers import formatted
from oncall.adapters.rehearsal.phones import Handset, Mode
from oncall.adapters.rehearsal.sounds_and_pictures import picture
from oncall.adapters.rehearsal.stage import Stage
from oncall.adapters.rehearsal.stories import STORIES, play, story

HERE = Path(__file__).parent
log = logging.getLogger(__name__)
_LOOK_S = 1.0  # the board may change without any phone taking part
_GATHER_NEWS_S = 0.05
_OPEN_FAMILIES = 2  # the others unfold when something happens on them
_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
_STATE_WORDS = {
    "idle": "",
    "ringing": "is ringing",
    "talking": "in a call",
    "calling": "calling the line",
    "voicemail": "voicemail is listening",
    "screening": "a robot asks who is calling",
}
BoardFeed = Callable[[], Awaitable[dict[str, Any]]]
Jump = Callable[[], Awaitable[str]]


class PhonesPage:
    """Routes of the page. `board_feed` and `jump` come from whoever runs the house; both may be missing."""

    def __init__(self, carrier: Carrier, board_feed: BoardFeed | None, jump: Jump | None) -> None:
        self._carrier = carrier
        self._board_feed = board_feed
        self._jump = jump
        self._stage = Stage(carrier, jump)
        self._faults = FaultOrders(carrier)
        self._pages = _environment()
        self.closing = asyncio.Event()

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/", self._page),
            web.get("/phones/events", self._events),
            web.post("/phones/jump", self._jump_ahead),
            web.get(r"/phones/{number:\+\d+}", self._card),
            web.post(r"/phones/{number:\+\d+}/{verb}", self._act),
            web.post("/stories/{key}/{step:\\d+}", self._play),
            *self._faults.routes(),
            web.static("/phones/static", HERE / "static"),
        ]

    # the page and its news

    async def _page(self, request: web.Request) -> web.Response:
        html = self._pages.get_template("phones.html").render(
            families=self._side("family"),
            clinicians=self._side("clinician", "operator"),
            line=formatted(self._carrier.line.number),
            board=await self._board(),
            stories=STORIES,
            can_jump=self._jump is not None,
            orders=ORDERS,
            ordered=self._faults.ordered(),
        )
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    def _side(self, *sides: str) -> list[dict[str, Any]]:
        phones = self._carrier.phones.values()
        shown = [self._view(phone) for side in sides for phone in phones if phone.side == side]
        return [view | {"is_open": number < _OPEN_FAMILIES} for number, view in enumerate(shown)]

    def _view(self, phone: Handset) -> dict[str, Any]:
        state = state_of(phone)
        words = _STATE_WORDS[state]
        return {
            "phone": phone,
            "id": "p" + phone.number.removeprefix("+"),
            "number": formatted(phone.number),
            "state": state,
            "status": words or (str(phone.mode) if phone.mode is not Mode.NORMAL else ""),
            "transcript": phone.line.transcript if phone.line else [],
            "modes": list(Mode),
        }

    async def _board(self) -> dict[str, Any]:
        """What the house shows on its board; a board that cannot be read says so and breaks nothing."""
        if self._board_feed is None:
            return {}
        try:
            return await self._board_feed()
        except Exception:  # the house may be starting, stopping or under test
            log.exception("the board cannot be read")
            return {"trouble": "The board cannot be read at the moment."}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        with suppress(ConnectionResetError):  # the visitor has closed the page
            await self._tell(response)
        return response

    async def _tell(self, response: web.StreamResponse) -> None:
        """Every part of the page once, and again whenever it has changed."""
        told: dict[str, str] = {}
        with self._carrier.pulse.watched() as changed:
            while not self.closing.is_set():
                changed.clear()
                for name, data in await self._news():
                    if told.get(name) != data:
                        told[name] = data
                        await response.write(f"event: {name.split()[0]}\ndata: {data}\n\n".encode())
                await self._until(changed)

    async def _until(self, changed: asyncio.Event) -> None:
        """Until a phone changes or a second is over; several changes at once are told together."""
        try:
            await asyncio.wait_for(changed.wait(), _LOOK_S)
            await asyncio.wait_for(self.closing.wait(), _GATHER_NEWS_S)
        except TimeoutError:
            return

    async def _news(self) -> list[tuple[str, str]]:
        """Every part of the page as (event name, JSON)."""
        parts: Any = self._pages.get_template("parts.html").module
        board = await self._board()
        news = [("board", json.dumps({"html": parts.board(board), "now": clock_time(board.get("now", ""))}))]
        news.append(("faults", json.dumps({"html": parts.faults(self._faults.ordered())})))
        for phone in self._carrier.phones.values():
            view = self._view(phone)
            news.append((f"phone {phone.number}", json.dumps(self._phone_news(parts, view))))
        return news

    def _phone_news(self, parts: Any, view: dict[str, Any]) -> dict[str, Any]:
        phone: Handset = view["phone"]
        return {
            "id": view["id"],
            "number": phone.number,
            "owner": phone.owner,
            "side": "families" if phone.side == "family" else "clinicians",
            "state": view["state"],
            "status": view["status"],
            "mode": phone.mode,
            "silent": phone.mode is Mode.NO_ANSWER,
            "texts": len(phone.inbox),
            "screen": parts.screen(view),
            "transcript": parts.transcript(view),
        }

    async def _card(self, request: web.Request) -> web.Response:
        """One phone, for a page that has not seen it yet: somebody new has called."""
        phone = self._carrier.phones.get(request.match_info["number"])
        if phone is None:
            raise web.HTTPNotFound
        parts: Any = self._pages.get_template("parts.html").module
        return web.Response(text=parts.phone_card(self._view(phone)), content_type="text/html")

    # what a visitor does

    async def _act(self, request: web.Request) -> web.Response:
        phone = self._carrier.phones.get(request.match_info["number"])
        given = await _body(request)
        verb = _VERBS.get(request.match_info["verb"])
        if phone is None or verb is None:
            raise web.HTTPNotFound
        try:
            verb(self._carrier, phone, given)
        except (AssertionError, ValueError) as mistake:
            return web.json_response({"trouble": str(mistake)}, status=409)
        return web.json_response({})

    async def _jump_ahead(self, request: web.Request) -> web.Response:
        if self._jump is None:
            raise web.HTTPNotFound
        return web.json_response({"now": clock_time(await self._jump())})

    async def _play(self, request: web.Request) -> web.Response:
        told = story(request.match_info["key"])
        number = int(request.match_info["step"])
        if told is None or number >= len(told.steps):
            raise web.HTTPNotFound
        played = await play(told, number, self._stage)
        return web.json_response({"is_done": played.is_done, "note": played.note})


def state_of(phone: Handset) -> str:
    """What a visitor would say the phone is doing."""
    line = phone.line
    if line is None:
        return "idle"
    if phone.ringing:
        return "ringing"
    if line.listener != "person":
        return "voicemail" if line.listener == "voicemail" else "screening"
    return "talking" if line.is_open else "calling"


def clock_time(value: object) -> str:
    """03:04:12 for an ISO instant; anything else as it is."""
    try:
        return f"{datetime.fromisoformat(str(value)):%H:%M:%S}"
    except ValueError:
        return str(value)


def _text(carrier: Carrier, phone: Handset, given: dict[str, str]) -> None:
    carrier.texts.take_from(phone, given.get("words", ""), (), None, None)


def _picture(carrier: Carrier, phone: Handset, given: dict[str, str]) -> None:
    carrier.texts.take_from(phone, "", (), None, None, (picture(),))


def _call(carrier: Carrier, phone: Handset, given: dict[str, str]) -> None:
    carrier.calls.take_from(phone, "anonymous" if given.get("withheld") else None)


def _answer(carrier: Carrier, phone: Handset, given: dict[str, str]) -> None:
    if phone.line is not None:
        phone.line.answer()


def _decline(carrier: Carrier, phone: Handset, given: dict[str, str]) -> None:
    if phone.line is not None:
        phone.line.decline()


def _key(carrier: Carrier, phone: Handset, given: dict[str, str]) -> None:
    if phone.line is not None and phone.in_call:
        for key in given.get("keys", ""):
            if key in "0123456789*#":
                phone.line.press(key)


def _say(carrier: Carrier, phone: Handset, given: dict[str, str]) -> None:
    if phone.line is not None and phone.in_call:
        phone.line.speak(given.get("words", ""))


def _hang_up(carrier: Carrier, phone: Handset, given: dict[str, str]) -> None:
    if phone.line is not None:
        phone.line.hang_up()


def _mode(carrier: Carrier, phone: Handset, given: dict[str, str]) -> None:
    phone.mode = Mode(given.get("mode", ""))


_VERBS: dict[str, Callable[[Carrier, Handset, dict[str, str]], None]] = {
    "text": _text,
    "picture": _picture,
    "call": _call,
    "answer": _answer,
    "decline": _decline,
    "key": _key,
    "say": _say,
    "hang-up": _hang_up,
    "mode": _mode,
}


async def _body(request: web.Request) -> dict[str, str]:
    try:
        given = await request.json()
    except ValueError:
        given = {}
    return given if isinstance(given, dict) else {}


def _environment() -> Environment:
    pages = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True)
    pages.filters["clock_time"] = clock_time
    pages.filters["hour"] = lambda value: clock_time(value).removesuffix(":00")
    return pages
