"""A named person says that two open cases are about the same patient, or takes it back. Nothing is ever merged.

A second relative on an unknown phone has a case of its own (RULINGS 6); the case page shows which others began within
the hour, and somebody who has looked links them there or through the API. Deliberately not here: what a link is
(`core.case.linking`).
"""

from __future__ import annotations

from aiohttp import web
from pydantic import ValidationError

from oncall.adapters.web import shapes
from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.cases.api import view_of
from oncall.adapters.web.cases.board_pages import reader
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other
from oncall.adapters.web.tokens import person_of
from oncall.core.case.case import Case
from oncall.core.case.commands import LinkCase


async def link(request: web.Request) -> web.Response:
    """POST /v1/cases/{case}/link."""
    return await _by_token(request, linked=True)


async def unlink(request: web.Request) -> web.Response:
    """POST /v1/cases/{case}/unlink."""
    return await _by_token(request, linked=False)


async def link_on_page(request: web.Request) -> web.Response:
    """POST /cases/{case}/links: the form of the case page; the signed-in person says so."""
    given, form = request.app[GIVEN], await read_form(request)
    case, other = await _both(given, request.match_info["case"], typed(form, "other"))
    person = (await given.register.directory()).clinicians.get(signed_in(request).person)
    if person is None or person.is_shared:
        raise Problem(403, "not-a-person", "Only somebody on the team may say that two cases belong together.")
    await _do(given, case, other, person.id, "on the case page", typed(form, "act") != "unlink")
    return see_other(f"/cases/{case.id}")


async def _by_token(request: web.Request, linked: bool) -> web.Response:
    given, person = request.app[GIVEN], await person_of(request)
    try:
        wanted = shapes.LinkTo.model_validate_json(await request.read() or b"{}")
    except ValidationError:
        raise Problem(422, "wrong-body", 'Name the other case: {"other": "K7"}.') from None
    case, other = await _both(given, request.match_info["case"], wanted.other)
    after = await _do(given, case, other, person.id, "through the API", linked)
    view = view_of(await reader(given).row(after), given.clock.now(), is_person=True)
    return web.json_response(text=shapes.Acted(case=view).model_dump_json(by_alias=True))


async def _both(given: Given, one: str, two: str) -> tuple[Case, Case]:
    case, other = await reader(given).find(one), await reader(given).find(two)
    if case is None or other is None:
        raise Problem(404, "no-such-case", "There is no case of this id or code.")
    if case.id == other.id:
        raise Problem(422, "same-case", "A case cannot be linked to itself.")
    return case, other


async def _do(given: Given, case: Case, other: Case, person: str, how: str, linked: bool) -> Case:
    """Both cases say so, in one commit; saying it again changes nothing."""
    written = await given.desk.take_all(
        [
            LinkCase(case.id, person, other.id, other.code, how, linked),
            LinkCase(other.id, person, case.id, case.code, how, linked),
        ]
    )
    return written.case
