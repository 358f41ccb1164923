"""Numbers of the team: added, proven by a code and by a key, put in order, retired.

A number that is added waits: nobody is paged on it until the code that we texted to it was typed on the page, and a
key was pressed on a call that we placed to it; so neither a slip of the finger nor somebody else's phone ever takes a
page (decision 0031). A number that takes no texts needs the key alone. Code and call are notices: every page goes
first. Deliberately not here: what a telephone number looks like (the page), and how fresh a proof is (the core).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from oncall.core.case.messages import Channel
from oncall.core.notices import About, Choice, Notice, Standing
from oncall.core.people import Hospital
from oncall.core.staff_numbers import (
    CODE_LIVES,
    CODE_REST,
    Member,
    Number,
    code_for,
    code_lives,
    code_tried,
    key_pressed,
)
from oncall.service.messenger import Messenger
from oncall.service.people.team_shelf import TeamShelf
from oncall.service.ports.timepiece import Timepiece

CODE, KEY = "number-code", "number-key"  # kinds of notices
RING_KEPT = timedelta(minutes=10)
MOST_NUMBERS = 5


class NumberRefused(Exception):
    """It was not done; the sentence is for whoever asked."""


class NumberProofs:
    """See the module."""

    def __init__(self, shelf: TeamShelf, messenger: Messenger, clock: Timepiece, hospital: Hospital) -> None:
        self._shelf, self._messenger, self._clock, self._hospital = shelf, messenger, clock, hospital
        messenger.hears(KEY, self.heard)

    # --- adding and taking away ------------------------------------------------------------------------------------

    async def add(self, person: str, number: str, takes_texts: bool, by: str) -> None:
        """It waits from now on. Raises NumberRefused."""
        member = await self._member(person)
        if len(member.numbers) >= MOST_NUMBERS:
            raise NumberRefused(f"{member.name} has {MOST_NUMBERS} numbers already: retire one first.")
        added = Number(number, person, takes_texts=takes_texts, added_at=self._clock.now(), added_by=by)
        if not await self._shelf.add_number(added, by):
            raise NumberRefused(await self._taken(number, person))

    async def retire(self, person: str, number: str, by: str) -> None:
        """Nothing goes there any more: what is still asked there is asked at another of their numbers."""
        at = self._clock.now()
        await self._changed(person, number, lambda known: replace(known, retired_at=at), by)
        for notice in await self._messenger.notices.of_person(person):
            if notice.is_open and notice.to == number:
                await self._messenger.readdress(notice)

    async def put_first(self, person: str, number: str, by: str) -> None:
        """It takes the texts, and is rung first. Raises NumberRefused for one that nobody has proven."""
        known = (await self._member(person)).number(number)
        if known is None or not known.is_in_use or known.proven_at is None:
            raise NumberRefused("Only a proven number can be the first.")
        await self._shelf.order_numbers(person, number, by)

    # --- the two proofs --------------------------------------------------------------------------------------------

    async def send_code(self, person: str, number: str, by: str) -> None:
        """A new code; the one before is void. Raises NumberRefused."""
        known, at = await self._number(person, number), self._clock.now()
        if not known.takes_texts:
            raise NumberRefused("This number takes no texts: the key on a call is its proof.")
        if known.code_sent_at is not None and at - known.code_sent_at < CODE_REST:
            raise NumberRefused("A code went out less than a minute ago: wait for it.")
        await self._changed(person, number, lambda one: replace(one, code_sent_at=at, code_tries=0), by)
        words = (
            f"Pump line: {code_for(self._hospital.secret, number, at)} is the code for this phone. Type it on the "
            "team page within 15 minutes. Not yours? Ignore this."
        )
        about, until = About(CODE, f"{number}|{at.isoformat()}"), at + CODE_LIVES
        await self._messenger.order(Notice(about, number, Channel.SMS, words, by, person=person, expires_at=until))

    async def take_code(self, person: str, number: str, typed: str, by: str) -> Number:
        """The number with its code proven. Raises NumberRefused for a code that is wrong, used or too old."""
        known, at = await self._number(person, number), self._clock.now()
        if not code_lives(known, at):
            raise NumberRefused("That code is used up or older than 15 minutes: send a new one.")
        tried = partial(code_tried, typed=typed, secret=self._hospital.secret, at=at)
        after = await self._changed(person, number, tried, by)
        if after.texts_proven_at != at:
            left = "try again" if code_lives(after, at) else "too many tries: send a new one"
            raise NumberRefused(f"That is not the code: {left}.")
        return after

    async def ring(self, person: str, number: str, by: str) -> None:
        """A call that asks for a key. Raises NumberRefused while one is under way."""
        member, at = await self._member(person), self._clock.now()
        await self._number(person, number)
        if any(call.is_open for call in await self.calls(person, number)):
            raise NumberRefused("That call is on its way already: answer it and press 1.")
        words = (
            f"TEST. This is the pump line. It proves that this telephone reaches {member.spoken}. Nobody is waiting. "
            "If that is you, press 1. If it is not, hang up."
        )
        call = Notice(
            About(KEY, f"{number}|{at.isoformat()}"),
            number,
            Channel.VOICE,
            words,
            by,
            person=person,
            choices=(Choice("1", "this is my phone"),),
            is_test=True,
            expires_at=at + RING_KEPT,
        )
        await self._messenger.order(call)

    async def calls(self, person: str, number: str) -> list[Notice]:
        """Proving calls of the last seven days, newest first."""
        known = await self._messenger.notices.of_person(person)
        return [notice for notice in known if notice.about.kind == KEY and notice.to == number]

    async def heard(self, notice: Notice) -> None:
        """How such a call ended; safe to repeat. Only a key, after the number was added, is a proof."""
        at, asked_at = notice.answered_at, notice.ordered_at
        if notice.standing is not Standing.ANSWERED or at is None or asked_at is None:
            return
        who = f"phone {notice.to}"
        await self._shelf.change_number(
            notice.person,
            notice.to,
            lambda known: key_pressed(known, at) if (known.added_at or asked_at) <= asked_at else known,
            who,
        )

    # --- reading ---------------------------------------------------------------------------------------------------

    async def _member(self, person: str) -> Member:
        member = await self._shelf.member(person)
        if member is None or member.left_at is not None:
            raise NumberRefused("This person is not of the team (any more).")
        return member

    async def _number(self, person: str, number: str) -> Number:
        known = (await self._member(person)).number(number)
        if known is None:
            raise NumberRefused("That number is not there any more: look at the page again.")
        return known

    async def _changed(self, person: str, number: str, change: Callable[[Number], Number], by: str) -> Number:
        changed = await self._shelf.change_number(person, number, change, by)
        if changed is None:
            raise NumberRefused("That number is not there any more: look at the page again.")
        return changed

    async def _taken(self, number: str, person: str) -> str:
        owner = await self._shelf.owner_of(number)
        if owner == person:
            return "This number is there already."
        member = await self._shelf.member(owner) if owner else None
        return f"This is {member.name if member else 'somebody'}'s number: a number reaches one person."
