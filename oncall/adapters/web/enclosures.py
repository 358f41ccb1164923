"""A recorded message or picture of a case, out of our own store and never from the carrier.

On the internal listener beside the case; on a page's link only for who has shown the paged phone's digits there, and
only while the case is open. Pictures and sounds of kinds that we know are shown, anything else is saved to a file, and
nothing in it may run. Every opening is logged. Deliberately not here: how it came into the store.
"""

from __future__ import annotations

import re

import structlog
from aiohttp import web

from oncall.adapters.web.cases.page_link import case_if_seen
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.core.case.case import Case
from oncall.service.cases.board import BoardReader
from oncall.service.telephone.media_types import PLAYED, SHOWN

_RANGE = re.compile(r"bytes=(\d{1,9})-(\d{0,9})")

log = structlog.get_logger("enclosures")


async def on_case_page(request: web.Request) -> web.Response:
    """GET /cases/{case}/enclosures/{name}."""
    given = request.app[GIVEN]
    read = BoardReader(given.journal, given.register, given.handbooks, given.clock)
    return await _bytes(request, await read.find(request.match_info["case"]), "case page")


async def on_page_link(request: web.Request) -> web.Response:
    """GET /p/{token}/enclosures/{name}."""
    return await _bytes(request, await case_if_seen(request), "page link")


async def _bytes(request: web.Request, case: Case | None, door: str) -> web.Response:
    enclosure = case.enclosure(request.match_info["name"]) if case else None
    kept = await request.app[GIVEN].enclosures.get(enclosure.what.id) if enclosure and enclosure.is_kept else None
    if case is None or kept is None:
        raise Problem(404, "no-such-enclosure", "There is no such recording or picture, or it is not kept any more.")
    log.info("enclosure opened", case=case.id, enclosure=kept.name, door=door)
    shown = kept.media_type in SHOWN | PLAYED
    headers = {"Content-Disposition": "inline" if shown else f'attachment; filename="{kept.name}"'}
    return _part(request, kept.body, kept.media_type, headers)


def _part(request: web.Request, body: bytes, media_type: str, headers: dict[str, str]) -> web.Response:
    """Players ask for parts of a sound, and some play nothing that is not given in parts."""
    headers["Accept-Ranges"] = "bytes"
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or int(asked[1]) >= len(body):
        return web.Response(body=body, content_type=media_type, headers=headers)
    first, last = int(asked[1]), min(int(asked[2] or len(body)), len(body) - 1)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return web.Response(status=206, body=body[first : last + 1], content_type=media_type, headers=headers)
