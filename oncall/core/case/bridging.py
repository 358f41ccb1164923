"""The talk between clinician and family: one conference per case, to which every line is brought.

A family that waits on the line is moved into it at once; else the line rings them from its own number, three times
in ten minutes and then their other telephones, having told them by text who calls. An interpreter comes first where
asked. "Reached" stays a key or a word (RULINGS 4). Deliberately not here: TwiML, and what becomes of a line
(`bridge_legs`).
"""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case import entries as e
from oncall.core.case.case import ClockKind
from oncall.core.case.commands import CallFamily, EnterTalk
from oncall.core.case.draft import Draft
from oncall.core.case.echoes import echo, not_yours
from oncall.core.case.messages import Channel, Lane, LegKind, MessageState, Progress, Purpose
from oncall.core.case.rounds import owe_stop

FAMILY_TRIES = 3  # of their first number, spread over ten minutes; then each other number once (RULINGS 12)
TRY_EVERY = timedelta(seconds=200)
STOPPING = timedelta(seconds=3)  # until a ringing call that we end has ended
INTERPRETER_WAIT = timedelta(seconds=45)  # the family does not wait longer for one

# --- asking for it -------------------------------------------------------------------------------------------------


def call_family(draft: Draft, command: CallFamily) -> None:
    """The holder wants the family: on the call he is on, else we ring him first."""
    holder = draft.case.holder
    if holder is None or holder.person != command.person:
        not_yours(draft, command.person)
        return
    if not family_numbers(draft) and not draft.case.is_on_the_line:
        echo(draft, command.person, "echo_no_number")
        draft.answer["refused"] = True
        return
    if command.interpreter and draft.facts.hospital.interpreter is None:
        echo(draft, command.person, "echo_no_interpreter")
        draft.answer["no_interpreter"] = True
    ask(draft, command.person, command.interpreter, command.call)
    if command.call is not None:
        summon(draft)
        return
    connect(draft, command.person)
    echo(draft, command.person, "echo_calling")


def ask(draft: Draft, person: str, interpreter: bool = False, call: str | None = None) -> None:
    """Begin anew: all tries are open again."""
    has_one = draft.facts.hospital.interpreter is not None
    draft.end_clocks(ClockKind.FAMILY_TRY, ClockKind.INTERPRETER)
    draft.write(e.BridgeAsked(person, family_numbers(draft), interpreter and has_one, call))


def family_numbers(draft: Draft) -> tuple[str, ...]:
    """Who spoke for the family in this case, first contact first, then the patient's other telephones."""
    patient = draft.facts.patient
    known = (draft.case.phone, *draft.case.phones, *(patient.phones if patient else ()))
    return tuple(dict.fromkeys(number for number in known if number))


def connect(draft: Draft, person: str, number: str | None = None) -> None:
    """Ring the clinician, who presses the accept digit and goes in; nobody is rung who is in or rings already."""
    known = draft.facts.clinician(person)
    if known is None or not known.phones or _is_in(draft, person) or _under_way(draft, Purpose.CONNECT, person):
        return
    page, to = draft.case.page_of(person), number or known.phones[0].number
    calls = (s for s in draft.case.messages if s.message.channel is Channel.VOICE and s.message.to == to)
    rings = any(state.may_be_ringing for state in calls)
    message = draft.owe(
        Channel.VOICE,
        Purpose.CONNECT,
        to,
        person=person,
        page=page.id if page else "",
        lane=Lane.EMERGENCY,
        route=_route_of_talk(draft),
    )
    if rings:  # with his own page, which is being stopped: a moment, or he would be busy
        draft.write(e.MessagePutOff(message.id, draft.at + STOPPING))


def enter(draft: Draft, command: EnterTalk) -> None:
    """A clinician goes in; the holder's coming brings the family."""
    holder = draft.case.holder
    if holder is None or holder.person != command.person:
        return
    if draft.case.bridge is None:
        ask(draft, command.person, call=command.call)
    summon(draft)


def end_bridge(draft: Draft, why: str) -> None:
    """Nobody is rung for the talk any more: given back, passed on, closed."""
    draft.end_clocks(ClockKind.FAMILY_TRY, ClockKind.INTERPRETER, ClockKind.LEG_LOST)
    stop_ringing_legs(draft)
    if draft.case.bridge is not None:
        draft.write(e.BridgeEnded(why))


# --- bringing the others ---------------------------------------------------------------------------------------------


def summon(draft: Draft) -> None:
    """The interpreter where one is wanted and not yet there, then the family."""
    bridge = draft.case.bridge
    if bridge and bridge.interpreter and not draft.case.has_leg(LegKind.INTERPRETER):
        if not _under_way(draft, Purpose.LEG, leg=LegKind.INTERPRETER):
            _ring_interpreter(draft)
        return
    summon_family(draft)


def _ring_interpreter(draft: Draft) -> None:
    _ring(draft, draft.facts.hospital.interpreter or "", LegKind.INTERPRETER)
    draft.set_clock(ClockKind.INTERPRETER, INTERPRETER_WAIT)


def summon_family(draft: Draft) -> None:
    """Move a family that waits on the line; else ring the next number that is due."""
    if draft.case.has_leg(LegKind.FAMILY):
        return
    waiting = [call for call in draft.case.calls if call.live]
    for call in waiting:
        move(draft, call.sid, call.number, "join")
    if not waiting and not _under_way(draft, Purpose.LEG, leg=LegKind.FAMILY):
        _ring_family(draft)


def _ring_family(draft: Draft) -> None:
    number, bridge = next_number(draft), draft.case.bridge
    if bridge is None:
        return
    if number is None:
        give_up(draft)
        return
    if bridge.tries == 0 or bridge.tries >= FAMILY_TRIES:
        _announce_call(draft, number)
    ring_leg(draft, number)


def next_number(draft: Draft) -> str | None:
    bridge = draft.case.bridge
    if bridge is None:
        return None
    place = max(bridge.tries - FAMILY_TRIES + 1, 0)
    return bridge.numbers[place] if place < len(bridge.numbers) else None


def _announce_call(draft: Draft, number: str) -> None:
    """76 in a hundred do not pick up for a stranger: they are told first who rings from this number."""
    holder = draft.case.holder
    if holder is None or not draft.takes_texts(number):
        return
    words = draft.say("calling_now", draft.case.language, name=draft.facts.name_of(holder.person))
    draft.owe(Channel.SMS, Purpose.FAMILY, number, words, language=draft.case.language, lane=Lane.FAMILY)


def ring_leg(draft: Draft, number: str) -> None:
    _ring(draft, number, LegKind.FAMILY)


def _ring(draft: Draft, number: str, leg: LegKind) -> None:
    route = _route_of_talk(draft)
    language = draft.case.language
    draft.owe(Channel.VOICE, Purpose.LEG, number, language=language, lane=Lane.EMERGENCY, leg=leg, route=route)


def interpreter_late(draft: Draft) -> None:
    """The family is not kept waiting for an interpreter; who comes later is joined all the same."""
    say_to(draft, LegKind.CLINICIAN, "page_voice_no_interpreter")
    summon_family(draft)


def give_up(draft: Draft) -> None:
    """None of the family's telephones answered; the clock for reaching them runs on."""
    bridge = draft.case.bridge
    if bridge is None:
        return
    draft.write(e.BridgeEnded("nobody answered at any of the family's telephones"))
    echo(draft, bridge.person, "echo_nobody_answers")
    to_keys(draft)


def wants_family(draft: Draft) -> bool:
    """Whether they still have to be reached since this talk was asked for."""
    bridge, holder = draft.case.bridge, draft.case.holder
    return bridge is not None and holder is not None and holder.person == bridge.person and not bridge.reached


def try_family(draft: Draft) -> None:
    """The next try: ring them if the clinician is in the room, else ring him first."""
    bridge = draft.case.bridge
    if bridge is None or not wants_family(draft):
        return
    if _is_in(draft, bridge.person):
        summon(draft)
    else:
        connect(draft, bridge.person)


# --- small verbs -----------------------------------------------------------------------------------------------------


def move(draft: Draft, call: str, number: str | None, scene: str) -> None:
    """Give a live call other words."""
    draft.owe(
        Channel.MOVE,
        Purpose.BRIDGE,
        number or call,
        scene,
        language=draft.case.language,
        lane=Lane.EMERGENCY,
        target=call,
    )


def say_to(draft: Draft, side: LegKind, key: str) -> None:
    """A sentence into the ears of one side while they wait; nobody there is no error."""
    language = draft.case.language if side is LegKind.FAMILY and draft.case.language in ("en", "es") else "en"
    for leg in draft.case.legs:
        if leg.kind is side and leg.room:
            draft.owe(
                Channel.SAY,
                Purpose.BRIDGE,
                leg.number or leg.call,
                draft.say(key, language),
                language=language,
                lane=Lane.EMERGENCY,
                target=f"{leg.room}/{leg.call}",
            )


def moved_in_vain(draft: Draft, state: MessageState) -> None:
    """The call to be moved was over: a family that had just hung up is rung."""
    bridge = draft.case.bridge
    if state.message.body == "join" and bridge is not None and wants_family(draft):
        gone = state.message.target
        if any(call.live and call.sid == gone for call in draft.case.calls):
            draft.write(e.CallEnded(gone or ""))
        summon_family(draft)


def to_keys(draft: Draft) -> None:
    for leg in draft.case.legs:
        if leg.kind is LegKind.CLINICIAN:
            move(draft, leg.call, leg.number, "keys")


def stop_ringing_legs(draft: Draft) -> None:
    for state in draft.case.messages:
        if state.message.purpose is not Purpose.LEG or state.progress.is_over:
            continue
        if state.progress is Progress.OWED:
            draft.write(e.MessageProgressed(state.message.id, Progress.DROPPED))
        elif state.may_be_ringing and state.sid:
            owe_stop(draft, state.message.id, state.sid, state.message.to)


def _route_of_talk(draft: Draft) -> str | None:
    """Lines meet only in a conference of one account: the route of whoever is in it, or of the clinician on his way."""
    person = draft.case.bridge.person if draft.case.bridge else None
    for state in draft.case.messages:
        comes = state.heard and state.message.person is not None and state.message.person == person
        if state.message.channel is Channel.VOICE and not state.progress.is_over and (state.joined or comes):
            return state.route
    return None


def _is_in(draft: Draft, person: str) -> bool:
    return any(leg.person == person for leg in draft.case.legs)


def _under_way(draft: Draft, purpose: Purpose, person: str | None = None, leg: LegKind | None = None) -> bool:
    return any(
        state.message.purpose is purpose
        and state.message.person == person
        and state.message.leg is leg
        and not state.progress.is_over
        for state in draft.case.messages
    )
