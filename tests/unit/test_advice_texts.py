"""The sentences of rules/advice.yaml measured as a phone and a tired parent would: length, speed, words, language.

Every blank is filled with the worst that can stand there. Texts in English fit one GSM-7 message; Spanish, with its
accents, fits three short ones; what is spoken fits eight seconds. Deliberately not here: which sentence when.
"""

from __future__ import annotations

import re
from string import Formatter

import pytest

from oncall.service.rules.text_measures import grade, is_gsm
from tests.support.builders import PUBLIC_URL, handbook

ONE_TEXT = 160
THREE_UCS2 = 3 * 67  # 16-bit segments of a long text
MOST_WORDS = 20  # eight seconds at 150 words a minute
WORST = {
    "emergency": "911",
    "emergency_spoken": "9 1 1",
    "operator": "+16175550100",
    "by": "Thu 12:00 PM",
    "time": "12:00 PM",
    "minutes": "10",
    "name": "Dr Okonkwo-Featherly",
    "who": "Doctor Okafor",
    "why": "the phone or its carrier blocks our texts",
    "code": "K72",
    "code_spoken": "kilo 7 2",
    "slot": "77",
    "mark": "DELAYED, 24th call: ",
    "urgency": "EMERGENCY",
    "urgency_spoken": "SAME DAY",
    "digit": "7",
    "held": "You already hold 1. ",
    "hospital": "Lakeside Children's",
    "tongue": "Haitian Creole",
    "people": "1, Doctor Okafor. 2, Doctor Moreau. 3, Doctor Singh.",
    "link": f"{PUBLIC_URL}/p/{'W' * 22}",
    "service": "anaesthesia-pain",
    "count": "4",
    "list": "101, 121, 131, 141",
    "summary": "",
    "number": "6 1 7, 5 5 5, 0 1 4 2",
    "other": "K72",
    "question": "",
    "keys": "",
}
PARTS = ("when_by", "when_within", "when_office", "question")  # never sent alone
ADVICE = handbook().advice
KEYS = [key for key in ADVICE.texts if key not in PARTS]
SPOKEN = [key for key in KEYS if key.startswith(("voice_", "page_voice", "inform_voice"))]
WRITTEN = [key for key in KEYS if key not in SPOKEN]
TO_STAFF = ("page_", "inform_", "echo_", "offer_", "offered_", "turn_", "stand_down", "holder_", "coordinator_")
TO_FAMILY = [key for key in WRITTEN if not key.startswith(TO_STAFF) or key == "holder_told"]
REASSURING = (
    "worry", "can wait", "no rush", "relax", "calm", "fine", "okay", "be ok", "all right", "alright", "nothing serious",
    "not serious", "safe", "harmless", "preocup", "tranquil", "calma", "puede esperar", "no es grave", "todo bien",
)  # fmt: skip
DOSING = ("mcg", "microgram", " mg", " ml", "dose", "dosis", "tablet", "pastilla", "oral baclofen", "baclofeno oral")


def filled(key: str, language: str) -> list[str]:
    """The sentence with the worst blanks, in every way that its `{when}` can read."""
    ways = ("when_by", "when_office" if key == "first_office" else "when_within")
    return [ADVICE.say(key, language, way, **WORST) for way in ways]


@pytest.mark.parametrize("key", KEYS)
def test_every_blank_is_one_that_the_line_can_fill(key: str) -> None:
    for sentence in ADVICE.texts[key].values():
        blanks = {name for _, name, _, _ in Formatter().parse(sentence) if name}
        assert blanks <= {*WORST, "when"}


@pytest.mark.parametrize("key", WRITTEN)
def test_an_english_text_is_one_message_of_160(key: str) -> None:
    for text in filled(key, "en"):
        assert is_gsm(text), text
        assert len(text) <= ONE_TEXT, f"{len(text)}: {text}"


@pytest.mark.parametrize("key", TO_FAMILY)
def test_a_spanish_text_is_at_most_three_short_ones(key: str) -> None:
    for text in filled(key, "es"):
        assert len(text) <= (3 * 153 if is_gsm(text) else THREE_UCS2), f"{len(text)}: {text}"


@pytest.mark.parametrize("key", SPOKEN)
def test_what_is_spoken_takes_at_most_eight_seconds(key: str) -> None:
    for language in ADVICE.texts[key]:
        for text in filled(key, language):
            words = re.findall(r"[\w:'-]+", text)
            assert len(words) <= MOST_WORDS, f"{len(words)}: {text}"


@pytest.mark.parametrize("key", [key for key in KEYS if key in TO_FAMILY or key.startswith("voice_")])
def test_a_family_is_answered_in_english_and_spanish_with_the_same_blanks_and_keys(key: str) -> None:
    versions = ADVICE.texts[key]
    assert {"en", "es"} <= versions.keys()
    blanks = [{name for _, name, _, _ in Formatter().parse(versions[tongue]) if name} for tongue in ("en", "es")]
    digits = [set(re.findall(r"\b\d\b", versions[tongue])) for tongue in ("en", "es")]
    assert blanks[0] == blanks[1]
    assert digits[0] == digits[1]


@pytest.mark.parametrize("key", KEYS)
def test_nothing_reassures_and_nothing_doses(key: str) -> None:
    for language in ADVICE.texts[key]:
        for text in filled(key, language):
            assert not [word for word in (*REASSURING, *DOSING) if re.search(rf"\b{word.strip()}", text.lower())]


@pytest.mark.parametrize("key", [key for key in TO_FAMILY if key != "after_thanks" and not key.startswith("when")])
def test_every_text_to_a_family_names_the_emergency_number(key: str) -> None:
    for language in ("en", "es"):
        assert all("911" in text for text in filled(key, language))


@pytest.mark.parametrize("key", ["first_call_911", "first_go_now", "first_wait_for_call", "first_same_day"])
def test_the_first_answer_says_by_when_and_what_then(key: str) -> None:
    """RULINGS 5: the emergency line, who is paged, by when, what if not."""
    english = ADVICE.say(key, "en", **WORST)
    assert english.index("911") < english.index("Thu 12:00 PM")
    assert "if not" in english


@pytest.mark.parametrize("key", TO_FAMILY)
def test_an_english_text_to_a_family_is_for_a_sixth_grade_reader(key: str) -> None:
    for text in filled(key, "en"):
        assert grade(text) <= 6.5, f"{grade(text):.1f}: {text}"


@pytest.mark.parametrize("question", handbook().rulebook.questions, ids=lambda question: question.code)
def test_a_question_is_one_english_message_or_three_spanish_ones(question) -> None:  # type: ignore[no-untyped-def]
    assert is_gsm(question.text["en"])
    assert len(question.text["en"]) <= ONE_TEXT
    assert len(question.text["es"]) <= THREE_UCS2


@pytest.mark.parametrize("question", handbook().rulebook.questions, ids=lambda question: question.code)
def test_a_question_is_for_a_sixth_grade_reader_and_spoken_in_eight_seconds(question) -> None:  # type: ignore[no-untyped-def]
    assert grade(question.text["en"]) <= 6
    assert grade(question.spoken["en"]) <= 6
    for text in (question.spoken["en"], question.spoken["es"]):
        assert len(re.findall(r"[\w:'-]+", text)) <= MOST_WORDS, text


@pytest.mark.parametrize(
    "sign", [s for s in handbook().rulebook.vocabulary.values() if s.asking.text], ids=lambda sign: sign.code
)
def test_a_sign_is_asked_in_words_for_a_sixth_grade_reader_and_never_reassuring(sign) -> None:  # type: ignore[no-untyped-def]
    assert {"en", "es"} <= sign.asking.text.keys() & sign.asking.spoken.keys()
    assert grade(sign.asking.text["en"]) <= 6
    for text in (*sign.asking.text.values(), *sign.asking.spoken.values()):
        assert not [word for word in REASSURING if re.search(rf"\b{word.strip()}", text.lower())]
