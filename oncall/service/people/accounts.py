"""Who may come in at the internal door, as plain values: accounts and roles, sessions, links that work once, looks.

With the rules that need nothing else: how long a wrong password makes wait, when a session is over, what a role is.
Deliberately not here: the door itself (`sign_in`), and how any of it is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from oncall.service.people.second_step import Second

ROLES = ("viewer", "clinician", "coordinator", "rules_owner", "admin")
ROLE_WORDS = dict(zip(ROLES, ("viewer", "clinician", "coordinator", "rules owner", "administrator"), strict=True))
LONGEST, IDLE = timedelta(hours=12), timedelta(hours=1)
LINK_LIVES = timedelta(hours=24)
FREE_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)
FIRST, RESET, VISIT = "first", "reset", "visit"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. `person` is the id in the register for whoever is on the team."""

    person: str
    name: str
    roles: frozenset[str]
    password: str | None = field(default=None, repr=False)
    failures: int = 0
    locked_until: datetime | None = None
    ended: bool = False
    is_sample: bool = False
    second: Second | None = field(default=None, repr=False)
    subject: str | None = None  # who a provider of single sign-on says it is

    @property
    def asks_for_a_code(self) -> bool:
        return self.second is not None and self.second.is_on

    def may_try(self, at: datetime) -> bool:
        return not self.ended and (self.locked_until is None or self.locked_until <= at)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one person."""

    id: str
    person: str
    made_at: datetime
    seen_at: datetime
    agent: str = ""
    ended: bool = False

    def is_over(self, at: datetime) -> bool:
        return self.ended or at - self.made_at >= LONGEST or at - self.seen_at >= IDLE


@dataclass(frozen=True, slots=True)
class Link:
    """A link that works once."""

    id: str
    person: str
    purpose: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def is_good(self, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at


@dataclass(frozen=True, slots=True)
class View:
    """Somebody looked at patients' data."""

    id: str
    at: datetime
    who: str
    address: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks: what every handler may rely on. `csrf` is what this session's forms carry."""

    person: str
    name: str
    roles: frozenset[str]
    session: str
    csrf: str = field(repr=False)
    lacks_second: bool = False  # a role is withheld until there is a second step

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles


@dataclass(frozen=True, slots=True)
class Came:
    """From where somebody knocks: the network address, and what the browser calls itself."""

    address: str = ""
    agent: str = ""


NOWHERE = Came()


class Accounts(Protocol):
    """How accounts, sessions, links and looks are kept. Secrets are handed over plain and kept hashed."""

    async def account(self, person: str) -> Account | None: ...

    async def accounts(self) -> Sequence[Account]: ...

    async def add_account(self, account: Account, who: str, at: datetime) -> None:
        """Add it, or change name and roles of the one that is there; an ended one opens again."""
        ...

    async def change_account(self, person: str, change: Callable[[Account], Account], who: str, at: datetime) -> None:
        """Change it in one commit."""
        ...

    async def account_of_subject(self, subject: str) -> Account | None: ...

    async def account_of_mail(self, mail: str) -> Account | None:
        """The one person in the register with this address, if they have an account."""
        ...

    async def add_session(self, session: Session, token: str, at: datetime) -> None: ...

    async def session(self, token: str) -> tuple[Session, Account] | None: ...

    async def sessions(self, person: str) -> Sequence[Session]: ...

    async def touch_session(self, session: str, at: datetime) -> None: ...

    async def end_session(self, session: str, who: str, at: datetime) -> bool: ...

    async def end_sessions(self, person: str, who: str, at: datetime, spared: str = "") -> int: ...

    async def add_link(self, link: Link, token: str, who: str, at: datetime) -> None:
        """Earlier unused links of this person end here."""
        ...

    async def link(self, token: str) -> tuple[Link, Account] | None: ...

    async def use_link(self, link: str, at: datetime) -> bool:
        """False when somebody else was quicker."""
        ...

    async def add_view(self, view: View) -> None: ...

    async def views(self, limit: int, subject: str = "") -> Sequence[View]:
        """Newest first."""
        ...


# --- rules -----------------------------------------------------------------------------------------------------------


def wait_after(failures: int, free: int) -> timedelta | None:
    """How long the next try must wait: a minute after the free ones, doubling to a quarter of an hour."""
    if failures < free:
        return None
    return min(FIRST_WAIT * (1 << min(failures - free, 10)), LONGEST_WAIT)


def after_a_miss(account: Account, at: datetime) -> Account:
    wait = wait_after(account.failures + 1, FREE_TRIES)
    return replace(account, failures=account.failures + 1, locked_until=at + wait if wait else None)


def csrf_of(token: str) -> str:
    """What the forms of this session carry; the cookie cannot be found from it."""
    return hashlib.sha256(f"form|{token}".encode()).hexdigest()


def roles_from(told: Iterable[str]) -> frozenset[str]:
    """Raises ValueError for a role that does not exist, and for none at all."""
    roles = frozenset(told)
    if not roles or not roles <= set(ROLES):
        raise ValueError(f"roles are {', '.join(ROLES)}")
    return roles
