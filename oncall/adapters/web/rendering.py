"""Pages from templates: everything that a person outside wrote is escaped, always.

One environment for both listeners, with the few words that every page shows: the hospital's name and clock, the
ribbons, who is signed in, and whom to call when the screen is stuck. Every form of a template begins with `{{ csrf }}`.
Deliberately not here: what a page shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from oncall.adapters.web.asker import ASKER, csrf_field
from oncall.adapters.web.given import GIVEN
from oncall.service.cases.board import span_words
from oncall.service.typed_cells import written_phone

log = structlog.get_logger("pages")

TEMPLATES = Path(__file__).parent / "templates"
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TURNS_TEXT = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # characters that reorder what stands around

environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # a page of the next release does not fit a program of this one that still runs
)

PAGES = (  # the row at the top of every page, the most needed first
    ("/", "Board"),
    ("/new-call", "New call"),
    ("/tasks", "Tasks"),
    ("/patients", "Patients"),
    ("/patients/due", "Due"),
    ("/rota", "Rota"),
    ("/team", "Team"),
    ("/rules", "Rules"),
    ("/reports", "Reports"),
    ("/health", "Health"),
)


def harmless(words: str) -> str:
    """Foreign words for the eye: control characters visible, nothing that reorders the page around them."""
    return _TURNS_TEXT.sub("\N{REPLACEMENT CHARACTER}", _INVISIBLE.sub("\N{REPLACEMENT CHARACTER}", words))


environment.filters["harmless"] = harmless
environment.filters["span"] = span_words
environment.filters["written"] = written_phone


def show(request: web.Request, template: str, status: int = 200, **shown: Any) -> web.Response:
    """One page."""
    return web.Response(
        text=render(request, template, **shown), content_type="text/html", charset="utf-8", status=status
    )


def see_other(path: str) -> web.Response:
    """After a form: show its result at an address that can be reloaded without sending it again."""
    return web.Response(status=303, headers={"Location": path})


def render(request: web.Request, template: str, **shown: Any) -> str:
    given = request.app[GIVEN]
    zone, now = ZoneInfo(given.hospital.zone), given.clock.now()
    return environment.get_template(template).render(
        hospital=given.hospital,
        training=given.training,
        pilot=given.pilot,
        unsigned=given.handbooks.current().unsigned,
        lent=given.handbooks.current().lent,
        now=now,
        local=lambda at, shape="%H:%M:%S": f"{at.astimezone(zone):{shape}}",
        iso=lambda at: at.isoformat(timespec="seconds"),
        day=lambda at: day_and_hour(at, now, zone),
        me=request.get(ASKER),
        pages=PAGES,
        at_page=request.path,
        csrf=csrf_field(request),
        **shown,
    )


def day_and_hour(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """07:00 today, "Mon 07:00" this week, "Mon 30 Nov 07:00" beyond."""
    local = at.astimezone(zone)
    days = abs((local.date() - now.astimezone(zone).date()).days)
    shape = "%H:%M" if days == 0 else "%a %H:%M" if days < 6 else f"%a {local.day} %b %H:%M"
    return f"{local:{shape}}"


def show_error(request: web.Request, status: int, detail: str, headers: Mapping[str, str]) -> web.Response:
    """A plain sentence for a person; without templates if those are what failed."""
    try:
        answer = show(request, "error.html", status=status, code=status, detail=detail)
    except Exception as problem:  # around one request: the handbook may be what is missing
        log.error("error page failed", exc_info=problem)
        answer = web.Response(text=detail, status=status)
    answer.headers.update(headers)
    return answer
