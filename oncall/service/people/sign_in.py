"""The internal door: passwords, sessions and one-time links are tried here, and nowhere else.

Every refusal is the same and takes as long as a yes. Guessing is slowed per account and per address, always with an
end, and only here: paging, replies, keys and the links of pages ask for no sign-in, so nobody who is locked out of
the board is kept from taking a case. Deliberately not here: cookies and forms (the pages), how rows are kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from oncall.service.people.accounts import (
    FIRST,
    LINK_LIVES,
    NOWHERE,
    VISIT,
    Account,
    Accounts,
    Came,
    Link,
    Session,
    SignedIn,
    View,
    after_a_miss,
    csrf_of,
    wait_after,
)
from oncall.service.people.half_way import HalfWay, HalfWays
from oncall.service.people.passwords import Passwords, fault_of
from oncall.service.people.second_step import spent
from oncall.service.ports.timepiece import Timepiece

TOUCHED_EVERY = timedelta(minutes=1)
SAME_LOOK = timedelta(minutes=5)  # looks at one thing by one session within this are one row
FREE_TRIES_OF_AN_ADDRESS = 20  # a whole ward may stand behind one


@dataclass(slots=True)
class Guessers:
    """Misses by network address, for an hour. It only limits guessing: losing it at a restart opens nothing."""

    misses: dict[str, list[datetime]] = field(default_factory=dict)

    def must_wait(self, address: str, at: datetime) -> bool:
        recent = self._recent(address, at)
        wait = wait_after(len(recent), FREE_TRIES_OF_AN_ADDRESS)
        return wait is not None and at < recent[-1] + wait

    def miss(self, address: str, at: datetime) -> None:
        self.misses[address] = [*self._recent(address, at), at]
        if len(self.misses) > 1000:
            self.misses = {known: recent for known in self.misses if (recent := self._recent(known, at))}

    def _recent(self, address: str, at: datetime) -> list[datetime]:
        return [missed for missed in self.misses.get(address, []) if at - missed < timedelta(hours=1)]


# --- the door --------------------------------------------------------------------------------------------------------


class SignIn:
    """The door itself, over whatever keeps the accounts; chance comes in as `new_token` and `new_id`."""

    def __init__(
        self,
        accounts: Accounts,
        clock: Timepiece,
        passwords: Passwords,
        new_token: Callable[[], str],
        new_id: Callable[[], str],
        need_second: frozenset[str] = frozenset(),
    ) -> None:
        self.accounts = accounts
        self.clock, self._passwords = clock, passwords
        self._new_token, self._new_id = new_token, new_id
        self._need_second = need_second  # roles that are withheld until there is a second step
        self._guessers, self._half_ways = Guessers(), HalfWays()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._looks: dict[tuple[str, str, str], datetime] = {}
        self.listeners: list[Callable[[], None]] = []  # told whenever a session ends

    # --- coming in and going out

    async def by_password(self, person: str, password: str, came: Came = NOWHERE) -> str | HalfWay | None:
        """The new session's cookie, or half the way to it; None whatever was wrong."""
        account = await self._with_password(person, password, came)
        return await self.after_first_step(account.person, came) if account is not None else None

    async def proves(self, person: str, password: str, code: str = "", came: Came = NOWHERE) -> Account | None:
        """Whose account it is, if all its steps are right; nobody comes in. For a second person at the same form."""
        account = await self._with_password(person, password, came)
        if account is None or account.ended:
            return None
        if account.asks_for_a_code and not await self.spend_code(account.person, code):
            self._guessers.miss(came.address, self.clock.now())
            return None
        return account

    async def _with_password(self, person: str, password: str, came: Came) -> Account | None:
        person = person.strip().lower()
        async with self._in_turn(f"name {person}"), self._in_turn(f"address {came.address}"):
            return await self._tried(person, password, came)

    def _in_turn(self, whose: str) -> asyncio.Lock:
        """A hundred guesses sent at once are judged one after the other, each by what the ones before have cost."""
        return self._turns.setdefault(whose, asyncio.Lock())

    async def _tried(self, person: str, password: str, came: Came) -> Account | None:
        at, account = self.clock.now(), await self.accounts.account(person)
        waits = self._guessers.must_wait(came.address, at)
        may_try = account is not None and account.may_try(at) and not waits
        kept = account.password if account is not None and may_try else None
        if not await self._passwords.fits(kept, password):
            if not waits:  # what was not tried makes no wait longer: a ward's address always comes in again
                self._guessers.miss(came.address, at)
            if may_try:
                await self.accounts.change_account(person, lambda known: after_a_miss(known, at), "sign-in", at)
            return None
        return account

    async def after_first_step(self, person: str, came: Came = NOWHERE) -> str | HalfWay | None:
        """For whoever has proven to be this person once: a code is asked of those who have set that up. Misses are
        forgiven at the end alone, so that nobody who knows the password may try codes without end."""
        at, account = self.clock.now(), await self.accounts.account(person)
        if account is None or account.ended:
            return None
        if account.asks_for_a_code:
            return self._half_ways.begin(self._new_token(), person, at)
        if account.failures:
            await self.accounts.change_account(person, _forgiven, "sign-in", at)
        return await self.open_session(person, came)

    async def by_code(self, word: str, code: str, came: Came = NOWHERE) -> str | None:
        """The second step, with a code of now or one for a lost telephone: the new session's cookie, or None."""
        at = self.clock.now()
        person = self._half_ways.person(word, at)
        if person is None or self._guessers.must_wait(came.address, at):
            return None
        if not await self.spend_code(person, code):
            self._guessers.miss(came.address, at)
            return None
        self._half_ways.end(word)
        return await self.open_session(person, came)

    def is_half_way(self, word: str) -> bool:
        return self._half_ways.person(word, self.clock.now()) is not None

    async def spend_code(self, person: str, code: str) -> bool:
        """Whether this code opens, in one commit with its being used up or with the miss."""
        at, opened = self.clock.now(), False

        def use(known: Account) -> Account:
            nonlocal opened
            if known.second is None or not known.may_try(at):
                return known
            left = spent(known.second, code, at)
            opened = left is not None
            return _forgiven(replace(known, second=left)) if left is not None else after_a_miss(known, at)

        await self.accounts.change_account(person, use, "sign-in", at)
        return opened

    async def open_session(self, person: str, came: Came = NOWHERE) -> str:
        """A new session's cookie for somebody who has proven to be this person."""
        at, token = self.clock.now(), self._new_token()
        await self.accounts.add_session(Session(self._new_id(), person, at, at, came.agent[:80]), token, at)
        return token

    async def who(self, token: str) -> SignedIn | None:
        """Whose session this cookie is, if it still runs; being asked for counts as being there."""
        found = await self.accounts.session(token) if token else None
        if found is None:
            return None
        (session, account), at = found, self.clock.now()
        if session.is_over(at) or account.ended:
            return None
        if at - session.seen_at >= TOUCHED_EVERY:
            await self.accounts.touch_session(session.id, at)
        withheld = frozenset() if account.asks_for_a_code else account.roles & self._need_second
        roles = account.roles - withheld or frozenset({"viewer"})
        return SignedIn(account.person, account.name, roles, session.id, csrf_of(token), bool(withheld))

    async def sessions(self, person: str) -> list[Session]:
        """Those that still run, the newest first."""
        at = self.clock.now()
        running = [session for session in await self.accounts.sessions(person) if not session.is_over(at)]
        return sorted(running, key=lambda session: session.seen_at, reverse=True)

    async def end(self, session: str, who: str) -> bool:
        ended = await self.accounts.end_session(session, who, self.clock.now())
        self._tell()
        return ended

    async def end_all(self, person: str, who: str, spared: str = "") -> int:
        ended = await self.accounts.end_sessions(person, who, self.clock.now(), spared)
        self._tell()
        return ended

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()

    # --- passwords and links

    async def invite(
        self, person: str, name: str, roles: frozenset[str], who: str, purpose: str = FIRST, is_sample: bool = False
    ) -> str:
        """The token of a link for this person, good once and for a day; the account is made or changed."""
        at = self.clock.now()
        await self.accounts.add_account(Account(person, name, roles, is_sample=is_sample), who, at)
        return await self.new_link(person, purpose, who)

    async def new_link(self, person: str, purpose: str, who: str) -> str:
        at, token = self.clock.now(), self._new_token()
        await self.accounts.add_link(Link(self._new_id(), person, purpose, at, at + LINK_LIVES), token, who, at)
        return token

    async def link(self, token: str) -> tuple[Link, Account] | None:
        """What the link is for, if it is good; looking uses nothing up."""
        found = await self.accounts.link(token)
        if found is None or not found[0].is_good(self.clock.now()) or found[1].ended:
            return None
        return found if found[0].purpose != VISIT or found[1].is_sample else None

    async def use_link(self, token: str, password: str | None, came: Came = NOWHERE) -> str | HalfWay | None:
        """The new session's cookie: the password is this one from now on and every earlier session is over. A second
        step is asked all the same.

        A sample account's visit needs no password. None when the link is no good. `fault_of` is asked before.
        """
        found = await self.link(token)
        if found is None or (found[0].purpose != VISIT and password is None):
            return None
        link, account = found
        if not await self.accounts.use_link(link.id, self.clock.now()):
            return None
        if password is not None and link.purpose != VISIT:
            await self.set_password(account.person, password, "one-time link")
        return await self.after_first_step(account.person, came)

    async def set_password(self, person: str, password: str, who: str, spared: str = "") -> None:
        """From now on this one; other sessions than `spared` end."""
        hashed = await self._passwords.hashed(password)
        at = self.clock.now()
        await self.accounts.change_account(person, lambda known: _forgiven(replace(known, password=hashed)), who, at)
        await self.end_all(person, who, spared)

    async def change_password(self, asker: SignedIn, old: str, new: str) -> str | None:
        """A sentence about what is wrong, or None when it is done."""
        async with self._in_turn(f"name {asker.person}"):
            is_right = await self._fits_now(asker.person, old)
        if not is_right:
            return "The present password is not right, or too many tries were made. Nothing was changed."
        if fault := fault_of(new, asker.person):
            return fault
        await self.set_password(asker.person, new, asker.person, spared=asker.session)
        return None

    async def _fits_now(self, person: str, password: str) -> bool:
        at, account = self.clock.now(), await self.accounts.account(person)
        kept = account.password if account is not None and account.may_try(at) else None
        if await self._passwords.fits(kept, password):
            return True
        await self.accounts.change_account(person, lambda known: after_a_miss(known, at), "sign-in", at)
        return False

    async def has_admin(self) -> bool:
        return any("admin" in account.roles and not account.ended for account in await self.accounts.accounts())

    # --- looks

    async def note_look(self, who: str, address: str, subject: str = "", session: str = "") -> None:
        """Keep that somebody looked; the same look again within five minutes is the same row."""
        at, look = self.clock.now(), (session or who, address, subject)
        if look in self._looks and at - self._looks[look] < SAME_LOOK:
            return
        await self.accounts.add_view(View(self._new_id(), at, who, address, subject))
        self._looks[look] = at
        if len(self._looks) > 5000:
            self._looks = {known: seen for known, seen in self._looks.items() if at - seen < SAME_LOOK}


def _forgiven(account: Account) -> Account:
    return replace(account, failures=0, locked_until=None)
