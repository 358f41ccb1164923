"""The power is cut at every write and every send, and at lines between, and nothing is lost (laws 2, 3 and 5).

The writes and sends are found in the code (`points`), so that a new path of either story is cut by itself. `make test`
cuts each of them once and every fortieth other line; CRASH_KILLS=all cuts every execution of every line (hours),
CRASH_KILLS=1000 about so many lines. What is compared is everything the world has seen and everything the house has
written, to the instant.
"""

from __future__ import annotations

import os

import pytest

from tests.crash.cutting import MORNING, Place
from tests.crash.nights import Cuts, all_of, every_point, one_each, places_of, play, points_in, twice
from tests.crash.points import points

EVERY = 40
HOT = tuple(
    f"oncall/{name}.py" for name in ("adapters/journal/shelf", "service/desk", "service/dispatch", "service/watch")
)
KILLS = os.environ.get("CRASH_KILLS", "")
pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def places() -> list[Place]:
    return places_of("right")


def cuts_of(places: list[Place]) -> Cuts:
    if KILLS == "all":
        return all_of(places)
    every = max(1, len(places) // int(KILLS)) if KILLS else EVERY
    return every_point(places) + one_each(places, every)


def test_a_night_whose_power_is_cut_anywhere_ends_like_any_other(places: list[Place]) -> None:
    cuts = cuts_of(places)
    played = play("right", cuts)
    print(played.told("right"))
    assert played.lost == []
    assert played.struck > 0.95 * len(cuts), "the lines chosen were not executed again: the sample proves too little"
    assert len(cuts) >= 90


def test_a_morning_of_notices_requests_tasks_and_pictures_ends_like_any_other() -> None:
    places = places_of(MORNING)
    cuts = cuts_of(places) if KILLS else every_point(places)
    played = play(MORNING, cuts)
    print(played.told(MORNING))
    assert played.lost == []
    assert played.struck > 0.9 * len(cuts)


def test_the_stories_pass_most_writes_and_sends_of_the_hot_path(places: list[Place]) -> None:
    """What no story passes is told, so that nobody takes silence for proof."""
    passed = {(file, line) for file, line, _ in points_in(places)}
    for file in HOT:
        missed = sorted(line for line in points()[file] if (file, line) not in passed)
        print(f"{file}: {len(points()[file]) - len(missed)} of {len(points()[file])} passed, not {missed}")
        assert len(missed) <= len(points()[file]) / 2, file


def test_a_second_cut_while_the_house_comes_back_loses_nothing_either(places: list[Place]) -> None:
    cuts = twice(one_each(places, 100, seed=3))
    played = play("right", cuts)
    print(played.told("right, cut twice"))
    assert played.lost == []


def test_what_is_sent_again_is_marked_and_rare(places: list[Place]) -> None:
    """Only the line between the carrier's yes and its outcome can cause a second ring."""
    sending = [place for place in places if place[0].endswith("dispatch.py")]
    played = play("right", one_each(sending, 5, seed=4))
    print(played.told("right, cut in the dispatcher"))
    assert played.lost == []
    assert played.repeats <= played.struck
