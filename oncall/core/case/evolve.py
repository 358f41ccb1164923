"""The next case from an entry. Total over every entry ever written, and asks nothing of the world.

Deliberately not here: why an entry was written (`decide`). One line per kind, so that a reader can check each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import reduce
from operator import attrgetter
from typing import Any, TypeVar, assert_never

from oncall.core.case import entries as e
from oncall.core.case.case import (
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
from oncall.core.case.messages import LegKind, Message, MessageState, Progress, Purpose, count_key
from oncall.core.reports import Finding
from oncall.core.triage.assessment import Urgency

UNSURE = "caller unsure whether {label}"
ABOUT = {  # a record that may be somebody else's must not be read as this patient's
    "usual": "{label}",
    "other": "another person, caller says not {label}",
}
KEPT_OVER = 48  # messages that are over and stay visible in the case's state


def replay(recorded: Iterable[e.Recorded], case: Case) -> Case:
    """The case after these entries; replay(a + b) equals replay(b, replay(a))."""
    return reduce(evolve, recorded, case)


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Copier:
    """How one kind of value is copied: its slots are filled directly, past the `__init__` of a frozen dataclass."""

    read: Callable[[Any], tuple[Any, ...]]
    fill: tuple[Callable[[Any, Any], None], ...]
    named: Mapping[str, Callable[[Any, Any], None]]


_COPIERS: dict[type[Any], _Copier] = {}  # made once per kind


def _with(old: Value, /, **new: Any) -> Value:
    """`dataclasses.replace`, many times as fast: every entry of every case comes through here."""
    kind: type[Any] = type(old)
    copier = _COPIERS.get(kind) or _copier_of(kind)
    changed: Value = object.__new__(kind)
    for fill, value in zip(copier.fill, copier.read(old), strict=True):
        fill(changed, value)
    for name, value in new.items():
        copier.named[name](changed, value)
    return changed


def _copier_of(kind: type[Any]) -> _Copier:
    names = [field.name for field in fields(kind)]
    named = {name: getattr(kind, name).__set__ for name in names}
    made = _COPIERS[kind] = _Copier(attrgetter(*names), tuple(named.values()), named)
    return made


def evolve(case: Case, recorded: e.Recorded) -> Case:
    """The case after one entry."""
    changed = _changed(case, recorded)
    if changed is case:
        return _with(case, version=recorded.seq)
    # Nobody else has it yet, so it takes its number in place: a case is copied once for each entry, not twice.
    object.__setattr__(changed, "version", recorded.seq)
    return changed


def _changed(case: Case, recorded: e.Recorded) -> Case:
    entry, at = recorded.entry, recorded.at
    match entry:
        case e.CaseOpened():
            return _with(
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
            return _with(case, findings=_merged(case.findings, entry.findings), reports=reports)
        case e.Assessed():
            return _with(case, assessment=entry.assessment)
        case e.RulesFailed():
            return _with(case, rules_failed=True)
        case e.LanguageChosen():
            return _with(case, language=entry.language)
        case e.CallEnded():
            return _with(case, calls=_calls(case, entry.call, lambda call: _with(call, live=False)))
        case e.CallReached():
            return _with(
                case, calls=_calls(case, entry.call, lambda call: _with(call, nodes=(*call.nodes, entry.node)))
            )
        case e.NumberGiven():
            return _with(case, extension=entry.number) if entry.extension else _with(case, phone=entry.number)
        case e.PaceSet():
            status = Status.WAITING if case.status is Status.LISTENING else case.status
            return _with(case, pace=entry.pace, status=status, reports=_moved(case))
        case e.RoundStarted():
            return _with(
                case,
                status=Status.PAGING,
                round=entry.round,
                round_started_at=entry.starts_at,
                step=-1,
                first_paged_at=case.first_paged_at or at,
            )
        case e.RoundMoved():
            return _with(case, round_started_at=entry.starts_at)
        case e.StepReached():
            return _with(case, step=entry.step)
        case e.PageOrdered():
            return _with(case, pages=(*case.pages, entry.page))
        case e.PageResumed():
            return _page(case, entry.page, lambda page: _with(page, ringing=True, declined=False))
        case e.PageQuieted():
            declined = entry.declined
            return _page(
                case,
                entry.page,
                lambda page: _with(page, ringing=False, declined=declined or page.declined),
            )
        case e.MessageOwed():
            return _with_message(case, entry.message)
        case e.MessageAttempted():
            return _message(
                case,
                entry.message,
                lambda state: _with(
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
                lambda state: _with(
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
                lambda state: _with(
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
                lambda state: _with(
                    state,
                    progress=max(state.progress, entry.progress),
                    code=state.code or entry.code,
                    sid=state.sid or entry.sid,
                    route=entry.route or state.route,
                ),
            )
        case e.DeliveryMissed():
            return _message(case, entry.message, lambda state: _with(state, overdue=True))
        case e.PageHeard():
            return _message(case, entry.message, lambda state: _with(state, heard=True))
        case e.Acknowledged():
            holder = Holding(entry.person, entry.page, at, entry.how, recorded.seq)
            bridge = case.bridge if case.bridge and case.bridge.person == entry.person else None
            held = _with(case, status=Status.HELD, holder=holder, asked=None, pending=())
            return _with(held, bridge=bridge, hand_over=None, not_taking=())
        case e.Undone():
            status = Status.PAGING if case.round else Status.WAITING
            return _with(case, status=status, holder=None, bridge=None, hand_over=None)
        case e.Reopened():
            return _with(case, status=Status.PAGING)
        case e.FamilyReached():
            bridge = _with(case.bridge, reached=True) if case.bridge else None
            return _with(case, family_reached_at=at, heard=len(case.reports), bridge=bridge)
        case e.NoteAdded():
            return _with(case, notes=(*case.notes, entry.words))
        case e.Closed():
            closing = Closing(entry.person, at, entry.outcome, entry.note, entry.cause, entry.follow_up)
            return _with(case, status=Status.CLOSED, closed=closing, clocks=(), asked=None, bridge=None, hand_over=None)
        case e.ClockSet():
            clock = Clock(entry.kind, entry.subject, entry.due_at, timedelta(seconds=entry.wait_seconds))
            return _with(case, clocks=(*_clocks_without(case, entry.kind, entry.subject), clock))
        case e.ClockEnded():
            return _with(case, clocks=_clocks_without(case, entry.kind, entry.subject))
        case e.Promised():
            return _with(case, promised_at=entry.by)
        case e.QuestionAsked():
            pending = _without(case.pending, entry.question) + ((entry.question,) if entry.by_text else ())
            return _with(case, asked=entry.question, pending=pending)
        case e.QuestionAnswered():
            return _with(
                case,
                asked=None,
                pending=_without(case.pending, entry.question),
                answered=(*case.answered, entry.question),
                reports=_moved(case),
            )
        case e.TextsBlocked():
            number = entry.number or case.phone
            blocked = (*case.blocked, number) if number and number not in case.blocked else case.blocked
            return _with(case, texts_blocked=True, blocked=blocked)
        case e.TextsOpened():
            blocked = tuple(number for number in case.blocked if number != entry.number)
            return _with(case, texts_blocked=bool(blocked), blocked=blocked)
        case e.CasesLinked():
            return _with(case, links=(*_links(case, entry.other), Link(entry.other, entry.code, entry.person)))
        case e.CasesUnlinked():
            return _with(case, links=_links(case, entry.other))
        case e.MessagePutOff():
            return _message(case, entry.message, lambda state: _with(state, not_before=entry.not_before))
        case e.MachineAnswered():
            return _message(case, entry.message, lambda state: _with(state, machine=True))
        case e.BridgeAsked():
            return _with(case, bridge=Bridge(entry.person, entry.numbers, at, entry.interpreter, entry.call))
        case e.BridgeEnded():
            return _with(case, bridge=None)
        case e.LegJoined():
            return _with_leg(case, Leg(entry.call, entry.leg, entry.number, entry.person, at, entry.room))
        case e.LegEnded():
            return _without_leg(case, entry.call)
        case e.LegRedialled():
            bridge = case.bridge
            lost = _with(bridge, lost=entry.leg, redials=bridge.redials + 1) if bridge else None
            return _with(case, bridge=lost)
        case e.HandOverAsked():
            return _with(case, hand_over=HandOver(entry.person, entry.to, at, entry.form))
        case e.HandOverEnded():
            not_taking = (*_without(case.not_taking, entry.to), entry.to) if entry.declined else case.not_taking
            return _with(case, hand_over=None, not_taking=not_taking)
        case e.WrongPerson():
            return _with(case, wrong_people=(*case.wrong_people, entry.person))
        case e.PersonTold():
            return _with(case, about=entry.about, label=ABOUT.get(entry.about, UNSURE).format(label=case.label))
        case e.EnclosureAdded():
            return _with(case, enclosures=(*case.enclosures, Enclosure(entry.what, entry.report, at)))
        case e.EnclosureKept():
            return _enclosure(case, entry.enclosure, media_type=entry.media_type, size=entry.size, gone="")
        case e.EnclosureCleared():
            return _enclosure(case, entry.enclosure, cleared=True)
        case e.EnclosureGone():
            return _enclosure(case, entry.enclosure, gone=entry.why)
        case e.Informed() | e.PromiseMissed() | e.Noticed() | e.ReplyWithheld() | e.ReportShown():
            return case
        case e.SaidBack() | e.PhraseSent():
            return case
        case _:
            assert_never(entry)


def _enclosure(case: Case, name: str, **changed: Any) -> Case:
    known = case.enclosures
    return _with(case, enclosures=tuple(_with(one, **changed) if one.what.id == name else one for one in known))


def _with_report(case: Case, recorded: e.Recorded, entry: e.ReportAdded) -> Case:
    note = ReportNote(entry.report, entry.source, entry.arrival, recorded.at, entry.sender, entry.sha256)
    calls = case.calls
    if entry.call and all(call.sid != entry.call for call in calls):
        calls = (*calls, FamilyCall(entry.call, entry.sender, recorded.at))
    if entry.call and entry.arrival.value == "silent":
        calls = tuple(_with(call, silences=call.silences + 1) if call.sid == entry.call else call for call in calls)
    return _with(case, reports=(*case.reports, note), calls=calls, phone=case.phone or entry.sender)


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
        bridge = _with(bridge, tries=bridge.tries + 1)
    sent = (*others, (key, case.times_sent(key) + 1))
    return _with(case, messages=(*kept, MessageState(message)), sent=sent, bridge=bridge)


SIDES = (LegKind.FAMILY, LegKind.CLINICIAN)
KEPT_LEGS = 8


def _with_leg(case: Case, leg: Leg) -> Case:
    """One more line in the talk; family and clinician who are in one conference together have met."""
    legs = (*(known for known in case.legs if known.call != leg.call), leg)
    here = [known for known in legs if known.room == leg.room]
    if {known.kind for known in here} >= set(SIDES):
        legs = tuple(_with(known, met=True) if known in here else known for known in legs)
    bridge = case.bridge
    if bridge and bridge.lost is leg.kind:
        bridge = _with(bridge, lost=None, redials=0)
    messages = tuple(_with(state, joined=True) if state.sid == leg.call else state for state in case.messages)
    return _with(case, legs=legs, bridge=bridge, messages=messages)


def _without_leg(case: Case, call: str | None) -> Case:
    gone = tuple(leg for leg in case.legs if leg.call == call)
    kept = tuple(leg for leg in case.legs if leg.call != call)
    return _with(case, legs=kept, past_legs=(*case.past_legs, *gone)[-KEPT_LEGS:])


def _is_new(case: Case, entry: e.FindingsDrawn) -> bool:
    """Whether the newest report brings a sign that was not known."""
    known = {finding.code for finding in case.findings if finding.heard.counts}
    return any(finding.heard.counts and finding.code not in known for finding in entry.findings)


def _moved(case: Case) -> tuple[ReportNote, ...]:
    """The newest report moved the case."""
    return (*case.reports[:-1], _with(case.reports[-1], moved=True)) if case.reports else ()


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
    return _with(case, pages=tuple(change(page) if page.id == page_id else page for page in case.pages))


def _message(case: Case, message: str, change: Callable[[MessageState], MessageState]) -> Case:
    changed = tuple(change(state) if state.message.id == message else state for state in case.messages)
    return _with(case, messages=changed)


def _calls(case: Case, sid: str, change: Callable[[FamilyCall], FamilyCall]) -> tuple[FamilyCall, ...]:
    return tuple(change(call) if call.sid == sid else call for call in case.calls)


def worst(first: Urgency | None, second: Urgency) -> Urgency:
    """The higher of two urgencies; None counts as nothing known."""
    return second if first is None else max(first, second)
