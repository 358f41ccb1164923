"""The report of a span as a page, as a sheet for a spreadsheet, and as one page of paper; and what is purged.

No patient is named: only counts, waits and the names of staff. Deliberately not here: counting
(`service.reports.counting`) and purging (`service.cases.retention`).
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.paper.files import csv_of, download, pdf_of
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.adapters.web.reports.drawing import lying_bars, standing_bars
from oncall.adapters.web.reports.paper import paper_of
from oncall.service.cases.retention import NotPurged
from oncall.service.reports.report_words import SHEET, against, said, sheet_rows
from oncall.service.reports.span_reports import Span, SpanDoubted, SpanReport, month_named, report_on, span_asked

DRAWN = {"urgency": lying_bars, "hours": standing_bars, "climbed": lying_bars}
EXPORT = re.compile(r"purge-[0-9]{8}T[0-9]{6}\.jsonl")
STONES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the six big numbers, and what it was in the span before."""

    name: str
    value: str
    was: str


async def reports(request: web.Request) -> web.Response:
    """GET /reports; `month`, `quarter`, or `from` and `until`."""
    try:
        report = await _report(request)
    except SpanDoubted as problem:
        return show(request, "reports_doubt.html", status=422, problem=str(problem), query=request.query)
    return await asyncio.to_thread(_page, request, report)


def _page(request: web.Request, report: SpanReport) -> web.Response:
    drawings = {table.id: Markup(DRAWN[table.id](table)) for table in report.tables if table.id in DRAWN}
    return show(
        request,
        "reports.html",
        report=report,
        figures=big_figures(report),
        drawings=drawings,
        said=said,
        against=against,
        asked=_asked(report.span),
        before=_month_beside(report.span, -1),
        after=_month_beside(report.span, 1),
        query=request.query,
    )


async def sheet(request: web.Request) -> web.Response:
    """GET /reports.csv: a row for each number."""
    report = await _report_or_problem(request)
    return download(csv_of(SHEET, sheet_rows(report.tables)), "text/csv", f"{_file_name(report.span)}.csv")


async def paper(request: web.Request) -> web.Response:
    """GET /reports.pdf: one page."""
    given, report = request.app[GIVEN], await _report_or_problem(request)
    made = paper_of(report, big_figures(report), given.hospital, given.handbooks.current().edition)
    return download(await pdf_of(made), "application/pdf", f"{_file_name(report.span)}.pdf")


async def _report(request: web.Request) -> SpanReport:
    given, now = request.app[GIVEN], request.app[GIVEN].clock.now()
    span = span_asked(request.query, now, given.hospital.zone)
    stores = (given.journal, given.notices, given.register, given.handbooks)
    return await report_on(span, now, *stores, given.tallies)


async def _report_or_problem(request: web.Request) -> SpanReport:
    try:
        return await _report(request)
    except SpanDoubted as problem:
        raise Problem(422, "no-such-span", str(problem)) from None


def big_figures(report: SpanReport) -> tuple[Figure, ...]:
    """What a committee asks first; each stands in a table below too."""

    def figure(name: str, table: str, column: str, label: str = "all") -> Figure:
        line, place = report.line_of(table, label), report.table(table).columns.index(column)
        if line is None:
            return Figure(name, said(None), "")
        return Figure(name, said(line.cells[place]), against(line.cells[place], line.before[place]))

    each = figure("page to taken, each", "taken", "Each, if fewer than ten")
    return (
        figure("cases", "urgency", "Cases"),
        figure("emergencies", "urgency", "Cases", "emergency"),
        figure("page to taken, median", "taken", "Median") if each.value == said(None) else each,
        figure("taken within target", "taken", "Within target"),
        figure("family reached within target", "reached", "Within target"),
        figure("texts not brought", "delivered", "Not brought", "texts"),
    )


def _asked(span: Span) -> str:
    """The same span in an address."""
    if "Q" in span.name:
        return urlencode({"quarter": span.name})
    if " " in span.name:
        return urlencode({"from": span.first.isoformat(), "until": span.last.isoformat()})
    return urlencode({"month": span.name})


def _month_beside(span: Span, by: int) -> Span:
    """The month before the span, or after it."""
    day = span.first - timedelta(days=1) if by < 0 else span.last + timedelta(days=1)
    return month_named(f"{day:%Y-%m}")


def _file_name(span: Span) -> str:
    return f"pump-line-report-{span.name.replace(' ', '-')}"


# --- what is purged ------------------------------------------------------------------------------------------------


async def retention(request: web.Request) -> web.Response:
    """GET /reports/retention; `export` names one that was written and may be purged now."""
    return await _retention_page(request)


async def act_on_retention(request: web.Request) -> web.Response:
    """POST /reports/retention: `act` is export, or purge of the export whose hash was shown."""
    given, form = request.app[GIVEN], await read_form(request)
    by, act = signed_in(request).person, typed(form, "act")
    try:
        if act == "export":
            name = f"purge-{given.clock.now():%Y%m%dT%H%M%S}.jsonl"
            await given.retention.export(name, by)
            return see_other(f"/reports/retention?export={name}")
        if act == "purge" and EXPORT.fullmatch(typed(form, "export")):
            if typed(form, "sure") != "yes":
                raise NotPurged("Tick that the file is in a safe place. Nothing was purged.")
            stones = await given.retention.purge(typed(form, "export"), typed(form, "sha256"), by)
            return see_other(f"/reports/retention?purged={len(stones)}")
    except NotPurged as problem:
        return await _retention_page(request, str(problem), typed(form, "export"))
    raise Problem(400, "unknown-act", "This button is not known. Open the page again.")


async def _retention_page(request: web.Request, problem: str = "", export: str = "") -> web.Response:
    given = request.app[GIVEN]
    named, found = export or request.query.get("export", ""), None
    if EXPORT.fullmatch(named):
        try:
            found = await given.retention.look(named)
        except NotPurged as missing:
            problem = problem or str(missing)
    return show(
        request,
        "retention.html",
        status=422 if problem else 200,
        plan=await given.retention.plan(),
        years=given.retention.years,
        export=found,
        problem=problem,
        purged=request.query.get("purged", "") if request.query.get("purged", "").isdigit() else "",
        stones=await given.retention.last(STONES_SHOWN),
    )
