"""Turns the word files of all languages into one compiled lexicon.

Each language has its phrase book; a message is read in every language that its ordinary words point to, because
families mix them. Deliberately not here: reading the files, and what a phrase is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, ValuesView
from threading import Lock

from oncall.adapters.handbook.reading import Fault, Sheet
from oncall.adapters.handbook.rules_shapes import WordsShape
from oncall.core.triage.lexicon import NOT_A_SIGN, Lexicon, Tongue
from oncall.core.triage.measurements import Ruler
from oncall.core.triage.phrases import PhraseBook
from oncall.core.triage.thresholds import Limits
from oncall.core.triage.words import Cuts, fold

MANNERS = frozenset(
    (
        *("deny", "never", "never_this", "denied_after", "answer", "or", "stops", "unsure", "over"),
        *("recent", "past", "now", "present", "again", "imagined", "if", "future", "usual", "change"),
        *("other", "pet", "patient", "subject", "nothing", "doubt", "bodily", "unable", "curious", "ever", "once"),
    )
)
_WORD_BY_WORD = frozenset(["doubt", "bodily"])  # written as words, not as phrases
BESIDE = frozenset(
    ["~stops", "~now", "~present", "~recent", "~patient", "~future", "~or", "~bodily", "~unable", "office_question"]
)
MEASURES = frozenset(
    (
        *("temperature_c", "heart_rate", "heart_rate_before", "oxygen_percent", "breaths_a_minute"),
        *("monitor", "reading", "other"),
    )
)
Sheets = Sequence[tuple[Sheet, WordsShape]]


def compiled_lexicon(sheets: Sheets, limits: Limits, clinical: frozenset[str]) -> Lexicon:
    """One lexicon out of all languages; the sheets must be free of faults. Only `clinical` words are mended to."""
    shapes = [shape for _, shape in sheets]
    return Lexicon(
        tongues=Tongues(lambda: {shape.language: compiled_tongue(shape, clinical) for shape in shapes}),
        cuts=_cuts(shapes),
        spellings={fold(word): tuple(said.split()) for shape in shapes for word, said in shape.spellings.items()},
        ruler=Ruler({word: kind for shape in shapes for kind, said in shape.measures.items() for word in said.split()}),
        limits=limits,
    )


class Tongues(Mapping[str, Tongue]):
    """The languages, compiled when the first words are read: after a start the open cases go on before that."""

    def __init__(self, compiled: Callable[[], Mapping[str, Tongue]]) -> None:
        self._compile: Callable[[], Mapping[str, Tongue]] | None = compiled
        self._tongues: Mapping[str, Tongue] = {}
        self._one_at_a_time = Lock()

    def _all(self) -> Mapping[str, Tongue]:
        if self._compile is not None:
            with self._one_at_a_time:
                if self._compile is not None:
                    self._tongues = self._compile()
                    self._compile = None
        return self._tongues

    def __getitem__(self, language: str) -> Tongue:
        return self._all()[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def values(self) -> ValuesView[Tongue]:
        return self._all().values()


def compiled_tongue(shape: WordsShape, clinical: frozenset[str]) -> Tongue:
    """One language; only words of `clinical` codes are mended to."""
    book = PhraseBook(frozenset(_words([shape.fillers])), BESIDE)
    families = _families(shape)
    mendable: dict[str, None] = {}
    for code, listed in _listed(shape):
        for phrase in listed:
            book.add(code, phrase, families)
            if code in clinical:
                mendable |= dict.fromkeys(plain_words(phrase, families))
    everyday = frozenset(_words([shape.everyday]))
    book.close(everyday | book.fillers)
    return Tongue(
        shape.language,
        book,
        everyday,
        tuple(mendable),
        frozenset(_words([shape.plain])),
        shape.letters,
        frozenset(_words([shape.ours])),
    )


def reserved_words(sheets: Sheets) -> frozenset[str]:
    """Bare words that carriers or menus take for themselves (STOP, HELP ...)."""
    return frozenset(_words(shape.reserved for _, shape in sheets))


def word_faults(sheets: Sheets, codes: frozenset[str]) -> Iterable[Fault]:
    """Unknown codes, markers, measures and word families."""
    for sheet, shape in sheets:
        families = _families(shape)
        for section, known in (("phrases", codes), ("manners", MANNERS), ("measures", MEASURES)):
            for name in getattr(shape, section):
                if name not in known:
                    yield sheet.fault((section, name), name, f"a known name under {section}")
        for code, listed in _listed(shape, having="<"):
            section = "manners" if code.startswith("~") else "phrases"
            for family in _unknown_families(listed, families):
                yield sheet.fault((section, code.lstrip("~")), f"<{family}>", "a family listed under families")


def _unknown_families(listed: Iterable[str], families: Mapping[str, Sequence[str]]) -> Iterable[str]:
    elements = (part for phrase in listed for word in phrase.split() for part in word.lstrip("?").split("/"))
    return (part[1:-1] for part in elements if part.startswith("<") and part[1:-1] not in families)


def _listed(shape: WordsShape, having: str = "") -> Iterable[tuple[str, list[str]]]:
    """`having`: only the phrases in which this stands; folding all of them is half of a start's reading."""
    for code, listed in _as_written(shape, having):
        yield code, [respelled(phrase, shape.spellings) for phrase in listed]


def respelled(phrase: str, spellings: Mapping[str, str]) -> str:
    """A phrase with its shortcuts mended as the message will be ("hr low" would else never be met)."""
    return " ".join(spellings.get(word, word) for word in phrase.split())


def _as_written(shape: WordsShape, having: str) -> Iterable[tuple[str, list[str]]]:
    for kind, phrases in shape.manners.items():
        yield f"~{kind}", phrases.split() if kind in _WORD_BY_WORD else split(phrases, having)
    yield NOT_A_SIGN, split(shape.not_signs, having)
    for code, phrases in shape.phrases.items():
        yield code, split(phrases, having)


def split(phrases: str, having: str = "") -> list[str]:
    """Phrases of one text, folded like the words they are to meet."""
    told = [phrase for phrase in phrases.split(";") if phrase.strip() and having in phrase]
    return [" ".join(fold(word) for word in phrase.split()) for phrase in told]


def _families(shape: WordsShape) -> dict[str, tuple[str, ...]]:
    return {name: tuple(_words([said])) for name, said in shape.families.items()}


def plain_words(phrase: str, families: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """The words and stems of a phrase, those to which a misspelling is mended."""
    for element in phrase.split():
        for part in element.lstrip("?").split("/"):
            for word in families[part[1:-1]] if part.startswith("<") else (part,):
                if word.rstrip("*").isalpha():
                    yield word.rstrip("*")


def _words(texts: Iterable[str]) -> Iterable[str]:
    return (fold(word) for text in texts for word in text.split())


def _cuts(shapes: Sequence[WordsShape]) -> Cuts:
    return Cuts(
        before=frozenset(_words(shape.cut_before for shape in shapes)),
        joining=frozenset(_words(shape.cut_joining for shape in shapes)),
        subjects=frozenset(_words(shape.cut_subjects for shape in shapes)),
    )
