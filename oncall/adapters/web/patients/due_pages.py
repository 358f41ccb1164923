"""The calendar of dangers: one list, worst first, with what was done about each, and the year ahead.

Everybody looks; clinicians and coordinators book, note as done, set aside, and take back. No patient stands in an
address: what a form is about is in the form. Deliberately not here: which dates are dangers (`core.dangers`), one
patient's record, and texts to families (`sweep_pages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.patients.refill_year import drawn, said_of
from oncall.adapters.web.rendering import see_other, show
from oncall.core.danger_acts import Act, ActRefused, Wanted
from oncall.core.dangers import Kind, Level
from oncall.core.wall_time import wall
from oncall.service.patients.danger_calendar import named

MAY_ACT = ("clinician", "coordinator")
FURTHEST_PAGE = 10_000
MARKS = {Level.OVERDUE: "✗", Level.NEAR: "▲", Level.SOON: "△", Level.LISTED: "○", Level.FLAG: "⚑"}
ACT_WORDS = {Act.BOOKED: "booked", Act.DONE: "done", Act.SET_ASIDE: "set aside"}
SAID = {
    "booked": "Kept: it is booked.",
    "done": "Kept: it is done.",
    "set_aside": "Kept: it stands at the end of the list now. A refill that is missed still becomes a case.",
    "undone": "Taken back: the record is as it was before.",
}
REFILLS = (Kind.REFILL, Kind.LOW_RESERVOIR)
BATTERIES = (Kind.BATTERY, Kind.PUMP_AGE)


async def due(request: web.Request) -> web.Response:
    """GET /patients/due; `kind=` shows one kind, `page=` the next fifty."""
    return await _shown(request, said=SAID.get(request.query.get("said", ""), ""))


async def act(request: web.Request) -> web.Response:
    """POST /patients/due: booked, done or set aside."""
    form, asker = await read_form(request), signed_in(request)
    try:
        wanted = _wanted(form)
        await request.app[GIVEN].dangers.do(wanted, asker.person, asker.name)
    except ActRefused as refused:
        return await _shown(request, fault=str(refused), told=form)
    return see_other(_address(request, form, wanted.act.value))


async def undo(request: web.Request) -> web.Response:
    """POST /patients/due/undo: `id` names the act."""
    form = await read_form(request)
    try:
        await request.app[GIVEN].dangers.undo(typed(form, "id")[:60], signed_in(request).person)
    except ActRefused as refused:
        return await _shown(request, fault=str(refused))
    return see_other(_address(request, form, "undone"))


async def year(request: web.Request) -> web.Response:
    """GET /patients/due/year: refills week by week against the days on which the clinic works."""
    weeks = await request.app[GIVEN].dangers.year()
    return show(request, "due_year.html", weeks=weeks, picture=drawn(weeks), summary=said_of(weeks))


def _wanted(form: Mapping[str, object]) -> Wanted:
    """Raises ActRefused for what no form of ours says."""
    kind, name = named(typed(form, "kind")), typed(form, "act")
    doing = next((one for one in Act if one.value == name), None)
    if kind is None or doing is None:
        raise ActRefused("Nothing was done: open the page again.")
    days = {field: _day(typed(form, field)) for field in ("on", "due_on", "low_on", "eri_on")}
    reason = typed(form, "reason")[:300]
    return Wanted(typed(form, "patient")[:60], kind, typed(form, "reference")[:60], doing, **days, reason=reason)


def _day(told: str) -> date | None:
    """Raises ActRefused."""
    if not told.strip():
        return None
    try:
        return date.fromisoformat(told.strip())
    except ValueError:
        raise ActRefused("A date reads like 2026-12-03: year, month, day.") from None


def _address(request: web.Request, form: Mapping[str, object], said: str) -> str:
    kind, page = named(typed(form, "shown")), typed(form, "page")
    query = {"said": said, **({"kind": kind.value} if kind else {}), **({"page": page} if page.isdigit() else {})}
    return f"/patients/due?{urlencode(query)}"


async def _shown(
    request: web.Request, said: str = "", fault: str = "", told: Mapping[str, object] | None = None
) -> web.Response:
    given = request.app[GIVEN]
    place, kind = request.query.get("page", "1"), named(request.query.get("kind", ""))
    shown = await given.dangers.page(min(int(place[:9]), FURTHEST_PAGE) if place.isdecimal() else 1, kind)
    today = wall(given.clock.now(), given.hospital.zone).date()
    fields = ("patient", "kind", "act", "on", "due_on", "low_on", "eri_on", "reason")
    return show(
        request,
        "due.html",
        status=422 if fault else 200,
        shown=shown,
        kind=kind,
        kinds=tuple(Kind),
        levels=tuple(reversed(Level)),
        marks=MARKS,
        act_words=ACT_WORDS,
        lately=await given.dangers.lately(),
        said=said,
        fault=fault,
        told={name: typed(told or {}, name) for name in fields},
        today=today,
        refills=REFILLS,
        batteries=BATTERIES,
        may_act=not signed_in(request).roles.isdisjoint(MAY_ACT),
        may_write="coordinator" in signed_in(request).roles,
    )
