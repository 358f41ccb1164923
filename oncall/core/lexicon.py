"""The lexicon: what a family said, as signs and how each was meant.

It joins the parts: words are cut into clauses, misspellings mended, phrases and markers looked up, numbers
measured, and every sign given its manner. Misspellings are sought only for words that fit nothing and are not
plain everyday words, so "stuff" does not become "stiff". Deliberately not here: urgency, and any phrase: those
stand in rules/words-*.yaml, compiled once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from oncall.core.hearing import Heeded, Manner, Setting, manner_of
from oncall.core.measurements import Ruler, measure
from oncall.core.phrases import Match, PhraseBook
from oncall.core.thresholds import Limits, codes_for
from oncall.core.vocabulary import Sign
from oncall.core.words import Clause, Cuts, Word, cut, fold

_SHORTEST_MENDED = 5
_REMEMBERED = 50_000
NOT_A_SIGN = "~nothing"  # "stiff drink": the words are used up, nothing is found


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sign as it was spoken, with the family's own words."""

    code: str
    manner: Manner
    quote: str


@dataclass(frozen=True, slots=True)
class Understood:
    """All that a message said, and the clauses in which nothing was understood."""

    utterances: tuple[Utterance, ...]
    unexplained: tuple[str, ...]
    language: str
    known_share: float  # how many of its words stand in any of our lists, 0 to 1


@dataclass(slots=True)
class Lexicon:
    """Everything compiled from the word files."""

    book: PhraseBook
    cuts: Cuts
    spellings: Mapping[str, tuple[str, ...]]
    ruler: Ruler
    everyday: Mapping[str, frozenset[str]]  # language -> its most ordinary words
    mendable: tuple[str, ...]  # words of sign phrases, the targets of mending
    limits: Limits
    _mended: dict[str, str] = field(default_factory=dict)
    _by_letter: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for word in self.mendable:
            if len(word) >= _SHORTEST_MENDED:
                self._by_letter.setdefault(word[0], []).append(word)

    def knows(self, word: str) -> bool:
        """Whether a word stands in any list."""
        return (
            not word.isalpha()
            or word in self.book.fillers
            or bool(self.book.fitting(word))
            or any(word in words for words in self.everyday.values())
        )

    def mend(self, word: str) -> str:
        """The word, or the sign word it was most likely meant to be."""
        if len(word) < _SHORTEST_MENDED or not word.isalpha() or self.knows(word):
            return word
        mended = self._mended.get(word)
        if mended is None:
            mended = self._closest(word)
            if len(self._mended) < _REMEMBERED:
                self._mended[word] = mended
        return mended

    def _closest(self, word: str) -> str:
        shortened = _single(word)
        if shortened != word and self.knows(shortened):
            return shortened
        slips = 1 if len(word) < 8 else 2
        targets = self._by_letter.get(word[0], [])
        best = process.extractOne(word, targets, scorer=OSA.distance, score_cutoff=slips)
        return best[0] if best else word


@lru_cache(maxsize=8192)
def _single(word: str) -> str:
    """Without doubled letters at a stretch ("itchyy" -> "itchy")."""
    return "".join(letter for place, letter in enumerate(word) if place == 0 or word[place - 1] != letter)


def understand(text: str, lexicon: Lexicon, signs: Mapping[str, Sign]) -> Understood:
    """What one message, or one thread joined by new lines, says."""
    clauses = [_mended(clause, lexicon) for clause in cut(text, lexicon.cuts, lexicon.spellings)]
    heeded = [_heed(clause, before, lexicon) for clause, before in zip(clauses, [None, *clauses], strict=False)]
    recent = any(item.has("recent") for item in heeded)
    utterances: list[Utterance] = []
    for sentence in _sentences(heeded):
        for place, item in enumerate(sentence):
            setting = Setting(sentence, place, recent, lexicon.book.fillers)
            utterances.extend(_uttered(item, setting, signs))
    return Understood(
        tuple(utterances),
        tuple(_unexplained(heeded, lexicon)),
        _language(clauses, lexicon),
        _known_share(clauses, lexicon),
    )


def codes_in(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The signs that a question or a menu names, however it puts them."""
    found: dict[str, None] = {}
    for clause in cut(text, lexicon.cuts, lexicon.spellings):
        for match in lexicon.book.find(clause.plain):
            if not match.code.startswith("~"):
                found[match.code] = None
    return tuple(found)


def _mended(clause: Clause, lexicon: Lexicon) -> Clause:
    plain = tuple(lexicon.mend(word) for word in clause.plain)
    if plain == clause.plain:
        return clause
    words = tuple(Word(new, word.start, word.end) for new, word in zip(plain, clause.words, strict=True))
    return Clause(words, plain, clause.sentence, clause.asked, clause.raw)


def _heed(clause: Clause, before: Clause | None, lexicon: Lexicon) -> Heeded:
    marks: dict[str, tuple[Match, ...]] = {}
    signs: list[Match] = []
    for match in lexicon.book.find(clause.plain):
        if match.code.startswith("~"):
            kind = match.code[1:]
            marks[kind] = (*marks.get(kind, ()), match)
        else:
            signs.append(match)
    beside = before.plain if before and before.sentence >= clause.sentence - 1 else ()
    for measured in measure(clause.plain, beside, lexicon.ruler):
        for code in codes_for(measured.kind, measured.value, lexicon.limits):
            signs.append(Match(code, tuple(range(measured.first, measured.last + 1))))
    return Heeded(clause, tuple(signs), marks)


def _sentences(heeded: Sequence[Heeded]) -> Iterable[list[Heeded]]:
    """Clauses by sentence; a bare "no" after a question joins the question it answers."""
    sentences: list[list[Heeded]] = []
    for item in heeded:
        same = bool(sentences) and sentences[-1][-1].clause.sentence == item.clause.sentence
        answers = bool(sentences) and sentences[-1][-1].clause.asked and item.has("answer") and not item.signs
        if same or (answers and len(item.clause.words) <= 2):
            sentences[-1].append(item)
        else:
            sentences.append([item])
    return sentences


def _uttered(item: Heeded, setting: Setting, signs: Mapping[str, Sign]) -> Iterable[Utterance]:
    for match in item.signs:
        sign = signs[match.code]
        quote = item.clause.quote(match.first, match.last)
        manner = manner_of(match, item, setting, sign.outlasts_relief)
        if sign.group in ("office", "unread"):
            yield Utterance(match.code, Manner.ASSERTED, quote)
        else:
            yield Utterance(match.code, manner, quote)


def _unexplained(heeded: Iterable[Heeded], lexicon: Lexicon) -> Iterable[str]:
    """Clauses of some substance in which no sign was found: what was said there is not known."""
    for item in heeded:
        if item.signs or item.has("nothing", "imagined"):
            continue
        substance = [
            word for word in item.clause.plain if word.isalpha() and len(word) > 1 and word not in lexicon.book.fillers
        ]
        used = {place for matches in item.marks.values() for match in matches for place in match.places}
        if len(substance) - len(used) >= 3:
            yield item.clause.quote(0, len(item.clause.words) - 1)


def _language(clauses: Sequence[Clause], lexicon: Lexicon) -> str:
    """The language whose ordinary words occur most; English on a tie; `und` when none of them do."""
    words = [word for clause in clauses for word in clause.plain]
    scores = {tongue: sum(word in listed for word in words) for tongue, listed in lexicon.everyday.items()}
    best = max(scores, key=lambda tongue: (scores[tongue], tongue == "en"))
    return best if scores[best] else "und"


def _known_share(clauses: Sequence[Clause], lexicon: Lexicon) -> float:
    words = [word for clause in clauses for word in clause.plain if word.isalpha()]
    return sum(lexicon.knows(word) for word in words) / len(words) if words else 0.0


__all__ = ["NOT_A_SIGN", "Lexicon", "Understood", "Utterance", "codes_in", "fold", "understand"]
