"""Requests for swaps, leave and cover as pages: the list, one request, and the form for a shift.

A clinician asks for their own shifts and answers for themselves; a coordinator does any step for anybody, and both
names are kept. Every page says who is on call meanwhile. Deliberately not here: what a step does
(`service.rota.requests`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.adapters.web.rota import request_form as form_of
from oncall.core.rota import request_words as words
from oncall.core.rota.requests import Kind, Move, Request, may
from oncall.core.rota.stints import tier_in_words
from oncall.service.people.accounts import SignedIn
from oncall.service.rota.request_notices import names_of
from oncall.service.rota.requests import RequestRefused, RotaRequests
from oncall.service.typed_time import instant_typed

COORDINATOR = "coordinator"
ASKERS = ("clinician", COORDINATOR)
BY_PHONE = "told me by phone"
LISTED = timedelta(weeks=4)
MOST_TYPED = 200


def _desk(request: web.Request) -> RotaRequests:
    return request.app[GIVEN].rota_requests


def _is_coordinator(me: SignedIn) -> bool:
    return COORDINATOR in me.roles


# --- looking ---------------------------------------------------------------------------------------------------------


async def listed(request: web.Request) -> web.Response:
    """GET /rota/requests."""
    known = await _desk(request).shelf.requests()
    said = await _words(request)
    open_ones, closed = [one for one in known if one.is_open], [one for one in known if not one.is_open]
    return show(request, "rota_requests.html", open_ones=open_ones, closed=closed, may_ask=_may_ask(request), **said)


async def one(request: web.Request) -> web.Response:
    """GET /rota/requests/{request}."""
    return await _shown(request, await _asked_for(request))


async def _shown(
    request: web.Request, found: Request, problems: tuple[str, ...] = (), status: int = 200
) -> web.Response:
    red, yellow = await _desk(request).guards_of(found)
    me = signed_in(request)
    return show(
        request,
        "rota_request.html",
        status=status,
        one=found,
        red=red,
        yellow=yellow,
        problems=problems,
        coordinates=_is_coordinator(me),
        may_withdraw=may(found, Move.WITHDRAW) and _may_withdraw(me, found),
        may_settle=may(found, Move.APPROVE) and _is_coordinator(me),
        **await _words(request),
    )


async def _words(request: web.Request) -> Mapping[str, Any]:
    """What the templates say requests with."""
    given = request.app[GIVEN]
    rota, names = given.handbooks.current().rota, names_of(await given.register.directory())
    names = {person.id: person.name for person in rota.people.values()} | names
    return {
        "title_of": lambda found: words.title(found, rota, names),
        "meanwhile": lambda found: words.on_meanwhile(found, rota, names, given.clock.now()),
        "told": lambda entry: words.entry_in_words(entry, names),
        "name": lambda person: words.name_in(names, person),
    }


async def _asked_for(request: web.Request) -> Request:
    try:
        return await _desk(request).known(request.match_info["request"])
    except KeyError:
        raise Problem(404, "no-request", "There is no such request.") from None


# --- the form --------------------------------------------------------------------------------------------------------


async def form(request: web.Request) -> web.Response:
    """GET /rota/requests/new; `tier` and `starts` name a shift, without them one is chosen."""
    tier, starts = request.query.get("tier", ""), request.query.get("starts", "")[:40]
    given, me = request.app[GIVEN], signed_in(request)
    rota, now = given.handbooks.current().rota, given.clock.now()
    if not tier and not starts:
        return await _choice(request)
    at = instant_typed(starts, rota.zone) if starts else now
    if not isinstance(at, type(now)):
        return await _choice(request, at.sentence)  # type: ignore[union-attr]
    liked = request.query.get("person", "") or me.person
    shift = form_of.shift_at(rota, tier, at, now, liked)
    if shift is None:
        return await _choice(request, "Nobody has this tier at that time: choose a shift.")
    return await _form(request, shift, form_of.Filled())


async def _choice(request: web.Request, problem: str = "") -> web.Response:
    """Which shift: one's own, or for a coordinator anybody's of the next weeks."""
    given, me = request.app[GIVEN], signed_in(request)
    rota, now = given.handbooks.current().rota, given.clock.now()
    person, ahead = ("", LISTED) if _is_coordinator(me) else (me.person, form_of.AHEAD)
    shifts = form_of.offered(rota, person, now, ahead)
    said = await _words(request)
    return show(
        request,
        "rota_request_choose.html",
        problem=problem,
        shifts=[(shift, form_of.shift_words(shift, rota), tier_in_words(rota, shift.tier)) for shift in shifts],
        **said,
    )


async def _form(
    request: web.Request, shift: form_of.Offered, filled: form_of.Filled, status: int = 200
) -> web.Response:
    given, me = request.app[GIVEN], signed_in(request)
    handbook, directory = given.handbooks.current(), await given.register.directory()
    rota, now = handbook.rota, given.clock.now()
    said = await _words(request)
    backs = [one for one in form_of.offered(rota, "", now, tier=shift.tier) if one.person != shift.person]
    return show(
        request,
        "rota_request_new.html",
        status=status,
        shift=shift,
        shift_words=form_of.shift_words(shift, rota),
        tier_words=tier_in_words(rota, shift.tier),
        is_mine=shift.person == me.person,
        coordinates=_is_coordinator(me),
        is_now=form_of.may_be_now(shift, now),
        filled=filled,
        starts=form_of.local_field(shift.span[0], rota.zone),
        until=form_of.local_field(shift.span[1], rota.zone),
        others=form_of.others(rota, directory, shift.person),
        backs=[(one.value, f"{said['name'](one.person)}, {form_of.shift_words(one, rota)}") for one in backs],
        kinds=Kind,
        **said,
    )


async def ask(request: web.Request) -> web.Response:
    """POST /rota/requests."""
    given, me, told = request.app[GIVEN], signed_in(request), await read_form(request)
    rota, now = given.handbooks.current().rota, given.clock.now()
    at = instant_typed(typed(told, "shift") or "nothing", rota.zone)
    holder = typed(told, "holder")[:40]
    shift = form_of.shift_at(rota, typed(told, "tier")[:80], at, now, holder) if isinstance(at, type(now)) else None
    if shift is None or shift.person != holder:
        raise Problem(422, "no-shift", "The rota has changed: choose the shift again. Nothing was asked.")
    if holder != me.person and not _is_coordinator(me):
        raise Problem(403, "not-yours", "This shift is somebody else's: only they or a coordinator may give it away.")
    filled = form_of.filled(told, shift, rota.zone)
    if filled.wanted is None:
        return await _form(request, shift, filled, 422)
    try:
        made = await _desk(request).ask(filled.wanted, me.person)
    except RequestRefused as refused:
        return await _form(request, shift, form_of.Filled(filled.told, refused.sentences), 422)
    return see_other(f"/rota/requests/{made.id}")


# --- what is done to one ---------------------------------------------------------------------------------------------


async def act(request: web.Request) -> web.Response:
    """POST /rota/requests/{request}/{act}: accept, refuse, approve, decline, withdraw."""
    found, me, told = await _asked_for(request), signed_in(request), await read_form(request)
    note = typed(told, "note").strip()[:MOST_TYPED]
    person = typed(told, "person")[:40] or me.person
    try:
        await _do(_desk(request), request.match_info["act"], found, me, person, note)
    except RequestRefused as refused:
        return await _shown(request, await _asked_for(request), refused.sentences, 409)
    return see_other(f"/rota/requests/{found.id}")


async def _do(desk: RotaRequests, act: str, found: Request, me: SignedIn, person: str, note: str) -> None:
    match act:
        case "accept" | "refuse":
            _only(me.person == person or _is_coordinator(me), "Only who was asked, or a coordinator for them, answers.")
            how = note or (BY_PHONE if person != me.person else "")
            await desk.answer(found.id, person, act == "accept", me.person, how)
        case "approve":
            _only(_is_coordinator(me), "Only a coordinator approves.")
            await desk.approve(found.id, me.person, note)
        case "decline":
            _only(_is_coordinator(me), "Only a coordinator declines.")
            await desk.decline(found.id, me.person, note)
        case "withdraw":
            _only(_may_withdraw(me, found), "Only who asked, or a coordinator, withdraws.")
            await desk.withdraw(found.id, me.person)
        case _:
            raise Problem(404, "no-such-step", "There is no such step.")


def _only(is_allowed: bool, why: str) -> None:
    if not is_allowed:
        raise Problem(403, "not-yours", f"{why} Nothing was done.")


def _may_withdraw(me: SignedIn, found: Request) -> bool:
    return me.person in (found.holder, found.entered_by) or _is_coordinator(me)


def _may_ask(request: web.Request) -> bool:
    return not signed_in(request).roles.isdisjoint(ASKERS)
