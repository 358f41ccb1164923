"""The tasks of the day as one list: those of the register, and office requests that are cases and wait for the morning.

A case keeps its own clock for that (RULINGS 2: untaken at noon); it is shown here with what its family was promised
and worked on as a case. Deliberately not here: what happens at a task's hour (`task_alarms`), and moves (`core.tasks`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from oncall.core import tasks as moves
from oncall.core.case.case import Case, ClockKind, Status
from oncall.core.case.commands import Resolve
from oncall.core.tasks import By, Task, TaskRefused
from oncall.core.triage.assessment import Urgency
from oncall.service.cases.board import name_of
from oncall.service.desk import Desk
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece

MOST = 60  # of each on one page; the earliest due come first
FINISHED = 15


class TaskShelf(Protocol):
    """Where tasks are kept: audited rows of the register; `who` stands in the audit."""

    async def open_tasks(self) -> list[Task]:
        """The earliest due first."""
        ...

    async def finished(self, limit: int) -> list[Task]:
        """Newest first."""
        ...

    async def task(self, task_id: str) -> Task | None: ...

    async def leave(self, task: Task, who: str) -> bool:
        """Whether it is new; one that is known is left as it is, done or not."""
        ...

    async def change(self, task_id: str, move: Callable[[Task, datetime], Task], who: str) -> Task | None:
        """Read, move and keep in one commit; None for an unknown id."""
        ...

    async def can_own(self, person: str) -> bool:
        """Whether this is somebody of the team, who has not left."""
        ...


@dataclass(frozen=True, slots=True)
class CaseTask:
    """An office request that waits for the morning; `promised_at` is what its family was told."""

    id: str
    code: str
    label: str
    due_at: datetime
    promised_at: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """The list at one instant. `names` are of everybody who may own a task or has taken one."""

    tasks: tuple[Task, ...]
    cases: tuple[CaseTask, ...]
    finished: tuple[Task, ...]
    more: int  # tasks that are not shown
    names: dict[str, str]


class TaskList:
    """See the module."""

    def __init__(self, shelf: TaskShelf, desk: Desk, register: Register, clock: Timepiece) -> None:
        self.shelf = shelf
        self._desk, self._register, self._clock = desk, register, clock

    async def day(self) -> Day:
        tasks, directory = await self.shelf.open_tasks(), await self._register.directory()
        cases = [case_task(case) for case in await self._desk.journal.open_cases() if waits_for_morning(case)]
        names = {person.id: person.name for person in directory.clinicians.values() if not person.is_shared}
        return Day(
            tuple(tasks[:MOST]),
            tuple(sorted(cases, key=lambda case: case.due_at)[:MOST]),
            tuple(await self.shelf.finished(FINISHED)),
            max(len(tasks) - MOST, 0),
            names,
        )

    async def take(self, task_id: str, by: By) -> None:
        await self._move(task_id, partial(_taken, by=await self._known(by)), by)

    async def hand(self, task_id: str, to: str, by: By) -> None:
        directory = await self._register.directory()
        if to not in directory.clinicians:
            raise TaskRefused("Choose somebody of the team.")
        await self._move(task_id, partial(_handed, to=to, name=name_of(to, directory), by=by), by)

    async def put_off(self, task_id: str, due_at: datetime, told: str, reason: str, by: By) -> None:
        await self._move(task_id, partial(_put_off, due_at=due_at, told=told, reason=reason, by=by), by)

    async def done(self, task_id: str, outcome: str, by: By) -> None:
        await self._move(task_id, partial(_done, outcome=outcome, by=by), by)

    async def open_again(self, task_id: str, by: By) -> None:
        await self._move(task_id, partial(_open_again, by=by), by)

    async def case_done(self, case_id: str, outcome: str, by: By) -> None:
        """An office request is answered: its case closes by name. Raises TaskRefused."""
        case = await self._desk.journal.case(case_id)
        if case is None or not waits_for_morning(case):
            raise TaskRefused("This request is no task any more: open its case.")
        if not outcome.strip():
            raise TaskRefused("Write in a few words what was done.")
        written = await self._desk.take(Resolve(case.id, by.person, "office request answered", outcome.strip()))
        if not written.answer.get("closed"):
            raise TaskRefused("Somebody has taken this case: open it.")

    async def _known(self, by: By) -> By:
        return By(by.person, by.name, await self.shelf.can_own(by.person))

    async def _move(self, task_id: str, move: Callable[[Task, datetime], Task], by: By) -> None:
        if await self.shelf.change(task_id, move, by.person) is None:
            raise TaskRefused("There is no such task: load the page again.")


def waits_for_morning(case: Case) -> bool:
    return case.status is Status.WAITING and case.pace is Urgency.ROUTINE


def case_task(case: Case) -> CaseTask:
    clocks = [clock for kind in (ClockKind.TASK, ClockKind.TASK_PAGE) if (clock := case.clock(kind))]
    due_at = clocks[0].due_at if clocks else case.promised_at or case.opened_at
    assert due_at is not None, "a case that waits was opened"
    return CaseTask(case.id, case.code, case.label, due_at, case.promised_at)


def _taken(task: Task, at: datetime, by: By) -> Task:
    return moves.taken(task, by, at)


def _handed(task: Task, at: datetime, to: str, name: str, by: By) -> Task:
    return moves.handed(task, to, name, by, at)


def _put_off(task: Task, at: datetime, due_at: datetime, told: str, reason: str, by: By) -> Task:
    return moves.put_off(task, due_at, told, reason, by, at)


def _done(task: Task, at: datetime, outcome: str, by: By) -> Task:
    return moves.done(task, outcome, by, at)


def _open_again(task: Task, at: datetime, by: By) -> Task:
    return moves.open_again(task, by, at)
