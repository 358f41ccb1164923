"""The stage for the guided stories: hands for the phones, and eyes that wait until something is seen.

A story never knows what the line says next or who is on call tonight; it looks at the phones as a visitor
would. What is not seen in a few real seconds is helped along by a jump to the next deadline, and otherwise
said to be missing. Deliberately not here: the stories themselves (stories.py).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.phones import Handset, HandsetSpec, Mode

LOOK_S = 6.0
_EMERGENCY_DOCTOR = HandsetSpec("+14135550190", "Dr Reed, community ED", "family")
_SPANISH_CALLER = HandsetSpec("+14135550191", "Grandmother of Mateo", "family", "es")
_CALLER = HandsetSpec("+14135550192", "Father of June", "family")


class NotSeen(Exception):
    """What the story waits for has not happened; it says so and goes on."""


class Stage:
    """Phones picked for the running story, kept from step to step."""

    def __init__(self, carrier: Carrier, jump: Callable[[], Awaitable[str]] | None) -> None:
        self.carrier = carrier
        self._jump = jump
        self.caller: Handset | None = None
        self.clinician: Handset | None = None
        self._doctors: set[Handset] = set()  # on the families' side, but no family
        self.rung: set[str] = set()  # clinicians whose phones this story has seen ringing

    async def clear(self) -> None:
        """Hang up everything and make every phone what it usually is."""
        self.caller = self.clinician = None
        self.rung.clear()
        for handset in self.carrier.phones.values():
            if handset.line is not None:
                handset.line.hang_up()
            handset.mode = handset.usual_mode

    # picking phones

    def clinicians(self) -> list[Handset]:
        return [phone for phone in self.carrier.phones.values() if phone.side == "clinician"]

    def family(self, language: str = "en") -> Handset:
        """A family's phone that is free, and speaks this language."""
        phones = self.carrier.phones.values()
        families = [phone for phone in phones if phone.side == "family" and phone not in self._doctors]
        texting = [phone for phone in families if phone.usual_mode is Mode.NORMAL and not phone.stopped]
        free = [phone for phone in texting if phone.language == language and phone.line is None]
        if not free:
            return self._borrow(_SPANISH_CALLER if language == "es" else _CALLER)
        self.caller = min(free, key=lambda phone: len(phone.bubbles))
        return self.caller

    def emergency_department(self) -> Handset:
        doctor = self._borrow(_EMERGENCY_DOCTOR)
        self._doctors.add(doctor)
        return doctor

    def _borrow(self, spec: HandsetSpec) -> Handset:
        self.caller = self.carrier.phones.setdefault(spec.number, Handset(spec, self.carrier))
        self.carrier.pulse.changed()
        return self.caller

    # watching

    async def see(self, what: str, seen: Callable[[], object], jumps: int = 0) -> None:
        """Wait until `seen`, jumping at most `jumps` deadlines ahead; raises NotSeen."""
        for n in range(jumps + 1):
            if await self._within(seen, LOOK_S if n in (0, jumps) else LOOK_S / 3):
                return
            if n < jumps and self._jump is not None:
                await self._jump()
        raise NotSeen(f"Not seen yet: {what}. The next step may still work.")

    async def _within(self, seen: Callable[[], object], seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        with self.carrier.pulse.watched() as changed:
            while not seen():
                left = until - loop.time()
                if left <= 0:
                    return False
                changed.clear()
                try:
                    await asyncio.wait_for(changed.wait(), min(left, 0.5))
                except TimeoutError:
                    continue
        return True

    async def breathe(self, seconds: float) -> None:
        """Let a visitor read, in real time."""
        await self._within(lambda: False, seconds)

    async def ringing_clinician(self, jumps: int = 0) -> Handset:
        """The first clinician whose phone rings, or whose machine has answered."""
        await self.see("a clinician's phone ringing", self._ringing, jumps)
        self.clinician = self._ringing()
        assert self.clinician is not None
        self.rung |= {_person(phone) for phone in self.clinicians() if phone.ringing}
        return self.clinician

    async def another_clinician(self, jumps: int) -> list[str]:
        """Wait for a phone that has not rung in this story; the names of all that ring then."""

        def fresh() -> bool:
            return any(phone.ringing and _person(phone) not in self.rung for phone in self.clinicians())

        await self.see("another clinician's phone ringing", fresh, jumps)
        ringing = [phone for phone in self.clinicians() if phone.ringing]
        self.rung |= {_person(phone) for phone in ringing}
        return [phone.owner for phone in ringing]

    def _ringing(self) -> Handset | None:
        ringing = [phone for phone in self.clinicians() if phone.ringing]
        return min(ringing, key=lambda phone: phone.owner != _person(phone), default=None)

    def phone_with_code(self, phone: Handset, action: str) -> tuple[Handset, str]:
        """The phone of the same person that the page was texted to, and the reply it asks for with this action."""
        for one in (phone, *self.clinicians()):
            if _person(one) == _person(phone) and (code := _reply_code(one, action)):
                return one, code
        raise NotSeen("The page's text shows no reply code; close the case on the board.")

    # doing

    async def answer(self, phone: Handset, jumps: int = 0) -> None:
        await self.see(f"{phone.owner}'s phone ringing", lambda: phone.ringing, jumps)
        assert phone.line is not None
        phone.line.answer()

    async def press(self, phone: Handset, key: str) -> None:
        """Press once the line listens."""
        await self.see(f"a question on {phone.owner}'s phone", lambda: _listens(phone))
        assert phone.line is not None
        phone.line.press(key)

    async def press_spoken_digit(self, phone: Handset) -> str:
        """Press the digit that the voice page asks for, which is another one each time."""
        await self.see("the digit that takes the call", lambda: _spoken_digit(phone))
        key = _spoken_digit(phone)
        await self.press(phone, key)
        return key

    async def say(self, phone: Handset, words: str) -> None:
        await self.see(f"{phone.owner} on the line", lambda: phone.in_call)
        assert phone.line is not None
        phone.line.speak(words)
        await self.breathe(2)

    async def hang_up(self, phone: Handset) -> None:
        if phone.line is not None:
            phone.line.hang_up()
        await self.breathe(0.3)

    def text(self, phone: Handset, words: str) -> None:
        self.carrier.texts.take_from(phone, words, (), None, None)


def _person(phone: Handset) -> str:
    """Whose phone it is; a second phone is the same person's."""
    return phone.owner.split(", second")[0]


def _listens(phone: Handset) -> bool:
    ears = phone.line.ears if phone.in_call and phone.line else None
    return ears is not None and ears.is_listening


def hears(phone: Handset) -> list[str]:
    """What has been said to this phone in the call it is in."""
    return phone.line.call.heard if phone.line else []


def _spoken_digit(phone: Handset) -> str:
    for words in reversed(hears(phone)):
        found = re.search(r"press (\d)", words)
        if found:
            return found[1]
    return ""


def _reply_code(phone: Handset, action: str) -> str:
    """The reply that a page's text asks for, with another action: `Reply 171 take` and 74 give 1774."""
    for words in reversed(phone.inbox):
        found = re.search(r"Reply (\d\d)\d\b", words)
        if found:
            return found[1] + action
    return ""
