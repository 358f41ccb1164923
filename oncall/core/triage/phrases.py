"""The phrase book: which of the listed phrases stand in a clause.

A phrase is written the way a nurse would say it: plain words, `a/b` for either, `itch*` for any ending, `<cannot>`
for a named family of words, `#` for a number, `...` for up to four words in between, `?word` for a word that may
be missing. Filler words (so, really, the, her) are stepped over for nothing. Phrases are compiled once; per clause
only those whose rarest word occurs are tried, so thousands of phrases cost little. Deliberately not here: whether a
phrase was denied or meant (`hearing`), and misspellings (`lexicon`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_GAP = 4
_KNOWN_TOKENS = 50_000


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: its code and the positions of the words that carried it."""

    code: str
    places: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.places[0]

    @property
    def last(self) -> int:
        return self.places[-1]


@dataclass(frozen=True, slots=True)
class _Phrase:
    code: str
    elements: tuple[int, ...]
    gaps: tuple[bool, ...]  # whether anything may stand before this element
    needs: frozenset[int]


@dataclass(frozen=True, slots=True)
class Spelled:
    """One place of a phrase: the exact words and the stems that fit it."""

    words: frozenset[str]
    stems: tuple[str, ...]

    def fits(self, word: str) -> bool:
        return word in self.words or (bool(self.stems) and word.startswith(self.stems))


def spell(element: str, families: Mapping[str, Sequence[str]]) -> Spelled:
    """`itch*/scratch*` or `<cannot>` as the words that fit; an unknown family raises KeyError."""
    listed: list[str] = []
    for part in element.split("/"):
        listed.extend(families[part[1:-1]] if part.startswith("<") else (part,))
    return Spelled(
        frozenset(part for part in listed if not part.endswith("*")),
        tuple(part[:-1] for part in listed if part.endswith("*")),
    )


def kinds(word: str) -> tuple[str, ...]:
    """The word itself; for a number also `#` (any number) and `#year`."""
    if not word[:1].isdigit():
        return (word,)
    is_year = len(word) == 4 and word.isdigit() and word.startswith(("19", "20"))
    return (word, "#", "#year") if is_year else (word, "#")


def variants(phrase: str) -> Iterator[str]:
    """The phrase with and without each of its `?optional` words."""
    before, mark, after = phrase.partition("?")
    if not mark:
        yield " ".join(phrase.split())
        return
    word, _, rest = after.partition(" ")
    yield from variants(f"{before}{rest}")
    yield from variants(f"{before}{word} {rest}")


@dataclass(slots=True)
class PhraseBook:
    """All phrases of all languages, compiled."""

    fillers: frozenset[str]
    always: frozenset[str] = frozenset()  # codes that stand beside a longer phrase that shares their words
    elements: list[Spelled] = field(default_factory=list)
    phrases: list[_Phrase] = field(default_factory=list)
    _ids: dict[str, int] = field(default_factory=dict)
    _by_word: dict[str, list[int]] = field(default_factory=dict)
    _by_stem: dict[str, list[int]] = field(default_factory=dict)
    _lengths: set[int] = field(default_factory=set)  # of the stems
    _by_anchor: dict[int, list[_Phrase]] = field(default_factory=dict)
    _seen: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, code: str, phrase: str, families: Mapping[str, Sequence[str]]) -> None:
        """List one phrase under a code. `families` are the word families of its language."""
        for variant in dict.fromkeys(variants(phrase)):
            ids: list[int] = []
            gaps: list[bool] = []
            gap = False
            for element in variant.split():
                if element == "...":
                    gap = True
                    continue
                ids.append(self._id_of(spell(element, families)))
                gaps.append(gap)
                gap = False
            self.phrases.append(_Phrase(code, tuple(ids), tuple(gaps), frozenset(ids)))

    def _id_of(self, spelled: Spelled) -> int:
        key = repr((sorted(spelled.words), spelled.stems))
        if key not in self._ids:
            self._ids[key] = number = len(self.elements)
            self.elements.append(spelled)
            for word in spelled.words:
                self._by_word.setdefault(word, []).append(number)
            for stem in spelled.stems:
                self._by_stem.setdefault(stem, []).append(number)
                self._lengths.add(len(stem))
        return self._ids[key]

    def close(self, common: frozenset[str] = frozenset()) -> None:
        """Choose for every phrase the element by which it is looked up: no `common` word, and few phrases share it."""
        share = Counter(element for phrase in self.phrases for element in phrase.needs)
        everywhere = {number for number, spelled in enumerate(self.elements) if not spelled.words.isdisjoint(common)}
        for phrase in self.phrases:
            anchor = min(phrase.elements, key=lambda element: (element in everywhere, share[element]))
            self._by_anchor.setdefault(anchor, []).append(phrase)

    def fitting(self, word: str) -> tuple[int, ...]:
        """Which elements a word fits; remembered, because families use the same words."""
        known = self._seen.get(word)
        if known is None:
            by_stem = (
                number for end in self._lengths if end <= len(word) for number in self._by_stem.get(word[:end], ())
            )
            by_word = (number for kind in kinds(word) for number in self._by_word.get(kind, ()))
            known = tuple(dict.fromkeys((*by_word, *by_stem)))
            if len(self._seen) < _KNOWN_TOKENS:
                self._seen[word] = known
        return known

    def find(self, words: Sequence[str]) -> list[Match]:
        """Every phrase that stands in these words, each at its first places; shorter ones inside longer go."""
        where: dict[int, list[int]] = {}
        for place, word in enumerate(words):
            for element in self._seen.get(word) or self.fitting(word):
                where.setdefault(element, []).append(place)
        present = where.keys()
        found: list[Match] = []
        for anchor in present:
            for phrase in self._by_anchor.get(anchor, ()):
                if phrase.needs <= present:
                    found.extend(self._stand(phrase, words, where))
        return longest(found, self.always) if found else found

    def _stand(self, phrase: _Phrase, words: Sequence[str], where: Mapping[int, Sequence[int]]) -> Iterator[Match]:
        after = -1
        for start in where[phrase.elements[0]]:
            if start > after:
                places = self._follow(phrase, 1, (start,), words, where)
                if places:
                    yield Match(phrase.code, places)
                    after = places[-1]

    def _follow(
        self,
        phrase: _Phrase,
        element: int,
        places: tuple[int, ...],
        words: Sequence[str],
        where: Mapping[int, Sequence[int]],
    ) -> tuple[int, ...]:
        """The places of the rest of the phrase, the nearest ones; empty when it does not stand there."""
        if element == len(phrase.elements):
            return places
        free = _GAP if phrase.gaps[element] else 0
        last = places[-1]
        standing = where[phrase.elements[element]]
        for place in standing[bisect_right(standing, last) :]:
            if self._costs(words, last + 1, place) > free:
                return ()  # the words between only become more
            onward = self._follow(phrase, element + 1, (*places, place), words, where)
            if onward:
                return onward
        return ()

    def _costs(self, words: Sequence[str], first: int, end: int) -> int:
        """How many words that are no fillers lie between."""
        return sum(word not in self.fillers for word in words[first:end]) if first < end else 0


def longest(found: Iterable[Match], always: frozenset[str] = frozenset()) -> list[Match]:
    """Without the matches whose words all belong to a longer one ("neck stiff" swallows "stiff")."""
    ordered = sorted(set(found), key=lambda match: (-len(match.places), match.places, match.code))
    kept: list[tuple[frozenset[int], Match]] = []
    for match in ordered:
        places = frozenset(match.places)
        if match.code in always or not any(places < other for other, _ in kept):
            kept.append((places, match))
    return sorted((match for _, match in kept), key=lambda match: (match.first, match.code))
