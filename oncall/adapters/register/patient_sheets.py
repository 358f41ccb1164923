"""Spreadsheets of patients and families' phones, in by a plan and out as text; see `patient_shelf.PatientSheets`.

Whatever a hospital's own export calls its columns: each heading is matched to one of ours or left out, and the match is
shown. A plan is applied only if its rows still stand as they were compared. Deliberately not here: what a cell may say
(`csv_shapes`) and what changes (`comparing`).
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rapidfuzz import process

from oncall.adapters.register import keeping
from oncall.adapters.register.csv_rows import harmless_cell, headings_of, plain_name, read_sheet
from oncall.adapters.register.csv_shapes import FILES
from oncall.adapters.register.importing import Plan, plan_of
from oncall.adapters.register.kept import Existing, KeptRegister
from oncall.adapters.register.rows import FamilyPhoneRow, PatientPhoneRow, PatientRow, Row, Rows
from oncall.service.patients.fields import FIELDS
from oncall.service.patients.shelf import SheetPlan

CHANGED = "Somebody has changed a patient meanwhile: nothing was written. Look at the difference again."
ALIKE = 82  # of 100: below it a heading is left out rather than guessed
_OTHER_WORDS = {
    "mrn": "id",
    "patient_id": "id",
    "patient": "name",
    "patient_name": "name",
    "dob": "born_on",
    "date_of_birth": "born_on",
    "pump_model": "model",
    "pump_serial": "serial",
    "implant_date": "implanted_on",
    "next_refill": "refill_due_on",
    "low_reservoir_date": "low_reservoir_on",
    "alarm_date": "low_reservoir_on",
    "eri": "eri_on",
    "eos": "eos_on",
    "phone": "number",
    "mobile": "number",
}


class KeptSheets:
    """See the module."""

    def __init__(self, register: KeptRegister) -> None:
        self._register = register

    async def plan(self, subject: str, content: str, columns: Mapping[str, str]) -> SheetPlan:
        return (await self._planned(subject, content, columns))[0]

    async def apply(self, subject: str, content: str, columns: Mapping[str, str], who: str) -> SheetPlan:
        shown, plan, existing = await self._planned(subject, content, columns)
        if not shown.can_be_applied:
            return shown
        still = await self._register.put_if(plan.rows, lambda rows: _stand(rows, plan.rows, existing), who)
        return shown if still else SheetPlan(shown.headings, shown.fields, shown.columns, errors=(CHANGED,))

    async def _planned(
        self, subject: str, content: str, columns: Mapping[str, str]
    ) -> tuple[SheetPlan, Plan, Existing]:
        raw, fields = content.encode(), tuple(FILES[subject].model_fields)
        headings = headings_of(raw)
        named = {heading: columns.get(heading, _ours(heading, fields)) for heading in headings}
        existing = await self._register.existing()
        plan = await asyncio.to_thread(
            plan_of, [read_sheet(f"{subject}.csv", raw, named)], existing
        )  # the line goes on
        left_out = [f"{heading}: left out" for heading, field in named.items() if not field]
        shown = SheetPlan(
            headings,
            fields,
            named,
            errors=tuple(str(error) for error in plan.row_errors),
            warnings=(*left_out, *plan.warnings),
            changes=plan.changes if plan.rows else (),
        )
        return shown, plan, existing

    async def export(self, subject: str) -> str:
        existing = await self._register.existing()
        rows = _patients(existing.rows) if subject == "patients" else _families(existing.rows)
        return await asyncio.to_thread(_as_csv, tuple(FILES[subject].model_fields), rows)


def _ours(heading: str, fields: Sequence[str]) -> str:
    """Our field for a heading, "" where it is anybody's guess."""
    plain = plain_name(heading)
    if plain in fields:
        return plain
    if _OTHER_WORDS.get(plain) in fields:
        return _OTHER_WORDS[plain]
    labels = {name: FIELDS[name].label.lower() if name in FIELDS else name for name in fields}
    near = process.extractOne(heading.lower(), labels, score_cutoff=ALIKE)
    return str(near[2]) if near else ""


def _stand(rows: Rows, planned: Iterable[Row], existing: Existing) -> bool:
    return all(keeping.current(rows, row) == keeping.current(existing.rows, row) for row in planned)


def _patients(rows: Rows) -> list[Mapping[str, Any]]:
    return [_columns(row) for row in rows.find(PatientRow) if row.left_at is None]


def _families(rows: Rows) -> list[Mapping[str, Any]]:
    found = [row for row in rows.find(FamilyPhoneRow) if row.retired_at is None]
    return [{**_columns(row), "patients": _about(rows, row.number)} for row in found]


def _about(rows: Rows, number: str) -> str:
    links = rows.find(PatientPhoneRow, number=number)
    return " ".join(link.patient for link in links if link.retired_at is None)


def _columns(row: Any) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in type(row).__dataclass_fields__}


def _as_csv(fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(fields)
    writer.writerows([harmless_cell(_cell(row[name])) for name in fields] for row in rows)
    return "\ufeff" + text.getvalue()  # the mark by which a spreadsheet program knows UTF-8


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.12g}"
        case datetime():
            return value.astimezone(UTC).isoformat()
    return str(value)
