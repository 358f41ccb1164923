"""What a coordinator sees of editions that wait for a test page: whose answer is missing, until when, or how it ended.

Deliberately not here: asking, publishing and taking back (`service.rota.when_proven`, `preview_pages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.core.rota.waiting import State, Waiting, who_comes_on, who_goes_off
from oncall.service.rota.preview import Preview

SHOWN = timedelta(hours=12)  # for so long it is said that something was not published
SHOWN_DONE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Offer:
    """Who would be asked before it is published, and who stays on until then.

    `goes_first`: it is the better choice; where nobody is on there is nobody to stay.
    """

    asked: tuple[str, ...]
    stay: tuple[str, ...]

    @property
    def goes_first(self) -> bool:
        return bool(self.stay)


def offer_of(request: web.Request, found: Preview | None, called: Mapping[str, str]) -> Offer | None:
    """None where nobody is to be asked, or two people must sign."""
    if found is None or found.red or found.needs_two or found.merge or found.refused:
        return None
    now = request.app[GIVEN].clock.now()
    asked, stay = (tuple(called.get(one, one) for one in of(found.moves, now)) for of in (who_comes_on, who_goes_off))
    return Offer(asked, stay) if asked else None


async def waits_shown(request: web.Request, author: str) -> list[Waiting]:
    """Everybody's that wait, and what became of this author's newest."""
    given = request.app[GIVEN]
    shelf, now = given.when_proven.shelf, given.clock.now()
    newest, waiting = await shelf.newest_of(author), await shelf.open()
    is_recent = newest is not None and newest.ended_at is not None and now - newest.ended_at < _shown_for(newest)
    return [*waiting, newest] if newest is not None and is_recent else waiting


def _shown_for(one: Waiting) -> timedelta:
    if one.state is State.CANCELLED:
        return timedelta(0)
    return SHOWN_DONE if one.state is State.PUBLISHED else SHOWN
