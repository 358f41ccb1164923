"""Coming in and going out: the sign-in page, one-time links, one's own account, and the lists for administrators.

A wrong name, a wrong password and too many tries get the same sentence. Opening a link uses nothing up, because
previews open links; only its button does. Deliberately not here: the rules (`service.sign_in`), and who may open
which address (`routes`).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from oncall.adapters.web.asker import ASKER, signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.adapters.web.who_may import cookie_name, who_asks
from oncall.service.accounts import ROLE_WORDS, ROLES, VISIT, Account, Came, Link
from oncall.service.passwords import SHORTEST, fault_of
from oncall.service.sign_in import SignIn

REFUSED = (
    "That did not work. The name or the password is not right, or there were too many tries: wait a few minutes, "
    "or ask an administrator for a new link. Pages and cases need no sign-in: answer them on your telephone."
)
NO_LINK = "This link is used, too old, or not known. Ask an administrator for a new one, or sign in."
LOOKS_SHOWN = 300
# in this order: most browsers also call themselves by the names of those below
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
SAID = {
    "out": "You are signed out.",
    "changed": "The password is changed, and every other session of yours has ended.",
    "ended": "The session has ended.",
}


def door(request: web.Request) -> SignIn:
    return request.app[GIVEN].sign_in


def local_path(told: str) -> str:
    """Where to go after signing in: a path of this house, whatever was told."""
    parts = urlsplit(told) if told.isprintable() else None
    is_ours = parts is not None and told.startswith("/") and not (parts.scheme or parts.netloc) and "\\" not in told
    return told if is_ours and not told.startswith(("//", "/login", "/logout")) else "/"


# --- in and out ------------------------------------------------------------------------------------------------------


async def login_form(request: web.Request) -> web.Response:
    """GET /login; `next` is where one wanted to go."""
    after = local_path(request.query.get("next", "/"))
    if ASKER in request:
        return see_other(after)
    return show(request, "login.html", after=after, said=SAID.get(request.query.get("said", ""), ""), person="")


async def login(request: web.Request) -> web.Response:
    """POST /login."""
    form = await read_form(request)
    person, after = typed(form, "person")[:80], local_path(typed(form, "next"))
    token = await door(request).by_password(person, typed(form, "password"), _came(request))
    if token is None:
        return show(request, "login.html", status=401, after=after, said=REFUSED, person=person)
    return await _let_in(request, token, after)


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
    token = await door(request).use_link(request.match_info["token"], password, _came(request))
    if token is None:
        raise Problem(404, "no-such-link", NO_LINK)
    return await _let_in(request, token, "/")


def _differ(form: object) -> str | None:
    same = typed(form, "password") == typed(form, "again")  # type: ignore[arg-type]
    return None if same else "The two are not the same. Type the password twice."


async def _good_link(request: web.Request) -> tuple[Link, Account]:
    found = await door(request).link(request.match_info["token"])
    if found is None:
        raise Problem(404, "no-such-link", NO_LINK)
    return found


def _link_page(request: web.Request, found: tuple[Link, Account], fault: str = "") -> web.Response:
    link, account = found
    told = {"account": account, "is_visit": link.purpose == VISIT, "fault": fault, "shortest": SHORTEST}
    return show(request, "first.html", status=422 if fault else 200, token=request.match_info["token"], **told)


async def _let_in(request: web.Request, token: str, after: str) -> web.Response:
    """A new session, and the one that this browser had before is over."""
    given, before = request.app[GIVEN], await who_asks(request)
    if before is not None:
        await door(request).end(before.session, before.person)
    answer = see_other(after)
    _set_cookie(given, answer, token)
    return answer


def _set_cookie(given: Given, answer: web.Response, token: str) -> None:
    """No lifetime: it goes with the browser, and the house ends the session in any case."""
    answer.set_cookie(cookie_name(given), token, path="/", httponly=True, secure=given.is_https, samesite="Lax")


def _came(request: web.Request) -> Came:
    return Came(request.remote or "", browser_words(request.headers.get("User-Agent", "")))


def browser_words(agent: str) -> str:
    """ "Firefox on Windows": enough to tell one's own browsers apart."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


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
    return show(
        request,
        "account.html",
        status=422 if fault else 200,
        said=said,
        fault=fault,
        sessions=await door(request).sessions(asker.person),
        roles=role_words(asker.roles),
        shortest=SHORTEST,
    )


def role_words(held: frozenset[str]) -> str:
    return ", ".join(ROLE_WORDS[role] for role in ROLES if role in held)


# --- for administrators ----------------------------------------------------------------------------------------------


async def accounts(request: web.Request) -> web.Response:
    """GET /accounts: who may sign in, and where they are signed in."""
    known = await door(request).accounts.accounts()
    listed = [(one, role_words(one.roles), await door(request).sessions(one.person)) for one in known]
    return show(request, "accounts.html", listed=listed)


async def views(request: web.Request) -> web.Response:
    """GET /views: who looked at which patients' data, the newest first; `case` names one case."""
    subject = request.query.get("case", "")[:80]
    listed = await door(request).accounts.views(LOOKS_SHOWN, subject)
    return show(request, "views.html", listed=listed, subject=subject, most=LOOKS_SHOWN)
