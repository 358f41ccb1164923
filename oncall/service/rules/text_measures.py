"""A text measured as a telephone and a tired reader take it: letters, parts on the air, school grade.

A text of GSM-7 letters is one part up to 160 of them; one letter outside that alphabet makes it UCS-2, one part up
to 70. The grade is Flesch and Kincaid's and means something for English alone. Deliberately not here: which lengths
and grades are good enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€\f")  # of the extension table: two places each


@dataclass(frozen=True, slots=True)
class Measures:
    """`grade` is None for a language that the formula was not made for."""

    letters: int
    alphabet: str
    parts: int
    grade: float | None


def measured(text: str, language: str) -> Measures:
    letters = _places(text) if is_gsm(text) else _units(text)
    return Measures(
        letters=letters,
        alphabet="GSM-7" if is_gsm(text) else "UCS-2",
        parts=segments(text),
        grade=max(round(grade(text), 1), 0.0) if language == "en" else None,
    )


def is_gsm(text: str) -> bool:
    """Whether every letter is of the telephone's own alphabet."""
    return set(text) <= GSM | GSM_TWICE


def segments(text: str) -> int:
    """How many parts a text needs on the air: GSM-7 160, or 153 each; otherwise UCS-2 70, or 67 each."""
    length, single, several = (_places(text), 160, 153) if is_gsm(text) else (_units(text), 70, 67)
    return 1 if length <= single else -(-length // several)


def grade(text: str) -> float:
    """Flesch and Kincaid's school grade; syllables by groups of vowels. A text without words has grade 0."""
    plain = re.sub(r"\d+:\d+ [AP]M|https?://\S+", "noon", text)
    sentences = [part for part in re.split(r"[.!?:;]+\s", plain + " ") if part.strip()]
    words = re.findall(r"[A-Za-z']+", plain)
    if not words:
        return 0.0
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _places(text: str) -> int:
    return sum(1 + (letter in GSM_TWICE) for letter in text)


def _units(text: str) -> int:
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and groups > 1
    return max(groups - silent, 1)
