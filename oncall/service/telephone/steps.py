"""The telephone: what happens on each step of a call, and what is said next.

Every step is a command through the desk and a turn back; a step that the provider repeats is answered as the first
time. The family's words and keys are reports. Deliberately not here: a clinician's keys (`staff_keys`), the talk with
the family (`talk`), TwiML and signatures (the telephony adapter).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from oncall.core.as_json import read
from oncall.core.case import calls, staff_calls
from oncall.core.case.call_graph import AGAIN, PERSON, SPANISH, CallGraph, Takes
from oncall.core.case.calls import Turn
from oncall.core.case.case import Arrival, Case, ClockKind, Status
from oncall.core.case.commands import HearPage, ReachFamily, RecordProgress, RingIn, WalkOn
from oncall.core.case.entries import MessageProgressed
from oncall.core.case.facts import Facts
from oncall.core.case.messages import LegKind, MessageState, Progress, Purpose, case_of
from oncall.core.case.walking import same_turn
from oncall.core.reports import Enclosed
from oncall.service.desk import Desk
from oncall.service.intake import CallIn, Intake
from oncall.service.ports.journal import OpenPage, Written
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telephone.phone_marks import note_refusal
from oncall.service.telephone.placed_calls import PlacedCall, UnknownCall, placed_call
from oncall.service.telephone.staff_keys import StaffKeys
from oncall.service.telephone.talk import JOINED, Talk

SECOND_SILENCE = 2
RUNG_BY_STAFF = "rung:"  # the key under which a clinician's own call to the line is kept, before its sid


class Telephone:
    """See the module. `learn` is told how a message stands whenever the carrier has said something new of it."""

    def __init__(
        self,
        desk: Desk,
        register: Register,
        intake: Intake,
        clock: Timepiece,
        learn: Callable[[MessageState], None] = lambda state: None,
    ) -> None:
        self._desk = desk
        self._learn = learn
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
        if await self._was_taken(call):
            return await self._walk_on(call, asked, call.digits, await self._case_of_call(call))
        if call.recording is not None:
            await self.recorded(call, call.recording)
        case, graph = await self._case_of_call(call), self._desk.handbooks.current().calls
        node = graph.nodes.get(asked)
        if node is not None and node.takes in (Takes.NUMBER, Takes.EXTENSION) and call.digits:
            return await self._number_keyed(call, asked, case)
        if call.digits.startswith(AGAIN):
            return await self.asked_again(call, asked)
        if _tells_something(call.digits, asked, case, graph):
            return _turn_of(await self._intake.take_call(call, Arrival.KEY, asked, case))
        if call.speech:
            return _turn_of(await self._intake.take_call(call, Arrival.WORDS, asked, case))
        return await self._leads_on(call, asked, silences, case)

    async def recorded(self, call: CallIn, sound: Enclosed) -> None:
        """A recorded message is there, whichever webhook says so first."""
        case = await self._case_of_call(call)
        known = case.call(call.sid)
        await self._intake.take_recording(replace(call, number=known.number) if known else call, sound, case)

    async def _was_taken(self, call: CallIn) -> bool:
        """A step that the provider repeats: whatever is taken under its key gets the first answer (RULINGS 7)."""
        key = f"call:{call.sid}:{call.step}"
        return any(row.key == key for row in await self._desk.journal.received(key))

    async def _leads_on(self, call: CallIn, asked: str, silences: int, case: Case) -> Turn:
        """Silence, or a key that tells nothing: said again once, then the next node; before a page, it pages."""
        graph = self._desk.handbooks.current().calls
        node = graph.nodes.get(asked)
        choice = node.keys.get(call.digits) if node else None
        if choice is not None and choice.another:
            return _turn_of(await self._intake.take_another_person(call, case))
        speaks = node is not None and node.takes in (Takes.WORDS, Takes.RECORDING)
        strange = bool(call.digits) and choice is None and not speaks
        patient = node is None or not (node.unread or node.takes is Takes.RECORDING)
        if asked == calls.HOLD or strange or (not call.digits and patient and silences + 1 < SECOND_SILENCE):
            return await self.asked_again(call, asked)
        if not call.digits and case.clock(ClockKind.CALL_START):
            return _turn_of(await self._intake.take_call(call, Arrival.SILENT, asked, case))
        return await self._walk_on(call, asked, call.digits, case)

    async def _number_keyed(self, call: CallIn, asked: str, case: Case) -> Turn:
        """`#` ends a number, `**` is a person; so is a lone 0, which begins no number."""
        digits = call.digits.rstrip("#")
        if digits in (AGAIN * 2, PERSON):
            return _turn_of(await self._intake.take_call(replace(call, digits=PERSON), Arrival.KEY, asked, case))
        if not digits.isdigit():
            return await self.asked_again(call, asked)
        return await self._walk_on(call, asked, digits, case)

    async def _walk_on(self, call: CallIn, asked: str, digits: str, case: Case) -> Turn:
        command = WalkOn(case.id, call.sid, asked, digits, call.number)
        return _turn_of(await self._desk.take(command, f"call:{call.sid}:{call.step}"))

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
        """The same once more; nothing is filed."""
        case, handbook = await self._case_of_call(call), self._desk.handbooks.current()
        question = next((q for q in handbook.rulebook.questions if q.code == asked), None)
        if calls.doctor_waits(case):
            return await self.waits(call)
        if node := handbook.calls.nodes.get(asked):
            return same_turn(node, calls.Scene(case, await self._facts(), handbook, call.sid))
        return calls.asking(case, handbook, question) if question else await self.waits(call)

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
        """The case in which the last step of a family's call was filed; "another person" leads to a second one."""
        steps = await self._desk.journal.received(f"call:{call.sid}:")
        case = await self._desk.journal.case(steps[-1].cases[0]) if steps else None
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
                return _turn_of(await self._intake.take_call(call, Arrival.PICKED_UP, calls.CALL_BACK, leg.case))
            case Purpose.FAMILY:
                return await self._told(leg, call)
            case Purpose.LEG if leg.state.message.leg is LegKind.INTERPRETER:
                return self.talk.interpreter(leg.case)
            case Purpose.LEG:
                return await self.talk.family_answers(message)
            case _:
                return staff_calls.page_opening(leg.case, leg.state, leg.facts, handbook)

    async def _told(self, leg: PlacedCall, call: CallIn) -> Turn:
        """A sentence for a family that takes no texts; a question that waits for an answer is asked on this call."""
        told = (calls.Say(leg.state.message.language, leg.state.message.body),) * 2
        if leg.case.status is not Status.PAGING or leg.case.has_help or not leg.case.pending:
            return Turn(told, family=True)
        turn = _turn_of(await self._intake.take_call(call, Arrival.PICKED_UP, calls.CALL_BACK, leg.case))
        return replace(turn, says=(*told, *turn.says[1:]))  # in place of the words that a call back begins with

    async def progress(self, message: str, progress: Progress, sid: str | None, code: int | None) -> None:
        """The carrier's status of a message of ours; only forward (law 4)."""
        written = await self._desk.take(RecordProgress(case_of(message), message, progress, sid, code))
        state = written.case.message(message)
        if state is not None and any(isinstance(row.entry, MessageProgressed) for row in written.entries):
            self._learn(state)
        if state is not None and progress.went_wrong:
            await note_refusal(self._register, state.message.to, code, self._clock.now())

    async def _facts(self) -> Facts:
        return Facts(directory=await self._register.directory())


def _tells_something(digits: str, asked: str, case: Case, graph: CallGraph) -> bool:
    """Whether this key says something about the patient or the caller, so that it is a report and not a mere step."""
    if not digits:
        return False
    if digits in graph.always or digits == SPANISH or case.clock(ClockKind.CALL_START):
        return True
    node = graph.nodes.get(asked)
    if node is None:
        return asked != calls.HOLD
    choice = node.keys.get(digits)
    return node.question is not None or (choice is not None and bool(choice.answers))


def _turn_of(written: Written) -> Turn:
    turn: Turn = read(Turn, written.answer["turn"])
    return turn
