"""What a coordinator sees of editions that wait for a test page: whose answer is missing, until when, or how it ended.

Deliberately not here: asking, publishing and taking back (`service.when_proven`, `rota_preview_pages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.core.waiting import State, Waiting, who_comes_on, who_goes_off
from oncall.service.rota_preview import Preview

SHOWN = timedelta(hours=12)  # for so long it is said that something was not published
SHOWN_DONE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Offer:
    """Who would be asked before it is published, and who stays on until then; `goes_first`: the better choice."""

    asked: tuple[str, ...]
    stay: tuple[str, ...]

    @property
    def goes_first(self) -> bool:
        """Nobody is lost where the new one only comes beside."""
        return bool(self.stay)


def offer_of(request: web.Request, found: Preview | None, called: Mapping[str, str]) -> Offer | None:
    """None where nobody is to be asked, or two people must sign."""
    if found is None or found.red or found.needs_two or found.merge or found.refused:
        return None
    now = request.app[GIVEN].clock.now()
    asked, stay = (tuple(called.get(one, one) for one in of(found.moves, now)) for of in (who_comes_on, who_goes_off))
    return Offer(asked, stay) if asked else None


async def waits_shown(request: web.Request, *authors: str) -> list[Waiting]:
    """Everybody's that wait, and what became of the newest of these authors."""
    given = request.app[GIVEN]
    shelf, now = given.when_proven.shelf, given.clock.now()
    newest = [await shelf.newest_of(author) for author in authors]
    over = [one for one in newest if one is not None and one.ended_at is not None]
    recent = [one for one in over if now - (one.ended_at or now) < _shown_for(one)]
    return [*await shelf.open(), *recent]


def _shown_for(one: Waiting) -> timedelta:
    if one.state is State.CANCELLED:
        return timedelta(0)
    return SHOWN_DONE if one.state is State.PUBLISHED else SHOWN
