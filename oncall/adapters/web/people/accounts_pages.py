"""For administrators: who may sign in and as what, inviting, lost telephones, and who looked at patients' data.

An invitation is shown once, on the page that answers the form; it is sent to nobody. Deliberately not here: what may
be changed (`service.people.inviting`).
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.cases.events import STREAMS
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.people.letting_in import door
from oncall.adapters.web.people.sign_in_pages import role_words
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.service.people.accounts import ROLE_WORDS, ROLES
from oncall.service.people.inviting import NotDone, Wish, change_roles, end_account, invite
from oncall.service.people.kiosks import KioskRefused

LOOKS_SHOWN = 300
NOBODY = Wish("")
SAID = {
    "roles": "The roles are changed, from the next page on that is opened.",
    "second": "The second step is taken away; the password or a new link opens alone.",
    "ended": "The account has ended, and every session of it.",
    "kiosk": "The screen's link has ended; the screen says so now.",
}


async def accounts(request: web.Request) -> web.Response:
    """GET /accounts: who may sign in, and where they are signed in."""
    return await _page(request, said=SAID.get(request.query.get("said", ""), ""))


async def invite_somebody(request: web.Request) -> web.Response:
    """POST /accounts: a link that works once, shown once."""
    form = await read_form(request)
    wish = Wish(typed(form, "person"), typed(form, "name")[:80], _ticked(form))
    try:
        directory = await request.app[GIVEN].register.directory()
        token, name = await invite(door(request), directory, wish, signed_in(request).person)
    except NotDone as problem:
        return await _page(request, fault=_without_options(str(problem)), wish=wish)
    return await _page(request, link=(name, f"{request.app[GIVEN].internal_url or request.url.origin()}/first/{token}"))


async def set_roles(request: web.Request) -> web.Response:
    """POST /accounts/{person}/roles."""
    given, person = request.app[GIVEN], request.match_info["person"]
    form = await read_form(request)
    return await _done(
        request, "roles", change_roles(given.sign_in, given.clock, person, _ticked(form), signed_in(request).person)
    )


async def end(request: web.Request) -> web.Response:
    """POST /accounts/{person}/end."""
    given, person = request.app[GIVEN], request.match_info["person"]
    return await _done(request, "ended", end_account(given.sign_in, given.clock, person, signed_in(request).person))


async def reset_second(request: web.Request) -> web.Response:
    """POST /accounts/{person}/second/end: for a lost telephone."""
    person = request.match_info["person"]
    if await door(request).accounts.account(person) is None:
        raise Problem(404, "no-such-account", f"Nobody signs in as {person}.")
    await request.app[GIVEN].second_steps.reset(person, signed_in(request).person)
    return see_other("/accounts?said=second")


async def make_kiosk(request: web.Request) -> web.Response:
    """POST /accounts/kiosks: a link for a screen on a wall, shown once."""
    given, name = request.app[GIVEN], typed(await read_form(request), "name")
    try:
        token = await given.kiosks.make(name, signed_in(request).person)
    except KioskRefused as problem:
        return await _page(request, fault=str(problem))
    return await _page(request, screen=(name.strip(), f"{given.internal_url or request.url.origin()}/kiosk/{token}"))


async def end_kiosk(request: web.Request) -> web.Response:
    """POST /accounts/kiosks/{kiosk}/end."""
    given = request.app[GIVEN]
    try:
        await given.kiosks.end(request.match_info["kiosk"], signed_in(request).person)
    except KioskRefused as problem:
        return await _page(request, fault=str(problem))
    request.app[STREAMS].look_again()
    return see_other("/accounts?said=kiosk")


async def views(request: web.Request) -> web.Response:
    """GET /views: who looked at which patients' data, the newest first; `case` names one case."""
    subject = request.query.get("case", "")[:80]
    listed = await door(request).accounts.views(LOOKS_SHOWN, subject)
    return show(request, "views.html", listed=listed, subject=subject, most=LOOKS_SHOWN)


async def _done(request: web.Request, said: str, work: Coroutine[None, None, None]) -> web.Response:
    try:
        await work
    except NotDone as problem:
        return await _page(request, fault=str(problem))
    return see_other(f"/accounts?said={said}")


async def _page(
    request: web.Request,
    said: str = "",
    fault: str = "",
    link: tuple[str, str] | None = None,
    wish: Wish = NOBODY,
    screen: tuple[str, str] | None = None,
) -> web.Response:
    known = await door(request).accounts.accounts()
    listed = [(one, role_words(one.roles), await door(request).sessions(one.person)) for one in known]
    told = {"listed": listed, "said": said, "fault": fault, "link": link, "wish": wish, "screen": screen}
    told["kiosks"] = await request.app[GIVEN].kiosks.book.in_use()
    return show(
        request, "accounts.html", status=422 if fault else 200, roles=[(r, ROLE_WORDS[r]) for r in ROLES], **told
    )


def _ticked(form: Mapping[str, object]) -> frozenset[str]:
    return frozenset(role for role in ROLES if typed(form, f"role-{role}"))


def _without_options(sentence: str) -> str:
    return sentence.replace(" (--name, --role)", "")
