"""The telephone: what happens on each step of a call, and what is said next.

Every step is a command through the desk and a turn back; a step that the provider repeats is answered as the first
time. The family's words and keys are reports. Deliberately not here: a clinician's keys (`staff_keys`), the talk with
the family (`talk`), TwiML and signatures (the telephony adapter).
"""

from __future__ import annotations

from dataclasses import replace

from oncall.core import calls, staff_calls
from oncall.core.calls import Turn
from oncall.core.case import Arrival, Case
from oncall.core.codec import read
from oncall.core.commands import HearPage, ReachFamily, RecordProgress, RingIn
from oncall.core.facts import Facts
from oncall.core.messages import LegKind, Progress, Purpose, case_of
from oncall.service.desk import Desk
from oncall.service.intake import CallIn, Intake
from oncall.service.phone_marks import note_refusal
from oncall.service.placed_calls import UnknownCall, placed_call
from oncall.service.ports import OpenPage, Register, Timepiece, Written
from oncall.service.staff_keys import StaffKeys
from oncall.service.talk import JOINED, Talk

SECOND_SILENCE = 2
RUNG_BY_STAFF = "rung:"  # the key under which a clinician's own call to the line is kept, before its sid


class Telephone:
    """See the module."""

    def __init__(self, desk: Desk, register: Register, intake: Intake, clock: Timepiece) -> None:
        self._desk = desk
        self._register = register
        self._intake = intake
        self._clock = clock
        self.keys = StaffKeys(desk, register, clock)
        self.talk = Talk(desk, register)

    # --- families ring us --------------------------------------------------------------------------------------

    async def picked_up(self, call: CallIn) -> Turn:
        """The first step: the case exists before the first word is said. A clinician with an open page is asked.

        A call already found in the carrier's list was filed without a turn; its caller hears that somebody is rung.
        """
        if pages := await self._staff_caller(call):
            await self._desk.take(RingIn(pages[0].case, pages[0].person), f"{RUNG_BY_STAFF}{call.sid}")
            return staff_calls.mine(self._desk.handbooks.current())
        written = await self._intake.take_call(call, Arrival.PICKED_UP)
        return _turn_of(written) if "turn" in written.answer else await self.waits(call)

    async def said(self, call: CallIn, asked: str, silences: int) -> Turn:
        """A key, words, or silence after a question."""
        if asked == calls.JOIN:
            return await self.family_on_the_line_joins(call)
        if asked in (staff_calls.MINE, staff_calls.SLOT):
            return await self._own_page(call, asked)
        if call.digits.startswith("*"):
            return await self.asked_again(call, asked)
        if asked == calls.HOLD and not call.digits:
            return await self.waits(call)
        if call.digits:
            return _turn_of(await self._intake.take_call(call, Arrival.KEY))
        if call.speech:
            return _turn_of(await self._intake.take_call(call, Arrival.WORDS))
        if asked == calls.MENU and silences + 1 >= SECOND_SILENCE:
            return _turn_of(await self._intake.take_call(call, Arrival.SILENT))
        return await self.asked_again(call, asked) if asked == calls.MENU else await self.waits(call)

    async def family_on_the_line_joins(self, call: CallIn) -> Turn:
        """A caller who stayed on the line joins the clinician, key or no key; the key proves that a person is there."""
        case = await self._case_of_call(call)
        if case.holder is None:
            return await self.waits(call)
        if call.digits == "1":
            reach = ReachFamily(case.id, case.holder.person, JOINED)
            await self._desk.take(reach, f"call:{call.sid}:{call.step}")
        return Turn((), join=case.id)

    async def asked_again(self, call: CallIn, asked: str) -> Turn:
        """The same question once more; nothing is filed."""
        case, handbook = await self._case_of_call(call), self._desk.handbooks.current()
        question = next((q for q in handbook.rulebook.questions if q.code == asked), None)
        return calls.asking(case, handbook, question) if question else calls.menu(case, handbook)

    async def waits(self, call: CallIn) -> Turn:
        """The caller stays on the line: a short word, again and again."""
        case = await self._case_of_call(call)
        return calls.waiting(case, await self._facts(), self._desk.handbooks.current())

    async def ended(self, call: CallIn) -> None:
        """The family's call is over."""
        try:
            case = await self._case_of_call(call)
        except UnknownCall:
            return  # a call of ours to a clinician, or one that was never stored
        await self._intake.end_call(call, case)

    async def _case_of_call(self, call: CallIn) -> Case:
        """The case in which a family's call was filed."""
        steps = await self._desk.journal.received(f"call:{call.sid}:")
        case = await self._desk.journal.case(steps[0].cases[0]) if steps else None
        if case is None:
            raise UnknownCall(call.sid)
        return case

    # --- a clinician rings us ------------------------------------------------------------------------------------

    async def _staff_caller(self, call: CallIn) -> list[OpenPage]:
        """The open pages of the clinician whose telephone this is, newest first."""
        person = await self._register.clinician_by_number(call.number) if call.number else None
        if person is None or person.is_shared:
            return []
        return [page for page in await self._desk.journal.pages_of(person.id) if page.open]

    async def _own_page(self, call: CallIn, asked: str) -> Turn:
        """8 and the two digits of the text lead to the page's keys; anything else is a call like any other."""
        if asked == staff_calls.MINE and call.digits == "8":
            return staff_calls.slot_asked(self._desk.handbooks.current())
        pages = await self._staff_caller(call) if asked == staff_calls.SLOT else []
        page = next((page for page in pages if page.slot is not None and str(page.slot) == call.digits), None)
        case = await self._desk.journal.case(page.case) if page else None
        state = next(reversed(list(case.messages_of(page.page))), None) if case and page else None
        if case is None or state is None:
            return _turn_of(await self._intake.take_call(call, Arrival.PICKED_UP))
        await self._desk.take(HearPage(case.id, state.message.id))
        facts, handbook = await self._facts(), self._desk.handbooks.current()
        return replace(staff_calls.page_details(case, state, facts, handbook), staff=state.message.id)

    # --- we ring somebody ----------------------------------------------------------------------------------------

    async def answered(self, message: str, call: CallIn) -> Turn:
        """Somebody, or a machine, picked up a call that we placed."""
        leg = await placed_call(self._desk, self._register, message)
        handbook = self._desk.handbooks.current()
        match leg.state.message.purpose:
            case Purpose.CALL_BACK:
                await self._intake.take_call(call, Arrival.PICKED_UP)
                return calls.calling_back(leg.case, leg.facts, handbook)
            case Purpose.FAMILY:
                said = calls.Say(leg.state.message.language, leg.state.message.body)
                return Turn((said, said))
            case Purpose.LEG if leg.state.message.leg is LegKind.INTERPRETER:
                return self.talk.interpreter(leg.case)
            case Purpose.LEG:
                return await self.talk.family_answers(message)
            case _:
                return staff_calls.page_opening(leg.case, leg.state, leg.facts, handbook)

    async def progress(self, message: str, progress: Progress, sid: str | None, code: int | None) -> None:
        """The carrier's status of a message of ours; only forward (law 4)."""
        written = await self._desk.take(RecordProgress(case_of(message), message, progress, sid, code))
        state = written.case.message(message)
        if state is not None and progress.went_wrong:
            await note_refusal(self._register, state.message.to, code, self._clock.now())

    async def _facts(self) -> Facts:
        return Facts(directory=await self._register.directory())


def _turn_of(written: Written) -> Turn:
    turn: Turn = read(Turn, written.answer["turn"])
    return turn
