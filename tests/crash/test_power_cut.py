"""The power is cut at the lines that decide, store and send, and nothing is lost (laws 2, 3 and 5).

`make test` cuts every fourth line once; ONCALL_CRASH_ALL=1 cuts every execution of every line (hours). What is compared
is everything the world has seen and everything the house has written, to the instant.
"""

from __future__ import annotations

import os

import pytest

from tests.crash.cutting import Place
from tests.crash.nights import all_of, one_each, places_of, play, twice

EVERY = 4
pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def places() -> list[Place]:
    return places_of("right")


def test_a_night_whose_power_is_cut_anywhere_ends_like_any_other(places: list[Place]) -> None:
    cuts = all_of(places) if os.environ.get("ONCALL_CRASH_ALL") == "1" else one_each(places, EVERY)
    played = play("right", cuts)
    print(played.told("right"))
    assert played.lost == []
    assert played.struck > 0.95 * len(cuts), "the lines chosen were not executed again: the sample proves too little"
    assert len(cuts) >= 200


def test_a_second_cut_while_the_house_comes_back_loses_nothing_either(places: list[Place]) -> None:
    cuts = twice(one_each(places, 24, seed=3))
    played = play("right", cuts)
    print(played.told("right, cut twice"))
    assert played.lost == []


def test_what_is_sent_again_is_marked_and_rare(places: list[Place]) -> None:
    """Only the line between the carrier's yes and its outcome can cause a second ring."""
    sending = [place for place in places if place[0].endswith("dispatch.py")]
    played = play("right", one_each(sending, 3, seed=4))
    print(played.told("right, cut in the dispatcher"))
    assert played.lost == []
    assert played.repeats <= played.struck
