"""Patients for the hospital's own systems: one record written or read, and what has changed since an instant.

Only a token that was made for it comes in. A field that is left out stays as it is and null empties it, so a system
that knows half of a record takes nothing away; the same body again changes nothing. What is refused names the field and
what is wanted, never what was sent. Deliberately not here: what a field may say (`service.patients.fields`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from pydantic import ValidationError

from oncall.adapters.web.asker import SENDER, looking_at
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.patients import shapes
from oncall.adapters.web.problems import Problem
from oncall.service import typed_cells as cells
from oncall.service.patients.fields import FIELDS, PhoneRefused, read_into, read_phone
from oncall.service.patients.shelf import FamilyPhone, Kept, PatientRefused, Record

SHOWN = 200
TRIES = 5  # when somebody else was faster


async def one(request: web.Request) -> web.Response:
    """GET /v1/patients/{patient}; also of those who have left."""
    kept = await _known(request, request.match_info["patient"])
    looking_at(request, kept.record.id)
    return _json(view_of(kept))


async def changed(request: web.Request) -> web.Response:
    """GET /v1/patients?since=&after=: oldest change first; `next` is where to go on."""
    since, after = _since(request), request.query.get("after", "")
    found = await request.app[GIVEN].patients.shelf.changed_since(since, after, SHOWN + 1)
    looking_at(request, f"changes, {len(found[:SHOWN])} patients")
    more = found[SHOWN - 1].record if len(found) > SHOWN else None
    following = None
    if more is not None and more.changed_at is not None:
        following = f"/v1/patients?{urlencode({'since': more.changed_at.isoformat(), 'after': more.id})}"
    return _json(shapes.PatientsChanged(patients=[view_of(kept) for kept in found[:SHOWN]], next=following))


async def put(request: web.Request) -> web.Response:
    """PUT /v1/patients/{patient}: 201 for a new one."""
    patient, told = _id(request), await _told(request)
    for _ in range(TRIES):
        known = await request.app[GIVEN].patients.shelf.get(patient)
        if await _write(request, patient, known, told):
            looking_at(request, patient)
            return _json(view_of(await _known(request, patient)), 200 if known else 201)
    raise Problem(409, "changed-meanwhile", "Somebody else changes this record again and again: send it later.")


async def _write(request: web.Request, patient: str, known: Kept | None, told: shapes.PatientTold) -> bool:
    """Whether it was written; not if somebody else was faster. Everything is read before anything is written."""
    given, who = request.app[GIVEN], f"program {request[SENDER].name}"
    record, wanted = read_into(
        known.record if known else Record(id=patient, name=""), _texts(told), given.place, given.clock.now()
    )
    if not record.name:
        wanted["name"] = "Wanted: a name."
    phones = await _phones(given, told, wanted)
    if wanted:
        raise _wanted(wanted)
    try:
        faster = await given.patients.shelf.put(record, known.record if known else None, who)
    except PatientRefused as refused:
        raise _wanted({refused.field: "Wanted: a pump that is nobody else's."}) from None
    if faster is None and phones is not None:
        await given.patients.shelf.set_phones(patient, phones, who)
    return faster is None


async def _phones(given: Given, told: shapes.PatientTold, wanted: dict[str, str]) -> list[FamilyPhone] | None:
    """None where nothing is said of them; what is wrong with one goes into `wanted` under its place."""
    if told.phones is None:
        return None
    read = []
    for place, phone in enumerate(told.phones):
        try:
            read.append(await _phone(given, phone))
        except PhoneRefused as refused:
            wanted |= {f"phones.{place}.{name}": words for name, words in refused.wanted.items()}
    return read


async def _phone(given: Given, told: shapes.PhoneTold) -> FamilyPhone:
    """One that is enrolled, perhaps for a sibling, keeps what is not said of it."""
    texts = {name: _cell(value) for name, value in told.model_dump(exclude_unset=True).items()}
    ours = (given.hospital.line, given.hospital.operator, given.hospital.interpreter or "", *given.senders)
    new = read_phone(texts, None, given.place, ours)
    known = await given.patients.shelf.phone(new.number)
    return read_phone(texts, known, given.place, ()) if known else new


def _texts(told: shapes.PatientTold) -> dict[str, str]:
    said = told.model_dump(exclude_unset=True)
    return {name: _cell(value) for name, value in said.items() if name in FIELDS}


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ",".join(str(one) for one in value)
        case float():
            return f"{value:.12g}"
    return str(value)


def view_of(kept: Kept) -> shapes.PatientView:
    record = kept.record
    services = record.care_services.split(",") if record.care_services else []
    said = {name: getattr(record, name) for name in FIELDS}
    return shapes.PatientView.model_validate(
        {
            **said,
            "id": record.id,
            "care_services": services,
            "left_at": record.left_at,
            "changed_at": record.changed_at,
            "phones": [{name: getattr(phone, name) for name in shapes.PhoneView.model_fields} for phone in kept.phones],
        }
    )


def _id(request: web.Request) -> str:
    try:
        return cells.short_id(request.match_info["patient"])
    except ValueError as refused:
        raise _wanted({"id": f"Wanted: {refused}."}) from None


async def _known(request: web.Request, patient: str) -> Kept:
    kept = await request.app[GIVEN].patients.shelf.get(patient)
    if kept is None:
        raise Problem(404, "no-such-patient", "There is no patient of this id: PUT adds one.")
    return kept


async def _told(request: web.Request) -> shapes.PatientTold:
    try:
        return shapes.PatientTold.model_validate_json(await request.read() or b"{}")
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_input=False, include_context=False)
        places = (".".join(str(part) for part in error["loc"]) or "body" for error in errors)
        raise _wanted({place: f"{error['msg']}." for place, error in zip(places, errors, strict=True)}) from None


def _since(request: web.Request) -> datetime:
    try:
        since = datetime.fromisoformat(request.query["since"].replace(" ", "+"))  # a + that was not escaped
    except (KeyError, ValueError):
        since = None
    if since is None or since.tzinfo is None or since.year not in cells.YEARS:
        raise Problem(400, "wrong-query", "since is an instant with its offset, like 2026-11-23T14:30:00-05:00.")
    return since


def _wanted(wanted: dict[str, str]) -> Problem:
    errors = [{"field": name, "wanted": words.removeprefix("Wanted: ")} for name, words in wanted.items()]
    return Problem(422, "wrong-body", "Nothing was written: see errors.", errors=errors)


def _json(answer: shapes.PatientView | shapes.PatientsChanged, status: int = 200) -> web.Response:
    return web.json_response(text=answer.model_dump_json(), status=status)
