"""The headers every answer carries, and the one check that a form came from our own page.

Nothing may be cached, framed, sniffed or loaded from elsewhere, and no address leaks where the reader came from
(an address may carry a page's token). Deliberately not here: who is signed in.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from oncall.adapters.web.problems import Handler, Problem

ALWAYS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Server": "oncall",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(ALWAYS)
    response.headers.setdefault("Cache-Control", "no-store")


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
    return origin == "null" or urlsplit(origin).netloc == request.host
