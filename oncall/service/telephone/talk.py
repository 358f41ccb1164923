"""The talk on the telephone: lines that enter the conference of a case, are moved, spoken to, and leave.

A family's line presses a key, which proves that they were reached (RULINGS 4); who stayed on the line is joined also
without it, because his hands may be full. What the carrier says of the conference goes to the journal. Nothing is
recorded. Deliberately not here: who is rung and when (`core.case.bridging`), and TwiML.
"""

from __future__ import annotations

from dataclasses import dataclass

from oncall.core.case import calls, staff_calls
from oncall.core.case.calls import Say, Turn
from oncall.core.case.case import Case
from oncall.core.case.commands import HearMachine, JoinTalk, LeaveTalk, ReachFamily
from oncall.core.case.facts import Facts
from oncall.core.case.messages import Purpose
from oncall.core.case.wording import spoken_number
from oncall.core.handbook import Handbook
from oncall.service.desk import Desk
from oncall.service.intake import CallIn
from oncall.service.ports.register import Register
from oncall.service.telephone.placed_calls import UnknownCall, placed_call

JOINED = "the family pressed 1 on the joined call"
STEPS_OF_A_MOVE = 1000  # each move of a call counts its steps from a thousand of its own (RULINGS 7)
SENTENCES = {"machine_family": "voice_leg_machine", "ring_back": "voice_ring_back"}  # by scene, then the end
MACHINES = ("machine", "fax")  # unknown counts as a person


@dataclass(frozen=True, slots=True)
class Moved:
    """What a moved call hears. `message` is set for a clinician's call: the one whose keys follow."""

    turn: Turn
    step: int
    message: str | None = None


class Talk:
    """See the module."""

    def __init__(self, desk: Desk, register: Register) -> None:
        self._desk, self._register = desk, register

    @property
    def _handbook(self) -> Handbook:
        return self._desk.handbooks.current()

    async def family_answers(self, message: str) -> Turn:
        """What the family's leg hears before it joins."""
        leg = await placed_call(self._desk, self._register, message)
        return staff_calls.family_leg(leg.case, leg.facts, self._handbook)

    async def family_joins(self, message: str, call: CallIn) -> Turn | None:
        """A key on the family's leg: they are reached and join. None: nobody pressed, or nobody is there for them."""
        leg = await placed_call(self._desk, self._register, message)
        holder = leg.case.holder
        if call.digits != "1" or holder is None:
            return None
        await self._desk.take(ReachFamily(leg.case.id, holder.person, JOINED), f"call:{call.sid}:{call.step}")
        return Turn((), join=leg.case.id if leg.state.message.purpose is Purpose.LEG else None)

    async def left(self, message: str, call: CallIn, status: str, is_live: bool) -> Turn | None:
        """A line of ours came out of the conference: by star, at its end, or because there was none to be had."""
        leg = await placed_call(self._desk, self._register, message)
        is_staff = leg.state.message.person is not None
        if status == "failed" and is_staff:
            await self._desk.take(LeaveTalk(leg.case.id, call.sid, failed=True))
            return staff_calls.dialled(leg.case, self._handbook)
        await self._desk.take(LeaveTalk(leg.case.id, call.sid, aside=is_live and is_staff))
        if not is_live:
            return None
        if is_staff:
            return staff_calls.menu(self._handbook, 0)
        return self._said(leg.case, leg.facts, "voice_over")

    async def moved(self, message: str, call: CallIn) -> Moved:
        """A live call of the case was given other words: those of its scene."""
        order = await placed_call(self._desk, self._register, message)
        case, facts, scene = order.case, order.facts, order.state.message.body
        step = STEPS_OF_A_MOVE * order.state.message.n
        if scene == "keys":
            own = case.message_of_call(call.sid)
            if own is None:
                raise UnknownCall(call.sid)
            return Moved(staff_calls.menu(self._handbook, 0), step, own.message.id)
        if scene == "join":
            return Moved(calls.joining(case, facts, self._handbook), step)
        if scene == "wait":
            said = self._said(case, facts, "voice_lost")
            return Moved(Turn(said.says, hold=True), step)
        if scene == "machine":
            return Moved(staff_calls.spoken(self._handbook, "page_voice_machine"), step)
        return Moved(self._said(case, facts, SENTENCES.get(scene, "voice_over")), step)

    async def spoken(self, message: str) -> Turn:
        """A sentence into a running conference."""
        order = await placed_call(self._desk, self._register, message)
        return Turn((Say(order.state.message.language, order.state.message.body),))

    def waiting_words(self, is_staff: bool, language: str) -> Turn:
        """For whom the other side has not come yet."""
        key, tongue = ("page_voice_room_wait", "en") if is_staff else ("voice_room_wait", language)
        return Turn((Say(tongue, self._handbook.advice.say(key, tongue)),))

    async def room_changed(self, case: str, event: str, call: str, room: str) -> None:
        """The carrier's word on who is in the conference."""
        if event == "participant-join":
            await self._desk.take(JoinTalk(case, call, room))
        elif event == "participant-leave":
            await self._desk.take(LeaveTalk(case, call))

    async def machine_heard(self, message: str, answered_by: str) -> None:
        """Unknown counts as a person; a machine only ends the call early."""
        if answered_by.startswith(MACHINES):
            leg = await placed_call(self._desk, self._register, message)
            await self._desk.take(HearMachine(leg.case.id, message))

    def interpreter(self, case: Case) -> Turn:
        return staff_calls.interpreter_leg(case, self._handbook)

    def _said(self, case: Case, facts: Facts, key: str) -> Turn:
        tongue = case.language if case.language in ("en", "es") else "en"
        number = spoken_number(facts.hospital.emergency_number)
        words = self._handbook.advice.say(key, tongue, emergency_spoken=number, hospital=facts.hospital.name)
        return Turn((Say(tongue, words),))
