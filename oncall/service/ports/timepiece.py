"""Time, as the duty desk is given it: the only clock, and the only way to wait."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol


class Timepiece(Protocol):
    """The only source of time and the only way to wait (law 3: it remembers nothing)."""

    def now(self) -> datetime:
        """This instant, aware and in UTC."""
        ...

    async def sleep_until(self, at: datetime | None, woken: asyncio.Event | None = None) -> None:
        """Wait until `at`, or until `woken` is set, or until the ceiling of half a second in real time.

        `None` waits for `woken` (or the ceiling) alone. May return early; the caller asks again what is due.
        """
        ...
