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

from oncall.core.triage.hearing import Heeded, Manner, Setting, manner_of
from oncall.core.triage.measurements import Ruler, measure
from oncall.core.triage.phrases import Match, PhraseBook, longest
from oncall.core.triage.thresholds import Limits, codes_for
from oncall.core.triage.vocabulary import ABSENT_GROUPS, Sign
from oncall.core.triage.words import Clause, Cuts, cut

_SHORTEST_MENDED = 5
_REMEMBERED = 50_000
_SUBSTANCE = 3
_MANIFOLD = 3  # different words about the body in what nobody understood
_EXPLAINS = 8  # how far a sign explains the words around it where a machine wrote down speech without a comma
_READ_WELL = frozenset({"en", "es"})  # languages whose denials are trusted beside each other
_OURS = ("subject", "doubt", "bodily", "unable", "change", "unsure", "again")  # manners of a clause about a patient
NOT_A_SIGN = "~nothing"  # "stiff drink": the words are used up, nothing is found


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sign as it was spoken, with the family's own words."""

    code: str
    manner: Manner
    quote: str


@dataclass(frozen=True, slots=True)
class Understood:
    """All that a message said, the clauses in which nothing was understood, and words that may hide a sign."""

    utterances: tuple[Utterance, ...]
    unexplained: tuple[str, ...]
    doubtful: tuple[str, ...]
    bodily: tuple[str, ...]  # clauses about the body or behaviour in which no sign was found
    altered: tuple[str, ...]  # those of them that speak of a change or of what cannot be done
    manifold: bool  # several things are said of the body, one of them a change, and none is understood
    ours: bool  # it may be about somebody with a pump, or be in doubt, or ask for something
    language: str
    known_share: float  # how many of its words stand in any of our lists, 0 to 1


@dataclass(slots=True, eq=False)
class Tongue:
    """One language, compiled."""

    code: str
    book: PhraseBook
    everyday: frozenset[str]  # its most ordinary words: they tell the language
    mendable: Sequence[str]  # words of its sign phrases, the targets of mending
    plain: frozenset[str] = frozenset()  # common words that look like a sign word and are not ("stuff")
    letters: str = ""  # letters and signs that only this language writes
    ours: frozenset[str] = frozenset()  # words of somebody with a pump, of theirs, or who asks for something
    _mended: dict[str, str] = field(default_factory=dict)
    _by_letter: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for word in self.mendable:
            if len(word) >= _SHORTEST_MENDED:
                self._by_letter.setdefault(word[0], []).append(word)

    def knows(self, word: str) -> bool:
        """Whether a word stands in any list of this language."""
        return word in self.everyday or word in self.plain or word in self.book.fillers or bool(self.book.fitting(word))

    def closest(self, word: str) -> str:
        """The sign word that a misspelt word was most likely meant to be, else the word itself."""
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
        return str(best[0]) if best else word


@dataclass(slots=True)
class Lexicon:
    """Everything compiled from the word files."""

    tongues: Mapping[str, Tongue]
    cuts: Cuts
    spellings: Mapping[str, tuple[str, ...]]
    ruler: Ruler
    limits: Limits
    _known: dict[str, bool] = field(default_factory=dict)
    _named: dict[str, tuple[str, ...]] = field(default_factory=dict)  # signs named in prompts, which repeat

    def knows(self, word: str) -> bool:
        """Whether a word stands in any list of any language."""
        known = self._known.get(word)
        if known is None:
            known = not word.isalpha() or any(tongue.knows(word) for tongue in self.tongues.values())
            if len(self._known) < _REMEMBERED:
                self._known[word] = known
        return known

    def named_in(self, prompt: str) -> tuple[str, ...]:
        """The signs that a question or a menu names, however it puts them."""
        named = self._named.get(prompt)
        if named is None:
            named = _codes_in(prompt, self)
            if len(self._named) < _REMEMBERED:
                self._named[prompt] = named
        return named

    def mend(self, word: str, spoken: Sequence[Tongue]) -> str:
        """The word as it was probably meant; everyday words of any language are left alone."""
        if len(word) < _SHORTEST_MENDED or self.knows(word):
            return word
        mended = (tongue.closest(word) for tongue in spoken)
        return next((found for found in mended if found != word), word)


@lru_cache(maxsize=8192)
def _single(word: str) -> str:
    """Without doubled letters at a stretch ("itchyy" -> "itchy")."""
    return "".join(letter for place, letter in enumerate(word) if place == 0 or word[place - 1] != letter)


def understand(text: str, lexicon: Lexicon, signs: Mapping[str, Sign]) -> Understood:
    """What one message, or one thread joined by new lines, says."""
    clauses = cut(text, lexicon.cuts, lexicon.spellings)
    language, spoken = _languages(clauses, lexicon)
    known = _known_share(clauses, lexicon)
    read = _read(clauses, lexicon, spoken, signs)
    if not read.utterances and len(spoken) < len(lexicon.tongues):
        others = (tongue for tongue in lexicon.tongues.values() if tongue not in spoken)
        read = _read(clauses, lexicon, (*spoken, *others), signs)  # one stray word may have named the wrong language
    return Understood(
        read.utterances,
        read.unexplained,
        read.doubtful,
        read.bodily,
        read.altered,
        read.manifold,
        read.ours,
        language,
        known,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was found when the clauses were read in certain tongues."""

    utterances: tuple[Utterance, ...]
    unexplained: tuple[str, ...]
    doubtful: tuple[str, ...]
    bodily: tuple[str, ...]
    altered: tuple[str, ...]
    manifold: bool
    ours: bool


def _read(clauses: Sequence[Clause], lexicon: Lexicon, spoken: Sequence[Tongue], signs: Mapping[str, Sign]) -> _Reading:
    mended = tuple(_mended(clause, lexicon, spoken) for clause in clauses)
    heeded = [_heed(clause, before, lexicon, spoken) for clause, before in zip(mended, (None, *mended), strict=False)]
    fillers = frozenset().union(*(tongue.book.fillers for tongue in spoken))
    recent = any(item.has("recent") for item in heeded)
    utterances: list[Utterance] = []
    for sentence in _sentences(heeded):
        for place, item in enumerate(sentence):
            utterances.extend(_uttered(item, Setting(sentence, place, recent, fillers), signs))
    unexplained, doubtful = tuple(_unexplained(heeded, fillers)), tuple(_doubtful(heeded, fillers))
    bodily = tuple(item for item in heeded if _is_bodily(item, signs))
    altered = tuple(item for item in bodily if item.has("change", "unable"))
    said = {word for item in bodily for mark in item.all("bodily") for word in _words_of(mark, item)}
    manifold = bool(altered) and (len(bodily) > 1 or len(said) >= _MANIFOLD)
    ours = any(_may_be_ours(item, spoken) for item in heeded)
    return _Reading(tuple(utterances), unexplained, doubtful, _quotes(bodily), _quotes(altered), manifold, ours)


def _codes_in(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    clauses = cut(text, lexicon.cuts, lexicon.spellings)
    _, spoken = _languages(clauses, lexicon)
    return _codes_of(clauses, spoken) or _codes_of(clauses, tuple(lexicon.tongues.values()))


def _codes_of(clauses: Sequence[Clause], spoken: Sequence[Tongue]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for clause in clauses:
        for match in _matches(clause, spoken):
            if not match.code.startswith("~"):
                found[match.code] = None
    return tuple(found)


def _languages(clauses: Sequence[Clause], lexicon: Lexicon) -> tuple[str, tuple[Tongue, ...]]:
    """The language of a message, and the tongues it is read in, the likeliest first; `und` when nothing tells."""
    words = [word for clause in clauses for word in clause.plain]
    raw = clauses[0].raw if clauses else ""
    scores = {
        code: sum(word in tongue.everyday for word in words) + 2 * any(letter in raw for letter in tongue.letters)
        for code, tongue in lexicon.tongues.items()
    }
    order = sorted(scores, key=lambda code: (-scores[code], code not in _READ_WELL, code))
    best = order[0]
    if not scores[best]:
        return "und", tuple(lexicon.tongues[code] for code in order)
    mixed = [code for code in order if code == best or _is_mixed_in(code, scores[code], scores[best])]
    return best, tuple(lexicon.tongues[code] for code in mixed)


def _is_mixed_in(code: str, score: int, best: int) -> bool:
    return score >= max(1, best / 4) if code in _READ_WELL else score >= max(3, best / 2)


def _mended(clause: Clause, lexicon: Lexicon, spoken: Sequence[Tongue]) -> Clause:
    plain = tuple(lexicon.mend(word, spoken) for word in clause.plain)
    if plain == clause.plain:
        return clause
    return Clause(clause.words, plain, clause.sentence, clause.asked, clause.raw)


def _matches(clause: Clause, spoken: Sequence[Tongue]) -> Iterable[Match]:
    """Phrases of every tongue it is read in; markers only of the likeliest and of those read as well as it.

    Portuguese "no" means "in the", so an English or Spanish denial must not be looked for in it.
    """
    if len(spoken) == 1:
        return spoken[0].book.find(clause.plain)
    found: list[Match] = []
    for tongue in spoken:
        marking = tongue is spoken[0] or {tongue.code, spoken[0].code} <= _READ_WELL
        found.extend(m for m in tongue.book.find(clause.plain) if marking or not m.code.startswith("~"))
    return longest(found, spoken[0].book.always)


def _heed(clause: Clause, before: Clause | None, lexicon: Lexicon, spoken: Sequence[Tongue]) -> Heeded:
    marks: dict[str, tuple[Match, ...]] = {}
    signs: list[Match] = []
    for match in _matches(clause, spoken):
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


def _unexplained(heeded: Iterable[Heeded], fillers: frozenset[str], substance: int = _SUBSTANCE) -> Iterable[str]:
    """Clauses of some substance in which no sign was found: what was said there is not known."""
    for item in heeded:
        if item.signs or item.has("nothing", "imagined"):
            continue
        said = [word for word in item.clause.plain if word.isalpha() and len(word) > 1 and word not in fillers]
        used = {place for matches in item.marks.values() for match in matches for place in match.places}
        if len(said) - len(used) >= substance:
            yield item.clause.quote(0, len(item.clause.words) - 1)


def _doubtful(heeded: Iterable[Heeded], fillers: frozenset[str]) -> Iterable[str]:
    """Words of the body or of change that no phrase accounts for, and things said of the patient that none fits."""
    for item in heeded:
        if item.has("subject") and not (item.signs or item.clause.asked or item.has("pet")):
            yield from _unexplained((item,), fillers, substance=1)
        spoken_for = {place for sign in item.signs for place in range(sign.first, sign.last + 1)}
        for mark in item.all("doubt"):
            if mark.first not in spoken_for and not item.has("imagined", "pet"):
                yield item.clause.quote(0, len(item.clause.words) - 1)


def _is_bodily(item: Heeded, signs: Mapping[str, Sign]) -> bool:
    """Whether a clause speaks of the patient's body or behaviour now although no sign was found in it."""
    aside = item.has("pet", "other") and not item.has("patient", "subject")
    elsewhere = aside or item.has("imagined") or (item.has("past") and not item.has("now", "present"))
    harmless = bool(item.signs) and not item.has("change", "unable")
    if harmless or elsewhere or (item.clause.asked and item.has("if")):
        return False
    explained = {place for mark in item.all("nothing") for place in range(mark.first, mark.last + 1)}
    for match in item.signs:
        if signs[match.code].group not in ABSENT_GROUPS:
            explained.update(range(match.first - _EXPLAINS, match.last + _EXPLAINS + 1))
    told = (*item.all("bodily"), *(item.all("unable") if item.has("subject") else ()))
    return any(mark.first not in explained for mark in told)


def _may_be_ours(item: Heeded, spoken: Sequence[Tongue]) -> bool:
    """Whether a clause may be about somebody with a pump, is unsure, or asks for something; without a list of such
    words it may."""
    lists = [tongue.ours for tongue in spoken if tongue.code in _READ_WELL]
    if item.has(*_OURS) or not lists or not all(lists):
        return True
    return any(word in ours for word in item.clause.plain for ours in lists)


def _words_of(mark: Match, item: Heeded) -> Iterable[str]:
    return (item.clause.plain[place] for place in mark.places)


def _quotes(items: Iterable[Heeded]) -> tuple[str, ...]:
    return tuple(item.clause.quote(0, len(item.clause.words) - 1) for item in items)


def _known_share(clauses: Sequence[Clause], lexicon: Lexicon) -> float:
    words = [word for clause in clauses for word in clause.plain if word.isalpha()]
    return sum(lexicon.knows(word) for word in words) / len(words) if words else 0.0
