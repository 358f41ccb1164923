"""Signing in and out as a browser does it: the cookie, where one goes, links, own sessions, the end of a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.adapters.web.kept_form import local_path
from oncall.adapters.web.people.letting_in import REFUSED, browser_words
from oncall.service.people.accounts import FIRST
from tests.support.web_house import MUM, WebHouse, web_house

Client = TestClient[web.Request, web.Application]
GOOD, OTHER = "four unrelated words", "and four quite other ones"


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    await made.sign_in.set_password("cho", GOOD, "test")
    yield made
    await made.close()


async def sign_in(client: Client, person: str = "cho", password: str = GOOD, **more: str) -> Any:
    form = {"person": person, "password": password, **more}
    return await client.post("/login", data=form, allow_redirects=False)


async def test_a_page_is_asked_for_again_after_signing_in(house: WebHouse) -> None:
    client, case = await house.api(None), await house.text(MUM, "she is stiff")
    async with client.get(f"/cases/{case.id}?show=people", allow_redirects=False) as answer:
        assert answer.status == 303
        where = answer.headers["Location"]
    assert where == f"/login?next=/cases/{case.id}%3Fshow%3Dpeople"
    async with client.get(where) as answer:
        page = await answer.text()
    assert f'name="next" value="/cases/{case.id}?show=people"' in page
    answer = await sign_in(client, next=f"/cases/{case.id}?show=people")
    assert (answer.status, answer.headers["Location"]) == (303, f"/cases/{case.id}?show=people")
    async with client.get(answer.headers["Location"]) as page:
        assert "Dr Park</a>" in await page.text()


@pytest.mark.parametrize(
    "told",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/ok\nSet-Cookie: a=b",
        "",
        "evil",
        "/logout",
        "///evil.example",
        "//[",
        "http://[",
        "http:/x",
    ],
)
def test_one_goes_nowhere_else_after_signing_in(told: str) -> None:
    assert local_path(told) == "/"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126 Safari/537.36 Edg/126", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari on iPhone"),
        ("<script>", "A browser"),
    ],
)
def test_a_browser_is_told_in_few_words(agent: str, words: str) -> None:
    assert browser_words(agent) == words


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: WebHouse) -> None:
    cookie = (await sign_in(await house.api(None))).headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    behind_tls = replace(house, given=replace(house.given, is_https=True))
    cookie = (await sign_in(await behind_tls.api(None))).headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie.split("; ")


async def test_every_refusal_is_the_same_page(house: WebHouse) -> None:
    client, pages = await house.api(None), set()
    for person, password in [("cho", OTHER), ("zed", GOOD), ("dia", GOOD), *[("cho", OTHER)] * 5, ("cho", GOOD)]:
        answer = await sign_in(client, person, password)
        assert answer.status == 401
        assert "Set-Cookie" not in answer.headers
        pages.add((await answer.text()).replace(f'value="{person}"', 'value=""'))
    assert len(pages) == 1
    assert REFUSED in pages.pop()


async def test_signing_in_again_ends_the_session_before_it(house: WebHouse) -> None:
    client = await house.api(None)
    before = (await sign_in(client)).cookies["session"].value
    after = (await sign_in(client)).cookies["session"].value
    assert before != after
    assert await house.sign_in.who(before) is None
    assert await house.sign_in.who(after) is not None


async def test_after_signing_out_the_cookie_is_nobodys(house: WebHouse) -> None:
    client = await house.api("cho")
    [session] = await house.sign_in.sessions("cho")
    async with client.post("/logout") as answer:
        assert "You are signed out." in await answer.text()
    assert await house.sign_in.sessions("cho") == []
    assert session.person == "cho"
    async with client.get("/", allow_redirects=False) as answer:
        assert answer.status == 303


async def test_a_link_is_looked_at_by_previews_and_used_by_its_button_once(house: WebHouse) -> None:
    token = await house.sign_in.new_link("vera", FIRST, "test")
    client = await house.api(None)
    for _ in range(3):
        async with client.get(f"/first/{token}") as answer:
            assert "Vera Nowak" in await answer.text()
    for password, again, said in ((GOOD, OTHER, "not the same"), ("short", "short", "12 characters")):
        async with client.post(f"/first/{token}", data={"password": password, "again": again}) as answer:
            assert answer.status == 422
            assert said in await answer.text()
    async with client.post(f"/first/{token}", data={"password": GOOD, "again": GOOD}) as answer:
        assert answer.url.path == "/"
        assert "Vera Nowak</a>" in await answer.text()
    async with client.get(f"/first/{token}") as answer:
        assert answer.status == 404
    assert (await sign_in(await house.api(None), "vera")).status == 303


async def test_ones_own_sessions_are_listed_and_ended_and_anothers_only_by_an_administrator(house: WebHouse) -> None:
    here, elsewhere = await house.api("cho"), await house.api("cho")
    sessions = await house.sign_in.sessions("cho")
    async with here.get("/account") as answer:
        page = await answer.text()
    assert all(f"/account/sessions/{session.id}/end" in page for session in sessions)
    vera, adam = await house.api("vera"), await house.api("adam")
    path = f"/account/sessions/{sessions[0].id}/end"
    async with vera.post(path) as answer:
        assert answer.status == 403
    async with adam.post(path) as answer:
        assert answer.url.path == "/accounts"
    assert len(await house.sign_in.sessions("cho")) == 1
    assert elsewhere is not here


async def test_the_password_is_changed_with_the_present_one(house: WebHouse) -> None:
    client = await house.api("cho")
    async with client.post("/account/password", data={"old": OTHER, "password": OTHER, "again": OTHER}) as answer:
        assert answer.status == 422
        assert "present password is not right" in await answer.text()
    async with client.post("/account/password", data={"old": GOOD, "password": OTHER, "again": OTHER}) as answer:
        assert "The password is changed" in await answer.text()
    assert (await sign_in(await house.api(None), password=OTHER)).status == 303


async def test_the_boards_stream_ends_with_its_session(house: WebHouse) -> None:
    client = await house.api("cho")
    [session] = await house.sign_in.sessions("cho")
    async with client.get("/events") as stream, asyncio.timeout(4):
        await stream.content.readuntil(b"\n\n")
        await house.sign_in.end(session.id, "adam")
        assert (await stream.content.readuntil(b"\n\n")).startswith(b"event: ended")
        assert await stream.content.read() == b""
    async with client.get("/events") as answer:
        assert answer.status == 401
    async with client.get("/?part=live") as answer:
        assert answer.status == 401, "a script is refused; only a page is sent to sign in"


async def test_the_api_says_401_as_a_program_reads_it(house: WebHouse) -> None:
    async with (await house.api(None)).get("/v1/cases") as answer:
        assert (answer.status, answer.content_type) == (401, "application/problem+json")


@pytest.mark.parametrize("headers", [{"Host": "["}, {"Host": "127.0.0.1:x"}, {"Origin": "http://["}, {"Origin": "["}])
async def test_a_name_that_is_none_is_refused_and_breaks_nothing(house: WebHouse, headers: dict[str, str]) -> None:
    client = await house.api(None)
    async with client.post("/login", data={"person": "maria"}, headers=headers) as answer:
        assert answer.status in (400, 401, 403, 421)
