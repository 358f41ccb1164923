"""The report of a span on one page of paper: the six numbers, two plots, and the tables that a committee reads.

Deliberately not here: drawing a PDF (`web.paper.pdf`), and everything that only the page has room for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from oncall.adapters.web.paper.sheets import Block, Drawing, Heading, Paper, Table, Words
from oncall.adapters.web.reports.drawing import standing_bars
from oncall.core.people import Hospital
from oncall.service.reports.counting import Table as Counted
from oncall.service.reports.report_words import against, said
from oncall.service.reports.span_reports import SpanReport

WAITS = ("taken", "reached", "first")
IN_A_LINE = ("climbed", "wrong", "silent", "night", "needed", "outcomes", "languages", "tests", "delivered", "holes")
MOST_HOLES = 3


class Figure(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def was(self) -> str: ...


def paper_of(report: SpanReport, figures: Sequence[Figure], hospital: Hospital, edition: str) -> Paper:
    blocks = tuple(_blocks(report, figures, hospital))
    foot = f"{hospital.name}, pump line. No patient is named. Edition in force {edition[:8]}."
    return Paper(f"Pump line, {report.span.title}", foot, report.at, blocks, most_pages=1)


def _blocks(report: SpanReport, figures: Sequence[Figure], hospital: Hospital) -> Iterator[Block]:
    yield Heading(f"Pump line, {report.span.title}: {hospital.name}", 1)
    if report.is_running:
        yield Words("This time has not ended yet; the numbers are of now.", bold=True)
    yield Words("; ".join(f"{one.name}: {one.value}{_in_brackets(one.was)}" for one in figures) + ".", bold=True)
    hours, urgency = report.table("hours"), report.table("urgency")
    yield Heading(urgency.title)
    lines = ((line, against(line.cells[0], line.before[0])) for line in urgency.lines)
    yield Words("; ".join(f"{line.label} {said(line.cells[0])}{_in_brackets(was)}" for line, was in lines) + ".")
    yield Words(f"In brackets: {report.before.title}, the whole of it.", small=True)
    if plot := standing_bars(hours, floor=85):
        yield Heading(hours.title)
        yield Drawing(plot)
    for name in WAITS:
        table = report.table(name)
        yield Heading(table.title)
        yield _waits(table)
    yield Words(
        "Waits are minutes:seconds by nearest rank; with fewer than ten each one is told. Targets are those of the"
        " clock in force when a case ran. Sent is not heard.",
        small=True,
    )
    rows = [(report.table(name).title, _in_a_line(report.table(name))) for name in IN_A_LINE]
    yield Table(("And", ""), rows, (0.17, 0.83))


def _in_brackets(was: str) -> str:
    return f" ({was})" if was else ""


def _waits(table: Counted) -> Table:
    head = ("", *table.columns)
    rows = [(line.label, *map(said, line.cells)) for line in table.lines] or [
        (table.empty, *("",) * len(table.columns))
    ]
    return Table(head, rows, (0.12, 0.07, 0.07, 0.09, 0.13, 0.11, 0.17, 0.24))


def _in_a_line(table: Counted) -> str:
    lines = table.lines[:MOST_HOLES] if table.id == "holes" else table.lines
    more = f"; and {len(table.lines) - len(lines)} more" if len(lines) < len(table.lines) else ""
    told = "; ".join(f"{line.label}: {_cells(table, line.cells)}" for line in lines)
    return f"{told}{more}." if told else table.empty


def _cells(table: Counted, cells: Sequence[object]) -> str:
    if len(table.columns) == 1:
        return said(cells[0])  # type: ignore[arg-type]
    pairs = zip(table.columns, cells, strict=True)
    return ", ".join(f"{name.lower()} {said(cell)}" for name, cell in pairs if cell is not None)  # type: ignore[arg-type]
