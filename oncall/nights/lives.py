"""One life of the house in a rehearsed night: opened on the rows it finds, ended by a power cut or by the morning.

Wired as in `house`, without listeners and pages, and without the backstop among the chores: the loops alone must do.
What is looked at by the calendar (shifts, dates of patients, tasks) runs in some nights, once a minute. One with a
wrong part is opened the same way, so that it can be shown that the invariants see what they must. Deliberately not
here: the carrier.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.telephony.rate import Gate
from oncall.adapters.telephony.routes import Route, Routes
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital
from oncall.nights.hours import NightClock, NightLoop
from oncall.nights.stores import BadDisk, BadShelves, Cut, Fence, Trouble
from oncall.service.desk import Desk
from oncall.service.dispatch import Dispatcher
from oncall.service.intake import Intake
from oncall.service.messenger import Messenger
from oncall.service.notice_answers import NoticeAnswers
from oncall.service.patients.danger_calendar import DangerCalendar
from oncall.service.patients.overdue_refills import OverdueRefills
from oncall.service.ports.carrier import Ledger, Pager
from oncall.service.ports.journal import JournalRefused, Written
from oncall.service.rota.alarms import RotaAlarms
from oncall.service.rota.morning_list import MorningList
from oncall.service.rota.shift_ends import ShiftEnds
from oncall.service.rota.shift_proofs import ShiftProofs
from oncall.service.task_alarms import TaskAlarms
from oncall.service.task_list import TaskList
from oncall.service.telephone.family_replies import FamilyReplies
from oncall.service.telephone.inbox import Inbox
from oncall.service.telephone.reconciler import Reconciler
from oncall.service.telephone.replies import Replies
from oncall.service.telephone.steps import Telephone
from oncall.service.watch import Watch
from oncall.service.what_waits import what_waits

LISTS_EVERY = ROUND_EVERY = timedelta(seconds=60)
ALARMS_AT = 10  # the rota is looked through once in so many rounds
Look = Callable[[], Awaitable[object]]


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
    has_rounds: bool = False


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
    rounds: Sequence[Look]
    alive: list[bool]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def begins(self) -> None:
        loops = (self.watch.run(), self.dispatcher.run(), self.messenger.run(), self._reads_lists())
        self.tasks = [self.outside.loop.create_task(loop) for loop in loops]
        if self.rounds:
            self.tasks.append(self.outside.loop.create_task(self._makes_rounds()))

    def dies(self) -> None:
        self.alive[0] = False
        for task in self.tasks:
            task.cancel()

    async def _reads_lists(self) -> None:
        while True:
            await self.outside.clock.sleep(LISTS_EVERY.total_seconds())
            await self.reconciler.look()

    async def _makes_rounds(self) -> None:
        for turn in itertools.count():
            for look in self.rounds if turn % ALARMS_AT == 0 else self.rounds[:-1]:
                with suppress(JournalRefused, sqlite3.OperationalError):  # the next round looks again
                    await look()
            await self.outside.clock.sleep(ROUND_EVERY.total_seconds())


def open_life(journal: MemoryJournal, outside: Outside, parts: Parts) -> Life:
    """A house on these rows; nothing runs yet."""
    alive = [True]
    is_alive = lambda: alive[0]  # noqa: E731 - asked of many, not worth a name
    clock = outside.clock
    disk: Any = BadDisk(journal, outside.trouble, is_alive, outside.cut, outside.seen)
    shelves = BadShelves(outside.register.store, outside.trouble, is_alive, outside.cut)
    register = KeptRegister(shelves, outside.hospital, clock)
    routes = [
        Route(name, Fence(carrier, is_alive), Gate(clock, 10), Gate(clock, 5))  # type: ignore[arg-type]
        for name, carrier in outside.carriers
    ]
    pager = Routes(routes, clock)
    desk = parts.desk(disk, outside.edition)
    intake = Intake(desk, register, clock, outside.new_id)
    telephone = Telephone(desk, register, intake, clock, pager.learn)
    messenger = Messenger(register.notices, desk, pager, register, clock)
    answers = NoticeAnswers(messenger, disk, register, clock)
    begun = (messenger, register.task_list, register.dangers)
    families = FamilyReplies(*begun, intake, register, outside.edition, clock, outside.hospital)
    replies = Replies(desk, register, clock, outside.new_id)
    inbox = Inbox(register, intake, replies, answers, families, clock)
    dangers = DangerCalendar(register.dangers, outside.edition, clock, outside.new_id)
    tasks = TaskList(register.task_list, desk, register, clock)
    staff: Any = (messenger, register, outside.edition, clock, outside.hospital)
    rounds = (
        ShiftEnds(desk, outside.edition, clock),
        OverdueRefills(dangers, intake, outside.edition, clock),
        TaskAlarms(register.task_list, messenger, intake, register, outside.edition, clock),
        ShiftProofs(*staff),
        MorningList(*staff, partial(what_waits, dangers, tasks, clock)),
        RotaAlarms(messenger, register, disk, outside.edition, clock, outside.hospital, register),
    )
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
        rounds=[part.look for part in rounds] if outside.has_rounds else (),
        alive=alive,
    )
