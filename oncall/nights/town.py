"""The carrier of a rehearsed night, in this very process: no socket, no TwiML, no second process.

It takes what the house hands over, lists what has passed, and brings in what people send; what it promises is what a
real carrier does. Everything that can go wrong there is ordered in the book of faults that the training ground uses
too. Deliberately not here: calls (`exchange`), webhooks (`doors`), people (`townspeople`), TwiML and signatures (held
by the contract tests against the training ground's carrier).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from oncall.adapters.rehearsal.faults import Fault
from oncall.adapters.telephony.statuses import opt_out_of
from oncall.core.case.messages import Channel, Message, Outcome, Progress, Verdict
from oncall.core.case.refusals import refusal_of
from oncall.nights.doors import DOWN, WRITTEN, Doors, Sent
from oncall.nights.exchange import Call, Exchange, Keys
from oncall.nights.hours import NightClock, NightLoop
from oncall.nights.lives import Life
from oncall.nights.stores import Cut, PowerCut, Trouble
from oncall.service.intake import TextIn
from oncall.service.ports.carrier import LedgerUnread, Seen

CLOCKS_DIFFER = timedelta(seconds=30)  # as the real pager allows for
HELD_FOR = 60.0  # seconds for which a request that hangs is held
ARRIVES_AFTER = 1.0


@dataclass(slots=True)
class Contact:
    """Somebody turned to the line: what the carrier heard from the house about it. `floor` is the urgency that these
    words have at least, `was_kept` whether they were in the store when the house said yes."""

    key: str
    number: str | None
    at: datetime
    floor: int = -1
    is_staff: bool = False
    answer: str = DOWN
    case: str = ""
    was_kept: bool = False


class Townspeople(Protocol):
    """Whoever has a telephone."""

    def picks_up(self, call: Call) -> tuple[float, str, Keys]: ...

    def reads(self, number: str, body: str) -> None: ...


class Town:
    """See the module. A Pager and a Ledger. `cut` fails the power, `is_kept` asks the store for a dedupe key."""

    def __init__(
        self,
        name: str,
        loop: NightLoop,
        clock: NightClock,
        trouble: Trouble,
        people: Townspeople,
        doors: Doors,
        cut: Callable[[Cut], None],
        is_kept: Callable[[str], bool],
    ) -> None:
        self.name, self._loop, self._clock, self._trouble = name, loop, clock, trouble
        self._people, self._doors, self._cut, self._is_kept = people, doors, cut, is_kept
        self.exchange = Exchange(clock, doors, people.picks_up)
        self.sent: list[Sent] = []
        self.texts_in: list[tuple[datetime, TextIn]] = []
        self.contacts: list[Contact] = []
        self.down_until = -1.0

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
            return self.exchange.to_live_call(message)
        on: Any = "text" if message.channel is Channel.SMS else "call"
        if self._is_down():
            return Outcome(Verdict.REFUSED_FOR_NOW)
        if fault := self._doors.takes(on, message.to, "refuse", "server_error", "hang"):
            return await self._refused(fault)
        outcome = self._taken(message, attempt)
        self._falls("after sending")
        if fault := self._doors.takes(on, message.to, "accept_then_error", "accept_then_hang"):
            if fault.kind == "accept_then_hang":
                await self._clock.sleep(HELD_FOR)
            return Outcome(Verdict.REFUSED_FOR_NOW, code=20500)
        if fault := self._doors.takes(on, message.to, "slow"):
            await self._clock.sleep(fault.seconds)
        return outcome

    async def _refused(self, fault: Fault) -> Outcome:
        if fault.kind == "hang":
            await self._clock.sleep(HELD_FOR)
            return Outcome(Verdict.REFUSED_FOR_NOW)
        if fault.kind == "server_error":
            return Outcome(Verdict.REFUSED_FOR_NOW, code=20500)
        return Outcome(refusal_of(fault.code, fault.status).verdict, code=fault.code)

    def _taken(self, message: Message, attempt: int) -> Outcome:
        sid = f"{'SM' if message.channel is Channel.SMS else 'CA'}{self.name}{len(self.sent):06}"
        sent = Sent(sid, message, attempt, self._clock.true(), Progress.ACCEPTED)
        self.sent.append(sent)
        if message.channel is Channel.SMS:
            self._doors.start(self._carries(sent))
        else:
            call = Call(sid, message.to, sent.at, False, message, staff=message.id)
            self.exchange.calls[sid] = call
            self._doors.start(self.exchange.rings(call, sent))
        return Outcome(Verdict.ACCEPTED, sid)

    async def find(self, message: Message, since: datetime) -> Outcome | None:
        if message.channel is not Channel.SMS or self._is_down():
            return None
        for sent in reversed(self.sent):
            told = sent.message
            same = told.channel is Channel.SMS and (told.to, told.body) == (message.to, message.body)
            if same and sent.at + self._set_by() >= since - CLOCKS_DIFFER and sent.progress is not Progress.FAILED:
                return Outcome(Verdict.ACCEPTED, sent.sid)
        return None

    async def stop(self, sid: str) -> Outcome:
        if self._is_down():
            return Outcome(Verdict.REFUSED_FOR_NOW)
        return Outcome(Verdict.ACCEPTED, sid if self.exchange.stops(sid) else None)

    # --- a Ledger ----------------------------------------------------------------------------------------------------

    async def since(self, at: datetime) -> Sequence[Seen]:
        if self._is_down():
            raise LedgerUnread("the carrier does not answer")
        return [one for one in self._seen() if one.at >= at]

    def _seen(self) -> Iterator[Seen]:
        set_by = self._set_by()
        for sent in self.sent:
            message, at = sent.message, sent.at + set_by
            yield Seen(sent.sid, message.channel, False, message.to, at, sent.progress, sent.code)
        for when, text in self.texts_in:
            at, arrived = when + set_by, Progress.DELIVERED
            yield Seen(text.sid, Channel.SMS, True, text.number, at, arrived, body=text.body, opt_out=text.opt_out)
        for call in self.exchange.calls.values():
            if call.inbound:
                yield Seen(call.sid, Channel.VOICE, True, call.number, call.at + set_by, call.progress)

    # --- texts and alarms --------------------------------------------------------------------------------------------

    async def _carries(self, sent: Sent) -> None:
        """A text of ours on its way."""
        to = sent.message.to
        late = self._doors.takes("text", to, "delay_text")
        await self._clock.sleep(late.seconds if late else ARRIVES_AFTER)
        if self._doors.takes("text", to, "vanish"):
            return
        if fault := self._doors.takes("text", to, "filter"):
            sent.progress, sent.code = Progress.UNDELIVERED, fault.code
            return await self._doors.tells(sent, Progress.UNDELIVERED, fault.code)
        sent.progress = Progress.DELIVERED
        if not self._doors.takes("text", to, "lie_delivered"):
            self._people.reads(to, sent.message.body)
        await self._doors.tells(sent, Progress.DELIVERED)

    async def text_in(self, number: str, words: str, floor: int = -1, is_staff: bool = False) -> None:
        """Somebody texts the line."""
        text = TextIn(f"SMin{self.name}{len(self.texts_in):06}", number, words, opt_out=opt_out_of(words))
        self.texts_in.append((self._clock.true(), text))
        contact = Contact(f"text:{text.sid}", number, self._clock.true(), floor, is_staff)
        self.contacts.append(contact)
        if self._doors.takes("text", number, "lose_webhook"):
            return
        for _ in range(2 if self._doors.takes("text", number, "repeat_webhook") else 1):
            answer, written = await self._doors.knock(lambda life: life.inbox.take(text))
            self._answered(contact, answer, written.case.id if written and written.cases else "")

    async def alarm_in(self, body: str, alarm_id: str, fields: Any, floor: int, times: int = 1) -> None:
        """A bridge posts an alarm, perhaps more than once."""
        contact = Contact(f"alarm:bridge:id-{alarm_id}:", None, self._clock.true(), floor)
        self.contacts.append(contact)
        for _ in range(times):
            answer, written = await self._doors.knock(lambda life: _alarm(life, body, alarm_id, fields))
            self._answered(contact, answer, written.case.id if written else "")

    async def call_in(self, number: str | None, keys: Keys) -> None:
        """Somebody rings the line."""
        sid = f"CAin{self.name}{len(self.exchange.calls):06}"
        call = Call(sid, number, self._clock.true(), True, keys=keys, is_answered=True, progress=Progress.ANSWERED)
        contact = Contact(f"call:{sid}:", number, call.at)
        self.contacts.append(contact)
        await self.exchange.rings_in(call, lambda answer: self._answered(contact, answer, ""))

    def _answered(self, contact: Contact, answer: str, case: str) -> None:
        contact.answer = answer
        if answer == WRITTEN:
            contact.case, contact.was_kept = case, self._is_kept(contact.key)

    # --- small things ------------------------------------------------------------------------------------------------

    def _is_down(self) -> bool:
        return self._loop.time() < self.down_until

    def _set_by(self) -> timedelta:
        """The carrier's clock goes with ours, so that a step of the wall clock is nobody's lateness."""
        return self._clock.now() - self._clock.true()

    def _falls(self, point: str) -> None:
        if (cut := self._trouble.falls(point)) is not None:
            self._cut(cut)
            raise PowerCut


async def _alarm(life: Life, body: str, alarm_id: str, fields: Any) -> Any:
    if fields is None:
        return await life.intake.take_unreadable("bridge", alarm_id, body.encode(), "not JSON")
    return await life.intake.take_alarms([fields], "bridge", alarm_id, body.encode())
