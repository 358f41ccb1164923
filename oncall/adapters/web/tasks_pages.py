"""The tasks of the day: by when, whose, what a family was promised, and what was done.

Everybody looks; clinicians and coordinators take, do, hand on and put off. Office requests that wait as cases stand in
the same list and are answered here or on their case. Deliberately not here: what a move means (`core.tasks`), and what
happens to a task nobody takes (`service.task_alarms`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.core.tasks import By, TaskRefused
from oncall.core.wall_time import first_pass, wall
from oncall.service.task_list import MOST

MAY_ACT = ("clinician", "coordinator")
Form = Mapping[str, object]
SAID = {
    "take": "It is yours now.",
    "done": "Done, and kept with what was done.",
    "hand": "Handed on: they have yet to take it.",
    "put-off": "It has a new time.",
    "open": "Open again.",
}


async def tasks(request: web.Request) -> web.Response:
    """GET /tasks."""
    return await _shown(request, said=SAID.get(request.query.get("said", ""), ""))


async def act(request: web.Request) -> web.Response:
    """POST /tasks/{task}/{act}."""
    name, form = request.match_info["act"], await read_form(request)
    doing = ACTS.get(name)
    if doing is None:
        raise Problem(404, "no-such-act", "There is nothing of that name to be done with a task. Open the tasks again.")
    task = request.match_info["task"]
    try:
        await doing(request, task, form)
    except TaskRefused as refused:
        return await _shown(request, fault=str(refused), told={"task": task, "act": name, **form})
    return see_other(f"/tasks?said={name}")


async def case_done(request: web.Request) -> web.Response:
    """POST /tasks/cases/{case}/done: an office request that waits as a case is answered."""
    form, case = await read_form(request), request.match_info["case"]
    try:
        await request.app[GIVEN].task_list.case_done(case, typed(form, "outcome")[:500], _by(request))
    except TaskRefused as refused:
        return await _shown(request, fault=str(refused), told={"task": case, "act": "done", **form})
    return see_other("/tasks?said=done")


async def _take(request: web.Request, task: str, form: Form) -> None:
    await request.app[GIVEN].task_list.take(task, _by(request))


async def _done(request: web.Request, task: str, form: Form) -> None:
    await request.app[GIVEN].task_list.done(task, typed(form, "outcome")[:500], _by(request))


async def _hand(request: web.Request, task: str, form: Form) -> None:
    await request.app[GIVEN].task_list.hand(task, typed(form, "to")[:60], _by(request))


async def _put_off(request: web.Request, task: str, form: Form) -> None:
    given = request.app[GIVEN]
    zone = given.hospital.zone
    try:
        due_at = first_pass(datetime.fromisoformat(typed(form, "due").strip()).replace(tzinfo=None), zone)
    except ValueError:
        raise TaskRefused("Choose the day and the hour by which it is done.") from None
    told = f"{wall(due_at, zone):%a} {wall(due_at, zone).day} {wall(due_at, zone):%b %H:%M}"
    await given.task_list.put_off(task, due_at, told, typed(form, "reason")[:300], _by(request))


async def _open_again(request: web.Request, task: str, form: Form) -> None:
    await request.app[GIVEN].task_list.open_again(task, _by(request))


ACTS: Mapping[str, Callable[[web.Request, str, Form], Awaitable[None]]] = {
    "take": _take,
    "done": _done,
    "hand": _hand,
    "put-off": _put_off,
    "open": _open_again,
}


def _by(request: web.Request) -> By:
    asker = signed_in(request)
    return By(asker.person, asker.name)


async def _shown(request: web.Request, said: str = "", fault: str = "", told: Form | None = None) -> web.Response:
    given, asker = request.app[GIVEN], signed_in(request)
    now, zone = given.clock.now(), given.hospital.zone
    return show(
        request,
        "tasks.html",
        status=422 if fault else 200,
        list=await given.task_list.day(),
        most=MOST,
        said=said,
        fault=fault,
        told={name: typed(told or {}, name) for name in ("task", "act", "outcome", "due", "reason", "to")},
        wall_of=lambda at: f"{wall(at, zone):%Y-%m-%dT%H:%M}",
        is_today=lambda at: wall(at, zone).date() == wall(now, zone).date(),
        may_act=not asker.roles.isdisjoint(MAY_ACT),
    )
