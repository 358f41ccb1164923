"""Calls: placed by the house or by a phone, rung, answered, performed and ended.

One task performs one leg from its first ring to its end; whatever a phone or the REST interface does reaches
it on its line. Deliberately not here: the verbs (verbs.py, dialling.py) and HTTP.
"""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from oncall.adapters.rehearsal.conferences import Conference
from oncall.adapters.rehearsal.dialling import Bridge
from oncall.adapters.rehearsal.line import Ask, Line, LineEnded, LineTurned
from oncall.adapters.rehearsal.notices import Notices, who
from oncall.adapters.rehearsal.pace import Pace
from oncall.adapters.rehearsal.phones import Handset, Mode
from oncall.adapters.rehearsal.pulse import Pulse
from oncall.adapters.rehearsal.records import VERSION, Call, Recording, Refusal
from oncall.adapters.rehearsal.twiml import BadTwiml, Dial, Document, Hangup, Room, Say, Target, read_twiml
from oncall.adapters.rehearsal.verbs import run

if TYPE_CHECKING:
    from oncall.adapters.rehearsal.carrier import Carrier

APOLOGY = "We're sorry, an application error has occurred. Goodbye."
_SPINNING = 40  # documents at one instant: a loop without any waiting in it
_WHO = {"person": "human", "voicemail": "machine_start", "robot": "unknown"}


class Calls:
    """Every leg the carrier has seen, the lines that are up, and the conference rooms."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self.notices = Notices(carrier)
        self.all: dict[str, Call] = {}
        self.lines: dict[str, Line] = {}
        self.rooms: dict[str, Conference] = {}
        self.past_rooms: list[Conference] = []
        self.recordings: dict[str, Recording] = {}

    @property
    def pulse(self) -> Pulse:
        return self._carrier.pulse

    @property
    def pace(self) -> Pace:
        return self._carrier.pace

    def alarm(self, what: str) -> None:
        self._carrier.alarm(what)

    # placing

    def new(self, to: str, caller: str, **details: object) -> Call:
        """A call that the house wants placed; raises Refusal as the REST interface does."""
        self._carrier.refuse_unreal(to, missing=21201)
        if not caller:
            raise Refusal(21213)
        if caller != self._carrier.line.number:
            raise Refusal(21210)
        call = self._record(to, caller, "outbound-api", **details)
        if not call.document.url and not call.twiml:
            del self.all[call.sid]
            raise Refusal(21205)
        return call

    def _record(self, to: str, caller: str, direction: str, **details: object) -> Call:
        sid, account = self._carrier.new_sid("CA"), self._carrier.line.account_sid
        call = Call(sid, account, caller, to, direction, self.pulse.now(), **details)  # type: ignore[arg-type]
        self.all[sid] = call
        return call

    def begin(self, call: Call) -> Line:
        """Start ringing."""
        line = self._line(call, self._carrier.phones.get(call.to))
        self.pulse.start(self._live(line, self._outbound(line)))
        return line

    def take_from(self, handset: Handset, shown_as: str | None) -> Call:
        """A phone rings the line."""
        settings = self._carrier.line
        if handset.line is not None:
            raise AssertionError(f"{handset!r} is in a call already")
        details = {"document": settings.voice, "fallback": settings.voice_fallback}
        call = self._record(settings.number, shown_as or handset.number, "inbound", **details)
        call.status_callback = settings.status
        line = self._line(call, handset)
        handset.line = line
        call.status = "ringing"
        self.pulse.start(self._live(line, run(line, Ask(call.document))))
        return call

    def _line(self, call: Call, handset: Handset | None) -> Line:
        line = Line(self, call, handset)
        self.lines[call.sid] = line
        return line

    def ring_leg(self, parent: Line, target: Target, verb: Dial, bridge: Bridge) -> Line:
        """One leg of a Dial; a number that must not or cannot be dialled fails at once."""
        caller = verb.caller_id or parent.call.caller
        call = self._record(target.number, caller, "outbound-dial", parent_sid=parent.call.sid)
        call.timeout_s, call.document = round(verb.timeout_s), target.whisper
        call.status_callback, call.events = target.status_callback, target.events
        line = self._line(call, self._carrier.phones.get(target.number))
        line.bridge = bridge
        self.pulse.start(self._live(line, self._leg(line, bridge)))
        return line

    def room(self, asked: Room) -> Conference:
        if asked.name not in self.rooms:
            sid, account = self._carrier.new_sid("CF"), self._carrier.line.account_sid
            self.rooms[asked.name] = Conference(self, sid, account, asked)
            self.past_rooms.append(self.rooms[asked.name])
        return self.rooms[asked.name]

    def refuses_conferences(self, line: Line) -> bool:
        """Whether an ordered fault keeps this leg out of every conference."""
        return self._carrier.faults.take("call", line.call.to, "no_conference") is not None

    # from the first ring to the end

    async def _live(self, line: Line, conversation: Coroutine[Any, Any, None]) -> None:
        """One leg's whole life; other TwiML from the REST interface may replace what is left of it."""
        try:
            try:
                await conversation
            except LineTurned as turned:
                await run(line, turned.to)
            raise LineEnded
        except LineEnded as end:
            self._finish(line, end)

    async def _outbound(self, line: Line) -> None:
        await self.pulse.pause(timedelta(seconds=self.pace.ring_s))
        await self._ring(line)
        await self._detect(line)
        await run(line, Ask(line.call.document, who(line), line.call.twiml))

    async def _leg(self, line: Line, bridge: Bridge) -> None:
        try:
            self._carrier.refuse_unreal(line.call.to, missing=13223)
        except Refusal as refused:
            raise LineEnded("failed", 404) from refused
        await self._ring(line)
        bridge.won_by(line)
        if line.call.document.url:
            await run(line, Ask(line.call.document))  # the whisper; hanging up in it declines
        try:
            bridge.connect(line)
            await line.until(None, lambda: bridge.is_closed)
        finally:
            bridge.disconnect(line)

    async def _ring(self, line: Line) -> None:
        """Ring until somebody or something picks up; raises LineEnded with the reason when nobody does."""
        line.check()
        self.notices.announce(line, "initiated")
        handset = line.handset
        if handset is None:
            raise LineEnded("failed", 404)
        if handset.mode is Mode.OFF:
            raise LineEnded("no-answer", 480)
        if handset.mode is Mode.BUSY or handset.line is not None:
            raise LineEnded("busy", 486)
        handset.line = line
        self.notices.announce(line, "ringing")
        await self._until_picked_up(line, handset)
        self.notices.announce(line, "answered")

    async def _until_picked_up(self, line: Line, handset: Handset) -> None:
        """A person, or by the phone's mode a machine; a mode that changes while it rings counts at once."""
        began = self.pulse.now()
        while not line.answered:
            mode = handset.mode
            machine, patience = self._machine(mode, float(line.call.timeout_s))
            at = began + timedelta(seconds=patience)
            if await line.until(at, partial(_is_news, line, handset, mode)):
                continue
            if not machine:
                raise LineEnded("no-answer", 487)
            line.listener, line.answered = machine, True

    def _machine(self, mode: Mode, timeout_s: float) -> tuple[str, float]:
        """Which machine picks up and after how long; none when the house gives up before."""
        if mode is Mode.SCREENING:
            return "robot", 0.0
        if mode is Mode.VOICEMAIL and self.pace.voicemail_after_s < timeout_s:
            return "voicemail", self.pace.voicemail_after_s
        return "", timeout_s

    async def _detect(self, line: Line) -> None:
        """Answering machine detection: either it delays the words, or its result comes by callback."""
        call = line.call
        if not call.machine_detection:
            return
        if call.amd_callback.url:
            self.pulse.start(self._detect_later(line))
            return
        await line.rest(timedelta(seconds=self.pace.detection_s))
        call.answered_by = self._verdict(line)

    async def _detect_later(self, line: Line) -> None:
        await self.pulse.pause(timedelta(seconds=self.pace.detection_s))
        if line.call.is_over:
            return
        call = line.call
        call.answered_by = self._verdict(line)
        params = {"AccountSid": call.account_sid, "CallSid": call.sid, "AnsweredBy": call.answered_by}
        params["MachineDetectionDuration"] = str(round(self.pace.detection_s * 1000))
        self._carrier.callbacks.send("call", call.sid, call.to, call.amd_callback, params)

    def _verdict(self, line: Line) -> str:
        verdict = _WHO[line.listener]
        wants_end = line.call.machine_detection == "DetectMessageEnd"
        return "machine_end_beep" if wants_end and verdict == "machine_start" else verdict

    def pick_up(self, line: Line) -> None:
        """The first verb that speaks or listens answers an inbound call."""
        if not line.answered:
            line.answered = True
            self.notices.announce(line, "answered")

    def _finish(self, line: Line, end: LineEnded) -> None:
        call = line.call
        if call.is_over:
            return
        call.ended_at, call.sip_code = self.pulse.now(), end.sip_code
        status = end.status
        if status == "completed" and not line.answered and call.direction != "inbound":
            status = "canceled"
        self.lines.pop(call.sid, None)
        if line.handset is not None and line.handset.line is line:
            line.handset.line = None
            line.handset.remember_call(line, self.pulse.now())
        self.notices.announce(line, "completed", status)
        if line.bridge is not None:
            line.bridge.changed()

    # what the REST interface changes

    def stop(self, call: Call, status: str) -> None:
        """canceled ends only what is not yet answered; completed ends anything."""
        line = self.lines.get(call.sid)
        if line is not None and (status == "completed" or not line.answered):
            line.end("completed" if line.answered else "canceled", 200 if line.answered else 487)

    def turn(self, call: Call, to: Ask) -> None:
        """Give a running call other TwiML."""
        line = self.lines.get(call.sid)
        if line is None or not line.answered:
            raise Refusal(21220)
        line.turn(to)

    # what the house is asked

    async def fetch(self, line: Line, ask: Ask) -> Document:
        """The next document for this line, from the house, its fallback, or the carrier's own apology."""
        if self._spins(line):
            self.alarm(f"call {line.call.sid} goes round without waiting; hung up")
            return _apology()
        if ask.twiml:
            return self._given(ask.twiml)
        if self._carrier.loses_webhook("call", line.call.far_end):
            return _apology()
        twice = self._carrier.faults.take("call", line.call.to, "repeat_webhook") is not None
        params = {**self.notices.params(line), **ask.params}
        document = await self._carrier.asking.document(ask.where, line.call.fallback, params, twice=twice)
        return document or _apology()

    def _given(self, twiml: str) -> Document:
        try:
            return read_twiml(twiml, "")
        except BadTwiml as fault:
            self.alarm(str(fault))
            return _apology()

    def _spins(self, line: Line) -> bool:
        at, count = line.fetches
        line.fetches = (at, count + 1) if at == self.pulse.now() else (self.pulse.now(), 1)
        return line.fetches[1] > _SPINNING

    def new_recording(self, call: Call) -> Recording:
        sid = self._carrier.new_sid("RE")
        url = f"{self._carrier.api_url}/{VERSION}/Accounts/{call.account_sid}/Recordings/{sid}"
        self.recordings[sid] = Recording(sid, call.account_sid, call.sid, url, self.pulse.now())
        return self.recordings[sid]


def _is_news(line: Line, handset: Handset, mode: Mode) -> bool:
    return line.answered or handset.mode is not mode


def _apology() -> Document:
    return Document("", (Say(APOLOGY), Hangup()))
