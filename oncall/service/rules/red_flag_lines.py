"""Red flags as sentences: the pictures that must be an emergency whatever else is known, as the clinicians sign them.

Deliberately not here: the proof that the rules call each of them an emergency (the prover's), and HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oncall.core.triage.rulebook import Rulebook
from oncall.core.triage.safety import RedFlag
from oncall.service.rules.sentences import Piece, Signs, condition_pieces, measure_words, span_words


@dataclass(frozen=True, slots=True)
class FlagCard:
    id: str
    says: str
    condition: tuple[Piece, ...]
    source: str


def flag_cards(rulebook: Rulebook) -> tuple[FlagCard, ...]:
    """In the order of the file."""
    signs = rulebook.vocabulary
    return tuple(FlagCard(one.id, one.says, tuple(_condition(one, signs)), one.source) for one in rulebook.red_flags)


def _condition(flag: RedFlag, signs: Signs) -> Iterator[Piece]:
    """Its signs, and the spans in which its numbers lie."""
    pieces = [*condition_pieces(flag.when, signs, inside=bool(flag.numbers))]
    yield from pieces
    for place, number in enumerate(flag.numbers):
        yield from (Piece(" AND "),) if pieces or place else ()
        yield Piece(f"{measure_words(number.field)} {span_words(number.span)}", is_sign=True)
