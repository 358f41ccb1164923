"""The decision taken when the rules themselves fail (law 1).

If our own code raises while a report is taken or time passes, nobody may be left in silence: the people on call and
the last resort are paged on the EMERGENCY clock with the raw words behind the link. The first way still uses the
rota; if that is what failed, the second pages everybody the register knows. Deliberately not here: anything clever.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from oncall.core import entries as e
from oncall.core.case import Case, ClockKind, Page, Status
from oncall.core.commands import Command, PassTime, TakeReport
from oncall.core.decide import Decision, finish
from oncall.core.draft import Draft
from oncall.core.escalation import LAST_RESORT
from oncall.core.facts import Facts
from oncall.core.handbook import Handbook
from oncall.core.messages import Channel, Lane, Purpose
from oncall.core.promises import promise
from oncall.core.reporting import FAILED, file_report, open_case
from oncall.core.rounds import inform, start_round
from oncall.core.triage import Urgency
from oncall.core.wording import page_token

AGAIN = timedelta(minutes=12)


def decide_blind(
    case: Case, command: Command, at: datetime, facts: Facts, handbook: Handbook, reason: str
) -> Decision | None:
    """The blind entries, or None when this command opens no duty (an acknowledgement that failed changes nothing)."""
    if not isinstance(command, TakeReport | PassTime):
        return None
    if isinstance(command, PassTime) and case.rules_failed:
        return None  # already paged blind; the case is pushed and tried again
    try:
        return _with_rota(Draft(case, at, facts, handbook), command, reason)
    except Exception:  # the rota or the rules are what failed: everybody is paged
        return _everybody(Draft(case, at, facts, handbook), command, reason)


def _with_rota(draft: Draft, command: Command, reason: str) -> Decision:
    if isinstance(command, TakeReport):
        if draft.case.status is Status.NEW:
            open_case(draft, command)
        file_report(draft, command)
    _say_so(draft, reason)
    if draft.case.status is not Status.HELD:
        promise(draft)
        start_round(draft)
    inform(draft, LAST_RESORT)
    return finish(draft)


def _everybody(draft: Draft, command: Command, reason: str) -> Decision:
    if isinstance(command, TakeReport) and draft.case.status is Status.NEW:
        draft.write(
            e.CaseOpened(
                key=command.key,
                code=draft.case.id[-4:].upper(),
                patient=None,
                phone=command.number,
                label="read the words",
                language="en",
                edition=draft.handbook.edition,
                table=draft.handbook.table,
            )
        )
    if isinstance(command, TakeReport):
        draft.reports.append(replace(command.report, received_at=draft.at))
        draft.write(
            e.ReportAdded(
                command.report.id, command.report.source, command.arrival, command.number, "", command.call
            )
        )
    _say_so(draft, reason)
    draft.write(e.RoundStarted(draft.case.round + 1, draft.at))
    for person in draft.facts.directory.clinicians.values():
        _page_plainly(draft, person.id, tuple(phone.number for phone in person.phones))
    draft.set_clock(ClockKind.ROUND, AGAIN)
    return finish(draft)


def _say_so(draft: Draft, reason: str) -> None:
    draft.write(e.RulesFailed(reason))
    draft.write(e.Assessed(FAILED))
    draft.write(e.PaceSet(Urgency.EMERGENCY, "the rules failed"))


def _page_plainly(draft: Draft, person: str, numbers: tuple[str, ...]) -> None:
    page_id = f"{draft.case.id}-{draft.case.version + 1}-{person}"
    token = page_token(page_id, draft.facts.hospital)
    page = Page(page_id, person, "everyone", draft.case.round, draft.at, "the rules failed", None, token)
    draft.write(e.PageOrdered(page))
    body = (
        f"EMERGENCY pump call #{draft.case.code}. Take it here: {draft.facts.hospital.public_url}/p/{token}"
    )
    for number in numbers:
        draft.owe(Channel.SMS, Purpose.PAGE, number, body, page=page_id, person=person, lane=Lane.EMERGENCY)
        draft.owe(Channel.VOICE, Purpose.PAGE, number, page=page_id, person=person, lane=Lane.EMERGENCY)
