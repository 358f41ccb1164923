"""The tasks of the day over whichever store holds the register's rows; the contract is `task_list.TaskShelf`.

Each move is read, made and kept in one commit with its line in the audit. Deliberately not here: what may be done
(`core.tasks`), and tasks that chores leave and take back (`kept`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from oncall.adapters.register.keeping import keep
from oncall.adapters.register.rows import PersonRow, Rows, TaskRow
from oncall.adapters.register.store import Store
from oncall.core.tasks import Line, Task
from oncall.service.ports.timepiece import Timepiece

SAME = (
    "id", "title", "due_at", "patient", "owner", "case_id", "promised_at", "words", "taken_by", "taken_at", "done_at",
    "done_by", "outcome",
)  # fmt: skip


class KeptTaskList:
    """See the module."""

    def __init__(self, store: Store, clock: Timepiece) -> None:
        self._store, self._clock = store, clock

    async def open_tasks(self) -> list[Task]:
        found = await self._store.read(lambda rows: rows.find(TaskRow, done_at=None))
        return sorted((task_of(row) for row in found), key=lambda task: (task.due_at, task.id))

    async def finished(self, limit: int) -> list[Task]:
        found = await self._store.read(lambda rows: rows.newest(TaskRow, "done_at", limit))
        return [task_of(row) for row in found]

    async def task(self, task_id: str) -> Task | None:
        found = await self._store.read(lambda rows: rows.find(TaskRow, id=task_id))
        return task_of(found[0]) if found else None

    async def leave(self, task: Task, who: str) -> bool:
        at = self._clock.now()

        def work(rows: Rows) -> bool:
            if rows.find(TaskRow, id=task.id):
                return False
            return keep(rows, _row(TaskRow(id=task.id, title=task.title, due_at=task.due_at), task), who, at)

        return await self._store.write(work)

    async def change(self, task_id: str, move: Callable[[Task, datetime], Task], who: str) -> Task | None:
        at = self._clock.now()

        def work(rows: Rows) -> Task | None:
            for row in rows.find(TaskRow, id=task_id):
                after = move(task_of(row), at)
                keep(rows, _row(row, after), who, at)
                return after
            return None

        return await self._store.write(work)

    async def can_own(self, person: str) -> bool:
        found = await self._store.read(lambda rows: rows.find(PersonRow, id=person))
        return any(row.left_at is None for row in found)


def task_of(row: TaskRow) -> Task:
    log = tuple(Line(datetime.fromisoformat(at), who, what) for at, who, what in json.loads(row.log))
    return Task(**{name: getattr(row, name) for name in SAME}, log=log)


def _row(row: TaskRow, task: Task) -> TaskRow:
    log = json.dumps([[line.at.isoformat(), line.who, line.what] for line in task.log], ensure_ascii=False)
    return replace(row, **{name: getattr(task, name) for name in SAME}, log=log)
