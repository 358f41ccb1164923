"""Who may come where: every address of both listeners against everybody who may ask, and what a session's forms carry.

The table is written by hand and its addresses are held against the routes, so that a new route needs a row here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.adapters.web.app import internal_app
from oncall.adapters.web.routes import OUTSIDE as AT_OUTSIDE
from oncall.adapters.web.routes import internal_routes, public_routes
from oncall.adapters.web.who_may import add_guarded, needs, roles
from oncall.core.handbook import Handbook
from oncall.service.people.accounts import csrf_of
from tests.support.ward import open_ward
from tests.support.web_house import ACTING, DEVICE, MUM, WebHouse, bearer, shipped_handbook, web_house

Client = TestClient[web.Request, web.Application]
WHO = ("nobody", "viewer", "clinician", "coordinator", "rules_owner", "admin", "device", "acting")
PEOPLE = {"viewer": "vera", "clinician": "cho", "coordinator": "cora", "rules_owner": "rosa", "admin": "adam"}
TOKENS = {"device": DEVICE, "acting": ACTING}
PAGE = "303 200 200 200 200 200 303 303"
COORDINATORS_PAGE = "303 403 403 200 403 403 303 303"  # there is no draft
ADMINS_PAGE = "303 403 403 403 403 200 303 303"
API = "401 200 200 200 200 200 200 200"
PATIENTS = "401 401 401 401 401 401 403 403"  # neither token was made for it
NO_PATIENT = "303 404 404 404 404 404 303 303"
ACT = "401 401 401 401 401 401 403 404"  # there is no such case
LINK = "404 404 404 404 404 404 404 404"  # there is no such link
TAKES_OUT = "303 403 200 200 403 403 303 303"
OPEN = "200 200 200 200 200 200 200 200"
ACTS = "acknowledge take pass call hand-over say-back reached close undo add note link unlink"
NOTHING = {"request": "R9", "act": "approve", "drill": "x", "waiting": "x", "patient": "nobody", "subject": "x"}
INTERNAL = {
    "GET /": PAGE,
    "GET /cases/{case}": PAGE,
    "GET /cases/{case}/enclosures/{name}": "303 404 404 404 404 404 303 303",  # there is no such enclosure
    "GET /cases/{case}/picture.svg": PAGE,
    **{f"GET /cases/{{case}}/record.{kind}": TAKES_OUT for kind in ("txt", "pdf", "csv", "json")},
    "POST /cases/{case}/acts/{act}": "401 403 404 403 403 403 401 401",  # there is no such case
    "POST /cases/{case}/links": "401 403 404 404 403 403 401 401",
    "POST /cases/{case}/number": "401 403 404 404 403 403 401 401",
    "GET /handover": "303 403 200 403 403 403 303 303",
    "POST /handover/{case}": "401 403 404 403 403 403 401 401",  # there is no such case
    "GET /board/kiosk": PAGE,
    "GET /new-call": PAGE,
    "POST /new-call": "401 422 422 422 422 422 401 401",
    "GET /rota": PAGE,
    "GET /rota/history": PAGE,
    "GET /rota/requests": PAGE,
    "GET /rota/requests/new": "303 403 200 200 403 403 303 303",
    "POST /rota/requests": "401 403 422 422 403 403 401 401",  # no shift is named
    "GET /rota/requests/{request}": "303 404 404 404 404 404 303 303",  # there is no such request
    "POST /rota/requests/{request}/{act}": "401 403 404 404 403 403 401 401",
    "GET /rota/drills": PAGE,
    "POST /rota/drills": "401 403 403 303 403 403 401 401",
    "GET /rota/drills/{drill}": "303 404 404 404 404 404 303 303",  # there is no such drill
    "GET /rota/print/drills": PAGE,
    "GET /rota/print/month": PAGE,
    "GET /rota/print/operator": PAGE,
    "GET /rota/print/card/{person}": "303 404 404 404 404 404 303 303",  # there is no such person
    "GET /team": PAGE,
    "GET /team/{person}": "303 404 404 404 404 404 303 303",  # there is no such person
    "POST /team/{person}/numbers": "401 403 404 404 403 403 401 401",
    "POST /team/{person}/test": "401 403 404 404 403 403 401 401",
    "POST /team/{person}/calendars": "401 403 404 404 403 403 401 401",
    "GET /team/{person}/leave": "303 403 403 404 403 403 303 303",
    "POST /team/{person}/leave": "401 403 403 404 403 403 401 401",
    "POST /team/{person}/return": "401 403 403 404 403 403 401 401",
    "GET /reports": PAGE,
    "GET /reports.csv": PAGE,
    "GET /reports.pdf": PAGE,
    "GET /reports/retention": ADMINS_PAGE,
    "POST /reports/retention": "401 403 403 403 403 400 401 401",  # no button was pressed
    "GET /health": PAGE,
    "GET /patients": PAGE,
    "GET /patients/{patient}": NO_PATIENT,
    "GET /patients/new": "303 403 200 200 403 403 303 303",
    "POST /patients": "401 403 422 422 403 403 401 401",
    "GET /patients/{patient}/edit": "303 403 404 404 403 403 303 303",
    "POST /patients/{patient}": "401 403 404 404 403 403 401 401",
    "POST /patients/{patient}/leave": "401 403 404 404 403 403 401 401",
    "POST /patients/{patient}/return": "401 403 404 404 403 403 401 401",
    "POST /patients/{patient}/phones": "401 403 404 404 403 403 401 401",
    "GET /patients/import": "303 403 403 200 403 403 303 303",
    "POST /patients/import": "401 403 403 422 403 403 401 401",
    "GET /patients/export/{subject}": "303 403 403 404 403 403 303 303",  # there is no such table
    "GET /search": PAGE,
    "POST /search": "401 200 200 200 200 200 401 401",
    "GET /patients/due": PAGE,
    "POST /patients/due": "401 403 422 422 403 403 401 401",
    "POST /patients/due/undo": "401 403 303 303 403 403 401 401",  # nothing of that name is to be taken back
    "GET /patients/due/year": PAGE,
    "GET /patients/sweep": COORDINATORS_PAGE,
    "POST /patients/sweep": "401 403 403 303 403 403 401 401",
    "POST /patients/sweep/stop": "401 403 403 303 403 403 401 401",
    "GET /tasks": PAGE,
    "POST /tasks/cases/{case}/done": "401 403 422 422 403 403 401 401",  # no such case waits
    "POST /tasks/{task}/{act}": "401 403 404 404 403 403 401 401",  # "approve" is nothing to do with a task
    "GET /rules": PAGE,
    "GET /rules/chapter/{name}": "303 404 404 404 404 404 303 303",  # there is no such chapter
    "GET /rules/rule/{rule}": "303 404 404 404 404 404 303 303",  # there is no such rule
    "GET /rules/bench": PAGE,
    "POST /rules/bench": "401 200 200 200 200 200 401 401",
    "POST /rules/examples": "401 200 200 200 200 200 401 401",
    "GET /rules/proposals": PAGE,
    "GET /rules/proposals/{proposal}": "303 404 404 404 404 404 303 303",  # there is no such proposal
    "POST /rules/proposals/{proposal}/withdraw": "401 404 404 404 404 404 401 401",
    "POST /rules/proposals/{proposal}/approve": "401 403 403 403 404 403 401 401",
    "POST /rules/proposals/{proposal}/reject": "401 403 403 403 404 403 401 401",
    "POST /rules/proposals/{proposal}/proof": "401 403 403 403 404 403 401 401",
    "GET /events": "401 200 200 200 200 200 401 401",
    "POST /logout": "401 303 303 303 303 303 401 401",
    "GET /account": PAGE,
    "POST /account/password": "401 422 422 422 422 422 401 401",
    "POST /account/sessions/{session}/end": "401 403 403 403 403 404 401 401",
    "GET /rota/edit/{form}": COORDINATORS_PAGE,
    "POST /rota/edit/{form}": "401 403 403 422 403 403 401 401",
    "GET /rota/import": COORDINATORS_PAGE,
    "POST /rota/import": "401 403 403 422 403 403 401 401",  # no file
    "GET /rota/preview": COORDINATORS_PAGE,
    "POST /rota/publish": "401 403 403 303 403 403 401 401",
    "POST /rota/publish/when-proven": "401 403 403 303 403 403 401 401",
    "POST /rota/waiting/{waiting}/cancel": "401 403 403 404 403 403 401 401",  # nothing waits under this name
    "POST /rota/draft": "401 403 403 400 403 403 401 401",
    "POST /rota/undo": "401 403 403 409 403 403 401 401",
    "GET /rota/restore/{edition}": "303 403 403 404 403 403 303 303",
    "POST /rota/restore/{edition}": "401 403 403 404 403 403 401 401",
    "GET /account/second": PAGE,
    "POST /account/second": "401 303 303 303 303 303 401 401",
    "POST /account/second/confirm": "401 422 422 422 422 422 401 401",
    "POST /account/second/end": "401 422 422 422 422 422 401 401",
    "GET /accounts": ADMINS_PAGE,
    "POST /accounts": "401 403 403 403 403 422 401 401",
    "POST /accounts/{person}/roles": "401 403 403 403 403 422 401 401",  # nobody signs in as that
    "POST /accounts/{person}/end": "401 403 403 403 403 422 401 401",
    "POST /accounts/{person}/second/end": "401 403 403 403 403 404 401 401",
    "GET /views": ADMINS_PAGE,
    "POST /v1/alarms": "401 401 401 401 401 401 201 201",
    "GET /v1/cases": API,
    "GET /v1/cases/{case}": API,
    **{f"POST /v1/cases/{{case}}/{name}": ACT for name in ACTS.split()},
    "GET /v1/patients": PATIENTS,
    "GET /v1/patients/{patient}": PATIENTS,
    "PUT /v1/patients/{patient}": PATIENTS,
    "GET /v1/on-call": API,
    "GET /v1/rotations/{name}/shifts": API,
    "POST /accounts/kiosks": "401 403 403 403 403 422 401 401",  # it says nowhere
    "POST /accounts/kiosks/{kiosk}/end": "401 403 403 403 403 422 401 401",  # there is no such screen
    "GET /kiosk/{token}": LINK,
    "GET /kiosk/{token}/events": LINK,
    "GET /first/{token}": LINK,
    "POST /first/{token}": LINK,
    "GET /login": "200 303 303 303 303 303 200 200",
    "POST /login": "401 401 401 401 401 401 401 401",
    "POST /login/code": "401 401 401 401 401 401 401 401",
    "GET /login/single-sign-on": LINK,  # this house has none
    "GET /login/back": LINK,
    "GET /openapi.json": OPEN,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /metrics": OPEN,
    "GET /static/...": OPEN,
}
PUBLIC = {
    "GET /p/{token}": OPEN,
    "GET /p/{token}/enclosures/{name}": "404 404 404 404 404 404 404 404",  # nothing is there
    "POST /p/{token}": "400 400 400 400 400 400 400 400",  # no button was pressed
    "GET /contact.vcf": OPEN,
    "GET /healthz": OPEN,
    "GET /static/...": OPEN,
}
FORGED = "403 403 403 403 403 403 403 403"  # whoever they are, it is not the carrier's signature
OUTSIDE = {
    "POST /twilio/text": FORGED,
    "POST /twilio/status": FORGED,
    "POST /twilio/recording": FORGED,
    "POST /twilio/proof": FORGED,
    "POST /twilio/trial": FORGED,
    "POST /twilio/voice": FORGED,
    "POST /twilio/voice/said": FORGED,
    "POST /twilio/voice/spoken": FORGED,
    "POST /twilio/voice/moved": FORGED,
    "POST /twilio/voice/trial": FORGED,
    "POST /twilio/voice/room": FORGED,
    "POST /twilio/voice/room/wait": FORGED,
    "POST /twilio/voice/notice": FORGED,
    "POST /twilio/voice/notice/key": FORGED,
    "POST /twilio/voice/out": FORGED,
    **{
        f"POST /twilio/voice/out/{step}": FORGED
        for step in ["family", "connect", "joined", "left", "machine", "accept", "keys"]
    },
    **{f"POST /twilio/voice/out/{step}": FORGED for step in ["confirm", "service", "outcome", "whom", "line", "sure"]},
    "GET /calendar/{token}.ics": LINK,
}
BODIES = {"POST /v1/alarms": b'{"id": "1", "tone": "two_tone"}'}


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


def without_examples() -> Handbook:
    """Running every example takes a second, and one of the addresses does."""
    book = shipped_handbook()
    chapters = tuple(replace(chapter, examples=()) for chapter in book.rulebook.chapters)
    return replace(book, rulebook=replace(book.rulebook, chapters=chapters))


def addresses(routes: Any) -> set[str]:
    inside = [guarded.route for guarded in routes]
    static = {f"GET {route.prefix}/..." for route in inside if isinstance(route, web.StaticDef)}
    return static | {f"{route.method} {route.path}" for route in inside if isinstance(route, web.RouteDef)}


async def how(house: WebHouse, who: str) -> dict[str, Any]:
    """Cookie and headers of one asker; a new session each time, because one of the addresses ends it."""
    if who not in PEOPLE:
        return {"headers": bearer(TOKENS[who]) if who in TOKENS else {}}
    token = await house.sign_in.open_session(PEOPLE[who])
    return {"headers": {"X-CSRF": csrf_of(token), "Cookie": f"session={token}"}}


async def table(house: WebHouse, client: Client, wanted: dict[str, str], **filled: str) -> dict[str, str]:
    got = {}
    for address in wanted:
        method, _, path = address.partition(" ")
        act_on_nothing = {"case": "none"} if method == "POST" else {}
        path = path.replace("...", "board.css").format(
            **{
                "request": "R9",
                "act": "approve",
                "drill": "x",
                "waiting": "x",
                "patient": "nobody",
                "subject": "x",
                **filled,
                **act_on_nothing,
            }
        )
        statuses = []
        for who in WHO:
            asked = await how(house, who)
            body = BODIES.get(address, b'{"other": "none"}' if "/v1/" in address else b"") if method == "POST" else None
            async with client.request(method, path, data=body, allow_redirects=False, **asked) as answer:
                statuses.append(str(answer.status))
                assert answer.headers["Cache-Control"] == "no-store", f"{address}: no copy stays anywhere"
                assert answer.headers["X-Frame-Options"] == "DENY", address
                assert "ETag" not in answer.headers or "static" in address, address
        got[address] = " ".join(statuses)
    return got


async def test_everybody_gets_what_the_table_says_at_every_internal_address() -> None:
    house = await web_house(handbook=without_examples())
    assert addresses(internal_routes()) == set(INTERNAL), "a new address needs its row in this table"
    case = await house.text(MUM, "she is stiff")
    client = await house.api(None)
    filled = {"token": "x", "name": "pump-team", "session": "x", "person": "x", "form": "cover", "edition": "x"}
    filled |= {"task": "x", "kiosk": "x", "rule": "x"}
    assert await table(house, client, INTERNAL, case=case.id, proposal="x", **filled) == INTERNAL
    await house.close()


async def test_nobody_signs_in_at_the_public_listener_and_everybody_gets_the_same(house: WebHouse) -> None:
    assert addresses(public_routes()) == set(PUBLIC), "a new address needs its row in this table"
    case = await house.text(MUM, "she is stiff")
    client = await house.phone()
    assert await table(house, client, PUBLIC, token=case.pages[0].token, name="x") == PUBLIC


async def test_no_session_and_no_token_stands_for_the_carriers_signature_or_a_calendars_link() -> None:
    async with open_ward() as ward:
        more = needs(AT_OUTSIDE, *ward.house.outside_routes())
        assert addresses(more) == set(OUTSIDE), "a new address needs its row in this table"
        base, who_comes = ward.house.hospital.public_url, ward.house.sign_in
        await ward.house.register.add_sender("device", None, DEVICE)
        await ward.house.register.add_sender("acting", "cho", ACTING)
        async with ward.client() as client:
            for address, wanted in OUTSIDE.items():
                method, _, path = address.partition(" ")
                for who, status in zip(WHO, wanted.split(), strict=True):
                    cookie = f"session={await who_comes.open_session(person)}" if (person := PEOPLE.get(who)) else "x"
                    asked = bearer(TOKENS[who]) if who in TOKENS else {"Cookie": cookie}
                    form = {"From": MUM, "Body": "stiff", "CallSid": "CA1", "MessageSid": "SM1"}
                    body = form if method == "POST" else None
                    address_asked = base + path.replace("{token}", "x")
                    async with client.request(method, address_asked, data=body, headers=asked) as answer:
                        assert str(answer.status) == status, (address, who)
        assert await ward.open_cases() == []


async def test_what_is_internal_is_not_outside_and_the_other_way_round(house: WebHouse) -> None:
    inside, outside = addresses(internal_routes()), addresses(public_routes())
    assert inside & outside == {"GET /healthz", "GET /static/..."}
    for client, only in ((await house.phone(), inside - outside), (await house.api(), outside - inside)):
        for address in only:
            method, _, path = address.partition(" ")
            filled = re.sub(r"{[^}]*}", "x", path)
            async with client.request(method, filled, allow_redirects=False) as answer:
                assert answer.status == 404, address


def test_a_route_that_does_not_say_who_may_come_keeps_the_house_from_opening() -> None:
    async def anybody(request: web.Request) -> web.Response:
        return web.Response()

    with pytest.raises(TypeError, match="does not say who may come"):
        add_guarded(web.Application(), [web.get("/new", anybody)])
    with pytest.raises(ValueError, match="no such role: nurse"):
        roles("nurse")


async def test_a_forgotten_route_is_refused_by_the_listener_itself(house: WebHouse) -> None:
    async def anybody(request: web.Request) -> web.Response:
        return web.Response()

    with pytest.raises(TypeError):
        internal_app(house.given, [web.get("/new", anybody)])


# --- every way of asking that is not the right one -------------------------------------------------------------------


def every_address(routes: Any) -> list[tuple[str, str, Any]]:
    """Method, a path with something in every place, and what is needed: of the routes themselves, so a new one too."""
    return [
        (guarded.route.method, re.sub(r"{[^}]*}", "x", guarded.route.path), guarded.need)
        for guarded in routes
        if isinstance(guarded.route, web.RouteDef)
    ]


def every_pattern(routes: Any) -> list[tuple[str, str]]:
    """Method and what its addresses look like: one address may be an example of two."""
    found = (guarded.route for guarded in routes if isinstance(guarded.route, web.RouteDef))
    return [(route.method, re.sub(r"{[^}]*}", "[^/]+", route.path)) for route in found]


async def status(client: Client, method: str, path: str, **asked: Any) -> int:
    async with client.request(method, path, allow_redirects=False, **asked) as answer:
        return answer.status


async def test_no_form_of_a_person_does_anything_without_the_sessions_own_word(house: WebHouse) -> None:
    """Every address that a person may post to, also those of tomorrow: whoever may come there is told that the form is
    old, and a page of another site is not even looked at."""
    client, tried = await house.api(None), 0
    for method, path, need in every_address(internal_routes()):
        if method != "POST" or not need.roles:
            continue
        who = next(name for role, name in PEOPLE.items() if role in need.roles)
        other = csrf_of(await house.sign_in.open_session(who))
        cookie = {"Cookie": f"session={await house.sign_in.open_session(who)}"}
        for told in ({}, {"X-CSRF": other}, {"X-CSRF": "é".encode().decode("latin-1")}):
            assert await status(client, method, path, headers=cookie | told) == 403, path
        own = csrf_of(cookie["Cookie"].removeprefix("session="))
        foreign = cookie | {"Sec-Fetch-Site": "cross-site", "X-CSRF": own}
        assert await status(client, method, path, headers=foreign) == 403, path
        tried += 1
    assert tried > 25
    assert await house.journal.open_cases() == []


async def test_a_session_that_is_over_and_a_token_that_was_taken_back_open_nothing(house: WebHouse) -> None:
    """Expired, ended, of somebody whose account ended, invented; a revoked token, an invented one, a wrong scheme."""
    client, sign_in = await house.api(None), house.sign_in
    ended, gone = await sign_in.open_session("vera"), await sign_in.open_session("rosa")
    for session in await sign_in.sessions("vera"):
        await sign_in.end(session.id, "test")
    await sign_in.accounts.change_account("rosa", lambda known: replace(known, ended=True), "test", house.clock.now())
    old = await sign_in.open_session("adam")
    house.later(days=3)
    await house.register.add_sender("taken back", "cho", "revoked-token")
    await house.register.revoke_sender("taken back", "test")
    cookies = [{"Cookie": f"session={token}"} for token in (ended, gone, old, "x", "é".encode().decode("latin-1"))]
    tokens = [bearer("revoked-token"), bearer("x"), bearer(""), {"Authorization": f"Basic {ACTING}"}]
    for method, path, need in every_address(internal_routes()):
        if need.is_open:
            continue
        for asked in (*cookies, *tokens):
            got = await status(client, method, path, headers=asked)
            assert got == 401 or (got == 303 and method == "GET" and need.roles), (path, asked, got)


@pytest.mark.parametrize("inside", [True, False], ids=["internal", "public"])
async def test_a_method_that_an_address_does_not_declare_is_refused_and_does_nothing(
    house: WebHouse, inside: bool
) -> None:
    """HEAD is a look without words and needs what the look needs; OPTIONS, TRACE and the like are nobody's."""
    client = await (house.api(None) if inside else house.phone())
    here = internal_routes() if inside else public_routes()
    routes, declared = every_address(here), every_pattern(here)
    known = {path: {method for method, other, _ in routes if other == path} for _, path, _ in routes}
    for path, methods in known.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} - methods:
            if not any(verb == method and re.fullmatch(like, path) for verb, like in declared):
                assert await status(client, method, path) == 405, (method, path)
    for method, path, _ in routes:
        if method == "GET" and path not in ("/events", "/kiosk/x/events", "/login/single-sign-on", "/login/back"):
            assert await status(client, "HEAD", path) == await status(client, "GET", path), path
    assert await status(client, "CONNECT", "/") in (400, 404, 405)


# --- forms of a session ----------------------------------------------------------------------------------------------


async def test_a_form_without_the_sessions_own_word_does_nothing(house: WebHouse) -> None:
    token, other = await house.sign_in.open_session("maria"), await house.sign_in.open_session("maria")
    client = await house.api(None)
    for told in ({}, {"csrf": ""}, {"csrf": csrf_of(other)}, {"csrf": csrf_of(token)[:-1]}):
        form = {"words": "stiff", **told}
        async with client.post("/new-call", data=form, headers={"Cookie": f"session={token}"}) as answer:
            assert answer.status == 403
            assert "Nothing was done" in await answer.text()
    assert await house.journal.open_cases() == []
    form = {"words": "stiff", "csrf": csrf_of(token)}
    headers = {"Cookie": f"session={token}"}
    async with client.post("/new-call", data=form, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 303


async def test_every_form_that_posts_carries_the_sessions_word(house: WebHouse) -> None:
    client = await house.api()
    await house.text(MUM, "she is stiff")
    case = await house.text("+16175550199", "leo is stiff")
    for path in ("/", f"/cases/{case.id}", "/new-call", "/rules", "/rules/bench", "/account", "/accounts", "/views"):
        async with client.get(path) as answer:
            page = await answer.text()
        forms = page.split('<form method="post"')[1:]
        assert forms, path
        for form in forms:
            assert '<input type="hidden" name="csrf"' in form.partition("</form>")[0], path


async def test_every_page_says_who_is_signed_in_and_has_a_way_out(house: WebHouse) -> None:
    client = await house.api()
    for path in (
        "/",
        "/new-call",
        "/rules",
        "/rules/chapter/office",
        "/rules/bench",
        "/account",
        "/accounts",
        "/views",
        "/nothing-here",
    ):
        async with client.get(path) as answer:
            page = await answer.text()
        assert "Maria Ortiz</a>" in page, path
        assert "Sign out</button>" in page, path


# --- looks -----------------------------------------------------------------------------------------------------------


async def test_every_look_at_patients_data_is_kept_and_listed(house: WebHouse) -> None:
    case = await house.text(MUM, "she is stiff")
    vera, cho, phone = await house.api("vera"), await house.api("cho"), await house.phone()
    for client, path in ((vera, "/"), (vera, f"/cases/{case.code}"), (vera, f"/cases/{case.code}?part=live")):
        async with client.get(path) as answer:
            assert answer.status == 200
    async with cho.get(f"/v1/cases/{case.id}") as answer:
        assert answer.status == 200
    async with (await house.api(None)).get("/v1/cases", headers=bearer(DEVICE)) as answer:
        assert answer.status == 200
    page = f"/p/{case.pages[0].token}"
    async with phone.get(page) as answer:
        assert answer.status == 200, "the short line names no patient: no look"
    async with phone.post(page, data={"act": "see", "digits": "0183"}) as answer:
        assert "she is stiff" in await answer.text()
    looks = [(view.who, view.address, view.subject) for view in await house.sign_in.accounts.views(20)]
    assert sorted(looks) == [
        ("cho", "/p/{token}", case.id),
        ("cho", "/v1/cases/{case}", case.id),
        ("program sender of device-token", "/v1/cases", ""),
        ("vera", "/", ""),
        ("vera", "/cases/{case}", case.id),
    ]
    async with (await house.api("adam")).get(f"/views?case={case.id}") as answer:
        listed = await answer.text()
    assert listed.count("<strong>") == 3
    assert "<strong>vera</strong>" in listed


async def test_an_open_page_that_looks_again_is_one_row_and_a_later_look_another(house: WebHouse) -> None:
    client = await house.api("vera")
    for minutes in (0, 1, 3, 2):
        house.later(minutes=minutes)
        async with client.get("/?part=live") as answer:
            assert answer.status == 200
    assert len(await house.sign_in.accounts.views(20)) == 2
