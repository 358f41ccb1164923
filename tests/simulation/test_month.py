"""Next month with this rota: waits night by night, weak spots, and the assumptions said aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from oncall.core.rota.shifts import leave
from oncall.nights.month import GIVEN_UP, Assumed, Waited, nights_of, quantile, span_of, waited, weak_spots
from oncall.nights.plan import Answering
from oncall.nights.wards import handbook_of
from tests.simulation.ground import GROUND

DECEMBER = date(2026, 12, 1)
ALWAYS = Assumed(Answering(rings=1.0, texts=0.0), contacts=4)
NEVER = Assumed(Answering(rings=0.0, texts=0.0), contacts=2)


def test_who_always_answers_takes_it_within_the_first_rings() -> None:
    night = waited(date(2026, 12, 24), GROUND, ALWAYS)
    assert night.breaches == ()
    assert night.not_taken == 0
    assert night.seconds[0] < 60 < night.longest < 120, "an urgent case rings after a minute"


def test_where_nobody_ever_answers_nothing_is_taken() -> None:
    night = waited(date(2026, 12, 24), GROUND, NEVER)
    assert night.seconds == (GIVEN_UP, GIVEN_UP)
    assert night.not_taken == 2


def test_the_same_seed_gives_the_same_month() -> None:
    assumed = Assumed(contacts=2)
    assert waited(date(2026, 12, 3), GROUND, assumed) == waited(date(2026, 12, 3), GROUND, assumed)


def test_a_night_is_told_by_its_median_its_worst_tenth_and_its_worst() -> None:
    night = Waited(DECEMBER, tuple(float(n) for n in range(1, 11)))
    assert (night.median, night.p90, night.longest) == (5.0, 9.0, 10.0)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 2), (0.51, 3), (0.9, 4), (1.0, 4)])
def test_a_quantile_is_a_value_that_was_seen(share: float, value: int) -> None:
    assert quantile([1, 2, 3, 4], share) == value


def test_a_month_has_all_its_nights_and_ends_at_noon() -> None:
    assert len(nights_of(date(2028, 2, 9))) == 29
    start, end = span_of(DECEMBER, "America/New_York")
    assert (end - start).days == 31
    assert start.hour == 17, "noon in New York"


def test_holes_lone_people_and_doubled_people_are_weak_spots() -> None:
    rota = handbook_of(GROUND.rules, GROUND.rotations).rota
    start, end = span_of(DECEMBER, rota.zone)
    away = leave("l1", "gus", datetime.fromisoformat("2026-12-10T00:00Z"), datetime.fromisoformat("2026-12-11T00:00Z"))
    neuro = replace(rota.rotations["neurocritical"], changes=(away,))
    team = rota.rotations["pump-team"]
    twice = replace(rota.rotations["neurosurgery"], layers=(replace(team.layer("attending"), name="primary"),))
    rotations = {**rota.rotations, "neurocritical": neuro, "neurosurgery": twice}
    found = weak_spots(replace(rota, rotations=rotations), start, end)
    assert {(spot.kind, spot.tier) for spot in found} == {
        ("hole", "neurocritical/primary"),
        ("one person", "neurocritical/primary"),
        ("two tiers", "pump-team/attending and neurosurgery/primary"),
    }
