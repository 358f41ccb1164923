"""The phrase book: how a phrase is written, and where it stands."""

from __future__ import annotations

import pytest

from oncall.core.triage.phrases import Match, PhraseBook, Spelled, kinds, longest, spell, variants

FAMILIES = {"cannot": ("cant", "wont*")}
FILLERS = frozenset({"so", "the"})


def book(*phrases: tuple[str, str], always: str = "", common: str = "") -> PhraseBook:
    made = PhraseBook(FILLERS, frozenset(always.split()))
    for code, phrase in phrases:
        made.add(code, phrase, FAMILIES)
    made.close(frozenset(common.split()))
    return made


def found(words: str, *phrases: str) -> list[tuple[int, ...]]:
    """The places at which phrases of one code stand in these words."""
    return [match.places for match in book(*(("sign", phrase) for phrase in phrases)).find(words.split())]


def test_an_element_is_words_stems_and_families() -> None:
    assert spell("itch*/rash", {}) == Spelled(frozenset({"rash"}), ("itch",))
    assert spell("not/<cannot>", FAMILIES) == Spelled(frozenset({"not", "cant"}), ("wont",))
    with pytest.raises(KeyError):
        spell("<nobody>", FAMILIES)


def test_an_element_fits_its_words_and_what_begins_with_its_stems() -> None:
    spelled = spell("itch*/rash", {})
    assert [word for word in ("rash", "itchy", "rashes", "scitch") if spelled.fits(word)] == ["rash", "itchy"]
    assert not spell("rash", {}).fits("itchy")


def test_a_number_is_also_any_number_and_perhaps_a_year() -> None:
    assert kinds("rash") == ("rash",)
    assert kinds("") == ("",)
    assert kinds("39.5") == ("39.5", "#")
    assert kinds("2019") == ("2019", "#", "#year")
    assert kinds("1999") == ("1999", "#", "#year")
    assert kinds("20.5") == ("20.5", "#")
    assert kinds("5x") == ("5x", "#")
    assert kinds("2150") == ("2150", "#")
    assert kinds("20190") == ("20190", "#")


def test_a_phrase_is_listed_with_and_without_its_optional_words() -> None:
    assert list(variants("will  not wake")) == ["will not wake"]
    assert list(variants("?will not ?easily wake")) == [
        "not wake",
        "not easily wake",
        "will not wake",
        "will not easily wake",
    ]
    assert list(variants("wake ?up")) == ["wake", "wake up"]


def test_a_phrase_stands_where_its_words_stand_in_order() -> None:
    assert found("he is not waking up", "not waking") == [(2, 3)]
    assert found("waking not", "not waking") == []
    assert found("not waking", "not waking up") == []
    assert found("asleep", "not waking") == []


def test_fillers_are_stepped_over_and_other_words_are_not() -> None:
    assert found("not so the waking", "not waking") == [(0, 3)]
    assert found("not yet waking", "not waking") == []


def test_a_gap_is_at_most_four_words_that_are_no_fillers() -> None:
    assert found("not waking", "not ... waking") == [(0, 1)]
    assert found("not a b so c d waking", "not ... waking") == [(0, 6)]
    assert found("not a b c d e waking", "not ... waking") == []
    assert found("not a waking x up", "not ... waking up") == []
    assert found("not x waking a up", "not waking ... up") == []
    assert found("not so waking a up", "not waking ... up") == [(0, 2, 4)]


def test_any_number_and_a_stem_and_a_family_are_met() -> None:
    assert found("for 12 hours", "# hours") == [(1, 2)]
    assert found("in 2019", "#year") == [(1,)]
    assert found("itchiness", "itch*") == [(0,)]
    assert found("he cant wake and wontons wake", "<cannot> wake") == [(1, 2), (4, 5)]


def test_a_phrase_is_found_again_only_behind_where_it_ended() -> None:
    assert found("hot hot hot", "hot hot") == [(0, 1)]
    assert found("hot hot hot hot", "hot hot") == [(0, 1), (2, 3)]
    assert found("not a not waking", "not ... waking") == [(0, 3)]


def test_a_later_word_serves_when_the_nearest_leads_nowhere() -> None:
    assert found("not wake x wake up", "not ... wake up") == [(0, 3, 4)]


def test_a_word_that_is_needed_twice_must_stand_twice() -> None:
    assert found("hot", "hot hot") == []


def test_a_shorter_phrase_inside_a_longer_one_goes() -> None:
    both = book(("stiff_neck", "neck stiff"), ("stiff", "stiff"))
    assert both.find(["neck", "stiff"]) == [Match("stiff_neck", (0, 1))]
    assert both.find(["stiff", "neck", "stiff"]) == [Match("stiff", (0,)), Match("stiff_neck", (1, 2))]


def test_a_code_that_stands_beside_longer_phrases_stays() -> None:
    both = book(("stiff_neck", "neck stiff"), ("~now", "stiff"), always="~now")
    assert both.find(["neck", "stiff"]) == [Match("stiff_neck", (0, 1)), Match("~now", (1,))]


def test_phrases_of_the_same_words_stay_both_in_the_order_of_their_codes() -> None:
    both = book(("b", "stiff"), ("a", "stiff"), ("a", "?so stiff"))
    assert both.find(["stiff"]) == [Match("a", (0,)), Match("b", (0,))]


def test_matches_come_in_the_order_of_the_words_each_once() -> None:
    matches = [Match("b", (3,)), Match("a", (5, 6)), Match("b", (3,)), Match("c", (5,)), Match("d", (0, 9))]
    assert longest(matches) == [Match("d", (0, 9)), Match("b", (3,)), Match("a", (5, 6))]
    assert longest(matches, frozenset({"c"}))[-1] == Match("c", (5,))


def test_a_phrase_is_looked_up_by_a_word_of_its_own_that_few_share_and_that_is_not_common() -> None:
    """Else every clause would try thousands of phrases."""
    made = book(("a", "his leg twitch"), ("b", "his leg"), ("c", "his arm twitch"), ("d", "the head"), common="the arm")
    by_word = {next(iter(made.elements[anchor].words)): len(held) for anchor, held in made._by_anchor.items()}
    assert by_word == {"leg": 2, "twitch": 1, "head": 1}


def test_the_same_element_is_compiled_once() -> None:
    made = book(("a", "itch*/rash leg"), ("b", "rash/itch* arm"), ("c", "leg"))
    assert made.elements == [Spelled(frozenset({w}), ()) if w else spell("itch*/rash", {}) for w in ("", "leg", "arm")]


def test_a_word_fits_elements_by_itself_by_its_stem_and_as_a_number_each_once() -> None:
    made = book(("a", "itchy/itch*"), ("b", "itchy"), ("c", "#"), ("d", "104"))
    assert made.fitting("itchy") == (0, 1)
    assert made.fitting("itching") == (0,)
    assert made.fitting("104") == (3, 2)
    assert made.fitting("7") == (2,)
    assert made.fitting("warm") == ()


def test_what_a_word_fits_is_remembered_and_the_memory_has_an_end() -> None:
    made = book(("a", "hot"))
    made.find(["hot"])
    assert made._seen == {"hot": (0,)}
    made._seen["warm"] = (0,)
    assert made.fitting("warm") == (0,)
    assert made.find(["warm"]) == [Match("a", (0,))]
    for number in range(50_005):
        made.fitting(f"w{number}")
    assert len(made._seen) == 50_000
    assert made.find(["hotter", "hot"]) == [Match("a", (1,))]


def test_an_empty_clause_holds_nothing() -> None:
    assert book(("a", "hot")).find([]) == []
