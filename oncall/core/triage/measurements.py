"""Temperatures, pulses, oxygen, breaths and blood pressures as families write and say them.

A number alone means nothing: "104 Elm St" is an address, "104!!" a child on fire. The nearest measuring word
decides, then a decimal in the range of a body temperature, then a number that stands all alone. Units are told
apart by their range (93 to 110 F, 34 to 43 C). The measuring words stand in rules/words-*.yaml, the limits in
rules/findings.yaml. Deliberately not here: whether the number was denied or belongs to last year (`hearing`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oncall.core.triage.numbers_in_words import spoken_numbers

_PLAIN = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?")
_PRESSURE = re.compile(r"(\d{2,3})/(\d{2,3})")
_MINUTE = frozenset({"minute", "minuto", "minit", "min", "mins"})
_BEFORE, _AFTER = 7, 3
_SAID_BEFORE = frozenset(
    (
        *("hes", "shes", "is", "was", "hit", "at", "up", "to", "now", "still", "im", "its", "running"),
        *("says", "said", "over", "reads", "and", "also", "plus"),
    )
)
_SAID_AFTER = frozenset(
    (
        *("and", "now", "but", "with", "still", "again", "plus", "after", "even", "since", "when"),
        *("despite", "for", "too", "they"),
    )
)
_LIVING = {"heart_rate": (20, 260), "oxygen_percent": (40, 100), "breaths_a_minute": (2, 90)}
_UNITS_OF_HEAT = frozenset({"f", "c", "°", "degrees", "degree", "deg", "grados", "graus"})


@dataclass(frozen=True, slots=True)
class Measured:
    """One value with its kind, and the places of its words."""

    kind: str
    value: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Ruler:
    """Which word names which measure ("temp" -> temperature_c); `other` names something else (lbs, room)."""

    kinds: Mapping[str, str]


def measure(words: Sequence[str], before: Sequence[str], ruler: Ruler) -> list[Measured]:
    """What these words measure; `before` are the words of the clause just before, for "pulse? 160"."""
    found: list[Measured] = []
    for value, first, last in _numbers(words):
        kind = _kind(value, first, last, words, before, ruler)
        read = _believed(value, kind)
        if kind and read is not None:
            found.append(Measured(kind, read, first, last))
    return [*found, *_pressures(words)]


def _believed(value: float, kind: str | None) -> float | None:
    """The value as it goes on, or None for one that no living body has."""
    if kind == "temperature_c":
        return celsius(value)
    span = _LIVING.get(kind or "")
    return value if span and span[0] <= value <= span[1] else None


def _numbers(words: Sequence[str]) -> list[tuple[float, int, int]]:
    written = [
        (float(word.replace(",", ".")), place, place)
        for place, word in enumerate(words)
        if word[0].isdigit() and _PLAIN.fullmatch(word)
    ]
    return written + [(said.value, said.first, said.last) for said in spoken_numbers(words)]


def _kind(value: float, first: int, last: int, words: Sequence[str], before: Sequence[str], ruler: Ruler) -> str | None:
    if first and words[first - 1] in ("$", "#"):
        return None
    named = _named(first, last, words, before, ruler)
    fraction = value != int(value) and (33 <= value <= 43 or 93 <= value < 110)
    if fraction and named in ("heart_rate", "breaths_a_minute", "monitor"):
        return "temperature_c"  # only temperatures are told in tenths
    if named == "breaths_a_minute" and _MINUTE.isdisjoint(words[last : last + 5]):
        return None
    if named == "monitor":
        return "heart_rate" if value >= 110 else None
    if named is not None:
        return named
    return "temperature_c" if fraction or _stands_alone(value, first, last, words) else None


def _stands_alone(value: float, first: int, last: int, words: Sequence[str]) -> bool:
    """ "104!!", "she is 103 and shaking": in the range of a fever, and nothing that it could count follows."""
    alone = len(words) <= last - first + 2
    if not 100 <= value < 107:
        return alone and 107 <= value < 110
    opens = first == 0 or words[first - 1] in _SAID_BEFORE
    return alone or (opens and (last + 1 == len(words) or words[last + 1] in _SAID_AFTER))


def _named(first: int, last: int, words: Sequence[str], before: Sequence[str], ruler: Ruler) -> str | None:
    """The measure named nearest: the unit right behind, then a word before, then one a little behind."""
    unit = ruler.kinds.get(words[last + 1]) if last + 1 < len(words) else None
    if unit in ("other", "heart_rate_before"):
        return "other"  # "hr 160" is a pulse, "2 hr" a time
    if unit and words[last + 1] in _UNITS_OF_HEAT:
        return unit
    asked = [word for word in before[-_BEFORE:] if ruler.kinds.get(word) != "other"]
    ahead = [*asked, *words[max(0, first - _BEFORE) : first]][::-1][:_BEFORE]
    named = [ruler.kinds[word] for word in ahead if word in ruler.kinds]
    behind = [ruler.kinds[word] for word in words[last + 1 : last + 1 + _AFTER] if word in ruler.kinds]
    return _most_precise([*named, *(kind for kind in behind if kind != "heart_rate_before")])


def _most_precise(named: Sequence[str]) -> str | None:
    """The nearest; a word that only says "reading" gives way ("o2 is reading 85" is told by o2)."""
    precise = [kind for kind in named if kind != "reading"]
    if not precise:
        return "temperature_c" if named else None
    return "heart_rate" if precise[0] == "heart_rate_before" else precise[0]


def celsius(value: float) -> float | None:
    """A body temperature in Celsius, from Celsius or Fahrenheit told apart by range; None for anything else."""
    if 25 <= value <= 43.5:
        return value
    return round((value - 32) / 1.8, 2) if 80 <= value <= 112 else None


def keyed_celsius(digits: str) -> float | None:
    """A temperature keyed on a phone: 1012 is 101.2 F, 394 is 39.4 C, 104 is 104 F."""
    plain = digits.strip().strip("#").replace("*", ".").replace(",", ".")
    if not _PLAIN.fullmatch(plain) or len(plain) < 2:
        return None
    value = float(plain)
    return celsius(value) if celsius(value) is not None else celsius(value / 10)


def _pressures(words: Sequence[str]) -> list[Measured]:
    pairs = ((place, _PRESSURE.fullmatch(word)) for place, word in enumerate(words))
    return [
        Measured("systolic_pressure", float(pair[1]), place, place)
        for place, pair in pairs
        if pair and int(pair[1]) > int(pair[2]) and 50 <= int(pair[1]) <= 280 and int(pair[2]) >= 20
    ]
