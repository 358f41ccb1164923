"""The team: who can really be reached, and one page for each person with their numbers and calendar links.

Everybody looks; coordinators change, and clinicians change what is their own. Numbers are masked until they are asked
for, and never stand in an address; a calendar's address is shown once. Deliberately not here: leaving the team
(`team_leaving`), and any rule about numbers (`service.people.number_proofs`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.adapters.web.typed_number import TypedNumber, as_written, typed_number
from oncall.core.staff_numbers import code_lives, masked, missing_proofs
from oncall.service.people.number_proofs import NumberProofs, NumberRefused
from oncall.service.people.team import STOP_WORDS, TeamRow
from oncall.service.rota.calendars import LinkRefused
from oncall.service.rota.drills import NobodyToRing

Form = Mapping[str, object]
MAY_CHANGE = ("clinician", "coordinator")  # a clinician only what is their own
SAID = {
    "add": "The number is added and waits: nobody is paged on it before its code and its key.",
    "code": "A code is on its way by text. Type it here within 15 minutes.",
    "type": "The code is right.",
    "ring": "It rings now. Answer it and press 1; then load this page again.",
    "first": "That number is the first now.",
    "retire": "The number is retired: nothing goes there any more.",
    "test": "A test page is on its way: answer it and press 1; then load this page again.",
    "ended": "The calendar link is ended: whoever subscribed to it gets nothing any more.",
    "back": "Of the team again. Give them turns on the rota, and invite them to sign in anew.",
    "left": "They have left the team. Nothing reaches them any more, and everything stays on record.",
}


async def team(request: web.Request) -> web.Response:
    """GET /team; `numbers=shown` shows them whole."""
    rows = await request.app[GIVEN].team.rows()
    here = [row for row in rows if row.is_here]
    left = [row for row in rows if not row.is_here]
    return _shown(request, "team.html", here=here, left=left)


async def person(request: web.Request) -> web.Response:
    """GET /team/{person}."""
    return await person_page(request, said=SAID.get(request.query.get("said", ""), ""))


async def numbers(request: web.Request) -> web.Response:
    """POST /team/{person}/numbers: `act` is what to do with the number in `number`."""
    row, form = await _changing(request), await read_form(request)
    act = typed(form, "act")
    doing = ACTS.get(act)
    if doing is None:
        return await person_page(request, fault="Nothing was done: open the page again.")
    try:
        fault = await doing(request, row, form)
    except NumberRefused as refused:
        fault = str(refused)
    if fault:
        return await person_page(request, fault=fault, told=form if act == "add" else {})
    return see_other(f"/team/{row.member.id}?said={act}")


async def test_page(request: web.Request) -> web.Response:
    """POST /team/{person}/test: a test call, behind every real page."""
    row, given = await _changing(request), request.app[GIVEN]
    try:
        await given.team.drills.begin(given.new_id(), row.member.id, None, signed_in(request).person)
    except NobodyToRing as problem:
        return await person_page(request, fault=str(problem))
    return see_other(f"/team/{row.member.id}?said=test")


async def calendars(request: web.Request) -> web.Response:
    """POST /team/{person}/calendars: `act` is make, and its address is shown once, or end, with the link's id."""
    row, form, me = await _changing(request), await read_form(request), signed_in(request).person
    links = request.app[GIVEN].calendar_links
    try:
        if typed(form, "act") == "make":
            return await person_page(request, address=await links.make(row.member.id, me))
        await links.end(row.member.id, typed(form, "link")[:80], me)
    except LinkRefused as refused:
        return await person_page(request, fault=str(refused))
    return see_other(f"/team/{row.member.id}?said=ended")


# --- what is done with a number --------------------------------------------------------------------------------------


async def _add(request: web.Request, row: TeamRow, form: Form) -> str:
    told = typed_number(typed(form, "number")[:40], typed(form, "again")[:40], _ours(request.app[GIVEN]))
    if fault := told.fault or await _to_be_sure(request, told, form):
        return fault
    takes_texts = not told.rings_only and not typed(form, "rings_only")
    await _proofs(request).add(row.member.id, told.number, takes_texts, signed_in(request).person)
    return ""


async def _to_be_sure(request: web.Request, told: TypedNumber, form: Form) -> str:
    """A family's telephone may be a colleague's too; that is said, and asked once more."""
    if typed(form, "sure") or not await request.app[GIVEN].team.shelf.is_a_familys(told.number):
        return ""
    return (
        f"{as_written(told.number)} is enrolled as a family's telephone: what is texted from it could be either. "
        "If it is right all the same, say so below and add it again."
    )


async def _send_code(request: web.Request, row: TeamRow, form: Form) -> str:
    await _proofs(request).send_code(row.member.id, typed(form, "number"), signed_in(request).person)
    return ""


async def _type_code(request: web.Request, row: TeamRow, form: Form) -> str:
    code = typed(form, "code")[:20]
    await _proofs(request).take_code(row.member.id, typed(form, "number"), code, signed_in(request).person)
    return ""


async def _ring(request: web.Request, row: TeamRow, form: Form) -> str:
    await _proofs(request).ring(row.member.id, typed(form, "number"), signed_in(request).person)
    return ""


async def _put_first(request: web.Request, row: TeamRow, form: Form) -> str:
    await _proofs(request).put_first(row.member.id, typed(form, "number"), signed_in(request).person)
    return ""


async def _retire(request: web.Request, row: TeamRow, form: Form) -> str:
    others = [one for one in row.member.in_use if one.number != typed(form, "number") and one.proven_at]
    if row.tiers and not others and not typed(form, "sure"):
        return (
            f"After this no proven number of {row.member.name} is left, who stands on {', '.join(row.tiers)}: pages "
            "would go past them. If it must be, say so beside the button and press it again."
        )
    await _proofs(request).retire(row.member.id, typed(form, "number"), signed_in(request).person)
    return ""


ACTS: Mapping[str, Callable[[web.Request, TeamRow, Form], Awaitable[str]]] = {
    "add": _add,
    "code": _send_code,
    "type": _type_code,
    "ring": _ring,
    "first": _put_first,
    "retire": _retire,
}


# --- showing ---------------------------------------------------------------------------------------------------------


async def person_page(
    request: web.Request, said: str = "", fault: str = "", told: Form | None = None, address: str = ""
) -> web.Response:
    """One person; `told` is what was typed into a form that was refused, `address` a calendar's new one."""
    row = await known_row(request)
    given, asker = request.app[GIVEN], signed_in(request)
    return _shown(
        request,
        "team_person.html",
        status=422 if fault else 200,
        row=row,
        said=said,
        fault=fault,
        told={name: typed(told or {}, name)[:40] for name in ("number", "again")},
        address=address,
        links=await given.calendar_links.of(row.member.id),
        may_change=_may_change(request, row),
        is_coordinator="coordinator" in asker.roles,
        missing=missing_proofs,
        code_lives=lambda number: code_lives(number, given.clock.now()),
    )


def _shown(request: web.Request, template: str, status: int = 200, **shown: object) -> web.Response:
    whole = request.query.get("numbers") == "shown"
    return show(
        request,
        template,
        status=status,
        whole=whole,
        written=as_written if whole else masked,
        as_written=as_written,
        stop_words=STOP_WORDS,
        **shown,
    )


async def known_row(request: web.Request) -> TeamRow:
    row = await request.app[GIVEN].team.row(request.match_info["person"])
    if row is None:
        raise Problem(404, "no-such-person", "Nobody of that name is on the team. The team page lists everybody.")
    return row


async def _changing(request: web.Request) -> TeamRow:
    """The person for whom the asker may change something. Raises Problem 403."""
    row = await known_row(request)
    if not _may_change(request, row):
        raise Problem(403, "not-your-own", "This is not your own page: ask a coordinator.")
    return row


def _may_change(request: web.Request, row: TeamRow) -> bool:
    asker = signed_in(request)
    is_own = asker.person == row.member.id and not asker.roles.isdisjoint(MAY_CHANGE)
    return row.is_here and ("coordinator" in asker.roles or is_own)


def _ours(given: Given) -> set[str]:
    return {given.hospital.line, given.hospital.interpreter or "", *given.senders}


def _proofs(request: web.Request) -> NumberProofs:
    return request.app[GIVEN].team.proofs
