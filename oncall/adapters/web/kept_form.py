"""A form that came after its session had ended: nothing is done, and what was typed is not lost.

It travels through the sign-in page inside the page itself and comes back as a form to look at and send again; the
house keeps nothing of it. Passwords and codes are left out. Deliberately not here: signing in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.rendering import harmless

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
NOT_KEPT = frozenset({"csrf", "password", "old", "again", "code", "next", "kept"})
LONGEST = 100_000  # characters


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the form goes, and its fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def as_text(self) -> str:
        return json.dumps([self.path, self.fields], ensure_ascii=False)


def local_path(told: str) -> str:
    """Where to go after signing in: a path of this house, whatever was told."""
    is_ours = told.isprintable() and told.startswith("/") and "\\" not in told
    return told if is_ours and not told.startswith(("//", "/login", "/logout")) else "/"


def is_a_page_form(request: web.Request) -> bool:
    """Sent by a page itself, not by a script of one."""
    wants_a_page = "text/html" in request.headers.get("Accept", "")
    return request.method == "POST" and request.content_type in FORMS and wants_a_page


async def kept_of(request: web.Request) -> str:
    """What came, as the sign-in page carries it; empty when there is nothing worth it."""
    fields = _fields(await read_form(request))
    path = local_path(request.path_qs)
    told = Kept(path, fields).as_text() if fields and path == request.path_qs else ""
    return told if len(told) <= LONGEST else ""


def _fields(form: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, typed(form, name)) for name in form if name not in NOT_KEPT and typed(form, name))


def read_kept(told: str) -> Kept | None:
    """Whatever came back is foreign words again."""
    try:
        path, fields = json.loads(told)
        pairs = tuple((harmless(name), harmless(words)) for name, words in fields if name not in NOT_KEPT)
    except (ValueError, TypeError, RecursionError):
        return None
    return Kept(path, pairs) if isinstance(path, str) and local_path(path) == path != "/" and pairs else None
