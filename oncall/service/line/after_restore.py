"""The first thing after the record was put back: young emergencies page, the rest waits, an administrator is rung.

Put back by a restore, or by damage: a record that is found shorter than it was is treated like one from a backup.

Until every case has been asked what becomes of it the loops stand still, so no page that is long over goes out. Killed
in between, it begins again and adds nothing (each case by its own key). While a case waits, or nobody has heard that
something was lost, administrators are rung again each quarter of an hour, and whoever answers for the line is told.
Deliberately not here: what becomes of a case (`core.case.reviewing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from oncall.service.line.lost import Lost, lost_aloud
from oncall.service.line.vigil import LineNews, Road
from oncall.service.messenger import Messenger
from oncall.service.people.accounts import Accounts
from oncall.service.people.inviting import is_admin
from oncall.service.ports.journal import JournalRefused
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telling import text_number

KIND = "restored"
LOST = "lost"
ANSWERS_READ = 60
RING_AGAIN = timedelta(minutes=15)

log = structlog.get_logger("restore")


class Mark(Protocol):
    """What a restore leaves beside the database."""

    def made_at(self) -> str | None:
        """When the backup was made; None where nothing was restored, or it has been dealt with."""
        ...

    def settled(self) -> None:
        """The cases know; the carrier's list is still to be read."""
        ...

    def lists_are_read(self) -> None: ...

    def lost(self) -> Sequence[Lost]:
        """What no restore explains; until a person takes the evidence away."""
        ...


class AfterRestore:
    """See the module. `operator` is rung where no administrator has a telephone; `lists_are_read`: the carrier's."""

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
        zone: str,
        lists_are_read: Callable[[], bool],
    ) -> None:
        self._mark, self._desk, self._register, self._accounts = mark, desk, register, accounts
        self._messenger, self._news, self._clock, self._operator = messenger, news, clock, operator
        self._zone, self._lists_are_read = zone, lists_are_read

    async def settle(self) -> None:
        """Before the loops begin. Raises JournalRefused: a store that cannot write must not page from the past."""
        made_at = self._mark.made_at()
        if made_at is None:
            return
        log.critical("this database was put back", made_at=made_at)
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
        """While a case waits for review or a loss is unheard of, somebody is rung; the same quarter rings once."""
        if self._lists_are_read():
            self._mark.lists_are_read()
        soon = self._clock.now() + REVIEW_AGAIN  # such a case has no other clock
        waiting = sum(map(is_in_review, await self._desk.journal.open_cases(due_by=soon)))
        lost, unheard = self._mark.lost(), await self._unheard()
        quarter = str(int(self._clock.now().timestamp() // RING_AGAIN.total_seconds()))
        review = About(KIND, quarter)
        if not waiting and not unheard:
            await self._messenger.withdraw(KIND, quarter)
            return
        if any([await self._messenger.answers(about) for about in (review, *(_about(one, quarter) for one in lost))]):
            return
        words = " ".join([*(lost_aloud(one, self._zone) for one in unheard), *_review_words(waiting)])
        await self._ring(_about(unheard[-1], quarter) if unheard else review, words)

    async def _unheard(self) -> list[Lost]:
        """What was lost, and nobody who was rung about it has pressed a key."""
        if not (lost := self._mark.lost()):
            return []
        answered = await self._messenger.notices.answered(LOST, ANSWERS_READ)
        heard = {notice.about.reference.partition(" ")[0] for notice in answered}
        return [one for one in lost if one.evidence not in heard]

    async def _ring(self, about: About, words: str) -> None:
        numbers = await self._administrators()
        await self._messenger.order(*(self._call(about, *one, words) for one in numbers.items()))
        await self._news.tell(words, tuple(Road))

    async def _administrators(self) -> dict[str, str]:
        people = (await self._register.directory()).clinicians
        admins = [account.person for account in await self._accounts.accounts() if is_admin(account)]
        numbers = {name: text_number(people[name]) for name in admins if name in people}
        return {name: number for name, number in numbers.items() if number} or {"": self._operator}

    def _call(self, about: About, person: str, number: str, words: str) -> Notice:
        seen = (Choice("1", "seen"),)
        told = f"{words} Press 1 when you have heard this."
        expires_at = self._clock.now() + RING_AGAIN
        return Notice(
            about, number, Channel.VOICE, told, KIND, person=person, choices=seen, rings=3, expires_at=expires_at
        )


def _about(lost: Lost, quarter: str) -> About:
    return About(LOST, f"{lost.evidence} {quarter}")


def _review_words(waiting: int) -> list[str]:
    if not waiting:
        return []
    return [
        f"The pump line's record was put back. {waiting} open cases wait for review on the board. Nobody is paged for "
        "them until somebody takes or closes them."
    ]
