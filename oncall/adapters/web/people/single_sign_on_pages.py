"""Single sign-on in the browser: off to the provider, and back with its answer.

The browser keeps the state of its own attempt in a cookie, so an answer that somebody else began opens nothing.
Deliberately not here: what is believed of the answer (`service.people.single_sign_on`).
"""

from __future__ import annotations

from aiohttp import web

from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.kept_form import local_path
from oncall.adapters.web.people.letting_in import came_from, let_in
from oncall.adapters.web.people.login_page import login_page
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other
from oncall.service.people.single_sign_on import ATTEMPT_LIVES, NotVouched, SingleSignOn


def _single_sign_on(request: web.Request) -> SingleSignOn:
    found = request.app[GIVEN].single_sign_on
    if found is None:
        raise Problem(404, "no-single-sign-on", "There is no single sign-on here: sign in with your password.")
    return found


async def begin(request: web.Request) -> web.Response:
    """GET /login/single-sign-on; `next` is where one wanted to go, `first` a one-time link that is to be used by it.

    A link and no form, because the pages' own rule forbids forms to lead elsewhere. Nobody is brought by another site
    to bind their identity to an account that is not theirs.
    """
    after, link = local_path(request.query.get("next", "/")), request.query.get("first", "")
    if link and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Problem(403, "foreign-link", "Open the one-time link itself, and choose single sign-on there.")
    try:
        state, address = await _single_sign_on(request).begin(after, link)
    except NotVouched as problem:
        return login_page(request, after, str(problem), status=503)
    answer, given = see_other(address), request.app[GIVEN]
    lives = int(ATTEMPT_LIVES.total_seconds())
    answer.set_cookie(
        _cookie(given), state, path="/", httponly=True, secure=given.is_https, samesite="Lax", max_age=lives
    )
    return answer


async def back(request: web.Request) -> web.Response:
    """GET /login/back: the provider's answer. It works once, for the browser that began."""
    given, told = request.app[GIVEN], request.query
    after = "/"
    try:
        attempt = _single_sign_on(request).take(told.get("state", ""), request.cookies.get(_cookie(given), ""))
        after = attempt.after
        code, issuer = told.get("code", ""), told.get("iss", "")
        opened = await _single_sign_on(request).finish(attempt, code, issuer, came_from(request))
    except NotVouched as problem:
        answer = login_page(request, after, str(problem), status=401)
    else:
        answer = await let_in(request, opened, after)
    answer.del_cookie(_cookie(given), path="/", secure=given.is_https, httponly=True, samesite="Lax")
    return answer


def _cookie(given: Given) -> str:
    return "__Host-attempt" if given.is_https else "attempt"
