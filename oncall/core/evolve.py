"""The next case from an entry. Total over every entry ever written, and asks nothing of the world.

Deliberately not here: why an entry was written (`decide`). One line per kind, so that a reader can check each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any, assert_never

from oncall.core import entries as e
from oncall.core.case import (
    Bridge,
    Case,
    Clock,
    ClockKind,
    Closing,
    Enclosure,
    FamilyCall,
    HandOver,
    Holding,
    Leg,
    Link,
    Page,
    ReportNote,
    Status,
)
from oncall.core.messages import LegKind, Message, MessageState, Progress, Purpose, count_key
from oncall.core.reports import Finding
from oncall.core.triage import Urgency

UNSURE = "caller unsure whether {label}"
ABOUT = {  # a record that may be somebody else's must not be read as this patient's
    "usual": "{label}",
    "other": "another person, caller says not {label}",
}
KEPT_OVER = 48  # messages that are over and stay visible in the case's state


def replay(recorded: Iterable[e.Recorded], case: Case) -> Case:
    """The case after these entries; replay(a + b) equals replay(b, replay(a))."""
    return reduce(evolve, recorded, case)


def evolve(case: Case, recorded: e.Recorded) -> Case:
    """The case after one entry."""
    changed = _changed(case, recorded)
    if changed is case:
        return replace(case, version=recorded.seq)
    # Nobody else has it yet, so it takes its number in place: a case is copied once for each entry, not twice.
    object.__setattr__(changed, "version", recorded.seq)
    return changed


def _changed(case: Case, recorded: e.Recorded) -> Case:
    entry, at = recorded.entry, recorded.at
    match entry:
        case e.CaseOpened():
            return replace(
                case,
                status=Status.LISTENING,
                key=entry.key,
                code=entry.code,
                opened_at=at,
                patient=entry.patient,
                phone=entry.phone,
                label=entry.label,
                language=entry.language,
                edition=entry.edition,
                table=entry.table,
                linked=entry.linked,
            )
        case e.ReportAdded():
            return _with_report(case, recorded, entry)
        case e.FindingsDrawn():
            reports = _moved(case) if _is_new(case, entry) else case.reports
            return replace(case, findings=_merged(case.findings, entry.findings), reports=reports)
        case e.Assessed():
            return replace(case, assessment=entry.assessment)
        case e.RulesFailed():
            return replace(case, rules_failed=True)
        case e.LanguageChosen():
            return replace(case, language=entry.language)
        case e.CallEnded():
            return replace(case, calls=_calls(case, entry.call, lambda call: replace(call, live=False)))
        case e.CallReached():
            return replace(
                case, calls=_calls(case, entry.call, lambda call: replace(call, nodes=(*call.nodes, entry.node)))
            )
        case e.NumberGiven():
            return replace(case, extension=entry.number) if entry.extension else replace(case, phone=entry.number)
        case e.PaceSet():
            status = Status.WAITING if case.status is Status.LISTENING else case.status
            return replace(case, pace=entry.pace, status=status, reports=_moved(case))
        case e.RoundStarted():
            return replace(
                case,
                status=Status.PAGING,
                round=entry.round,
                round_started_at=entry.starts_at,
                step=-1,
                first_paged_at=case.first_paged_at or at,
            )
        case e.RoundMoved():
            return replace(case, round_started_at=entry.starts_at)
        case e.StepReached():
            return replace(case, step=entry.step)
        case e.PageOrdered():
            return replace(case, pages=(*case.pages, entry.page))
        case e.PageResumed():
            return _page(case, entry.page, lambda page: replace(page, ringing=True, declined=False))
        case e.PageQuieted():
            declined = entry.declined
            return _page(
                case,
                entry.page,
                lambda page: replace(page, ringing=False, declined=declined or page.declined),
            )
        case e.MessageOwed():
            return _with_message(case, entry.message)
        case e.MessageAttempted():
            return _message(
                case,
                entry.message,
                lambda state: replace(
                    state,
                    progress=max(state.progress, Progress.ATTEMPTED),
                    attempts=entry.attempt,
                    attempted_at=state.attempted_at or at,
                    accept_digit=entry.accept_digit or state.accept_digit,
                    not_before=None,
                ),
            )
        case e.MessageAccepted():
            return _message(
                case,
                entry.message,
                lambda state: replace(
                    state,
                    progress=max(state.progress, Progress.ACCEPTED),
                    sid=entry.sid or state.sid,
                    route=entry.route or state.route,
                ),
            )
        case e.MessageHeldBack():
            return _message(
                case,
                entry.message,
                lambda state: replace(
                    state,
                    progress=Progress.OWED,
                    not_before=entry.not_before,
                    refusals=state.refusals + 1,
                    code=entry.code,
                    route=entry.route or state.route,
                ),
            )
        case e.MessageProgressed():
            return _message(
                case,
                entry.message,
                lambda state: replace(
                    state,
                    progress=max(state.progress, entry.progress),
                    code=state.code or entry.code,
                    sid=state.sid or entry.sid,
                    route=entry.route or state.route,
                ),
            )
        case e.DeliveryMissed():
            return _message(case, entry.message, lambda state: replace(state, overdue=True))
        case e.PageHeard():
            return _message(case, entry.message, lambda state: replace(state, heard=True))
        case e.Acknowledged():
            holder = Holding(entry.person, entry.page, at, entry.how, recorded.seq)
            bridge = case.bridge if case.bridge and case.bridge.person == entry.person else None
            held = replace(case, status=Status.HELD, holder=holder, asked=None, pending=())
            return replace(held, bridge=bridge, hand_over=None)
        case e.Undone():
            status = Status.PAGING if case.round else Status.WAITING
            return replace(case, status=status, holder=None, bridge=None, hand_over=None)
        case e.Reopened():
            return replace(case, status=Status.PAGING)
        case e.FamilyReached():
            return replace(case, family_reached_at=at)
        case e.NoteAdded():
            return replace(case, notes=(*case.notes, entry.words))
        case e.Closed():
            closing = Closing(entry.person, at, entry.outcome, entry.note)
            return replace(
                case, status=Status.CLOSED, closed=closing, clocks=(), asked=None, bridge=None, hand_over=None
            )
        case e.ClockSet():
            clock = Clock(entry.kind, entry.subject, entry.due_at, timedelta(seconds=entry.wait_seconds))
            return replace(case, clocks=(*_clocks_without(case, entry.kind, entry.subject), clock))
        case e.ClockEnded():
            return replace(case, clocks=_clocks_without(case, entry.kind, entry.subject))
        case e.Promised():
            return replace(case, promised_at=entry.by)
        case e.QuestionAsked():
            pending = _without(case.pending, entry.question) + ((entry.question,) if entry.by_text else ())
            return replace(case, asked=entry.question, pending=pending)
        case e.QuestionAnswered():
            return replace(
                case,
                asked=None,
                pending=_without(case.pending, entry.question),
                answered=(*case.answered, entry.question),
                reports=_moved(case),
            )
        case e.TextsBlocked():
            number = entry.number or case.phone
            blocked = (*case.blocked, number) if number and number not in case.blocked else case.blocked
            return replace(case, texts_blocked=True, blocked=blocked)
        case e.TextsOpened():
            blocked = tuple(number for number in case.blocked if number != entry.number)
            return replace(case, texts_blocked=bool(blocked), blocked=blocked)
        case e.CasesLinked():
            return replace(case, links=(*_links(case, entry.other), Link(entry.other, entry.code, entry.person)))
        case e.CasesUnlinked():
            return replace(case, links=_links(case, entry.other))
        case e.MessagePutOff():
            return _message(case, entry.message, lambda state: replace(state, not_before=entry.not_before))
        case e.MachineAnswered():
            return _message(case, entry.message, lambda state: replace(state, machine=True))
        case e.BridgeAsked():
            return replace(case, bridge=Bridge(entry.person, entry.numbers, at, entry.interpreter, entry.call))
        case e.BridgeEnded():
            return replace(case, bridge=None)
        case e.LegJoined():
            return _with_leg(case, Leg(entry.call, entry.leg, entry.number, entry.person, at, entry.room))
        case e.LegEnded():
            return _without_leg(case, entry.call)
        case e.LegRedialled():
            bridge = case.bridge
            lost = replace(bridge, lost=entry.leg, redials=bridge.redials + 1) if bridge else None
            return replace(case, bridge=lost)
        case e.HandOverAsked():
            return replace(case, hand_over=HandOver(entry.person, entry.to, at))
        case e.HandOverEnded():
            return replace(case, hand_over=None)
        case e.WrongPerson():
            return replace(case, wrong_people=(*case.wrong_people, entry.person))
        case e.PersonTold():
            return replace(case, about=entry.about, label=ABOUT.get(entry.about, UNSURE).format(label=case.label))
        case e.EnclosureAdded():
            return replace(case, enclosures=(*case.enclosures, Enclosure(entry.what, entry.report, at)))
        case e.EnclosureKept():
            return _enclosure(case, entry.enclosure, media_type=entry.media_type, size=entry.size, gone="")
        case e.EnclosureCleared():
            return _enclosure(case, entry.enclosure, cleared=True)
        case e.EnclosureGone():
            return _enclosure(case, entry.enclosure, gone=entry.why)
        case e.Informed() | e.PromiseMissed() | e.Noticed() | e.ReplyWithheld() | e.ReportShown() | e.SaidBack():
            return case
        case _:
            assert_never(entry)


def _enclosure(case: Case, name: str, **changed: Any) -> Case:
    known = case.enclosures
    return replace(case, enclosures=tuple(replace(one, **changed) if one.what.id == name else one for one in known))


def _with_report(case: Case, recorded: e.Recorded, entry: e.ReportAdded) -> Case:
    note = ReportNote(entry.report, entry.source, entry.arrival, recorded.at, entry.sender, entry.sha256)
    calls = case.calls
    if entry.call and all(call.sid != entry.call for call in calls):
        calls = (*calls, FamilyCall(entry.call, entry.sender, recorded.at))
    if entry.call and entry.arrival.value == "silent":
        calls = tuple(replace(call, silences=call.silences + 1) if call.sid == entry.call else call for call in calls)
    return replace(case, reports=(*case.reports, note), calls=calls, phone=case.phone or entry.sender)


def _with_message(case: Case, message: Message) -> Case:
    """The new message counted and kept; of those that are over only the newest stay in the case's state.

    A night that nobody answers orders a hundred messages an hour. All of them are in the journal; the state only
    needs what may still move.
    """
    over = [state for state in case.messages if state.progress.is_over]
    forgotten = {state.message.id for state in over[:-KEPT_OVER]}
    kept = tuple(state for state in case.messages if state.message.id not in forgotten)
    key = count_key(message.page or message.purpose.value, message.channel, message.to)
    others = tuple(pair for pair in case.sent if pair[0] != key)
    bridge = case.bridge
    if bridge and message.purpose is Purpose.LEG and message.leg is LegKind.FAMILY and bridge.lost is None:
        bridge = replace(bridge, tries=bridge.tries + 1)
    sent = (*others, (key, case.times_sent(key) + 1))
    return replace(case, messages=(*kept, MessageState(message)), sent=sent, bridge=bridge)


SIDES = (LegKind.FAMILY, LegKind.CLINICIAN)
KEPT_LEGS = 8


def _with_leg(case: Case, leg: Leg) -> Case:
    """One more line in the talk; family and clinician who are in one conference together have met."""
    legs = (*(known for known in case.legs if known.call != leg.call), leg)
    here = [known for known in legs if known.room == leg.room]
    if {known.kind for known in here} >= set(SIDES):
        legs = tuple(replace(known, met=True) if known in here else known for known in legs)
    bridge = case.bridge
    if bridge and bridge.lost is leg.kind:
        bridge = replace(bridge, lost=None, redials=0)
    messages = tuple(replace(state, joined=True) if state.sid == leg.call else state for state in case.messages)
    return replace(case, legs=legs, bridge=bridge, messages=messages)


def _without_leg(case: Case, call: str | None) -> Case:
    gone = tuple(leg for leg in case.legs if leg.call == call)
    kept = tuple(leg for leg in case.legs if leg.call != call)
    return replace(case, legs=kept, past_legs=(*case.past_legs, *gone)[-KEPT_LEGS:])


def _is_new(case: Case, entry: e.FindingsDrawn) -> bool:
    """Whether the newest report brings a sign that was not known."""
    known = {finding.code for finding in case.findings if finding.heard.counts}
    return any(finding.heard.counts and finding.code not in known for finding in entry.findings)


def _moved(case: Case) -> tuple[ReportNote, ...]:
    """The newest report moved the case."""
    return (*case.reports[:-1], replace(case.reports[-1], moved=True)) if case.reports else ()


def _links(case: Case, gone: str) -> tuple[Link, ...]:
    return tuple(link for link in case.links if link.case != gone)


def _without(ids: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(known for known in ids if known != gone)


def _merged(known: tuple[Finding, ...], new: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Both, without literal repeats: a later denial never removes an asserted sign (law 7)."""
    return tuple(dict.fromkeys((*known, *new)))


def _clocks_without(case: Case, kind: ClockKind, subject: str) -> tuple[Clock, ...]:
    return tuple(clock for clock in case.clocks if clock.kind is not kind or clock.subject != subject)


def _page(case: Case, page_id: str, change: Callable[[Page], Page]) -> Case:
    return replace(case, pages=tuple(change(page) if page.id == page_id else page for page in case.pages))


def _message(case: Case, message: str, change: Callable[[MessageState], MessageState]) -> Case:
    changed = tuple(change(state) if state.message.id == message else state for state in case.messages)
    return replace(case, messages=changed)


def _calls(case: Case, sid: str, change: Callable[[FamilyCall], FamilyCall]) -> tuple[FamilyCall, ...]:
    return tuple(change(call) if call.sid == sid else call for call in case.calls)


def worst(first: Urgency | None, second: Urgency) -> Urgency:
    """The higher of two urgencies; None counts as nothing known."""
    return second if first is None else max(first, second)
