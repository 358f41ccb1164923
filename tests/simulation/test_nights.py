"""Nights in which everything goes wrong, from fixed seeds: no law is broken, and the same seed plays the same night."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import get_args

import pytest

from oncall.adapters.rehearsal.faults import Kind
from oncall.nights import more
from oncall.nights.drawing import POINTS, ROTA_EDITS, changes_of_clocks, first
from oncall.nights.more import draw
from oncall.nights.on_the_board import PRESSES
from oncall.nights.running import nights, play
from tests.simulation.ground import GROUND, ROOT

# Seeds that found something once, and what it was: those of the nights as they were drawn first.
FOUND = {
    6: "a clock set back by an hour held back every text and call for an hour",
    28: "a family that was reached after the clock was set back counted as not reached",
    33: "the same gate before pages",
    94: "with the operator's rotation gone the last resort was not rung",
    50924: "a case that climbed again because its holder was silent told the family nothing for more than five minutes",
    30027: "who had hung up was paged for and not told for more than five minutes",
    20184: "a store that did not answer at the start ended the dispatcher for good",
    136: "who took an emergency and gave it back left it without a ring until the next step",
}
# The same, of the nights as they are drawn since.
FOUND_SINCE = {
    20261128078: "who passed an emergency on in a later round, and is the next tier too, was waited for in silence",
    20261131492: "a case closed during its call, then the language key: the new case had neither a clock nor anybody",
    20261131740: "the night's own carrier took a call for the text that was looked for",
}


@pytest.mark.parametrize("start", range(2000, 4000, 50))
def test_no_law_is_broken(start: int) -> None:
    total = nights(range(start, start + 50), GROUND)
    assert total.failed == {}, "replay with: oncall rehearse --story --seed N"
    assert total.counts["pages"] > 100


@pytest.mark.parametrize("seed", FOUND)
def test_what_a_night_has_found_stays_mended(seed: int) -> None:
    assert play(first(seed), GROUND).breaches == []


@pytest.mark.parametrize("seed", FOUND_SINCE)
def test_what_a_night_has_found_since_stays_mended(seed: int) -> None:
    assert play(draw(seed), GROUND).breaches == []


def test_every_kind_of_trouble_is_drawn() -> None:
    told: dict[str, set[object]] = {}
    for seed in range(1500):
        for event in draw(seed).events:
            told.setdefault(event.what, set()).update(event.detail[:1])
    assert set(told) >= {
        "text",
        "call",
        "alarm",
        "habit",
        "family",
        "says",
        "fault",
        "outage",
        "crash",
        "clock",
        "disk",
        "board",
        "task",
    }
    assert told["fault"] == set(get_args(Kind)), "every fault that can be ordered at the training ground's carrier"
    assert told["crash"] == {*POINTS, *more.POINTS}
    assert told["board"] == set(PRESSES)
    assert told["rota"] == set(ROTA_EDITS)


def test_nights_lie_around_changes_of_the_clocks() -> None:
    plans = [draw(seed) for seed in range(300)]
    near = [p for p in plans if any(abs((p.begins_at - at).total_seconds()) < 3600 for at in changes_of_clocks(p.zone))]
    assert len(near) > 30
    assert len({plan.zone for plan in plans}) == 7


def test_in_some_nights_dates_tasks_and_shifts_are_looked_after_too() -> None:
    total = nights([3006, 3010, 3017, 3035], GROUND)
    assert total.failed == {}
    assert total.counts["notices"] > 0
    assert sum(draw(seed).rounds for seed in range(300)) > 60


DIGEST = """
import sys
from oncall.nights.more import draw
from oncall.nights.running import play
from tests.simulation.ground import GROUND
from tests.simulation.test_nights import digest
print(digest(11), digest(207))
"""


def digest(seed: int) -> str:
    """Everything that happened in a night, entry by entry, as one number."""
    told = "\n".join(play(draw(seed, "America/New_York"), GROUND, telling=True).story)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def test_the_same_seed_plays_the_same_night_in_another_process() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "12345"}
    told = subprocess.run(
        [sys.executable, "-c", DIGEST], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=True
    )
    assert told.stdout.split() == [digest(11), digest(207)]


def test_a_night_leaves_nothing_behind_that_the_next_one_could_see() -> None:
    first = digest(11)
    nights([12, 13], GROUND)
    assert digest(11) == first
