"""The carrier and the telephones of a rehearsed night, in this very process: no socket, no TwiML, no second process.

It takes what the house hands over, rings and texts the people of the night, and knocks at the house's doors as the
webhooks do; what it promises and what it lists are those of a real carrier. Everything that can go wrong there is
ordered in the book of faults that the training ground uses too. Deliberately not here: who picks up and what they
press (`townspeople`), TwiML and signatures (contract tests hold those against the training ground's carrier).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from oncall.adapters.rehearsal.faults import Fault, Faults
from oncall.adapters.telephony.statuses import opt_out_of
from oncall.core.calls import HOLD, Turn
from oncall.core.messages import Channel, Message, Outcome, Progress, Purpose, Verdict
from oncall.core.notices import is_notice
from oncall.core.refusals import refusal_of
from oncall.nights.hours import NightClock, NightLoop
from oncall.nights.lives import Life
from oncall.nights.stores import PowerCut, Trouble
from oncall.service.intake import CallIn, TextIn
from oncall.service.placed_calls import UnknownCall
from oncall.service.ports import JournalRefused, Seen

CLOCKS_DIFFER = timedelta(seconds=30)
RINGS_FOR = 25.0  # seconds, as the house asks for
STOPPED_BY_CARRIER = 60.0  # seconds for which a request that hangs is held
ACCEPT = "accept"
WORD_EVERY = 20.0
WRITTEN, REFUSED, DOWN, UNKNOWN = "written", "refused", "down", "unknown"


@dataclass(slots=True)
class Call:
    """One call, either way. `keys` says what the person presses next: "" waits, None hangs up."""

    sid: str
    number: str | None
    at: datetime
    inbound: bool
    message: Message | None = None
    progress: Progress = Progress.RINGING
    keys: Callable[[Turn], str | None] = lambda turn: None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    is_answered: bool = False
    is_over: bool = False
    moved_by: str = ""
    staff: str | None = None  # the message whose keys follow
    step: int = 0
    room: str = ""

    def told(self, digits: str = "", speech: str = "") -> CallIn:
        return CallIn(self.sid, self.number, str(self.step), digits, speech)


@dataclass(slots=True)
class Sent:
    """A text or call that the carrier took from us."""

    sid: str
    message: Message
    attempt: int
    at: datetime
    progress: Progress
    code: int | None = None


@dataclass(slots=True)
class Contact:
    """Somebody turned to the line: what the carrier heard from the house about it."""

    key: str
    number: str | None
    words: str
    at: datetime
    floor: int = -1  # the urgency that these words have at least
    answer: str = DOWN
    case: str = ""
    was_kept: bool = False  # in the store at the moment at which the house said yes


class Townspeople(Protocol):
    """Whoever has a telephone."""

    def picks_up(self, call: Call) -> tuple[float, str, Callable[[Turn], str | None]]:
        """After how many seconds, as what ("person", "voicemail", "busy", "nobody"), and what is pressed."""
        ...

    def reads(self, number: str, body: str) -> None: ...


class Town:
    """See the module. A Pager and a Ledger; `house` is the life that runs now, if one does."""

    def __init__(
        self,
        name: str,
        loop: NightLoop,
        clock: NightClock,
        faults: Faults,
        trouble: Trouble,
        people: Townspeople,
        house: Callable[[], Life | None],
        cut: Callable[[Any], None],
        injected: Counter[str],
        is_kept: Callable[[str], bool],
    ) -> None:
        self.name, self._loop, self._clock, self.faults, self._trouble = name, loop, clock, faults, trouble
        self._people, self._house, self._cut, self._injected = people, house, cut, injected
        self._is_kept = is_kept
        self.sent: list[Sent] = []
        self.calls: dict[str, Call] = {}
        self.texts_in: list[tuple[datetime, TextIn]] = []
        self.contacts: list[Contact] = []
        self.failures: list[str] = []
        self.down_until = -1.0
        self._by_sid: dict[str, Sent] = {}
        self._held_back: list[Callable[[], Awaitable[Any]]] = []
        self._rooms: dict[str, list[Call]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    # --- a Pager -----------------------------------------------------------------------------------------------------

    async def turn(self, message: Message) -> None:
        return None

    def waiting(self) -> int:
        return 0

    async def close(self) -> None:
        return None

    async def send(self, message: Message, attempt: int) -> Outcome:
        self._falls("before sending")
        if message.channel in (Channel.MOVE, Channel.SAY):
            return self._to_live_call(message)
        on: Any = "text" if message.channel is Channel.SMS else "call"
        if self._loop.time() < self.down_until:
            return Outcome(Verdict.REFUSED_FOR_NOW)
        if fault := self._takes(on, message.to, "refuse", "server_error", "hang"):
            return await self._refused(fault)
        outcome = self._taken(message, attempt)
        self._falls("after sending")
        if fault := self._takes(on, message.to, "accept_then_error", "accept_then_hang"):
            if fault.kind == "accept_then_hang":
                await self._clock.sleep(STOPPED_BY_CARRIER)
            return Outcome(Verdict.REFUSED_FOR_NOW, code=20500)
        return outcome

    async def _refused(self, fault: Fault) -> Outcome:
        if fault.kind == "hang":
            await self._clock.sleep(STOPPED_BY_CARRIER)
            return Outcome(Verdict.REFUSED_FOR_NOW)
        if fault.kind == "server_error":
            return Outcome(Verdict.REFUSED_FOR_NOW, code=20500)
        return Outcome(refusal_of(fault.code, fault.status).verdict, code=fault.code)

    def _taken(self, message: Message, attempt: int) -> Outcome:
        sid = f"{'SM' if message.channel is Channel.SMS else 'CA'}{self.name}{len(self.sent):06}"
        sent = Sent(sid, message, attempt, self._clock.true(), Progress.ACCEPTED)
        self.sent.append(sent)
        self._by_sid[sid] = sent
        if message.channel is Channel.SMS:
            self._start(self._carries(sent))
        else:
            call = Call(sid, message.to, sent.at, False, message, staff=message.id)
            self.calls[sid] = call
            self._start(self._rings(call, sent))
        return Outcome(Verdict.ACCEPTED, sid)

    def _to_live_call(self, message: Message) -> Outcome:
        """Other words for a live call. A sentence into a conference is heard by who is there; nothing follows."""
        target = message.target or ""
        sid = target.partition("/")[2] or target
        call = self.calls.get(sid)
        if call is None:
            return Outcome(Verdict.REFUSED_FOR_GOOD)
        if call.is_over or not call.is_answered:
            return Outcome(Verdict.REFUSED_FOR_GOOD, code=21220)
        if message.channel is Channel.MOVE:
            call.moved_by = message.id
            call.news.set()
        return Outcome(Verdict.ACCEPTED)

    async def find(self, message: Message, since: datetime) -> Outcome | None:
        if message.channel is not Channel.SMS or self._loop.time() < self.down_until:
            return None
        wall = self._clock.now() - self._clock.true()
        for sent in reversed(self.sent):
            same = (sent.message.to, sent.message.body) == (message.to, message.body)
            if same and sent.at + wall >= since - CLOCKS_DIFFER and sent.progress is not Progress.FAILED:
                return Outcome(Verdict.ACCEPTED, sent.sid)
        return None

    async def stop(self, sid: str) -> Outcome:
        if self._loop.time() < self.down_until:
            return Outcome(Verdict.REFUSED_FOR_NOW)
        call = self.calls.get(sid)
        if call is None:
            return Outcome(Verdict.ACCEPTED)
        if not call.is_answered and not call.is_over:
            call.is_over = True
            call.news.set()
        return Outcome(Verdict.ACCEPTED, sid)

    # --- a Ledger ----------------------------------------------------------------------------------------------------

    async def since(self, at: datetime) -> Sequence[Seen]:
        if self._loop.time() < self.down_until:
            raise JournalRefused("the carrier does not answer")
        wall = self._clock.now() - self._clock.true()
        ours = [
            Seen(sent.sid, sent.message.channel, False, sent.message.to, sent.at + wall, sent.progress, sent.code)
            for sent in self.sent
        ]
        texts = [
            Seen(
                text.sid,
                Channel.SMS,
                True,
                text.number,
                when + wall,
                Progress.DELIVERED,
                body=text.body,
                opt_out=text.opt_out,
            )
            for when, text in self.texts_in
        ]
        calls = [
            Seen(call.sid, Channel.VOICE, True, call.number, call.at + wall, call.progress)
            for call in self.calls.values()
            if call.inbound
        ]
        return [one for one in (*ours, *texts, *calls) if one.at >= at]

    # --- texts -------------------------------------------------------------------------------------------------------

    async def _carries(self, sent: Sent) -> None:
        """A text of ours on its way."""
        to = sent.message.to
        late = self._takes("text", to, "delay_text")
        await self._clock.sleep(late.seconds if late else 1.0)
        if self._takes("text", to, "vanish"):
            return
        if fault := self._takes("text", to, "filter"):
            sent.progress, sent.code = Progress.UNDELIVERED, fault.code
            return await self._status(sent, Progress.UNDELIVERED, fault.code)
        sent.progress = Progress.DELIVERED
        if not self._takes("text", to, "lie_delivered"):
            self._people.reads(to, sent.message.body)
        await self._status(sent, Progress.DELIVERED)

    async def text_in(self, number: str, words: str, floor: int = -1, is_staff: bool = False) -> None:
        """Somebody texts the line."""
        sid = f"SMin{self.name}{len(self.texts_in):06}"
        text = TextIn(sid, number, words, opt_out=opt_out_of(words))
        self.texts_in.append((self._clock.true(), text))
        contact = Contact(f"text:{sid}", number, words, self._clock.true(), floor)
        if not is_staff:
            self.contacts.append(contact)
        if self._takes("text", number, "lose_webhook"):
            return
        for _ in range(2 if self._takes("text", number, "repeat_webhook") else 1):
            contact.answer, written = await self.knock(lambda life: life.inbox.take(text))
            self._answered(contact, written.case.id if written and written.cases else "")

    async def alarm_in(self, body: str, alarm_id: str, fields: Any, floor: int, times: int = 1) -> None:
        """A bridge posts an alarm, perhaps more than once."""
        contact = Contact(f"alarm:bridge:id-{alarm_id}:", None, body, self._clock.true(), floor)
        self.contacts.append(contact)
        for _ in range(times):
            contact.answer, written = await self.knock(lambda life: _alarm(life, body, alarm_id, fields))
            self._answered(contact, written.case.id if written else "")

    def _answered(self, contact: Contact, case: str) -> None:
        if contact.answer == WRITTEN:
            contact.case, contact.was_kept = case, self._is_kept(contact.key)

    # --- calls -------------------------------------------------------------------------------------------------------

    async def _rings(self, call: Call, sent: Sent) -> None:
        """A call of ours from the first ring to the end."""
        await self._clock.sleep(1.0, call.news)
        after, what, keys = self._people.picks_up(call)
        if what == "busy":
            return await self._ends(call, sent, Progress.BUSY)
        if not call.is_over:
            await self._status(sent, Progress.RINGING)
            await self._clock.sleep(min(after, RINGS_FOR), call.news)
        if call.is_over:
            return await self._ends(call, sent, Progress.CANCELED)
        if what == "nobody" or after > RINGS_FOR:
            return await self._ends(call, sent, Progress.NO_ANSWER)
        call.is_answered, call.keys = True, keys
        sent.progress = call.progress = Progress.ANSWERED
        await self._status(sent, Progress.ANSWERED)
        if what == "voicemail":
            self._start(self._guesses_machine(call))
        message = sent.message.id
        if is_notice(message):
            await self._pause(call, 10)
        else:
            answer, turn = await self.knock(lambda life: life.telephone.answered(message, call.told()))
            if answer == WRITTEN:
                if turn.family:
                    call.staff = None
                await self._talks(call, turn)
        await self._ends(call, sent, Progress.COMPLETED)

    async def _guesses_machine(self, call: Call) -> None:
        await self._clock.sleep(5.0)
        message = call.message
        if message is not None and not call.is_over and message.purpose in (Purpose.PAGE, Purpose.CONNECT, Purpose.LEG):
            await self.knock(lambda life: life.telephone.talk.machine_heard(message.id, "machine_end_beep"))

    async def call_in(
        self, number: str | None, keys: Callable[[Turn], str | None], floor: int = -1, is_staff: bool = False
    ) -> None:
        """Somebody rings the line."""
        sid = f"CAin{self.name}{len(self.calls):06}"
        call = Call(sid, number, self._clock.true(), True, keys=keys, is_answered=True, progress=Progress.ANSWERED)
        self.calls[sid] = call
        contact = Contact(f"call:{sid}:", number, "(calls)", self._clock.true(), floor)
        if not is_staff:
            self.contacts.append(contact)
        if not self._takes("call", number or "", "lose_webhook"):
            contact.answer, turn = await self.knock(lambda life: life.telephone.picked_up(call.told()))
            self._answered(contact, "")
            if contact.answer == WRITTEN:
                await self._talks(call, turn)
        call.is_over, call.progress = True, Progress.COMPLETED
        await self._leaves_room(call)
        if not self._takes("call", number or "", "drop_callback"):
            await self.knock(lambda life: life.telephone.ended(call.told()))

    async def _talks(self, call: Call, turn: Turn | None) -> None:
        """Turn by turn until somebody hangs up. A person needs a few seconds for each."""
        silences = 0
        for _ in range(60):
            if turn is None or call.is_over:
                return
            if turn.staff is not None:
                call.staff = turn.staff
            if turn.join is not None:
                turn = await self._in_room(call, turn.join)
                continue
            if turn.ask is None and not turn.hold:
                await self._pause(call, 3.0)
                if not call.moved_by:
                    return
                turn = await self._moved(call)
                continue
            said = call.keys(turn)
            await self._pause(call, WORD_EVERY if turn.hold and said == "" else 4.0)
            if call.moved_by:
                turn = await self._moved(call)
                continue
            if said is None or call.is_over or (not said and turn.ask == ACCEPT):
                return
            silences = 0 if said else silences + 1
            call.step += 1
            turn = await self._next(call, turn, said, silences)

    async def _next(self, call: Call, turn: Turn, said: str, silences: int) -> Turn | None:
        speech = said[2:] if said.startswith("s:") else ""
        told = call.told("" if speech else said, speech)
        ask, message = turn.ask or HOLD, call.staff or ""

        async def step(life: Life) -> Turn | None:
            if not call.staff or turn.family:
                return await life.telephone.said(told, ask, max(silences - 1, 0))
            if ask in life.telephone.keys.steps:
                return await life.telephone.keys.steps[ask](message, told, silences)
            return await life.telephone.talk.family_joins(message, told)

        twice = self._takes("call", call.number or "", "repeat_webhook") is not None
        answer, following = await self.knock(step)
        if twice and answer == WRITTEN:
            await self.knock(step)
        return following if answer == WRITTEN else None

    async def _moved(self, call: Call) -> Turn | None:
        """The house gave this call other words."""
        order, call.moved_by = call.moved_by, ""
        call.news.clear()
        await self._leaves_room(call)
        answer, moved = await self.knock(lambda life: life.telephone.talk.moved(order, call.told()))
        if answer != WRITTEN:
            return None
        call.step, call.staff = moved.step, moved.message or call.staff
        return moved.turn

    async def _in_room(self, call: Call, case: str) -> Turn | None:
        """In the talk until somebody hangs up: the pair speaks for a while, who is alone waits for a while."""
        self._rooms.setdefault(case, []).append(call)
        call.room = case
        await self._room(case, "participant-join", call)
        for _ in range(6):
            await self._pause(call, 25.0)
            if call.moved_by:
                return await self._moved(call)
            if call.is_over or len(self._rooms.get(case, ())) > 1:
                break
        await self._pause(call, 40.0)
        if call.moved_by:
            return await self._moved(call)
        await self._leaves_room(call)
        return None

    async def _leaves_room(self, call: Call) -> None:
        case, call.room = call.room, ""
        if case:
            self._rooms[case].remove(call)
            await self._room(case, "participant-leave", call)
            message = call.message
            if message is not None and call.staff:
                await self.knock(lambda life: life.telephone.talk.left(message.id, call.told(), "completed", False))

    async def _room(self, case: str, event: str, call: Call) -> None:
        if not self._takes("call", call.number or "", "drop_callback"):
            await self.knock(lambda life: life.telephone.talk.room_changed(case, event, call.sid, f"CF{case}"))

    async def _ends(self, call: Call, sent: Sent, progress: Progress) -> None:
        call.is_over, call.progress, sent.progress = True, progress, progress
        await self._leaves_room(call)
        await self._status(sent, progress)

    async def _pause(self, call: Call, seconds: float) -> None:
        await self._clock.sleep(seconds, call.news)

    # --- what the house is told --------------------------------------------------------------------------------------

    async def _status(self, sent: Sent, progress: Progress, code: int | None = None) -> None:
        """A status callback, or what the faults make of it."""
        on: Any = "text" if sent.message.channel is Channel.SMS else "call"

        async def tell() -> None:
            await self.knock(lambda life: _progress(life, sent, progress, code))

        if self._takes(on, sent.message.to, "drop_callback"):
            return
        if fault := self._takes(on, sent.message.to, "delay_callback"):
            self._start(self._later(fault.seconds, tell))
            return
        if self._takes(on, sent.message.to, "swap_callbacks"):
            self._held_back.append(tell)
            return
        await tell()
        if self._takes(on, sent.message.to, "repeat_callback"):
            await tell()
        held, self._held_back = self._held_back, []
        for late in held:
            await late()

    async def _later(self, seconds: float, tell: Callable[[], Awaitable[None]]) -> None:
        await self._clock.sleep(seconds)
        await tell()

    async def knock(self, ask: Callable[[Life], Awaitable[Any]]) -> tuple[str, Any]:
        """One webhook: what the house answered, or that there was none, or that it could not."""
        life = self._house()
        if life is None:
            return DOWN, None
        try:
            return WRITTEN, await ask(life)
        except PowerCut:
            return DOWN, None
        except UnknownCall:
            return UNKNOWN, None
        except JournalRefused:
            return REFUSED, None
        except Exception as problem:  # around one webhook: whatever it was, it is a finding of this night
            self.failures.append(f"a webhook failed: {type(problem).__name__}: {problem}")
            return REFUSED, None

    # --- small things ------------------------------------------------------------------------------------------------

    def _takes(self, on: Any, number: str, *kinds: Any) -> Fault | None:
        fault = self.faults.take(on, number, *kinds) if self.faults.ordered else None
        if fault is not None:
            self._injected[fault.kind] += 1
        return fault

    def _falls(self, point: str) -> None:
        if (cut := self._trouble.falls(point)) is not None:
            self._cut(cut)
            raise PowerCut

    def _start(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self.failures.append(f"the rehearsal itself failed: {type(problem).__name__}: {problem}")

    def ends(self) -> None:
        for task in self._tasks:
            task.cancel()


async def _alarm(life: Life, body: str, alarm_id: str, fields: Any) -> Any:
    if fields is None:
        return await life.intake.take_unreadable("bridge", alarm_id, body.encode(), "not JSON")
    return await life.intake.take_alarms([fields], "bridge", alarm_id, body.encode())


async def _progress(life: Life, sent: Sent, progress: Progress, code: int | None) -> None:
    message = sent.message
    if is_notice(message.id):
        await life.answers.progress(message.id, progress, sent.sid, code)
        return
    await life.telephone.progress(message.id, progress, sent.sid, code)
    if progress is Progress.COMPLETED and message.channel is Channel.VOICE:
        await life.telephone.ended(CallIn(sent.sid, message.to, "0"))
