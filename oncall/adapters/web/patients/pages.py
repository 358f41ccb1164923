"""The patients: a list by name, and one page with pump, dates, phones and past cases.

Everybody who may sign in looks, and every look is kept. No name and no number ever stands in an address: the list goes
on behind an id, and what is looked for travels in a form (`search_pages`). Deliberately not here: changing
(`forms`).
"""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from oncall.adapters.web.asker import looking_at, signed_in
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import show
from oncall.core.wall_time import wall
from oncall.service.patients.fields import GROUPS, shown
from oncall.service.patients.shelf import Kept
from oncall.service.typed_cells import YEARS, written_phone

MAY_CHANGE = frozenset({"clinician", "coordinator"})
SAID = {
    "added": "The patient is added. Enrol the family's phones now: only an enrolled phone is known as theirs.",
    "changed": "Changed. It counts from the family's next word on.",
    "left": "They have left. Their phones and alarms are not known as theirs any more; everything stays on record.",
    "back": "They are back.",
    "add": "The phone is enrolled.",
    "change": "The phone is changed.",
    "verify": "Noted: the family confirmed this number today.",
    "first": "That phone is rung first now.",
    "drop": "That phone is not theirs any more.",
}


async def listed(request: web.Request) -> web.Response:
    """GET /patients; `left=1`: those who have left; `after` is the id to go on behind."""
    left = request.query.get("left") == "1"
    page = await request.app[GIVEN].patients.page(request.query.get("after", ""), left)
    looking_at(request, f"list of {len(page.rows)}")
    return show(request, "patients.html", page=page, left=left, may_change=may_change(request), is_all=_is_all(request))


def _is_all(request: web.Request) -> bool:
    """Whole tables go out and come in by a coordinator's hand."""
    return "coordinator" in signed_in(request).roles


async def one(request: web.Request) -> web.Response:
    """GET /patients/{patient}; `before` is the instant before which its history goes on."""
    return await patient_page(request, await known_patient(request), SAID.get(request.query.get("said", ""), ""))


async def patient_page(
    request: web.Request,
    kept: Kept,
    said: str = "",
    fault: str = "",
    wanted: dict[str, str] | None = None,
    told: dict[str, str] | None = None,
) -> web.Response:
    """One patient; `wanted` and `told` are of a phone's form that was refused."""
    given = request.app[GIVEN]
    zone, now = given.hospital.zone, given.clock.now()
    today = wall(now, zone).date()
    known = await given.register.patient(kept.record.id)
    return show(
        request,
        "patient.html",
        status=422 if fault or wanted else 200,
        kept=kept,
        record=kept.record,
        groups=GROUPS,
        shown=lambda name: shown(kept.record, name, zone, today),
        history=await given.patients.history(kept, _before(request)),
        context=known.context if known else {},
        written=written_phone,
        may_change=may_change(request),
        said=said,
        fault=fault,
        wanted=wanted or {},
        told=told or {},
    )


def _before(request: web.Request) -> datetime | None:
    try:
        at = datetime.fromisoformat(request.query["before"])
    except (KeyError, ValueError):
        return None
    return at if at.tzinfo and at.year in YEARS else None


async def known_patient(request: web.Request) -> Kept:
    """The patient of the address, noted as looked at. Raises Problem 404."""
    kept = await request.app[GIVEN].patients.shelf.get(request.match_info["patient"])
    if kept is None:
        raise Problem(404, "no-such-patient", "There is no such patient. The list of patients has everybody.")
    looking_at(request, kept.record.id)
    return kept


def may_change(request: web.Request) -> bool:
    return not MAY_CHANGE.isdisjoint(signed_in(request).roles)
