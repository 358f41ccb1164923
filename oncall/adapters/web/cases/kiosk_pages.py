"""The operator's room: a screen that shows no patient, only how urgent, since when, who is rung and whom to ring.

What it shows is copied field by field into rows that have no place for a name, a number or a word of a family, so a
template cannot let one slip. A reply's two digits are not shown either: telling them is how a clinician proves to the
operator who they are (RULINGS 4). Deliberately not here: the board (`board_pages`), and who may come here (`routes`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from oncall.adapters.web.cases.board_pages import is_part, reader
from oncall.adapters.web.cases.events import stream
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import show
from oncall.core.case.facts import Directory
from oncall.core.triage.assessment import Urgency
from oncall.service.cases.board import CaseRow, Coming, Tier

ENDED = (
    "The link of this screen has ended, or was never right. An administrator makes a new one on the Accounts page. "
    "Until then who is on call stands on the printed sheet."
)


@dataclass(frozen=True, slots=True)
class KioskCase:
    """One open case for everybody's eyes. `ringing` and `holder` are of the team."""

    code: str
    urgency: Urgency | None
    since: datetime
    ringing: tuple[str, ...]
    holder: str | None
    is_reached: bool
    is_untaken: bool
    next: Coming | None


@dataclass(frozen=True, slots=True)
class KioskPerson:
    name: str
    until: datetime | None
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KioskTier:
    title: str
    people: tuple[KioskPerson, ...]


async def kiosk(request: web.Request) -> web.Response:
    """GET /board/kiosk; with `part=live` only what changes."""
    return await _shown(request)


async def screen(request: web.Request) -> web.Response:
    """GET /kiosk/{token}: the same for a screen on a wall, where nobody signs in; with `part=live` only what changes.

    Raises Problem 404 for a link that has ended.
    """
    if not await _is_in_use(request):
        raise Problem(404, "no-such-screen", ENDED)
    return await _shown(request, f"/kiosk/{request.match_info['token']}")


async def screen_events(request: web.Request) -> web.StreamResponse:
    """GET /kiosk/{token}/events, for as long as the link lasts."""
    if not await _is_in_use(request):
        raise Problem(404, "no-such-screen", ENDED)
    return await stream(request, _is_in_use)


async def _is_in_use(request: web.Request) -> bool:
    return await request.app[GIVEN].kiosks.book.by_token(request.match_info["token"]) is not None


async def _shown(request: web.Request, link: str = "") -> web.Response:
    """`link` is the address of a screen's own link; empty for somebody who is signed in."""
    given = request.app[GIVEN]
    board, directory = await reader(given).board(), await given.register.directory()
    cases, tiers = [_case(row) for row in board.cases], list(_tiers(board.tiers, directory))
    template, line = "kiosk_live.html" if is_part(request) else "kiosk.html", await given.line_states.now()
    return show(request, template, at=board.at, cases=cases, tiers=tiers, line=line, link=link)


def _case(row: CaseRow) -> KioskCase:
    return KioskCase(
        code=row.code,
        urgency=row.urgency,
        since=row.opened_at,
        ringing=tuple(page.name for page in row.ringing),
        holder=row.holder_name if not row.is_untaken else None,
        is_reached=row.family_reached,
        is_untaken=row.is_untaken,
        next=row.next,
    )


def _tiers(tiers: Iterable[Tier], directory: Directory) -> Iterable[KioskTier]:
    """Whoever is paged at this hour; a tier of the day is left out at night."""
    for tier in tiers:
        if tier.people or not tier.is_by_day_only:
            yield KioskTier(
                tier.title, tuple(_person(one.person, one.name, one.until, directory) for one in tier.people)
            )


def _person(person: str, name: str, until: datetime | None, directory: Directory) -> KioskPerson:
    known = directory.clinicians.get(person)
    return KioskPerson(name, until, tuple(phone.number for phone in known.phones) if known else ())
