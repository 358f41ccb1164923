"""The drill of the whole chain from a page, its results as they come in, and the certificate of a month.

Everybody may look; a coordinator rings. Numbers are masked. Deliberately not here: whom a drill rings and how it gives
way to a page (`service.rota.drills`, `service.messenger`), and what a certificate counts (`service.rota.certificate`).
"""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.adapters.web.rota.pages import in_words, names_in
from oncall.core.rota.hand_overs import paging_layers
from oncall.core.rota.on_call import Rota
from oncall.core.staff_numbers import masked
from oncall.core.wall_time import wall
from oncall.service.cases.board import tier_title
from oncall.service.rota.certificate import certificate_of
from oncall.service.rota.drills import NobodyToRing

WHOLE = "everybody whom a page would reach now"


async def listed(request: web.Request) -> web.Response:
    """GET /rota/drills: the form, and the drills of the last month."""
    return await _list_page(request)


async def begin(request: web.Request) -> web.Response:
    """POST /rota/drills: rings everybody of `tier` (a rotation, one layer of it, or empty for the whole chain)."""
    given, tier = request.app[GIVEN], typed(await read_form(request), "tier")
    if tier not in dict(_scopes(given.handbooks.current().rota)):
        return await _list_page(request, fault="Nothing was rung: choose whom to ring.")
    running = next((one for one in await given.team.drills.recent() if one.is_running), None)
    if running is not None:
        return await _list_page(request, fault="Nothing more was rung: a test call is under way. Wait for its end.")
    name = given.new_id()
    try:
        await given.team.drills.begin(name, None, tier or None, signed_in(request).person)
    except NobodyToRing as problem:
        return await _list_page(request, fault=str(problem))
    return see_other(f"/rota/drills/{quote(name)}")


async def one(request: web.Request) -> web.Response:
    """GET /rota/drills/{drill}: a row for each telephone, looked at again by itself while any rings."""
    given, name = request.app[GIVEN], request.match_info["drill"]
    rows = await given.team.drills.rows(name)
    if not rows:
        raise Problem(404, "no-such-drill", "There is no such drill. The list shows those of the last month.")
    people = {row.person for row in rows}
    return show(
        request,
        "drill.html",
        rows=rows,
        people=len(people),
        answered=len({row.person for row in rows if row.is_answered}),
        is_over=all(row.is_over for row in rows),
        masked=masked,
    )


async def certificate(request: web.Request) -> web.Response:
    """GET /rota/print/drills; `month=2026-11`, without it the present one."""
    given, now = request.app[GIVEN], request.app[GIVEN].clock.now()
    current, directory = given.handbooks.current(), await given.register.directory()
    zone = current.rota.zone
    today = wall(now, zone).date()
    asked = _month(request.query.get("month", "")) or today.replace(day=1)
    found = await certificate_of(asked, given.team.drills.notices, directory, zone)
    return show(
        request,
        "rota_print_drills.html",
        found=found,
        months=[_before(today.replace(day=1), back) for back in range(12)],
        edition=current.edition,
        **in_words(zone),
    )


def _month(told: str) -> date | None:
    try:
        found = date.fromisoformat(f"{told}-01")
    except ValueError:
        return None
    return found if 2000 < found.year < 2100 else None


def _before(month: date, back: int) -> date:
    months = month.year * 12 + month.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


async def _list_page(request: web.Request, fault: str = "") -> web.Response:
    given = request.app[GIVEN]
    rota, directory = given.handbooks.current().rota, await given.register.directory()
    return show(
        request,
        "drills.html",
        status=422 if fault else 200,
        fault=fault,
        scopes=_scopes(rota),
        drills=await given.team.drills.recent(),
        called=names_in(directory),
        may_ring="coordinator" in signed_in(request).roles,
        quote=quote,
        **in_words(rota.zone),
    )


def _scopes(rota: Rota) -> list[tuple[str, str]]:
    """What may be rung: the whole chain, a rotation with several layers, a layer."""
    found = [("", WHOLE)]
    layers = paging_layers(rota)
    for rotation in dict.fromkeys(rotation.name for rotation, _ in layers):
        own = [(f"{r.name}/{layer}", tier_title(r, layer)) for r, layer in layers if r.name == rotation]
        if len(own) > 1:
            found.append((rotation, f"{rotation.replace('-', ' ').capitalize()}, all"))
        found += own
    return found
