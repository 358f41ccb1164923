"""The telephone exchange of a rehearsed night: calls either way, turn by turn, and the rooms in which lines meet.

It speaks to the house as the voice webhooks do and to people through their keys. Deliberately not here: who picks up
and what they press (`townspeople`), texts (`town`), TwiML.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from oncall.core.case.calls import HOLD, Turn
from oncall.core.case.messages import Channel, Message, Outcome, Progress, Purpose, Verdict
from oncall.core.case.staff_calls import ACCEPT
from oncall.core.notices import is_notice
from oncall.nights.doors import WRITTEN, Doors, Sent
from oncall.nights.hours import NightClock
from oncall.nights.lives import Life
from oncall.service.intake import CallIn

RINGS_FOR = 25.0  # seconds, as the house asks for
WORD_EVERY = 20.0
OVER = 21220  # the carrier: the call is over
MOST_STEPS = 60  # of one call
Keys = Callable[[Turn], str | None]
PicksUp = Callable[["Call"], tuple[float, str, Keys]]


@dataclass(slots=True)
class Call:
    """One call, either way. `keys` says what the person presses next: "" waits, None hangs up."""

    sid: str
    number: str | None
    at: datetime
    inbound: bool
    message: Message | None = None
    progress: Progress = Progress.RINGING
    keys: Keys = lambda turn: None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    is_answered: bool = False
    is_over: bool = False
    moved_by: str = ""
    staff: str | None = None  # the message whose keys follow
    step: int = 0
    room: str = ""

    def told(self, digits: str = "", speech: str = "") -> CallIn:
        return CallIn(self.sid, self.number, str(self.step), digits, speech)


class Exchange:
    """See the module. `picks_up` says after how many seconds a call is answered, as what ("person", "voicemail",
    "busy", "nobody"), and what is pressed."""

    def __init__(self, clock: NightClock, doors: Doors, picks_up: PicksUp) -> None:
        self._clock, self._doors, self._picks_up = clock, doors, picks_up
        self.calls: dict[str, Call] = {}
        self._rooms: dict[str, list[Call]] = {}

    def to_live_call(self, message: Message) -> Outcome:
        """Other words for a live call. A sentence into a conference is heard by who is there; nothing follows."""
        target = message.target or ""
        call = self.calls.get(target.partition("/")[2] or target)
        if call is None:
            return Outcome(Verdict.REFUSED_FOR_GOOD)
        if call.is_over or not call.is_answered:
            return Outcome(Verdict.REFUSED_FOR_GOOD, code=OVER)
        if message.channel is Channel.MOVE:
            call.moved_by = message.id
            call.news.set()
        return Outcome(Verdict.ACCEPTED)

    def stops(self, sid: str) -> bool:
        """End what rings; whether it is a call of ours. An answered one is left alone."""
        call = self.calls.get(sid)
        if call is not None and not call.is_answered and not call.is_over:
            call.is_over = True
            call.news.set()
        return call is not None

    async def rings(self, call: Call, sent: Sent) -> None:
        """A call of ours from the first ring to the end."""
        await self._clock.sleep(1.0, call.news)
        after, what, keys = self._picks_up(call)
        if what == "busy":
            return await self._ends(call, sent, Progress.BUSY)
        if not call.is_over:
            await self._doors.tells(sent, Progress.RINGING)
            await self._clock.sleep(min(after, RINGS_FOR), call.news)
        if call.is_over:
            return await self._ends(call, sent, Progress.CANCELED)
        if what == "nobody" or after > RINGS_FOR:
            return await self._ends(call, sent, Progress.NO_ANSWER)
        call.is_answered, call.keys = True, keys
        sent.progress = call.progress = Progress.ANSWERED
        await self._doors.tells(sent, Progress.ANSWERED)
        if what == "voicemail":
            self._doors.start(self._guesses_machine(call))
        message = sent.message.id
        if is_notice(message):
            await self._pause(call, 10)
        else:
            answer, turn = await self._doors.knock(lambda life: life.telephone.answered(message, call.told()))
            if answer == WRITTEN:
                if turn.family:
                    call.staff = None
                await self._talks(call, turn)
        await self._ends(call, sent, Progress.COMPLETED)

    async def _guesses_machine(self, call: Call) -> None:
        await self._clock.sleep(5.0)
        message = call.message
        if message is not None and not call.is_over and message.purpose in (Purpose.PAGE, Purpose.CONNECT, Purpose.LEG):
            await self._doors.knock(lambda life: life.telephone.talk.machine_heard(message.id, "machine_end_beep"))

    async def rings_in(self, call: Call, answered: Callable[[str], None]) -> None:
        """Somebody rings the line; `answered` hears what the house made of the first step."""
        self.calls[call.sid] = call
        number = call.number or ""
        if not self._doors.takes("call", number, "lose_webhook"):
            answer, turn = await self._doors.knock(lambda life: life.telephone.picked_up(call.told()))
            answered(answer)
            if answer == WRITTEN:
                await self._talks(call, turn)
        call.is_over, call.progress = True, Progress.COMPLETED
        await self._leaves_room(call)
        if not self._doors.takes("call", number, "drop_callback"):
            await self._doors.knock(lambda life: life.telephone.ended(call.told()))

    async def _talks(self, call: Call, turn: Turn | None) -> None:
        """Turn by turn until somebody hangs up. A person needs a few seconds for each."""
        silences = 0
        for _ in range(MOST_STEPS):
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

        twice = self._doors.takes("call", call.number or "", "repeat_webhook") is not None
        answer, following = await self._doors.knock(step)
        if twice and answer == WRITTEN:
            await self._doors.knock(step)
        return following if answer == WRITTEN else None

    async def _moved(self, call: Call) -> Turn | None:
        """The house gave this call other words."""
        order, call.moved_by = call.moved_by, ""
        call.news.clear()
        await self._leaves_room(call)
        answer, moved = await self._doors.knock(lambda life: life.telephone.talk.moved(order, call.told()))
        if answer != WRITTEN:
            return None
        call.step, call.staff = moved.step, moved.message or call.staff
        return moved.turn

    async def _in_room(self, call: Call, case: str) -> Turn | None:
        """In the talk until somebody hangs up: the pair speaks for a while, who is alone waits for a while."""
        message, told = call.message, call.told()
        if message is not None and call.staff and self._doors.takes("call", message.to, "no_conference"):
            ask = lambda life: life.telephone.talk.left(message.id, told, "failed", True)  # noqa: E731
            answer, turn = await self._doors.knock(ask)
            return turn if answer == WRITTEN else None
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
                await self._doors.knock(
                    lambda life: life.telephone.talk.left(message.id, call.told(), "completed", False)
                )

    async def _room(self, case: str, event: str, call: Call) -> None:
        if not self._doors.takes("call", call.number or "", "drop_callback"):
            await self._doors.knock(lambda life: life.telephone.talk.room_changed(case, event, call.sid, f"CF{case}"))

    async def _ends(self, call: Call, sent: Sent, progress: Progress) -> None:
        call.is_over, call.progress, sent.progress = True, progress, progress
        await self._leaves_room(call)
        await self._doors.tells(sent, progress)

    async def _pause(self, call: Call, seconds: float) -> None:
        await self._clock.sleep(seconds, call.news)
