"""The headers every answer carries, and the one check that a form came from our own page.

Nothing may be cached, framed, sniffed or loaded from elsewhere, and no address leaks where the reader came from
(an address may carry a page's token). Deliberately not here: who is signed in (`who_may`).
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Handler, Problem

ALWAYS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Server": "oncall",
}
NAMELESS = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/static/")


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(ALWAYS)
    response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def only_our_own_names(request: web.Request, handler: Handler) -> web.StreamResponse:
    """For pages: a foreign name that was pointed at this machine gets nothing, not even the sign-in page.

    A web page elsewhere can make a browser ask this address, but only under its own name (DNS rebinding). The API
    has its tokens and health has nothing to hide, so an alarm is never refused for the name it used.
    """
    name = _name_in(f"//{request.host}")
    known = name == "localhost" or _is_address(name) or name in request.app[GIVEN].hosts
    if not known and not request.path.startswith(NAMELESS):
        raise Problem(
            421, "foreign-name", "Ask for this by its address, or by the name in internal.url of config.yaml."
        )
    return await handler(request)


def _name_in(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # "[" is no name
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@web.middleware
async def only_our_own_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A browser that posts from another site is refused; programs send neither of these headers."""
    if request.method == "POST" and not _is_ours(request):
        raise Problem(403, "foreign-form", "This form came from another site: open our own page and use it there.")
    return await handler(request)


def _is_ours(request: web.Request) -> bool:
    """Browsers say where a form came from; older ones only its origin, which "no-referrer" makes "null"."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin == "null" or origin.partition("://")[2] == request.host
