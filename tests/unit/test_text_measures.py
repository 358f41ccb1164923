"""A text measured: letters, parts, grade."""

from __future__ import annotations

import pytest

from oncall.service.rules.text_measures import Measures, grade, is_gsm, measured, segments


@pytest.mark.parametrize(
    ("text", "letters", "alphabet", "parts"),
    [
        ("", 0, "GSM-7", 1),
        ("a" * 160, 160, "GSM-7", 1),
        ("a" * 161, 161, "GSM-7", 2),
        ("a" * 158 + "€", 160, "GSM-7", 1),
        ("a" * 159 + "€", 161, "GSM-7", 2),
        ("á" + "a" * 69, 70, "UCS-2", 1),
        ("á" + "a" * 70, 71, "UCS-2", 2),
        ("\N{BABY}" * 36, 72, "UCS-2", 2),
        ("\ud800", 1, "UCS-2", 1),
    ],
)
def test_letters_and_parts_are_the_carriers(text: str, letters: int, alphabet: str, parts: int) -> None:
    said = measured(text, "es")
    assert said == Measures(letters, alphabet, parts, None)
    assert is_gsm(text) is (alphabet == "GSM-7")
    assert segments(text) == parts


def test_the_grade_is_for_english_alone_and_rises_with_long_words() -> None:
    easy, hard = "Call us now.", "Administration necessitates comprehensive documentation."
    assert grade(easy) < 0 < 12 < grade(hard)
    assert measured(hard, "en").grade == round(grade(hard), 1)
    assert measured(easy, "en").grade == 0.0
    assert measured(easy, "es").grade is None


@pytest.mark.parametrize("text", ["", "911", "...", "\N{BABY}"])
def test_a_text_without_words_has_a_grade_too(text: str) -> None:
    assert grade(text) == 0.0
