"""Lines of the talk that come, go, fail and are lost; what came of each is an entry of the journal.

The carrier says who is in the conference. Who leaves while the other side is still there may have lost the line: after
a moment he is rung again, twice at most, and the other hears "reconnecting". A family is never left in an empty room.
Deliberately not here: bringing people (`bridging`), and any claim that they spoke.
"""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case import dropped_calls
from oncall.core.case import entries as e
from oncall.core.case.bridging import (
    FAMILY_TRIES,
    TRY_EVERY,
    connect,
    end_bridge,
    give_up,
    interpreter_late,
    move,
    next_number,
    ring_leg,
    say_to,
    stop_ringing_legs,
    summon_family,
    to_keys,
    try_family,
    wants_family,
)
from oncall.core.case.case import ClockKind, Leg
from oncall.core.case.commands import EndCall, JoinTalk, LeaveTalk
from oncall.core.case.draft import Draft
from oncall.core.case.holder_news import restart_reaching, ring_holder
from oncall.core.case.messages import LegKind, LegOutcome, MessageState, Progress, Purpose

LOST_AFTER = timedelta(seconds=5)  # who says goodbye hangs up within this; a lost line leaves the other side waiting
REDIALS = 2
BUSY_AGAIN, BUSY_AGAIN_WITHIN = timedelta(seconds=10), timedelta(minutes=1)
OTHER_SIDE = {LegKind.FAMILY: LegKind.CLINICIAN, LegKind.CLINICIAN: LegKind.FAMILY}
OUTCOMES_OF = {
    Progress.BUSY: LegOutcome.BUSY,
    Progress.NO_ANSWER: LegOutcome.NO_ANSWER,
    Progress.CANCELED: LegOutcome.STOPPED,
    Progress.DROPPED: LegOutcome.STOPPED,
    Progress.FAILED: LegOutcome.FAILED,
}


# --- lines that come and go ----------------------------------------------------------------------------------------


def join(draft: Draft, command: JoinTalk) -> None:
    """The carrier says who is in the room now; a call that nobody knows is left alone."""
    known = _who_is(draft, command.call)
    if known is None or draft.case.leg(command.call) is not None:
        return
    kind, number, person = known
    draft.write(e.LegJoined(command.call, kind, number, person, command.room))
    for clock in draft.case.clocks:
        if clock.kind is ClockKind.LEG_LOST and _lost_kind(draft, clock.subject) is kind:
            draft.end_clock(ClockKind.LEG_LOST, clock.subject)
    if kind is LegKind.INTERPRETER:
        draft.end_clock(ClockKind.INTERPRETER)
        summon_family(draft)
    _bring_together(draft)


def _bring_together(draft: Draft) -> None:
    """A family that rang one account and a doctor on the other are each alone in a room: the family is rung where he
    is, as if its line were lost, once it has been told and has left."""
    doctor = next((leg for leg in draft.case.legs if leg.kind is LegKind.CLINICIAN), None)
    for leg in draft.case.legs:
        apart = doctor is not None and leg.kind is LegKind.FAMILY and leg.room != doctor.room
        if apart and not leg.met:
            move(draft, leg.call, leg.number, "ring_back")


def _who_is(draft: Draft, call: str) -> tuple[LegKind, str | None, str | None] | None:
    state = draft.case.message_of_call(call)
    if state is not None and state.message.purpose is Purpose.LEG:
        return state.message.leg or LegKind.FAMILY, state.message.to, None
    if state is not None and state.message.person is not None:
        holder, called = draft.case.holder, state.message.person
        holds = holder is not None and holder.person == called
        return (LegKind.CLINICIAN if holds else LegKind.SERVICE), state.message.to, called
    bridge = draft.case.bridge
    if bridge is not None and bridge.call == call:  # he rang the line himself
        person = draft.facts.clinician(bridge.person)
        return LegKind.CLINICIAN, person.phones[0].number if person and person.phones else None, bridge.person
    ours = next((known for known in draft.case.calls if known.sid == call), None)
    return (LegKind.FAMILY, ours.number, None) if ours is not None else None


def leave(draft: Draft, command: LeaveTalk) -> None:
    """A line has left. By star its clinician chooses keys; else it may be lost: a moment later it is rung again."""
    leg = draft.case.leg(command.call)
    if leg is not None:
        outcome = LegOutcome.CONNECTED if leg.met else LegOutcome.LEFT
        draft.write(e.LegEnded(leg.call, leg.kind, leg.number, leg.person, outcome))
        _after_leaving(draft, leg)
    if command.failed:
        end_bridge(draft, "the provider could not confer: the family is dialled instead")
    if command.aside:
        draft.end_clock(ClockKind.LEG_LOST, command.call)
        say_to(draft, LegKind.FAMILY, "voice_aside")


def _after_leaving(draft: Draft, leg: Leg) -> None:
    other = OTHER_SIDE.get(leg.kind)
    if leg.kind is LegKind.CLINICIAN and not draft.case.has_leg(LegKind.CLINICIAN):
        stop_ringing_legs(draft)
    if other is not None and draft.case.has_leg(other) and draft.case.is_open and draft.case.bridge is not None:
        draft.set_clock(ClockKind.LEG_LOST, LOST_AFTER, leg.call)
    elif not any(known.kind in OTHER_SIDE for known in draft.case.legs):
        draft.end_clocks(ClockKind.LEG_LOST)
        for known in draft.case.legs:
            move(draft, known.call, known.number, "over")


def call_over(draft: Draft, state: MessageState) -> None:
    """A call of ours has ended: it is out of the talk, or it never came in."""
    message = state.message
    if state.sid is not None and draft.case.leg(state.sid) is not None:
        leave(draft, LeaveTalk(draft.case.id, state.sid))
        if state.heard:
            _left_behind(draft, state)
        return
    if message.purpose is Purpose.LEG and not state.joined:
        _leg_never_came(draft, state)
    elif message.purpose is Purpose.CONNECT and not state.joined and not state.heard:
        draft.write(e.LegEnded(state.sid, LegKind.CLINICIAN, message.to, message.person, _outcome(state)))
        if not _redial_if_lost(draft, LegKind.CLINICIAN, message.to, message.person):
            _busy_for_now(draft, state)
    elif state.heard and message.person is not None:
        _left_behind(draft, state)


def _busy_for_now(draft: Draft, state: MessageState) -> None:
    """He asked for the talk a moment ago and his phone was busy, with us or with somebody: again in a moment."""
    bridge = draft.case.bridge
    if bridge and state.progress is Progress.BUSY and draft.at - bridge.began_at < BUSY_AGAIN_WITHIN:
        draft.set_clock(ClockKind.FAMILY_TRY, BUSY_AGAIN)


def _left_behind(draft: Draft, state: MessageState) -> None:
    """A family is not left in an empty room: who pressed star and then hung up said goodbye, who never came in is
    rung again."""
    message, bridge = state.message, draft.case.bridge
    waits = any(clock.kind is ClockKind.LEG_LOST for clock in draft.case.clocks)
    if draft.case.has_leg(LegKind.CLINICIAN) or waits or (bridge and bridge.lost) or not draft.case.legs:
        return
    if any(leg.person == message.person for leg in draft.case.past_legs):
        for leg in draft.case.legs:
            move(draft, leg.call, leg.number, "over")
    elif bridge is not None and bridge.person == message.person:
        _redial(draft, LegKind.CLINICIAN, message.to, message.person)


def _leg_never_came(draft: Draft, state: MessageState) -> None:
    message, outcome = state.message, _outcome(state)
    kind = message.leg or LegKind.FAMILY
    draft.write(e.LegEnded(state.sid, kind, message.to, None, outcome))
    if outcome is LegOutcome.STOPPED or draft.case.bridge is None or not draft.case.is_open:
        return
    if kind is LegKind.INTERPRETER:
        draft.end_clock(ClockKind.INTERPRETER)
        interpreter_late(draft)
    elif not _redial_if_lost(draft, kind, message.to, None):
        _family_did_not_come(draft)


def _outcome(state: MessageState) -> LegOutcome:
    if state.machine:
        return LegOutcome.MACHINE
    return OUTCOMES_OF.get(state.progress, LegOutcome.NO_KEY)


def _family_did_not_come(draft: Draft) -> None:
    """Their first number again in a while; when it has had its tries, the next number now."""
    bridge = draft.case.bridge
    if bridge is None or draft.case.has_leg(LegKind.FAMILY) or not wants_family(draft):
        return
    if next_number(draft) is None:
        give_up(draft)
    elif bridge.tries < FAMILY_TRIES:
        due_at = max(bridge.began_at + bridge.tries * TRY_EVERY, draft.at)
        draft.set_clock_at(ClockKind.FAMILY_TRY, due_at)
        say_to(draft, LegKind.CLINICIAN, "page_voice_no_answer")
    else:
        try_family(draft)


# --- lost lines ------------------------------------------------------------------------------------------------------


def leg_lost(draft: Draft, call: str) -> None:
    """Its moment is over and the other side still waits: ring it again."""
    leg = next((known for known in draft.case.past_legs if known.call == call), None)
    if leg is None or draft.case.bridge is None or draft.case.has_leg(leg.kind):
        return
    other = OTHER_SIDE.get(leg.kind)
    if other is not None and draft.case.has_leg(other):
        say_to(draft, other, "voice_reconnecting")
        _redial(draft, leg.kind, leg.number, leg.person)


def _redial(draft: Draft, kind: LegKind, number: str | None, person: str | None) -> None:
    bridge = draft.case.bridge
    if bridge is None or number is None or bridge.redials >= REDIALS:
        _side_is_lost(draft, kind)
        return
    draft.write(e.LegRedialled(kind, number, person))
    if kind is LegKind.FAMILY:
        ring_leg(draft, number)
    elif person is not None:
        connect(draft, person, number)


def _redial_if_lost(draft: Draft, kind: LegKind, number: str, person: str | None) -> bool:
    """Whether this was a redial that failed; then the next, or the end of them."""
    bridge = draft.case.bridge
    if bridge is None or bridge.lost is not kind:
        return False
    if draft.case.has_leg(OTHER_SIDE[kind]):
        _redial(draft, kind, number, person)
    return True


def _side_is_lost(draft: Draft, kind: LegKind) -> None:
    """Rung again in vain. A clinician gets the keys; a family goes back to waiting and the holder is rung."""
    if kind is LegKind.FAMILY:
        draft.write(e.BridgeEnded("the family's line was lost and does not answer"))
        draft.tell_family("talk_lost")
        to_keys(draft)
        return
    draft.write(e.BridgeEnded("the clinician's line was lost and does not answer"))
    for leg in draft.case.legs:
        move(draft, leg.call, leg.number, "wait" if leg.kind is LegKind.FAMILY else "over")
    if draft.case.holder is not None:
        if draft.case.clock(ClockKind.FAMILY_REACHED) is None:  # a running one is not put off by a lost line
            restart_reaching(draft)
        ring_holder(draft)


def end_call(draft: Draft, command: EndCall) -> None:
    """A family's call to the line ended; in the talk that is a line that left."""
    dropped_calls.end_call(draft, command)
    leave(draft, LeaveTalk(command.case, command.call))


def _lost_kind(draft: Draft, call: str) -> LegKind | None:
    return next((leg.kind for leg in draft.case.past_legs if leg.call == call), None)
