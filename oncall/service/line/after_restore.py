"""The first thing after a restore: young emergencies page, the rest waits for a person, and an administrator is rung.

Until every case has been asked what becomes of it the loops stand still, so no page that is long over goes out. Killed
in between, it begins again and adds nothing (each case by its own key). While a case waits, administrators are rung
again each quarter of an hour, and whoever answers for the line is told. Deliberately not here: what becomes of a case
(`core.case.reviewing`).
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Protocol

import structlog

from oncall.core import notices as moves
from oncall.core.case.commands import GoOnRestored
from oncall.core.case.messages import Channel
from oncall.core.case.reviewing import REVIEW_AGAIN, is_in_review
from oncall.core.notices import About, Choice, Notice
from oncall.service.desk import Desk
from oncall.service.line.vigil import LineNews, Road
from oncall.service.messenger import Messenger
from oncall.service.people.accounts import Accounts
from oncall.service.people.inviting import is_admin
from oncall.service.ports import JournalRefused, Register, Timepiece
from oncall.service.telling import text_number

KIND = "restored"
RING_AGAIN = timedelta(minutes=15)

log = structlog.get_logger("restore")


class Mark(Protocol):
    """What a restore leaves beside the database."""

    def made_at(self) -> str | None:
        """When the backup was made; None where nothing was restored, or it has been dealt with."""
        ...

    def settled(self) -> None: ...


class AfterRestore:
    """See the module. `operator` is rung where no administrator has a telephone."""

    def __init__(
        self,
        mark: Mark,
        desk: Desk,
        register: Register,
        accounts: Accounts,
        messenger: Messenger,
        news: LineNews,
        clock: Timepiece,
        operator: str,
    ) -> None:
        self._mark, self._desk, self._register, self._accounts = mark, desk, register, accounts
        self._messenger, self._news, self._clock, self._operator = messenger, news, clock, operator

    async def settle(self) -> None:
        """Before the loops begin. Raises JournalRefused: a store that cannot write must not page from the past."""
        made_at = self._mark.made_at()
        if made_at is None:
            return
        log.critical("this database was restored", made_at=made_at)
        for notice in await self._messenger.notices.open():
            await self._messenger.change(notice.id, partial(moves.withdrawn, at=self._clock.now()))
        for case in await self._desk.journal.open_cases():
            await self._ask(GoOnRestored(case.id, made_at))
        self._mark.settled()

    async def _ask(self, command: GoOnRestored) -> None:
        try:
            await self._desk.take(command, f"restored:{command.made_at}:{command.case}")
        except JournalRefused:
            raise
        except Exception as problem:  # around one case: it then goes on by its own clocks, which page
            log.critical("a restored case could not be asked", case=command.case, exc_info=problem)

    async def look(self) -> None:
        """While a case waits for review, somebody is rung; the same quarter of an hour rings once."""
        soon = self._clock.now() + REVIEW_AGAIN  # such a case has no other clock
        waiting = sum(map(is_in_review, await self._desk.journal.open_cases(due_by=soon)))
        quarter = str(int(self._clock.now().timestamp() // RING_AGAIN.total_seconds()))
        if not waiting:
            await self._messenger.withdraw(KIND, quarter)
            return
        if await self._messenger.answers(About(KIND, quarter)):
            return
        words = (
            f"The pump line was restored from a backup. {waiting} open cases wait for review on the board. Nobody is "
            "paged for them until somebody takes or closes them."
        )
        numbers = await self._administrators()
        ordered = [self._call(quarter, person, number, words) for person, number in numbers.items()]
        await self._messenger.order(*ordered)
        await self._news.tell(words, tuple(Road))

    async def _administrators(self) -> dict[str, str]:
        people = (await self._register.directory()).clinicians
        admins = [account.person for account in await self._accounts.accounts() if is_admin(account)]
        numbers = {name: text_number(people[name]) for name in admins if name in people}
        return {name: number for name, number in numbers.items() if number} or {"": self._operator}

    def _call(self, quarter: str, person: str, number: str, words: str) -> Notice:
        seen = (Choice("1", "seen"),)
        told = f"{words} Press 1 when you have heard this."
        expires_at = self._clock.now() + RING_AGAIN
        about = About(KIND, quarter)
        return Notice(
            about, number, Channel.VOICE, told, KIND, person=person, choices=seen, rings=3, expires_at=expires_at
        )
