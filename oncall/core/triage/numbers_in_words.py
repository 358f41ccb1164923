"""Numbers as they are spoken: "one oh three point seven", "treinta y nueve y medio", "one eighty".

A machine that listens to a phone call writes numbers as words, and a temperature lost that way is an emergency
lost. English, Spanish and Portuguese up to 999 with decimals. Deliberately not here: what the number measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SMALL = {
    word: value
    for value, words in enumerate(
        (
            "zero/oh/cero",
            "one/uno/un/um/uma",
            "two/dos/dois/duas",
            "three/tres",
            "four/cuatro/quatro",
            "five/cinco",
            "six/seis",
            "seven/siete/sete",
            "eight/ocho/oito",
            "nine/nueve/nove",
            "ten/diez/dez",
            "eleven/once/onze",
            "twelve/doce/doze",
            "thirteen/trece/treze",
            "fourteen/catorce/quatorze",
            "fifteen/quince/quinze",
            "sixteen/dieciseis/dezesseis",
            "seventeen/diecisiete/dezessete",
            "eighteen/dieciocho/dezoito",
            "nineteen/diecinueve/dezenove",
        )
    )
    for word in words.split("/")
}
_TENS = {
    word: 10 * (position + 2)
    for position, words in enumerate(
        (
            "twenty/veinte/vinte",
            "thirty/treinta/trinta",
            "forty/fourty/cuarenta/quarenta",
            "fifty/cincuenta/cinquenta",
            "sixty/sesenta/sessenta",
            "seventy/setenta",
            "eighty/ochenta/oitenta",
            "ninety/noventa",
        )
    )
    for word in words.split("/")
}
_HUNDRED = frozenset({"hundred", "cien", "ciento", "cem", "cento"})
_POINT = frozenset({"point", "punto", "ponto", "virgula", "coma", "con"})
_JOINT = frozenset({"and", "y", "e"})
_HALF = frozenset({"half", "medio", "media", "meio", "meia"})
_VALUES = {**_SMALL, **_TENS, **dict.fromkeys(_HUNDRED, 100)}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A number, and the places of the words that said it."""

    value: float
    first: int
    last: int


def spoken_numbers(words: Sequence[str]) -> list[Spoken]:
    """Every number from two on that these words say; "one" is a word of its own."""
    found: list[Spoken] = []
    place = 0
    while place < len(words):
        if words[place] in _VALUES:
            said, place = _read(words, place)
            if said is not None and said.value >= 2:
                found.append(said)
        place += 1
    return found


def _read(words: Sequence[str], start: int) -> tuple[Spoken | None, int]:
    whole, place = _run(words, start)
    amount = _whole(whole)
    if amount is None:
        return None, place - 1
    last = place - 1
    following = words[place : place + 2]
    if following and following[0] in _POINT:
        decimals, after = _run(words, place + 1)
        if decimals:
            digits = "".join(str(value) for value in decimals)
            return Spoken(amount + float(f"0.{digits}"), start, after - 1), after - 1
    if len(following) == 2 and following[0] in _JOINT and following[1] in _HALF:
        return Spoken(amount + 0.5, start, place + 1), place + 1
    return Spoken(amount, start, last), last


def _run(words: Sequence[str], start: int) -> tuple[list[int], int]:
    """Number words in a row, stepping over "and" between two of them."""
    values: list[int] = []
    place = start
    while place < len(words):
        if words[place] in _VALUES:
            values.append(_VALUES[words[place]])
        elif not (values and words[place] in _JOINT and words[place + 1 : place + 2] and words[place + 1] in _VALUES):
            break
        place += 1
    return values, place


def _whole(values: list[int]) -> float | None:
    """[1, 0, 3] is 103, [1, 80] is 180, [1, 100, 3] is 103, [30, 9] is 39, [30, 9, 5] is 39.5."""
    if not values:
        return None
    if 100 in values:
        place = values.index(100)
        before = sum(values[:place]) or 1
        return before * 100 + sum(values[place + 1 :])
    if all(value < 10 for value in values):
        return float("".join(map(str, values))) if len(values) in (1, 3) else None
    if values[0] < 10:
        return values[0] * 100 + sum(values[1:])
    if len(values) == 3 and values[0] >= 20:
        return values[0] + values[1] + values[2] / 10
    return float(sum(values)) if len(values) <= 2 else None
