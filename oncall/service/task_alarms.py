"""A task whose hour has come and which nobody took: coordinators hear of it, and two hours later it pages (RULINGS 2).

By day for the coordinator, in office hours for the page; by the clocks of the edition in force, as an office request
that is a case. Only what a family waits for pages; the house's own work does not. What became of it is told by rows
(law 3): the notice of this task and hour, the dedupe key of its page. Another hour begins anew. Deliberately
not here: office requests that are cases (their own clock), and holes of the rota, which have alarms of their own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from oncall.core.case.escalation import Hours
from oncall.core.notices import About
from oncall.core.reports import Finding, Heard
from oncall.core.rota.on_call import Rota
from oncall.core.rota.working_days import is_working_day
from oncall.core.tasks import Task
from oncall.core.wall_time import wall
from oncall.service.intake import Intake
from oncall.service.messenger import Messenger
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota import alarms as rota_alarms
from oncall.service.task_list import TaskShelf
from oncall.service.telling import told_coordinators

KIND, BY = "task-untaken", "the tasks"
WORDS = "A task of the pump office is due and nobody has taken it. Please see Tasks."
LATE_WORDS = "A task of the pump office that was taken is past its time. Please see Tasks."


class TaskAlarms:
    """See the module."""

    def __init__(
        self,
        shelf: TaskShelf,
        messenger: Messenger,
        intake: Intake,
        register: Register,
        handbooks: HandbookSource,
        clock: Timepiece,
    ) -> None:
        self._shelf, self._messenger, self._intake = shelf, messenger, intake
        self._register, self._handbooks, self._clock = register, handbooks, clock

    async def look(self) -> None:
        now, handbook = self._clock.now(), self._handbooks.current()
        hours, rota = handbook.table.hours, handbook.rota
        for task in await self._shelf.open_tasks():
            if not task.is_late(now):
                return  # the earliest due come first
            if task.id.startswith(tuple(f"{kind}-" for kind in rota_alarms.KINDS)):
                continue
            await self._tell(task, hours, rota, now)
            if pages_now(task, hours, rota, now):
                await self._page(task)

    async def _tell(self, task: Task, hours: Hours, rota: Rota, now: datetime) -> None:
        about = About(KIND, f"{_reference(task)}{'|taken' if task.is_taken else ''}")
        known = {notice.person for notice in await self._messenger.answers(about)}
        words = LATE_WORDS if task.is_taken else WORDS
        told = told_coordinators(await self._register.directory(), rota, hours, about, words, BY, now)
        await self._messenger.order(*(notice for notice in told if notice.person not in known))

    async def _page(self, task: Task) -> None:
        finding = Finding("task_untaken", Heard.PRESENT, f"nobody took this task: {task.title}")
        await self._intake.take_calendar(task.patient, finding, f"task:{_reference(task)}")


def pages_now(task: Task, hours: Hours, rota: Rota, now: datetime) -> bool:
    """Whether an untaken task has waited long enough, and this is an hour in which the office works."""
    if task.is_taken or not task.is_a_familys or now < task.due_at + _patience(hours):
        return False
    local = wall(now, rota.zone).time()
    return hours.day_from <= local < hours.day_until and is_working_day(rota, now)


def _patience(hours: Hours) -> timedelta:
    """As long as between an office request's noon and its page."""
    due, page = (timedelta(hours=at.hour, minutes=at.minute) for at in (hours.task_due, hours.page_at))
    return max(page - due, timedelta(0))


def _reference(task: Task) -> str:
    return f"{task.id}|{task.due_at.isoformat()}"
