"""Inviting people and changing what they may: the same for the command and for the administrators' page.

Roles change by name; the last administrator who can sign in stays one. Deliberately not here: how the link is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from oncall.core.case.facts import Directory
from oncall.service.people.accounts import FIRST, RESET, Account, roles_from
from oncall.service.people.sign_in import SignIn
from oncall.service.ports.timepiece import Timepiece

PERSON = re.compile(r"[a-z][a-z0-9.-]{1,39}")


class NotDone(Exception):
    """The sentence says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to come; name and roles may be left out for somebody who is known."""

    person: str
    name: str = ""
    roles: frozenset[str] = frozenset()


async def invite(sign_in: SignIn, directory: Directory, wish: Wish, who: str) -> tuple[str, str]:
    """The token of the link, and the name it is for. Raises NotDone."""
    person = wish.person.strip().lower()
    if not PERSON.fullmatch(person):
        raise NotDone("A short name has 2 to 40 small letters, digits, dots or dashes, and begins with a letter.")
    known, on_the_team = await sign_in.accounts.account(person), directory.clinicians.get(person)
    name = wish.name.strip() or (known.name if known else on_the_team.name if on_the_team else "")
    roles = wish.roles or (known.roles if known else frozenset())
    if not name or not roles:
        raise NotDone(f"{person} is new: say who it is and what for (--name, --role).")
    if on_the_team is not None and on_the_team.is_shared:
        raise NotDone(f"{person} is a shared phone: accounts are for persons.")
    if known is not None and "admin" not in roles:
        await _another_admin_than(sign_in, known)
    purpose = RESET if known and known.password else FIRST
    return await sign_in.invite(person, name, roles_from(roles), who, purpose), name


async def change_roles(sign_in: SignIn, clock: Timepiece, person: str, roles: frozenset[str], who: str) -> None:
    """Holds from the next request of theirs on. Raises NotDone."""
    known = await _account(sign_in, person)
    try:
        told = roles_from(roles)
    except ValueError:
        raise NotDone("Tick at least one role; to let nobody in, end the account.") from None
    if "admin" not in told:
        await _another_admin_than(sign_in, known)
    await sign_in.accounts.change_account(person, lambda account: replace(account, roles=told), who, clock.now())


async def end_account(sign_in: SignIn, clock: Timepiece, person: str, who: str) -> None:
    """No more signing in until invited again. Raises NotDone."""
    await _another_admin_than(sign_in, await _account(sign_in, person))
    await sign_in.accounts.change_account(person, lambda account: replace(account, ended=True), who, clock.now())
    await sign_in.end_all(person, who)


async def _account(sign_in: SignIn, person: str) -> Account:
    known = await sign_in.accounts.account(person)
    if known is None:
        raise NotDone(f"Nobody signs in as {person}.")
    return known


async def _another_admin_than(sign_in: SignIn, account: Account) -> None:
    if not is_admin(account):
        return
    others = [one for one in await sign_in.accounts.accounts() if one.person != account.person and is_admin(one)]
    if not others:
        raise NotDone(f"{account.name} is the only administrator who can sign in: make somebody else one first.")


def is_admin(account: Account) -> bool:
    can_sign_in = account.password is not None or account.subject is not None or account.is_sample
    return "admin" in account.roles and not account.ended and can_sign_in
