"""Screens on a wall: a link that shows the operator's room its board for months, and nothing else ever.

A session ends after twelve hours, and a screen that asks for a password at three in the morning shows nobody who is on
call. The link shows no patient and acts on nothing; an administrator makes it, it is shown once and can be ended.
Deliberately not here: what the screen shows (`web.cases.kiosk_pages`), and hashes (the register).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MOST = 8  # in use at once
LONGEST_NAME = 60


class KioskRefused(Exception):
    """Nothing was made or ended; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A screen's link in use, as people may know it: without its address."""

    id: str
    name: str
    made_at: datetime
    made_by: str


class KioskBook(Protocol):
    """Where the links are kept; every change has its line in the audit."""

    async def in_use(self) -> list[Kiosk]:
        """The oldest first."""
        ...

    async def by_token(self, token: str) -> Kiosk | None:
        """None for a token that is unknown or revoked."""
        ...

    async def add(self, id: str, name: str, token: str, who: str) -> None: ...

    async def revoke(self, id: str, who: str) -> bool:
        """Whether there was such a link in use."""
        ...


class Kiosks:
    """See the module."""

    def __init__(self, book: KioskBook, new_id: Callable[[], str], new_token: Callable[[], str]) -> None:
        self.book = book
        self._new_id, self._new_token = new_id, new_token

    async def make(self, name: str, who: str) -> str:
        """The token, which nobody can be shown again. Raises KioskRefused."""
        if not name.strip():
            raise KioskRefused("Write where the screen hangs.")
        if len(await self.book.in_use()) >= MOST:
            raise KioskRefused(f"There are {MOST} screens in use: end one of them first.")
        token = self._new_token()
        await self.book.add(self._new_id(), name.strip()[:LONGEST_NAME], token, who)
        return token

    async def end(self, id: str, who: str) -> None:
        """Raises KioskRefused."""
        if not await self.book.revoke(id, who):
            raise KioskRefused("There is no such screen in use any more.")
