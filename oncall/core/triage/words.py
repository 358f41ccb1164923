"""A family's message cut into words and clauses, before anybody asks what it means.

People text without accents, apostrophes or full stops, in two languages at once. Here a message becomes clauses:
runs of plain lower-case words that belong together, each knowing its sentence and whether that sentence was a
question. A denial reaches to the end of its clause and no further, so the cuts matter more than the words.
Deliberately not here: any sign, and any spelling correction that depends on what the words mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_PICTURE = "\U0001f000-\U0001faff☀-➿⬀-⯿"
_PIECE = re.compile(
    r"(?P<number>\d+(?:[.,:/-]\d+)*)"
    r"|(?P<word>[^\W\d_]{1,2}\d{1,2}\b|[^\W\d_]+(?:['’`´][^\W\d_]+)*)"
    r"|(?P<mark>[%$°&+*#/=])"
    rf"|(?P<picture>[{_PICTURE}])"
    r"|(?P<stop>[.!?\n…|]+)"
    r"|(?P<pause>[,;()\[\]\"“”—]+|\s-+\s)"
)
_ONLY_PICTURES = re.compile(rf"[{_PICTURE}️‍\s.!?]*")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_LONGEST_CLAUSE = 150  # words; the work of reading grows with the square of it, and a hostile text is one long clause
_LONGEST_SENTENCE = 50  # clauses
_WILL = ("'ll", "’ll")  # without its apostrophe "I'll" would read as ill
_ASCII_APOSTROPHES = str.maketrans("", "", "'`’´")


@dataclass(frozen=True, slots=True)
class Word:
    """One plain word, and where its letters stand in the raw text."""

    plain: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that belong together. `asked`: its sentence ends in a question mark; `plain` may have been mended."""

    words: tuple[Word, ...]
    plain: tuple[str, ...]
    sentence: int
    asked: bool
    raw: str

    def quote(self, first: int, last: int) -> str:
        """The family's own letters from one word to another, both included."""
        return self.raw[self.words[first].start : self.words[last].end]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where a clause ends although nobody wrote a comma: at "but", and at "and" before a new subject."""

    before: frozenset[str]
    joining: frozenset[str]
    subjects: frozenset[str]


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Lower case, no accents, no apostrophes, stretched letters shortened ("itchyyyy" -> "itchy")."""
    lowered = word.lower()
    if lowered.endswith(_WILL):
        return "will"
    lowered = lowered.translate(_ASCII_APOSTROPHES)
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFKD", lowered)
        lowered = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _STRETCHED.sub(r"\1", lowered)


def is_only_pictures(text: str) -> bool:
    """Whether a message holds emoji and nothing else that could be read."""
    return _ONLY_PICTURES.fullmatch(text) is not None and text.strip(" .!?\n") != ""


def cut(text: str, cuts: Cuts, spellings: Mapping[str, tuple[str, ...]]) -> tuple[Clause, ...]:
    """The message as clauses, in order."""
    page = _Page(text, cuts)
    for piece in _PIECE.finditer(text):
        letters, kind, start, end = piece.group(), piece.lastgroup, piece.start(), piece.end()
        if kind == "word":
            folded = fold(letters)
            for plain in spellings.get(folded, (folded,)):
                page.add(Word(plain, start, end))
        elif kind == "stop":
            page.end_sentence(asked="?" in letters)
        elif kind == "pause":
            page.end_clause()
        elif kind == "picture":
            page.end_clause()
            page.add(Word(letters, start, end))
            page.end_clause()
        else:
            page.add(Word(letters, start, end))
    return page.clauses()


@dataclass(slots=True)
class _Page:
    """The clauses while they are being cut."""

    text: str
    cuts: Cuts
    done: list[tuple[int, tuple[Word, ...]]] = field(default_factory=list)
    open: list[Word] = field(default_factory=list)
    sentence: int = 0
    in_sentence: int = 0
    asked: set[int] = field(default_factory=set)

    def add(self, word: Word) -> None:
        if word.plain in self.cuts.before or len(self.open) >= _LONGEST_CLAUSE:
            self.end_clause()
        elif self.open and word.plain in self.cuts.subjects and self.open[-1].plain in self.cuts.joining:
            joint = self.open.pop()
            self.end_clause()
            self.open.append(joint)
        self.open.append(word)

    def end_clause(self) -> None:
        if self.open:
            self.done.append((self.sentence, tuple(self.open)))
            self.open = []
            self.in_sentence += 1
            if self.in_sentence >= _LONGEST_SENTENCE:
                self.end_sentence(asked=False)

    def end_sentence(self, asked: bool) -> None:
        self.end_clause()
        if asked:
            self.asked.add(self.sentence)
        self.sentence += 1
        self.in_sentence = 0

    def clauses(self) -> tuple[Clause, ...]:
        self.end_clause()
        return tuple(
            Clause(words, tuple(word.plain for word in words), sentence, sentence in self.asked, self.text)
            for sentence, words in self.done
        )
