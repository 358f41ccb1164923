"""The second step of signing in as pages: asking for the code, and setting it up on one's own account.

The secret is shown as a picture, as an address and as text, and the codes for a lost telephone once. Deliberately not
here: what a code is (`service.people.second_step`).
"""

from __future__ import annotations

import segno
from aiohttp import web
from markupsafe import Markup

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.kept_form import local_path
from oncall.adapters.web.people.letting_in import REFUSED, came_from, code_page, door, let_in
from oncall.adapters.web.people.login_page import login_page
from oncall.adapters.web.rendering import see_other, show
from oncall.service.people.second_step import address_of, in_fours
from oncall.service.people.second_steps import SecondSteps

WRONG = "That code is not right. Take the newest one, and look whether the telephone's clock is right."


def _steps(request: web.Request) -> SecondSteps:
    return request.app[GIVEN].second_steps


async def code(request: web.Request) -> web.Response:
    """POST /login/code."""
    form = await read_form(request)
    word, after, kept = typed(form, "word"), local_path(typed(form, "next")), typed(form, "kept")
    opened = await door(request).by_code(word, typed(form, "code"), came_from(request))
    if opened is not None:
        return await let_in(request, opened, after, kept)
    if door(request).is_half_way(word):
        return code_page(request, word, after, kept, REFUSED)
    return login_page(request, after, REFUSED, kept=kept, status=401)


async def second(request: web.Request) -> web.Response:
    """GET /account/second."""
    return await _page(request)


async def begin(request: web.Request) -> web.Response:
    """POST /account/second: a new secret, to be tried out at once."""
    await _steps(request).begin(signed_in(request))
    return see_other("/account/second")


async def confirm(request: web.Request) -> web.Response:
    """POST /account/second/confirm: it holds from here on; the codes for a lost telephone are shown this once."""
    codes = await _steps(request).confirm(signed_in(request), typed(await read_form(request), "code"))
    return await _page(request, codes=tuple(map(in_fours, codes)), fault="" if codes else WRONG)


async def end(request: web.Request) -> web.Response:
    """POST /account/second/end."""
    ended = await _steps(request).end(signed_in(request), typed(await read_form(request), "code"))
    return see_other("/account?said=second-off") if ended else await _page(request, fault=WRONG)


async def _page(request: web.Request, codes: tuple[str, ...] = (), fault: str = "") -> web.Response:
    asker, hospital = signed_in(request), request.app[GIVEN].hospital.name
    kept = await _steps(request).of(asker.person)
    waits = kept if kept and not kept.is_on else None
    told = {"second": kept, "codes": codes, "fault": fault, "secret": in_fours(waits.secret) if waits else ""}
    told["uri"] = address_of(waits, asker.person, f"Pump line, {hospital}") if waits else ""
    told["picture"] = picture(told["uri"]) if waits else ""
    return show(request, "second.html", status=422 if fault else 200, **told)


def picture(words: str) -> Markup:
    """A QR code, black on white in any colours of the page: cameras want it so."""
    return Markup(segno.make(words, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff"))
