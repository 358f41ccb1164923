"""The carrier's REST interface, as the official client speaks it: texts and calls of one account.

Answers carry exactly the published fields; refusals are Twilio's own error JSON. What was accepted begins
only after the answer is on its way, so that no callback overtakes it. Ordered faults act here: refused, 500,
never answered. Deliberately not here: what happens to an accepted text or call (texts.py, calls.py).
"""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.faults import What
from oncall.adapters.rehearsal.line import Ask
from oncall.adapters.rehearsal.records import NOWHERE, VERSION, Call, Callback, Refusal, Text
from oncall.adapters.rehearsal.rest_account import RestAccount
from oncall.adapters.rehearsal.rest_conferences import RestConferences
from oncall.adapters.rehearsal.sounds_and_pictures import tone

_BASE = f"/{VERSION}/Accounts/{{account}}"
_LOOK_S = 0.1  # how often a request that is never answered looks whether its sender has gone
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Given = MultiMapping[Any]


class Rest:
    """Routes of the REST interface for one carrier and one account."""

    def __init__(self, carrier: Carrier, auth_token: str) -> None:
        self._carrier = carrier
        credentials = f"{carrier.line.account_sid}:{auth_token}".encode()
        self._authorization = "Basic " + base64.b64encode(credentials).decode()
        self.closing = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        def route(method: str, path: str, handler: Handler) -> web.RouteDef:
            return web.route(method, _BASE + path, self._guarded(handler))

        return [
            *RestAccount(self._carrier).routes(self._guarded),
            route("POST", "/Messages.json", self._send_text),
            route("GET", "/Messages.json", self._list_texts),
            route("GET", "/Messages/{sid}.json", self._one_text),
            route("POST", "/Messages/{sid}.json", self._update_text),
            route("POST", "/Calls.json", self._place_call),
            route("GET", "/Calls.json", self._list_calls),
            route("GET", "/Calls/{sid}.json", self._one_call),
            route("POST", "/Calls/{sid}.json", self._update_call),
            route("GET", "/Recordings/{sid}.json", self._one_recording),
            route("GET", r"/Recordings/{sid:RE[0-9a-f]{32}}{ending:(\.wav|\.mp3)?}", self._recording_sound),
            route("DELETE", r"/Recordings/{sid:RE[0-9a-f]{32}}.json", self._forget_recording),
            route("GET", "/Messages/{message}/Media.json", self._list_pictures),
            route("GET", r"/Messages/{message}/Media/{sid:ME[0-9a-f]{32}}", self._picture),
            route("DELETE", r"/Messages/{message}/Media/{sid:ME[0-9a-f]{32}}.json", self._forget_picture),
            *(route(*known) for known in RestConferences(self._carrier, _page).handlers()),
            route("*", "/{rest:.*}", self._nothing_here),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                if self._carrier.is_down:
                    raise Refusal(20503, 503)
                if slow := self._carrier.faults.take("any", "", "slow"):
                    await self._hold_up(slow.seconds)
                self._check_credentials(request)
                return await handler(request)
            except Refusal as refused:
                return web.json_response(refused.published(), status=refused.status)

        return guarded

    def _check_credentials(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), self._authorization.encode()):
            raise Refusal(20003, 401)
        if request.match_info.get("account", self._carrier.line.account_sid) != self._carrier.line.account_sid:
            raise Refusal(20404, 404)

    async def _nothing_here(self, request: web.Request) -> web.StreamResponse:
        raise Refusal(20404, 404, f"The requested resource {request.path} was not found")

    # texts

    async def _send_text(self, request: web.Request) -> web.StreamResponse:
        given = await request.post()
        texts = self._carrier.texts

        def accept() -> Text:
            return texts.new(
                _field(given, "To"),
                _field(given, "From"),
                _field(given, "Body"),
                media=tuple(map(str, given.getall("MediaUrl", ()))),
                status_callback=_callback(given, "StatusCallback", method="POST"),
                messaging_service_sid=_field(given, "MessagingServiceSid") or None,
                validity_s=_whole(given, "ValidityPeriod"),
            )

        return await self._take(request, "text", _field(given, "To"), accept, texts.carry)

    async def _one_text(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._find(self._carrier.texts.all, request).published())

    async def _update_text(self, request: web.Request) -> web.StreamResponse:
        text: Text = self._find(self._carrier.texts.all, request)
        given = await request.post()
        if _field(given, "Status") == "canceled" and text.status == "queued":
            text.move("canceled", self._carrier.pulse.now())
        return web.json_response(text.published())

    async def _list_texts(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        found = [
            text
            for text in reversed(self._carrier.texts.all.values())
            if query.get("To") in (None, text.to)
            and query.get("From") in (None, text.sender)
            and _in_span(text.sent_at or text.created_at, query, "DateSent")
        ]
        return _page(request, "messages", found)

    # calls

    async def _place_call(self, request: web.Request) -> web.StreamResponse:
        given = await request.post()
        calls = self._carrier.calls

        def accept() -> Call:
            return calls.new(
                _field(given, "To"),
                _field(given, "From"),
                document=_callback(given, "Url", "Method"),
                twiml=_field(given, "Twiml"),
                fallback=_callback(given, "FallbackUrl", "FallbackMethod"),
                status_callback=_callback(given, "StatusCallback", "StatusCallbackMethod"),
                events=tuple(map(str, given.getall("StatusCallbackEvent", ("completed",)))),
                timeout_s=min(_whole(given, "Timeout") or 60, 600),
                machine_detection=_field(given, "MachineDetection"),
                amd_callback=_amd_callback(given),
            )

        return await self._take(request, "call", _field(given, "To"), accept, calls.begin)

    async def _one_call(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._find(self._carrier.calls.all, request).published())

    async def _update_call(self, request: web.Request) -> web.StreamResponse:
        call: Call = self._find(self._carrier.calls.all, request)
        given = await request.post()
        if status := _field(given, "Status"):
            self._carrier.calls.stop(call, status)
        elif given.keys() & {"Url", "Twiml"}:
            turn = Ask(_callback(given, "Url", "Method"), twiml=_field(given, "Twiml"))
            self._carrier.calls.turn(call, turn)
        await self._carrier.pulse.settle_soon()
        return web.json_response(call.published())

    async def _list_calls(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        found = [
            call
            for call in reversed(self._carrier.calls.all.values())
            if query.get("To") in (None, call.to)
            and query.get("From") in (None, call.caller)
            and query.get("ParentCallSid") in (None, call.parent_sid)
            and query.get("Status") in (None, call.published()["status"])
            and _in_span(call.answered_at or call.created_at, query, "StartTime")
        ]
        return _page(request, "calls", found)

    # recordings

    async def _one_recording(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._find(self._carrier.calls.recordings, request).published())

    async def _recording_sound(self, request: web.Request) -> web.StreamResponse:
        recording = self._find_file(self._carrier.calls.recordings, request)
        return web.Response(body=tone(recording.seconds), content_type="audio/x-wav")

    async def _forget_recording(self, request: web.Request) -> web.StreamResponse:
        recording = self._find(self._carrier.calls.recordings, request)
        del self._carrier.calls.recordings[recording.sid]
        return web.Response(status=204)

    # pictures

    async def _list_pictures(self, request: web.Request) -> web.StreamResponse:
        message = request.match_info["message"]
        found = [picture for picture in self._carrier.texts.pictures.values() if picture.message_sid == message]
        return _page(request, "media_list", found)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        picture = self._find_file(self._carrier.texts.pictures, request)
        return web.Response(body=picture.body, content_type=picture.media_type)

    async def _forget_picture(self, request: web.Request) -> web.StreamResponse:
        picture = self._find(self._carrier.texts.pictures, request)
        del self._carrier.texts.pictures[picture.sid]
        return web.Response(status=204)

    # accepting, with what may go wrong

    async def _take(
        self,
        request: web.Request,
        on: What,
        number: str,
        accept: Callable[[], Any],
        begin: Callable[[Any], Any],
    ) -> web.StreamResponse:
        """Refuse, fail, hang or accept, as ordered; what was accepted begins once the answer is out."""
        faults = self._carrier.faults
        if (refused := faults.take(on, number, "refuse")) is not None:
            raise Refusal(refused.code, refused.status)
        if faults.take(on, number, "server_error"):
            return _server_error()
        if faults.take(on, number, "hang"):
            return await self._never_answer(request)
        with self._carrier.pulse.working():
            record = accept()
            if faults.take(on, number, "accept_then_hang"):
                begin(record)
            else:
                broken = faults.take(on, number, "accept_then_error")
                response = _server_error() if broken else web.json_response(record.published(), status=201)
                await response.prepare(request)
                await response.write_eof()
                begin(record)
                return response
        return await self._never_answer(request)

    async def _never_answer(self, request: web.Request) -> web.StreamResponse:
        """Hold the request open until its sender gives up or the training ground closes."""
        while request.transport is not None and not self.closing.is_set():
            try:
                await asyncio.wait_for(self.closing.wait(), _LOOK_S)
            except TimeoutError:
                continue
        return _server_error()

    async def _hold_up(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.closing.wait(), seconds)

    def _find_file(self, records: Mapping[str, Any], request: web.Request) -> Any:
        if self._carrier.faults.take("file", "", "server_error"):
            raise Refusal(20500, 500)
        return self._find(records, request)

    def _find(self, records: Mapping[str, Any], request: web.Request) -> Any:
        record = records.get(request.match_info["sid"])
        if record is None:
            raise Refusal(20404, 404, f"The requested resource {request.path} was not found")
        return record


def _field(given: Given, name: str) -> str:
    return str(given.get(name, ""))


def _whole(given: Given, name: str) -> int | None:
    value = _field(given, name)
    return int(value) if value.isdigit() else None


def _callback(given: Given, name: str, method_name: str = "", method: str = "POST") -> Callback:
    url = _field(given, name)
    return Callback(url, _field(given, method_name).upper() or method) if url else NOWHERE


def _amd_callback(given: Given) -> Callback:
    asynchronous = _field(given, "AsyncAmd").lower() == "true"
    return _callback(given, "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod") if asynchronous else NOWHERE


def _in_span(at: datetime, query: Mapping[str, str], name: str) -> bool:
    """`DateSent` is a whole day; `DateSent>` and `DateSent<` are on or after, on or before."""
    day, after, before = (_instant(query.get(name + sign)) for sign in ("", ">", "<"))
    return (
        (day is None or day <= at < day + timedelta(days=1))
        and (after is None or at >= after)
        and (before is None or at <= before)
    )


def _instant(value: str | None) -> datetime | None:
    if not value:
        return None
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _page(request: web.Request, name: str, found: list[Any]) -> web.Response:
    size, page = int(request.query.get("PageSize", 50)), int(request.query.get("Page", 0))
    shown = found[page * size : (page + 1) * size]

    def uri(number: int) -> str:
        return str(request.rel_url.update_query(Page=str(number), PageSize=str(size)))

    body = {
        "end": page * size + max(len(shown) - 1, 0),
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1) if len(found) > (page + 1) * size else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": uri(page - 1) if page else None,
        "start": page * size,
        "uri": uri(page),
        name: [record.published() for record in shown],
    }
    return web.json_response(body)


def _server_error() -> web.Response:
    error = Refusal(20500, 500, "An internal server error has occurred")
    return web.json_response(error.published(), status=500)
