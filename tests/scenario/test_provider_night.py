"""A night on which the provider does everything wrong: nothing is lost and every emergency is paged."""

from __future__ import annotations

import pytest

from tests.support.provider_night import provider_night

A_LOOK_AND_A_TRY = 60 + 20 + 10  # seconds: the carrier's list, the longest pause between two tries, their limit


@pytest.mark.parametrize(("seed", "second_route"), [(1, False), (2, False), (3, True)])
async def test_nothing_is_lost_and_every_emergency_is_paged_whatever_the_provider_does(
    seed: int, second_route: bool
) -> None:
    night = await provider_night(24, seed, second_route)
    assert night.lost == []
    assert night.unpaged == []
    assert night.doubled == []
    assert night.emergencies, "a night without an emergency shows nothing"
    assert night.recovered["text"] + night.recovered["call"] > 0, "nor does one in which nothing was lost"
    assert max(night.waits(night.emergencies)) <= A_LOOK_AND_A_TRY
