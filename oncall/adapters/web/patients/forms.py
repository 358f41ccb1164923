"""The forms of a patient: add, change, leave, come back, and the family's phones.

A form carries what it showed; if the record has moved since, both are put side by side and nothing is written before
somebody has looked. Nothing is ever deleted. Deliberately not here: what a field may say (`service.patients.fields`).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from oncall.adapters.web.asker import looking_at, signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.patients.pages import known_patient, patient_page
from oncall.adapters.web.rendering import see_other, show
from oncall.service import typed_cells as cells
from oncall.service.patients.fields import (
    FIELDS,
    GROUPS,
    PHONE_FIELDS,
    Both,
    PhoneRefused,
    as_typed,
    both_of,
    changed_fields,
    read_into,
    read_phone,
)
from oncall.service.patients.shelf import FamilyPhone, Kept, PatientRefused, Record

Form = Mapping[str, object]
Texts = dict[str, str]
NOBODY = Record(id="", name="")
UNREADABLE = "not known"  # what an old page did not carry: everything then counts as changed meanwhile


async def new_form(request: web.Request) -> web.Response:
    """GET /patients/new."""
    return _form(request, NOBODY, as_typed(NOBODY, _zone(request)), {})


async def add(request: web.Request) -> web.Response:
    """POST /patients: a new patient, under the hospital's own id or one that is made here."""
    given, form = request.app[GIVEN], await read_form(request)
    told, wanted = as_typed(NOBODY, _zone(request)) | _told(form), Texts()
    patient = typed(form, "id").strip()[:40] or given.new_id().lower()
    try:
        cells.short_id(patient)
    except ValueError as refused:
        wanted["id"] = f"Wanted: {refused}."
    record, faults = read_into(replace(NOBODY, id=patient), told, given.place, given.clock.now())
    wanted |= faults
    if not wanted and await _put(request, record, None, wanted) is not None:
        wanted["id"] = "Wanted: an id that nobody has; there is a patient of this id."
    if wanted:
        return _form(request, NOBODY, told | {"id": typed(form, "id")[:40]}, wanted)
    return see_other(f"/patients/{patient}?said=added")


async def change_form(request: web.Request) -> web.Response:
    """GET /patients/{patient}/edit."""
    record = (await known_patient(request)).record
    return _form(request, record, as_typed(record, _zone(request)), {})


async def change(request: web.Request) -> web.Response:
    """POST /patients/{patient}: what was changed in the form, if it still stands on what the form showed."""
    kept, form = await known_patient(request), await read_form(request)
    told, was, now = _told(form), _seen(form), as_typed(kept.record, _zone(request))
    mine = changed_fields(was, told)
    if both := both_of(was, now, mine):
        return _form(request, kept.record, now | mine, {}, both)
    given = request.app[GIVEN]
    record, wanted = read_into(kept.record, mine, given.place, given.clock.now())
    if not wanted:
        faster = await _put(request, record, kept.record, wanted)
        if faster is not None:
            later = as_typed(faster, _zone(request))
            return _form(request, faster, later | mine, {}, both_of(was, later, mine))
    if wanted:
        return _form(request, kept.record, told, wanted)
    return see_other(f"/patients/{record.id}?said=changed")


async def leave(request: web.Request) -> web.Response:
    """POST /patients/{patient}/leave."""
    patient = (await known_patient(request)).record.id
    await request.app[GIVEN].patients.shelf.leave(patient, signed_in(request).person)
    return see_other(f"/patients/{patient}?said=left")


async def bring_back(request: web.Request) -> web.Response:
    """POST /patients/{patient}/return."""
    kept = await known_patient(request)
    try:
        await request.app[GIVEN].patients.shelf.bring_back(kept.record.id, signed_in(request).person)
    except PatientRefused as refused:
        return await patient_page(request, kept, fault=str(refused))
    return see_other(f"/patients/{kept.record.id}?said=back")


async def phones(request: web.Request) -> web.Response:
    """POST /patients/{patient}/phones: `act` is what to do with the phone in `number`."""
    kept, form = await known_patient(request), await read_form(request)
    act = typed(form, "act")
    if act not in ACTS:
        return await patient_page(request, kept, fault="Nothing was done: open the page again.")
    try:
        await ACTS[act](request, kept, form)
    except PhoneRefused as refused:
        told = {name: typed(form, name)[:200] for name in PHONE_FIELDS} | _phone_told(form) | {"act": act}
        return await patient_page(request, kept, wanted=refused.wanted, told=told)
    return see_other(f"/patients/{kept.record.id}?said={act}")


# --- what is done with a phone ---------------------------------------------------------------------------------------


async def _add_phone(request: web.Request, kept: Kept, form: Form) -> None:
    """A number that is enrolled already keeps what is known of it: it may be about several patients."""
    given = request.app[GIVEN]
    new = read_phone(_phone_told(form), None, given.place, _ours(given))
    by = signed_in(request).person
    await given.patients.shelf.change_phone(kept.record.id, new.number, lambda known: known or new, by)


async def _change_phone(request: web.Request, kept: Kept, form: Form) -> None:
    given, known = request.app[GIVEN], _phone_of(kept, form)
    told = {name: cell for name, cell in _phone_told(form).items() if name != "number"}
    read_phone(told, known, given.place, ())
    await _change_to(request, kept, known.number, lambda now: read_phone(told, now or known, given.place, ()))


async def _verify(request: web.Request, kept: Kept, form: Form) -> None:
    known, at = _phone_of(kept, form), request.app[GIVEN].clock.now()
    await _change_to(request, kept, known.number, lambda now: replace(now or known, verified_at=at))


async def _put_first(request: web.Request, kept: Kept, form: Form) -> None:
    number = _phone_of(kept, form).number
    await request.app[GIVEN].patients.shelf.ring_first(kept.record.id, number, signed_in(request).person)


async def _drop(request: web.Request, kept: Kept, form: Form) -> None:
    number = _phone_of(kept, form).number
    await request.app[GIVEN].patients.shelf.drop_phone(kept.record.id, number, signed_in(request).person)


ACTS: Mapping[str, Callable[[web.Request, Kept, Form], Awaitable[None]]] = {
    "add": _add_phone,
    "change": _change_phone,
    "verify": _verify,
    "first": _put_first,
    "drop": _drop,
}


async def _change_to(
    request: web.Request, kept: Kept, number: str, work: Callable[[FamilyPhone | None], FamilyPhone]
) -> None:
    by = signed_in(request).person
    await request.app[GIVEN].patients.shelf.change_phone(kept.record.id, number, work, by)


def _phone_of(kept: Kept, form: Form) -> FamilyPhone:
    number = typed(form, "number")
    found = next((phone for phone in kept.phones if phone.number == number), None)
    if found is None:
        raise PhoneRefused({"number": "Wanted: a phone of this patient; somebody has taken it away meanwhile."})
    return found


def _phone_told(form: Form) -> Texts:
    """Of a box that is not ticked a browser says nothing."""
    told = {name: typed(form, name) for name in PHONE_FIELDS if name in form}
    return told | {"takes_texts": "no" if typed(form, "rings_only") else "yes"}


def _ours(given: Given) -> Sequence[str]:
    return (given.hospital.line, given.hospital.operator, given.hospital.interpreter or "", *given.senders)


# --- the form of a record --------------------------------------------------------------------------------------------


async def _put(request: web.Request, record: Record, seen: Record | None, wanted: Texts) -> Record | None:
    """What stands there instead; a pump that is somebody else's goes into `wanted`."""
    try:
        return await request.app[GIVEN].patients.shelf.put(record, seen, signed_in(request).person)
    except PatientRefused as refused:
        wanted[refused.field] = str(refused)
        return None


def _told(form: Form) -> Texts:
    """The services are boxes, and a form without any ticked says that there are none."""
    told = {name: typed(form, name) for name in FIELDS if name in form}
    ticked = [service for service in cells.CARE_SERVICES if typed(form, f"service:{service}")]
    return told | {"care_services": ",".join(ticked)}


def _seen(form: Form) -> Texts:
    try:
        seen = json.loads(typed(form, "seen"))
        return {name: str(seen[name]) for name in FIELDS}
    except (ValueError, TypeError, KeyError):
        return dict.fromkeys(FIELDS, UNREADABLE)


def _form(
    request: web.Request, record: Record, told: Texts, wanted: Texts, both: tuple[Both, ...] = ()
) -> web.Response:
    looking_at(request, record.id)
    return show(
        request,
        "patient_form.html",
        status=409 if both else 422 if wanted else 200,
        record=record,
        groups=GROUPS,
        told={"id": "", **told},
        seen=json.dumps(as_typed(record, _zone(request)), ensure_ascii=False),
        wanted=wanted,
        both=both,
        labels={name: field.label for name, field in FIELDS.items()} | {"id": "Short id"},
        services=cells.CARE_SERVICES,
    )


def _zone(request: web.Request) -> str:
    return request.app[GIVEN].hospital.zone
