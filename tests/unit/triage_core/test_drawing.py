"""From a report to its findings: words, alarm fields, the record, keys and answers, on a rulebook that stands here."""

from __future__ import annotations

import pytest

from oncall.core.reports import Finding, Heard
from oncall.core.triage.alarms import AlarmTables, PumpTables
from oncall.core.triage.assessment import Ruleset
from oncall.core.triage.context import Reading
from oncall.core.triage.key_prompts import KeyMeanings
from oncall.core.triage.questions import Answer, Question
from oncall.core.triage.rulebook import (
    Drawn,
    Rulebook,
    draw_from_alarm,
    draw_from_answer,
    draw_from_context,
    draw_from_keys,
    draw_from_words,
    involves_device,
    is_danger,
)
from oncall.core.triage.thresholds import Limit
from tests.unit.triage_core.small import LIMITS, SIGNS, lexicon

PRESENT, NOT_SURE, DENIED, NOT_SAID = Heard
NOBODY: frozenset[str] = frozenset()
KEYS = KeyMeanings(
    yes=frozenset({"yes"}), no=frozenset({"no"}), not_sure=frozenset(), same=frozenset(), well={}, ill=NOBODY,
    ended=NOBODY, temperature=frozenset({"temperature"}), labels={}, errands={}, around_errands=NOBODY, unions=(),
    instead={}, person="person", staff="staff", silent="silent", hung_up="hung_up", riddle="riddle",
    idle=frozenset({"repeat"}),
)  # fmt: skip
ALARMS = AlarmTables(
    pumps=(),
    unknown_pump=PumpTables("", {"alarm_reason": {"beeping": ("alarm_heard",), "quiet": ("doing_well",)}}),
    known_fields=frozenset({"alarm_reason", "caller_note"}),
    free_text=("caller_note",),
    log_phrases={},
    unknown_value="alarm_unknown",
    unreadable="unreadable_alarm",
    limits={},
)
QUESTIONS = (
    Question("wake?", True, {}, {"1": (Answer("sleepy", PRESENT),)}),
    Question("hot?", False, {}, {"1": (Answer("hot", PRESENT),)}, number="temperature_c"),
)


def rulebook() -> Rulebook:
    return Rulebook(
        vocabulary=SIGNS,
        lexicon=lexicon(),
        rules=Ruleset((), SIGNS, "edition 7"),
        questions=QUESTIONS,
        alarms=ALARMS,
        thresholds=Reading({"hours": (Limit("recent_refill", at_most=72),)}, {}, {}, {"supply": ("days",)}),
        keys=KEYS,
        reserved_words=frozenset({"stop"}),
        edition="edition 7",
        signed=False,
    )


def words(*messages: str, hint: str | None = None) -> Drawn:
    return draw_from_words(messages, rulebook(), hint)


def told(drawn: Drawn) -> list[tuple[str, Heard, str]]:
    return [(finding.code, finding.heard, finding.evidence) for finding in drawn.findings]


@pytest.mark.parametrize("messages", [(), ("",), (" \n", "\t")])
def test_a_message_without_a_letter_is_empty(messages: tuple[str, ...]) -> None:
    assert draw_from_words(messages, rulebook()) == Drawn((Finding("empty_message", PRESENT, ""),), "en", False)
    assert draw_from_words(messages, rulebook(), "es").language == "es"


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("he is itchy", [("itching", PRESENT, "itchy")]),
        ("maybe he is itchy", [("itching", NOT_SURE, "itchy")]),
        ("he is not itchy", [("itching", DENIED, "itchy")]),
        ("he was itchy last year", [("itching", NOT_SAID, "itchy")]),
        ("his usual seizure", [("usual_seizure", PRESENT, "seizure")]),
        ("his usual itch", [("itching", PRESENT, "itch")]),
        ("a seizure last year", [("seizure", NOT_SAID, "seizure"), ("emergency_word_mentioned", PRESENT, "seizure")]),
        ("not a seizure", [("seizure", DENIED, "seizure")]),
        ("Stop!", [("reserved_word", PRESENT, "Stop!"), ("unreadable", PRESENT, "Stop!")]),
        ("StopX", [("unreadable", PRESENT, "StopX"), ("not_understood", PRESENT, "StopX")]),
        ("the stopX", [("not_understood", PRESENT, "the stopX")]),
        ("he is stop", [("not_understood", PRESENT, "he is stop")]),
        ("he is not itchy but itchy", [("itching", PRESENT, "itchy")]),
    ],
)
def test_each_sign_becomes_the_finding_of_its_manner(text: str, findings: list[tuple[str, Heard, str]]) -> None:
    assert told(words(text)) == findings


def test_several_messages_are_one_thread_in_their_order() -> None:
    assert told(words("he is itchy", " ", "his pulse", "160, stop", "stop.")) == [
        ("reserved_word", PRESENT, "stop."),
        ("itching", PRESENT, "itchy"),
        ("fast_heart", PRESENT, "160"),
    ]


def test_pictures_alone_are_said_to_be_only_that() -> None:
    assert ("emoji_only", PRESENT, "😭 🔥") in told(words("😭", "🔥"))
    assert "emoji_only" not in [code for code, *_ in told(words("😭", "he is itchy"))]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("he is in the garden", [("not_understood", PRESENT, "he is in the garden")]),
        ("qwrt zxcv plkj", [("unreadable", PRESENT, "qwrt zxcv plkj"), ("not_understood", PRESENT, "qwrt zxcv plkj")]),
        ("qwrt zxcv plké", [("unknown_language", PRESENT, "qwrt zxcv plké")]),
        ("qwrt 40°", [("unreadable", PRESENT, "qwrt 40°")]),
        ("itchy blue", [("itching", PRESENT, "itchy")]),
        ("he saw new blue birds there", [("unreadable", PRESENT, "he saw new blue birds there")]),
        ("he saw his new blue is", [("not_understood", PRESENT, "he saw his new blue is")]),
        ("ele o muito mole", [("floppy", PRESENT, "mole"), ("language_raises_only", PRESENT, "pt")]),
        ("itchy обыч", [("itching", PRESENT, "itchy"), ("unknown_language", PRESENT, "itchy обыч")]),
        ("itchy обы", [("itching", PRESENT, "itchy")]),
        ("he is itchy áé ñññ", [("itching", PRESENT, "itchy")]),
        ("El tiene comezon", [("itching", PRESENT, "comezon")]),
    ],
)
def test_what_cannot_be_read_is_a_finding_of_its_own(text: str, findings: list[tuple[str, Heard, str]]) -> None:
    found = told(words(text))
    assert [finding for finding in findings if finding not in found] == []
    assert {code for code, *_ in found} - {code for code, *_ in findings} <= {"not_understood"}


def test_foreign_words_in_two_messages_are_quoted_with_a_stroke_between_them() -> None:
    assert ("unreadable", PRESENT, "qwrt / zxcv") in told(words("qwrt", "zxcv"))


def test_where_all_is_denied_the_first_doubtful_words_are_a_persons() -> None:
    assert told(words("he is not itchy. he is odd. so odd"))[-1] == ("not_understood", PRESENT, "he is odd")
    assert told(words("not itchy. we saw green birds"))[-1] == ("not_understood", PRESENT, "we saw green birds")
    assert told(words("not itchy. so it is"))[-1] == ("itching", DENIED, "itchy")
    assert told(words("he was itchy last year. we saw green birds"))[-1][0] == "itching"
    assert told(words("itchy last year. he is odd"))[-1] == ("not_understood", PRESENT, "he is odd")
    assert "not_understood" not in {code for code, *_ in told(words("itchy. he is odd. we saw green birds"))}


def test_an_office_matter_beside_what_may_hide_a_sign_is_a_possible_sign() -> None:
    assert ("possible_sign", PRESENT, "he is odd") in told(words("a bill. he is odd. so odd"))
    assert "possible_sign" not in {code for code, *_ in told(words("a bill, itchy. he is odd"))}
    assert "possible_sign" not in {code for code, *_ in told(words("fine. he is odd"))}
    assert "possible_sign" not in {code for code, *_ in told(words("the bill. and we saw green birds"))}
    assert ("possible_sign", PRESENT, "so we saw green birds") in told(words("thanks. so we saw green birds"))
    assert ("possible_sign", PRESENT, "we saw green birds") in told(words("bill. we saw green birds"))
    assert ("possible_sign", PRESENT, "he is odd") in told(words("the bill, fine, refilled. he is odd"))
    idle = "thanks, lol, fine, a question. and we saw green birds"
    assert ("possible_sign", PRESENT, "and we saw green birds") in told(words(idle))


def test_a_wish_to_be_called_belongs_to_the_errand() -> None:
    errand = words("please call me. the bill")
    assert ("callback_requested", NOT_SAID, "call me") in told(errand)
    assert ("office_billing", PRESENT, "bill") in told(errand)
    assert errand.administrative
    assert ("callback_requested", NOT_SAID, "call me") in told(words("call me. the bill, fine, refilled"))
    for others in ("he is itchy", "thanks", "the bill, he is itchy"):
        assert ("callback_requested", PRESENT, "call me") in told(words(f"please call me. {others}"))


def test_words_about_the_body_weigh_beside_a_sign_and_a_change_of_it_beside_all_well() -> None:
    assert ("body_unexplained", PRESENT, "arm") in told(words("itchy. arm"))
    assert ("body_unexplained", PRESENT, "arm") in told(words("itchy. arm. heel"))
    assert "body_unexplained" not in {code for code, *_ in told(words("fine. arm"))}
    assert ("body_unexplained", PRESENT, "arm worse") in told(words("fine. arm worse"))
    assert "body_unexplained" not in {code for code, *_ in told(words("bill. arm worse"))}
    assert "body_unexplained" not in {code for code, *_ in told(words("bill, fine, refilled. arm worse"))}
    assert ("body_unexplained", PRESENT, "arm worse") in told(words("bill. itchy. arm worse"))
    assert ("body_unexplained", PRESENT, "arm") in told(words("arm"))


def test_several_unexplained_things_of_the_body_are_told_together() -> None:
    many = told(words("itchy. arm worse. heel"))
    assert ("body_unexplained_twice", PRESENT, "arm worse / heel") in many
    assert ("body_unexplained", PRESENT, "arm worse") in many
    assert "body_unexplained_twice" not in {code for code, *_ in told(words("itchy. arm. heel"))}
    assert "body_unexplained_twice" not in {code for code, *_ in told(words("bill. arm worse. heel"))}


@pytest.mark.parametrize(
    ("text", "administrative"),
    [
        ("the bill", True),
        ("the bill, he is fine", True),
        ("he is fine", False),
        ("the bill, he is itchy", False),
        ("the bill, not itchy", True),
        ("qwrt", False),
    ],
)
def test_administrative_is_an_office_matter_and_nothing_else(text: str, administrative: bool) -> None:
    assert words(text).administrative is administrative


def test_the_language_is_told_by_the_words_then_by_the_hint() -> None:
    assert words("el tiene fiebre", hint="en").language == "es"
    assert words("fiebre", hint="es").language == "es"
    assert words("fiebre").language == "en"


def test_of_an_endless_text_the_beginning_and_the_end_are_read_and_the_rest_is_a_persons() -> None:
    long = "itchy " + "so " * 7_000 + " stiff"
    assert told(words(long)) == [
        ("itching", PRESENT, "itchy"),
        ("stiff", PRESENT, "stiff"),
        ("not_understood", PRESENT, f"only the beginning and the end of {len(long)} letters"),
    ]
    just_read = "itchy " + "so " * 3_000 + "stiff" + " so" * 3_663
    assert len(just_read) == 20_000
    assert [code for code, *_ in told(words(just_read))] == ["itching", "stiff"]
    straddling = "so " * 3_332 + "legs tight" + " so" * 3_331 + "."
    assert len(straddling) == 20_000
    assert [code for code, *_ in told(words(straddling))] == ["stiff"]
    middle = "itchy " + "so " * 3_700 + "floppy " + "so " * 3_700 + "stiff"
    assert [code for code, *_ in told(words(middle))] == ["itching", "stiff", "not_understood"]
    halves = "so " * 3_331 + "itchy x" + " " * 6 + "stiff " + "so " * 3_331
    assert {"itching", "stiff"} <= {code for code, *_ in told(words(halves))}


def test_keys_are_read_by_their_prompts_and_other_lines_as_words() -> None:
    drawn = draw_from_keys(["PROMPT: Is he stiff? 1 yes | KEY: 1", "he is itchy"], rulebook())
    assert told(drawn) == [("stiff", PRESENT, "Is he stiff? 1 yes -> 1"), ("itching", PRESENT, "itchy")]
    assert (drawn.language, drawn.administrative) == ("en", False)


def test_a_temperature_keyed_is_judged_by_the_limits_of_the_lexicon() -> None:
    drawn = draw_from_keys(["PROMPT: Key the temperature | KEY: 39"], rulebook())
    assert [code for code, *_ in told(drawn)] == ["fever", "temperature_high"]


def test_an_office_word_in_a_prompt_is_no_sign() -> None:
    drawn = draw_from_keys(["PROMPT: Is it about a bill, or is he fine? 1 yes | KEY: 7"], rulebook())
    assert [code for code, *_ in told(drawn)] == ["riddle"]
    asked = draw_from_keys(["PROMPT: A bill, or is he stiff? 1 yes | KEY: 7"], rulebook())
    assert told(asked) == [("stiff", NOT_SURE, "A bill, or is he stiff? 1 yes -> 7")]


def test_keys_without_a_meaning_are_a_silent_caller() -> None:
    nothing = draw_from_keys(["PROMPT: Welcome | KEY: 9"], rulebook())
    assert nothing == Drawn((Finding("caller_silent", PRESENT, "no key with a meaning"),), "en", False)
    assert draw_from_keys([], rulebook()).findings == nothing.findings


def test_the_language_of_keys_is_that_of_all_their_prompts() -> None:
    spanish = "PROMPT: Esta tieso el? 1 si | KEY: 1"
    assert draw_from_keys([spanish], rulebook()).language == "es"
    assert draw_from_keys(["he is the his", spanish], rulebook()).language == "es"
    both = [spanish, "PROMPT: he is the his and so | KEY: 9"]
    assert draw_from_keys(both, rulebook()).language == "en"
    assert draw_from_keys([f"PROMPT: {word} | KEY: 9" for word in ("el", "he", "el")], rulebook()).language == "es"


def test_an_alarm_gives_its_fields_and_the_signs_of_its_note() -> None:
    drawn = draw_from_alarm({"alarm_reason": "beeping", "caller_note": "el tiene comezon, gracias"}, rulebook())
    assert told(drawn) == [("alarm_heard", PRESENT, "alarm_reason: beeping"), ("itching", PRESENT, "comezon")]
    assert (drawn.language, drawn.administrative) == ("es", False)
    assert draw_from_alarm({"alarm_reason": "beeping"}, rulebook()).language == "en"


def test_a_note_need_not_be_understood_and_an_office_word_in_it_is_none() -> None:
    for note in ("thanks", "fine", "qwrt zxcv plkj", ""):
        found = draw_from_alarm({"alarm_reason": "beeping", "caller_note": note}, rulebook())
        assert told(found) == [("alarm_heard", PRESENT, "alarm_reason: beeping")]


def test_several_words_in_a_field_that_nobody_knows_are_read() -> None:
    def codes(**fields: object) -> list[str]:
        return [code for code, *_ in told(draw_from_alarm({"alarm_reason": "beeping", **fields}, rulebook()))]

    assert codes(mood="he is itchy") == ["alarm_heard", "alarm_unknown", "itching"]
    assert codes(mood="so itchy") == ["alarm_heard", "alarm_unknown"]
    assert codes(mood=["he", "is", "itchy"]) == ["alarm_heard", "alarm_unknown"]
    assert codes(caller_note=["itchy"]) == ["alarm_heard", "itching"]
    assert codes(alarm_reason="he is itchy") == ["alarm_unknown"]


def test_an_alarm_is_never_an_office_matter_by_its_note() -> None:
    assert not draw_from_alarm({"alarm_reason": "quiet", "caller_note": "a bill"}, rulebook()).administrative


def test_the_record_gives_its_findings_each_once() -> None:
    assert draw_from_context({"hours": 3, "days": 9}, rulebook()) == (Finding("recent_refill", PRESENT, "hours: 3"),)
    assert draw_from_context({}, rulebook()) == (Finding("supply", PRESENT, "unknown: days"),)


def test_an_answer_belongs_to_its_question_and_one_to_no_question_is_a_persons() -> None:
    assert draw_from_answer("wake?", "1", rulebook()) == (Finding("sleepy", PRESENT, "wake?: 1"),)
    assert draw_from_answer("hot?", "38", rulebook()) == (Finding("fever", PRESENT, "hot?: 38"),)
    assert draw_from_answer("what?", "1", rulebook()) == (Finding("unreadable", PRESENT, "what?: 1"),)


def test_a_danger_that_counts_and_a_code_that_nobody_knows_ring_the_holder() -> None:
    ringing = [
        (code, heard) for code in ("floppy", "itching", "zzz") for heard in Heard
        if is_danger(Finding(code, heard, ""), rulebook())
    ]  # fmt: skip
    assert ringing == [("floppy", PRESENT), ("floppy", NOT_SURE), ("zzz", PRESENT), ("zzz", NOT_SURE)]


def test_a_device_state_that_counts_involves_the_device() -> None:
    assert involves_device([Finding("itching", PRESENT, ""), Finding("alarm_heard", NOT_SURE, "")])
    assert not involves_device([Finding("itching", PRESENT, ""), Finding("alarm_heard", DENIED, "")])


def test_the_limits_of_words_and_of_keys_are_the_same() -> None:
    assert rulebook().lexicon.limits is LIMITS
