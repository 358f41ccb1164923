"""A report about a month, a quarter or any span of days, in the hospital's zone.

It reads the figures of the cases of that span and of the one before, which each number is compared with, and nothing
else of them. Deliberately not here: counting (`counting`), what is remembered (`tallies`), and who may look.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from oncall.core.rota.on_call import Rota
from oncall.core.wall_time import wall
from oncall.service.cases.board import holes_ahead, name_of
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.register import Notices, Register
from oncall.service.reports.counting import Line, Table, Told, compared, tables_of
from oncall.service.reports.tallies import Tallies, instants_of
from oncall.service.rota.span_words import between_words

LONGEST = timedelta(days=366)
YEARS = range(2000, 2200)
MONTH, QUARTER = re.compile(r"(\d{4})-(\d{2})"), re.compile(r"(\d{4})-[Qq]([1-4])")
DAY = timedelta(days=1)


class SpanDoubted(Exception):
    """No span that can be reported on; the sentence says what is wanted."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, `last` among them. `name` is how it was asked for: "2026-11", "2026-Q4", or two days."""

    first: date
    last: date
    name: str
    title: str

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        return instants_of(self.first, self.last, zone)

    def before(self) -> Span:
        """The month, the quarter or as many days directly before. Raises ValueError where the calendar ends."""
        last = self.first - DAY
        if MONTH.fullmatch(self.name):
            return month_named(f"{last:%Y-%m}")
        if QUARTER.fullmatch(self.name):
            return _quarter(f"{last:%Y}-Q{(last.month + 2) // 3}")
        return _days(last - (self.last - self.first), last)


@dataclass(frozen=True, slots=True)
class SpanReport:
    """`is_running`: the span has not ended yet; `before` is what its lines are compared with. `line_of` is a table's
    line by its label."""

    span: Span
    before: Span
    at: datetime
    tables: tuple[Table, ...]
    is_running: bool

    def table(self, id: str) -> Table:
        return next(table for table in self.tables if table.id == id)

    def line_of(self, id: str, label: str = "all") -> Line | None:
        return next((line for line in self.table(id).lines if line.label == label), None)


async def report_on(
    span: Span,
    at: datetime,
    journal: Journal,
    notices: Notices,
    register: Register,
    handbooks: HandbookSource,
    tallies: Tallies,
) -> SpanReport:
    book, directory = handbooks.current(), await register.directory()
    zone, hours = book.rota.zone, book.table.hours

    async def told(one: Span, rota: Rota | None) -> Told:
        since, until = one.instants(zone)
        return Told(
            tally=await tallies.of(one.first, one.last, at, journal, hours, zone),
            tests=await notices.tests(since, until),
            holes=await asyncio.to_thread(holes_ahead, rota, since, until - since) if rota else (),
            hours=hours,
            name=lambda person: name_of(person, directory),
            when=lambda start, end: between_words(start, end, zone),
        )

    before = span.before()
    now, then = await told(span, book.rota), await told(before, None)
    tables = await asyncio.to_thread(lambda: compared(tables_of(now), tables_of(then)))
    return SpanReport(span, before, at, tables, is_running=span.instants(zone)[1] > at)


# --- which span ----------------------------------------------------------------------------------------------------


def span_asked(query: Mapping[str, str], now: datetime, zone: str) -> Span:
    """From `month`, `quarter`, or `from` and `until`; this month without any. Raises SpanDoubted."""
    try:
        span = _span_named(query, now, zone)
        span.before().instants(zone)
    except (ValueError, OverflowError):
        raise SpanDoubted("Give a month such as 2026-11, a quarter such as 2026-Q4, or two days.") from None
    if span.first.year not in YEARS or span.last.year not in YEARS:
        raise SpanDoubted(f"A report lies between {YEARS[0]} and {YEARS[-1]}.")
    return span


def _span_named(query: Mapping[str, str], now: datetime, zone: str) -> Span:
    """Raises ValueError, OverflowError and SpanDoubted."""
    if told := query.get("quarter", "").strip():
        return _quarter(told)
    if query.get("from", "").strip() or query.get("until", "").strip():
        return _free(query.get("from", ""), query.get("until", ""))
    return month_named(query.get("month", "").strip() or f"{wall(now, zone):%Y-%m}")


def month_named(told: str) -> Span:
    """Raises ValueError."""
    year, month = _parts(MONTH, told)
    first = date(year, month, 1)
    return Span(first, _end(year, month), f"{first:%Y-%m}", f"{first:%B %Y}")


def _quarter(told: str) -> Span:
    year, quarter = _parts(QUARTER, told)
    first, last = date(year, quarter * 3 - 2, 1), _end(year, quarter * 3)
    return Span(first, last, f"{year}-Q{quarter}", f"{first:%B} to {last:%B %Y}")


def _free(told: str, until: str) -> Span:
    first, last = (date.fromisoformat(day.strip()) for day in (told, until))
    if last < first:
        raise SpanDoubted("The last day is before the first.")
    if last - first >= LONGEST:
        raise SpanDoubted(f"A report covers at most {LONGEST.days} days.")
    return _days(first, last)


def _days(first: date, last: date) -> Span:
    return Span(first, last, f"{first} to {last}", f"{_day(first)} to {_day(last)}")


def _parts(shape: re.Pattern[str], told: str) -> tuple[int, int]:
    found = shape.fullmatch(told)
    if found is None:
        raise ValueError(told)
    return int(found[1]), int(found[2])


def _end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - DAY


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
