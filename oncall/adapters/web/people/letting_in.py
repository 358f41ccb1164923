"""What every way of signing in has in common: the page that asks, the second step, and the new session's cookie.

Every refusal is the same page. Deliberately not here: what proves who somebody is (`service.people.sign_in`).
"""

from __future__ import annotations

from ipaddress import ip_address

from aiohttp import web

from oncall.adapters.web.asker import ASKER
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.kept_form import read_kept
from oncall.adapters.web.rendering import see_other, show
from oncall.adapters.web.who_may import cookie_name, who_asks
from oncall.service.people.accounts import Came
from oncall.service.people.half_way import HalfWay
from oncall.service.people.sign_in import SignIn

REFUSED = (
    "That did not work. The name, the password or the code is not right, or there were too many tries: wait a few "
    "minutes, or ask an administrator for a new link. Pages and cases need no sign-in: answer them on your telephone."
)
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


def door(request: web.Request) -> SignIn:
    return request.app[GIVEN].sign_in


async def let_in(request: web.Request, opened: str | HalfWay, after: str, kept: str = "") -> web.Response:
    """A new session, and the one that this browser had before is over; or the page that asks for the code."""
    if isinstance(opened, HalfWay):
        return code_page(request, opened.word, after, kept)
    given, before = request.app[GIVEN], await who_asks(request)
    if before is not None:
        await door(request).end(before.session, before.person)
    answer = await _form_again(request, opened, kept) or see_other(after)
    _set_cookie(given, answer, opened)
    return answer


def code_page(request: web.Request, word: str, after: str, kept: str, said: str = "") -> web.Response:
    return show(request, "code.html", status=401 if said else 200, word=word, after=after, kept=kept, said=said)


async def _form_again(request: web.Request, token: str, kept: str) -> web.Response | None:
    """The form that was open when the last session ended, to be looked at and sent by a hand."""
    form, asker = read_kept(kept) if kept else None, await door(request).who(token)
    if form is None or asker is None:
        return None
    request[ASKER] = asker
    return show(request, "form_again.html", form=form)


def _set_cookie(given: Given, answer: web.Response, token: str) -> None:
    """No lifetime: it goes with the browser, and the house ends the session in any case."""
    answer.set_cookie(cookie_name(given), token, path="/", httponly=True, secure=given.is_https, samesite="Lax")


# --- from where ------------------------------------------------------------------------------------------------------


def came_from(request: web.Request) -> Came:
    return Came(network_address(request), browser_words(request.headers.get("User-Agent", "")))


def network_address(request: web.Request) -> str:
    """Whose tries are counted together: what the last proxy of ours saw, from the right; anybody else's word about
    where a request came from is not believed."""
    seen, given = request.remote or "", request.app[GIVEN]
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    while forwarded and _is_ours(seen, given):
        told = forwarded.pop().strip()
        if not _is_address(told):
            break
        seen = told
    return seen


def _is_ours(address: str, given: Given) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in given.proxies)


def _is_address(told: str) -> bool:
    try:
        ip_address(told)
    except ValueError:
        return False
    return True


def browser_words(agent: str) -> str:
    """ "Firefox on Windows": enough to tell one's own browsers apart."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser
