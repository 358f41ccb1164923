"""Adding up: the nearest rank, the few that are listed, what counts as outside a target, and how it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.core.case.escalation import Hours
from oncall.core.case.figures import CaseFigures
from oncall.core.triage.assessment import Urgency
from oncall.service.reports.counting import Cell, Share, Table, Told, compared, rank, tables_of
from oncall.service.reports.report_words import against, said
from oncall.service.reports.span_reports import SpanDoubted, span_asked
from oncall.service.reports.tally import tally_of, together

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # 03:00 in New York
CASE = CaseFigures(
    case="c1",
    opened_at=AT,
    closed_at=AT + timedelta(hours=1),
    pace=Urgency.URGENT,
    language="en",
    paged_at=AT,
    taken_at=AT + timedelta(minutes=5),
    reached_at=AT + timedelta(minutes=9),
    target=timedelta(minutes=15),
    reach_target=timedelta(minutes=10),
    climbed=0,
    rounds=1,
    passed_on=0,
    not_me=0,
    off_duty=0,
    missed=0,
    outcome="phone advice",
    needed=None,
    texts=2,
    texts_lost=0,
    calls=1,
    calls_lost=0,
    calls_unanswered=1,
    silent=(),
)
HOURS = Hours(time(7), time(21), time(12), time(14))


def counted(*cases: CaseFigures, table: str) -> Table:
    return next(one for one in tables_of(told(*cases)) if one.id == table)


def told(*cases: CaseFigures) -> Told:
    tally = tally_of(cases, HOURS, "America/New_York")
    return Told(tally, (), (), HOURS, lambda person: f"Dr {person}", lambda start, end: "then")


def line(table: Table, label: str = "all") -> dict[str, str]:
    [found] = [one for one in table.lines if one.label == label]
    return {column: said(cell) for column, cell in zip(table.columns, found.cells, strict=True)}


def taken_after(*minutes: float) -> list[CaseFigures]:
    return [replace(CASE, taken_at=AT + timedelta(minutes=wait)) for wait in minutes]


@pytest.mark.parametrize(
    ("count", "percent", "place"), [(10, 50, 5), (10, 90, 9), (11, 50, 6), (11, 90, 10), (1, 90, 1)]
)
def test_a_rank_is_a_wait_that_really_was(count: int, percent: int, place: int) -> None:
    assert rank([timedelta(minutes=one + 1) for one in range(count)], percent) == timedelta(minutes=place)


def test_fewer_than_ten_are_listed_and_ten_are_ranked() -> None:
    few, many = counted(*taken_after(*range(9)), table="taken"), counted(*taken_after(*range(10)), table="taken")
    assert line(few)["Median"] == "–"
    assert line(few)["Within target"] == "9 of 9"
    assert line(few)["Each, if fewer than ten"].startswith("0:00, 1:00, 2:00")
    assert (line(many)["Median"], line(many)["9 in 10 within"], line(many)["Longest"]) == ("4:00", "8:00", "9:00")
    assert line(many)["Within target"] == "100 % (10 of 10)"
    assert line(many)["Each, if fewer than ten"] == "–"


def test_a_wait_of_exactly_the_target_is_within_it_and_a_case_never_taken_is_not() -> None:
    never = replace(CASE, taken_at=None, reached_at=None)
    found = line(counted(*taken_after(15, 15.1), never, table="taken"))
    assert (found["Within target"], found["Never"]) == ("1 of 3", "1")


def test_a_case_that_is_still_open_and_untaken_is_not_judged_yet() -> None:
    opened = replace(CASE, taken_at=None, reached_at=None, closed_at=None)
    assert line(counted(CASE, opened, table="taken"))["Within target"] == "1 of 1"


def test_ninety_nine_in_a_hundred_is_never_told_as_all() -> None:
    assert said(Share(999, 1000)) == "99 % (999 of 1000)"
    assert said(Share(0, 0)) == "–"


@pytest.mark.parametrize(("clock", "night"), [((20, 59), 0), ((21, 0), 1), ((6, 59), 1), ((7, 0), 0)])
def test_night_is_what_the_hospitals_clock_calls_night(clock: tuple[int, int], night: int) -> None:
    paged = datetime(2026, 11, 20, *clock, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    table = counted(replace(CASE, paged_at=paged, outcome="not a pump problem"), table="night")
    assert [one.cells for one in table.lines] == [(night,), (night,)]


def test_who_gave_no_sign_is_named_by_how_often() -> None:
    table = counted(replace(CASE, silent=("ana", "ben")), replace(CASE, silent=("ben",)), table="silent")
    assert [(one.label, one.cells) for one in table.lines] == [("Dr ben", (2,)), ("Dr ana", (1,))]


def test_the_parts_of_a_span_come_to_the_same_as_the_whole() -> None:
    cases = [*taken_after(*range(12)), replace(CASE, closed_at=None, silent=("ana",), language="es", pace=None)]
    parts = (tally_of(cases[:5], HOURS, "America/New_York"), tally_of(cases[5:], HOURS, "America/New_York"))
    assert together(parts) == tally_of(cases, HOURS, "America/New_York")
    assert [part.is_final for part in parts] == [True, False]


def test_a_line_that_only_the_span_before_has_stands_in_its_place_with_nothing() -> None:
    urgent, advice = replace(CASE, outcome="advised 911"), replace(CASE, pace=Urgency.SAME_DAY)
    now, then = told(advice), told(urgent, replace(urgent, taken_at=AT + timedelta(minutes=9)))
    found = {table.id: table for table in compared(tables_of(now), tables_of(then))}
    assert [one.label for one in found["taken"].lines] == ["urgent", "same-day", "all"]
    gone, new, _ = found["taken"].lines
    assert (said(gone.cells[0]), against(gone.cells[0], gone.before[0])) == ("0", "fewer, was 2")
    assert (said(new.cells[-1]), said(new.before[-1])) == ("5:00", "–")
    assert [(one.label, one.cells, one.before) for one in found["outcomes"].lines] == [
        ("phone advice", (1,), (0,)),
        ("advised 911", (0,), (2,)),
    ]


@pytest.mark.parametrize(
    ("cell", "before", "words"),
    [
        (2, 2, "as before"),
        (0, 0, ""),
        (3, 2, "more, was 2"),
        (timedelta(minutes=1), timedelta(minutes=2), "shorter, was 2:00"),
        (None, timedelta(minutes=2), "was 2:00"),
        (Share(1, 2), Share(0, 0), ""),
        (Share(9, 10), Share(3, 4), "was 3 of 4"),
    ],
)
def test_a_number_says_what_it_was(cell: Cell, before: Cell, words: str) -> None:
    assert against(cell, before) == words


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, date(2026, 10, 1), date(2026, 10, 31)),
        ({"quarter": "2026-Q1"}, date(2025, 10, 1), date(2025, 12, 31)),
        ({"from": "2026-11-16", "until": "2026-11-30"}, date(2026, 11, 1), date(2026, 11, 15)),
    ],
)
def test_what_a_span_is_compared_with(query: dict[str, str], first: date, last: date) -> None:
    before = span_asked(query, AT, "America/New_York").before()
    assert (before.first, before.last) == (first, last)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, date(2026, 11, 1), date(2026, 11, 30)),
        ({"month": "2024-02"}, date(2024, 2, 1), date(2024, 2, 29)),
        ({"quarter": "2026-Q4"}, date(2026, 10, 1), date(2026, 12, 31)),
        ({"from": "2026-11-30", "until": "2026-12-01"}, date(2026, 11, 30), date(2026, 12, 1)),
    ],
)
def test_a_span_is_whole_days_of_the_hospital(query: dict[str, str], first: date, last: date) -> None:
    span = span_asked(query, AT, "America/New_York")
    assert (span.first, span.last) == (first, last)


def test_the_month_in_which_the_clock_goes_back_has_an_hour_more() -> None:
    since, until = span_asked({"month": "2026-11"}, AT, "America/New_York").instants("America/New_York")
    assert until - since == timedelta(days=30, hours=1)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "0001-01-01", "until": "0001-01-02"},
        {"from": "9999-12-30", "until": "9999-12-31"},
        {"month": "9999-11"},
        {"quarter": "0001-Q1"},
    ],
)
def test_a_span_of_another_age_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(SpanDoubted):
        span_asked(query, AT, "America/New_York")


def test_a_span_of_more_than_a_year_is_refused() -> None:
    with pytest.raises(SpanDoubted, match="366 days"):
        span_asked({"from": "2025-01-01", "until": "2026-01-02"}, AT, "America/New_York")
