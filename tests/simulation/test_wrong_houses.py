"""Negative controls: a house with one broken law is caught, and its night is made short."""

from __future__ import annotations

import pytest

from oncall.nights.invariants import Breach
from oncall.nights.lives import Parts
from oncall.nights.more import draw
from oncall.nights.night import Night
from oncall.nights.plan import numbers_of, only
from oncall.nights.running import play, shortest
from oncall.nights.shrinking import laws_of, shrunk
from oncall.nights.wards import handbook_in
from tests.simulation import wrong_houses
from tests.simulation.ground import GROUND


@pytest.mark.parametrize(
    ("parts", "seed", "law"),
    [
        (wrong_houses.SAYS_YES_FIRST, 3, "I1"),
        (wrong_houses.MARKS_SENT_FIRST, 5, "I7"),
        (wrong_houses.KEEPS_DEADLINES_IN_MIND, 20, "I9"),
    ],
)
def test_a_house_that_breaks_a_law_is_caught(parts: Parts, seed: int, law: str) -> None:
    assert law in laws_of(play(draw(seed), GROUND, parts).breaches)
    assert play(draw(seed), GROUND).breaches == []


def test_a_policy_that_ends_after_its_last_step_is_caught() -> None:
    plan = draw(36)
    ends = wrong_houses.stops_after_the_last_step(handbook_in(plan.zone, GROUND.rules, GROUND.rotations))
    assert "I6" in laws_of(Night(plan, ends).play().breaches)


def test_a_failing_night_is_made_short_and_fails_still() -> None:
    short = shortest(draw(20), GROUND, wrong_houses.KEEPS_DEADLINES_IN_MIND)
    assert len(short.events) <= 4 < len(draw(20).events)
    again = only(draw(20), numbers_of(short, draw(20)))
    assert again == short, "it can be played again by its seed and the numbers of its events"
    assert "I9" in laws_of(play(again, GROUND, wrong_houses.KEEPS_DEADLINES_IN_MIND).breaches)


def test_shortening_leaves_out_whatever_does_not_matter() -> None:
    plan = draw(20)
    needed = {plan.events[1], plan.events[-2]}
    assert set(shrunk(plan, lambda shorter: needed <= set(shorter.events)).events) == needed


def test_a_law_is_told_with_its_case() -> None:
    assert str(Breach("I2", "nobody has it", "c7")) == "I2: nobody has it (case c7)"
