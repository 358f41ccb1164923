"""The handsets: what a family's or a clinician's phone can do and what it has received.

Tests hold these: a handset texts, rings, is answered, hears words, presses keys. Its mode says what sort of
phone it is tonight (voicemail, switched off, landline ...). Deliberately not here: the carrier's part
(texts.py, calls.py); a handset only passes on what its owner does and keeps what reached it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from oncall.adapters.rehearsal.carrier import Carrier
    from oncall.adapters.rehearsal.line import Line

Side = Literal["family", "clinician", "operator"]


class Mode(StrEnum):
    NORMAL = "normal"
    VOICEMAIL = "voicemail"  # rings, then a machine answers
    OFF = "switched off"  # texts wait, calls get no answer
    LANDLINE = "landline"  # rings; texts fail with 30006
    BUSY = "busy"
    NO_ANSWER = "no answer"  # rings silently
    SCREENING = "screening robot"  # a robot answers and asks who is calling


@dataclass(frozen=True, slots=True)
class HandsetSpec:
    """One phone of the training ground."""

    number: str
    owner: str
    side: Side = "family"
    language: str = "en"
    mode: str = "normal"
    stopped: bool = False  # its owner once texted STOP


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text as its owner sees it."""

    at: datetime
    words: str
    mine: bool
    media: tuple[str, ...] = ()
    note: str = ""  # such as "from the carrier itself"
    kind: Literal["text", "call", "voicemail"] = "text"


class Handset:
    """One phone. Verbs wait until carrier and house have dealt with them; the lists keep what came."""

    def __init__(self, spec: HandsetSpec, carrier: Carrier) -> None:
        self.number, self.owner, self.side, self.language = spec.number, spec.owner, spec.side, spec.language
        self._carrier = carrier
        self._mode = self.usual_mode = Mode(spec.mode)
        self.inbox: list[str] = []
        self.bubbles: list[Bubble] = []
        self.heard: list[str] = []
        self.voicemail: list[str] = []
        self.screened: list[str] = []
        self.line: Line | None = None

    def __repr__(self) -> str:
        return f"<{self.owner} {self.number} {self.mode}>"

    # what sort of phone it is

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        was, self._mode = self._mode, Mode(mode)
        if was is Mode.OFF and self._mode is not Mode.OFF:
            self._carrier.texts.deliver_waiting(self)
        if self.line is not None:
            self.line.nudge()  # a phone that rings behaves by its new mode at once
        self._carrier.pulse.changed()

    @property
    def stopped(self) -> bool:
        """Has its owner texted STOP to the line?"""
        return self._carrier.texts.is_stopped(self.number)

    @property
    def ringing(self) -> bool:
        return self.line is not None and self.line.is_ringing

    @property
    def in_call(self) -> bool:
        """Is its owner (not a machine) talking or listening?"""
        return self.line is not None and self.line.is_open and self.line.listener == "person"

    # what its owner does

    async def texts(
        self,
        words: str,
        *,
        media: Sequence[str] = (),
        pictures: Sequence[bytes] = (),
        sid: str | None = None,
        shown_as: str | None = None,
        to: Carrier | None = None,
    ) -> str:
        """Text the line, or the one that another carrier has; returns the message's SID.

        The same `sid` again is the carrier repeating itself.
        """
        carrier = to or self._carrier
        message = carrier.texts.take_from(self, words, tuple(media), sid, shown_as, pictures)
        await carrier.settle()
        return message.sid

    async def calls(self, shown_as: str | None = None, to: Carrier | None = None) -> str:
        """Ring the line; returns the call's SID. `shown_as="anonymous"` withholds the number."""
        carrier = to or self._carrier
        call = carrier.calls.take_from(self, shown_as)
        await carrier.settle()
        return call.sid

    async def answers(self) -> None:
        self._ringing_line().answer()
        await self._carrier.settle()

    async def declines(self) -> None:
        self._ringing_line().decline()
        await self._carrier.settle()

    async def presses(self, keys: str) -> None:
        for key in keys:
            self._open_line().press(key)
        await self._carrier.settle()

    async def says(self, words: str) -> None:
        self._open_line().speak(words)
        await self._carrier.settle()

    async def hangs_up(self) -> None:
        if self.line is not None:  # hanging up after the other end did is no mistake
            self.line.hang_up()
        await self._carrier.settle()

    async def loses_the_line(self) -> None:
        """A dead spot: the leg is gone although nobody hung up; the carrier sees no more than that it ended."""
        self._open_line().end("completed")
        await self._carrier.settle()

    def _ringing_line(self) -> Line:
        if self.line is None or not (self.line.is_ringing or self.line.listener == "robot"):
            raise AssertionError(f"{self!r} is not ringing")
        return self.line

    def _open_line(self) -> Line:
        if self.line is None or not self.line.is_open:
            raise AssertionError(f"{self!r} is not in a call")
        return self.line

    # what reaches it

    def receive(self, words: str, media: tuple[str, ...], at: datetime, note: str = "") -> None:
        self.inbox.append(words)
        self.bubbles.append(Bubble(at, words, mine=False, media=media, note=note))

    def sent(self, words: str, media: tuple[str, ...], at: datetime) -> None:
        self.bubbles.append(Bubble(at, words, mine=True, media=media))

    def remember_call(self, line: Line, at: datetime) -> None:
        """A call is over: what its owner finds on the phone afterwards."""
        if line.listener == "voicemail":
            self.bubbles.append(Bubble(at, " ".join(line.call.heard), mine=False, kind="voicemail"))
        elif line.listener == "robot":
            words = f"A screening robot took a call: {' '.join(line.call.heard)}"
            self.bubbles.append(Bubble(at, words, mine=False, kind="call"))
        else:
            mine = line.call.direction == "inbound"
            self.bubbles.append(Bubble(at, _call_words(line), mine=mine, kind="call"))

    def hear(self, words: str, listener: str) -> None:
        """Words on the line: its owner hears them, or a machine keeps them."""
        {"person": self.heard, "voicemail": self.voicemail, "robot": self.screened}[listener].append(words)


def _call_words(line: Line) -> str:
    if not line.answered:
        return "Call, not answered" if line.call.direction == "inbound" else "Missed call"
    minutes, seconds = divmod(line.call.seconds, 60)
    return f"Call, {minutes} min {seconds:02} s" if minutes else f"Call, {seconds} s"
