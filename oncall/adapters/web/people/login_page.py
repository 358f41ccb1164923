"""The sign-in page itself, which also stands where a form came too late. Deliberately not here: what it leads to."""

from __future__ import annotations

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.rendering import show

ENDED = (
    "Your session has ended, so nothing was done. Sign in: what you typed comes back then, for you to look at and send."
)


def login_page(
    request: web.Request, after: str, said: str = "", person: str = "", kept: str = "", status: int = 200, out: str = ""
) -> web.Response:
    """`kept` is a form that waits; `out` is where one signs out of single sign-on too."""
    elsewhere = request.app[GIVEN].single_sign_on is not None
    told = {"after": after, "said": said, "person": person, "kept": kept, "elsewhere": elsewhere, "out": out}
    return show(request, "login.html", status=status, **told)
