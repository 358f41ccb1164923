"""The power-cut suite must see the classic mistakes, or its silence about our house would mean nothing.

Four wrong houses, each with one wrong part, are cut in the same way and judged by the same eyes; every one must lose
something. Which losses they are is asserted too, so that they are lost for the reason they were built for.
"""

from __future__ import annotations

import pytest

from tests.crash.nights import Played, one_each, places_of, play

pytestmark = pytest.mark.crash


def cut_in(house: str, *files: str, every: int = 1) -> Played:
    places = [place for place in places_of(house) if place[0].endswith(files)]
    played = play(house, one_each(places, every, seed=5))
    print(played.told(house))
    return played


def reasons(played: Played) -> set[str]:
    return {reason.split(":")[0] for _, losses in played.lost for reason in losses}


def test_acknowledging_before_the_commit_is_seen_to_lose_reports() -> None:
    played = cut_in("says yes first", "decide.py", "reporting.py", "shelf.py", every=12)
    assert len(played.lost) > 2
    assert reasons(played) & {"lost", "other cases"}


def test_marking_as_sent_before_sending_is_seen_to_lose_pages() -> None:
    played = cut_in("marks sent first", "wrong_houses.py", "dispatch.py", every=3)
    assert len(played.lost) > 0
    assert "lost" in reasons(played)


def test_deadlines_kept_in_memory_are_seen_to_be_forgotten() -> None:
    played = cut_in("keeps deadlines in mind", "wrong_houses.py", "passing.py", "rounds.py", every=12)
    assert len(played.lost) > 2
    assert {"lost", "late or early"} & reasons(played)


def test_a_commit_split_in_two_is_seen_to_lose_what_is_owed() -> None:
    played = cut_in("splits the commit", "wrong_houses.py")
    assert len(played.lost) > 0
    assert reasons(played) & {"lost", "audit"}
