"""Makes a failing night short enough to be read: leaves events out as long as the same law is still broken.

Halves first, then single events, as delta debugging does. The people and their hours stay the same, because nothing of
a night follows from its other events. Deliberately not here: playing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from oncall.nights.invariants import Breach
from oncall.nights.plan import Plan

MOST_TRIES = 120
Fails = Callable[[Plan], bool]


def shrunk(plan: Plan, fails: Fails, tries: int = MOST_TRIES) -> Plan:
    """The shortest plan found that still `fails`; the plan itself when none is shorter."""
    events, size, left = list(plan.events), max(len(plan.events) // 2, 1), tries
    while size >= 1 and left > 0:
        start = 0
        while start < len(events) and left > 0:
            shorter = events[:start] + events[start + size :]
            left -= 1
            if fails(replace(plan, events=tuple(shorter))):
                events = shorter
            else:
                start += size
        size //= 2
    return replace(plan, events=tuple(events))


def laws_of(breaches: Iterable[Breach]) -> frozenset[str]:
    """Which laws a night broke: a shorter night must break one of them too."""
    return frozenset(breach.law for breach in breaches)
