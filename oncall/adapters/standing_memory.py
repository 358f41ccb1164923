"""Keeps the interpreter from looking through, again and again, what stands as long as the house does.

Python finds rings of dead objects by walking everything that lives, with every thread at a stand. Programs and
handbook are 220,000 objects and ten thousand replayed cases are as many again: each walk held up every deadline for
100 to 330 ms of processor time (measured). So nothing is walked while the house opens, and what a walk has found alive
is put aside, so that the next one walks only what came since: a new edition once, and no case twice. A ring that dies
aside stays until the night. Deliberately not here: how often Python walks; its own thresholds are right for what is
left.
"""

from __future__ import annotations

import gc
from contextlib import AsyncExitStack

OLDEST = 2  # the generation whose walk is of everything


def hold_off() -> None:
    """No walk until `set_aside`: a start makes much that lives and hardly any ring (0.6 MB, measured)."""
    gc.disable()


def set_aside(stack: AsyncExitStack) -> None:
    """From here on what lives now, and whatever a walk finds alive, is walked no more; until `stack` ends."""
    gc.freeze()
    gc.callbacks.append(_after_walk)
    stack.callback(_give_back)
    gc.enable()


async def look_through_all() -> None:
    """Once a night: everything is walked, at the cost of one standstill as long as they all were."""
    gc.unfreeze()
    gc.collect()


def _after_walk(phase: str, told: dict[str, int]) -> None:
    if phase == "stop" and told["generation"] == OLDEST:
        gc.freeze()


def _give_back() -> None:
    gc.callbacks.remove(_after_walk)
    gc.unfreeze()
