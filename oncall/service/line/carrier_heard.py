"""What the carrier said lately: how its requests were answered, which were forged, which error numbers it gave.

Of the last day, in memory: instants, spans and numbers, no case and no telephone. After a start the error numbers are
read back from the newest cases once; requests count from the start. Deliberately not here: what is bad (`health`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.core.case.entries import MessageHeldBack, MessageProgressed, Recorded
from oncall.service.ports.journal import Journal, Written

DAY = timedelta(hours=24)
CASES_SINCE, CASES = timedelta(days=3), 200  # read back after a start
MOST = 2000  # of each kind; older ones go first
OK, FORGED, FAILED = "ok", "forged", "failed"


@dataclass(frozen=True, slots=True)
class Requests:
    """Of the last day: how many were answered, how long the middle and the slowest hundredth took, what went wrong."""

    count: int
    last_at: datetime | None
    median: timedelta
    slow: timedelta
    failed: int
    forged: int
    forged_at: datetime | None
    forged_since_good: int


@dataclass(slots=True)
class CarrierHeard:
    """A listener of the desk, and told of every request by the webhooks."""

    _answered: deque[tuple[datetime, timedelta]] = field(default_factory=lambda: deque(maxlen=MOST))
    _failed: deque[datetime] = field(default_factory=lambda: deque(maxlen=MOST))
    _forged: deque[datetime] = field(default_factory=lambda: deque(maxlen=MOST))
    _codes: deque[tuple[datetime, int]] = field(default_factory=lambda: deque(maxlen=MOST))
    _is_read: bool = False

    def request(self, result: str, at: datetime, took: timedelta) -> None:
        """`result` as the metrics have it; one that is over or unknown to us was answered all the same."""
        if result == FORGED:
            self._forged.append(at)
            return
        self._answered.append((at, took))
        if result == FAILED:
            self._failed.append(at)

    def hear(self, written: Written) -> None:
        """What is written before the reading back is found by it."""
        if self._is_read:
            for recorded in written.entries:
                self._note(recorded)

    async def read_back(self, journal: Journal, now: datetime) -> None:
        """Once."""
        if self._is_read:
            return
        self._is_read = True
        for case_id in (await journal.cases_since(now - CASES_SINCE))[-CASES:]:
            for recorded in await journal.entries(case_id):
                self._note(recorded)

    def _note(self, recorded: Recorded) -> None:
        entry = recorded.entry
        if isinstance(entry, MessageHeldBack | MessageProgressed) and entry.code is not None:
            self._codes.append((recorded.at, entry.code))

    def requests(self, now: datetime) -> Requests:
        answered = [(at, took) for at, took in self._answered if now - at <= DAY]
        spans = sorted(took for _, took in answered) or [timedelta()]
        forged = [at for at in self._forged if now - at <= DAY]
        last = answered[-1][0] if answered else None
        return Requests(
            count=len(answered),
            last_at=last,
            median=spans[len(spans) // 2],
            slow=spans[len(spans) * 99 // 100],
            failed=sum(now - at <= DAY for at in self._failed),
            forged=len(forged),
            forged_at=forged[-1] if forged else None,
            forged_since_good=sum(last is None or at > last for at in forged),
        )

    def codes(self, now: datetime) -> Mapping[int, int]:
        """How often each error number came in the last day, the most frequent first."""
        return dict(Counter(code for at, code in self._codes if now - at <= DAY).most_common())
