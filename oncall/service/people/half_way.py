"""Between the first and the second step of signing in: who has proven what, for five minutes.

Kept in memory alone: a restart asks for the first step again and opens nothing. Deliberately not here: the codes
(`second_step`), and how wrong ones are slowed (`sign_in`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIVES = timedelta(minutes=5)
MOST = 1000


@dataclass(frozen=True, slots=True)
class HalfWay:
    """The first step is done; the browser brings this word back with the code."""

    word: str = field(repr=False)


@dataclass(slots=True)
class HalfWays:
    """Everybody who is between the two steps."""

    known: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def begin(self, word: str, person: str, at: datetime) -> HalfWay:
        self.known = {key: kept for key, kept in self.known.items() if at - kept[1] < LIVES}
        if len(self.known) >= MOST:
            self.known.pop(next(iter(self.known)))
        self.known[word] = (person, at)
        return HalfWay(word)

    def person(self, word: str, at: datetime) -> str | None:
        kept = self.known.get(word)
        return kept[0] if kept is not None and at - kept[1] < LIVES else None

    def end(self, word: str) -> None:
        self.known.pop(word, None)
