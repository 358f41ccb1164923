"""The carrier's own requests to the house: signed, with a time limit and one retry.

Every request carries all usual parameters, X-Twilio-Signature over the exact address it was given, and a
token that stays the same when it is repeated. Connection overrides after `#` (rc, rp, rt, ct) are honoured as
Twilio does, and are not part of what is signed. Deliberately not here: what the parameters say, and what the
answer makes the phone do.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout
from twilio.request_validator import RequestValidator
from yarl import URL

from oncall.adapters.rehearsal.records import Callback

ANSWER_LIMIT_S = 15.0
CONNECT_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the house answered, and from which address it came (relative TwiML addresses hang on it)."""

    status: int
    body: str
    content_type: str
    url: str
    error: int = 0  # Twilio's number for what went wrong: 11200 refused or unreachable, 11205 no answer in time

    @property
    def is_good(self) -> bool:
        return not self.error and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class _Overrides:
    """Connection overrides: retries, on what, whole answer limit, connect limit."""

    retries: int = 1
    on: frozenset[str] = frozenset({"ct"})
    answer_s: float = ANSWER_LIMIT_S
    connect_s: float = CONNECT_LIMIT_S

    @classmethod
    def of(cls, fragment: str, answer_s: float) -> _Overrides:
        given = dict(parse_qsl(fragment))
        return cls(
            retries=min(int(given.get("rc", 1)), 5),
            on=frozenset(given.get("rp", "ct").split(",")),
            answer_s=min(int(given.get("rt", answer_s * 1000)) / 1000, answer_s),
            connect_s=int(given.get("ct", 5000)) / 1000,
        )

    def retry(self, answer: Answer) -> bool:
        if answer.is_good:
            return False
        reason = {11205: "rt", 11200: "ct"}.get(answer.error, f"{answer.status // 100}xx")
        return "all" in self.on or reason in self.on


class Webhooks:
    """Speaks to the house over HTTP."""

    def __init__(self, auth_token: str, new_id: Callable[[], str], answer_limit_s: float = ANSWER_LIMIT_S) -> None:
        self._validator = RequestValidator(auth_token)
        self._new_id = new_id
        self._answer_limit_s = answer_limit_s
        self._session: ClientSession | None = None

    def new_token(self) -> str:
        return str(uuid.UUID(hashlib.sha256(self._new_id().encode()).hexdigest()[:32]))

    async def ask(self, where: Callback, params: Mapping[str, str], token: str | None = None) -> Answer:
        """Post to the house, with the retries that the address asks for."""
        return await self._with_retries(where, dict(params), token or self.new_token())

    async def _with_retries(self, where: Callback, params: dict[str, str], token: str) -> Answer:
        url, fragment = urldefrag(where.url)
        overrides = _Overrides.of(fragment, self._answer_limit_s)
        answer = await self._once(url, where.method, params, token, overrides)
        for _ in range(overrides.retries):
            if not overrides.retry(answer):
                break
            answer = await self._once(url, where.method, params, token, overrides)
        return answer

    async def _once(self, url: str, method: str, params: dict[str, str], token: str, limits: _Overrides) -> Answer:
        if method == "GET":
            url, params = _with_query(url, params), {}
        try:
            async with self._open_session().request(
                method,
                URL(url, encoded=True),
                data=urlencode(params) if method == "POST" else None,
                headers=self._headers(url, params, token),
                timeout=ClientTimeout(total=limits.answer_s, sock_connect=limits.connect_s),
                allow_redirects=True,
            ) as response:
                body = await response.text()
                return Answer(response.status, body, response.content_type, url)
        except TimeoutError:
            return Answer(0, "", "", url, 11205)
        except (ClientError, OSError, ValueError):
            return Answer(0, "", "", url, 11200)

    def _headers(self, url: str, params: dict[str, str], token: str) -> dict[str, str]:
        return {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": token,
            "X-Twilio-Signature": self._validator.compute_signature(url, params),
        }

    def _open_session(self) -> ClientSession:
        if self._session is None:  # built inside the running loop
            self._session = ClientSession()
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _with_query(url: str, params: Mapping[str, str]) -> str:
    joint = "&" if urlsplit(url).query else "?"
    return f"{url}{joint}{urlencode(params)}"
