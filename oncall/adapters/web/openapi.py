"""GET /openapi.json: what programs may ask of the line and every answer they can get, made of the same shapes.

The paths stand in one table beside the shapes; a test holds it against the routes, so that neither can grow alone.
Deliberately not here: pages for people, and the carrier's webhooks (their shape is the carrier's).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from oncall import __version__
from oncall.adapters.web import shapes
from oncall.adapters.web.patients import shapes as patient_shapes

_NOT_WORD = re.compile(r"[^a-z]+")
REF = "#/components/schemas/{model}"
PROBLEMS = {
    400: "The question is not understood.",
    401: "No token, or one that is not known.",
    403: "This token may not do this.",
    404: "There is no such thing.",
    408: "The body stopped arriving; what came was kept, and `case` is being paged.",
    409: "Nothing was changed: somebody else has it, it is closed, or it is too late.",
    413: "Larger than 1 MiB; of an alarm the first 64 KiB were kept, and `case` is being paged.",
    422: "The body cannot be read; an alarm was kept, and `case` is being paged.",
    500: "Our own fault; an alarm was kept if `case` is there.",
    503: "The store refused: nothing was taken. Send it again.",
}
LOOKING, ACTING = (401, 500), (401, 403, 404, 409, 413, 422, 500, 503)


@dataclass(frozen=True, slots=True)
class Door:
    """One method on one path."""

    method: str
    path: str
    says: str
    answers: Mapping[int, type[BaseModel] | str]
    takes: type[BaseModel] | tuple[type[BaseModel], ...] | None = None
    asks: Mapping[str, str] | None = None
    problems: Iterable[int] = LOOKING
    is_open: bool = False  # no token
    is_for_programs: bool = False  # a session does not open it


def _act(name: str, says: str, takes: type[BaseModel]) -> Door:
    path = f"/v1/cases/{{case}}/{name}"
    return Door("post", path, says, {200: shapes.Acted}, takes, problems=ACTING)


DOORS = (
    Door(
        "post",
        "/v1/alarms",
        "Take one alarm, or several in one commit. Yes is said only after the commit.",
        {201: shapes.AlarmTaken, 200: shapes.AlarmTaken},
        (shapes.Alarm, shapes.Alarms),
        problems=(401, 408, 413, 422, 500, 503),
    ),
    Door(
        "get",
        "/v1/cases",
        "Cases, worst first, then oldest.",
        {200: shapes.Cases},
        asks={"state": "open (default), closed (last 24 hours) or all"},
        problems=(400, *LOOKING),
    ),
    Door("get", "/v1/cases/{case}", "One case, by id or code.", {200: shapes.CaseStory}, problems=(401, 404, 500)),
    _act("acknowledge", "Take the case. A named clinician's token only.", shapes.Acknowledge),
    _act("take", "Take it from the colleague who has it, by naming that person.", shapes.Take),
    _act("pass", "Pass it on: the next tier is paged at once.", shapes.Pass),
    _act("call", "Ring you and then the family, from the line's number.", shapes.Call),
    _act("hand-over", "Offer it to a colleague; it stays yours until that person has said it back.", shapes.HandOver),
    _act("say-back", "One line of what you take over; with it the case is yours.", shapes.SayBack),
    _act("reached", "The family has been spoken to.", shapes.Nothing),
    _act("close", "Close it with an outcome.", shapes.Close),
    _act("undo", "Give it back, within two minutes of taking.", shapes.Nothing),
    _act("add", "Page another rotation as well; the holder keeps the case.", shapes.Add),
    _act("note", "Keep words with the case.", shapes.Note),
    _act("link", "Say that another case is about the same patient; nothing is merged.", shapes.LinkTo),
    _act("unlink", "Take that back.", shapes.LinkTo),
    Door(
        "get",
        "/v1/patients",
        "Records that have changed at an instant or later, their phones included. A token for patients only.",
        {200: patient_shapes.PatientsChanged},
        asks={"since": "an instant with its offset", "after": "the id to go on behind; take it from next"},
        problems=(400, 401, 403, 500),
        is_for_programs=True,
    ),
    Door(
        "get",
        "/v1/patients/{patient}",
        "One patient's record. A token for patients only.",
        {200: patient_shapes.PatientView},
        problems=(401, 403, 404, 500),
        is_for_programs=True,
    ),
    Door(
        "put",
        "/v1/patients/{patient}",
        "Add or change a record; the same body again changes nothing. A token for patients only.",
        {200: patient_shapes.PatientView, 201: patient_shapes.PatientView},
        patient_shapes.PatientTold,
        problems=(401, 403, 409, 413, 422, 500, 503),
    ),
    Door(
        "get",
        "/v1/on-call",
        "Who is on call at one instant, layer by layer; a hole is a row without a person.",
        {200: shapes.OnCall},
        asks={"rotation": "one rotation; default all", "at": "an instant with its offset; default now"},
        problems=(400, 401, 404, 500),
    ),
    Door(
        "get",
        "/v1/rotations/{name}/shifts",
        "Shifts and holes of a span.",
        {200: shapes.OnCall},
        asks={"from": "default now", "until": "default 14 days later, 400 at most"},
        problems=(400, 401, 404, 500),
    ),
    Door("get", "/healthz", "The process is alive.", {200: shapes.Alive}, problems=(), is_open=True),
    Door(
        "get",
        "/readyz",
        "Able to take a report and to page for it.",
        {200: shapes.Ready, 503: shapes.Ready},
        problems=(),
        is_open=True,
    ),
    Door("get", "/metrics", "Prometheus.", {200: "text/plain"}, problems=(), is_open=True),
    Door("get", "/openapi.json", "This description.", {200: "application/json"}, problems=(), is_open=True),
)


async def openapi(request: web.Request) -> web.Response:
    return web.json_response(text=_text())


@cache
def _text() -> str:
    return json.dumps(description(), ensure_ascii=False)


def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    _, schemas = models_json_schema([(model, "validation") for model in _models()], ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for door in DOORS:
        paths.setdefault(door.path, {})[door.method] = _operation(door)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The pump line",
            "version": __version__,
            "description": "Alarms in, cases and who is on call out. Errors are RFC 9457 problem details.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
            },
        },
    }


def _security(door: Door) -> list[dict[str, list[str]]]:
    """Whoever is signed in may look with that; acting and sending need a token."""
    if door.is_open:
        return []
    is_looking = door.method == "get" and not door.is_for_programs
    return [{"token": []}, {"session": []}] if is_looking else [{"token": []}]


def _operation(door: Door) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": f"{door.method}{door.path.replace('/', '_').replace('{', '').replace('}', '')}".replace(
            ".", "_"
        ),
        "summary": door.says,
        "security": _security(door),
        "parameters": _parameters(door),
        "responses": {
            **{str(status): _answer(shape, door.says) for status, shape in door.answers.items()},
            **{str(status): _problem(status) for status in door.problems},
        },
    }
    if door.takes is not None:
        shapes_taken = door.takes if isinstance(door.takes, tuple) else (door.takes,)
        refs = [{"$ref": REF.format(model=shape.__name__)} for shape in shapes_taken]
        schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
        told["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return told


def _parameters(door: Door) -> list[dict[str, Any]]:
    in_path = [part[1:-1] for part in door.path.split("/") if part.startswith("{")]
    text = {"type": "string"}
    told = [{"name": name, "in": "path", "required": True, "schema": text} for name in in_path]
    told += [
        {"name": name, "in": "query", "description": says, "schema": text} for name, says in (door.asks or {}).items()
    ]
    if door.method == "post":
        says = "Your own name of this request: the same again gets the first answer. A body's id beats it."
        told.append({"name": "Idempotency-Key", "in": "header", "description": says, "schema": text})
    return told


def _answer(shape: type[BaseModel] | str, says: str) -> dict[str, Any]:
    if isinstance(shape, str):
        return {"description": says, "content": {shape: {}}}
    schema = {"$ref": REF.format(model=shape.__name__)}
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": REF.format(model=shapes.Problem.__name__)}
    return {"description": PROBLEMS[status], "content": {"application/problem+json": {"schema": schema}}}


def _models() -> list[type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {shapes.Problem.__name__: shapes.Problem}
    for door in DOORS:
        taken = door.takes if isinstance(door.takes, tuple) else (door.takes,)
        for shape in (*door.answers.values(), *taken):
            if isinstance(shape, type):
                found[shape.__name__] = shape
    return list(found.values())
