"""Many nights, one after the other or in several processes, and what they came to together.

Deliberately not here: printing.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import structlog

from oncall.nights.invariants import Breach
from oncall.nights.lives import Parts
from oncall.nights.more import draw
from oncall.nights.night import Night, Played
from oncall.nights.plan import Plan
from oncall.nights.shrinking import laws_of, shrunk
from oncall.nights.wards import handbook_in, handbook_of

CHUNK = 10  # nights that a worker plays before it tells


@dataclass(frozen=True, slots=True)
class Ground:
    """What every night of a run has in common."""

    rules: Path
    rotations: Path
    zone: str | None = None


@dataclass(slots=True)
class Sum:
    """What many nights came to; `failed` holds each failing seed with its breaches."""

    nights: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[Breach]] = field(default_factory=dict)

    def add(self, other: Sum) -> None:
        self.nights += other.nights
        self.counts += other.counts
        self.injected += other.injected
        self.failed |= other.failed

    @property
    def breaches(self) -> int:
        return sum(len(found) for found in self.failed.values())


def play(plan: Plan, ground: Ground, parts: Parts | None = None, telling: bool = False) -> Played:
    """One night. The house is not heard: it says much in such nights."""
    quiet()
    handbook = handbook_in(plan.zone, ground.rules, ground.rotations)
    return Night(plan, handbook, parts, telling=telling).play()


def quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50), logger_factory=_nobody)


def _nobody(*args: Any) -> Any:
    return structlog.ReturnLogger()


def nights(seeds: Sequence[int], ground: Ground) -> Sum:
    """These nights, in this process."""
    total = Sum()
    gc.disable()  # a night leaves cycles; collected between nights, not in them
    try:
        for seed in seeds:
            played = play(draw(seed, ground.zone), ground)
            total.add(Sum(1, played.counts, played.injected, {seed: played.breaches} if played.breaches else {}))
            gc.collect(1)
    finally:
        gc.enable()
    return total


def run(first: int, count: int, ground: Ground, workers: int = 1) -> Iterator[Sum]:
    """All nights from seed `first` on, told chunk by chunk. Raises HandbookFaults."""
    handbook_of(ground.rules, ground.rotations)  # read once, before the forks
    chunks = [range(at, min(at + CHUNK, first + count)) for at in range(first, first + count, CHUNK)]
    if workers <= 1:
        yield from (nights(chunk, ground) for chunk in chunks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        yield from pool.map(partial(nights, ground=ground), chunks)


def shortest(plan: Plan, ground: Ground, parts: Parts | None = None) -> Plan:
    """The shortest night found in which the same law is broken as in this one."""
    laws = laws_of(play(plan, ground, parts).breaches)
    fails: Callable[[Plan], bool] = lambda shorter: bool(laws & laws_of(play(shorter, ground, parts).breaches))  # noqa: E731
    return shrunk(plan, fails) if laws else plan
