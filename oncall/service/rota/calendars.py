"""What calendars have in common with the rest of the house: a secret link that hands out shifts, and a feed we watch.

A link shows one person's shifts or one rotation's, and its address is shown once; a watched feed is an outside calendar
whose last good copy is kept. Deliberately not here: hashes of tokens (the register), and iCalendar (the adapter).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from oncall.core.rota.spans import moment_in_words

OLD = timedelta(hours=24)  # after which a watched feed without a good copy is an alarm
MOST_LINKS = 8  # of one person at once: a calendar program each


@dataclass(frozen=True, slots=True)
class CalendarLink:
    """Whose shifts a link shows: a person's or a rotation's, never both."""

    id: str
    person: str | None = None
    rotation: str | None = None


@dataclass(frozen=True, slots=True)
class KnownLink:
    """A link in use, as people may know it: without its address."""

    link: CalendarLink
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class WatchedFeed:
    """What is known of an outside calendar. `good_at` and `text` are the last copy that was believed, `shifts` what
    it held; `fault` is why a newer one was not, and `take_anyway` that a named person said to believe the next."""

    name: str
    checked_at: datetime | None = None
    good_at: datetime | None = None
    text: str = ""
    shifts: int = 0
    fault: str = ""
    take_anyway: bool = False


class CalendarBook(Protocol):
    """Where links and watched feeds are kept."""

    async def calendar_link(self, token: str) -> CalendarLink | None:
        """None for a token that is unknown or revoked."""
        ...

    async def links_of(self, person: str) -> list[KnownLink]:
        """To this person's shifts, and in use; the oldest first."""
        ...

    async def add_calendar_link(self, link: CalendarLink, token: str, who: str) -> None: ...

    async def revoke_calendar_link(self, id: str, who: str) -> bool:
        """Whether there was such a link in use."""
        ...

    async def watched_feed(self, name: str) -> WatchedFeed:
        """A feed that was never fetched is an empty one."""
        ...

    async def keep_watched_feed(self, feed: WatchedFeed) -> None: ...


async def old_feeds(book: CalendarBook, names: Iterable[str], now: datetime) -> list[WatchedFeed]:
    """Those that were looked at and have had no good copy for a day, or never."""
    known = [await book.watched_feed(name) for name in names]
    return [feed for feed in known if feed.checked_at and (feed.good_at is None or now - feed.good_at > OLD)]


def old_feed_words(feed: WatchedFeed, zone: str) -> str:
    """ "The watched calendar central has had no good copy since Mon 23 Nov 03:00. It answered 503." """
    since = f"since {moment_in_words(feed.good_at, zone)}" if feed.good_at else "yet"
    return f"The watched calendar {feed.name} has had no good copy {since}. {feed.fault}".strip()


class LinkRefused(Exception):
    """Nothing was made or ended; the sentence says why."""


class CalendarLinks:
    """Links to one person's shifts, made and ended by people on pages."""

    def __init__(
        self, book: CalendarBook, new_id: Callable[[], str], new_token: Callable[[], str], public_url: str
    ) -> None:
        self._book, self._new_id, self._new_token, self._public_url = book, new_id, new_token, public_url

    async def of(self, person: str) -> list[KnownLink]:
        return await self._book.links_of(person)

    async def make(self, person: str, who: str) -> str:
        """The address, which nobody can be shown again. Raises LinkRefused."""
        if len(await self.of(person)) >= MOST_LINKS:
            raise LinkRefused(f"There are {MOST_LINKS} links in use: end one of them first.")
        token = self._new_token()
        await self._book.add_calendar_link(CalendarLink(self._new_id(), person), token, who)
        return f"{self._public_url}/calendar/{token}.ics"

    async def end(self, person: str, id: str, who: str) -> None:
        """One of this person's alone. Raises LinkRefused."""
        if id not in {known.link.id for known in await self.of(person)}:
            raise LinkRefused("There is no such link in use.")
        await self._book.revoke_calendar_link(id, who)
