"""The page of one case: everything in one screen, the buttons that make sense now, the picture, the story.

Looking changes nothing. What may be pressed follows from how the case stands and who looks; the desk judges again when
it is pressed. Deliberately not here: the acts (`acts`), records and files (`record_pages`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aiohttp import web

from oncall.adapters.web.asker import looking_at, signed_in
from oncall.adapters.web.cases.act_words import said_on
from oncall.adapters.web.cases.acts import acts_now
from oncall.adapters.web.cases.board_pages import LINKERS, case_of, reader
from oncall.adapters.web.cases.number_marks import mark_shown
from oncall.adapters.web.cases.record_pages import MAY_TAKE_OUT, whole_of
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.rendering import render, show
from oncall.core.case.case import Case
from oncall.core.case.entries import Recorded
from oncall.core.case.facts import Directory, Facts
from oncall.core.case.handover import LINES, colleagues
from oncall.core.case.holding import CAUSES, OUTCOMES
from oncall.core.triage.at_hand import Phrase
from oncall.core.wall_time import wall
from oncall.service.cases.picture import Picture, picture_of
from oncall.service.cases.record import chart_note
from oncall.service.cases.story import KINDS, StoryRow
from oncall.service.telephone.replies import SERVICES

CHIPS = ("all", *KINDS)
MOST_ROWS = 80  # of the story on the page; the whole of it by a link


async def case_page(request: web.Request) -> web.Response:
    """GET /cases/{code-or-id}; with `part=live` only what changes; `rows=every`: the whole story."""
    given, read = request.app[GIVEN], reader(request.app[GIVEN])
    case = await case_of(request)
    looking_at(request, case.id)
    whole, directory = await whole_of(given, case), await given.register.directory()
    picture, me = _picture(given, case, whole.entries, directory), directory.clinicians.get(signed_in(request).person)
    shown = request.query.get("show", "all")
    story = [line for line in whole.story if _is_shown(line, shown)]
    hidden = 0 if request.query.get("rows") == "every" else max(len(story) - MOST_ROWS, 0)
    is_part = request.query.get("part") == "live"
    at_hand = given.handbooks.current().at_hand
    return show(
        request,
        "case_live.html" if is_part else "case.html",
        row=whole.row,
        card=whole.card,
        sheet=whole.sheet,
        origin=whole.origin,
        relatives=await read.relatives(case),
        mark=await mark_shown(given, case, directory),
        may_link=not LINKERS.isdisjoint(signed_in(request).roles),
        may_take_out=not MAY_TAKE_OUT.isdisjoint(signed_in(request).roles),
        acts=acts_now(case, me, given.clock.now(), has_interpreter=bool(given.hospital.interpreter)),
        services=SERVICES,
        outcomes=OUTCOMES,
        causes=CAUSES,
        lines=LINES,
        takers=_takers(given, case, directory) if case.is_open and case.table else (),
        owners=sorted((p.name, p.id) for p in directory.clinicians.values() if not p.is_shared),
        tomorrow=_tomorrow(given.clock.now(), given.hospital.zone),
        at_hand=at_hand,
        phrases=_phrases(given, case, me.name if me else "…"),
        checklists=at_hand.lists_for(case.assessment.leanings if case.assessment else ()),
        picture=picture,
        note="" if is_part else chart_note(whole),
        story=story[hidden:],
        hidden=hidden,
        shown=shown if shown in CHIPS else "all",
        chips=CHIPS,
        said=await said_on(request, read),
    )


async def picture(request: web.Request) -> web.Response:
    """GET /cases/{case}/picture.svg."""
    given, case = request.app[GIVEN], await case_of(request)
    looking_at(request, case.id)
    directory = await given.register.directory()
    drawn = _picture(given, case, await given.journal.entries(case.id), directory)
    return web.Response(
        text=render(request, "case_picture.svg", picture=drawn).strip(), content_type="image/svg+xml", charset="utf-8"
    )


def _picture(given: Given, case: Case, recorded: Sequence[Recorded], directory: Directory) -> Picture:
    names = {person.id: person.name for person in directory.clinicians.values()}
    return picture_of(case.code, recorded, names, given.clock.now(), given.hospital.zone)


def _phrases(given: Given, case: Case, name: str) -> list[tuple[Phrase, str]]:
    """Each approved phrase as this family would read it."""
    emergency = given.hospital.emergency_number
    return [(one, one.said(case.language, name, emergency)) for one in given.handbooks.current().at_hand.phrases]


def _takers(given: Given, case: Case, directory: Directory) -> list[tuple[str, str]]:
    known = colleagues(case, Facts(directory), given.handbooks.current(), given.clock.now())
    return [(person.id, person.name) for person in known]


def _tomorrow(now: datetime, zone: str) -> str:
    return (wall(now, zone).date() + timedelta(days=1)).isoformat()


def _is_shown(line: StoryRow, shown: str) -> bool:
    """Clocks are the machine's own notes: only shown when asked for."""
    return line.kind == shown if shown in KINDS else line.kind != "clocks"
