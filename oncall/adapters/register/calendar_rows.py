"""The rows of schema 0004: secret links to calendar feeds, and the outside calendars that are watched.

A link's token is kept only as a hash; a revoked link stays as a row. A watched feed's row is written by the machine
at every look and keeps the last copy that was believed. Deliberately not here: what the feeds hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLinkRow:
    """A secret address; it shows one person's shifts or one rotation's."""

    table: ClassVar[str] = "calendar_links"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    token_sha256: str
    made_at: datetime
    made_by: str
    person: str | None = None
    rotation: str | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFeedRow:
    """An outside calendar; its address stands in the configuration, because it is a secret."""

    table: ClassVar[str] = "watched_feeds"
    key: ClassVar[tuple[str, ...]] = ("name",)
    name: str
    checked_at: datetime | None = None
    good_at: datetime | None = None
    text: str = ""
    shifts: int = 0
    fault: str = ""
    take_anyway: bool = False
