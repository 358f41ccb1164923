"""The days of a picture as the hospital's clock divides them: 25 h long in autumn, 23 h in spring.

Edges are instants, so that whatever is drawn between them is exact on every night. Deliberately not here: names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from oncall.core.wall_time import first_pass
from oncall.service.rota.span_words import length_words

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day of the hospital; `badge` is its length where that is not 24 h."""

    date: date
    starts_at: datetime
    ends_at: datetime
    badge: str


def days_of(first: date, until: date, zone: str) -> tuple[Day, ...]:
    """From `first` to the day before `until`; a date that the zone skipped (Samoa 2011) is a day of no length."""
    dates = [first + DAY * number for number in range((until - first).days + 1)]
    edges = [first_pass(datetime.combine(day, time()), zone) for day in dates]
    spans = zip(dates, edges, edges[1:], strict=False)
    return tuple(
        Day(day, start, end, "" if end - start == DAY else length_words(end - start)) for day, start, end in spans
    )
