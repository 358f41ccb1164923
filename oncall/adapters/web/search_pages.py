"""One search for every page: patients by name, serial or phone, cases by code, id or slot, people by name or number.

What is looked for travels in a form, never in an address, so that it stands in no log and no history. Deliberately not
here: finding (`service.patients.shown`).
"""

from __future__ import annotations

from aiohttp import web

from oncall.adapters.web.asker import looking_at
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.rendering import show
from oncall.service.typed_cells import written_phone

LONGEST = 100


async def search(request: web.Request) -> web.Response:
    """POST /search: what was found for `q`."""
    told = typed(await read_form(request), "q").strip()[:LONGEST]
    found = await request.app[GIVEN].patients.search(told)
    looking_at(request, f"search, {len(found.patients)} patients")
    return show(request, "search.html", told=told, found=found, written=written_phone)


async def nothing_asked(request: web.Request) -> web.Response:
    """GET /search: the page without a question, for whoever loads it again."""
    return show(request, "search.html", told="", found=None, written=written_phone)
