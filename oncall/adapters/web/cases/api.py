"""The cases for programs: what is open, one case with its story, and the acts of a person's token.

Every act is the same command that a reply, a key or the page's button gives, so there is one table of digits and one
door. An act that changed nothing (somebody else has it, too late, closed) is a 409 that says so. A device's token may
look, without labels and words. Deliberately not here: what an act does (`core.case.holding`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from oncall.adapters.web import shapes
from oncall.adapters.web.asker import looking_at
from oncall.adapters.web.cases.alarm_api import NAME_HEADER, suspicion_of
from oncall.adapters.web.cases.alarm_body import name_in_header
from oncall.adapters.web.cases.board_pages import reader
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import harmless
from oncall.adapters.web.tokens import clinician_of, person_of, sender_of
from oncall.core.case.case import Case, Status
from oncall.core.case.commands import (
    Acknowledge,
    AddNote,
    AddService,
    CallFamily,
    Command,
    HandOverTo,
    PassOn,
    ReachFamily,
    Resolve,
    SayBack,
    TakeFrom,
    Undo,
)
from oncall.core.people import Clinician
from oncall.service.cases.board import RECENTLY, CaseRow, worst_first
from oncall.service.cases.story import StoryRow

HOW = "through the API"
CLOSED_SHOWN = 200
SAME_NAMES = ("id", "code", "opened_at", "holder", "holder_name", "held_since", "family_reached")
Body = TypeVar("Body", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.Response]]


# --- looking -------------------------------------------------------------------------------------------------------


async def list_cases(request: web.Request) -> web.Response:
    """GET /v1/cases?state=open|closed|all; closed means within the last 24 hours."""
    given, sender = request.app[GIVEN], await sender_of(request)
    state = request.query.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise Problem(400, "wrong-query", "state is one of open, closed, all.")
    now, read = given.clock.now(), reader(given)
    found: list[Case] = [] if state == "closed" else await given.journal.open_cases()
    if state != "open":
        found = [*found, *await given.journal.closed_cases(now - RECENTLY, CLOSED_SHOWN)]
    rows = worst_first([await read.row(case) for case in found])
    views = [view_of(row, now, is_person=sender.person is not None) for row in rows]
    return _json(shapes.Cases(at=now, cases=views))


async def show_case(request: web.Request) -> web.Response:
    """GET /v1/cases/{case}, by code or id, with its story."""
    given, sender = request.app[GIVEN], await sender_of(request)
    case, read, is_person = await _case(request), reader(given), sender.person is not None
    view = view_of(await read.row(case), given.clock.now(), is_person)
    story = [_line(row) for row in await read.story(case.id)] if is_person else []
    return _json(shapes.CaseStory(**view.model_dump(), story=story))


def _line(row: StoryRow) -> shapes.StoryLine:
    return shapes.StoryLine.model_validate(
        {
            "seq": row.seq,
            "at": row.at,
            "kind": row.kind,
            "text": harmless(row.text),
            "words": harmless(row.words),
            "details": [harmless(detail) for detail in row.details],
            "why": harmless(row.why),
        }
    )


def view_of(row: CaseRow, now: datetime, is_person: bool) -> shapes.CaseView:
    return shapes.CaseView.model_validate(
        {
            **{name: getattr(row, name) for name in SAME_NAMES},
            "urgency": row.urgency.word if row.urgency is not None else None,
            "suspicion": suspicion_of(row.suspicion),
            "status": row.status.value,
            "label": row.label if is_person else None,
            "waiting_seconds": int(row.waiting(now).total_seconds()),
            "pages": [asdict(page) for page in row.pages],
            "next": asdict(row.next) if row.next else None,
            "closed_at": row.closed.at if row.closed else None,
            "outcome": row.closed.outcome if row.closed else None,
            "links": [link.code for link in row.links],
        }
    )


# --- acting --------------------------------------------------------------------------------------------------------


async def acknowledge(request: web.Request) -> web.Response:
    person, case = await clinician_of(request), await _case(request)
    wanted = await _body(request, shapes.Acknowledge)
    page = case.page_of(person.id)
    command = Acknowledge(case.id, person.id, HOW, page.id if page else None, connect=wanted.connect)
    return await _do(request, person, case, command)


async def pass_on(request: web.Request) -> web.Response:
    person, case = await clinician_of(request), await _case(request)
    wanted = await _body(request, shapes.Pass)
    return await _do(request, person, case, PassOn(case.id, person.id, HOW, not_me=wanted.not_me))


async def call(request: web.Request) -> web.Response:
    person, case = await clinician_of(request), await _case(request)
    wanted = await _body(request, shapes.Call)
    return await _do(request, person, case, CallFamily(case.id, person.id, HOW, interpreter=wanted.interpreter))


async def take(request: web.Request) -> web.Response:
    person, case = await clinician_of(request), await _case(request)
    wanted = await _body(request, shapes.Take)
    page = case.page_of(person.id)
    command = TakeFrom(case.id, person.id, wanted.holder, HOW, page.id if page else None)
    return await _do(request, person, case, command)


async def hand_over(request: web.Request) -> web.Response:
    person, case = await clinician_of(request), await _case(request)
    wanted = await _body(request, shapes.HandOver)
    known = (await request.app[GIVEN].register.directory()).clinicians.get(wanted.to)
    if known is None or known.role != "clinician" or known.id == person.id:
        raise Problem(422, "no-such-colleague", "to is the id of another clinician of the team.")
    return await _do(request, person, case, HandOverTo(case.id, person.id, wanted.to, HOW))


async def say_back(request: web.Request) -> web.Response:
    person, case = await clinician_of(request), await _case(request)
    wanted = await _body(request, shapes.SayBack)
    return await _do(request, person, case, SayBack(case.id, person.id, harmless(wanted.line), HOW))


async def reached(request: web.Request) -> web.Response:
    person, case = await clinician_of(request), await _case(request)
    await _body(request, shapes.Nothing)
    return await _do(request, person, case, ReachFamily(case.id, person.id, HOW))


async def undo(request: web.Request) -> web.Response:
    person, case = await clinician_of(request), await _case(request)
    await _body(request, shapes.Nothing)
    return await _do(request, person, case, Undo(case.id, person.id, HOW))


async def add(request: web.Request) -> web.Response:
    person, case = await clinician_of(request), await _case(request)
    wanted = await _body(request, shapes.Add)
    rotations = request.app[GIVEN].handbooks.current().rota.rotations
    if wanted.rotation not in rotations:
        raise Problem(422, "no-such-rotation", f"rotation is one of {', '.join(sorted(rotations))}.")
    return await _do(request, person, case, AddService(case.id, person.id, wanted.rotation, HOW))


async def close(request: web.Request) -> web.Response:
    """Any named person may close a task that nobody holds; of a held case only its holder."""
    person, case = await person_of(request), await _case(request)
    wanted = await _body(request, shapes.Close)
    closing = Resolve(case.id, person.id, wanted.outcome, harmless(wanted.note), wanted.needed)
    return await _do(request, person, case, closing)


async def note(request: web.Request) -> web.Response:
    person, case = await person_of(request), await _case(request)
    wanted = await _body(request, shapes.Note)
    return await _do(request, person, case, AddNote(case.id, person.id, harmless(wanted.words)))


ACTS: dict[str, Handler] = {
    "acknowledge": acknowledge,
    "take": take,
    "pass": pass_on,
    "call": call,
    "hand-over": hand_over,
    "say-back": say_back,
    "reached": reached,
    "close": close,
    "undo": undo,
    "add": add,
    "note": note,
}


async def _do(request: web.Request, person: Clinician, case: Case, command: Command) -> web.Response:
    given = request.app[GIVEN]
    name = name_in_header(request.headers.get(NAME_HEADER))
    key = f"api:{person.id}:{case.id}:{type(command).__name__}:{name}" if name else None
    written = await given.desk.take(command, key)
    row = await reader(given).row(written.case)
    view = view_of(row, given.clock.now(), is_person=True)
    if not written.repeated and (why := _why_not(command, case, row, written.answer)) is not None:
        raise Problem(409, "nothing-changed", why, case=case.code, id=case.id, holder=row.holder)
    return _json(shapes.Acted(case=view))


def _why_not(command: Command, before: Case, row: CaseRow, answer: Any) -> str | None:
    """Why an act changed nothing; None when it did."""
    if before.status is Status.CLOSED and not isinstance(command, AddNote):
        return f"#{row.code} was closed by {row.closer_name}."
    if answer.get("say_back"):
        return f"Say back one line of what you take over of #{row.code}, with say-back."
    if "late" in answer:
        return f"{row.holder_name} has #{row.code}."
    if answer.get("refused"):
        return f"{row.holder_name} has #{row.code}." if row.holder else f"Nobody has taken #{row.code} yet."
    if isinstance(command, Undo) and row.status is Status.HELD:
        return f"It is too late to undo #{row.code}; pass it on instead."
    return None


# --- reading the request -------------------------------------------------------------------------------------------


async def _case(request: web.Request) -> Case:
    case = await reader(request.app[GIVEN]).find(request.match_info["case"])
    if case is None:
        raise Problem(404, "no-such-case", "There is no case of this id or code.")
    looking_at(request, case.id)
    return case


async def _body(request: web.Request, shape: type[Body]) -> Body:
    """An empty body is an empty object."""
    raw = await request.read()
    try:
        return shape.model_validate_json(raw or b"{}")
    except ValidationError as problem:
        raise Problem(422, "wrong-body", "; ".join(_faults(problem)) + ".") from None


def _faults(problem: ValidationError) -> list[str]:
    return [f"{'.'.join(str(part) for part in error['loc']) or 'body'}: {error['msg']}" for error in problem.errors()]


def _json(answer: BaseModel) -> web.Response:
    return web.json_response(text=answer.model_dump_json(by_alias=True))
