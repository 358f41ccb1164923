"""Whether a route is worth trying first, by our own results and nobody's status page.

Three failures in a row, or half of the last ten, and the route is no longer the first choice; after a while one message
tries it again, and its success closes the matter. It never forbids: with nothing better, an emergency goes this way
all the same. Deliberately not here: choosing between routes, and whose fault a refusal was.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

IN_A_ROW = 3
WINDOW, TOO_MANY = 10, 5
REST = timedelta(seconds=30)


class Breaker:
    """The last results of one route."""

    def __init__(self) -> None:
        self._results: deque[bool] = deque(maxlen=WINDOW)
        self._probe_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self._probe_at is not None

    def comes_first(self, now: datetime) -> bool:
        """Closed, or open for so long that it deserves one try; also when the clock was set back meanwhile."""
        return self._probe_at is None or not now < self._probe_at <= now + REST

    def tried(self, now: datetime) -> None:
        """A message goes this way; while the route is open, the next one waits for what comes of it."""
        if self._probe_at is not None:
            self._probe_at = now + REST

    def went(self, well: bool, now: datetime) -> None:
        if well and self._probe_at is not None:
            self._results.clear()
            self._probe_at = None
        self._results.append(well)
        if not well and self._is_bad():
            self._probe_at = now + REST

    def _is_bad(self) -> bool:
        newest = list(self._results)[-IN_A_ROW:]
        return (len(newest) == IN_A_ROW and not any(newest)) or self._results.count(False) >= TOO_MANY
