"""Stretches of time, and what is said of them: joined, cut, taken away, and in ward words.

A span is half-open, between two instants in UTC. A hole, a night, a leave and a duty are all spans, and most
questions about a rota are "which part of these lies outside those?".
Deliberately not here: who is on in a span (`rota`), and the times of a page (`wording`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from oncall.core.wall_time import DAWN, FOREVER, instants_showing, wall

Span = tuple[datetime, datetime]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few spans as possible, by beginning."""
    found: list[Span] = []
    for starts_at, ends_at in sorted(spans):
        if found and starts_at <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends_at))
        elif starts_at < ends_at:
            found.append((starts_at, ends_at))
    return found


def outside(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The parts of `spans` that lie in none of `others`."""
    left, taken = joined(spans), joined(others)
    found: list[Span] = []
    place = 0
    for starts_at, ends_at in left:
        while place < len(taken) and taken[place][1] <= starts_at:
            place += 1
        at = place
        while at < len(taken) and taken[at][0] < ends_at:
            if taken[at][0] > starts_at:
                found.append((starts_at, taken[at][0]))
            starts_at = max(starts_at, taken[at][1])
            at += 1
        if starts_at < ends_at:
            found.append((starts_at, ends_at))
    return found


def within(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The parts of `spans` that lie in one of `others`."""
    kept = joined(spans)
    return outside(kept, outside(kept, others))


def time_shared(span: Span, other: Span) -> timedelta:
    """How long both last at once."""
    return max(min(span[1], other[1]) - max(span[0], other[0]), timedelta(0))


def in_words(span: Span, zone: str) -> str:
    """ "Tue 2 Dec 19:00 to Wed 3 Dec 07:00" on the hospital's clock; the year where the two ends differ in it."""
    starts_at, ends_at = span
    both = starts_at > DAWN and ends_at < FOREVER
    years = both and wall(starts_at, zone).year != wall(ends_at, zone).year
    start = "always" if starts_at == DAWN else moment_in_words(starts_at, zone, years)
    end = "further notice" if ends_at == FOREVER else moment_in_words(ends_at, zone, years)
    return f"{start} {'to' if both else 'until'} {end}"


def moment_in_words(at: datetime, zone: str, with_year: bool = False) -> str:
    """ "Tue 2 Dec 19:00"; a time that the clock shows twice says which of the two it is."""
    local = wall(at, zone)
    year = f" {local.year}" if with_year else ""
    passes = instants_showing(local, zone)
    which = "" if len(passes) < 2 else " (the first)" if at == passes[0] else " (the second)"
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}{year} {local:%H:%M}{which}"


def hours_in_words(length: timedelta) -> str:
    """ "9 h 30 min"; minutes only where there are any."""
    hours, rest = divmod(length, timedelta(hours=1))
    minutes = rest // timedelta(minutes=1)
    if not minutes:
        return f"{hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
