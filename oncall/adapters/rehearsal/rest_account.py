"""The part of the carrier's REST interface that is about the account and its number, as `oncall preflight` asks it.

Account, balance, the number with its addresses (list and update), and the registration of senders on the messaging
host. Deliberately not here: texts and calls (rest.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from oncall.adapters.rehearsal.account import SERVICE_SID
from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.records import VERSION, Callback, Refusal

_ACCOUNT = f"/{VERSION}/Accounts/{{account}}"
_CAMPAIGNS = f"/v1/Services/{SERVICE_SID}/Compliance/Usa2p"
_ADDRESSES = {"Voice": "voice", "VoiceFallback": "voice_fallback", "Sms": "text", "SmsFallback": "text_fallback"}


class RestAccount:
    """Handlers for one carrier; `guarded` checks credentials and answers refusals."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def routes(self, guarded: Callable[[Handler], Handler]) -> list[web.RouteDef]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", f"{_ACCOUNT}.json", self._account),
            ("GET", f"{_ACCOUNT}/Balance.json", self._balance),
            ("GET", f"{_ACCOUNT}/IncomingPhoneNumbers.json", self._list_lines),
            ("POST", f"{_ACCOUNT}/IncomingPhoneNumbers/{{sid}}.json", self._update_line),
            ("GET", "/v1/Services", self._services),
            ("GET", f"/v1/Services/{SERVICE_SID}/PhoneNumbers", self._senders),
            ("GET", _CAMPAIGNS, self._campaigns),
            ("GET", "/v1/Tollfree/Verifications", self._verifications),
        ]
        return [web.route(method, path, guarded(self._with_trouble(handler))) for method, path, handler in table]

    def _with_trouble(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            if (refused := self._carrier.faults.take("account", "", "refuse", "server_error")) is not None:
                code, status = (20500, 500) if refused.kind == "server_error" else (refused.code, refused.status)
                raise Refusal(code, status)
            response = await handler(request)
            ahead = timedelta(seconds=self._carrier.account.clock_runs_ahead_s)
            if ahead:
                response.headers["Date"] = format_datetime(self._carrier.pulse.now() + ahead, usegmt=True)
            return response

        return answer

    async def _account(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._carrier.account.published(self._carrier.line.account_sid))

    async def _balance(self, request: web.Request) -> web.StreamResponse:
        account = self._carrier.account
        if account.balance is None:
            raise Refusal(20404, 404)
        told = {"balance": account.balance, "currency": account.currency}
        return web.json_response({"account_sid": self._carrier.line.account_sid, **told})

    # the number

    async def _list_lines(self, request: web.Request) -> web.StreamResponse:
        line = self._carrier.line
        asked = request.query.get("PhoneNumber")
        found = [line.published()] if self._carrier.account.owns_line and asked in (None, line.number) else []
        uri = str(request.rel_url)
        places = {"uri": uri, "first_page_uri": uri, "next_page_uri": None, "previous_page_uri": None}
        counts = {"page": 0, "page_size": 50, "start": 0, "end": 0}
        return web.json_response({**places, **counts, "incoming_phone_numbers": found})

    async def _update_line(self, request: web.Request) -> web.StreamResponse:
        line, given = self._carrier.line, await request.post()
        if request.match_info["sid"] != line.published()["sid"] or not self._carrier.account.owns_line:
            raise Refusal(20404, 404)
        for name, attribute in {**_ADDRESSES, "StatusCallback": "status"}.items():
            url_name = name if name == "StatusCallback" else f"{name}Url"
            before: Callback = getattr(line, attribute)
            url, method = given.get(url_name, before.url), given.get(f"{name}Method", before.method)
            setattr(line, attribute, Callback(str(url), str(method)))
        return web.json_response(line.published())

    # the registration of senders, on the messaging host

    async def _services(self, request: web.Request) -> web.StreamResponse:
        account, line = self._carrier.account, self._carrier.line
        exists = account.campaign is not None or account.service_takes_texts
        return _listed(request, "services", [account.published_service(line.account_sid)] if exists else [])

    async def _senders(self, request: web.Request) -> web.StreamResponse:
        line = self._carrier.line
        sender = {"sid": line.published()["sid"], "phone_number": line.number, "service_sid": SERVICE_SID}
        return _listed(request, "phone_numbers", [sender])

    async def _campaigns(self, request: web.Request) -> web.StreamResponse:
        status = self._carrier.account.campaign
        return _listed(request, "compliance", [{"sid": "QE" + "0" * 32, "campaign_status": status}] if status else [])

    async def _verifications(self, request: web.Request) -> web.StreamResponse:
        status = self._carrier.account.toll_free
        return _listed(request, "verifications", [{"sid": "HH" + "0" * 32, "status": status}] if status else [])


def _listed(request: web.Request, key: str, found: list[dict[str, Any]]) -> web.Response:
    """A page of the newer interface, which says under `meta` where its rows are."""
    url = str(request.url)
    meta = {"key": key, "page": 0, "page_size": 50, "url": url, "first_page_url": url}
    return web.json_response({"meta": {**meta, "next_page_url": None, "previous_page_url": None}, key: found})
