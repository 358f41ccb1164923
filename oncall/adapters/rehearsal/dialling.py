"""Dial: connecting a line to other phones, or to a conference.

A bridge carries words between its members and ends when one leaves; a conference plays its waiting words until a
second person is there. Deliberately not here: ringing a phone (calls.py) and the conference (conferences.py).
"""

from __future__ import annotations

from datetime import timedelta

from oncall.adapters.rehearsal.conferences import Conference, Seat
from oncall.adapters.rehearsal.line import Ask, Line, LineBroken, LineEnded
from oncall.adapters.rehearsal.twiml import Dial, Gather, Pause, Redirect, Room, Say


class Bridge:
    """Two legs that hear each other. The first phone that picks up wins; the others stop ringing."""

    def __init__(self, caller: Line, hangup_on_star: bool = False) -> None:
        self.caller = caller
        self.hangup_on_star = hangup_on_star
        self.legs: list[Line] = []
        self.callee: Line | None = None
        self.is_closed = False
        self.is_listening = True

    @property
    def is_decided(self) -> bool:
        return self.callee is not None or self.is_over

    @property
    def is_over(self) -> bool:
        """No leg rings, talks or listens here any more; one may have been given other TwiML."""
        return all(leg.call.is_over or leg.bridge is not self for leg in self.legs)

    def won_by(self, winner: Line) -> None:
        """Real carriers stop the other phones at pick-up, be it a voicemail: so here too."""
        for leg in self.legs:
            if leg is not winner:
                leg.end("canceled", 487)

    def connect(self, callee: Line) -> None:
        self.callee = callee
        callee.ears = self
        self.changed()

    def disconnect(self, callee: Line) -> None:
        """The callee has gone, or goes on elsewhere."""
        callee.ears, callee.bridge = None, None
        self.close()

    def close(self) -> None:
        self.is_closed = True
        self.changed()
        for leg in self.legs:
            leg.nudge()

    def changed(self) -> None:
        self.caller.nudge()

    def key(self, key: str) -> None:
        if key == "*" and self.hangup_on_star:
            self.close()

    def words(self, line: Line, words: str) -> None:
        other = self.callee if line is self.caller else self.caller
        if other is not None:
            other.hear(words)


async def dial(line: Line, verb: Dial) -> Ask | None:
    """Perform a Dial; with an action its outcome goes there, also when the caller has hung up meanwhile."""
    try:
        outcome = await (_join(line, verb, verb.room) if verb.room else _ring_out(line, verb))
    except LineEnded:
        if verb.action:
            line.calls.notices.tell(line, Ask(verb.action, {"DialCallStatus": "completed"}))
        raise
    return Ask(verb.action, outcome) if verb.action else None


async def _ring_out(line: Line, verb: Dial) -> dict[str, str]:
    bridge = Bridge(line, verb.hangup_on_star)
    bridge.legs = [line.calls.ring_leg(line, target, verb, bridge) for target in verb.targets]
    try:
        await line.until(None, lambda: bridge.is_decided)
        if bridge.callee is not None:
            line.ears = bridge
            await line.rest(timedelta(seconds=verb.limit_s), lambda: bridge.is_closed)
    finally:
        line.ears = None
        bridge.close()
        for leg in bridge.legs:
            if leg.bridge is bridge and not leg.call.is_over:
                leg.end("completed" if leg.answered else "canceled")
    return await _outcome(line, bridge)


async def _outcome(line: Line, bridge: Bridge) -> dict[str, str]:
    await line.until(None, lambda: bridge.is_over)
    last = bridge.callee or bridge.legs[-1]
    return {
        "DialCallStatus": last.call.status,
        "DialCallSid": last.call.sid,
        "DialCallDuration": str(last.call.seconds),
        "DialBridged": "true" if bridge.callee else "false",
    }


async def _join(line: Line, verb: Dial, asked: Room) -> dict[str, str]:
    if line.calls.refuses_conferences(line):
        return {"DialCallStatus": "failed", "DialBridged": "false"}
    room = line.calls.room(asked)
    began = line.calls.pulse.now()
    seat = room.enter(line, asked, verb.hangup_on_star)
    try:
        await _hold(line, room, seat)
        await line.rest(timedelta(seconds=verb.limit_s), lambda: room.is_over or seat.has_left)
    finally:
        if line in room.seats:
            room.leave(line)
    seconds = round((line.calls.pulse.now() - began).total_seconds())
    return {"DialCallStatus": "completed", "DialCallDuration": str(seconds), "DialBridged": "true"}


async def _hold(line: Line, room: Conference, seat: Seat) -> None:
    """Waiting words, again and again, until the conference begins."""
    line.break_when = lambda: room.has_begun or room.is_over or seat.has_left
    try:
        while seat.asked.wait.url:
            await _waiting_words(line, seat.asked)
            await line.rest(timedelta(seconds=1))  # a document without length must not spin
        await line.until(None)
    except LineBroken:
        pass
    finally:
        line.break_when = None


async def _waiting_words(line: Line, asked: Room) -> None:
    document = await line.calls.fetch(line, Ask(asked.wait))
    for verb in document.verbs:
        match verb:
            case Say():
                await line.say(verb)
            case Pause(seconds):
                await line.rest(timedelta(seconds=seconds))
            case Gather() | Redirect():  # keys mean nothing here; the loop itself leads on
                return
