"""What calendars have in common with the rest of the house: a secret link that hands out shifts, and a feed we watch.

A link shows one person's shifts or one rotation's; a watched feed is an outside calendar whose last good copy is
kept. Deliberately not here: tokens and their hashes (the register), and iCalendar (the adapter).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CalendarLink:
    """Whose shifts a link shows: a person's or a rotation's, never both."""

    id: str
    person: str | None = None
    rotation: str | None = None


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

    async def watched_feed(self, name: str) -> WatchedFeed:
        """A feed that was never fetched is an empty one."""
        ...

    async def keep_watched_feed(self, feed: WatchedFeed) -> None: ...
