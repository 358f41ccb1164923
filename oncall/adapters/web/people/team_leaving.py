"""The page on which somebody leaves the team: everything of theirs is given on first, then nothing reaches them.

Looking shows the rota as it would be and changes nothing; leaving publishes it, gives the tasks and ends the account.
Nothing is deleted, and who left can be brought back. Deliberately not here: the rules (`service.people.leaving`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.people.team_pages import known_row, person_page
from oncall.adapters.web.rendering import see_other, show
from oncall.core.rota.edits import EditRefused
from oncall.service.people.leaving import Choices, LeaveRefused, Leaving
from oncall.service.rota.desk import PublishRefused
from oncall.service.rota.preview import Preview

TURNS, SHIFT = "turns:", "shift:"


async def leaving(request: web.Request) -> web.Response:
    """GET /team/{person}/leave: what is theirs, with a suggestion for each shift."""
    await known_row(request)
    try:
        found = await request.app[GIVEN].leavers.look(request.match_info["person"])
    except (LeaveRefused, EditRefused) as refused:
        return await person_page(request, fault=str(refused))
    return _page(request, found, Choices())


async def leave(request: web.Request) -> web.Response:
    """POST /team/{person}/leave: `do` is look or leave."""
    await known_row(request)
    choices, is_last = await _choices(request), typed(await read_form(request), "do") == "leave"
    person, by, leavers = request.match_info["person"], signed_in(request).person, request.app[GIVEN].leavers
    try:
        if is_last:
            await leavers.leave(person, choices, by)
            return see_other(f"/team/{person}?said=left")
        found, preview = await leavers.preview(person, choices, by)
    except (LeaveRefused, PublishRefused) as refused:
        return await _again(request, choices, refused.sentences)
    except EditRefused as refused:
        return await _again(request, choices, (str(refused),))
    return _page(request, found, choices, preview=preview, looked=True)


async def bring_back(request: web.Request) -> web.Response:
    """POST /team/{person}/return."""
    row = await known_row(request)
    try:
        await request.app[GIVEN].leavers.bring_back(row.member.id, signed_in(request).person)
    except LeaveRefused as refused:
        return await person_page(request, fault=str(refused))
    return see_other(f"/team/{row.member.id}?said=back")


async def _again(request: web.Request, choices: Choices, faults: tuple[str, ...]) -> web.Response:
    try:
        found = await request.app[GIVEN].leavers.look(request.match_info["person"], choices)
    except (LeaveRefused, EditRefused) as refused:
        return await person_page(request, fault=str(refused))
    return _page(request, found, choices, faults=faults)


def _page(
    request: web.Request,
    found: Leaving,
    choices: Choices,
    faults: tuple[str, ...] = (),
    preview: Preview | None = None,
    looked: bool = False,
) -> web.Response:
    told: Mapping[str, Any] = {"found": found, "choices": choices, "faults": faults, "preview": preview}
    return show(request, "team_leave.html", status=422 if faults else 200, looked=looked, **told)


async def _choices(request: web.Request) -> Choices:
    form = await read_form(request)

    def chosen(start: str) -> dict[str, str]:
        return {name.removeprefix(start): typed(form, name)[:60] for name in form if name.startswith(start)}

    return Choices(chosen(TURNS), chosen(SHIFT), typed(form, "tasks")[:60], typed(form, "reason").strip()[:200])
