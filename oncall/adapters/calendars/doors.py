"""GET /calendar/{token}.ics on the public listener: the secret in the address is the whole permission.

A token that is unknown, revoked or mere noise gets one and the same answer after one and the same look-up, which is
by hash. The text is made once for each edition and day, aside from the loop that pages, one at a time. Deliberately
not here: making and revoking links (the register and `oncall calendar`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from oncall.adapters.calendars.feed import feed_of
from oncall.adapters.calendars.writing import calendar_text
from oncall.core.handbook import Handbook
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.calendars import CalendarBook, CalendarLink

KEPT = 400  # feeds of one edition and day that are remembered: everybody of a large team
_Whose = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class _Text:
    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class _Edition:
    """An edition as it was put in force; `number` counts the published ones."""

    handbook: Handbook
    day: date
    number: int
    at: datetime


class CalendarDoors:
    """See the module."""

    def __init__(self, book: CalendarBook, journal: Journal, handbooks: HandbookSource, clock: Timepiece) -> None:
        self._book = book
        self._journal = journal
        self._handbooks = handbooks
        self._clock = clock
        self._edition: _Edition | None = None
        self._texts: dict[_Whose, _Text] = {}
        self._making = asyncio.Lock()

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [web.get("/calendar/{token}.ics", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        link = await self._book.calendar_link(request.match_info["token"])
        if link is None:
            return web.Response(status=404, text="There is no such calendar: ask your coordinator for a new link.\n")
        text = await self._text(link)
        headers = {"ETag": f'"{text.etag}"', "Cache-Control": "private, max-age=300"}
        asked = request.if_none_match or ()
        if any(tag.value in (text.etag, "*") for tag in asked):
            return web.Response(status=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="on-call.ics"'
        return web.Response(body=text.body, content_type="text/calendar", charset="utf-8", headers=headers)

    async def _text(self, link: CalendarLink) -> _Text:
        whose = (link.person, link.rotation)
        async with self._making:
            edition = await self._edition_today()
            if whose not in self._texts:
                body = await asyncio.to_thread(_made, edition, link, self._clock.now())
                while len(self._texts) >= KEPT:
                    self._texts.pop(next(iter(self._texts)))
                self._texts[whose] = _Text(body, hashlib.sha256(body).hexdigest()[:32])
            return self._texts[whose]

    async def _edition_today(self) -> _Edition:
        """What is in force; another edition, or another day, and every text is made anew."""
        handbook = self._handbooks.current()
        today = self._clock.now().astimezone(ZoneInfo(handbook.rota.zone)).date()
        known = self._edition
        if known is None or known.handbook is not handbook or known.day != today:
            listed = await self._journal.editions()
            at = listed[0].at if listed else datetime.combine(today, datetime.min.time(), ZoneInfo(handbook.rota.zone))
            self._edition = known = _Edition(handbook, today, len(listed), at)
            self._texts.clear()
        return known


def _made(edition: _Edition, link: CalendarLink, now: datetime) -> bytes:
    return calendar_text(feed_of(edition.handbook.rota, link, now), edition.number, edition.at)
