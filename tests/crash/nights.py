"""Many nights at once: chooses where the power is cut, plays the nights on both cores, and counts what was lost.

Lines are chosen with a fixed seed, so that a failing cut is the same tomorrow. Deliberately not here: one night
(`cutting`).
"""

from __future__ import annotations

import atexit
import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from tests.crash.cutting import ROOT, Place
from tests.crash.points import points

Cuts = list[list[Place]]


@dataclass
class Played:
    """What the nights of one house came to."""

    nights: int = 0
    struck: int = 0
    repeats: int = 0
    lost: list[tuple[Any, list[str]]] = field(default_factory=list)

    def told(self, house: str) -> str:
        return (
            f"{house}: {self.nights} nights, {self.struck} cuts struck, {len(self.lost)} nights with a loss, "
            f"{self.repeats} messages sent again"
        )


def places_of(house: str) -> list[Place]:
    """Every executed line of an undisturbed night with the number of its executions."""
    [places] = _answers(_cutter(0), _ordered(_cutter(0), house, None))
    return [(file, line, count) for file, line, count in places]


def one_each(places: Sequence[Place], every: int = 1, seed: int = 1) -> Cuts:
    """Every k-th line, each cut at one of its executions."""
    chance = random.Random(seed)
    chosen = sorted(places)[chance.randrange(every) :: every]
    return [[(file, line, chance.randint(1, count))] for file, line, count in chosen]


def all_of(places: Sequence[Place]) -> Cuts:
    """Every execution of every line."""
    return [[(file, line, nth)] for file, line, count in places for nth in range(1, count + 1)]


def twice(cuts: Cuts, seed: int = 2) -> Cuts:
    """Two cuts a night: the power fails again while the house is coming back."""
    chance = random.Random(seed)
    return [[first, (*chance.choice(cuts)[0][:2], 1)] for [first] in cuts]


def play(house: str, cuts: Cuts) -> Played:
    """The nights, shared out among the cores."""
    cores = min(os.cpu_count() or 1, 2)
    ordered = [(_cutter(core), _ordered(_cutter(core), house, cuts[core::cores])) for core in range(cores)]
    played = Played()
    for line in (line for cutter, count in ordered for line in _answers(cutter, count)):
        played.nights += 1
        played.struck += line["struck"]
        played.repeats += line["repeats"]
        if line["losses"]:
            played.lost.append((line["cuts"], line["losses"]))
    assert played.nights == len(cuts)
    return played


@cache
def _cutter(core: int) -> subprocess.Popen[str]:
    """One for all plays of this process: to import and to read the handbook costs more than ten nights."""
    command = [sys.executable, "-m", "tests.crash.cutting"]
    quiet = subprocess.DEVNULL
    cutter = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet, text=True)
    atexit.register(_ended, cutter)
    return cutter


def _ended(cutter: subprocess.Popen[str]) -> None:
    cutter.kill()
    cutter.communicate()


def _ordered(cutter: subprocess.Popen[str], house: str, cuts: Cuts | None) -> int:
    """How many lines will answer."""
    assert cutter.stdin is not None
    print(json.dumps({"house": house, "cuts": cuts}), file=cutter.stdin, flush=True)
    return 1 if cuts is None else len(cuts)


def _answers(cutter: subprocess.Popen[str], count: int) -> list[Any]:
    assert cutter.stdout is not None
    lines = list(islice(cutter.stdout, count))
    assert len(lines) == count, "the cutter itself failed"
    return [json.loads(line) for line in lines]


def points_in(places: Sequence[Place]) -> list[Place]:
    """Those of the places that write or send."""
    return [place for place in places if place[1] in points().get(place[0], ())]


def every_point(places: Sequence[Place], seed: int = 11) -> Cuts:
    """Each write and each send that the story passes, cut at one of its executions."""
    chance = random.Random(seed)
    return [[(file, line, chance.randint(1, count))] for file, line, count in points_in(places)]
