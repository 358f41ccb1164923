"""The second step, accounts and forms that came too late, as a browser sees them."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network

import pyotp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.adapters.web.kept_form import Kept, read_kept
from oncall.adapters.web.people.letting_in import REFUSED
from oncall.service.people.accounts import csrf_of
from tests.contract.test_sign_in_pages import GOOD, sign_in
from tests.support.web_house import WebHouse, web_house

Client = TestClient[web.Request, web.Application]
PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    await made.sign_in.set_password("cho", GOOD, "test")
    yield made
    await made.close()


async def read(client: Client, path: str, **form: str) -> tuple[int, str]:
    async with client.get(path) if not form else client.post(path, data=form) as answer:
        return answer.status, await answer.text()


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return html.unescape(found.group(1))


async def turned_on(house: WebHouse) -> tuple[pyotp.TOTP, list[str]]:
    client = await house.api("cho")
    _, page = await read(client, "/account/second", begin="")
    assert "<svg" in page
    assert "style=" not in page, "the page's own rule forbids inline style"
    address = re.search(r'href="(otpauth://[^"]+)"', page)
    assert address is not None
    telephone = pyotp.parse_uri(html.unescape(address.group(1)))
    assert isinstance(telephone, pyotp.TOTP)
    assert telephone.name == "cho"
    status, _ = await read(client, "/account/second/confirm", code="123")
    assert status == 422
    status, page = await read(client, "/account/second/confirm", code=telephone.at(house.clock.now()))
    assert status == 200
    codes = re.findall(r"<li><code>([a-z0-9-]+)</code>", page)
    assert len(codes) == 8
    _, page = await read(client, "/account/second")
    assert not any(code in page for code in codes), "shown once"
    assert telephone.secret not in page
    house.later(seconds=60)
    return telephone, codes


async def test_the_code_is_asked_on_a_second_page_and_then_one_goes_where_one_wanted(house: WebHouse) -> None:
    telephone, codes = await turned_on(house)
    client = await house.api(None)
    answer = await sign_in(client, next="/rules")
    page = await answer.text()
    assert (answer.status, "Set-Cookie" in answer.headers) == (200, False)
    told = {"word": field(page, "word"), "next": field(page, "next")}
    status, page = await read(client, "/login/code", code="000000", **told)
    assert status == 401
    assert REFUSED in page
    async with client.post(
        "/login/code", data={"code": telephone.at(house.clock.now()), **told}, allow_redirects=False
    ) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/rules")
        assert "HttpOnly" in answer.headers["Set-Cookie"]
    status, page = await read(client, "/login/code", code=codes[0], **told)
    assert (status, REFUSED in page) == (401, True), "half the way was walked once"


async def test_a_lost_second_step_keeps_no_clinician_from_a_case_and_an_administrator_takes_it_away(
    house: WebHouse,
) -> None:
    await turned_on(house)
    case = await house.text("+16175550142", "she is stiff")
    taken = await house.taken(case, "cho")
    assert taken.holder is not None
    adam = await house.api("adam")
    _, page = await read(adam, "/accounts")
    assert "/accounts/cho/second/end" in page
    _status, page = await read(adam, "/accounts/cho/second/end", now="1")
    assert "is taken away" in page
    assert (await sign_in(await house.api(None))).status == 303


async def test_the_administrators_pages_stay_closed_without_a_second_step_where_it_must_be(house: WebHouse) -> None:
    strict = house.sign_in
    strict._need_second = frozenset({"admin"})
    client = await house.api("maria")
    status, page = await read(client, "/accounts")
    assert status == 403
    assert "Administrators need a second step" in page
    assert (await read(client, "/"))[0] == 200
    assert "the administrators’ pages stay closed" in (await read(client, "/account"))[1]


# --- accounts --------------------------------------------------------------------------------------------------------


async def test_an_administrator_invites_and_the_link_is_shown_once(house: WebHouse) -> None:
    adam = await house.api("adam")
    invited = {"person": "Zoe", "name": "Zoe Quill", "role-viewer": "yes", "role-coordinator": "yes"}
    status, page = await read(adam, "/accounts", **invited)
    found = re.search(r"/first/([\w-]+)<", page)
    assert status == 200
    assert found is not None
    assert found.group(1) not in (await read(adam, "/accounts"))[1]
    zoe = await house.api(None)
    assert "Zoe Quill" in (await read(zoe, f"/first/{found.group(1)}"))[1]
    assert (await read(zoe, f"/first/{found.group(1)}", password=GOOD, again=GOOD))[0] == 200
    account = await house.sign_in.accounts.account("zoe")
    assert account is not None
    assert account.roles == {"viewer", "coordinator"}
    lines = [(line.who, line.what) for line in await house.register.audit(50)]
    assert ("adam", "accounts zoe added") in lines


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"person": "zoe"}, "is new: say who it is and what for."),
        ({"person": "Z", "name": "Z", "role-viewer": "yes"}, "A short name has"),
        ({"person": "operator", "role-viewer": "yes"}, "is a shared phone"),
    ],
)
async def test_who_cannot_be_invited_is_said_in_a_sentence(house: WebHouse, form: dict[str, str], said: str) -> None:
    status, page = await read(await house.api("adam"), "/accounts", **form)
    assert (status, said in page) == (422, True)


async def test_roles_change_at_once_and_an_account_ends_but_never_the_last_administrators(house: WebHouse) -> None:
    await house.sign_in.set_password("maria", GOOD, "test")
    maria, vera = await house.api("maria"), await house.api("vera")
    status, page = await read(maria, "/accounts/maria/roles", **{"role-coordinator": "yes"})
    assert (status, "the only administrator who can sign in" in page) == (422, True)
    assert (await read(maria, "/accounts/maria/end", now="1"))[0] == 422
    assert "Tick at least one role" in (await read(maria, "/accounts/vera/roles", now="1"))[1]
    assert (await read(vera, "/views"))[0] == 403
    assert "The roles are changed" in (await read(maria, "/accounts/vera/roles", **{"role-admin": "yes"}))[1]
    assert (await read(vera, "/views"))[0] == 200
    assert "The account has ended" in (await read(maria, "/accounts/vera/end", now="1"))[1]
    async with vera.get("/", allow_redirects=False) as answer:
        assert answer.status == 303


# --- a form that came too late ---------------------------------------------------------------------------------------


async def test_what_was_typed_when_the_session_ended_comes_back_after_signing_in(house: WebHouse) -> None:
    client, words = await house.api(None), '\n<b>she is "stiff"</b>\nand hot & red'
    old = {"csrf": csrf_of("an old session"), "words": words, "number": "+16175550142"}
    async with client.post("/new-call", data=old, headers=PAGE) as answer:
        page = await answer.text()
        assert answer.status == 401
    assert "what you typed comes back" in page
    assert await house.journal.open_cases() == []
    kept = field(page, "kept")
    assert "csrf" not in kept
    status, page = await read(client, "/login", person="cho", password="wrong", kept=kept)
    assert (status, field(page, "kept")) == (401, kept)
    status, page = await read(client, "/login", person="cho", password=GOOD, kept=kept)
    assert status == 200
    assert 'action="/new-call"' in page
    assert "<b>" not in page
    assert await house.journal.open_cases() == []
    form = {
        name: html.unescape(text).removeprefix("\n").replace("\n", "\r\n")
        for name, text in re.findall(r'<textarea name="(\w+)" hidden>(.*?)</textarea>', page, re.DOTALL)
    }
    assert form == {"words": words.replace("\n", "\r\n"), "number": "+16175550142"}
    async with client.post(
        "/new-call", data={**form, "csrf": field(page, "csrf")}, headers=PAGE, allow_redirects=False
    ) as answer:
        assert answer.status == 303
    assert len(await house.journal.open_cases()) == 1


async def test_passwords_are_not_kept_and_a_script_gets_its_401(house: WebHouse) -> None:
    client = await house.api(None)
    async with client.post("/account/password", data={"old": GOOD, "password": GOOD}, headers=PAGE) as answer:
        assert answer.status == 401
        page = await answer.text()
    assert GOOD not in page
    assert "kept" not in page
    async with client.post("/new-call", data={"words": "stiff"}, headers={"Accept": "application/json"}) as answer:
        assert (answer.status, "stiff" in await answer.text()) == (401, False)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "x",
        "[]",
        '{"a": 1}',
        '["https://evil.example/", [["a", "b"]]]',
        '["/logout", [["a", "b"]]]',
        '["/", [["a", "b"]]]',
        '["/new-call", []]',
        '["/new-call", [["a"]]]',
        '["/new-call", [[1, 2]]]',
        "[" * 3000,
    ],
)
def test_a_form_that_was_tampered_with_is_no_form(told: str) -> None:
    assert read_kept(told) is None


def test_a_kept_form_comes_back_as_it_was() -> None:
    form = Kept("/cases/x/links?show=1", (("other", "K7"), ("why", "both\nsay so")))
    assert read_kept(form.as_text()) == form


# --- from where ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "waits"),
    [
        ((), "10.9.9.{n}", True),  # nobody's word is taken
        (("127.0.0.0/8",), "10.9.9.{n}", False),
        (("127.0.0.0/8",), "10.9.9.{n}, 10.1.1.1", True),  # the proxy itself saw one address
        (("127.0.0.0/8", "10.1.1.1"), "10.9.9.{n}, 10.1.1.1", False),
        (("127.0.0.0/8",), "unknown", True),
        (("127.0.0.0/8",), "", True),
    ],
)
async def test_tries_are_counted_by_what_our_own_proxies_saw(
    house: WebHouse, proxies: tuple[str, ...], forwarded: str, waits: bool
) -> None:
    networks = tuple(ip_network(told) for told in proxies)
    client = await replace(house, given=replace(house.given, proxies=networks)).api(None)
    for number in range(20):
        headers = {"X-Forwarded-For": forwarded.format(n=number)} if forwarded else {}
        await client.post("/login", data={"person": f"guess{number}", "password": "x"}, headers=headers)
    headers = {"X-Forwarded-For": forwarded.format(n=99)} if forwarded else {}
    form = {"person": "cho", "password": GOOD}
    async with client.post("/login", data=form, headers=headers, allow_redirects=False) as answer:
        assert (answer.status == 401) == waits
