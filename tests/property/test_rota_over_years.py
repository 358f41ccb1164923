"""Whole years of random rotas, walked through minute by minute beside the house's own answer.

A small part of `python -m tests.oracle`, and proof that the walk would notice a mistake.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from tests.oracle.compare import differences, rotation_of
from tests.oracle.wards import Line, Turnabout, Ward, made_up, zones

CHANCE = 20261125
SAMPLE = zones(40, Random(CHANCE))


@pytest.mark.parametrize(("zone", "year"), [SAMPLE[n] for n in (4, 9, 10)])
def test_over_a_year_every_minute_and_every_hole_is_as_the_walk_says(zone, year):
    chance = Random(f"{CHANCE} {zone}")
    assert differences(made_up(zone, year + 1, 1, chance), chance) == []


PLAIN = Ward(
    "America/New_York",
    datetime(2026, 9, 20, tzinfo=UTC),
    datetime(2026, 11, 20, tzinfo=UTC),
    (
        Line(
            slots=(("ana",), ("ben",)),
            turn=(1, "weeks"),
            time=90,
            weekday=6,
            since=date(2026, 9, 6),
            rosters=((date(2026, 10, 4), (("cho",),)),),
        ),
    ),
    changes=(
        Turnabout("cover", "dia", datetime(2026, 10, 2, tzinfo=UTC), datetime(2026, 10, 4, tzinfo=UTC)),
        Turnabout("leave", "dia", datetime(2026, 10, 3, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC)),
    ),
)
"""Hands over on Sundays at 01:30, which comes twice in the night of 1 November."""


(HAND_OVER,) = PLAIN.lines


def test_the_plain_year_has_no_difference():
    assert differences(PLAIN, Random(1)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PLAIN, lines=(replace(HAND_OVER, time=91),)),
        replace(PLAIN, lines=(replace(HAND_OVER, rosters=()),)),
        replace(PLAIN, lines=(replace(HAND_OVER, until=date(2026, 11, 15)),)),
        replace(PLAIN, changes=PLAIN.changes[:1]),
        replace(PLAIN, changes=PLAIN.changes[::-1]),
        replace(PLAIN, zone="America/Panama"),  # the same clock without summer
    ],
    ids=["a minute late", "old roster", "ends early", "no leave", "changes in the other order", "no summer"],
)
def test_a_house_that_reads_it_a_little_wrong_is_found_out(wrong):
    found = differences(PLAIN, Random(1), asked=rotation_of(wrong))
    assert "who is on" in {difference.what for difference in found}


def test_the_first_minute_that_differs_is_named_by_both_clocks():
    late = rotation_of(replace(PLAIN, lines=(replace(HAND_OVER, time=91),)))
    first = str(differences(PLAIN, Random(1), asked=late)[0])
    assert first.startswith("who is on: ")
    assert "first 2026-09-20 05:30Z (Sun 20 Sep 01:30 EDT): house ben, walk ana" in first
