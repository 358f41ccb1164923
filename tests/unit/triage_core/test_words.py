"""A message cut into words, clauses and sentences, letter by letter."""

from __future__ import annotations

import pytest

from oncall.core.triage.words import Clause, Cuts, Word, cut, is_only_pictures

CUTS = Cuts(before=frozenset({"but"}), joining=frozenset({"and"}), subjects=frozenset({"his", "she"}))
SPELLINGS = {"cant": ("can", "not")}


def read(text: str) -> list[tuple[str, int, bool]]:
    """Each clause as its words, its sentence, and whether it was asked."""
    return [(" ".join(clause.plain), clause.sentence, clause.asked) for clause in cut(text, CUTS, SPELLINGS)]


def test_a_clause_keeps_its_words_with_the_places_of_their_letters() -> None:
    text = "He can't, Sí"
    assert cut(text, CUTS, SPELLINGS) == (
        Clause((Word("he", 0, 2), Word("can", 3, 8), Word("not", 3, 8)), ("he", "can", "not"), 0, False, text),
        Clause((Word("si", 10, 12),), ("si",), 0, False, text),
    )


def test_a_quote_is_the_familys_own_letters_from_one_word_to_the_other() -> None:
    clause = cut("So, HE is  Tight!", CUTS, {})[1]
    assert clause.quote(0, 2) == "HE is  Tight"
    assert clause.quote(1, 1) == "is"


def test_a_stop_ends_the_sentence_and_a_question_mark_asks_it() -> None:
    assert read("he is ok. is he, or not? no\nyes") == [
        ("he is ok", 0, False),
        ("is he", 1, True),
        ("or not", 1, True),
        ("no", 2, False),
        ("yes", 3, False),
    ]


def test_a_stop_with_a_question_mark_in_it_asks() -> None:
    assert read("hot?! cold") == [("hot", 0, True), ("cold", 1, False)]


def test_a_pause_ends_the_clause_and_not_the_sentence() -> None:
    assert read('hot, cold; wet (dry) "raw" - end') == [
        (word, 0, False) for word in ("hot", "cold", "wet", "dry", "raw", "end")
    ]


def test_a_clause_ends_before_but_and_before_and_with_a_new_subject() -> None:
    assert read("hot but well") == [("hot", 0, False), ("but well", 0, False)]
    assert read("he is hot and his legs hurt") == [("he is hot", 0, False), ("and his legs hurt", 0, False)]
    assert read("hot and cold") == [("hot and cold", 0, False)]
    assert read("hot his and legs") == [("hot his and legs", 0, False)]
    assert read("and his legs") == [("and his legs", 0, False)]
    assert read("his legs") == [("his legs", 0, False)]


def test_numbers_and_signs_of_measures_stay_whole() -> None:
    assert read("101.2 bp 120/80 at 10:30 100% 5$") == [("101.2 bp 120/80 at 10:30 100 % 5 $", 0, False)]


def test_a_picture_is_a_clause_of_its_own() -> None:
    assert read("ok 😭 hot") == [("ok", 0, False), ("😭", 0, False), ("hot", 0, False)]
    assert cut("ok 😭 hot", CUTS, {})[1].words == (Word("😭", 3, 4),)


def test_a_clause_is_never_longer_than_a_hundred_and_fifty_words() -> None:
    lengths = [len(clause.words) for clause in cut("hot " * 302, CUTS, {})]
    assert lengths == [150, 150, 2]


def test_a_sentence_never_has_more_than_fifty_clauses() -> None:
    clauses = read("hot, " * 102 + "cold?")
    assert [sentence for _, sentence, _ in clauses] == [0] * 50 + [1] * 50 + [2] * 3
    assert [asked for *_, asked in clauses] == [False] * 100 + [True] * 3


def test_clauses_are_counted_anew_in_each_sentence() -> None:
    clauses = read("hot, " * 30 + "end. " + "cold, " * 30)
    assert [sentence for _, sentence, _ in clauses] == [0] * 31 + [1] * 30


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("😭", True),
        (" 😭!\n", True),
        ("😭🔥 .", True),
        ("😭 help", False),
        (".!? \n", False),
        ("", False),
        ("12", False),
    ],
)
def test_only_pictures_means_pictures_and_nothing_to_read(text: str, only: bool) -> None:
    assert is_only_pictures(text) is only
