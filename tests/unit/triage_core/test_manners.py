"""How a sign is meant: each clause is written with its markers, `word/mark`, and its signs, `word/=sign`.

Words that carry the same mark with a `+` ("not/deny+ at/deny+ all/deny+") are one phrase.
"""

from __future__ import annotations

import pytest

from oncall.core.triage.hearing import Heeded, Manner, Setting, manner_of
from oncall.core.triage.phrases import Match
from oncall.core.triage.words import Clause, Word

FILLERS = frozenset({"so", "the"})
ASSERTED, UNSURE, DENIED, ELSEWHERE, USUAL = Manner


def heeded(written: str) -> Heeded:
    """The clause with its marks; a question mark at the end asks it."""
    plain: list[str] = []
    places: dict[str, list[int]] = {}
    for place, told in enumerate(written.rstrip("?").split()):
        word, *marks = told.split("/")
        plain.append(word)
        for mark in marks:
            places.setdefault(mark if mark.endswith("+") else f"{mark} {place}", []).append(place)
    matches = [Match(name.split()[0].rstrip("+"), tuple(held)) for name, held in places.items()]
    signs = tuple(Match(match.code[1:], match.places) for match in matches if match.code.startswith("="))
    kinds = dict.fromkeys(match.code for match in matches if not match.code.startswith("="))
    words = tuple(Word(word, 0, 0) for word in plain)
    clause = Clause(words, tuple(plain), 0, written.endswith("?"), written)
    return Heeded(clause, signs, {kind: tuple(m for m in matches if m.code == kind) for kind in kinds})


def meant(*clauses: str, place: int = 0, lingers: bool = False, recent: bool = False) -> Manner:
    """How the first sign of that clause is meant, the clauses being one sentence."""
    sentence = [heeded(clause) for clause in clauses]
    here = sentence[place]
    return manner_of(here.signs[0], here, Setting(sentence, place, recent, FILLERS), lingers)


@pytest.mark.parametrize(
    ("clause", "manner"),
    [
        ("a fever/=f", ASSERTED),
        ("perhaps/unsure a fever/=f", UNSURE),
        ("no/deny fever/=f", DENIED),
        ("fever/=f no/deny", ASSERTED),
        ("no/deny a b c d e fever/=f", DENIED),
        ("no/deny a b c d e g fever/=f", ASSERTED),
        ("no/deny a so b the c d e fever/=f", DENIED),
        ("no/deny why/stops fever/=f", ASSERTED),
        ("why/stops no/deny a fever/=f", DENIED),
        ("no/deny a fever/=f why/stops", DENIED),
        ("no/deny/stops fever/=f", DENIED),
        ("no/deny fever/=f/stops", DENIED),
        ("no/deny a/stops+ fever/=f/stops+", DENIED),
        ("no/deny/stops+ a/stops+ fever/=f", DENIED),
        ("not/deny+/=f+ wake/=f+", ASSERTED),
    ],
)
def test_a_denial_reaches_over_five_words_unless_something_stops_it(clause: str, manner: Manner) -> None:
    assert meant(clause) is manner


@pytest.mark.parametrize(
    ("clause", "manner"),
    [
        ("lips/=b+ not/deny blue/=b+", DENIED),
        ("lips/=b+ not/deny so the blue/=b+", DENIED),
        ("lips/=b+ not/deny very blue/=b+", ASSERTED),
        ("lips/=b+ blue/=b+ not/deny", ASSERTED),
        ("lips/=b+ not/deny/=b+ blue/=b+", ASSERTED),
        ("not/deny+ lips/=b+ ever/deny+ blue/=b+", ASSERTED),
        ("lips/=b+/deny+ not/deny+ blue/=b+", ASSERTED),
    ],
)
def test_a_denial_inside_a_sign_denies_its_very_next_word(clause: str, manner: Manner) -> None:
    assert meant(clause) is manner


@pytest.mark.parametrize(
    ("clause", "manner"),
    [
        ("never/never a fever/=f", DENIED),
        ("fever/=f never/never", ASSERTED),
        ("never/never this/never_this stiff/=s", ASSERTED),
        ("never/never/=s stiff", ASSERTED),
        ("fever/=f none/denied_after", DENIED),
        ("fever/=f is none/denied_after", DENIED),
        ("fever/=f is there none/denied_after", ASSERTED),
        ("fever/=f none/denied_after yet", ASSERTED),
        ("no/denied_after+ fever/=f none/denied_after+", ASSERTED),
        ("fever/=f+ is/=f+/denied_after+ none/denied_after+", ASSERTED),
        ("fever/=f at/denied_after+ all/denied_after+", DENIED),
    ],
)
def test_never_denies_what_follows_and_none_what_stands_right_before_the_end(clause: str, manner: Manner) -> None:
    assert meant(clause) is manner


@pytest.mark.parametrize(
    ("clauses", "manner"),
    [
        (("fever/=f?", "no/answer"), DENIED),
        (("fever/=f?", "no/answer thanks"), DENIED),
        (("fever/=f?", "no/answer thanks anyway"), ASSERTED),
        (("fever/=f?", "no/answer rash/=r"), ASSERTED),
        (("fever/=f?", "maybe"), ASSERTED),
        (("fever/=f?", "well", "no/answer"), ASSERTED),
        (("fever/=f?",), ASSERTED),
        (("fever/=f", "no/answer"), ASSERTED),
    ],
)
def test_a_question_answered_with_a_bare_no_is_denied(clauses: tuple[str, ...], manner: Manner) -> None:
    assert meant(*clauses) is manner


def test_the_answer_stands_behind_the_question_and_not_before_it() -> None:
    assert meant("no/answer", "fever/=f?", place=1) is ASSERTED
    assert meant("well", "fever/=f?", "no/answer", place=1) is DENIED
    assert meant("well", "ok", "fever/=f?", "no/answer", place=2) is DENIED


@pytest.mark.parametrize(
    ("clauses", "place", "manner"),
    [
        (("no/deny fever/=f", "redness/=r", "or/or swelling/=s"), 1, DENIED),
        (("no/deny fever/=f", "redness/=r", "or/or swelling/=s"), 2, DENIED),
        (("no/deny fever/=f", "so redness/=r or/or the swelling/=s"), 1, DENIED),
        (("no/deny fever/=f", "redness/=r", "swelling/=s"), 1, ASSERTED),
        (("no/deny fever/=f", "or/or redness/=r", "swelling/=s"), 2, ASSERTED),
        (("no/deny fever/=f", "now redness/=r", "or/or swelling/=s"), 1, ASSERTED),
        (("no/deny fever/=f", "is/present/=x redness/=r", "or/or swelling/=s"), 1, ASSERTED),
        (("no/deny fever/=f", "why/stops/=x redness/=r", "or/or swelling/=s"), 1, ASSERTED),
        (("a fever/=f", "redness/=r", "or/or swelling/=s"), 1, ASSERTED),
        (("fever/=f", "redness/=r", "or/or swelling/=s"), 1, ASSERTED),
        (("no/deny fever/=f", "much pain/=p", "redness/=r", "or/or swelling/=s"), 2, ASSERTED),
        (("much pain/=p", "no/deny fever/=f", "redness/=r", "or/or swelling/=s"), 2, DENIED),
        (("no/deny fever/=f", "chills/=c", "redness/=r", "or/or swelling/=s"), 2, DENIED),
        (("no/deny worry", "redness/=r", "or/or swelling/=s"), 1, ASSERTED),
        (("much pain/=p no/deny", "redness/=r", "or/or swelling/=s"), 1, ASSERTED),
        (("fever/=f no/deny chills/=c", "redness/=r", "or/or swelling/=s"), 1, DENIED),
        (("redness/=r", "or/or swelling/=s", "no/deny fever/=f"), 0, ASSERTED),
        (("no/deny/=x fever/=f", "not/deny/=x+ redness/=x+", "or/or swelling/=s"), 1, ASSERTED),
    ],
)
def test_a_bare_list_with_an_or_stays_under_the_denial_that_opened_it(
    clauses: tuple[str, ...], place: int, manner: Manner
) -> None:
    assert meant(*clauses, place=place) is manner


def test_what_is_over_is_denied_unless_it_lingers_or_was_lately_or_is_back() -> None:
    over = "fever/=f is gone/over"
    assert meant(over) is DENIED
    assert meant(over, lingers=True) is ASSERTED
    assert meant(over, recent=True) is ASSERTED
    assert meant(over, "it is back/again") is ASSERTED
    assert meant("fever/=f", "the rash gone/over") is ASSERTED


@pytest.mark.parametrize(
    ("clause", "manner"),
    [
        ("brother/other has a fever/=f", ELSEWHERE),
        ("fever/=f from brother/other", ASSERTED),
        ("brother/other says he/patient has fever/=f", ASSERTED),
        ("he/patient says brother/other has fever/=f", ELSEWHERE),
        ("brother/other has fever/=f he/patient says", ELSEWHERE),
        ("brother/other+ fever/=f/other+", ASSERTED),
        ("dog/pet is itchy/=i", ELSEWHERE),
        ("itchy/=i dog/pet", ELSEWHERE),
        ("itchy/=i he/patient hugs dog/pet", ASSERTED),
        ("dog/pet and he/patient itchy/=i", ASSERTED),
        ("he/patient and dog/pet itchy/=i", ELSEWHERE),
        ("dog/pet itchy/=i he/patient says", ELSEWHERE),
        ("legs/=l+ dog/pet tight/=l+", ASSERTED),
        ("dog/pet/=l+ legs tight/=l+", ELSEWHERE),
        ("legs/=l+ tight dog/pet/=l+", ELSEWHERE),
    ],
)
def test_a_sign_of_another_person_or_of_an_animal(clause: str, manner: Manner) -> None:
    assert meant(clause) is manner


@pytest.mark.parametrize(
    ("clause", "manner"),
    [
        ("fever/=f yesterday/past", ELSEWHERE),
        ("yesterday/past a fever/=f", ELSEWHERE),
        ("yesterday/past a fever/=f now/now", ASSERTED),
        ("ago/past his legs/x are/present a b c stiff/=s", ASSERTED),
        ("ago/past are/present a b stiff/=s", ASSERTED),
        ("are/present a b stiff/=s ago/past", ASSERTED),
        ("are/present a b c stiff/=s ago/past", ELSEWHERE),
        ("stiff/=s are/present ago/past", ELSEWHERE),
        ("stiff/=s/present ago/past", ELSEWHERE),
        ("are/present ago/past a b c stiff/=s", ELSEWHERE),
        ("ago/past stiff/=s are/present", ELSEWHERE),
        ("was/past then ago/past are/present a b c stiff/=s", ASSERTED),
        ("was/past are/present a b c stiff/=s ago/past", ASSERTED),
        ("used/once to be stiff/=s", ELSEWHERE),
        ("stiff/=s used/once", ASSERTED),
        ("stiff/=s/once", ASSERTED),
        ("ago/past+/=s+ stiff/=s+", ELSEWHERE),
    ],
)
def test_another_time_in_the_same_clause(clause: str, manner: Manner) -> None:
    assert meant(clause) is manner


@pytest.mark.parametrize(
    ("clauses", "place", "manner"),
    [
        (("last year/past", "a fever/=f"), 1, ELSEWHERE),
        (("a fever/=f", "last year/past"), 0, ELSEWHERE),
        (("last year/past", "is/present fever/=f"), 1, ASSERTED),
        (("last year/past", "a fever/=f now/now"), 1, ASSERTED),
        (("last year/past and now/now", "a fever/=f"), 1, ASSERTED),
        (("last year/past and is/present", "a fever/=f"), 1, ASSERTED),
        (("last year/past rash/=r", "a fever/=f"), 1, ASSERTED),
        (("last year/past", "back/again fever/=f"), 1, ASSERTED),
        (("last year/past fever/=f", "it is back/again"), 0, ASSERTED),
    ],
)
def test_another_time_in_another_clause_of_the_sentence(clauses: tuple[str, ...], place: int, manner: Manner) -> None:
    assert meant(*clauses, place=place) is manner


@pytest.mark.parametrize(
    ("clauses", "place", "manner"),
    [
        (("usual/usual fever/=f",), 0, USUAL),
        (("usual/usual fever/=f perhaps/unsure",), 0, USUAL),
        (("fever/=f", "as always/usual"), 0, USUAL),
        (("fever/=f", "usual/usual rash/=r"), 0, ASSERTED),
        (("usual/usual fever/=f", "but worse/change"), 0, ASSERTED),
        (("fever/=f", "as always/usual", "worse/change"), 0, ASSERTED),
        (("usual/usual fever/=f", "back/again"), 0, ASSERTED),
        (("usual/usual fever/=f yesterday/past",), 0, ELSEWHERE),
    ],
)
def test_their_everyday_is_theirs_only_while_nothing_changed(
    clauses: tuple[str, ...], place: int, manner: Manner
) -> None:
    assert meant(*clauses, place=place) is manner


@pytest.mark.parametrize(
    ("clauses", "place", "manner"),
    [
        (("should/imagined fever/=f",), 0, ELSEWHERE),
        (("should/imagined fever/=f now/now",), 0, UNSURE),
        (("should/imagined fever/=f", "now/now"), 0, UNSURE),
        (("should/imagined fever/=f", "now/now will/future"), 0, ELSEWHERE),
        (("should/imagined fever/=f now/now will/future",), 0, UNSURE),
        (("should/imagined i worry", "fever/=f"), 1, ELSEWHERE),
        (("fever/=f", "should/imagined i worry"), 0, ASSERTED),
        (("fever/=f?", "should/imagined i worry?"), 0, ELSEWHERE),
        (("if/if fever/=f",), 0, ELSEWHERE),
        (("if/if hot", "fever/=f"), 1, ELSEWHERE),
        (("fever/=f", "if/if hot"), 0, ASSERTED),
        (("fever/=f?", "if/if hot?"), 0, ASSERTED),
        (("if/if is/present fever/=f",), 0, UNSURE),
        (("if/if is/present fever/=f will/future",), 0, ELSEWHERE),
        (("if/if is/present fever/=f", "will/future"), 0, ELSEWHERE),
        (("if/if hot", "is/present fever/=f"), 1, UNSURE),
        (("should/imagined if/if is/present fever/=f",), 0, ELSEWHERE),
        (("curious/curious if/if is/present fever/=f",), 0, ELSEWHERE),
        (("is/present fever/=f",), 0, ASSERTED),
        (("ever/ever fever/=f",), 0, ELSEWHERE),
        (("ever/ever fever/=f now/now",), 0, ELSEWHERE),
        (("fever/=f", "ever/ever"), 0, ELSEWHERE),
        (("now/now fever/=f", "ever/ever"), 0, ASSERTED),
        (("is/present fever/=f", "ever/ever"), 0, ASSERTED),
        (("back/again should/imagined fever/=f",), 0, ASSERTED),
    ],
)
def test_what_is_only_imagined_and_what_may_well_be_happening(
    clauses: tuple[str, ...], place: int, manner: Manner
) -> None:
    assert meant(*clauses, place=place) is manner


@pytest.mark.parametrize(
    ("clauses", "manner"),
    [
        (("curious/curious fever/=f rash/=r",), ELSEWHERE),
        (("curious/curious fever/=f rash/=r itch/=i",), UNSURE),
        (("curious/curious fever/=f rash/=r", "and itch/=i"), UNSURE),
        (("curious/curious fever/=f rash/=r again/=r",), ELSEWHERE),
        (("curious/curious fever/=f rash/=r", "no/deny itch/=i"), ELSEWHERE),
        (("curious/curious should/imagined fever/=f rash/=r itch/=i",), ELSEWHERE),
        (("curious/curious if/if fever/=f rash/=r itch/=i",), ELSEWHERE),
        (("should/imagined fever/=f rash/=r itch/=i",), ELSEWHERE),
        (("fever/=f rash/=r itch/=i", "just curious/curious"), ASSERTED),
        (("fever/=f rash/=r itch/=i?", "just curious/curious?"), UNSURE),
    ],
)
def test_who_is_just_curious_about_three_signs_has_probably_seen_them(clauses: tuple[str, ...], manner: Manner) -> None:
    assert meant(*clauses) is manner


def test_a_denial_comes_before_every_other_reading_and_somebody_else_before_the_rest() -> None:
    assert meant("brother/other has no/deny fever/=f yesterday/past") is DENIED
    assert meant("brother/other has fever/=f now/now back/again") is ELSEWHERE
    assert meant("yesterday/past usual/usual should/imagined fever/=f") is ELSEWHERE


def test_a_clause_without_marks_has_none() -> None:
    plain = heeded("a fever/=f")
    assert not plain.has("deny", "past")
    assert plain.all("deny") == ()
    marked = heeded("no/deny a fever/=f")
    assert marked.has("past", "deny")
    assert not marked.has("past")
    assert marked.all("deny") == (Match("deny", (0,)),)


@pytest.mark.parametrize(("first", "last", "lies"), [(0, 4, True), (1, 4, False), (0, 3, False), (2, 2, False)])
def test_between_is_strictly_between(first: int, last: int, lies: bool) -> None:
    assert heeded("a why/stops+ a why/stops+ b").between("stops", first, last) is lies
