"""Phrases left out of the word lists, one at a time.

A phrase is noticed when some saved text is judged otherwise without it. Words that stood in no other phrase go with
it: they are unknown then, may be mended to a neighbour, and no misspelling is mended to them. Only texts that hold all
words of the phrase are read again, so that thousands of phrases take minutes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from oncall.adapters.handbook.rules_shapes import WordsShape
from oncall.adapters.handbook.rules_words import plain_words, respelled, split
from oncall.core.triage.assessment import assess
from oncall.core.triage.lexicon import Tongue
from oncall.core.triage.phrases import PhraseBook, spell, variants
from oncall.core.triage.rulebook import Rulebook
from oncall.core.triage.vocabulary import ABSENT_GROUPS
from oncall.core.triage.words import cut, fold
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
        listed = Listed(rulebook, shape)
        known: dict[str, set[int]] = {}
        for code, phrase in listed.phrases:
            count += 1
            near = texts.near(phrase, listed.families, known)
            if not near or all(_hold(near, listed.without(code, phrase))):
                unnoticed.append(f"{shape.language} {code}: {phrase}")
    return count, unnoticed


def families_of(shape: WordsShape) -> Families:
    return {name: tuple(fold(word) for word in said.split()) for name, said in shape.families.items()}


class Listed:
    """The phrases of one language, and the rulebook as it would be if somebody had deleted one from the file."""

    def __init__(self, rulebook: Rulebook, shape: WordsShape) -> None:
        self.rulebook, self.language, self.families = rulebook, shape.language, families_of(shape)
        self.phrases = [
            (code, respelled(phrase, shape.spellings))
            for code, listed in shape.phrases.items()
            for phrase in split(listed)
        ]
        self._used = Counter(element for phrase in self._tongue.book.phrases for element in phrase.needs)
        self._targets = Counter(word for code, phrase in self.phrases for word in self._mended_to(code, phrase))

    @property
    def _tongue(self) -> Tongue:
        return self.rulebook.lexicon.tongues[self.language]

    def _mended_to(self, code: str, phrase: str) -> frozenset[str]:
        """The words a misspelling is mended to because this phrase holds them; office matters are not mended to."""
        clinical = self.rulebook.vocabulary[code].group not in ABSENT_GROUPS
        return frozenset(plain_words(phrase, self.families)) if clinical else frozenset()

    def without(self, code: str, phrase: str) -> Rulebook:
        """Unlisted once: what is listed a second time stays."""
        lexicon, tongue = self.rulebook.lexicon, self._tongue
        alone = {word for word in self._mended_to(code, phrase) if self._targets[word] == 1}
        shorter = replace(
            tongue,
            book=self._shorter(tongue.book, code, phrase),
            mendable=tuple(word for word in tongue.mendable if word not in alone),
            _mended={},
            _by_letter={},
        )
        tongues = {**lexicon.tongues, self.language: shorter}
        return replace(self.rulebook, lexicon=replace(lexicon, tongues=tongues, _known={}, _named={}))

    def _shorter(self, book: PhraseBook, code: str, phrase: str) -> PhraseBook:
        anchors, gone = dict(book._by_anchor), Counter[int]()
        for variant in dict.fromkeys(variants(phrase)):
            elements = [book._id_of(spell(element, self.families)) for element in variant.split() if element != "..."]
            for anchor in dict.fromkeys(elements):
                held = anchors.get(anchor, [])
                found = next((p for p in held if p.code == code and list(p.elements) == elements), None)
                if found is not None:
                    anchors[anchor] = [p for p in held if p is not found]
                    gone.update(found.needs)
        return _forgetting(replace(book, _by_anchor=anchors), {e for e in gone if gone[e] == self._used[e]})


def _forgetting(book: PhraseBook, elements: set[int]) -> PhraseBook:
    """The book when these elements stand in no phrase: their words may fit nothing any more."""
    if not elements:
        return book
    spelled = [book.elements[element] for element in elements]
    words = {word: book._by_word[word] for one in spelled for word in one.words}
    stems = {stem: book._by_stem[stem] for one in spelled for stem in one.stems}
    return replace(
        book,
        _by_word={**book._by_word, **_without(words, elements)},
        _by_stem={**book._by_stem, **_without(stems, elements)},
        _seen={word: fits for word, fits in book._seen.items() if elements.isdisjoint(fits)},
    )


def _without(fits: Mapping[str, Sequence[int]], elements: set[int]) -> dict[str, list[int]]:
    return {spelling: [number for number in known if number not in elements] for spelling, known in fits.items()}


def _hold(cases: Iterable[SavedCase], mutated: Rulebook) -> Iterator[bool]:
    for case in cases:
        findings = case.findings(mutated)
        yield case.holds(assess(findings, mutated.rules), findings)
