"""Setting up somebody's second step, and taking it away.

It holds from the first right code on, never before: a picture that was not read keeps nobody out. It goes with a code
of its owner, or by an administrator for a lost telephone. Deliberately not here: the codes themselves (`second_step`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from oncall.service.people.accounts import Account, SignedIn
from oncall.service.people.second_step import RECOVERY_CODES, Second, confirmed, fresh
from oncall.service.people.sign_in import SignIn
from oncall.service.ports.timepiece import Timepiece


class SecondSteps:
    """See the module."""

    def __init__(
        self, sign_in: SignIn, clock: Timepiece, new_token: Callable[[], str], new_id: Callable[[], str]
    ) -> None:
        self._sign_in, self._clock = sign_in, clock
        self._new_token, self._new_id = new_token, new_id

    async def of(self, person: str) -> Second | None:
        account = await self._sign_in.accounts.account(person)
        return account.second if account else None

    async def begin(self, asker: SignedIn) -> None:
        """A new secret to be read from the screen; one that is in force stays."""
        new = fresh(self._new_token)
        await self._change(asker.person, lambda known: known if _is_on(known) else replace(known, second=new), asker)

    async def confirm(self, asker: SignedIn, code: str) -> tuple[str, ...]:
        """The codes for a lost telephone, shown once; none when the code was wrong. Other sessions end."""
        at, codes = self._clock.now(), tuple(self._new_id() for _ in range(RECOVERY_CODES))
        done = False

        def work(known: Account) -> Account:
            nonlocal done
            second = confirmed(known.second, code, at, codes) if known.second and not known.second.is_on else None
            done = second is not None
            return replace(known, second=second) if second else known

        await self._change(asker.person, work, asker)
        if done:
            await self._sign_in.end_all(asker.person, asker.person, spared=asker.session)
        return codes if done else ()

    async def end(self, asker: SignedIn, code: str) -> bool:
        """By its owner, with a code."""
        if not await self._sign_in.spend_code(asker.person, code):
            return False
        await self._change(asker.person, _without, asker)
        return True

    async def reset(self, person: str, who: str) -> None:
        """By an administrator, for somebody whose telephone is lost; their sessions end."""
        await self._sign_in.accounts.change_account(person, _without, who, self._clock.now())
        await self._sign_in.end_all(person, who)

    async def _change(self, person: str, change: Callable[[Account], Account], asker: SignedIn) -> None:
        await self._sign_in.accounts.change_account(person, change, asker.person, self._clock.now())


def _is_on(account: Account) -> bool:
    return account.asks_for_a_code


def _without(account: Account) -> Account:
    return replace(account, second=None)
