"""Work for the day: whose it is, by when, what a family was promised, and every move with its name.

A task is taken, handed on, put off with a reason or done with what was done; it is never deleted, and done can be
taken back. Whoever it was handed to has not taken it: sent is not heard (law 4). Deliberately not here: what happens
when its hour comes (`service.task_alarms`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

AFTER_HANDING = timedelta(hours=2)


class TaskRefused(Exception):
    """Nothing was changed; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One move."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Task:
    """`owner` is whose it is meant to be, `taken_by` who has said so. `words` are a family's own."""

    id: str
    title: str
    due_at: datetime
    patient: str | None = None
    owner: str | None = None
    case_id: str | None = None
    promised_at: datetime | None = None
    words: str = ""
    taken_by: str = ""
    taken_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    outcome: str = ""
    log: tuple[Line, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.done_at is None

    @property
    def is_taken(self) -> bool:
        return bool(self.taken_by)

    @property
    def is_a_familys(self) -> bool:
        """Somebody outside waits for it, so it pages when nobody takes it; the house's own only tells coordinators."""
        return self.promised_at is not None or self.patient is not None

    def is_late(self, at: datetime) -> bool:
        return self.is_open and self.due_at <= at


@dataclass(frozen=True, slots=True)
class By:
    """Who makes a move: the account, the name that is shown, and whether somebody of that id can own tasks."""

    person: str
    name: str
    is_of_the_team: bool = True


def taken(task: Task, by: By, at: datetime) -> Task:
    _must_be_open(task)
    if task.taken_by == by.person:
        return task
    owner = by.person if by.is_of_the_team else task.owner
    return _noted(replace(task, owner=owner, taken_by=by.person, taken_at=at), by, at, "took it")


def handed(task: Task, to: str, name: str, by: By, at: datetime) -> Task:
    """To somebody else, who has yet to take it; where its hour has passed they have two hours for that."""
    _must_be_open(task)
    if task.owner == to and not task.is_taken:
        return task
    due_at = at + AFTER_HANDING if task.is_late(at) else task.due_at
    return _noted(replace(task, owner=to, taken_by="", taken_at=None, due_at=due_at), by, at, f"handed it to {name}")


def put_off(task: Task, due_at: datetime, told: str, reason: str, by: By, at: datetime) -> Task:
    """Another hour, with a reason; what the family was promised stays as it was said. `told` is the hour in words."""
    _must_be_open(task)
    if not reason.strip():
        raise TaskRefused("Say in a few words why it is put off.")
    if due_at <= at:
        raise TaskRefused("The new time has passed already: choose a later one.")
    return _noted(replace(task, due_at=due_at), by, at, f"put it off to {told}: {reason.strip()}")


def done(task: Task, outcome: str, by: By, at: datetime) -> Task:
    _must_be_open(task)
    if not outcome.strip():
        raise TaskRefused("Write in a few words what was done.")
    told = outcome.strip()
    return _noted(replace(task, done_at=at, done_by=by.person, outcome=told), by, at, f"did it: {told}")


def open_again(task: Task, by: By, at: datetime) -> Task:
    if task.is_open:
        return task
    return _noted(replace(task, done_at=None, done_by=None, outcome=""), by, at, "opened it again")


def _must_be_open(task: Task) -> None:
    if not task.is_open:
        raise TaskRefused("It is done already; open it again first.")


def _noted(task: Task, by: By, at: datetime, what: str) -> Task:
    return replace(task, log=(*task.log, Line(at, by.name, what)))
