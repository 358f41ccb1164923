"""What hangs on the wall and lies in a pocket: the month, the operator's sheet, a card for each person.

Paper outlives the rota, so each sheet says when it was printed, from which edition, and until when it holds. A
telephone number comes only from the register and is hidden on the screen until asked for. Deliberately not here: who
may come here (`routes`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import show
from oncall.adapters.web.rota.pages import in_words, names_in
from oncall.adapters.web.rota.query import month_asked
from oncall.core.case.facts import Directory
from oncall.core.rota.on_call import Rota
from oncall.core.wall_time import wall
from oncall.service.cases.board import Tier, tiers_now
from oncall.service.rota.picture import Look, picture_of
from oncall.service.rota.sheets import day_sheets

CARD_DAYS = 42
ON_CARD = 6


async def month(request: web.Request) -> web.Response:
    """GET /rota/print/month; `from` is any day of it."""
    given, now = request.app[GIVEN], request.app[GIVEN].clock.now()
    current, directory = given.handbooks.current(), await given.register.directory()
    asked = month_asked(request.query, current.rota, now)
    picture = picture_of(current.rota, asked.look, now, names=names_in(directory))
    return show(
        request,
        "rota_print_month.html",
        asked=asked,
        picture=picture,
        sheets=day_sheets(picture),
        edition=current.edition,
        **in_words(current.rota.zone),
    )


async def operator(request: web.Request) -> web.Response:
    """GET /rota/print/operator; `numbers=shown` once somebody asks for them."""
    given, now = request.app[GIVEN], request.app[GIVEN].clock.now()
    current, directory = given.handbooks.current(), await given.register.directory()
    tiers = tiers_now(current.rota, directory, now)
    shown = request.query.get("numbers") == "shown"
    return show(
        request,
        "rota_print_operator.html",
        tiers=tiers,
        next_people=next_people(current.rota, directory, now),
        valid_until=valid_until(tiers, now),
        numbers=numbers_of(directory) if shown else {},
        shown=shown,
        edition=current.edition,
        **in_words(current.rota.zone),
    )


async def card(request: web.Request) -> web.Response:
    """GET /rota/print/card/{person}: the line, the keys, and the next shifts of one person."""
    given, now = request.app[GIVEN], request.app[GIVEN].clock.now()
    current, directory = given.handbooks.current(), await given.register.directory()
    person = request.match_info["person"]
    if person not in current.rota.people:
        raise Problem(404, "no-such-person", "Nobody of that name is in the rota. The rota page lists everybody.")
    today = wall(now, current.rota.zone).date()
    picture = picture_of(current.rota, Look(today, today + timedelta(days=CARD_DAYS)), now, names=names_in(directory))
    own = [block for row in picture.rows for block in row.blocks if block.person == person and not block.is_past]
    return show(
        request,
        "rota_print_card.html",
        name=names_in(directory).get(person, current.rota.people[person].name),
        blocks=sorted(own, key=lambda block: block.starts_at)[:ON_CARD],
        days=CARD_DAYS,
        edition=current.edition,
        **in_words(current.rota.zone),
    )


def valid_until(tiers: tuple[Tier, ...], now: datetime) -> datetime | None:
    """The first instant at which somebody named on the sheet goes off, or somebody else comes on."""
    changes = [person.until for tier in tiers for person in tier.people if person.until]
    changes += [tier.next_at for tier in tiers if tier.next_at]
    return min((at for at in changes if at > now), default=None)


def next_people(rota: Rota, directory: Directory, now: datetime) -> dict[str, str]:
    """The person after the present one, by tier."""
    following = {tier.tier: tier.next_at for tier in tiers_now(rota, directory, now)}
    found: dict[str, str] = {}
    for name, at in following.items():
        then = next((tier for tier in tiers_now(rota, directory, at) if tier.tier == name), None) if at else None
        if then and then.people:
            found[name] = then.people[0].person
    return found


def numbers_of(directory: Directory) -> dict[str, tuple[str, ...]]:
    """By person, as the register holds them; a number to which texts are blocked can still be rung."""
    return {person.id: tuple(phone.number for phone in person.phones) for person in directory.clinicians.values()}
