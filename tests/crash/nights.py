"""Many nights at once: chooses where the power is cut, plays the nights on both cores, and counts what was lost.

Lines are chosen with a fixed seed, so that a failing cut is the same tomorrow. Deliberately not here: one night
(`cutting`).
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
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
    undisturbed = next(iter(_lines(house, [])))["undisturbed"]
    return [(file, line, count) for file, line, count in undisturbed["places"]]


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
    shares = [_begin(house, cuts[place::cores]) for place in range(cores)]
    played = Played()
    for process, folder in shares:
        out, _ = process.communicate()
        folder.cleanup()
        assert process.returncode == 0, f"the cutter itself failed with {process.returncode}"
        for line in map(json.loads, out.splitlines()[1:]):
            played.nights += 1
            played.struck += line["struck"]
            played.repeats += line["repeats"]
            if line["losses"]:
                played.lost.append((line["cuts"], line["losses"]))
    assert played.nights == len(cuts)
    return played


def _begin(house: str, cuts: Cuts) -> tuple[subprocess.Popen[bytes], tempfile.TemporaryDirectory[str]]:
    folder = tempfile.TemporaryDirectory(prefix="cuts-")
    plan = Path(folder.name) / "cuts.json"
    plan.write_text(json.dumps(cuts))
    command = [sys.executable, "-m", "tests.crash.cutting", house, str(plan)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL), folder


def _lines(house: str, cuts: Cuts) -> list[Any]:
    process, folder = _begin(house, cuts)
    out, _ = process.communicate()
    folder.cleanup()
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def points_in(places: Sequence[Place]) -> list[Place]:
    """Those of the places that write or send."""
    return [place for place in places if place[1] in points().get(place[0], ())]


def every_point(places: Sequence[Place], seed: int = 11) -> Cuts:
    """Each write and each send that the story passes, cut at one of its executions."""
    chance = random.Random(seed)
    return [[(file, line, chance.randint(1, count))] for file, line, count in points_in(places)]
