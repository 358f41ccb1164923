"""Whether each route's number is still ours and leads to us, asked of its carrier once a day; nothing is changed there.

A number can be lost, ported away or turned to another address while its account lives and its lists are read: families
then ring into nothing and no page fails. What could not be asked is no news at once; after 26 hours it is. Deliberately
not here: how a carrier is asked (`preflight.number_now`) and who is told (`vigil`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall.service.ports.timepiece import Timepiece

EVERY = timedelta(hours=24)
AGAIN = timedelta(minutes=15)  # after an answer that was wrong, or none
AFTER_START = timedelta(minutes=3)  # what opens the house goes before
TOO_OLD = timedelta(hours=26)
UNSEEN = (
    "For {hours:.0f} hours the carrier of the {route} route could not be asked whether our number is still ours. "
    "Run `oncall preflight`."
)


class NumberUnread(Exception):
    """The carrier gave no answer that tells."""


@dataclass(frozen=True, slots=True)
class Number:
    """Of one route. `wrong`: what the last answer showed, as a sentence; `seen_at`: when that was, or the start."""

    seen_at: datetime
    due_at: datetime
    wrong: str | None = None


class OwnNumbers:
    """See the module. `asks` by the name of the route: what is wrong with its number, or None."""

    def __init__(self, asks: Mapping[str, Callable[[], Awaitable[str | None]]], clock: Timepiece) -> None:
        now = clock.now()
        self._asks, self._clock = asks, clock
        self._known = {route: Number(now, now + AFTER_START) for route in asks}

    async def look(self) -> None:
        for route, ask in self._asks.items():
            now = self._clock.now()
            if now < self._known[route].due_at <= now + EVERY:
                continue
            try:
                wrong = await ask()
                self._known[route] = Number(now, now + (AGAIN if wrong else EVERY), wrong)
            except NumberUnread:
                self._known[route] = replace(self._known[route], due_at=now + AGAIN)

    async def are_ours(self) -> str | None:
        """A proof of the vigil."""
        now = self._clock.now()
        for route, known in self._known.items():
            if known.wrong:
                return f"The number of the {route} route: {known.wrong}"
            if now - known.seen_at > TOO_OLD:
                return UNSEEN.format(hours=(now - known.seen_at) / timedelta(hours=1), route=route)
        return None
