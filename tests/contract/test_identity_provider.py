"""What a provider, or somebody between it and us, might claim: everything but the truth is refused.

The provider here lies as each test wants; one that never does is in test_single_sign_on.py.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pyotp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import ValidationError

from oncall.adapters.clock import VirtualClock, new_id, new_secret, new_token
from oncall.adapters.identity.provider import DENIED, NOT_GOOD, SILENT, Client, OpenIdProvider
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.rows import PersonRow
from oncall.config import OidcPart, secret
from oncall.service.people.accounts import Account
from oncall.service.people.half_way import HalfWay
from oncall.service.people.passwords import Passwords
from oncall.service.people.second_steps import SecondSteps
from oncall.service.people.sign_in import SignIn
from oncall.service.people.single_sign_on import ANOTHER, NOT_INVITED, STALE, Attempt, NotVouched, SingleSignOn, Vouched
from tests.support.web_house import QUICK
from tests.unit.test_sign_in import HOSPITAL

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
SHARED = "s" * 64
BACK = "http://127.0.0.1:9/login/back"
ATTEMPT = Attempt("state", "our nonce", "verifier", "/", "", AT)


def public(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig", "alg": "RS256"}


def base64url(told: str) -> str:
    return urlsafe_b64encode(told.encode()).rstrip(b"=").decode()


@dataclass
class Liar:
    """Tells what it is told to tell, signs with what it is told to sign with, and counts what is asked."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = KEY
    algorithm: str = "RS256"
    kid: str = "one"
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public(KEY, "one")])
    description: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=lambda: {"sub": "s1"})
    status: int = 200
    padding: str = ""
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        told: Mapping[str, Any] = {
            "/.well-known/openid-configuration": self.described(),
            "/keys": {"keys": self.keys},
            "/token": {"id_token": self.token(), "access_token": "a", "padding": self.padding},
            "/more": self.more,
        }[request.path]
        return web.json_response(told, status=self.status)

    def described(self) -> dict[str, Any]:
        ends = {"authorization": "authorize", "token": "token", "userinfo": "more"}
        told = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in ends.items()}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **told, **self.description}

    def token(self) -> str:
        claims = {
            "iss": self.issuer,
            "sub": "s1",
            "aud": "pump-line",
            "nonce": "our nonce",
            "iat": AT.timestamp(),
            "exp": (AT + timedelta(minutes=5)).timestamp(),
            "email": "cho@lakeside.example",
            "email_verified": True,
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.key, self.algorithm, {"kid": self.kid})


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    made, app = Liar(), web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    server = TestServer(app)
    await server.start_server()
    made.issuer = str(server.make_url("")).rstrip("/")
    yield made
    await server.close()


@pytest.fixture
def provider(liar: Liar, clock: VirtualClock) -> OpenIdProvider:
    return OpenIdProvider(Client(liar.issuer, "pump-line", "secret", BACK), clock)


async def refused(provider: OpenIdProvider, sentence: str = NOT_GOOD, issuer: str = "", code: str = "code") -> None:
    with pytest.raises(NotVouched) as why:
        await provider.vouched(code, issuer, ATTEMPT)
    assert str(why.value) == sentence


async def test_the_truth_is_taken(provider: OpenIdProvider, liar: Liar) -> None:
    assert await provider.vouched("code", liar.issuer, ATTEMPT) == Vouched(f"{liar.issuer}|s1", "cho@lakeside.example")
    await provider.vouched("code", "", ATTEMPT)
    assert liar.asked.count("/keys") == liar.asked.count("/.well-known/openid-configuration") == 1, "both are kept"


HOUR = timedelta(hours=1).total_seconds()


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another nonce"},
        {"nonce": None},
        {"nonce": 7},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": ["pump-line", "another-client"]},
        {"aud": ["pump-line", "another-client"], "azp": "another-client"},
        {"exp": AT.timestamp() - 61},
        {"exp": None},
        {"exp": "soon"},
        {"iat": AT.timestamp() + HOUR, "exp": AT.timestamp() + 2 * HOUR},
        {"iat": None},
        {"sub": None},
    ],
)
async def test_a_token_that_is_not_for_us_and_now_is_not_taken(provider, liar, claims) -> None:
    liar.claims = claims
    await refused(provider)


async def test_a_token_for_several_clients_says_that_it_is_ours(provider: OpenIdProvider, liar: Liar) -> None:
    liar.claims = {"aud": ["pump-line", "another-client"], "azp": "pump-line"}
    assert (await provider.vouched("code", "", ATTEMPT)).subject.endswith("|s1")


async def test_a_signature_by_anybody_else_is_not_taken(provider: OpenIdProvider, liar: Liar) -> None:
    liar.key = OTHER_KEY
    await refused(provider)


@pytest.mark.parametrize(("key", "algorithm"), [(None, "none"), (SHARED, "HS256"), (SHARED, "HS512")])
@pytest.mark.parametrize("keys", [[public(KEY, "one")], [{"kty": "oct", "k": base64url(SHARED), "kid": "one"}]])
async def test_a_token_without_a_providers_signature_is_not_taken(provider, liar, key, algorithm, keys) -> None:
    liar.key, liar.algorithm, liar.keys = key, algorithm, keys
    await refused(provider)


async def test_a_new_key_is_fetched_once_and_an_unknown_one_does_not_make_us_ask_for_ever(provider, liar, clock):
    await provider.vouched("code", "", ATTEMPT)
    liar.key, liar.algorithm, liar.kid = CURVE, "ES256", "two"
    clock.step(timedelta(seconds=31))
    liar.keys.append({**json.loads(ECAlgorithm.to_jwk(CURVE.public_key())), "kid": "two"})
    assert (await provider.vouched("code", "", ATTEMPT)).subject.endswith("|s1")
    liar.kid, before = "three", liar.asked.count("/keys")
    for _ in range(5):
        await refused(provider)
    assert liar.asked.count("/keys") == before


@pytest.mark.parametrize("told", [False, "true", None, 1])
async def test_a_mail_address_that_was_not_verified_is_none(provider, liar, told) -> None:
    liar.claims = {"email_verified": told}
    assert (await provider.vouched("code", "", ATTEMPT)).mail == ""


async def test_more_is_asked_where_the_token_has_no_address_and_only_of_the_same_person(provider, liar) -> None:
    liar.claims, liar.more = {"email": None}, {"sub": "s1", "email": "a@b.example", "email_verified": True}
    assert (await provider.vouched("code", "", ATTEMPT)).mail == "a@b.example"
    liar.more["sub"] = "s2"
    await refused(provider)


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "gopher://x"},
    ],
)
async def test_a_description_that_is_not_the_issuers_own_is_not_taken(provider, liar, description) -> None:
    liar.description = description
    await refused(provider)


def test_an_https_issuer_leads_nowhere_in_the_clear(clock: VirtualClock) -> None:
    provider = OpenIdProvider(Client("https://login.example", "pump-line", "s", BACK), clock)
    with pytest.raises(NotVouched):
        provider._endpoint({"token_endpoint": "http://login.example/token"}, "token_endpoint")


async def test_another_issuers_answer_and_no_code_at_all(provider: OpenIdProvider, liar: Liar) -> None:
    await refused(provider, issuer="https://evil.example")
    await refused(provider, DENIED, code="")
    assert liar.asked == []


async def test_a_provider_that_is_down_or_talks_without_end_is_a_sentence(provider, liar, clock) -> None:
    liar.padding = "x" * 600_000
    await refused(provider)
    liar.status = 503
    await refused(provider, SILENT)
    liar.status = 400
    await refused(provider)
    nowhere = OpenIdProvider(Client("http://127.0.0.1:9", "pump-line", "secret", BACK), clock)
    await refused(nowhere, SILENT)
    assert await nowhere.way_out() == ""


# --- whose account it is ---------------------------------------------------------------------------------------------


@pytest.fixture
async def door(clock: VirtualClock) -> SignIn:
    register = MemoryRegister(HOSPITAL, clock)
    people = [("cho", "cho@lakeside.example"), ("eva", "both@lakeside.example"), ("fay", "both@lakeside.example")]
    await register.put(
        [PersonRow(id=id, full_name=id, name=id, spoken=id, role="clinician", email=mail) for id, mail in people],
        "test",
    )
    for person, _ in people:
        await register.accounts.add_account(Account(person, person, frozenset({"clinician"})), "test", AT)
    return SignIn(register.accounts, clock, Passwords(new_secret, QUICK), new_token, new_id)


def known(provider: OpenIdProvider, door: SignIn, clock: VirtualClock, domain: str | None = None) -> SingleSignOn:
    return SingleSignOn(provider, door, clock, new_token, {}, domain)


async def come_in(known: SingleSignOn, liar: Liar, **claims: Any) -> str | HalfWay:
    state, address = await known.begin("/")
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    liar.claims = {"nonce": asked["nonce"][0], **claims}
    return await known.finish(known.take(state, state), "code", liar.issuer)


async def test_an_address_that_changes_hands_opens_nothing(provider, door, clock, liar) -> None:
    single = known(provider, door, clock)
    assert isinstance(await come_in(single, liar), str)
    with pytest.raises(NotVouched, match=ANOTHER):
        await come_in(single, liar, sub="s2")
    assert isinstance(await come_in(single, liar, email="new@name.example"), str), "the subject alone counts"


@pytest.mark.parametrize("mail", ["both@lakeside.example", "nobody@lakeside.example", "", "cho@lakeside.example.evil"])
async def test_an_address_of_two_people_or_of_none_opens_nothing(provider, door, clock, liar, mail) -> None:
    with pytest.raises(NotVouched, match="nobody has invited you"):
        await come_in(known(provider, door, clock), liar, email=mail)


@pytest.mark.parametrize(
    ("domain", "opens"), [("lakeside.example", True), ("example", False), ("other.example", False)]
)
async def test_only_addresses_of_the_allowed_domain_count(provider, door, clock, liar, domain, opens) -> None:
    single = known(provider, door, clock, domain)
    if opens:
        assert isinstance(await come_in(single, liar), str)
        return
    with pytest.raises(NotVouched):
        await come_in(single, liar)


async def test_an_account_that_has_ended_stays_ended(provider, door, clock, liar) -> None:
    single = known(provider, door, clock)
    await come_in(single, liar)
    await door.accounts.change_account("cho", lambda account: replace(account, ended=True), "adam", AT)
    with pytest.raises(NotVouched, match=NOT_INVITED[:20]):
        await come_in(single, liar)


async def test_a_second_step_of_ones_own_is_asked_after_single_sign_on_too(provider, door, clock, liar) -> None:
    steps = SecondSteps(door, clock, new_token, new_id)
    asker = await door.who(await door.open_session("cho"))
    await steps.begin(asker)
    await steps.confirm(asker, pyotp.TOTP((await steps.of("cho")).secret).at(clock.now()))
    assert isinstance(await come_in(known(provider, door, clock), liar), HalfWay)


async def test_an_attempt_is_its_own_browsers_once_and_for_ten_minutes(provider, door, clock) -> None:
    single = known(provider, door, clock)
    state, _ = await single.begin("/rules")
    for other in ("", "somebody else's"):
        with pytest.raises(NotVouched, match=STALE):
            single.take(state, other)
    assert single.take(state, state).after == "/rules"
    late, _ = await single.begin("/")
    clock.step(timedelta(minutes=10))
    for gone in (state, late, ""):
        with pytest.raises(NotVouched, match=STALE):
            single.take(gone, gone)


@pytest.mark.parametrize("told", [{"exp": 10**400}, {"exp": {}}, {"nonce": []}, {"aud": {}}])
async def test_claims_of_any_shape_are_refused_and_break_nothing(
    provider: OpenIdProvider, liar: Liar, told: dict[str, Any]
) -> None:
    liar.claims = told
    await refused(provider)


async def test_a_description_with_an_address_that_is_none_is_refused(provider: OpenIdProvider, liar: Liar) -> None:
    liar.description = {"token_endpoint": "http://["}
    await refused(provider)


# --- configuration ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issuer", "good"),
    [
        ("https://login.hospital.example/realms/ward", True),
        ("http://127.0.0.1:8089", True),
        ("http://login.hospital.example", False),
        ("https://login.hospital.example?x=1", False),
        ("ftp://127.0.0.1", False),
        ("login.hospital.example", False),
    ],
)
def test_an_issuer_is_reached_in_secret_or_on_this_machine(issuer: str, good: bool) -> None:
    told = {"issuer": issuer, "client_id": "x", "client_secret": secret("s")}
    if good:
        assert OidcPart.model_validate(told).issuer == issuer
        return
    with pytest.raises(ValidationError, match="should be an https address"):
        OidcPart.model_validate(told)
