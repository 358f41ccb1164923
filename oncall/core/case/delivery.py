"""The fate of a message, and what follows from a bad one.

The attempt is written before the carrier is called and the outcome after it (law 5). Progress only moves forward and
nothing the carrier says acknowledges (law 4). A permanent refusal or "undelivered" brings the next channel at once,
never at the next timer; so does a minute without "delivered". Deliberately not here: sending.
"""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case import entries as e
from oncall.core.case.bridge_legs import call_over
from oncall.core.case.bridging import move, moved_in_vain
from oncall.core.case.case import Clock, ClockKind, Status
from oncall.core.case.commands import HearMachine, HearPage, RecordAttempt, RecordOutcome, RecordProgress
from oncall.core.case.draft import Draft
from oncall.core.case.handover import is_offered_to
from oncall.core.case.messages import Channel, Lane, MessageState, Progress, Purpose, Verdict
from oncall.core.case.promises import is_day
from oncall.core.case.refusals import Told, refusal_of
from oncall.core.case.rounds import is_climbing, join_next_tier, owe_stop, refresh_holders, ring
from oncall.core.emergency_numbers import NEVER_DIALLED, is_emergency_number

BACKOFF = (5, 10, 20)  # seconds between tries while the carrier refuses for now; the last one goes on
FAMILY_CALLS = 3  # a family that does not answer is rung this often (RULINGS 12)


def record_attempt(draft: Draft, command: RecordAttempt) -> None:
    """Just before handing over: is it still wanted? Who is on duty is resolved once more at this instant."""
    state = draft.case.message(command.message)
    if state is None or not state.is_owed:
        draft.answer["owed"] = False
        return
    if not _still_wanted(draft, state):
        draft.write(e.MessageProgressed(command.message, Progress.DROPPED))
        draft.answer["owed"] = False
        return
    if is_emergency_number(state.message.to):
        draft.write(e.MessageProgressed(command.message, Progress.FAILED, NEVER_DIALLED))
        _is_over(draft, command.message)
        draft.answer["owed"] = False
        follow_failure(draft, command.message)
        return
    if state.message.purpose is Purpose.PAGE and is_climbing(draft.case):
        refresh_holders(draft)
    draft.write(e.MessageAttempted(command.message, state.attempts + 1, command.accept_digit))
    draft.answer["owed"] = True
    draft.answer["attempt"] = state.attempts + 1
    draft.answer["since"] = (state.attempted_at or draft.at).isoformat()


def _still_wanted(draft: Draft, state: MessageState) -> bool:
    """No page rings for a case that somebody has taken, except the holder's own."""
    message, case = state.message, draft.case
    if message.purpose in (Purpose.STAFF, Purpose.FAMILY, Purpose.STOP, Purpose.BRIDGE):
        return True
    if case.status is Status.CLOSED:
        return False
    if message.purpose is Purpose.LEG:
        return case.bridge is not None
    if message.purpose in (Purpose.CALL_BACK, Purpose.INFORM):
        return case.holder is None or case.status is Status.PAGING
    page = case.page(message.page)
    if case.status is Status.HELD:
        own = case.holder is not None and case.holder.person == message.person
        added = page is not None and case.holder is not None and case.holder.came_before(page)
        return own or added or is_offered_to(case, message.person)
    return page is None or not page.declined


def record_outcome(draft: Draft, command: RecordOutcome) -> None:
    """What the carrier answered when it was handed the message."""
    state = draft.case.message(command.message)
    outcome = command.outcome
    if state is not None and state.progress is Progress.DROPPED and outcome.sid:
        _stop_what_was_dropped(draft, state, outcome.sid)
    if state is None or state.progress.is_over:
        return
    match outcome.verdict:
        case Verdict.ACCEPTED:
            draft.write(e.MessageAccepted(command.message, outcome.sid, outcome.route))
            _stop_if_unwanted(draft, command.message)
        case Verdict.REFUSED_FOR_NOW:
            wait = timedelta(seconds=BACKOFF[min(state.refusals, len(BACKOFF) - 1)])
            draft.write(e.MessageHeldBack(command.message, draft.at + wait, outcome.code, outcome.route))
        case _:
            draft.write(e.MessageProgressed(command.message, Progress.FAILED, outcome.code, route=outcome.route))
            _is_over(draft, command.message)
            follow_failure(draft, command.message)


def record_progress(draft: Draft, command: RecordProgress) -> None:
    """A status callback; late and repeated ones change nothing."""
    state = draft.case.message(command.message)
    rings = command.progress in (Progress.ACCEPTED, Progress.RINGING)
    if state is not None and state.progress is Progress.DROPPED and rings and command.sid:
        _stop_what_was_dropped(draft, state, command.sid)
    if state is None or command.progress <= state.progress or state.progress.is_over:
        return
    draft.write(e.MessageProgressed(command.message, command.progress, command.code, command.sid))
    if command.progress.is_over:
        _is_over(draft, command.message)
    if command.progress.went_wrong:
        follow_failure(draft, command.message)
    else:
        _stop_if_unwanted(draft, command.message)


def _is_over(draft: Draft, message: str) -> None:
    """Nobody waits any more for word of a text; a call that may have been part of the talk has ended."""
    draft.end_clock(ClockKind.DELIVERY, message)
    state = draft.case.message(message)
    if state is not None and state.message.channel is Channel.VOICE:
        call_over(draft, state)


def hear_machine(draft: Draft, command: HearMachine) -> None:
    """A machine seems to have picked up: leave one sentence, hang up, and go on to the next number at once.

    It counts as nothing (law 4); a key that was pressed, or a line that is in the talk, proves the carrier wrong.
    """
    state = draft.case.message(command.message)
    if state is None or state.heard or state.joined or state.machine or state.progress.is_over or not state.sid:
        return
    draft.write(e.MachineAnswered(command.message))
    scene = "machine_family" if state.message.purpose is Purpose.LEG else "machine"
    move(draft, state.sid, state.message.to, scene)
    if state.message.purpose is Purpose.PAGE and is_climbing(draft.case):
        _call_failed(draft, state)


def _stop_if_unwanted(draft: Draft, message: str) -> None:
    """An outcome that arrives after somebody took the case owes a stop (RULINGS 7)."""
    state = draft.case.message(message)
    if state is None or state.sid is None or state.message.channel is not Channel.VOICE:
        return
    if state.may_be_ringing and not _still_wanted(draft, state):
        owe_stop(draft, message, state.sid, state.message.to)


def _stop_what_was_dropped(draft: Draft, state: MessageState, sid: str) -> None:
    """A call whose creation timed out and that nobody wants any more rings after all (RULINGS 10, Stopping)."""
    if state.message.channel is Channel.VOICE:
        owe_stop(draft, state.message.id, sid, state.message.to)


def hear_page(draft: Draft, command: HearPage) -> None:
    """A person pressed the accept digit. Not yet an acknowledgement."""
    state = draft.case.message(command.message)
    if state is not None and not state.heard:
        draft.write(e.PageHeard(command.message))


def delivery_overdue(draft: Draft, clock: Clock) -> None:
    """Nobody has reported that this text arrived: the call goes out now, once. A late "delivered" changes nothing."""
    state = draft.case.message(clock.subject)
    if state is None or state.progress.is_over:
        return
    page = draft.case.page(state.message.page)
    if state.message.purpose is Purpose.FAMILY:
        draft.write(e.DeliveryMissed(state.message.id))
        _speak_to_family(draft, state)
    elif page is not None and page.ringing and is_climbing(draft.case) and not draft.case.times_rung(page.id):
        draft.write(e.DeliveryMissed(state.message.id))
        ring(draft, page)


def follow_failure(draft: Draft, message: str) -> None:
    """The next channel at once: voice for a text, the next number for a call, the next tier for a person."""
    state = draft.case.message(message)
    if state is None:
        return
    _tell_coordinator(draft, state)
    match state.message.purpose:
        case Purpose.PAGE if is_climbing(draft.case):
            _page_failed(draft, state)
        case Purpose.FAMILY | Purpose.CALL_BACK:
            _family_failed(draft, state)
        case Purpose.BRIDGE if state.message.channel is Channel.MOVE:
            moved_in_vain(draft, state)
        case Purpose.CONNECT:
            draft.tell_person(state.message.person or "", "echo_already_yours", slot=_slot(draft, state))
        case _:
            return


def _tell_coordinator(draft: Draft, state: MessageState) -> None:
    """A clinician's phone that takes nothing is mended by day; at night the register's task says it (RULINGS 2)."""
    row, person = refusal_of(state.code), draft.facts.clinician(state.message.person or "")
    if row.told is not Told.COORDINATOR or person is None or not is_day(draft) or _failed_so_before(draft, state):
        return
    if "coordinator_phone" not in draft.handbook.advice.texts:
        return  # an edition published before this sentence existed: the task alone
    for other in draft.facts.directory.clinicians.values():
        if other.role == "coordinator" and other.id != person.id:
            draft.tell_person(other.id, "coordinator_phone", name=person.name, why=row.sentence)


def _failed_so_before(draft: Draft, state: MessageState) -> bool:
    return any(
        other.message.to == state.message.to and other.code == state.code and other.message.id != state.message.id
        for other in draft.case.messages
    )


def _slot(draft: Draft, state: MessageState) -> str:
    page = draft.case.page(state.message.page)
    return str(page.slot) if page and page.slot is not None else ""


def _page_failed(draft: Draft, state: MessageState) -> None:
    page = draft.case.page(state.message.page)
    if page is None or not page.ringing:
        return
    if state.message.channel is Channel.SMS:
        if not draft.case.times_rung(page.id):
            ring(draft, page)
        return
    if state.progress in (Progress.FAILED, Progress.NO_ANSWER, Progress.BUSY):
        _call_failed(draft, state)


def _call_failed(draft: Draft, state: MessageState) -> None:
    """His other number at once; when all have been tried since the last ring, the clock rings on as declared.

    A person none of whose numbers can be called at all is missing: the next tier does not wait for him (law 6).
    """
    page, person = draft.case.page(state.message.page), draft.facts.clinician(state.message.person or "")
    if page is None or person is None:
        return
    calls = [s for s in draft.case.messages_of(page.id) if s.message.channel is Channel.VOICE]
    numbers = {phone.number for phone in person.phones}
    rung = draft.case.times_rung(page.id)
    if {s.message.to for s in calls if s.progress is Progress.FAILED} >= numbers:
        if rung == len(numbers):
            join_next_tier(draft, f"no phone of {person.id} can be reached")
        return
    if rung % len(numbers):
        ring(draft, page, other_number=True)


def _family_failed(draft: Draft, state: MessageState) -> None:
    if state.message.channel is Channel.SMS:
        if refusal_of(state.code).not_textable and state.message.to not in draft.case.blocked:
            draft.write(e.TextsBlocked(state.code, state.message.to))
        if not state.overdue:
            _speak_to_family(draft, state)
        return
    draft.notice("a call to the family was not answered")
    if state.message.n < FAMILY_CALLS and draft.case.holder is None and draft.case.is_open:
        draft.set_clock(ClockKind.SILENCE, timedelta(minutes=1))


def _speak_to_family(draft: Draft, state: MessageState) -> None:
    """What the text would have said, by telephone."""
    message = state.message
    draft.owe(Channel.VOICE, Purpose.FAMILY, message.to, message.body, language=message.language, lane=Lane.FAMILY)
