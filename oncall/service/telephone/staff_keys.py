"""The keys of a clinician on the telephone: the same one table as in a text and on the page (RULINGS 5).

Nothing acts before the accept digit of that very call. Every key is a command through the desk and is answered by a
sentence and the keys again; a step that the provider repeats is answered by what the case has become. Deliberately
not here: what a key does (`core`), and TwiML.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from oncall.core.case import staff_calls
from oncall.core.case.calls import Turn
from oncall.core.case.case import Case, Status
from oncall.core.case.commands import (
    Acknowledge,
    CallFamily,
    Command,
    ConfirmInformed,
    EnterTalk,
    HandOverTo,
    HearPage,
    PassOn,
    SayBack,
    TakeFrom,
)
from oncall.core.case.handover import LINES, colleagues, is_offered_to
from oncall.core.case.holding import OUTCOMES
from oncall.core.case.messages import Purpose
from oncall.core.handbook import Handbook
from oncall.core.people import Clinician
from oncall.service.desk import Desk
from oncall.service.intake import CallIn
from oncall.service.ports.journal import Written
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telephone.placed_calls import PlacedCall, placed_call
from oncall.service.telephone.replies import SERVICES, action_command

ACTING = frozenset("1235689")
DETAILS_SAID = 3
Step = Callable[[str, CallIn, int], Awaitable[Turn]]


class StaffKeys:
    """See the module. Each step is told the message that named the call, the call, and the silences before it."""

    def __init__(self, desk: Desk, register: Register, clock: Timepiece) -> None:
        self._desk, self._register, self._clock = desk, register, clock
        self.steps: dict[str, Step] = {
            staff_calls.ACCEPT: self.accepted,
            staff_calls.KEYS: self.keyed,
            staff_calls.CONFIRM: self.confirmed,
            staff_calls.SERVICE: self.service_chosen,
            staff_calls.OUTCOME: self.outcome_chosen,
            staff_calls.WHOM: self.colleague_chosen,
            staff_calls.LINE: self.line_chosen,
            staff_calls.SURE: self.sure,
        }

    @property
    def _handbook(self) -> Handbook:
        return self._desk.handbooks.current()

    async def _placed(self, message: str) -> PlacedCall:
        return await placed_call(self._desk, self._register, message)

    async def accepted(self, message: str, call: CallIn, silences: int) -> Turn:
        """A digit after the opening: only this call's accept digit goes on (voicemail never presses it)."""
        leg = await self._placed(message)
        if not call.digits or call.digits != leg.state.accept_digit:
            return staff_calls.page_opening(leg.case, leg.state, leg.facts, self._handbook)
        await self._desk.take(HearPage(leg.case.id, message))
        await self._register.prove_phone(leg.state.message.to, self._clock.now())
        if leg.state.message.purpose is not Purpose.CONNECT or not staff_calls.holds(leg.case, leg.state):
            return staff_calls.page_details(leg.case, leg.state, leg.facts, self._handbook)
        enter = EnterTalk(leg.case.id, leg.state.message.person or "", call.sid)
        written = await self._desk.take(enter, f"call:{call.sid}:{call.step}")
        return staff_calls.page_taken(written.case, leg.state, leg.facts, self._handbook, connect=True)

    async def keyed(self, message: str, call: CallIn, silences: int) -> Turn:
        """Any key of the table, at any moment after the details."""
        leg = await self._placed(message)
        person, key = leg.state.message.person, call.digits
        if not leg.state.heard or person is None:
            return staff_calls.page_details(leg.case, leg.state, leg.facts, self._handbook)
        if key in ACTING:
            return await self._act(leg, call, self._command(leg, person, call))
        if key == "4":
            return staff_calls.choices(self._handbook, leg.facts, staff_calls.SERVICE, 0)
        if key == "7":
            return staff_calls.choices(self._handbook, leg.facts, staff_calls.OUTCOME, 0)
        if key == "0":
            return self._changes_hands(leg, person)
        return self._again(leg, key, silences)

    def _command(self, leg: PlacedCall, person: str, call: CallIn) -> Command:
        key, how = call.digits, f"pressed {call.digits}"
        if key == "3" and (page := leg.case.page(leg.state.message.page)) is not None and page.declined:
            return PassOn(leg.case.id, person, "pressed 3 again", not_me=True)
        command = action_command(leg.case.id, person, key, "", how, leg.state.message.page)
        if isinstance(command, Acknowledge | CallFamily):
            command = replace(command, call=call.sid)  # the family is brought to this very call
        return command

    def _again(self, leg: PlacedCall, key: str, silences: int) -> Turn:
        """Star, a key without meaning, or silence: the same again, or the next three keys."""
        if staff_calls.holds(leg.case, leg.state):
            return staff_calls.menu(self._handbook, 0 if key else silences)
        return self._or_goodbye(silences, staff_calls.page_details(leg.case, leg.state, leg.facts, self._handbook))

    def _or_goodbye(self, silences: int, turn: Turn) -> Turn:
        """Nobody is kept on the line for ever by his own silence."""
        return staff_calls.spoken(self._handbook, "page_voice_goodbye") if silences > DETAILS_SAID else turn

    def _changes_hands(self, leg: PlacedCall, person: str) -> Turn:
        """0: the holder gives it, the one it is offered to says it back, anybody else takes it from the holder."""
        if is_offered_to(leg.case, person):
            return staff_calls.say_back(leg.case, leg.facts, self._handbook)
        if staff_calls.holds(leg.case, leg.state):
            return staff_calls.whom(self._colleagues(leg), self._handbook, 0)
        if leg.case.holder is None:
            return staff_calls.page_details(leg.case, leg.state, leg.facts, self._handbook)
        return staff_calls.sure(leg.case, leg.facts, self._handbook)

    def _colleagues(self, leg: PlacedCall) -> list[Clinician]:
        return list(colleagues(leg.case, leg.facts, self._handbook, self._clock.now()))

    async def _act(self, leg: PlacedCall, call: CallIn, command: Command) -> Turn:
        written = await self._desk.take(command, f"call:{call.sid}:{call.step}")
        return self._answer(leg, call, command, written)

    def _answer(self, leg: PlacedCall, call: CallIn, command: Command, written: Written) -> Turn:
        case, answer, book = written.case, written.answer, self._handbook
        if answer.get("closed") and not isinstance(command, Acknowledge):
            return staff_calls.spoken(book, "page_voice_closed")
        if name := answer.get("joined"):
            return self._joins(leg, call, case, str(name))
        if answer.get("late") or answer.get("closed"):
            return staff_calls.late(case, leg.facts, book)
        if answer.get("say_back"):
            return staff_calls.say_back(case, leg.facts, book)
        if answer.get("refused"):
            return self._refused(leg, case, command)
        match command:
            case Acknowledge():
                return staff_calls.page_taken(case, leg.state, leg.facts, book, connect=command.connect)
            case CallFamily():
                return staff_calls.into_the_talk(case, book)
            case PassOn():
                return staff_calls.spoken(book, "page_voice_not_me") if command.not_me else staff_calls.passed(book)
            case _:
                return self._noted(call.digits, case)

    def _noted(self, key: str, case: Case) -> Turn:
        if key == "6":
            return staff_calls.said_then_keys(self._handbook, "page_voice_reached")
        if case.status is Status.HELD:
            return staff_calls.said_then_keys(self._handbook, "page_voice_undo_late")
        return staff_calls.spoken(self._handbook, "page_voice_undone")

    def _joins(self, leg: PlacedCall, call: CallIn, case: Case, name: str) -> Turn:
        """A second service comes to help: into the talk while it lasts, else he hears who holds it."""
        if call.digits == "1" and case.legs:
            return staff_calls.into_the_talk(case, self._handbook)
        return staff_calls.spoken(self._handbook, "page_voice_joined", name=name)

    def _refused(self, leg: PlacedCall, case: Case, command: Command) -> Turn:
        if case.holder is None:
            return staff_calls.said_then_keys(self._handbook, "page_voice_nobody_has_it")
        if isinstance(command, CallFamily) and case.holder.person == command.person:
            return staff_calls.said_then_keys(self._handbook, "page_voice_no_number")
        name = leg.facts.name_of(case.holder.person)
        return staff_calls.spoken(self._handbook, "page_voice_not_yours", name=name)

    # --- the second digit of 4, 7 and 0 ------------------------------------------------------------------------

    async def service_chosen(self, message: str, call: CallIn, silences: int) -> Turn:
        leg, chosen = await self._placed(message), SERVICES.get(call.digits)
        if chosen is None or not leg.state.heard:
            return self._or_goodbye(
                silences, staff_calls.choices(self._handbook, leg.facts, staff_calls.SERVICE, silences)
            )
        person = leg.state.message.person or ""
        command = action_command(leg.case.id, person, "4", call.digits, f"pressed 4 {call.digits}")
        await self._desk.take(command, f"call:{call.sid}:{call.step}")
        return staff_calls.said_then_keys(self._handbook, "page_voice_service", service=chosen.replace("-", " "))

    async def outcome_chosen(self, message: str, call: CallIn, silences: int) -> Turn:
        leg = await self._placed(message)
        if call.digits not in OUTCOMES or not leg.state.heard:
            return self._or_goodbye(
                silences, staff_calls.choices(self._handbook, leg.facts, staff_calls.OUTCOME, silences)
            )
        person = leg.state.message.person or ""
        return await self._act(leg, call, action_command(leg.case.id, person, "7", call.digits, "pressed 7"))

    async def colleague_chosen(self, message: str, call: CallIn, silences: int) -> Turn:
        """The digit of a colleague's place in the list that was said."""
        leg = await self._placed(message)
        people, person = self._colleagues(leg), leg.state.message.person
        place = int(call.digits) if re.fullmatch("[0-9]{1,2}", call.digits) else 0
        if person is None or not leg.state.heard or not 1 <= place <= len(people):
            return self._or_goodbye(silences, staff_calls.whom(people, self._handbook, silences))
        chosen = people[place - 1]
        command = HandOverTo(leg.case.id, person, chosen.id, "pressed 0")
        written = await self._desk.take(command, f"call:{call.sid}:{call.step}")
        if written.answer.get("refused"):
            return self._refused(leg, written.case, command)
        return staff_calls.said_then_keys(self._handbook, "page_voice_offered", name=chosen.name)

    async def line_chosen(self, message: str, call: CallIn, silences: int) -> Turn:
        """One of the three lines, said back by its digit."""
        leg = await self._placed(message)
        person = leg.state.message.person
        if person is None or not leg.state.heard or call.digits not in LINES:
            return self._or_goodbye(silences, staff_calls.say_back(leg.case, leg.facts, self._handbook))
        command = SayBack(leg.case.id, person, call.digits, f"said back on the telephone, key {call.digits}")
        return await self._changed_hands(leg, call, command)

    async def sure(self, message: str, call: CallIn, silences: int) -> Turn:
        """1 confirms that the case is taken from the one who was named."""
        leg = await self._placed(message)
        person, holder = leg.state.message.person, leg.case.holder
        if person is None or holder is None or not leg.state.heard or call.digits != "1":
            return staff_calls.spoken(self._handbook, "page_voice_goodbye")
        command = TakeFrom(leg.case.id, person, holder.person, "pressed 0 and 1", leg.state.message.page)
        return await self._changed_hands(leg, call, command)

    async def _changed_hands(self, leg: PlacedCall, call: CallIn, command: Command) -> Turn:
        written = await self._desk.take(command, f"call:{call.sid}:{call.step}")
        if written.answer.get("taken"):
            return staff_calls.said_then_keys(self._handbook, "page_voice_taken_over")
        if written.answer.get("refused"):
            return self._refused(leg, written.case, command)
        return staff_calls.late(written.case, leg.facts, self._handbook)

    async def confirmed(self, message: str, call: CallIn, silences: int) -> Turn:
        """A shared phone confirms that it knows; nothing stops."""
        leg = await self._placed(message)
        page = leg.state.message.page
        if not leg.state.heard or page is None or call.digits != "1":
            said = staff_calls.page_details(leg.case, leg.state, leg.facts, self._handbook)
            return self._or_goodbye(silences, said)
        await self._desk.take(ConfirmInformed(leg.case.id, page, "pressed 1"), f"call:{call.sid}:{call.step}")
        return staff_calls.spoken(self._handbook, "inform_voice_confirmed")
