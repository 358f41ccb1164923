"""What waits for coordinators this morning, as two short lines of figures: no patient, no name.

Deliberately not here: the lists themselves (`danger_calendar`, `task_list`), and sending (`morning_list`).
"""

from __future__ import annotations

from datetime import timedelta

from oncall.service.patients.danger_calendar import DangerCalendar
from oncall.service.ports.timepiece import Timepiece
from oncall.service.task_list import TaskList

TODAY = timedelta(hours=15)  # from the morning list until the evening


async def what_waits(calendar: DangerCalendar, tasks: TaskList, clock: Timepiece) -> list[str]:
    """Empty where nothing waits."""
    overdue, near = await calendar.counts()
    now, day = clock.now(), await tasks.day()
    hours = [*(task.due_at for task in day.tasks), *(case.due_at for case in day.cases)]
    due = sum(at <= now + TODAY for at in hours)
    lines = [f"Due: {overdue} overdue, {near} near"] if overdue or near else []
    return [*lines, f"Tasks: {due} for today"] if due else lines
