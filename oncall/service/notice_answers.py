"""Answers to notices: a text of slot and digit, or a key on a call; and which texts are none.

The grammar is docs/decisions/0026. Slots of notices and of pages are never the same, so whole replies cannot be
mistaken; a bare digit, or a word of consent where there is one choice, counts only with exactly one open question at
that number and no open page. It must come from the phone that was asked, which is thereby proven. Deliberately not
here: pages (`replies`), sending (`messenger`), and what an answer leads to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from oncall.core import notices as moves
from oncall.core.case.messages import Channel, Progress
from oncall.core.notices import About, Notice, Standing
from oncall.core.people import Clinician
from oncall.service.messenger import Messenger
from oncall.service.ports.journal import Journal
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telephone.replies import TAKE_WORDS, WHOLE_SECONDS, StaffText

REPLY = re.compile(r"#?\s*(\d{2})\s*([1-9])\s*[.!]?$")
BARE = re.compile(r"([1-9])\s*[.!]?$")
ECHO = "echo"  # the kind of notices that tell somebody what became of an answer
WHO = "the messenger"
ECHO_KEPT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a call says next: `asks` waits for a key, else it is the end."""

    words: str
    asks: bool = False
    language: str = "en"


class NoticeAnswers:
    """See the module."""

    def __init__(self, messenger: Messenger, journal: Journal, register: Register, clock: Timepiece) -> None:
        self._messenger, self._journal, self._register, self._clock = messenger, journal, register, clock

    # --- texts -------------------------------------------------------------------------------------------------------

    async def take(self, person: Clinician, text: StaffText) -> Notice | None:
        """The notice that this text is about; None when it is about none and must be read otherwise."""
        if (known := await self._messenger.notices.answered_by(text.sid)) is not None:
            return known  # told twice by the carrier: nothing new
        asked = [notice for notice in await self._messenger.notices.of_person(person.id) if _could_be(notice, text)]
        body = text.body.strip()
        if match := REPLY.match(body):
            named = next((notice for notice in asked if notice.slot == int(match[1])), None)
            return await self._answer(named, match[2], text) if named else None
        return await self._bare(person, asked, body.lower(), text)

    async def is_asking(self, person: Clinician) -> bool:
        """Whether any question to this person is open: then a bare word could mean it."""
        return any(notice.is_asking for notice in await self._messenger.notices.of_person(person.id))

    async def _bare(self, person: Clinician, asked: list[Notice], said: str, text: StaffText) -> Notice | None:
        open_ones = [notice for notice in asked if notice.is_asking]
        if len(open_ones) != 1 or not (digit := _bare_digit(open_ones[0], said)):
            return None
        if any(page.open for page in await self._journal.pages_of(person.id)):
            return None
        return await self._answer(open_ones[0], digit, text)

    async def _answer(self, notice: Notice, digit: str, text: StaffText) -> Notice:
        if text.number != notice.to:
            await self._echo(notice, text, "Please reply from the phone that was asked.")
            return notice
        before = notice.standing
        at = self._clock.now()
        await self._register.prove_phone(text.number, at)
        move = partial(moves.answered, digit=digit, reply_sid=text.sid, at=at)
        moved = await self._messenger.change(notice.id, move) or notice
        await self._echo(moved, text, _told(moved, before, digit))
        return moved

    async def _echo(self, notice: Notice, text: StaffText, words: str) -> None:
        """One answer to one text, however often we are told of it."""
        about = About(ECHO, text.sid)
        until = self._clock.now() + ECHO_KEPT
        echo = Notice(about, text.number, Channel.SMS, words, WHO, person=notice.person, expires_at=until)
        await self._messenger.order(echo)

    # --- calls, and how far anything got ----------------------------------------------------------------------------

    async def progress(self, notice_id: str, progress: Progress, sid: str | None, code: int | None) -> None:
        await self._messenger.progress(notice_id, progress, sid, code)

    async def picked_up(self, notice_id: str) -> Spoken:
        """Somebody, or a machine, picked up: what it is, and which key says that a person heard it (law 4)."""
        notice = await self._messenger.notices.get(notice_id)
        if notice is None:
            return Spoken("")
        return await self._asked(notice)

    async def keyed(self, notice_id: str, digit: str, call: str) -> Spoken:
        """A key on that call. Another key than the ones it named is asked again."""
        notice = await self._messenger.notices.get(notice_id)
        if notice is None:
            return Spoken("")
        at = self._clock.now()
        if all(choice.digit != digit for choice in notice.choices):
            return await self._asked(notice)
        await self._register.prove_phone(notice.to, at)
        move = partial(moves.answered, digit=digit, reply_sid=call, at=at)
        moved = await self._messenger.change(notice_id, move) or notice
        return Spoken(_told(moved, notice.standing, digit))

    async def _asked(self, notice: Notice) -> Spoken:
        """Staff are spoken to in English, a family in its own language."""
        family = None if notice.person else await self._register.caller(notice.to)
        language = family.language if family else "en"
        return Spoken(moves.said(notice), bool(notice.choices) and notice.is_open, language)


def _could_be(notice: Notice, text: StaffText) -> bool:
    """A text that reaches us late never answers what was asked after it was written."""
    if notice.ordered_at is None or not notice.choices:
        return False
    return text.sent_at is None or notice.ordered_at <= text.sent_at + WHOLE_SECONDS


def _bare_digit(notice: Notice, said: str) -> str:
    """The digit that bare words mean; consent in words means something only where there is one choice."""
    if match := BARE.match(said):
        return match[1] if any(choice.digit == match[1] for choice in notice.choices) else ""
    agrees = said.rstrip(".!") in TAKE_WORDS and len(notice.choices) == 1
    return notice.choices[0].digit if agrees else ""


def _told(notice: Notice, before: Standing, digit: str) -> str:
    """What the person hears of the answer."""
    if notice.standing is Standing.ANSWERED and notice.answer == digit:
        return "Thank you, noted." if before in moves.OPEN else "That is noted already."
    if notice.standing is Standing.ANSWERED:
        return "That was answered before; the first answer holds."
    if notice.is_open:
        listed = " or ".join(f"{notice.slot or ''}{choice.digit}" for choice in notice.choices)
        return f"Please reply {listed}."
    return "That question is closed; nothing was changed."
