"""The vigil: can the line do its work this minute, and who hears of it when it cannot.

Every half minute each proof is asked anew. All of them hold: the outside beacon is told, and whoever listens there
rings when it hears nothing more (a dead machine, a dead network). One fails twice running: whoever answers for the line
is told, by a road that does not lead through what has failed, again each hour, and once more when it holds again. It
remembers only what a start may forget. Deliberately not here: how each thing is proved (`proofs`), the roads.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

import structlog

from oncall.service.ports.timepiece import Timepiece

PATIENCE = 10.0  # seconds for one proof; what takes longer is not in order
TWICE = 2  # a single miss is no news
AGAIN = timedelta(hours=1)
KEPT = 50  # incidents

log = structlog.get_logger("vigil")


class Road(Enum):
    """How news of the line itself travels."""

    TEXT = "text"  # by the carrier, past the store
    MAIL = "mail"


class Beacon(Protocol):
    """Somebody outside who rings when they hear nothing."""

    async def alive(self) -> bool:
        """Tell them; whether they took it. Never raises."""
        ...


class LineNews(Protocol):
    """The roads to whoever answers for the line."""

    async def tell(self, words: str, roads: Sequence[Road]) -> bool:
        """Whether at least one road took it; never raises, stores nothing."""
        ...


@dataclass(frozen=True, slots=True)
class LineProof:
    """One thing that must hold. `ask` gives what is wrong as a sentence without a name or number, or None. `blocks`:
    the roads that news of it must not rely on; `advice`: the heading in the runbook."""

    name: str
    ask: Callable[[], Awaitable[str | None]]
    advice: str
    blocks: frozenset[Road] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """How one proof stands. `held_at`: when it last held; `wrong`: the sentence while it does not."""

    name: str
    advice: str
    held_at: datetime | None = None
    wrong: str | None = None
    misses: int = 0
    told_at: datetime | None = None
    missed_at: datetime | None = None  # the first of these misses

    @property
    def is_wrong(self) -> bool:
        return self.misses >= TWICE


@dataclass(frozen=True, slots=True)
class Incident:
    """A proof that failed twice running: from its first miss until it held again."""

    name: str
    began_at: datetime
    ended_at: datetime


class Vigil:
    """See the module. `past`: what was out of order and holds again, the latest last."""

    def __init__(
        self,
        proofs: Sequence[LineProof],
        beacon: Beacon,
        news: LineNews,
        clock: Timepiece,
        patience: float = PATIENCE,
    ) -> None:
        self._proofs, self._beacon, self._news, self._clock = tuple(proofs), beacon, news, clock
        self._patience = patience
        self._standing = {proof.name: Standing(proof.name, proof.advice) for proof in proofs}
        self._looking = 0
        self.past: deque[Incident] = deque(maxlen=KEPT)
        self.beacon_at: datetime | None = None  # when the outside last took our word

    def busy(self) -> int:
        return self._looking

    @property
    def standing(self) -> tuple[Standing, ...]:
        return tuple(self._standing.values())

    async def look(self) -> None:
        """Ask everything once, side by side; tell the beacon only when all of it holds."""
        self._looking += 1
        try:
            await self._look()
        finally:
            self._looking -= 1

    async def _look(self) -> None:
        sentences = await asyncio.gather(*(_asked(proof, self._patience) for proof in self._proofs))
        for proof, wrong in zip(self._proofs, sentences, strict=True):
            await self._note(proof, wrong)
        if not any(sentences) and await self._beacon.alive():
            self.beacon_at = self._clock.now()

    async def _note(self, proof: LineProof, wrong: str | None) -> None:
        before, now = self._standing[proof.name], self._clock.now()
        if wrong is None:
            if before.told_at is not None:
                await self._tell(f"Pump line: {proof.name} is in order again.", proof)
            if before.is_wrong and before.missed_at is not None:
                self.past.append(Incident(proof.name, before.missed_at, now))
            self._standing[proof.name] = Standing(proof.name, proof.advice, held_at=now)
            return
        log.error("the line is not in order", proof=proof.name, wrong=wrong)
        after = replace(before, wrong=wrong, misses=before.misses + 1, missed_at=before.missed_at or now)
        if after.is_wrong and (before.told_at is None or now - before.told_at >= AGAIN):
            words = f"Pump line: {wrong} See the runbook: {proof.advice}."
            after = replace(after, told_at=now if await self._tell(words, proof) else None)
        self._standing[proof.name] = after

    async def _tell(self, words: str, proof: LineProof) -> bool:
        return await self._news.tell(words, [road for road in Road if road not in proof.blocks])


async def _asked(proof: LineProof, patience: float) -> str | None:
    try:
        async with asyncio.timeout(patience):
            return await proof.ask()
    except TimeoutError:
        return f"{proof.name}: no answer in {patience:g} seconds."
    except Exception as problem:  # around one proof: whatever breaks it is what we look for
        return f"{proof.name}: it failed ({type(problem).__name__})."
