"""How words become signs: denial, doubt, time, person, numbers, misspellings, languages."""

from __future__ import annotations

import pytest

from oncall.core.reports import Heard
from oncall.core.triage.measurements import celsius, keyed_celsius
from oncall.core.triage.numbers_in_words import spoken_numbers
from oncall.core.triage.rulebook import draw_from_words
from oncall.core.triage.words import fold
from tests.examples.shipped_rules import heard_in, shipped


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("i cant wake her", "hard_to_wake"),
        ("he won't stop twitching", "spasms"),
        ("not breathing right", "trouble_breathing"),
        ("ive never seen her this stiff", "tight_muscles"),
        ("fever went away with tylenol", "fever"),
        ("was burning up last night, ok now", "fever"),
        ("like last year when the pump broke, itchy again", "itching"),
        ("prob just growing but legs are tight", "tight_muscles"),
        ("the beeping stopped", "alarm_heard"),
        ("idk if shes just tired but shes floppy", "floppy"),
    ],
)
def test_negative_looking_words_that_assert_a_sign(text: str, code: str) -> None:
    assert heard_in(text)[code].counts


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no fever", "fever"),
        ("no fever, redness, or swelling", "swelling"),
        ("he isnt itchy", "itching"),
        ("fever? no", "fever"),
        ("not itchy anymore", "itching"),
        ("she has never had a seizure", "seizure"),
        ("no tiene fiebre ni rigidez", "tight_muscles"),
        ("nao tem febre", "fever"),
        ("the incision is not red", "wound_red"),
        ("nope on fever", "fever"),
    ],
)
def test_a_denied_sign_is_heard_as_denied(text: str, code: str) -> None:
    assert heard_in(text)[code] is Heard.DENIED


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("he had a seizure in 2019", "seizure"),
        ("what if she gets itchy?", "itching"),
        ("our dog is itchy", "itching"),
        ("his brother has a fever", "fever"),
    ],
)
def test_another_time_another_person_or_only_imagined_is_not_said_of_now(text: str, code: str) -> None:
    assert heard_in(text)[code] is Heard.NOT_SAID


def test_curiosity_about_two_signs_at_once_is_doubt() -> None:
    heard = heard_in("just curious whether dry air can make a kid scratch all over and make her knees knock together")
    assert heard["itching"] is Heard.NOT_SURE


def test_what_he_always_could_is_no_usual_state() -> None:
    assert "usual_sign" not in heard_in("he cant push up on his arms and he always could")


def test_what_used_to_be_does_not_make_the_sign_before_it_past() -> None:
    assert heard_in("i can feel the flat side where the bumpy side used to be")["pump_moved_or_hit"].counts


def test_a_time_given_in_hours_is_no_pulse() -> None:
    assert not {"slow_heart", "fast_heart"} & set(heard_in("we saw you 24 hr ago"))


def test_unexplained_words_about_the_body_are_kept_beside_a_sign() -> None:
    assert "body_unexplained" in heard_in("he is itchy. his heels have gone migrating")


def test_a_wish_to_be_called_about_an_errand_is_part_of_the_errand() -> None:
    assert draw_from_words(["please call me about the bill"], shipped()).administrative
    assert not draw_from_words(["please call me"], shipped()).administrative


def test_a_denial_reaches_no_further_than_its_clause() -> None:
    heard = heard_in("no rash but he wont stop scratching and his legs are stiff")
    assert heard["itching"] is Heard.PRESENT
    assert heard["tight_muscles"] is Heard.PRESENT


def test_a_later_denial_does_not_take_back_an_earlier_sign() -> None:
    assert heard_in("she is floppy", "no she is not floppy")["floppy"] is Heard.PRESENT


def test_an_emergency_word_only_imagined_is_still_for_a_person() -> None:
    assert "emergency_word_mentioned" in heard_in("what would i do if she stopped breathing one day?")


def test_a_seizure_called_the_usual_one_is_kept_as_such() -> None:
    heard = heard_in("she had her usual seizure at breakfast")
    assert "usual_seizure" in heard
    assert "seizure" not in heard


@pytest.mark.parametrize(
    "text", ["stiff drink", "floppy hat", "he has a cold", "itching to book", "phone battery died"]
)
def test_figures_of_speech_are_no_signs(text: str) -> None:
    signs = shipped().vocabulary
    found = [code for code, heard in heard_in(text).items() if heard.counts and signs[code].danger]
    assert found == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("104.3!!", "temperature_very_high"),
        ("temp is one oh three point seven", "temperature_high"),
        ("39,5 de fiebre", "temperature_high"),
        ("treinta y nueve y medio de fiebre", "temperature_high"),
        ("temp 94.1", "temperature_low"),
        ("heart rate is 160", "fast_heart"),
        ("pulse 42", "slow_heart"),
        ("sat 84", "low_oxygen"),
        ("bp 195/110", "high_pressure"),
        ("breathing about eight a minute", "slow_breathing"),
        ("breathing 6 times a minute", "slow_breathing"),
        ("hr 160", "fast_heart"),
        ("o2 is reading 85", "low_oxygen"),
        ("stiff and 104, they want to know", "temperature_very_high"),
    ],
)
def test_numbers_become_signs(text: str, code: str) -> None:
    assert heard_in(text)[code].counts


@pytest.mark.parametrize(
    "text", ["114 elm st", "bill for $104", "room 104", "weighs 102 lbs", "at 10:30 am", "in 104 days"]
)
def test_other_numbers_are_no_temperatures(text: str) -> None:
    assert not {"fever", "temperature_high", "temperature_very_high"} & set(heard_in(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("he had a seizer", "seizure"),
        ("so itchyyyy", "itching"),
        ("real flopy", "floppy"),
        ("lethargick", "very_sleepy"),
    ],
)
def test_misspelt_signs_are_mended(text: str, code: str) -> None:
    assert heard_in(text)[code].counts


def test_an_everyday_word_that_looks_like_a_sign_is_left_alone() -> None:
    assert "tight_muscles" not in heard_in("need stuff for the staff party")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("he is stiff and she is worried", "en"),
        ("mi hijo tiene mucha fiebre", "es"),
        ("meu filho não acorda", "pt"),
        ("pitit mwen an gen lafyèv", "ht"),
    ],
)
def test_the_language_is_told_by_ordinary_words(text: str, language: str) -> None:
    assert draw_from_words([text], shipped()).language == language


@pytest.mark.parametrize("text", ["обычно он спит", "你好请帮忙", "qwrt zxcv plkj"])
def test_what_nobody_here_reads_is_said_so(text: str) -> None:
    assert {"unknown_language", "unreadable", "not_understood"} & set(heard_in(text))


def test_a_familiar_word_does_not_speak_for_a_foreign_message() -> None:
    """ "sáng" (morning) folds to a word of ours that says all is well."""
    assert "unknown_language" in heard_in("từ sáng đến giờ cháu sốt cao và chân tay cứng đờ")
    assert "unknown_language" not in heard_in("Señor Łuk, su hijo está bien")


def test_the_sign_at_the_end_of_an_endless_text_is_heard_and_a_person_reads_the_rest() -> None:
    told = heard_in("and then the bus came " * 50_000 + "and now she is itchy all over")
    assert {"itching", "not_understood"} <= set(told)


def test_a_clause_that_never_ends_is_read_in_stretches() -> None:
    assert {"tight_muscles", "rigid_body"} & set(heard_in("the pump beeps and beeps " * 200 + "his legs are so stiff"))


@pytest.mark.parametrize("word", ["STOP", "help", "Yes.", "INFO"])
def test_a_bare_carrier_word_is_reserved(word: str) -> None:
    assert "reserved_word" in heard_in(word)


def test_an_office_matter_beside_an_unknown_complaint_is_not_administrative() -> None:
    drawn = draw_from_words(["quick q about the bill. also her eyelids look droopy"], shipped())
    assert not drawn.administrative


def test_an_office_matter_alone_is_administrative() -> None:
    assert draw_from_words(["can i get a copy of the bill please"], shipped()).administrative


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("one hundred and three point two", 103.2),
        ("one oh four", 104),
        ("one eighty", 180),
        ("thirty nine five", 39.5),
        ("treinta y nueve y medio", 39.5),
        ("trinta e nove", 39),
    ],
)
def test_spoken_numbers(words: str, value: float) -> None:
    assert [said.value for said in spoken_numbers(words.split())] == [pytest.approx(value)]


@pytest.mark.parametrize(("keyed", "value"), [("1012", 38.44), ("985", 36.94), ("394", 39.4), ("39", 39), ("104", 40)])
def test_a_keyed_temperature_is_read_in_either_unit(keyed: str, value: float) -> None:
    assert keyed_celsius(keyed) == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize("keyed", ["1", "", "abc", "7777"])
def test_what_is_no_temperature_is_not_read_as_one(keyed: str) -> None:
    assert keyed_celsius(keyed) is None


def test_a_temperature_in_neither_range_is_unknown() -> None:
    assert celsius(60) is None


def test_i_will_is_not_ill() -> None:
    assert fold("I'll") == "will"
