"""Work by the calendar: APScheduler rings, and remembers nothing.

Duties are rows (law 3); chores only look again. One table serves both drivers: the scheduler in `serve`, and the
clock itself where a person or a test moves it, through the triggers' own arithmetic. The scheduler's defaults lose
late jobs, so grace is unlimited, missed runs are merged, and one runs at a time. Deliberately not here: what is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from oncall.service.cases.follow_ups import FollowUps
from oncall.service.line.after_restore import AfterRestore
from oncall.service.line.certificates import Certificates
from oncall.service.line.emergency_journal import EmergencyJournal
from oncall.service.line.nightly_audit import NightlyAudit
from oncall.service.line.nightly_backup import NightlyBackup
from oncall.service.line.own_numbers import OwnNumbers
from oncall.service.line.vigil import Vigil
from oncall.service.patients.overdue_refills import OverdueRefills
from oncall.service.ports.timepiece import Timepiece
from oncall.service.reports.pilot import PilotWeek
from oncall.service.rota.alarms import RotaAlarms
from oncall.service.rota.drill_calendar import DrillCalendar
from oncall.service.rota.morning_list import MorningList
from oncall.service.rota.requests import RotaRequests
from oncall.service.rota.shift_ends import ShiftEnds
from oncall.service.rota.shift_proofs import ShiftProofs
from oncall.service.rota.when_proven import WhenProven
from oncall.service.task_alarms import TaskAlarms
from oncall.service.telephone.enclosures import Enclosures
from oncall.service.telephone.reconciler import Reconciler
from oncall.service.watch import Watch

log = structlog.get_logger("chores")


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again; safe to miss and safe to do twice."""

    name: str
    trigger: BaseTrigger
    do: Callable[[], Awaitable[object]]


def chores_of(
    watch: Watch, reconciler: Reconciler, enclosures: Enclosures, audit: NightlyAudit, backup: NightlyBackup, zone: str
) -> tuple[Chore, ...]:
    """The table of chores: the backstop look, the reading of the carrier's lists, its recordings and pictures, and
    what is done once a night."""
    return (
        Chore("backstop look", every(seconds=5), watch.look),
        Chore("carrier's lists", every(seconds=60), reconciler.look),
        Chore("recordings and pictures", every(seconds=5), enclosures.look),
        Chore("old recordings and pictures", CronTrigger(hour=4, minute=10, timezone=zone), enclosures.forget_old),
        Chore("nightly audit", CronTrigger(hour=3, minute=40, timezone=zone), audit.look),
        Chore("backup", every(seconds=600), backup.look),
    )


def staff_chores(
    proofs: ShiftProofs,
    morning: MorningList,
    alarms: RotaAlarms,
    drills: DrillCalendar,
    requests: RotaRequests,
    when_proven: WhenProven,
    turns: ShiftEnds,
) -> tuple[Chore, ...]:
    """What the rota brings about: proofs, who is on, what it lacks, drills, swaps, editions that wait for an answer,
    and cases of whoever goes off."""
    return (
        Chore("start of shift", every(seconds=60), proofs.look),
        Chore("who is on", every(seconds=60), morning.look),
        Chore("rota alarms", every(seconds=600), alarms.look),
        Chore("drill", every(seconds=60), drills.look),
        Chore("turns that end", every(seconds=60), turns.look),
        Chore("swaps and cover", every(seconds=15), requests.look),
        Chore("publish when proven", every(seconds=15), when_proven.look),
    )


def pilot_chore(week: PilotWeek) -> Chore:
    """What a pilot tells on Mondays; no chore of a line that is live."""
    return Chore("pilot's week", every(seconds=60), week.look)


def line_chores(journal: EmergencyJournal, restore: AfterRestore) -> tuple[Chore, ...]:
    """What the store refused is tried again; somebody is rung while a restored case waits for a person."""
    return (
        Chore("contacts beside the store", every(seconds=15), journal.look),
        Chore("restored cases", every(seconds=60), restore.look),
    )


def vigil_chore(vigil: Vigil) -> Chore:
    """Whether the line can do its work; needs the open doors, so it is not among those that a test rings."""
    return Chore("vigil", every(seconds=30), vigil.look)


def memory_chore(look_through_all: Callable[[], Awaitable[None]], zone: str) -> Chore:
    """Dead memory that only a walk through everything finds, at the hour at which the fewest call."""
    return Chore("dead memory", CronTrigger(hour=4, minute=40, timezone=zone), look_through_all)


def certificates_chore(certificates: Certificates) -> Chore:
    """Each certificate once a day; asked often, so that one that could not be read is read soon after."""
    return Chore("certificates", every(seconds=60), certificates.look)


def own_numbers_chore(numbers: OwnNumbers) -> Chore:
    """Each number once a day, and soon again after an answer that was wrong or none."""
    return Chore("our numbers", every(seconds=60), numbers.look)


def day_chores(refills: OverdueRefills, tasks: TaskAlarms, follow_ups: FollowUps) -> tuple[Chore, ...]:
    """What of families' own dates has passed without anybody: refills at nine on clinic days, tasks at their hour; and
    what a closed case left to do."""
    return (
        Chore("follow-ups", every(seconds=60), follow_ups.look),
        Chore("overdue refills", every(seconds=60), refills.look),
        Chore("untaken tasks", every(seconds=60), tasks.look),
    )


def every(seconds: int) -> BaseTrigger:
    """A trigger for each so many seconds. It starts long ago: by default it would start at the machine's own time."""
    return IntervalTrigger(seconds=seconds, start_date=datetime(2000, 1, 1, tzinfo=UTC), timezone=UTC)


def ring_by_scheduler(chores: Sequence[Chore], stack: AsyncExitStack) -> None:
    """Drive the table by APScheduler on the real clock; ends with `stack`."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    for chore in chores:
        scheduler.add_job(
            _done_safely,
            chore.trigger,
            args=(chore,),
            id=chore.name,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
    scheduler.start()
    stack.callback(scheduler.shutdown, wait=False)


def ring_by_clock(chores: Sequence[Chore], clock: Timepiece, stack: AsyncExitStack) -> None:
    """Drive the same table on a clock that somebody moves; ends with `stack`."""
    for chore in chores:
        task = asyncio.create_task(_ring(chore, clock), name=chore.name)
        stack.push_async_callback(_end, task)


async def _ring(chore: Chore, clock: Timepiece) -> None:
    last = None
    while True:
        now = clock.now()
        due = chore.trigger.get_next_fire_time(last, now)
        if due is None:
            return
        while clock.now() < due:
            await clock.sleep_until(due.astimezone(UTC))
        last = due
        await _done_safely(chore)


async def _done_safely(chore: Chore) -> None:
    try:
        await chore.do()
    except Exception as problem:  # around one chore: it is done again at its next time
        log.error("chore failed", chore=chore.name, exc_info=problem)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
