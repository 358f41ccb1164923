"""Proposed rules: what would change, what the proof says, and the second person's yes or no.

Past cases stand here by their code, never by their words. Deliberately not here: who may decide what
(`service.rules.proposals`), and how an edition comes to be in force.
"""

from __future__ import annotations

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.service.rules.proposals import Proposal, Proposals

LONGEST_REASON = 500
SAID = {
    "published": "Approved: it is in force from the next decision on.",
    "rejected": "Rejected. Its author reads why.",
    "withdrawn": "Withdrawn.",
}


def _proposals(request: web.Request) -> Proposals:
    return request.app[GIVEN].proposals


async def proposals(request: web.Request) -> web.Response:
    """GET /rules/proposals: what waits, and what became of the earlier ones."""
    listed = await _proposals(request).shelf.proposals()
    told = {"open": [one for one in listed if one.is_open], "decided": [one for one in listed if not one.is_open]}
    return show(request, "proposals.html", **told)


async def proposal(request: web.Request) -> web.Response:
    """GET /rules/proposals/{proposal}; the first look begins the proof."""
    return await _page(request, await _found(request))


async def approve(request: web.Request) -> web.Response:
    """POST /rules/proposals/{proposal}/approve."""
    found, reason = await _found(request), await _reason(request)
    return await _answer(
        request, found, await _proposals(request).approve(found.id, signed_in(request), reason), reason
    )


async def reject(request: web.Request) -> web.Response:
    """POST /rules/proposals/{proposal}/reject."""
    found, reason = await _found(request), await _reason(request)
    return await _answer(request, found, await _proposals(request).reject(found.id, signed_in(request), reason), reason)


async def withdraw(request: web.Request) -> web.Response:
    """POST /rules/proposals/{proposal}/withdraw, by its author."""
    found = await _found(request)
    return await _answer(request, found, await _proposals(request).withdraw(found.id, signed_in(request)))


async def prove(request: web.Request) -> web.Response:
    """POST /rules/proposals/{proposal}/proof: once more, after one that ended without an answer."""
    found = await _found(request)
    _proposals(request).prove_again(found)
    return see_other(f"/rules/proposals/{found.id}")


async def _found(request: web.Request) -> Proposal:
    found = await _proposals(request).shelf.proposal(request.match_info["proposal"])
    if found is None:
        raise Problem(404, "no-such-proposal", "There is no such proposal.")
    return found


async def _reason(request: web.Request) -> str:
    return typed(await read_form(request), "reason")[:LONGEST_REASON].strip()


async def _answer(request: web.Request, found: Proposal, refused: tuple[str, ...], reason: str = "") -> web.Response:
    if refused:
        return await _page(request, await _found(request), refused, reason)
    return see_other(f"/rules/proposals/{found.id}?said=done")


async def _page(request: web.Request, found: Proposal, refused: tuple[str, ...] = (), reason: str = "") -> web.Response:
    asker, given = signed_in(request), request.app[GIVEN]
    editions = await given.journal.editions()
    told = {
        "one": found,
        "proof": _proposals(request).proof(found),
        "refused": refused,
        "reason": reason,
        "said": SAID.get(found.state, "") if request.query.get("said") else "",
        "overtaken": found.is_open and bool(editions) and editions[0].name != found.base,
        "is_author": found.author == asker.person,
        "may_decide": "rules_owner" in asker.roles and found.author != asker.person,
    }
    return show(request, "proposal.html", status=422 if refused else 200, **told)
