"""Numbers as they are spoken, and numbers as limits read them."""

from __future__ import annotations

import pytest

from oncall.core.triage.numbers_in_words import Spoken, spoken_numbers
from oncall.core.triage.thresholds import Limit, codes_for, number


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("two", [(2, 0, 0)]),
        ("one", []),
        ("zero", []),
        ("he is one now", []),
        ("it is thirty nine today", [(39, 2, 3)]),
        ("thirty nine five", [(39.5, 0, 2)]),
        ("twenty nine five", [(29.5, 0, 2)]),
        ("nineteen two one", []),
        ("twenty two one five", []),
        ("one oh three", [(103, 0, 2)]),
        ("one two", []),
        ("nine", [(9, 0, 0)]),
        ("one two three four", []),
        ("one eighty", [(180, 0, 1)]),
        ("one eighty five", [(185, 0, 2)]),
        ("two ten", [(210, 0, 1)]),
        ("ten", [(10, 0, 0)]),
        ("ten ten", [(20, 0, 1)]),
        ("hundred", [(100, 0, 0)]),
        ("two hundred", [(200, 0, 1)]),
        ("two hundred and thirty one", [(231, 0, 4)]),
        ("ciento tres", [(103, 0, 1)]),
        ("thirty eight point five", [(38.5, 0, 3)]),
        ("thirty eight point two five", [(38.25, 0, 4)]),
        ("thirty eight point", [(38, 0, 1)]),
        ("thirty eight point hot", [(38, 0, 1)]),
        ("thirty eight and a half", [(38, 0, 1)]),
        ("thirty eight and half", [(38.5, 0, 3)]),
        ("treinta y ocho y medio", [(38.5, 0, 4)]),
        ("thirty eight hot half", [(38, 0, 1)]),
        ("thirty eight and hot", [(38, 0, 1)]),
        ("and thirty", [(30, 1, 1)]),
        ("thirty and", [(30, 0, 0)]),
        ("thirty and eight", [(38, 0, 2)]),
        ("five pills at ten hours", [(5, 0, 0), (10, 3, 3)]),
        ("one two hot six", [(6, 3, 3)]),
        ("six hot one two", [(6, 0, 0)]),
        ("ten point five then six", [(10.5, 0, 2), (6, 4, 4)]),
        ("ten and half six", [(10.5, 0, 2), (6, 3, 3)]),
        ("hot", []),
        ("", []),
    ],
)
def test_each_number_with_the_places_of_its_words(words: str, said: list[tuple[float, int, int]]) -> None:
    assert spoken_numbers(words.split()) == [Spoken(value, first, last) for value, first, last in said]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (3, 3.0),
        (-2.5, -2.5),
        ("38.5", 38.5),
        (" 38,5 ", 38.5),
        ("7", 7.0),
        ("warm", None),
        ("inf", None),
        ("nan", None),
        (float("-inf"), None),
        (float("nan"), None),
        (True, None),
        (None, None),
        ([3], None),
    ],
)
def test_only_a_number_is_read_as_one(value: object, read: float | None) -> None:
    assert number(value) == read
    assert isinstance(number(value), float if read is not None else type(None))


def test_a_limit_holds_from_its_lowest_to_its_highest_value() -> None:
    span = Limit("warm", at_least=37, at_most=39)
    assert [value for value in (36.99, 37, 38, 39, 39.01) if span.holds(value)] == [37, 38, 39]
    assert Limit("any").holds(-1000)
    assert [value for value in (2, 3, 4) if Limit("low", at_most=3).holds(value)] == [2, 3]
    assert [value for value in (2, 3, 4) if Limit("high", at_least=3).holds(value)] == [3, 4]


def test_every_limit_that_holds_gives_its_code_and_no_number_gives_none() -> None:
    limits = {"heat": (Limit("fever", at_least=38), Limit("high", at_least=39)), "beats": (Limit("slow", at_most=50),)}
    assert codes_for("heat", 39, limits) == ("fever", "high")
    assert codes_for("heat", "38,4", limits) == ("fever",)
    assert codes_for("heat", 37, limits) == ()
    assert codes_for("heat", "warm", limits) == ()
    assert codes_for("beats", 50, limits) == ("slow",)
    assert codes_for("steps", 50, limits) == ()
