"""GET /health: the health of the line in sentences, for whoever stands before the screen.

Made anew at each look; without script it reloads itself. Deliberately not here: what is asked (`service.line.health`)
and the answers for programs (`health`).
"""

from __future__ import annotations

from aiohttp import web

from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.line.health import store_writes
from oncall.adapters.web.rendering import show
from oncall.service.line.health import Sources, health_of

SIGNS = {"good": "✓", "close": "▲", "bad": "✗", "not in use": "–"}


async def health(request: web.Request) -> web.Response:
    """With `part=live` only what changes."""
    template = "health_live.html" if request.query.get("part") == "live" else "health.html"
    return show(request, template, health=await health_of(sources_of(request.app[GIVEN])), mark_signs=SIGNS)


def sources_of(given: Given) -> Sources:
    async def writes() -> bool:
        return await store_writes(given)

    return Sources(
        clock=given.clock,
        journal=given.journal,
        notices=given.notices,
        team=given.team,
        handbooks=given.handbooks,
        proofs=given.proofs,
        writes=writes,
        loops=given.loops,
        carrier=given.carrier,
        feeds=given.feeds,
        room=given.room,
        certificates=given.certificates,
        lost=given.lost,
        heard=given.heard,
        standing=given.standing,
        past=given.past,
    )
