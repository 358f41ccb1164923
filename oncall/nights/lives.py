"""One life of the house in a rehearsed night: opened on the rows it finds, ended by a power cut or by the morning.

Wired as in `house`, without listeners and pages, and without the second line of chores: the loops alone must do. One
with a wrong part is opened the same way, so that it can be shown that the invariants see what they must. Deliberately
not here: the carrier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.telephony.rate import Gate
from oncall.adapters.telephony.routes import Route, Routes
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital
from oncall.nights.hours import NightClock, NightLoop
from oncall.nights.stores import BadDisk, Cut, Fence, Trouble
from oncall.service.desk import Desk
from oncall.service.dispatch import Dispatcher
from oncall.service.intake import Intake
from oncall.service.messenger import Messenger
from oncall.service.notice_answers import NoticeAnswers
from oncall.service.ports import Ledger, Pager, Written
from oncall.service.telephone.family_replies import FamilyReplies
from oncall.service.telephone.inbox import Inbox
from oncall.service.telephone.reconciler import Reconciler
from oncall.service.telephone.replies import Replies
from oncall.service.telephone.steps import Telephone
from oncall.service.watch import Watch

LISTS_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a house is put together from; a wrong house has one wrong part."""

    desk: Callable[[Any, Any], Desk] = Desk
    watch: Callable[[Desk, Any], Watch] = Watch
    dispatcher: Callable[[Desk, Any, Any, Any, Callable[[], str]], Dispatcher] = Dispatcher


class Edition:
    """A HandbookSource that somebody publishes into."""

    def __init__(self, handbook: Handbook) -> None:
        self.handbook = handbook

    def current(self) -> Handbook:
        return self.handbook


@dataclass(frozen=True, slots=True)
class Outside:
    """What a life does not take with it when it ends."""

    loop: NightLoop
    clock: NightClock
    register: MemoryRegister
    hospital: Hospital
    edition: Edition
    trouble: Trouble
    carriers: tuple[tuple[str, Pager], ...]
    ledgers: tuple[Ledger, ...]
    new_id: Callable[[], str]
    chance: Callable[[], str]
    seen: Callable[[Written], None]
    cut: Callable[[Cut], None]


@dataclass(slots=True)
class Life:
    """See the module. `begins` sets it going, `dies` is the power cut."""

    journal: MemoryJournal
    outside: Outside
    desk: Desk
    watch: Watch
    dispatcher: Dispatcher
    messenger: Messenger
    intake: Intake
    inbox: Inbox
    telephone: Telephone
    answers: NoticeAnswers
    reconciler: Reconciler
    alive: list[bool]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def begins(self) -> None:
        loops = (self.watch.run(), self.dispatcher.run(), self.messenger.run(), self._reads_lists())
        self.tasks = [self.outside.loop.create_task(loop) for loop in loops]

    def dies(self) -> None:
        self.alive[0] = False
        for task in self.tasks:
            task.cancel()

    async def _reads_lists(self) -> None:
        while True:
            await self.outside.clock.sleep(LISTS_EVERY.total_seconds())
            await self.reconciler.look()


def open_life(journal: MemoryJournal, outside: Outside, parts: Parts) -> Life:
    """A house on these rows; nothing runs yet."""
    alive = [True]
    is_alive = lambda: alive[0]  # noqa: E731 - asked of many, not worth a name
    clock = outside.clock
    disk: Any = BadDisk(journal, outside.trouble, is_alive, outside.cut, outside.seen)
    register: Any = Fence(outside.register, is_alive)
    notices: Any = Fence(outside.register.notices, is_alive)
    routes = [
        Route(name, Fence(carrier, is_alive), Gate(clock, 10), Gate(clock, 5))  # type: ignore[arg-type]
        for name, carrier in outside.carriers
    ]
    pager = Routes(routes, clock)
    desk = parts.desk(disk, outside.edition)
    intake = Intake(desk, register, clock, outside.new_id)
    telephone = Telephone(desk, register, intake, clock, pager.learn)
    messenger = Messenger(notices, desk, pager, register, clock)
    answers = NoticeAnswers(messenger, disk, register, clock)
    begun = (messenger, register.task_list, register.dangers)
    families = FamilyReplies(*begun, intake, register, outside.edition, clock, outside.hospital)
    replies = Replies(desk, register, clock, outside.new_id)
    inbox = Inbox(register, intake, replies, answers, families, clock)
    return Life(
        journal=journal,
        outside=outside,
        desk=desk,
        watch=parts.watch(desk, clock),
        dispatcher=parts.dispatcher(desk, pager, register, clock, outside.chance),
        messenger=messenger,
        intake=intake,
        inbox=inbox,
        telephone=telephone,
        answers=answers,
        reconciler=Reconciler(desk, inbox, intake, telephone, messenger, outside.ledgers, clock),
        alive=alive,
    )
