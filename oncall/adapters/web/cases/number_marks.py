"""A named person says of a case's number that it is no patient's, for 30 days, and takes that back.

Only for a number that nobody is enrolled with: the register refuses any other. What it lowers stands in
`core.case.marked_numbers`; the page says it before it is pressed. Deliberately not here: the case itself, which goes on
as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.cases.board_pages import case_of
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other
from oncall.core.case.case import Case
from oncall.core.case.facts import Directory
from oncall.core.case.marked_numbers import MARKED_FOR
from oncall.service.ports.register import MarkRefused


@dataclass(frozen=True, slots=True)
class MarkShown:
    """What the page of a case says of its number: who marked it until when, or that it can be marked."""

    by: str = ""
    until: datetime | None = None


async def mark_shown(given: Given, case: Case, directory: Directory) -> MarkShown | None:
    """Nothing of a case that is about an enrolled phone, a patient or an alarm."""
    if case.phone is None or not case.key.startswith("phone:"):
        return None
    mark = await given.register.number_mark(case.phone)
    if mark is not None:
        known = directory.clinicians.get(mark.by)
        return MarkShown(known.name if known else mark.by, mark.until)
    return MarkShown() if await given.register.caller(case.phone) is None else None


async def mark_on_page(request: web.Request) -> web.Response:
    """POST /cases/{case}/number: `act` is `mark` or `unmark`; the signed-in person says so."""
    given, form, case = request.app[GIVEN], await read_form(request), await case_of(request)
    person = (await given.register.directory()).clinicians.get(signed_in(request).person)
    if person is None or person.is_shared:
        raise Problem(403, "not-a-person", "Only somebody on the team may say whose number this is not.")
    if case.phone is None or not case.key.startswith("phone:"):
        raise Problem(409, "not-an-unknown-phone", "This case is not of an unknown phone: there is no number to mark.")
    until = None if typed(form, "act") == "unmark" else given.clock.now() + MARKED_FOR
    try:
        await given.register.mark_not_a_patient(case.phone, until, person.id)
    except MarkRefused as refused:
        raise Problem(409, "somebodys-number", str(refused)) from None
    return see_other(f"/cases/{case.id}")
