"""What a message says, exactly: its signs with their manner and words, and what was left over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncall.core.triage.lexicon import Understood, understand
from tests.unit.triage_core.small import SIGNS, lexicon, tongue


def read(text: str) -> Understood:
    return understand(text, lexicon(), SIGNS)


def said(text: str) -> list[tuple[str, str, str]]:
    """Code, manner and the family's words of every sign."""
    return [(one.code, one.manner.value, one.quote) for one in read(text).utterances]


NO_FEVER_ITCH_STIFF = (("fever", "fever"), ("itching", "itch"), ("stiff", "stiff"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He is itchy, not stiff", [("itching", "asserted", "itchy"), ("stiff", "denied", "stiff")]),
        ("LEGS are so Tight!", [("stiff", "asserted", "LEGS are so Tight")]),
        ("he can't really wake", [("sleepy", "asserted", "can't really wake")]),
        ("maybe a fever", [("fever", "unsure", "fever")]),
        ("fever? no", [("fever", "denied", "fever")]),
        ("fever? nope thanks", [("fever", "asserted", "fever"), ("thanks_only", "asserted", "thanks")]),
        ("fever? nope not a bit", [("fever", "asserted", "fever")]),
        ("fever. no", [("fever", "asserted", "fever")]),
        ("fever? he called. no", [("fever", "asserted", "fever")]),
        ("fever? his dad", [("fever", "asserted", "fever")]),
        ("fevex? no", [("fever", "denied", "fevex")]),
        ("fever? nope so", [("fever", "denied", "fever")]),
        ("fever? last year", [("fever", "asserted", "fever")]),
        ("fever? nope last year", [("fever", "asserted", "fever")]),
        ("fever, last year", [("fever", "elsewhere", "fever")]),
        ("fever. last year", [("fever", "asserted", "fever")]),
        ("no fever, itch, or stiff", [(code, "denied", said) for code, said in NO_FEVER_ITCH_STIFF]),
        ("no gibberish", [("possible_sign", "asserted", "gibberish")]),
        ("his usual seizure", [("seizure", "usual", "seizure")]),
        ("no bill", [("office_billing", "asserted", "bill")]),
        ("a bill last year", [("office_billing", "asserted", "bill")]),
        ("last year he had a fever", [("fever", "elsewhere", "fever")]),
        ("his itch went away", [("itching", "denied", "itch")]),
        ("itch went away, fine this morning", [("itching", "asserted", "itch"), ("doing_well", "asserted", "fine")]),
        ("fine this morning. itch went away", [("doing_well", "asserted", "fine"), ("itching", "asserted", "itch")]),
        ("floppy went away", [("floppy", "asserted", "floppy")]),
        ("cant wake went away", [("sleepy", "asserted", "cant wake")]),
        ("alarm beeping went away", [("alarm_heard", "asserted", "beeping")]),
        ("stiff drink", []),
        ("stiff and his legs tight", [("stiff", "asserted", "stiff"), ("stiff", "asserted", "legs tight")]),
        ("he is stiff because his leg hurts, worse", [("stiff", "asserted", "stiff")]),
    ],
)
def test_each_sign_with_its_manner_and_the_familys_words(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("temp 38.5", [("fever", "asserted", "38.5")]),
        ("temp thirty nine", [("fever", "asserted", "thirty nine"), ("temperature_high", "asserted", "thirty nine")]),
        ("temp 37.5", []),
        ("no temp 38.5", [("fever", "denied", "38.5")]),
        ("his pulse? 160", [("fast_heart", "asserted", "160")]),
        ("his pulse, 160", [("fast_heart", "asserted", "160")]),
        ("his pulse. he sat. 160", []),
        ("his pulse. . 160", []),
        ("160 and his pulse", []),
    ],
)
def test_a_number_becomes_the_signs_that_its_limits_give(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("he is itchng", ["itching"]),
        ("he is ithc", []),
        ("he has a sezure", ["seizure"]),
        ("he has a sezuer", []),
        ("he is floppyy", ["floppy"]),
        ("he has stuff", []),
        ("he has stuf", []),
        ("tiene fiebr", ["fever"]),
        ("tiene fiebr and is itchng", ["fever", "itching"]),
        ("he is itchy, el fiebr", ["itching", "fever"]),
    ],
)
def test_misspelt_signs_are_mended_in_the_languages_of_the_message(text: str, codes: list[str]) -> None:
    assert [code for code, *_ in said(text)] == codes


def test_a_mended_word_is_quoted_as_it_was_written() -> None:
    assert said("so Itchng!") == [("itching", "asserted", "Itchng")]


@pytest.mark.parametrize(
    ("word", "closest"),
    [
        ("itchng", "itchng"),
        ("seizzure", "seizure"),
        ("sezure", "seizure"),
        ("seizrue", "seizure"),
        ("siezrue", "siezrue"),
        ("seizurex", "seizure"),
        ("seizurexy", "seizure"),
        ("seizurexyz", "seizurexyz"),
        ("seizxxe", "seizxxe"),
        ("feverr", "fever"),
        ("fvver", "fever"),
        ("itchyy", "itchy"),
        ("seizurxx", "seizure"),
        ("ffvver", "ffvver"),
        ("billx", "billx"),
        ("stifd", "stiff"),
        ("zzzzz", "zzzzz"),
        ("thxnks", "thanks"),
        ("quoted", "quoted"),
        ("seizuremon", "seizuremon"),
    ],
)
def test_one_slip_in_a_short_word_and_two_in_a_long_one(word: str, closest: str) -> None:
    english = lexicon().tongues["en"]
    assert english.closest(word) == closest
    assert english.closest(word) == closest


def test_a_word_that_is_known_in_any_way_is_known() -> None:
    english = lexicon().tongues["en"]
    known = [word for word in ("was", "stuff", "are", "itches", "legs", "comezon", "blue") if english.knows(word)]
    assert known == ["was", "stuff", "are", "itches", "legs"]
    words = lexicon()
    assert [word for word in ("comezon", "mole", "was", "104", "%", "blue") if words.knows(word)] == [
        "comezon", "mole", "was", "104", "%",
    ]  # fmt: skip


def test_short_and_known_words_are_left_alone_and_the_first_language_that_knows_better_mends() -> None:
    words = lexicon()
    english, spanish = words.tongues["en"], words.tongues["es"]
    assert words.mend("feve", (english,)) == "feve"
    assert words.mend("fevex", (english,)) == "fever"
    assert words.mend("fiebr", (english, spanish)) == "fiebre"
    assert words.mend("stuff", (english,)) == "stuff"
    assert words.mend("blues", (english, spanish)) == "blues"
    assert words.mend("fiebre", (english,)) == "fiebre"


def test_what_was_worked_out_is_remembered_and_the_memory_has_an_end() -> None:
    words = lexicon()
    english = words.tongues["en"]
    assert (words.knows("blue"), words.knows("was"), english.closest("fevex"), words.named_in("fever?")) == (
        False, True, "fever", ("fever",),
    )  # fmt: skip
    assert words._known == {"blue": False, "was": True}
    assert (english._mended, words._named) == ({"fevex": "fever"}, {"fever?": ("fever",)})
    kept = replace(words, _known={"blue": True}, _named={"fever?": ("kept",)})
    assert (kept.knows("blue"), kept.named_in("fever?")) == (True, ("kept",))
    assert replace(english, _mended={"fevex": "kept"}, _by_letter={}).closest("fevex") == "kept"
    full = {f"w{number}": False for number in range(50_000)}
    crowded = replace(words, _known=dict(full), _named={word: () for word in full})
    english = replace(english, _mended={word: word for word in full}, _by_letter={})
    assert (crowded.knows("was"), crowded.named_in("itch"), english.closest("fevex")) == (True, ("itching",), "fever")
    assert [len(kept) for kept in (crowded._known, crowded._named, english._mended)] == [50_000] * 3


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("he is the", "en"),
        ("el tiene", "es"),
        ("ele muito", "pt"),
        ("stiff", "und"),
        ("", "und"),
        ("ele el", "es"),
        ("he el", "en"),
        ("he ñu", "es"),
        ("he is ñu", "en"),
        ("he is his ñu ¿", "en"),
        ("he não", "pt"),
        ("ele he", "en"),
        ("ele el tiene", "es"),
        ("muito dia he", "pt"),
    ],
)
def test_the_language_is_that_of_most_ordinary_words_and_letters(text: str, language: str) -> None:
    assert read(text).language == language


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("he is so the itchy, fiebre el", ["itching", "fever"]),
        ("he is so the was itchy, fiebre el", ["itching"]),
        ("he is so the was and of his itchy, fiebre el la", ["itching", "fever"]),
        ("itchy, febre ele o he is the", ["itching"]),
        ("itchy, febre ele o muito he is the so", ["itching", "fever"]),
        ("itchy, febre ele o muito he is the so was and", ["itching", "fever"]),
        ("itchy, febre ele o muito he is the so was and of", ["itching"]),
    ],
)
def test_another_language_is_read_too_when_enough_of_it_is_mixed_in(text: str, codes: list[str]) -> None:
    assert [code for code, *_ in said(text)] == codes


def test_where_nothing_is_found_every_language_is_tried() -> None:
    assert said("he is febre") == [("fever", "asserted", "febre")]
    assert said("tieso") == [("stiff", "asserted", "tieso")]
    assert said("mole, itch") == [("floppy", "asserted", "mole"), ("itching", "asserted", "itch")]


def test_markers_count_only_in_the_likeliest_language_and_those_read_as_well_as_it() -> None:
    assert said("ele o muito esta no febre, itchy") == [("fever", "denied", "febre")]
    assert said("he is so the no mole, ele o muito itchy")[0] == ("floppy", "denied", "mole")
    assert said("he is so the nao mole, ele o muito itchy")[0] == ("floppy", "asserted", "mole")
    assert said("ele o muito not mole, he is the itchy")[0] == ("floppy", "denied", "mole")
    assert said("el tiene muy la not tieso, is")[0] == ("stiff", "denied", "tieso")


def test_signs_of_a_prompt_are_named_each_once_and_markers_are_not() -> None:
    words = lexicon()
    assert words.named_in("Is he not itchy, stiff or itching now?") == ("itching", "stiff")
    assert words.named_in("he is febre") == ("fever",)
    assert words.named_in("he was stiff, febre") == ("stiff",)
    assert words.named_in("not now") == ()


def left(text: str) -> dict[str, object]:
    """What was left over: everything but the signs, the language and the share of known words."""
    got = read(text)
    kept = {name: getattr(got, name) for name in ("unexplained", "doubtful", "bodily", "altered")}
    return {name: list(value) for name, value in kept.items() if value} | ({"manifold": True} if got.manifold else {})


@pytest.mark.parametrize(
    ("text", "leftover"),
    [
        ("we saw green birds", {"unexplained": ["we saw green birds"]}),
        ("green birds", {}),
        ("green birds x the", {}),
        ("green birds 12 40", {}),
        ("we see birds worse", {"unexplained": ["we see birds worse"]}),
        ("see birds worse", {}),
        ("see birds itch there", {}),
        ("what if birds come too", {}),
        ("birds come too, stiff drink here now", {"unexplained": ["birds come too"]}),
        ("we saw green stiff drink birds there", {}),
        ("she saw stiff drink birds", {}),
        ("itch odd", {"doubtful": ["itch odd"]}),
        ("she blinks", {"doubtful": ["she blinks"]}),
        ("she", {}),
        ("she blinks?", {}),
        ("she is itchy there", {}),
        ("should i say she blinks", {}),
        ("she blinks, stiff drink", {"doubtful": ["she blinks"]}),
        ("she walks dog", {}),
        ("all odd", {"doubtful": ["all odd"]}),
        ("odd itch", {"doubtful": ["odd itch"]}),
        ("cant be odd wake", {}),
        ("what if odd", {}),
        ("odd dog", {}),
        ("odd? yes", {"doubtful": ["odd"]}),
    ],
)
def test_what_is_left_over_without_a_sign(text: str, leftover: dict[str, object]) -> None:
    assert left(text) == leftover


def bodily_change(clause: str) -> dict[str, object]:
    return {"bodily": [clause], "altered": [clause]}


@pytest.mark.parametrize(
    ("text", "leftover"),
    [
        ("arm", {"bodily": ["arm"]}),
        ("arm worse", bodily_change("arm worse")),
        ("arm worse. heel", {"bodily": ["arm worse", "heel"], "altered": ["arm worse"], "manifold": True}),
        ("arm. heel", {"bodily": ["arm", "heel"]}),
        ("arm heel worse", bodily_change("arm heel worse")),
        (
            "arm heel leg worse",
            {"bodily": ["arm heel leg worse"], "altered": ["arm heel leg worse"], "manifold": True},
        ),
        ("arm arm leg worse", bodily_change("arm arm leg worse")),
        ("dog arm", {}),
        ("brother arm", {}),
        ("brother son arm", {"bodily": ["brother son arm"]}),
        ("what if arm", {}),
        ("arm last year", {}),
        ("arm last year now", {"bodily": ["arm last year now"]}),
        ("arm has last year", {"bodily": ["arm has last year"]}),
        ("if arm", {"bodily": ["if arm"]}),
        ("if arm?", {}),
        ("arm?", {"bodily": ["arm"]}),
        ("arm chair", {}),
        ("arm stiff drink", {"bodily": ["arm stiff drink"]}),
        ("stiff drink arm", {"bodily": ["stiff drink arm"]}),
        ("dog they arm", {"bodily": ["dog they arm"]}),
        ("bill cant arm", bodily_change("bill cant arm")),
        ("arm itch", {}),
        ("arm worse bill", bodily_change("arm worse bill")),
        ("arm worse itch", {}),
        ("arm bill", {}),
        ("itch a a a a a a a arm worse", {}),
        ("itch a a a a a a a a arm worse", bodily_change("itch a a a a a a a a arm worse")),
        ("arm worse a a a a a a itch", {}),
        ("arm worse a a a a a a a itch", bodily_change("arm worse a a a a a a a itch")),
        ("cant sit", {}),
        ("she cant", bodily_change("she cant")),
        ("dog she arm", {"bodily": ["dog she arm"]}),
    ],
)
def test_what_is_left_over_of_the_body(text: str, leftover: dict[str, object]) -> None:
    told = left(text)
    told.pop("doubtful", None)
    told.pop("unexplained", None)
    assert told == leftover


def test_the_share_of_known_words_counts_letters_only() -> None:
    assert read("he is blue 104 %").known_share == pytest.approx(2 / 3)
    assert read("104").known_share == 0.0
    assert read("").known_share == 0.0
    assert read("he is febre").known_share == 1.0


def test_a_message_gives_everything_at_once() -> None:
    assert read("she blinks. arm worse now") == Understood(
        (), (), ("she blinks",), ("arm worse now",), ("arm worse now",), False, True, "en", 0.8
    )


def test_words_of_a_sign_are_mended_to_only_when_they_are_five_letters_or_more() -> None:
    assert tongue("en", {"a": "rash; heels"}, "", "")._by_letter == {"h": ["heels"]}
