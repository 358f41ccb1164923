"""Phrases left out of the word lists, one at a time.

A phrase is noticed when some saved sentence is judged otherwise without it. Only sentences that hold all its words
are read again, so that thousands of phrases take minutes. Each word list is compiled anew for each mutant, as it
would be if somebody had deleted the phrase from the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from oncall.adapters.handbook.rules_shapes import WordsShape
from oncall.adapters.handbook.rules_words import compiled_tongue
from oncall.core.phrases import spell, variants
from oncall.core.rulebook import Rulebook
from oncall.core.triage import assess
from oncall.core.words import cut, fold
from tests.mutation.saved_cases import SavedCase


class SavedTexts:
    """The saved texts of all languages, and in which of them each word stands, as written and as mended."""

    def __init__(self, cases: Iterable[SavedCase], rulebook: Rulebook) -> None:
        self.cases = [case for case in cases if case.told.messages]
        self._where: dict[str, set[int]] = {}
        for place, case in enumerate(self.cases):
            for word in _words_of(case, rulebook):
                self._where.setdefault(word, set()).add(place)

    def near(self, phrase: str, families: Mapping[str, Sequence[str]], known: dict[str, set[int]]) -> list[SavedCase]:
        """The texts in which all words of some spelling of the phrase stand."""
        found: set[int] = set()
        for variant in variants(" ".join(fold(word) for word in phrase.split())):
            elements = [element for element in variant.split() if element != "..."]
            found |= set.intersection(*(self._holding(element, families, known) for element in elements))
        return [self.cases[place] for place in sorted(found)]

    def _holding(self, element: str, families: Mapping[str, Sequence[str]], known: dict[str, set[int]]) -> set[int]:
        if element not in known:
            spelled = spell(element, families)
            fitting = (places for word, places in self._where.items() if spelled.fits(word) or "#" in element)
            known[element] = set().union(*fitting)
        return known[element]


def _words_of(case: SavedCase, rulebook: Rulebook) -> Iterator[str]:
    lexicon = rulebook.lexicon
    for clause in cut("\n".join(case.told.messages), lexicon.cuts, lexicon.spellings):
        for word in clause.plain:
            yield word
            yield lexicon.mend(word, tuple(lexicon.tongues.values()))


def survivors(
    rulebook: Rulebook, shapes: Iterable[WordsShape], clinical: frozenset[str], texts: SavedTexts
) -> tuple[int, list[str]]:
    """How many phrases there are, and those that no saved text misses."""
    count, unnoticed = 0, []
    for shape in shapes:
        families = {name: tuple(fold(word) for word in said.split()) for name, said in shape.families.items()}
        known: dict[str, set[int]] = {}
        for code, phrase, without in _left_out(shape):
            count += 1
            near = texts.near(phrase, families, known)
            if not near or all(_hold(near, _with(rulebook, shape.language, compiled_tongue(without, clinical)))):
                unnoticed.append(f"{shape.language} {code}: {phrase}")
    return count, unnoticed


def _left_out(shape: WordsShape) -> Iterator[tuple[str, str, WordsShape]]:
    """Code, phrase, and the file without it."""
    for code, listed in shape.phrases.items():
        phrases = [phrase.strip() for phrase in listed.split(";") if phrase.strip()]
        for place, phrase in enumerate(phrases):
            rest = "; ".join((*phrases[:place], *phrases[place + 1 :]))
            yield code, phrase, shape.model_copy(update={"phrases": {**shape.phrases, code: rest}})


def _with(rulebook: Rulebook, language: str, tongue: object) -> Rulebook:
    lexicon = rulebook.lexicon
    tongues = {**lexicon.tongues, language: tongue}
    return replace(rulebook, lexicon=type(lexicon)(tongues, lexicon.cuts, lexicon.spellings, lexicon.ruler, lexicon.limits))


def _hold(cases: Iterable[SavedCase], mutated: Rulebook) -> Iterator[bool]:
    for case in cases:
        findings = case.findings(mutated)
        yield case.holds(assess(findings, mutated.rules), findings)
