"""No spelling of an emergency number gets through the one guard, and no telephone of a person is caught in it."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.core.emergency_numbers import EMERGENCY, NeverDialled, dialable, is_emergency_number

BETWEEN = st.text(" -.()\u00a0\u2011/", max_size=2)
BEFORE = st.sampled_from(
    ["", "+", "+1", "1", "+44", "44", "0", "9", "9-1", "011 44", "0044", "011", "00", "+353", "+1 "]
)
WRAP = st.sampled_from(
    ["{}", "tel:{}", "TEL:{}", "sip:{}@pbx.example", "{},,1", "{};ext=5", "{} x12", "({})", " {} ", "x{}"]
)
SCRIPTS = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"])


@st.composite
def spellings(draw: st.DrawFn) -> str:
    number, script = draw(st.sampled_from(EMERGENCY)), draw(SCRIPTS)
    told = "".join(script[int(digit)] + draw(BETWEEN) for digit in number)
    return draw(WRAP).format(draw(BEFORE) + draw(BETWEEN) + told)


@given(spellings())
def test_every_spelling_of_an_emergency_number_is_caught(told: str) -> None:
    assert is_emergency_number(told)
    with pytest.raises(NeverDialled):
        dialable(told)


@pytest.mark.parametrize(
    "told", ["911", "+1911", "112", "999", "988", "1-911", "9911", "+1 9-1-1", "+44999", "011 44 112"]
)
def test_the_spellings_one_meets_are_caught(told: str) -> None:
    assert is_emergency_number(told)


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), st.sampled_from(EMERGENCY))
def test_no_real_number_of_any_country_is_caught(region: str, ending: str) -> None:
    """Also one that ends in the digits of an emergency number."""
    example = phonenumbers.example_number(region)
    assert example is not None
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert dialable(number) == number
    assert dialable(number[:-3] + ending) == number[:-3] + ending


@given(st.from_regex(r"[2-9]\d{2}[2-9]\d{2}\d{4}", fullmatch=True))
def test_no_north_american_number_is_caught_however_it_is_written(ten: str) -> None:
    for told in (
        f"+1{ten}",
        ten,
        f"1{ten}",
        f"({ten[:3]}) {ten[3:6]}-{ten[6:]}",
        f"011 1 {ten}",
        f"tel:+1{ten};ext=911",
    ):
        assert not is_emergency_number(told), told
