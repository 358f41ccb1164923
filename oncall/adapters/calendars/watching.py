"""Outside calendars that are fetched again and again, with the last good copy of each.

A copy that cannot be read, is empty or has lost half of its shifts is not believed: the last good one stays, the fault
is kept beside it, and a named person may say that it is right after all. A copy that is a day old is an alarm. Nothing
here changes the rota: a coordinator takes the copy in, after its difference (`oncall import --feed`). Deliberately not
here: fetching (`fetching`), and what the shifts mean (`planning`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from oncall.adapters.calendars.aside import read_aside
from oncall.adapters.calendars.fetching import NotFetched, fetch
from oncall.adapters.calendars.imported import Reading, Wish
from oncall.adapters.calendars.sheets import decoded
from oncall.adapters.chores import Chore, every
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.calendars import OLD, CalendarBook, WatchedFeed

log = structlog.get_logger("watched calendars")

EVERY = 15 * 60  # seconds
BACK, AHEAD = timedelta(days=31), timedelta(days=400)
FEW = 4  # below so many shifts, half of them going is no sign of anything
Fetch = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Source:
    """A calendar outside, by the name that people use for it; `address` is a secret."""

    name: str
    address: str


class FeedWatch:
    """See the module."""

    def __init__(
        self,
        sources: Sequence[Source],
        book: CalendarBook,
        handbooks: HandbookSource,
        clock: Timepiece,
        fetched: Fetch = fetch,
    ) -> None:
        self._sources = sources
        self._book = book
        self._handbooks = handbooks
        self._clock = clock
        self._fetch = fetched
        self._good_at: dict[str, datetime | None] = {}

    def chores(self) -> tuple[Chore, ...]:
        return (Chore("watched calendars", every(seconds=EVERY), self.look),) if self._sources else ()

    def good_at(self) -> Mapping[str, datetime | None]:
        """For the graphs: when each feed was last believed, as far as this process has looked."""
        return self._good_at

    async def look(self) -> None:
        """Each feed once; one that fails holds up no other."""
        for source in self._sources:
            feed = await self._looked_at(source, await self._book.watched_feed(source.name))
            await self._book.keep_watched_feed(feed)
            self._good_at[source.name] = feed.good_at
            _tell(feed, self._clock.now())

    async def _looked_at(self, source: Source, known: WatchedFeed) -> WatchedFeed:
        now = self._clock.now()
        known = replace(known, checked_at=now)
        try:
            content = await self._fetch(source.address)
        except NotFetched as problem:
            return replace(known, fault=str(problem))
        if content.startswith(b"PK"):
            return replace(known, fault="It is a workbook, not a calendar.")
        zone = self._handbooks.current().rota.zone
        try:
            reading = await read_aside(content, Wish(zone, hours="00:00-00:00"), (now - BACK, now + AHEAD))
        except OSError as problem:
            return replace(known, fault=f"It could not be read aside ({type(problem).__name__}).")
        if fault := why_not_believed(known, reading):
            return replace(known, fault=fault)
        shifts = len(reading.shifts)
        return replace(known, good_at=now, text=decoded(content), shifts=shifts, fault="", take_anyway=False)


def why_not_believed(known: WatchedFeed, reading: Reading) -> str:
    """ "" for a copy that is believed."""
    whole = [error.wanted for error in reading.errors if error.row == 0]
    if whole:
        return whole[0]
    if known.take_anyway:
        return ""
    held = f"the last good copy held {known.shifts}; if this is right: oncall calendar --accept {known.name}"
    if not reading.shifts:
        return f"It holds no shift that can be read; {held}."
    if known.shifts >= FEW and len(reading.shifts) * 2 < known.shifts:
        return f"It holds {len(reading.shifts)} shifts; {held}."
    return ""


def _tell(feed: WatchedFeed, now: datetime) -> None:
    if feed.fault:
        log.warning("a watched calendar is not believed", feed=feed.name, fault=feed.fault)
    if feed.good_at is None or now - feed.good_at > OLD:
        log.error("a watched calendar is old", feed=feed.name, good_at=feed.good_at and feed.good_at.isoformat())
