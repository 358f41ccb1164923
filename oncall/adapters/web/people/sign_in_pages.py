"""Coming in and going out: the sign-in page, one-time links, one's own account.

A wrong name, a wrong password and too many tries get the same sentence. Opening a link uses nothing up, because
previews open links; only its button does. Deliberately not here: the rules (`service.people.sign_in`), and who may open
which address (`routes`).
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from oncall.adapters.web.asker import ASKER, signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.kept_form import local_path
from oncall.adapters.web.people.letting_in import REFUSED, came_from, door, let_in
from oncall.adapters.web.people.login_page import login_page
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.adapters.web.who_may import cookie_name
from oncall.service.people.accounts import ROLE_WORDS, ROLES, VISIT, Account, Link
from oncall.service.people.passwords import SHORTEST, fault_of

NO_LINK = "This link is used, too old, or not known. Ask an administrator for a new one, or sign in."
SAID = {
    "out": "You are signed out.",
    "changed": "The password is changed, and every other session of yours has ended.",
    "ended": "The session has ended.",
    "second-off": "The second step is off: your password alone opens.",
}


# --- in and out ------------------------------------------------------------------------------------------------------


async def login_form(request: web.Request) -> web.Response:
    """GET /login; `next` is where one wanted to go."""
    after, said = local_path(request.query.get("next", "/")), request.query.get("said", "")
    if ASKER in request:
        return see_other(after)
    elsewhere = request.app[GIVEN].single_sign_on
    out = await elsewhere.way_out() if elsewhere is not None and said == "out" else ""
    return login_page(request, after, SAID.get(said, ""), out=out)


async def login(request: web.Request) -> web.Response:
    """POST /login."""
    form = await read_form(request)
    person, after, kept = typed(form, "person")[:80], local_path(typed(form, "next")), typed(form, "kept")
    opened = await door(request).by_password(person, typed(form, "password"), came_from(request))
    if opened is None:
        return login_page(request, after, REFUSED, person, kept, status=401)
    return await let_in(request, opened, after, kept)


async def logout(request: web.Request) -> web.Response:
    """POST /logout."""
    asker = signed_in(request)
    await door(request).end(asker.session, asker.person)
    answer = see_other("/login?said=out")
    given = request.app[GIVEN]
    answer.del_cookie(cookie_name(given), path="/", secure=given.is_https, httponly=True, samesite="Lax")
    return answer


async def link_form(request: web.Request) -> web.Response:
    """GET /first/{token}: says whose it is; nothing is used up."""
    return _link_page(request, await _good_link(request))


async def use_link(request: web.Request) -> web.Response:
    """POST /first/{token}: the password is set, or a sample person visits."""
    form, (link, account) = await read_form(request), await _good_link(request)
    password = None if link.purpose == VISIT else typed(form, "password")
    if password is not None and (fault := fault_of(password, account.person) or _differ(form)):
        return _link_page(request, (link, account), fault)
    opened = await door(request).use_link(request.match_info["token"], password, came_from(request))
    if opened is None:
        raise Problem(404, "no-such-link", NO_LINK)
    return await let_in(request, opened, "/")


def _differ(form: Mapping[str, object]) -> str | None:
    same = typed(form, "password") == typed(form, "again")
    return None if same else "The two are not the same. Type the password twice."


async def _good_link(request: web.Request) -> tuple[Link, Account]:
    found = await door(request).link(request.match_info["token"])
    if found is None:
        raise Problem(404, "no-such-link", NO_LINK)
    return found


def _link_page(request: web.Request, found: tuple[Link, Account], fault: str = "") -> web.Response:
    link, account = found
    told = {"account": account, "is_visit": link.purpose == VISIT, "fault": fault, "shortest": SHORTEST}
    told["elsewhere"] = request.app[GIVEN].single_sign_on is not None
    return show(request, "first.html", status=422 if fault else 200, token=request.match_info["token"], **told)


# --- one's own account -----------------------------------------------------------------------------------------------


async def account(request: web.Request) -> web.Response:
    """GET /account."""
    return await _account_page(request, said=SAID.get(request.query.get("said", ""), ""))


async def change_password(request: web.Request) -> web.Response:
    """POST /account/password."""
    form = await read_form(request)
    fault = _differ(form) or await door(request).change_password(
        signed_in(request), typed(form, "old"), typed(form, "password")
    )
    return await _account_page(request, fault=fault) if fault else see_other("/account?said=changed")


async def end_session(request: web.Request) -> web.Response:
    """POST /account/sessions/{session}/end: one's own; another's by an administrator alone."""
    asker, session = signed_in(request), request.match_info["session"]
    own = {known.id for known in await door(request).sessions(asker.person)}
    if session not in own and not asker.is_admin:
        raise Problem(403, "not-your-session", "This is not a session of yours.")
    if not await door(request).end(session, asker.person):
        raise Problem(404, "no-such-session", "There is no such session any more.")
    return see_other("/account?said=ended" if session in own else "/accounts")


async def _account_page(request: web.Request, said: str = "", fault: str = "") -> web.Response:
    asker = signed_in(request)
    kept = await door(request).accounts.account(asker.person)
    return show(
        request,
        "account.html",
        own_page=await request.app[GIVEN].team.shelf.member(asker.person) is not None,
        status=422 if fault else 200,
        said=said,
        fault=fault,
        sessions=await door(request).sessions(asker.person),
        roles=role_words(asker.roles),
        has_second=bool(kept and kept.asks_for_a_code),
        shortest=SHORTEST,
    )


def role_words(held: frozenset[str]) -> str:
    return ", ".join(ROLE_WORDS[role] for role in ROLES if role in held)
