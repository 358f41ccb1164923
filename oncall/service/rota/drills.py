"""Test calls: to one person, or to everybody whom a page would reach, marked TEST from the first word.

A human key answers; voicemail and silence do not: then the next telephone of that person is rung. A drill never stands
in the way of a page: it waits, and is stopped, by the rule of every test (`messenger`). Deliberately not here: ringing,
and who asks for a drill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.case.messages import Channel
from oncall.core.notices import About, Choice, Notice, Standing
from oncall.core.people import Clinician
from oncall.core.rota.hand_overs import paging_layers
from oncall.core.rota.on_call import Rota, on_call_at
from oncall.service.cases.board import name_of
from oncall.service.messenger import Messenger
from oncall.service.people.second_phone import at_the_next_number
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.register import Notices, Register
from oncall.service.ports.timepiece import Timepiece

KIND = "drill"
KEPT = timedelta(minutes=15)  # who is paged all that time has shown that the phone works
LISTED, MOST_LISTED = timedelta(days=31), 300
HEARD = (Choice("1", "pressed 1"),)
TOLD = {
    Standing.EXPIRED: "NO ANSWER",
    Standing.FAILED: "the carrier refused the call",
    Standing.WITHDRAWN: "withdrawn",
    Standing.SENT: "ringing",
}


@dataclass(frozen=True, slots=True)
class DrillRow:
    """One telephone of a drill. `seconds` from the ring that was answered; `is_over` when nothing more will come."""

    person: str
    name: str
    number: str
    seconds: float | None
    answer: str
    is_over: bool
    is_answered: bool


@dataclass(frozen=True, slots=True)
class DrillSummary:
    """One drill of the last weeks; `people` were rung, `answered` of them with a key."""

    name: str
    at: datetime
    by: str
    people: int
    answered: int
    is_running: bool


class NobodyToRing(Exception):
    """The sentence says why."""


class Drills:
    """See the module."""

    def __init__(self, messenger: Messenger, register: Register, handbooks: HandbookSource, clock: Timepiece) -> None:
        self._messenger, self._register = messenger, register
        self._handbooks, self._clock = handbooks, clock
        messenger.hears(KIND, self._ended)

    @property
    def notices(self) -> Notices:
        """What was asked and answered, for the certificate."""
        return self._messenger.notices

    async def begin(self, name: str, person: str | None, rotation: str | None, by: str) -> int:
        """Order the calls of the drill `name`: one person's, or the chain's (`rotation` may be one layer of it).

        How many there are; raises NobodyToRing.
        """
        directory, rota = await self._register.directory(), self._handbooks.current().rota
        people = [person] if person else chain(rota, rotation, self._clock.now())
        calls = [self._call(name, one, by) for id in people if (one := directory.clinicians.get(id)) and one.phones]
        if person and not calls:
            raise NobodyToRing(f"Nobody with a phone in the register is called {person}.")
        if not calls:
            raise NobodyToRing("Nobody with a phone is on call there.")
        await self._messenger.order(*calls)
        return len(calls)

    async def rows(self, name: str) -> list[DrillRow]:
        directory = await self._register.directory()
        asked = await self._messenger.answers(About(KIND, name))
        waits = {one.person for one in asked if not one.is_open and not one.is_heard}  # perhaps the next number follows
        return [_row(notice, name_of(notice.person, directory), notice.person in waits) for notice in asked]

    async def is_missed(self, notice: Notice) -> bool:
        """Whether the person of this call, which ended unanswered, has not answered on another telephone either."""
        asked = await self._messenger.answers(notice.about)
        others = [one for one in asked if one.person == notice.person]
        return not any(one.is_open or one.standing is Standing.ANSWERED for one in others)

    async def recent(self) -> list[DrillSummary]:
        """Of the last month, newest first; at most so many as a page holds."""
        now = self._clock.now()
        calls = await self._messenger.notices.between(now - LISTED, now + timedelta(days=1), KIND, MOST_LISTED)
        by_drill: dict[str, list[Notice]] = {}
        for call in calls:
            by_drill.setdefault(call.about.reference, []).append(call)
        return [_summary(name, calls) for name, calls in by_drill.items()]

    async def _ended(self, notice: Notice) -> None:
        """Nobody answered there: the next number of the same person, as a page would."""
        person = (await self._register.directory()).clinicians.get(notice.person)
        asked, until = await self._messenger.answers(notice.about), self._clock.now() + KEPT
        again = at_the_next_number(asked, person, until) if person else None
        await self._messenger.order(*([again] if again else []))

    def _call(self, name: str, person: Clinician, by: str) -> Notice:
        words = (
            f"TEST. This is a test call of the pump line, for {person.spoken}. Nobody is waiting for you. "
            "To show that this phone works, press 1."
        )
        return Notice(
            About(KIND, name),
            person.phones[0].number,
            Channel.VOICE,
            words,
            by,
            person=person.id,
            choices=HEARD,
            is_test=True,
            rings=2,
            expires_at=self._clock.now() + KEPT,
        )


def chain(rota: Rota, rotation: str | None, at: datetime) -> Sequence[str]:
    """Everybody whom a page would reach now, the pump team first; of one rotation, or layer, if it is named."""
    layers = [(r, layer) for r, layer in paging_layers(rota) if rotation in (None, r.name, f"{r.name}/{layer}")]
    return list(dict.fromkeys(shift.person for r, layer in layers for shift in on_call_at(r, layer, at)))


def _summary(name: str, calls: Sequence[Notice]) -> DrillSummary:
    answered = {call.person for call in calls if call.standing is Standing.ANSWERED}
    people = {call.person for call in calls}
    at = min(call.ordered_at for call in calls if call.ordered_at is not None)
    return DrillSummary(name, at, calls[-1].ordered_by, len(people), len(answered), any(call.is_open for call in calls))


def _row(notice: Notice, name: str, waits: bool) -> DrillRow:
    seconds = None
    if notice.answered_at is not None and notice.sent_at is not None:
        seconds = (notice.answered_at - notice.sent_at).total_seconds()
    return DrillRow(
        person=notice.person,
        name=name,
        number=notice.to,
        seconds=seconds,
        answer=notice.meaning or _waits(notice),
        is_over=not notice.is_open and not waits,
        is_answered=notice.standing is Standing.ANSWERED,
    )


def _waits(notice: Notice) -> str:
    if notice.standing is Standing.EXPIRED and notice.attempts == 0:
        return "NOT RUNG: pages went first"
    return TOLD.get(notice.standing, "waits for its turn" if notice.attempts == 0 else "rings again soon")
