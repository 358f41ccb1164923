"""Phrases left out of the word lists, one at a time.

A phrase is noticed when some saved text is judged otherwise without it. Only texts that hold all its words are read
again, and what is known of single words is kept, so that thousands of phrases take minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from oncall.adapters.handbook.rules_shapes import WordsShape
from oncall.adapters.handbook.rules_words import split
from oncall.core.phrases import PhraseBook, spell, variants
from oncall.core.rulebook import Rulebook
from oncall.core.triage import assess
from oncall.core.words import cut, fold
from tests.mutation.saved_cases import SavedCase

Families = Mapping[str, Sequence[str]]


class SavedTexts:
    """The saved texts of all languages, and in which of them each word stands, as written and as mended."""

    def __init__(self, cases: Iterable[SavedCase], rulebook: Rulebook) -> None:
        self.cases = [case for case in cases if case.told.messages]
        self._where: dict[str, set[int]] = {}
        for place, case in enumerate(self.cases):
            for word in _words_of(case, rulebook):
                self._where.setdefault(word, set()).add(place)

    def near(self, phrase: str, families: Families, known: dict[str, set[int]]) -> list[SavedCase]:
        """The texts in which all words of some spelling of the phrase stand."""
        found: set[int] = set()
        for variant in variants(phrase):
            elements = [element for element in variant.split() if element != "..."]
            found |= set.intersection(*(self._holding(element, families, known) for element in elements))
        return [self.cases[place] for place in sorted(found)]

    def _holding(self, element: str, families: Families, known: dict[str, set[int]]) -> set[int]:
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


def survivors(rulebook: Rulebook, shapes: Iterable[WordsShape], texts: SavedTexts) -> tuple[int, list[str]]:
    """How many phrases there are, and those that no saved text misses."""
    count, unnoticed = 0, []
    for shape in shapes:
        families = families_of(shape)
        known: dict[str, set[int]] = {}
        for code, listed in shape.phrases.items():
            for phrase in split(listed):
                count += 1
                near = texts.near(phrase, families, known)
                if not near or all(_hold(near, without(rulebook, shape.language, code, phrase, families))):
                    unnoticed.append(f"{shape.language} {code}: {phrase}")
    return count, unnoticed


def families_of(shape: WordsShape) -> Families:
    return {name: tuple(fold(word) for word in said.split()) for name, said in shape.families.items()}


def without(rulebook: Rulebook, language: str, code: str, phrase: str, families: Families) -> Rulebook:
    """The rulebook as it would be if somebody had deleted the phrase from the file of this language."""
    lexicon = rulebook.lexicon
    tongue = lexicon.tongues[language]
    shorter = replace(tongue, book=_shorter(tongue.book, code, phrase, families), _mended={}, _by_letter={})
    return replace(rulebook, lexicon=replace(lexicon, tongues={**lexicon.tongues, language: shorter}, _named={}))


def _shorter(book: PhraseBook, code: str, phrase: str, families: Families) -> PhraseBook:
    """A copy that shares what is known of words; each spelling of the phrase goes once."""
    anchors = {anchor: list(phrases) for anchor, phrases in book._by_anchor.items()}
    for variant in dict.fromkeys(variants(phrase)):
        elements = [book._id_of(spell(element, families)) for element in variant.split() if element != "..."]
        for anchor in dict.fromkeys(elements):
            gone = next((p for p in anchors.get(anchor, ()) if p.code == code and list(p.elements) == elements), None)
            if gone is not None:
                anchors[anchor].remove(gone)
    return replace(book, _by_anchor=anchors)


def _hold(cases: Iterable[SavedCase], mutated: Rulebook) -> Iterator[bool]:
    for case in cases:
        findings = case.findings(mutated)
        yield case.holds(assess(findings, mutated.rules), findings)
