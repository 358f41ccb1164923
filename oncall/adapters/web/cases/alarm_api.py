"""POST /v1/alarms: pumps, gateways and relays tell the line that something is wrong.

The sender hears yes only after the commit (law 2). A body from a known sender that cannot be read, is too large or
breaks off is kept raw and pages somebody (law 1), and the answer names that case. The same delivery again gets the
first answer again. Deliberately not here: what an alarm means, and whose it is (`intake`).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import structlog
from aiohttp import web

from oncall.adapters.web.cases.alarm_body import Alarms, Body, Unreadable, name_in_header, read_alarms, read_body
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import RETRY_AFTER, Problem
from oncall.adapters.web.shapes import AlarmTaken, ReportTaken, Suspicion
from oncall.adapters.web.tokens import sender_of
from oncall.core.triage.assessment import Urgency
from oncall.service.line.emergency_journal import Door
from oncall.service.line.kept_contacts import AlarmIn
from oncall.service.ports.journal import JournalRefused, Written
from oncall.service.ports.register import Sender

NAME_HEADER = "Idempotency-Key"
SUSPICIONS: tuple[Suspicion, ...] = ("withdrawal", "overdose", "device", "infection", "other", "none")
BOTH, OTHER = SUSPICIONS[:2], SUSPICIONS[4:5]  # to a program "cannot tell" means both (RULINGS 1)

log = structlog.get_logger("alarms")


async def post_alarms(request: web.Request) -> web.Response:
    given = request.app[GIVEN]
    sender = await sender_of(request)
    body = await read_body(request)
    name = name_in_header(request.headers.get(NAME_HEADER))
    if body.trouble is not None:
        raise await _unreadable(given, sender, name, body, body.trouble)
    told = read_alarms(body.raw, name)
    if isinstance(told, Unreadable):
        raise await _unreadable(given, sender, name, body, told.why)
    return await _take(given, sender, told, body)


async def _take(given: Given, sender: Sender, told: Alarms, body: Body) -> web.Response:
    try:
        written = await given.intake.take_alarms(told.items, sender.name, told.name, body.raw)
    except JournalRefused as refused:
        given.metrics.alarms.labels("refused").inc()
        raise await _kept_aside(given, Door.ALARM, _brought(sender, told.name, body, told.items)) from refused
    except Exception as problem:  # around one message: our fault must not become a silence (law 1)
        log.error("alarm could not be taken", exc_info=problem)
        raise await _unreadable(given, sender, told.name, body, "our reader failed", status=500) from problem
    taken = taken_of(written)
    if told.broken:
        given.metrics.alarms.labels("unreadable").inc()
        raise _kept(taken, 422, f"{told.broken} of {len(told.items)} alarms are no JSON objects", taken.reports)
    given.metrics.alarms.labels("repeated" if written.repeated else "taken").inc()
    taken.not_understood = list(told.strange)
    return web.json_response(text=taken.model_dump_json(), status=200 if written.repeated else 201)


async def _unreadable(
    given: Given, sender: Sender, name: str | None, body: Body, why: str, status: int | None = None
) -> Problem:
    """Keep it raw and page; then say so."""
    given.metrics.alarms.labels("too_large" if body.status == 413 else "unreadable").inc()
    try:
        written = await given.intake.take_unreadable(sender.name, name, body.raw, why)
    except JournalRefused:
        return await _kept_aside(given, Door.UNREADABLE, _brought(sender, name, body, (), why))
    return _kept(taken_of(written), status or body.status, why)


def _brought(sender: Sender, name: str | None, body: Body, alarms: Sequence[Any], why: str = "") -> AlarmIn:
    return AlarmIn(sender.name, name, b64encode(body.raw).decode(), tuple(alarms), why)


async def _kept_aside(given: Given, door: Door, brought: AlarmIn) -> Problem:
    """No yes: there is no case and nobody of the pump team is paged, so the sender must go on telling."""
    kept = await given.keep_aside(door, brought)
    where = "It was kept beside the store and will be filed" if kept else "It could not be kept"
    detail = f"Our store cannot write now. {where}; nobody has been paged yet but the operator. Send it again."
    return Problem(503, "store-refused", detail, headers={"Retry-After": RETRY_AFTER}, kept=kept)


def _kept(taken: AlarmTaken, status: int, why: str, reports: list[ReportTaken] | None = None) -> Problem:
    more: dict[str, Any] = {"reports": [report.model_dump() for report in reports]} if reports else {}
    detail = f"We could not read this: {why}. It was kept and a person is being paged."
    return Problem(status, "unreadable-alarm", detail, case=taken.case, id=taken.id, urgency=taken.urgency, **more)


def taken_of(written: Written) -> AlarmTaken:
    """The answer over all reports of one delivery, the worst on top."""
    parts = written.answer.get("reports") or [written.answer]
    reports = [
        ReportTaken(
            case=part["case"],
            id=case.id,
            urgency=part.get("urgency") or "urgent",
            suspicion=suspicion_of(part.get("suspicion", ())),
        )
        for part, case in zip(parts, written.cases, strict=True)
    ]
    worst = max(reports, key=lambda report: Urgency[report.urgency.upper()])
    return AlarmTaken(**worst.model_dump(), reports=reports)


def suspicion_of(leanings: Sequence[str]) -> list[Suspicion]:
    """Primary first; "cannot tell" is said as both."""
    said = [leaning for leaning in SUSPICIONS if leaning in leanings]
    said.sort(key=leanings.index)
    return said or list(BOTH if leanings else OTHER)
