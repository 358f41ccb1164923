"""The start-of-shift proof: whoever comes on is asked to show that the telephone works.

A text at the hand-over; without an answer a call after half an hour; after an hour the coordinator and whoever had it
before are told. A key pressed since the hand-over, on any call of ours, is proof enough. Each look reads the rows and
does what is missing, so a restart loses nothing (law 3). Deliberately not here: sending, and reading the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel
from oncall.core.case.wording import named_hour
from oncall.core.handbook import Handbook
from oncall.core.notices import About, Notice, Standing
from oncall.core.people import Clinician, Hospital
from oncall.core.rota.hand_overs import HandOver, hand_overs
from oncall.core.wall_time import FOREVER
from oncall.service.messenger import Messenger
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telling import asks_that_it_works, text_number, titles, told_coordinators, written_to

PROOF, UNPROVEN = "shift-proof", "shift-unproven"
WATCHED = timedelta(hours=3)  # after a longer silence of the house nobody is asked in the middle of the shift
CALL_AFTER, TELL_AFTER = timedelta(minutes=30), timedelta(minutes=60)
CALL_KEPT = timedelta(minutes=25)
BY = "start of shift"


class ShiftProofs:
    """See the module."""

    def __init__(
        self, messenger: Messenger, register: Register, handbooks: HandbookSource, clock: Timepiece, hospital: Hospital
    ) -> None:
        self._messenger, self._register, self._handbooks = messenger, register, handbooks
        self._clock, self._hospital = clock, hospital

    async def look(self) -> None:
        """Every hand-over of the last hours."""
        now, handbook, directory = self._clock.now(), self._handbooks.current(), await self._register.directory()
        for hand_over in hand_overs(handbook.rota, now):
            person = directory.clinicians.get(hand_over.person)
            if now - hand_over.starts_at <= WATCHED and (person is None or not person.is_shared):
                await self._see_to(hand_over, person, directory, handbook)

    async def _see_to(
        self, hand_over: HandOver, person: Clinician | None, directory: Directory, handbook: Handbook
    ) -> None:
        proofs = await self._messenger.answers(About(PROOF, hand_over.reference))
        if person is None or not person.phones:
            await self._tell(hand_over, directory, handbook)
        elif is_proven_since(person, hand_over.starts_at):
            if any(notice.is_open for notice in proofs):
                await self._messenger.withdraw(PROOF, hand_over.reference)
        elif not proofs:
            await self._messenger.order(self._text(hand_over, person, handbook) or self._call(hand_over, person))
        else:
            await self._go_on(hand_over, person, proofs, directory, handbook)

    async def _go_on(
        self,
        hand_over: HandOver,
        person: Clinician,
        proofs: Sequence[Notice],
        directory: Directory,
        handbook: Handbook,
    ) -> None:
        now, asked_at = self._clock.now(), _asked_at(proofs)
        if asked_at is None:
            return  # held back: the person is being paged
        called = any(notice.channel is Channel.VOICE for notice in proofs)
        text_failed = all(notice.standing is Standing.FAILED for notice in proofs)
        if not called and (text_failed or now - asked_at >= CALL_AFTER):
            await self._messenger.order(self._call(hand_over, person))
        if now - asked_at >= TELL_AFTER:
            await self._tell(hand_over, directory, handbook)

    def _text(self, hand_over: HandOver, person: Clinician, handbook: Handbook) -> Notice | None:
        number = text_number(person)
        if number is None:
            return None
        words = f"You are {self._duty(hand_over, handbook)}. Reply {{1}} so that we know this phone works."
        return self._asks(hand_over, person, Channel.SMS, number, words, None)

    def _call(self, hand_over: HandOver, person: Clinician) -> Notice:
        words = (
            f"This is the pump line, for {person.spoken}. This is no page. "
            f"You are on call: {self._duty(hand_over, self._handbooks.current())}. "
            "To show that this phone works, press 1."
        )
        until = self._clock.now() + CALL_KEPT
        return self._asks(hand_over, person, Channel.VOICE, person.phones[0].number, words, until)

    def _asks(
        self, hand_over: HandOver, person: Clinician, channel: Channel, to: str, words: str, until: datetime | None
    ) -> Notice:
        return Notice(
            About(PROOF, hand_over.reference),
            to,
            channel,
            words,
            BY,
            person=person.id,
            choices=asks_that_it_works(),
            is_test=True,
            rings=2,
            expires_at=until or min(hand_over.until, self._clock.now() + timedelta(hours=24)),
        )

    def _duty(self, hand_over: HandOver, handbook: Handbook) -> str:
        until = "further notice"
        if hand_over.until < FOREVER:
            until = named_hour(hand_over.until, self._clock.now(), self._hospital)
        return f"{titles(handbook.rota, hand_over.tiers)} until {until}"

    async def _tell(self, hand_over: HandOver, directory: Directory, handbook: Handbook) -> None:
        """Once each, by the notices' own ids."""
        about, now = About(UNPROVEN, hand_over.reference), self._clock.now()
        known = directory.clinicians.get(hand_over.person)
        name = known.name if known else hand_over.person
        since = named_hour(hand_over.starts_at, now, self._hospital)
        duty = f"{name} ({titles(handbook.rota, hand_over.tiers)}, since {since})"
        why = "has not answered us by text or voice" if known and known.phones else "has no phone in the register"
        hours = handbook.table.hours
        words = f"{duty} {why}. Please check that they can be reached, or put somebody else on."
        await self._messenger.order(*told_coordinators(directory, handbook.rota, hours, about, words, BY, now))
        previous = directory.clinicians.get(hand_over.previous or "")
        if previous is not None and not previous.is_shared:
            asked = written_to(previous, about, f"{duty} {why}. Please make sure that they know they are on.", BY)
            await self._messenger.order(*([asked] if asked else []))


def is_proven_since(person: Clinician, at: datetime) -> bool:
    """A human key or reply came from one of the phones since then."""
    return person.proven_at is not None and person.proven_at >= at


def _asked_at(proofs: Sequence[Notice]) -> datetime | None:
    """Since when the person could have known; what was tried and never taken counts from when it was ordered."""
    sent = [notice.sent_at for notice in proofs if notice.sent_at is not None]
    tried = [notice.ordered_at for notice in proofs if notice.attempts > 0 and notice.ordered_at is not None]
    return min(sent or tried, default=None)
