"""Signing in with the hospital's own identity provider (OpenID Connect): who is let in on its word.

Nobody comes in who was not invited here. A person is known by the subject that was bound once: through a one-time
link of an administrator, or through the mail address that the provider has verified and the register (or the
configuration) names. From then on the subject alone counts, so an address that changes hands opens nothing.
Deliberately not here: the protocol and its checks (`adapters/identity`), cookies and pages.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from oncall.service.people.accounts import NOWHERE, VISIT, Account, Came
from oncall.service.people.half_way import HalfWay
from oncall.service.people.sign_in import SignIn
from oncall.service.ports.timepiece import Timepiece

ATTEMPT_LIVES = timedelta(minutes=10)
MOST_ATTEMPTS = 1000
STALE = "This sign-in was begun too long ago, elsewhere or twice. Begin it again."
NOT_INVITED = (
    "The provider knows you, but nobody has invited you here, or it has not verified your mail address. Ask an "
    "administrator for a one-time link and choose single sign-on there."
)
ANOTHER = "This account is bound to another identity. Ask an administrator for a one-time link."
GONE_LINK = "This link is used or too old. Ask an administrator for a new one."


class NotVouched(Exception):
    """The provider says no, cannot be reached, or does not say it as it must; the sentence is for a person."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for; `mail` only where it has verified it."""

    subject: str
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in that was begun: what the provider's answer is held against."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    after: str
    link: str = field(repr=False)
    at: datetime

    @property
    def challenge(self) -> str:
        """PKCE, RFC 7636, S256."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class IdentityProvider(Protocol):
    """The provider on the network. Every call raises NotVouched."""

    async def address(self, attempt: Attempt) -> str:
        """Where the browser goes."""
        ...

    async def vouched(self, code: str, issuer: str, attempt: Attempt) -> Vouched:
        """For whom this code stands; `issuer` as the answer named it, empty if it did not."""
        ...

    async def way_out(self) -> str:
        """Where one signs out there; empty when it has no such place or cannot be asked."""
        ...


class SingleSignOn:
    """See the module. `by_mail` names accounts for addresses that the register does not hold."""

    def __init__(
        self,
        provider: IdentityProvider,
        sign_in: SignIn,
        clock: Timepiece,
        new_token: Callable[[], str],
        by_mail: Mapping[str, str],
        allowed_domain: str | None,
    ) -> None:
        self._provider, self._sign_in, self._clock, self._new_token = provider, sign_in, clock, new_token
        self._by_mail = {mail.lower(): person for mail, person in by_mail.items()}
        self._allowed_domain = allowed_domain.lower() if allowed_domain else None
        self._attempts: dict[str, Attempt] = {}

    async def begin(self, after: str, link: str = "") -> tuple[str, str]:
        """The state, which the browser keeps, and where it goes. Raises NotVouched."""
        at, new = self._clock.now(), self._new_token
        self._attempts = {state: kept for state, kept in self._attempts.items() if at - kept.at < ATTEMPT_LIVES}
        if len(self._attempts) >= MOST_ATTEMPTS:
            self._attempts.pop(next(iter(self._attempts)))
        attempt = Attempt(new(), new(), new() + new(), after, link, at)
        address = await self._provider.address(attempt)
        self._attempts[attempt.state] = attempt
        return attempt.state, address

    def take(self, state: str, of_browser: str) -> Attempt:
        """The attempt that this browser began, once. Raises NotVouched."""
        attempt = self._attempts.pop(state, None) if state and state == of_browser else None
        if attempt is None or self._clock.now() - attempt.at >= ATTEMPT_LIVES:
            raise NotVouched(STALE)
        return attempt

    async def finish(self, attempt: Attempt, code: str, issuer: str, came: Came = NOWHERE) -> str | HalfWay:
        """The new session's cookie, or half the way to it. Raises NotVouched."""
        vouched = await self._provider.vouched(code, issuer, attempt)
        account = await (self._by_link(attempt.link, vouched) if attempt.link else self._known(vouched))
        opened = await self._sign_in.after_first_step(account.person, came)
        if opened is None:
            raise NotVouched(NOT_INVITED)
        return opened

    async def way_out(self) -> str:
        return await self._provider.way_out()

    async def _by_link(self, token: str, vouched: Vouched) -> Account:
        """The administrator's link says whose account it is; an earlier binding ends."""
        found = await self._sign_in.link(token)
        if found is None or found[0].purpose == VISIT:
            raise NotVouched(GONE_LINK)
        link, account = found
        holder = await self._sign_in.accounts.account_of_subject(vouched.subject)
        if holder is not None and holder.person != account.person:
            raise NotVouched(ANOTHER)
        if not await self._sign_in.accounts.use_link(link.id, self._clock.now()):
            raise NotVouched(GONE_LINK)
        await self._bind(account.person, vouched.subject, "one-time link")
        return account

    async def _known(self, vouched: Vouched) -> Account:
        bound = await self._sign_in.accounts.account_of_subject(vouched.subject)
        if bound is not None:
            return bound
        account = await self._of_mail(vouched.mail) if self._is_allowed(vouched.mail) else None
        if account is None or account.ended:
            raise NotVouched(NOT_INVITED)
        if account.subject is not None:
            raise NotVouched(ANOTHER)
        await self._bind(account.person, vouched.subject, "single sign-on")
        return account

    def _is_allowed(self, mail: str) -> bool:
        domain = mail.lower().rpartition("@")[2]
        return bool(mail) and self._allowed_domain in (None, domain)

    async def _of_mail(self, mail: str) -> Account | None:
        named = self._by_mail.get(mail.lower())
        accounts = self._sign_in.accounts
        return await (accounts.account(named) if named else accounts.account_of_mail(mail))

    async def _bind(self, person: str, subject: str, who: str) -> None:
        at = self._clock.now()
        await self._sign_in.accounts.change_account(person, lambda known: replace(known, subject=subject), who, at)
