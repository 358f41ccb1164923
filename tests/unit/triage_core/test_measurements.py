"""What a number in a message measures, with its unit, its neighbours and the edges of what is believed."""

from __future__ import annotations

import pytest

from oncall.core.triage.measurements import Measured, Ruler, celsius, keyed_celsius, measure

RULER = Ruler(
    {
        **dict.fromkeys(("temp", "fever", "f", "degrees"), "temperature_c"),
        **dict.fromkeys(("lbs", "room", "mg"), "other"),
        **dict.fromkeys(("pulse", "bpm"), "heart_rate"),
        "hr": "heart_rate_before",
        **dict.fromkeys(("sat", "o2"), "oxygen_percent"),
        **dict.fromkeys(("breaths", "breathing"), "breaths_a_minute"),
        "monitor": "monitor",
        "reading": "reading",
    }
)
HEAT, BEATS, OXYGEN, BREATHS, PRESSURE = (
    "temperature_c", "heart_rate", "oxygen_percent", "breaths_a_minute", "systolic_pressure",
)  # fmt: skip


def measured(words: str, before: str = "") -> list[tuple[str, float, int, int]]:
    found = measure(words.split(), before.split(), RULER)
    return [(said.kind, said.value, said.first, said.last) for said in found]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("his temp is 39.5 now", [(HEAT, 39.5, 3, 3)]),
        ("temp 39,5", [(HEAT, 39.5, 1, 1)]),
        ("temp 101", [(HEAT, 38.33, 1, 1)]),
        ("temp one oh one", [(HEAT, 38.33, 1, 3)]),
        ("temp 60", []),
        ("temp 39x", []),
        ("pulse 160", [(BEATS, 160, 1, 1)]),
        ("pulse 12345", []),
        ("pulse 20", [(BEATS, 20, 1, 1)]),
        ("pulse 19", []),
        ("pulse 260", [(BEATS, 260, 1, 1)]),
        ("pulse 261", []),
        ("hr 160", [(BEATS, 160, 1, 1)]),
        ("2 hr", []),
        ("temp 2 hr", []),
        ("sat 40", [(OXYGEN, 40, 1, 1)]),
        ("sat 39", []),
        ("sat 100", [(OXYGEN, 100, 1, 1)]),
        ("sat 101", []),
        ("breaths 2 a minute", [(BREATHS, 2, 1, 1)]),
        ("breaths 90 a minute", [(BREATHS, 90, 1, 1)]),
        ("breaths 91 a minute", []),
        ("breathing 8 x x x minute", [(BREATHS, 8, 1, 1)]),
        ("breathing 8 x x x x minute", []),
        ("minute breathing 8", []),
        ("breathing 8", []),
        ("breathing 39.5", [(HEAT, 39.5, 1, 1)]),
        ("pulse 101.3", [(HEAT, 38.5, 1, 1)]),
        ("monitor 98.6", [(HEAT, 37, 1, 1)]),
        ("sat 93.5", [(OXYGEN, 93.5, 1, 1)]),
        ("monitor 110", [(BEATS, 110, 1, 1)]),
        ("monitor 109", []),
        ("pulse 60 and temp 39", [(BEATS, 60, 1, 1), (HEAT, 39, 4, 4)]),
        ("sat then pulse is 90", [(BEATS, 90, 4, 4)]),
        ("o2 reading 85", [(OXYGEN, 85, 2, 2)]),
        ("reading 39", [(HEAT, 39, 1, 1)]),
        ("39 reading", [(HEAT, 39, 0, 0)]),
        ("90 on his pulse", [(BEATS, 90, 0, 0)]),
        ("he had 90 on his pulse", [(BEATS, 90, 2, 2)]),
        ("he had 90 on his old pulse", []),
        ("pulse k l m n o p 90 said he", [(BEATS, 90, 7, 7)]),
        ("pulse k l m n o p q 90 said he", []),
        ("pulse 95 f now", [(HEAT, 35, 1, 1)]),
        ("90 bpm", [(BEATS, 90, 0, 0)]),
        ("pulse 102 lbs", []),
        ("weighs 40 lbs", []),
        ("room 104", []),
        ("mg was 104 and", []),
        ("temp 30 hr ago", []),
        ("he had 90 on hr", []),
    ],
)
def test_the_nearest_measuring_word_decides(words: str, said: list[tuple[str, float, int, int]]) -> None:
    assert measured(words) == said


@pytest.mark.parametrize(
    ("words", "before", "said"),
    [
        ("160", "what is his pulse", [(BEATS, 160, 0, 0)]),
        ("160", "his pulse k l m n o p", [(BEATS, 160, 0, 0)]),
        ("160", "pulse k l m n o p q", []),
        ("160", "", []),
        ("104", "which room", [(HEAT, 40, 0, 0)]),
        ("his temp 39", "pulse", [(HEAT, 39, 2, 2)]),
        ("k l m n o p 160", "pulse", [(BEATS, 160, 6, 6)]),
        ("k l m n o p q 160", "pulse", []),
    ],
)
def test_the_clause_before_may_have_asked(words: str, before: str, said: list[tuple[str, float, int, int]]) -> None:
    assert measured(words, before) == said


@pytest.mark.parametrize(
    ("words", "heat"),
    [
        ("104", 40),
        ("104 wow", 40),
        ("104 elm st", None),
        ("kid 104", 40),
        ("he had 104 pills", None),
        ("shes 104 and shaking", 40),
        ("shes 104", 40),
        ("shes so 104", None),
        ("shes 104 pills left", None),
        ("104 and he shakes", 40),
        ("100 and he shakes", 37.78),
        ("99 and he shakes", None),
        ("99", None),
        ("106.5 and he shakes", 41.39),
        ("107 and he shakes", None),
        ("107", 41.67),
        ("107 wow", 41.67),
        ("wow so 107", None),
        ("wow shes 104", 40),
        ("109", 42.78),
        ("110", None),
        ("one oh four", 40),
        ("one oh four wow", 40),
        ("one oh four elm st", None),
        ("his fee was 99.5 there", 37.5),
        ("his fee was 93.5 there", 34.17),
        ("his fee was 92.5 there", None),
        ("his fee was 33.5 there", 33.5),
        ("his fee was 32.5 there", None),
        ("his fee was 42.5 there", 42.5),
        ("his fee was 43.5 there", None),
        ("his fee was 109.5 there", 43.06),
        ("his fee was 110.5 there", None),
        ("$ 104", None),
        ("# 39.5", None),
        ("fee $ 39.5", None),
        ("$ then 39.5", 39.5),
        ("39.5 $", 39.5),
    ],
)
def test_a_bare_number_is_a_temperature_only_in_the_range_of_one_and_where_it_counts_nothing(
    words: str, heat: float | None
) -> None:
    assert [value for kind, value, *_ in measured(words) if kind == HEAT] == ([] if heat is None else [heat])


@pytest.mark.parametrize(
    ("word", "systolic"),
    [
        ("120/80", 120),
        ("50/20", 50),
        ("49/20", None),
        ("280/90", 280),
        ("281/90", None),
        ("90/19", None),
        ("80/80", None),
        ("80/120", None),
        ("11/25", None),
        ("120/80/60", None),
    ],
)
def test_a_pressure_is_a_pair_the_higher_first(word: str, systolic: float | None) -> None:
    expected = [] if systolic is None else [Measured(PRESSURE, systolic, 1, 1)]
    assert measure(["bp", word], [], RULER) == expected


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (24.9, None),
        (25, 25),
        (43.5, 43.5),
        (43.6, None),
        (79.9, None),
        (80, 26.67),
        (98.6, 37),
        (112, 44.44),
        (112.1, None),
    ],
)
def test_units_of_heat_are_told_apart_by_their_range(value: float, read: float | None) -> None:
    assert celsius(value) == read


@pytest.mark.parametrize(
    ("digits", "read"),
    [
        ("1012", 38.44),
        ("394", 39.4),
        ("104", 40),
        ("39", 39),
        ("39*5", 39.5),
        ("39,5", 39.5),
        (" 39# ", 39),
        ("#39", 39),
        ("9", None),
        ("39*", None),
        ("60", None),
        ("X39", None),
        ("99999", None),
    ],
)
def test_a_keyed_temperature_may_leave_out_its_point(digits: str, read: float | None) -> None:
    assert keyed_celsius(digits) == read
