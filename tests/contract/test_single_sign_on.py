"""Single sign-on against a certified provider by somebody else, through the whole flow as a browser walks it.

Our own notion of OpenID Connect could be wrong in the same way on both sides; this provider's cannot. Without Node or
the provider (`make oidc`) these tests are skipped by name. The lies that no honest provider tells are in
test_identity_provider.py.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestClient

from oncall.adapters.clock import SystemClock, new_token
from oncall.adapters.identity.provider import NOT_GOOD, Client, OpenIdProvider
from oncall.adapters.register.rows import PersonRow
from oncall.service.people.accounts import FIRST
from oncall.service.people.single_sign_on import ANOTHER, NOT_INVITED, STALE, SingleSignOn
from tests.support.web_house import WebHouse, web_house

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "var/peers/oidc/node_modules/oidc-provider/lib/index.js"
MISSING = [
    name
    for name, is_there in (("Node", shutil.which("node")), ("oidc-provider (make oidc)", LIBRARY.exists()))
    if not is_there
]
pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {', '.join(MISSING)}"),
    pytest.mark.xdist_group("oidc"),
]
BACK = "http://127.0.0.1:9/login/back"  # nothing listens there: the test carries the answer home itself
SECRET = "a secret: of+the tests"  # with everything that must be encoded


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("oidc") / "log"
    words = ["node", str(ROOT / "tests/support/identity_provider.mjs"), str(LIBRARY), str(port), BACK]
    with log.open("w") as kept, subprocess.Popen(words, stdout=kept, stderr=subprocess.STDOUT) as process:
        try:
            until = time.monotonic() + 60
            while "the provider listens" not in log.read_text(encoding="utf-8"):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < until, "the provider did not start"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@dataclass
class Ward:
    """A house that knows the provider, and one browser at both."""

    house: WebHouse
    here: TestClient[web.Request, web.Application]
    there: ClientSession

    async def begin(self, query: str = "next=/rules") -> str:
        async with self.here.get(f"/login/single-sign-on?{query}", allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            return answer.headers["Location"]

    async def answer_of(self, address: str, login: str) -> str:
        """The provider's answer to this sign-in, as path and query of our own."""
        method, form = "GET", None
        for _ in range(20):
            async with self.there.request(method, address, data=form, allow_redirects=False) as answer:
                page, where = await answer.text(), answer.headers.get("Location", "")
            if where.startswith(BACK):
                return where.removeprefix("http://127.0.0.1:9")
            if where:
                method, form, address = "GET", None, urljoin(address, where)
                continue
            action, prompt = re.search(r'action="([^"]+)"', page), re.search(r'name="prompt" value="(\w+)"', page)
            assert action, page
            assert prompt, page
            method, address = "POST", urljoin(address, action.group(1))
            form = {"prompt": prompt.group(1), "login": login, "password": "any"}
        raise AssertionError("the provider never answered")

    async def come_back(self, answer: str) -> tuple[int, str, str]:
        async with self.here.get(answer, allow_redirects=False) as given:
            return given.status, given.headers.get("Location", ""), await given.text()

    async def sign_in(self, login: str, query: str = "next=/rules") -> tuple[int, str, str]:
        self.there.cookie_jar.clear()
        return await self.come_back(await self.answer_of(await self.begin(query), login))


@pytest.fixture
async def ward(issuer: str) -> AsyncIterator[Ward]:
    house = await web_house()
    [cho] = [row for row in await house.register.rows(PersonRow) if row.id == "cho"]
    await house.register.put([replace(cho, email="Cho@Lakeside.example")], "test")
    clock = SystemClock()
    provider = OpenIdProvider(Client(issuer, "pump-line", SECRET, BACK), clock)
    by_mail = {"vera@lakeside.example": "vera"}
    known = SingleSignOn(provider, house.sign_in, clock, new_token, by_mail, "lakeside.example")
    house = replace(house, given=replace(house.given, single_sign_on=known))
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as there:
        yield Ward(house, await house.api(None), there)
    await house.close()


async def test_whoever_the_register_names_comes_in_and_goes_where_they_wanted(ward: Ward) -> None:
    async with ward.here.get("/login?next=/rules") as answer:
        assert '<a class="button primary" href="/login/single-sign-on?next=/rules">' in await answer.text()
    status, where, _ = await ward.sign_in("cho")
    assert (status, where) == (303, "/rules")
    async with ward.here.get("/rules") as answer:
        assert "Dr Park</a>" in await answer.text()
    account = await ward.house.sign_in.accounts.account("cho")
    assert account is not None
    assert account.subject is not None
    assert account.subject.endswith("|cho")
    assert (await ward.sign_in("vera"))[:2] == (303, "/rules"), "named in the configuration"


async def test_nobody_comes_in_who_was_not_invited(ward: Ward) -> None:
    for login in ("stranger", "unproven-cho"):
        status, _, page = await ward.sign_in(login)
        assert (status, NOT_INVITED in page) == (401, True)
    async with ward.here.get("/", allow_redirects=False) as answer:
        assert answer.status == 303


async def test_an_administrators_link_binds_an_identity_once(ward: Ward) -> None:
    link = await ward.house.sign_in.new_link("rosa", FIRST, "adam")
    async with ward.here.get(f"/first/{link}") as answer:
        assert f'href="/login/single-sign-on?first={link}"' in await answer.text()
    assert (await ward.sign_in("unproven-rosa", f"first={link}"))[0] == 303
    assert (await ward.sign_in("unproven-rosa"))[0] == 303, "from now on without a link, whatever the mail address"
    assert (await ward.sign_in("somebody", f"first={link}"))[0] == 401, "used"
    foreign = {"Sec-Fetch-Site": "cross-site"}
    async with ward.here.get(f"/login/single-sign-on?first={link}", headers=foreign) as answer:
        assert answer.status == 403, "another site brings nobody to an account that is not theirs"
    again = await ward.house.sign_in.new_link("vera", FIRST, "adam")
    status, _, page = await ward.sign_in("unproven-rosa", f"first={again}")
    assert (status, ANOTHER in page) == (401, True), "one identity is one account"


async def test_an_answer_works_once_and_for_the_browser_that_began(ward: Ward) -> None:
    answer = await ward.answer_of(await ward.begin(), "cho")
    other = Ward(ward.house, await ward.house.api(None), ward.there)
    status, _, page = await other.come_back(answer)
    assert (status, STALE in page) == (401, True)
    assert (await ward.come_back(answer))[0] == 303
    assert (await ward.come_back(answer))[0] == 401, "the state is used"


async def test_a_code_that_was_used_opens_nothing_under_another_state(ward: Ward) -> None:
    used = await ward.answer_of(await ward.begin(), "cho")
    assert (await ward.come_back(used))[0] == 303
    code = parse_qs(urlsplit(used).query)["code"][0]
    state = parse_qs(urlsplit(await ward.begin()).query)["state"][0]
    status, _, page = await ward.come_back(f"/login/back?code={code}&state={state}")
    assert (status, NOT_GOOD in page) == (401, True)


async def test_a_code_of_another_attempt_opens_nothing(ward: Ward) -> None:
    """Its proof key is another one (PKCE), though nobody has used it."""
    fresh = await ward.answer_of(await ward.begin(), "cho")
    code = parse_qs(urlsplit(fresh).query)["code"][0]
    state = parse_qs(urlsplit(await ward.begin()).query)["state"][0]
    status, _, page = await ward.come_back(f"/login/back?code={code}&state={state}")
    assert (status, NOT_GOOD in page) == (401, True)


async def test_an_answer_that_names_another_issuer_is_not_taken(ward: Ward) -> None:
    answer = await ward.answer_of(await ward.begin(), "cho")
    assert "iss=http" in answer, "this provider names itself (RFC 9207)"
    foreign = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", answer)
    status, _, page = await ward.come_back(foreign)
    assert (status, NOT_GOOD in page) == (401, True)


async def test_whoever_signs_out_is_told_where_to_sign_out_too(ward: Ward, issuer: str) -> None:
    await ward.sign_in("cho")
    assert await ward.house.sign_in.sessions("cho")
    async with ward.here.get("/account") as answer:
        word = re.search(r'name="csrf" value="(\w+)"', await answer.text())
    assert word is not None
    async with ward.here.post("/logout", data={"csrf": word.group(1)}) as answer:
        page = await answer.text()
    assert await ward.house.sign_in.sessions("cho") == []
    out = re.search(rf'href="({re.escape(issuer)}/session/end[^"]+)"', page)
    assert out is not None
    async with ward.there.get(out.group(1)) as answer:
        assert answer.status == 200
