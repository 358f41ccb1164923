"""The decision taken when the rules themselves fail (law 1).

If our own code raises while a report is taken or time passes, nobody may be left in silence: the people on call and
the last resort are paged on the EMERGENCY clock with the raw words behind the link, and the family gets the
emergency sentence. The first way still uses the rota; if that is what failed, the second pages everybody the
register knows, again in every round. Deliberately not here: anything clever.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from oncall.core.as_json import plain
from oncall.core.case import entries as e
from oncall.core.case.calls import Turn, greeting_sentences
from oncall.core.case.case import Case, ClockKind, Page, Status
from oncall.core.case.commands import Command, PassTime, TakeReport
from oncall.core.case.decide import Decision, finish
from oncall.core.case.draft import Draft
from oncall.core.case.facts import Facts
from oncall.core.case.holder_news import restart_reaching, ring_holder
from oncall.core.case.messages import Channel, Lane, Purpose
from oncall.core.case.promises import keep_posted, promise
from oncall.core.case.reporting import FAILED, file_report, open_case
from oncall.core.case.rounds import inform, start_round
from oncall.core.case.walking import turn_after
from oncall.core.case.wording import page_token
from oncall.core.handbook import Handbook
from oncall.core.people import Clinician
from oncall.core.rota.working_days import LAST_RESORT
from oncall.core.triage.assessment import Urgency

AGAIN = timedelta(minutes=12)
SLOWER_CLOCKS = (
    ClockKind.CALL_START,
    ClockKind.HANG_UP,
    ClockKind.MORNING,
    ClockKind.UNTAKEN,
    ClockKind.TASK,
    ClockKind.TASK_PAGE,
    ClockKind.REVIEW,
)


def decide_blind(
    case: Case, command: Command, at: datetime, facts: Facts, handbook: Handbook, reason: str
) -> Decision | None:
    """The blind entries, or None when this command opens no duty (an acknowledgement that failed changes nothing)."""
    if not isinstance(command, TakeReport | PassTime):
        return None
    if isinstance(command, PassTime) and case.rules_failed and not _round_is_due(case, at):
        return None  # already paged blind; the case is pushed and tried again
    ways: tuple[Callable[[Draft, Command, str], Decision], ...] = (_with_rota, _everybody)
    for way in ways[isinstance(command, PassTime) and case.rules_failed :]:
        with suppress(Exception):  # the rota or the rules are what failed: the next way asks less of them
            return way(Draft(case, at, facts, handbook), command, reason)
    return None


def _round_is_due(case: Case, at: datetime) -> bool:
    clock = case.clock(ClockKind.ROUND)
    return clock is not None and clock.due_at <= at


def _with_rota(draft: Draft, command: Command, reason: str) -> Decision:
    if isinstance(command, TakeReport):
        draft.reply_to = command.number
        if draft.case.status is Status.NEW:
            open_case(draft, command)
        file_report(draft, command)
    _say_so(draft, reason)
    if draft.case.status is Status.HELD:
        restart_reaching(draft)
        ring_holder(draft)
    else:
        _answer_family(draft, promise(draft))
        start_round(draft)
        keep_posted(draft)
    inform(draft, LAST_RESORT)
    _answer_caller(draft, command)
    return finish(draft)


def _everybody(draft: Draft, command: Command, reason: str) -> Decision:
    if isinstance(command, TakeReport):
        draft.reply_to = command.number
        _file_plainly(draft, command)
    if not draft.case.rules_failed:
        _say_so(draft, reason)
    draft.write(e.RoundStarted(draft.case.round + 1, draft.at))
    for person in draft.facts.directory.clinicians.values():
        _page_plainly(draft, person)
    draft.set_clock(ClockKind.ROUND, AGAIN)
    with suppress(Exception):  # the family's sentence must not cost the page
        _answer_family(draft, draft.at + AGAIN)
    _answer_caller(draft, command)
    return finish(draft)


def _say_so(draft: Draft, reason: str) -> None:
    draft.end_clocks(*SLOWER_CLOCKS)
    draft.write(e.RulesFailed(reason))
    draft.write(e.Assessed(FAILED))
    draft.write(e.PaceSet(Urgency.EMERGENCY, "the rules failed"))


def _answer_family(draft: Draft, by: datetime) -> None:
    draft.tell_family("first_call_911", by=draft.family_hour(by))


def _answer_caller(draft: Draft, command: Command) -> None:
    """Somebody on the line hears the emergency sentence, whatever else failed."""
    if not isinstance(command, TakeReport) or not command.call:
        return
    try:
        turn_after(draft, command)
    except Exception:  # the words for this state are what failed
        draft.answer["turn"] = plain(Turn(greeting_sentences(draft.facts, draft.handbook), hold=True, family=True))


def _file_plainly(draft: Draft, command: TakeReport) -> None:
    if draft.case.status is Status.NEW:
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
    draft.reports.append(replace(command.report, received_at=draft.at))
    draft.write(
        e.ReportAdded(command.report.id, command.report.source, command.arrival, command.number, "", command.call)
    )


def _page_plainly(draft: Draft, person: Clinician) -> None:
    """Every number of one person, by text and voice, without slot, tier or clock of its own."""
    page = next((page for page in draft.case.pages if page.person == person.id), None)
    if page is None:
        page_id = f"{draft.case.id}-{draft.case.version + 1}-{person.id}"
        page = Page(
            id=page_id,
            person=person.id,
            tier="everyone",
            round=draft.case.round,
            ordered_at=draft.at,
            why="the rules failed",
            slot=None,
            token=page_token(page_id, draft.facts.hospital),
            informs=person.is_shared,
        )
        draft.write(e.PageOrdered(page))
    link = f"{draft.facts.hospital.public_url}/p/{page.token}"
    body = f"EMERGENCY pump call #{draft.case.code}. Take it here: {link}"
    purpose = Purpose.INFORM if page.informs else Purpose.PAGE
    for phone in person.phones:
        for channel in (Channel.SMS, Channel.VOICE):
            draft.owe(channel, purpose, phone.number, body, page=page.id, person=person.id, lane=Lane.EMERGENCY)
