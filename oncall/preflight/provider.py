"""The account at the provider: credentials, standing, money, and whether its clock and ours agree.

The official client, with a time limit and without retries; when the configuration names another address than the
real one (the simulator), every host of the provider lies there. Deliberately not here: the number (line.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

from aiohttp import ClientSession
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from oncall.config import RoutePart
from oncall.fitness import REAL_CARRIER
from oncall.preflight.check import Check, cannot_tell, ok, problem

LIMIT = 9.0  # seconds for one request
LEAST_BALANCE = Decimal(20)  # a busy night of calls and texts, and time to notice
CLOCK = "clock"
MOST_APART = timedelta(seconds=5)  # beyond it, times on pages and in the journal mislead


@dataclass(frozen=True, slots=True)
class Heard:
    """The Date of one answer, and our own clock when it was asked and when it came."""

    date: datetime
    asked_at: datetime
    came_at: datetime


class _Http(AsyncTwilioHttpClient):  # type: ignore[misc]
    def __init__(self, api: str, now: Callable[[], datetime]) -> None:
        super().__init__(pool_connections=False, timeout=LIMIT)
        self.session = ClientSession(trust_env=api.startswith("https:"))  # as the line itself asks
        self._api, self._now = api.rstrip("/"), now
        self.heard: Heard | None = None

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        kwargs["timeout"] = LIMIT
        if self._api != REAL_CARRIER:
            url = re.sub(r"^https://\w+\.twilio\.com", self._api, url)
        asked_at = self._now()
        answer = await super().request(method, url, *args, **kwargs)
        if date := answer.headers.get("Date"):
            self.heard = Heard(parsedate_to_datetime(date), asked_at, self._now())
        return answer


class Provider:
    """Build it inside the running loop; close it at the end."""

    def __init__(self, telephony: RoutePart, now: Callable[[], datetime]) -> None:
        self._http = _Http(telephony.api, now)
        self.client = Client(telephony.account, telephony.token, http_client=self._http)
        self._account = telephony.account

    async def close(self) -> None:
        await self._http.close()

    async def standing(self) -> list[Check]:
        """The credentials and the account's state; the same answer tells the provider's time."""
        try:
            account = await self.client.api.accounts(self._account).fetch_async()
        except TwilioRestException as refused:
            if refused.status != 401 and refused.code != 20003:
                raise
            return [credentials_refused(), *self._clock()]
        return [judged_account(account.status, account.type), *self._clock()]

    def _clock(self) -> list[Check]:
        heard = self._http.heard
        if heard is None:
            return [
                cannot_tell(CLOCK, "the provider's answer had no time in it", "Compare this machine's clock by hand.")
            ]
        return [judged_clock(heard)]

    async def balance(self) -> list[Check]:
        told = await self.client.api.accounts(self._account).balance.fetch_async()
        return [judged_balance(told.balance, told.currency)]


def credentials_refused() -> Check:
    todo = "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN from the console, without spaces."
    return problem("credentials", "the provider refuses account and token", todo)


def judged_account(status: str | None, kind: str | None) -> Check:
    if status != "active":
        found = f"the account is {status or 'of unknown state'}"
        return problem("credentials", found, "Ask the provider why, and have it made active.")
    if kind == "Trial":
        todo = "Upgrade it: a trial account reaches verified numbers only, with words of its own before ours."
        return problem("credentials", "a trial account", todo)
    return ok("credentials", "account and token are good, the account is active")


def judged_balance(balance: str | None, currency: str | None) -> Check:
    name, unit = "balance", currency or ""
    try:
        amount = Decimal(balance or "")
    except InvalidOperation:
        return cannot_tell(name, "the provider gives no amount", "Look at billing in the console.")
    told = f"{amount:.2f} {unit}".strip()
    if amount < LEAST_BALANCE:
        return problem(name, f"{told} left, less than {LEAST_BALANCE}", "Pay in, and switch automatic recharge on.")
    return ok(name, f"{told} left")


def judged_clock(heard: Heard) -> Check:
    """By the middle of the exchange; a Date has whole seconds and a slow answer tells less."""
    middle = heard.asked_at + (heard.came_at - heard.asked_at) / 2
    apart = middle - heard.date - timedelta(seconds=0.5)
    doubt = (heard.came_at - heard.asked_at) / 2 + timedelta(seconds=0.5)
    if abs(apart) - doubt > MOST_APART:
        seconds = round(abs(apart.total_seconds()))
        way = "ahead of" if apart > timedelta(0) else "behind"
        todo = "Let chrony or systemd-timesyncd keep this machine's time."
        return problem(CLOCK, f"this machine is {seconds} s {way} the provider", todo)
    return ok(CLOCK, "agrees with the provider's to a few seconds")
