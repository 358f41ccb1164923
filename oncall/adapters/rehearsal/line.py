"""One leg of a call while it lasts: who listens, what is awaited, and how it ends.

A handset (or the REST interface) acts on a line at any moment; the task that performs the TwiML waits in
`until` and sees it there. Words and keys go to `ears`: a Gather, a Recording or a bridge. Deliberately not
here: the verbs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from oncall.adapters.rehearsal.records import NOWHERE, Call, Callback
from oncall.adapters.rehearsal.twiml import Say

if TYPE_CHECKING:
    from oncall.adapters.rehearsal.calls import Calls
    from oncall.adapters.rehearsal.dialling import Bridge
    from oncall.adapters.rehearsal.phones import Handset


@dataclass(frozen=True, slots=True)
class Ask:
    """Where the next TwiML comes from: an address with parameters, or the words themselves."""

    where: Callback = NOWHERE
    params: Mapping[str, str] = field(default_factory=dict)
    twiml: str = ""


class LineEnded(Exception):
    """The leg is over with this final status."""

    def __init__(self, status: str = "completed", sip_code: int = 200) -> None:
        self.status, self.sip_code = status, sip_code
        super().__init__(status)


class LineTurned(Exception):
    """The REST interface has given the call other TwiML."""

    def __init__(self, to: Ask) -> None:
        self.to = to
        super().__init__("turned")


class LineBroken(Exception):
    """What was being said is no longer wanted (the conference has begun)."""


class Ears(Protocol):
    """Whoever takes keys and words on this line, as long as it listens."""

    @property
    def is_listening(self) -> bool: ...

    def key(self, key: str) -> None: ...

    def words(self, line: Line, words: str) -> None: ...


class Line:
    """One leg. `listener` says whether a person, a voicemail or a screening robot has picked up."""

    def __init__(self, calls: Calls, call: Call, handset: Handset | None) -> None:
        self.calls, self.call, self.handset = calls, call, handset
        self.listener = "person"
        self.answered = False
        self.ears: Ears | None = None
        self.bridge: Bridge | None = None  # of the Dial that rang this leg, until it is over or goes elsewhere
        self.transcript: list[tuple[str, str]] = []  # ("line", words heard here) and ("me", words said), ("key", key)
        self.lost_keys = ""  # pressed while nobody listened: a real line loses them too
        self.break_when: Callable[[], bool] | None = None
        self.fetches: tuple[datetime | None, int] = (None, 0)
        self._ending: LineEnded | None = None
        self._turn: Ask | None = None
        self._woken = asyncio.Event()

    @property
    def is_ringing(self) -> bool:
        return self.call.direction != "inbound" and self.call.status == "ringing" and not self.answered

    @property
    def is_open(self) -> bool:
        return self.answered and not self.call.is_over and self._ending is None

    # what the phone's owner or the REST interface does

    def answer(self) -> None:
        """Pick up, or take the call from the screening robot."""
        self.listener = "person"
        self.answered = True
        self.nudge()

    def decline(self) -> None:
        self.end("busy", 603)

    def press(self, key: str) -> None:
        self.transcript.append(("key", key))
        if self.ears is not None and self.ears.is_listening:
            self.ears.key(key)
        else:
            self.lost_keys += key
        self.nudge()

    def speak(self, words: str) -> None:
        self.transcript.append(("me", words))
        if self.ears is not None and self.ears.is_listening:
            self.ears.words(self, words)
        self.nudge()

    def hang_up(self) -> None:
        if self.is_ringing:
            self.decline()
        else:
            self.end("completed")

    def end(self, status: str, sip_code: int = 200) -> None:
        """End this leg at its next look; the first reason stands."""
        self._ending = self._ending or LineEnded(status, sip_code)
        self.nudge()

    def turn(self, to: Ask) -> None:
        self._turn = to
        self.nudge()

    def nudge(self) -> None:
        self._woken.set()

    # what the performing task uses

    def check(self) -> None:
        """Raise what has happened to this line meanwhile."""
        if self._ending is not None:
            raise self._ending
        if self._turn is not None:
            turn, self._turn = self._turn, None
            raise LineTurned(turn)
        if self.break_when is not None and self.break_when():
            raise LineBroken

    async def until(self, at: datetime | None, ready: Callable[[], bool] = lambda: False) -> bool:
        """Wait for `ready` (True) or for `at` (False)."""
        while True:
            self.check()
            if ready():
                return True
            if at is not None and self.calls.pulse.now() >= at:
                return False
            self._woken.clear()
            await self.calls.pulse.wait(at, self._woken)

    async def rest(self, span: timedelta, ready: Callable[[], bool] = lambda: False) -> bool:
        """Wait for `ready` (True) or until `span` is over (False)."""
        return await self.until(self.calls.pulse.now() + span, ready)

    async def say(self, prompt: Say, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Speak; a key or a word that is awaited cuts it short."""
        for _ in range(prompt.times):
            if interrupted():
                return
            self.hear(prompt.words)
            await self.rest(self.calls.pace.speech(prompt.words), interrupted)

    def hear(self, words: str) -> None:
        self.call.heard.append(words)
        self.transcript.append(("line", words))
        if self.handset is not None:
            self.handset.hear(words, self.listener)
        self.calls.pulse.changed()
