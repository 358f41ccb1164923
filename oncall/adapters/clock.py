"""Time and chance enter the house here and nowhere else.

`SystemClock` is the hospital's real clock. `MovableClock` is the real clock with a hand on it, for the training
ground: "jump to the next deadline" moves it forward. `VirtualClock` stands still until it is told to pass time and
then goes from deadline to deadline, letting all work run dry at each. Deliberately not here: what is due, and when.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

CEILING = timedelta(seconds=0.5)  # RULINGS 7: the loops look at least twice a second, whatever the clock does
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # no letter that is read as a digit


def new_id() -> str:
    """A fresh unguessable id of 16 characters, safe in URLs and readable aloud."""
    number, letters = secrets.randbelow(len(_ALPHABET) ** 16), ""  # the system is asked once, not for each letter
    for _ in range(16):
        number, place = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[place]
    return letters


def accept_digit() -> str:
    """The digit that proves a human on a voice page: 6, 7 or 8 (RULINGS 5)."""
    return secrets.choice("678")


def new_token() -> str:
    """A fresh bearer token, shown once."""
    return secrets.token_urlsafe(32)


def new_secret() -> bytes:
    """A fresh 32-byte key."""
    return secrets.token_bytes(32)


Dice = random.Random


def dice(seed: str) -> Dice:
    """Chance that comes out the same again for the same seed, for rehearsals only."""
    return random.Random(seed)


class SystemClock:
    """The real clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, at: datetime | None, woken: asyncio.Event | None = None) -> None:
        wait = CEILING if at is None else min(max(at - self.now(), timedelta(0)), CEILING)
        await _wait(wait.total_seconds(), woken)


class MovableClock:
    """The real clock plus a shift that a person at the training ground moves."""

    def __init__(self, start: datetime | None = None) -> None:
        self._shift = start - datetime.now(UTC) if start else timedelta(0)
        self._moved: set[asyncio.Event] = set()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def jump_to(self, at: datetime) -> None:
        """Move forward to `at` (never back) and let every sleeper look again."""
        self._shift += max(at - self.now(), timedelta(0))
        for event in self._moved:
            event.set()

    async def sleep_until(self, at: datetime | None, woken: asyncio.Event | None = None) -> None:
        wait = CEILING if at is None else min(max(at - self.now(), timedelta(0)), CEILING)
        moved = asyncio.Event()
        self._moved.add(moved)
        try:
            await _wait(wait.total_seconds(), woken, moved)
        finally:
            self._moved.discard(moved)


class VirtualClock:
    """A clock that only a test or a rehearsal moves.

    `busy` holds questions "how much work is under way?"; time moves only when all of them say none and every
    sleeper has gone back to sleep.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._sleepers: dict[asyncio.Future[None], datetime | None] = {}
        self.busy: list[Callable[[], int]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, at: datetime | None, woken: asyncio.Event | None = None) -> None:
        if (at is not None and at <= self._now) or (woken is not None and woken.is_set()):
            await asyncio.sleep(0)
            return
        bell: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers[bell] = at
        waiter = asyncio.ensure_future(woken.wait()) if woken is not None else None
        try:
            await asyncio.wait({bell} if waiter is None else {bell, waiter}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._sleepers.pop(bell, None)
            if waiter is not None:
                waiter.cancel()

    def next_deadline(self) -> datetime | None:
        return min((at for at in self._sleepers.values() if at is not None), default=None)

    async def settle(self) -> None:
        """Let everything that can happen at this instant happen."""
        quiet = 0
        while quiet < 5:
            await asyncio.sleep(0)
            if any(question() for question in self.busy):
                quiet = 0
                await asyncio.sleep(0.0005)  # real sockets and threads need real moments
            else:
                quiet += 1

    async def pass_time(self, span: timedelta) -> None:
        """Move forward by `span`, stopping at every deadline on the way."""
        until = self._now + span
        await self.settle()
        while (next_at := self.next_deadline()) is not None and next_at <= until:
            self._move(next_at)
            await self.settle()
        self._move(until)
        await self.settle()

    def step(self, span: timedelta) -> None:
        """A step of the wall clock itself, forward or back, as a time server would make it."""
        self._now += span

    def _move(self, at: datetime) -> None:
        self._now = max(self._now, at)
        for bell, due in list(self._sleepers.items()):
            if due is not None and due <= self._now and not bell.done():
                bell.set_result(None)


async def _wait(seconds: float, *events: asyncio.Event | None) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in events if event is not None]
    if not waiting:
        await asyncio.sleep(seconds)
        return
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiting:
            waiter.cancel()
