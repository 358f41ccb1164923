"""Spreadsheets of patients and families' phones: a dry run with every row's faults, then one commit; and out again.

The file travels inside the page until it is written, so the house keeps nothing of it. Larger ones than a form takes
come in by the command. Deliberately not here: reading and comparing (the register).
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from oncall.adapters.web.asker import looking_at, signed_in
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import show
from oncall.service.patients.shelf import SheetPlan

SUBJECTS = {"patients": "Patients, one in each row", "families": "Families' phones, one in each row"}
COLUMN = "column:"
TOLD = 100  # lines of a difference, or of faults, that a page shows
TOO_ODD = "This is no CSV file in UTF-8. In the spreadsheet program: save as, CSV UTF-8."


async def form(request: web.Request) -> web.Response:
    """GET /patients/import."""
    return _page(request, "patients", "", None)


async def read_in(request: web.Request) -> web.Response:
    """POST /patients/import: a dry run; with `do=import` it is written."""
    told = await read_form(request)
    subject = typed(told, "subject") if typed(told, "subject") in SUBJECTS else "patients"
    content = _content(told)
    if not content.strip():
        return _page(request, subject, "", None, fault=TOO_ODD)
    columns = {name.removeprefix(COLUMN): typed(told, name) for name in told if name.startswith(COLUMN)}
    sheets = request.app[GIVEN].sheets
    if typed(told, "do") == "import":
        plan = await sheets.apply(subject, content, columns, signed_in(request).person)
        return _page(request, subject, content, plan, written=plan.can_be_applied)
    return _page(request, subject, content, await sheets.plan(subject, content, columns))


async def export(request: web.Request) -> web.Response:
    """GET /patients/export/{subject}: the same columns that an import takes."""
    subject = request.match_info["subject"]
    if subject not in SUBJECTS:
        raise Problem(404, "no-such-table", "There are two tables: patients and families.")
    looking_at(request, f"all, as a table: {subject}")
    text = await request.app[GIVEN].sheets.export(subject)
    headers = {"Content-Disposition": f'attachment; filename="{subject}.csv"'}
    return web.Response(text=text, content_type="text/csv", charset="utf-8", headers=headers)


def _content(told: Mapping[str, object]) -> str:
    """A file that was just chosen beats the one that the page carries."""
    chosen = told.get("file")
    if isinstance(chosen, web.FileField) and chosen.filename:
        try:
            return chosen.file.read().decode("utf-8-sig")
        except UnicodeError:
            return ""
    return typed(told, "content")


def _page(
    request: web.Request, subject: str, content: str, plan: SheetPlan | None, fault: str = "", written: bool = False
) -> web.Response:
    looking_at(request, "import")
    return show(
        request,
        "patients_import.html",
        status=422 if fault or (plan and plan.errors) else 200,
        subjects=SUBJECTS,
        subject=subject,
        content=content,
        plan=plan,
        fault=fault,
        written=written,
        told=TOLD,
    )
