"""Who signs in, by command: for the first administrator, and where no administrator can help on a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oncall.adapters.clock import new_id, new_token
from oncall.adapters.side_door.handing_in import Declined
from oncall.errands.stores import Stores
from oncall.house import sign_in_of
from oncall.service.people.accounts import ROLES, Account
from oncall.service.people.inviting import NotDone, Wish, is_admin
from oncall.service.people.inviting import invite as invite_them
from oncall.service.people.second_steps import SecondSteps


async def invite(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """A link that works once, for a new account or for one that is there (then name and roles may be left out)."""
    sign_in = sign_in_of(stores.register, stores.clock)
    if told["is_first"] and (admins := [known for known in await sign_in.accounts.accounts() if is_admin(known)]):
        raise Declined(f"There is an administrator already ({admins[0].person}); use oncall account invite.")
    wish = Wish(told["person"], told["name"] or "", frozenset(told["roles"]))
    who = "oncall init" if told["is_first"] else "oncall account"
    try:
        link, name = await invite_them(sign_in, await stores.register.directory(), wish, who)
    except NotDone as problem:
        raise Declined(str(problem)) from None
    return {"link": link, "name": name}


async def end_sessions(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sign somebody out everywhere; with `whole` the account ends too."""
    person, sign_in = told["person"], sign_in_of(stores.register, stores.clock)
    if await sign_in.accounts.account(person) is None:
        raise Declined(f"Nobody signs in as {person}.")
    if told["whole"]:
        at = stores.clock.now()
        await sign_in.accounts.change_account(person, lambda known: replace(known, ended=True), "oncall account", at)
    return {"ended": await sign_in.end_all(person, "oncall account")}


async def second_off(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """For a lost telephone where no other administrator can help."""
    person, sign_in = told["person"], sign_in_of(stores.register, stores.clock)
    if await sign_in.accounts.account(person) is None:
        raise Declined(f"Nobody signs in as {person}.")
    await SecondSteps(sign_in, stores.clock, new_token, new_id).reset(person, "oncall account")
    return {}


async def list_accounts(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    accounts = await stores.register.accounts.accounts()
    return {"lines": [_account_line(account) for account in accounts] or ["Nobody yet: run oncall init."]}


def _account_line(account: Account) -> str:
    state = "ended" if account.ended else "" if account.password else "has not signed in yet"
    roles = ", ".join(role for role in ROLES if role in account.roles)
    return f"{account.person:<16} {account.name:<24} {roles}" + (f"  ({state})" if state else "")
