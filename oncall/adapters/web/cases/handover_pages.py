"""The hand-over: what I hold as I-PASS forms to give on, what is offered to me to say back, what I wait for.

Each case is given and said back by itself; nothing here moves all of them at once, and none changes hands before the
incoming clinician has said it back (`core.case.handover`). What is written here stands in the case and in no text.
Deliberately not here: the end of a turn (`core.case.shift_end`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from aiohttp import web

from oncall.adapters.web.asker import looking_at
from oncall.adapters.web.cases.acts import clinician
from oncall.adapters.web.cases.board_pages import reader
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import day_and_hour, see_other, show
from oncall.core.case.case import Case, Status
from oncall.core.case.commands import Command, HandOverTo, PassOn, SayBack
from oncall.core.case.facts import Facts
from oncall.core.case.handover import LINES, colleagues, is_offered_to
from oncall.core.case.ipass import READ, Illness, Ipass
from oncall.core.case.shift_end import end_of_turn, next_on
from oncall.core.people import Clinician
from oncall.core.rota.on_call import Rota
from oncall.service.cases.board import CaseRow
from oncall.service.cases.card import Card
from oncall.service.cases.hand_over_forms import filled_in

HOW = "on the page of hand-overs"
LONGEST = 2000  # characters of one part
SOON = timedelta(hours=2)  # from then on the next person is proposed


@dataclass(frozen=True, slots=True)
class Shown:
    """One case on the page. `form` as it was offered, or as it would be; `takers` in the order of the tiers."""

    row: CaseRow
    card: Card
    form: Ipass
    is_written: bool
    takers: Sequence[tuple[str, str]] = ()


async def handover(request: web.Request) -> web.Response:
    """GET /handover."""
    return await _page(request)


async def act(request: web.Request) -> web.Response:
    """POST /handover/{case}: offer it, say it back, or decline."""
    given, form = request.app[GIVEN], await read_form(request)
    me, case = await clinician(request, given), await given.journal.case(request.match_info["case"])
    if case is None:
        raise Problem(404, "no-such-case", "There is no such case. Open the board to see the ones there are.")
    fields = {key: typed(form, key) for key in form}
    name = fields.get("act", "")
    if name not in ("offer", "line", "read", "decline"):
        raise Problem(400, "unknown-act", "This button is not known. Go back and press again.")
    if name in ("read", "line", "decline") and not is_offered_to(case, me.id):
        return await _page(request, f"#{case.code} is not offered to you any more. Nothing was changed.", status=409)
    written = await given.desk.take(_command(name, case, me, fields))
    if written.answer.get("refused"):
        told = f"#{case.code} is not yours, or there is no such colleague with a telephone. Nothing was changed."
        return await _page(request, told, status=409, typed_in={case.id: _form(fields)})
    if written.answer.get("say_back"):
        told = f"Say back what you take over of #{case.code} in a few words. Nothing was changed."
        return await _page(request, told, status=422)
    return see_other(f"/handover?said={name}&of={case.code}")


def _command(name: str, case: Case, me: Clinician, fields: Mapping[str, str]) -> Command:
    if name == "offer":
        return HandOverTo(case.id, me.id, fields.get("to", ""), HOW, _form(fields))
    if name == "decline":
        return PassOn(case.id, me.id, HOW)
    line = READ if name == "read" else fields.get("line", "").strip()[:LONGEST] or fields.get("ready", "")
    return SayBack(case.id, me.id, line, HOW)


def _form(fields: Mapping[str, str]) -> Ipass:
    """What was typed; an illness that nobody chose is the worst."""
    told = fields.get("illness", "")
    illness = Illness(told) if told in {one.value for one in Illness} else Illness.UNSTABLE
    parts = (fields.get(name, "").strip()[:LONGEST] for name in ("patient", "actions", "situation"))
    return Ipass(illness, *parts)


SAID = {
    "offer": "#{code} is offered. You keep it, and both are paged, until it is said back.",
    "line": "You have #{code} now. Your colleague is clear.",
    "read": "You have #{code} now. Your colleague is clear.",
    "decline": "Noted: you do not take #{code} over. Your colleague keeps it.",
}


async def _page(
    request: web.Request, problem: str = "", status: int = 200, typed_in: Mapping[str, Ipass] | None = None
) -> web.Response:
    given = request.app[GIVEN]
    me = await clinician(request, given)
    cases = [case for case in await given.journal.held_cases() if case.status is Status.HELD]
    mine = [case for case in cases if case.holder is not None and case.holder.person == me.id]
    offered = [case for case in cases if is_offered_to(case, me.id)]
    if mine or offered:
        looking_at(request, ", ".join(case.id for case in (*mine, *offered)))
    said = SAID.get(request.query.get("said", ""), "").format(code=request.query.get("of", "")[:12])
    shown = [await _shown(given, case, (typed_in or {}).get(case.id)) for case in mine]
    return show(
        request,
        "handover.html",
        status=status,
        to_give=[one for one in shown if not one.row.offered_to],
        waiting=[one for one in shown if one.row.offered_to],
        offered=[await _shown(given, case) for case in offered],
        lines=LINES,
        illnesses=list(Illness),
        said=said,
        problem=problem,
    )


async def _shown(given: Given, case: Case, typed_in: Ipass | None = None) -> Shown:
    read = reader(given)
    row, card = await read.row(case), await read.card(case)
    written = case.hand_over.form if case.hand_over else None
    form = typed_in or written or filled_in(row, card, partial(_hour, given))
    return Shown(row, card, form, written is not None, await _takers(given, case))


def _hour(given: Given, at: datetime) -> str:
    return day_and_hour(at, given.clock.now(), ZoneInfo(given.hospital.zone))


async def _takers(given: Given, case: Case) -> list[tuple[str, str]]:
    """Who has the holder's place next, who is on call now, tier by tier; then the rest of the team that can be rung."""
    directory, handbook, now = await given.register.directory(), given.handbooks.current(), given.clock.now()
    able = {one.id: one for one in directory.clinicians.values() if one.role == "clinician" and one.phones}
    known = [one.id for one in colleagues(case, Facts(directory), handbook, now)]
    holder = case.holder.person if case.holder else ""
    names = {id: able[id].name for id in (*_next_on(case, handbook.rota, now), *known, *able) if id in able}
    names.pop(holder, None)
    return list(names.items())


def _next_on(case: Case, rota: Rota, now: datetime) -> tuple[str, ...]:
    """When the holder's turn is over soon: whoever is on then."""
    holder = case.holder
    ends_at = end_of_turn(rota, holder, now + SOON) if holder else None
    return next_on(rota, holder, max(ends_at, now)) if holder and ends_at else ()
