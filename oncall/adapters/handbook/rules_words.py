"""Turns the word files of all languages into one compiled lexicon.

The languages are matched together, because families mix them; only the word families of a phrase belong to its own
language. Deliberately not here: reading the files, and what a phrase is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from oncall.adapters.handbook.reading import Fault, Sheet
from oncall.adapters.handbook.rules_shapes import WordsShape
from oncall.core.lexicon import NOT_A_SIGN, Lexicon
from oncall.core.measurements import Ruler
from oncall.core.phrases import PhraseBook
from oncall.core.thresholds import Limits
from oncall.core.words import Cuts, fold

MANNERS = frozenset(
    ["deny", "never", "never_this", "denied_after", "answer", "or", "stops", "unsure", "over", "recent", "past", "now", "present", "again", "imagined", "if", "future", "usual", "change", "other", "pet", "patient", "nothing"]
)
MEASURES = frozenset(["temperature_c", "heart_rate", "oxygen_percent", "breaths_a_minute", "monitor", "other"])
Sheets = Sequence[tuple[Sheet, WordsShape]]


def compiled_lexicon(sheets: Sheets, limits: Limits) -> Lexicon:
    """One lexicon out of all languages; the sheets must be free of faults."""
    shapes = [shape for _, shape in sheets]
    book = PhraseBook(frozenset(_words(shape.fillers for shape in shapes)))
    mendable: dict[str, None] = {}
    for shape in shapes:
        families = _families(shape)
        for code, listed in _listed(shape):
            for phrase in listed:
                book.add(code, phrase, families)
                if not code.startswith("~"):
                    mendable |= dict.fromkeys(_plain_words(phrase, families))
    book.close()
    return Lexicon(
        book=book,
        cuts=_cuts(shapes),
        spellings={fold(word): tuple(said.split()) for shape in shapes for word, said in shape.spellings.items()},
        ruler=Ruler({word: kind for shape in shapes for kind, said in shape.measures.items() for word in said.split()}),
        everyday={shape.language: frozenset(_words([shape.everyday])) for shape in shapes},
        mendable=tuple(mendable),
        limits=limits,
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
        for code, listed in _listed(shape):
            section = "manners" if code.startswith("~") else "phrases"
            for family in _unknown_families(listed, families):
                yield sheet.fault((section, code.lstrip("~")), f"<{family}>", "a family listed under families")


def _unknown_families(listed: Iterable[str], families: Mapping[str, Sequence[str]]) -> Iterable[str]:
    elements = (part for phrase in listed for word in phrase.split() for part in word.lstrip("?").split("/"))
    return (part[1:-1] for part in elements if part.startswith("<") and part[1:-1] not in families)


def _listed(shape: WordsShape) -> Iterable[tuple[str, list[str]]]:
    for kind, phrases in shape.manners.items():
        yield f"~{kind}", split(phrases)
    yield NOT_A_SIGN, split(shape.not_signs)
    for code, phrases in shape.phrases.items():
        yield code, split(phrases)


def split(phrases: str) -> list[str]:
    """Phrases of one text, folded like the words they are to meet."""
    return [" ".join(fold(word) for word in phrase.split()) for phrase in phrases.split(";") if phrase.strip()]


def _families(shape: WordsShape) -> dict[str, tuple[str, ...]]:
    return {name: tuple(_words([said])) for name, said in shape.families.items()}


def _plain_words(phrase: str, families: Mapping[str, Sequence[str]]) -> Iterable[str]:
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
