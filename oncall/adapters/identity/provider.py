"""The hospital's identity provider over the network: OpenID Connect with the code flow, PKCE and a secret.

What is read of it is believed as little as possible: its own description must name the configured issuer, every
address in it must be as safe as the issuer's, keys are fetched again only for a key that is not known, and a token
counts only with the right signature, issuer, audience, nonce and hours (OpenID Connect Core 3.1.3.7). Deliberately
not here: whose account it is (`service.people.single_sign_on`).
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import jwt
import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from oncall.service.people.single_sign_on import Attempt, NotVouched, Vouched
from oncall.service.ports.timepiece import Timepiece

log = structlog.get_logger("single sign-on")

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
PATIENCE = ClientTimeout(total=8)
LARGEST = 512 * 1024  # bytes of any answer
KEPT_FOR = timedelta(hours=1)
NO_SOONER = timedelta(seconds=30)  # between two looks for a key that is not known
CLOCKS_DIFFER = timedelta(seconds=60)
NEEDED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
SILENT = "Single sign-on does not answer just now. Sign in with your password, or try again in a minute."
NOT_GOOD = "Single sign-on answered in a way that cannot be trusted. Begin again; if it stays, tell your administrator."
DENIED = "The provider has not signed you in. Begin again, or sign in with your password."


@dataclass(frozen=True, slots=True)
class Client:
    """This house as the provider knows it; `back` is our own address for its answer."""

    issuer: str
    id: str
    secret: str = field(repr=False)
    back: str


@dataclass(slots=True)
class _Kept:
    """Something fetched, and when."""

    what: Mapping[str, Any]
    at: datetime


class OpenIdProvider:
    """See the module."""

    def __init__(self, client: Client, clock: Timepiece) -> None:
        self._client, self._clock = client, clock
        self._description: _Kept | None = None
        self._keys: _Kept | None = None

    async def address(self, attempt: Attempt) -> str:
        described = await self._described()
        asked = {
            "response_type": "code",
            "scope": "openid email",
            "client_id": self._client.id,
            "redirect_uri": self._client.back,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        where = self._endpoint(described, "authorization_endpoint")
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(asked)}"

    async def way_out(self) -> str:
        try:
            described = await self._described()
            where = self._endpoint(described, "end_session_endpoint")
        except NotVouched:
            return ""
        return f"{where}?{urlencode({'client_id': self._client.id})}"

    async def vouched(self, code: str, issuer: str, attempt: Attempt) -> Vouched:
        try:
            return await self._vouched(code, issuer, attempt)
        except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError, RecursionError) as problem:
            raise _refused(type(problem).__name__) from None  # whatever shape a stranger's answer has, it is no proof

    async def _vouched(self, code: str, issuer: str, attempt: Attempt) -> Vouched:
        """RFC 9207: an answer that names another issuer is another provider's."""
        if issuer and issuer != self._client.issuer:
            raise _refused("the answer names another issuer")
        if not code:
            raise NotVouched(DENIED)
        described = await self._described()
        tokens = await self._tokens(self._endpoint(described, "token_endpoint"), code, attempt)
        claims = await self._claims(described, str(tokens.get("id_token", "")))
        if not hmac.compare_digest(str(claims["nonce"]).encode(), attempt.nonce.encode()):
            raise _refused("the nonce is not ours")
        if "email" not in claims and "userinfo_endpoint" in described:
            claims = await self._told_more(described, claims, str(tokens.get("access_token", "")))
        mail = claims.get("email") if claims.get("email_verified") is True else None
        return Vouched(f"{self._client.issuer}|{claims['sub']}", mail if isinstance(mail, str) else "")

    async def _tokens(self, where: str, code: str, attempt: Attempt) -> Mapping[str, Any]:
        told = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.back,
            "code_verifier": attempt.verifier,
        }
        # RFC 6749 2.3.1: both are form-encoded before they become a Basic header
        name, secret = quote_plus(self._client.id), quote_plus(self._client.secret)
        return await _asked("POST", where, {"Authorization": _basic(name, secret)}, told)

    async def _claims(self, described: Mapping[str, Any], token: str) -> Mapping[str, Any]:
        key = await self._key(described, token)
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._client.id,
                issuer=self._client.issuer,
                # the hours are held against our own clock, below
                options={"require": NEEDED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.PyJWTError as problem:
            raise _refused(type(problem).__name__) from None
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self._client.id:
            raise _refused("it is for another client too")
        if not self._is_of_now(claims):
            raise _refused("it has run out, or is from the future")
        return claims

    def _is_of_now(self, claims: Mapping[str, Any]) -> bool:
        try:
            ends, made = float(claims["exp"]), float(claims["iat"])
        except (TypeError, ValueError):
            return False
        now, leeway = self._clock.now().timestamp(), CLOCKS_DIFFER.total_seconds()
        return made - leeway <= now < ends + leeway

    async def _key(self, described: Mapping[str, Any], token: str) -> jwt.PyJWK:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise _refused("it is no token") from None
        for fresh in (False, True):
            for told in await self._key_set(described, fresh):
                if told.get("kid") == header.get("kid") and told.get("use", "sig") == "sig":
                    return _key_from(told, str(header.get("alg")))
        raise _refused("it is signed with an unknown key")

    async def _key_set(self, described: Mapping[str, Any], fresh: bool) -> list[Mapping[str, Any]]:
        at, kept = self._clock.now(), self._keys
        lives = NO_SOONER if fresh else KEPT_FOR
        if kept is None or at - kept.at >= lives:
            self._keys = kept = _Kept(await _asked("GET", self._endpoint(described, "jwks_uri")), at)
        keys = kept.what.get("keys")
        return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []

    async def _told_more(
        self, described: Mapping[str, Any], claims: Mapping[str, Any], access: str
    ) -> Mapping[str, Any]:
        """Most providers tell the mail address only there (OpenID Connect Core 5.4)."""
        where = self._endpoint(described, "userinfo_endpoint")
        told = await _asked("GET", where, {"Authorization": f"Bearer {access}"})
        if told.get("sub") != claims["sub"]:
            raise _refused("more was told of somebody else")
        return {**claims, "email": told.get("email"), "email_verified": told.get("email_verified")}

    async def _described(self) -> Mapping[str, Any]:
        at, kept = self._clock.now(), self._description
        if kept is None or at - kept.at >= KEPT_FOR:
            told = await _asked("GET", f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration")
            if told.get("issuer") != self._client.issuer:
                raise _refused("its description names another issuer")
            self._description = kept = _Kept(told, at)
        return kept.what

    def _endpoint(self, described: Mapping[str, Any], name: str) -> str:
        where = described.get(name)
        if not isinstance(where, str) or _scheme(where) not in ("https", _scheme(self._client.issuer)):
            raise _refused(f"its description has no safe {name}")
        return where


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:  # "http://[" is no address
        return ""


def _key_from(told: Mapping[str, Any], algorithm: str) -> jwt.PyJWK:
    """Only as what it declares itself to be; a shared secret is no key of a provider."""
    if algorithm not in ALGORITHMS or told.get("alg", algorithm) != algorithm:
        raise _refused("it is signed in a way that is not taken")
    try:
        return jwt.PyJWK.from_dict(dict(told), algorithm)
    except jwt.PyJWTError:
        raise _refused("its key cannot be read") from None


def _basic(name: str, secret: str) -> str:
    return f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"


async def _asked(
    method: str, where: str, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """One JSON object. Raises NotVouched."""
    try:
        async with (
            ClientSession(timeout=PATIENCE, trust_env=where.startswith("https:")) as session,
            session.request(method, where, headers=headers, data=form, allow_redirects=False) as answer,
        ):
            body = await answer.content.read(LARGEST + 1)
            while len(body) <= LARGEST and (more := await answer.content.read(LARGEST + 1)):
                body += more
            status = answer.status
    except (ClientError, TimeoutError, OSError, ValueError) as problem:
        log.warning("the provider does not answer", reason=type(problem).__name__)
        raise NotVouched(SILENT) from None
    if status >= 500:
        raise NotVouched(SILENT)
    try:
        told = json.loads(body) if status == 200 and len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise _refused(f"status {status}")
    return told


def _refused(why: str) -> NotVouched:
    """The reason stands in the log; a page tells nobody how far a forgery came."""
    log.warning("not taken", reason=why)
    return NotVouched(NOT_GOOD)
