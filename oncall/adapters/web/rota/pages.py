"""The rota as people look at it: the picture, the list, who is on at a time, holes, history.

Looking changes nothing. What each view says comes from the same picture, so that it cannot differ from whom a page
would reach; a coordinator sees her draft in it too. Deliberately not here: changing the rota (`edit_pages`,
`preview_pages`), the printed sheets (`prints`), and the words of the picture (`service.rota.picture`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.rendering import harmless, show
from oncall.adapters.web.rota.before_after import cautions_of, only_shown
from oncall.adapters.web.rota.draft_bar import DraftBar, draft_bar
from oncall.adapters.web.rota.drawing import Scale, bands_of, per_cent
from oncall.adapters.web.rota.forms import FORMS
from oncall.adapters.web.rota.query import SIDES, ZOOMS, Asked, asked_in
from oncall.core.case.facts import Directory
from oncall.core.rota.on_call import Rota
from oncall.service.cases.board import Tier, holes_ahead, tier_title, tiers_in_order, tiers_now
from oncall.service.ports.journal import Edition
from oncall.service.rota.calendars import old_feed_words
from oncall.service.rota.edit_words import EditWords
from oncall.service.rota.edition_history import history_of
from oncall.service.rota.picture import Picture, picture_of
from oncall.service.rota.prefill import typed_at
from oncall.service.rota.sheets import HOLES_WITHIN, day_sheets, hole_sentence, month_sheets, patterns_that_run_out
from oncall.service.rota.span_words import day_words, moment_words
from oncall.service.typed_time import Doubt, instant_typed

MOST_TYPED = 40
SIGNS = {"pattern": "", "holiday": "★", "cover": "⇄", "swap": "⇄", "hole": "✗"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is on at an instant, or why that cannot be said. `told` is what was typed."""

    told: str
    at: datetime
    doubt: Doubt | None
    tiers: tuple[Tier, ...]


async def rota(request: web.Request) -> web.Response:
    """GET /rota; `zoom`, `from`, `layer`, `person`, and `at` for who is on then."""
    given = request.app[GIVEN]
    directory = await given.register.directory()
    edition = given.handbooks.current().edition
    editions = await given.journal.editions()
    published = next((one for one in editions if one.name == edition), None)
    bar = await draft_bar(request, editions)
    feeds = [old_feed_words(feed, given.hospital.zone) for feed in await given.old_feeds()]
    return await asyncio.to_thread(_rota_page, request, directory, published, bar, feeds)


def _rota_page(
    request: web.Request, directory: Directory, published: Edition | None, bar: DraftBar | None, feeds: Sequence[str]
) -> web.Response:
    """Made beside the line's work, which goes on meanwhile."""
    given, now = request.app[GIVEN], request.app[GIVEN].clock.now()
    current = given.handbooks.current()
    asked = asked_in(request.query, current.rota, now)
    found = bar.found if bar and asked.show != "before" else None
    drafted = {"draft": found.after, "cautions": cautions_of(found)} if found else {}
    picture = only_shown(picture_of(current.rota, asked.look, now, names=names_in(directory), **drafted), asked.show)
    return show(
        request,
        "rota.html",
        asked=asked,
        zooms=ZOOMS,
        picture=picture,
        answer=answer_to(request.query.get("at", ""), current.rota, directory, now),
        edition=current.edition,
        published=published,
        bar=bar,
        feeds=feeds,
        palette=[one for one in _people(current.rota, directory) if _is_carried(current.rota, one[0])],
        sides=SIDES,
        forms=FORMS,
        words=EditWords(current.rota, _called(current.rota, directory)),
        wall_time=lambda at: typed_at(at, current.rota.zone),
        called=_called(current.rota, directory),
        waits=bar.waits if bar else (),
        people=_people(current.rota, directory),
        layers=[(f"{r.name}/{layer}", tier_title(r, layer)) for r, layer in tiers_in_order(current.rota)],
        **missing(current.rota, now),
        **_shown(asked, picture),
        **in_words(current.rota.zone),
    )


def _shown(asked: Asked, picture: Picture) -> Mapping[str, Any]:
    """What only one of the zooms needs."""
    is_year = asked.zoom == "12m"
    return {
        "bands": () if is_year else bands_of(picture, tall=asked.zoom == "2w"),
        "months": month_sheets(picture) if is_year else (),
        "sheets": () if is_year else day_sheets(picture, asked.person),
        "scale": lambda start, end: Scale(start, end, 0),
        "per_cent": per_cent,
    }


def in_words(zone: str) -> Mapping[str, Any]:
    return {"moment": lambda at: moment_words(at, zone), "day_name": day_words, "signs": SIGNS, "zone": zone}


def missing(rota: Rota, now: datetime) -> Mapping[str, Any]:
    """Every hole of the next sixty days, and every pattern that ends."""
    horizon = now + HOLES_WITHIN
    holes = [
        (hole, hole_sentence(hole, horizon, rota.zone), rota.zone) for hole in holes_ahead(rota, now, HOLES_WITHIN)
    ]
    return {"holes": holes, "running_out": patterns_that_run_out(rota, now), "holes_days": HOLES_WITHIN.days}


def names_in(directory: Directory) -> dict[str, str]:
    return {person.id: person.name for person in directory.clinicians.values()}


def answer_to(told: str, rota: Rota, directory: Directory, now: datetime) -> Answer:
    """Who is on at the time typed; now without any."""
    told = harmless(told.strip()[:MOST_TYPED])
    at = instant_typed(told, rota.zone) if told else now
    if isinstance(at, Doubt):
        return Answer(told, now, at, ())
    return Answer(told, at, None, tiers_now(rota, directory, at))


def _people(rota: Rota, directory: Directory) -> list[tuple[str, str]]:
    names = names_in(directory)
    people = ((person.id, names.get(person.id, person.name)) for person in rota.people.values())
    return sorted(people, key=lambda one: one[1])


def _called(rota: Rota, directory: Directory) -> dict[str, str]:
    return {id: person.name for id, person in rota.people.items()} | names_in(directory)


def _is_carried(rota: Rota, person: str) -> bool:
    """Whether somebody may be put on a tier by hand: neither a coordinator nor a shared telephone."""
    return rota.people[person].role not in ("coordinator", "shared")


async def history(request: web.Request) -> web.Response:
    """GET /rota/history."""
    given = request.app[GIVEN]
    editions = history_of(await given.journal.editions())
    return show(request, "rota_history.html", editions=editions, in_force=given.handbooks.current().edition)
