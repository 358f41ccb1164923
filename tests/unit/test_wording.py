"""What a page, a time and a code look like, whatever stands in them.

Plain values in, the sentence out. Deliberately not here: the lengths of all sentences (test_advice_texts) and when a
sentence is said.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from oncall.core.case.messages import Channel, Purpose
from oncall.core.case.wording import (
    clock_time,
    code_spoken,
    first_reply_key,
    named_hour,
    ordinal_mark,
    page_token,
    spoken_number,
    summary_sentence,
)
from tests.support.builders import (
    DEADLY,
    HOSPITAL,
    MILD,
    OFFICE,
    PUBLIC_URL,
    TEN_AM,
    Night,
    facts,
    handbook,
    mother,
)

NOON = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)


def test_a_time_is_the_hospital_s_own_without_a_leading_nought() -> None:
    assert clock_time(datetime(2026, 11, 25, 8, 4, tzinfo=UTC), HOSPITAL) == "3:04 AM"
    assert clock_time(NOON, HOSPITAL) == "12:00 PM"
    assert clock_time(NOON + timedelta(hours=12), HOSPITAL) == "12:00 AM"


def test_another_day_is_named() -> None:
    assert named_hour(NOON, NOON - timedelta(hours=1), HOSPITAL) == "12:00 PM"
    assert named_hour(NOON + timedelta(days=1), NOON, HOSPITAL).endswith("12:00 PM")
    assert "Thu" in named_hour(NOON + timedelta(days=1), NOON, HOSPITAL)


def test_the_second_pass_of_a_doubled_hour_is_still_a_time() -> None:
    doubled = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert clock_time(doubled, HOSPITAL) == clock_time(doubled + timedelta(hours=1), HOSPITAL) == "1:30 AM"


def test_a_number_is_spoken_digit_by_digit_and_a_code_letter_by_letter() -> None:
    assert spoken_number("911") == "9 1 1"
    assert code_spoken("K7") == "kilo 7"
    assert code_spoken("M32") == "mike 3 2"


@pytest.mark.parametrize(
    ("n", "delayed", "mark"),
    [(1, False, ""), (1, True, "DELAYED: "), (2, False, "2nd call: "), (3, True, "DELAYED, 3rd call: ")],
)
def test_a_page_that_is_late_or_not_the_first_says_so(n: int, delayed: bool, mark: str) -> None:
    assert ordinal_mark(n, delayed) == mark


def test_a_token_is_22_characters_that_only_this_hospital_makes() -> None:
    token = page_token("c1-5-ana", HOSPITAL)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token)
    assert token == page_token("c1-5-ana", HOSPITAL)
    assert len({page_token(f"c1-{n}-ana", HOSPITAL) for n in range(200)}) == 200


def test_a_page_says_urgency_code_time_reply_and_link_and_no_more() -> None:
    night = Night()
    night.texts(DEADLY)
    [state] = night.messages(Purpose.PAGE, Channel.SMS)
    page = night.case.page_of("ana")
    assert page is not None
    assert state.message.body == (
        f"EMERGENCY pump call #{night.case.code} 3:04 AM. Reply {page.slot}1 take, {page.slot}3 pass on. "
        f"{PUBLIC_URL}/p/{page.token}"
    )


def test_a_same_day_page_calls_itself_so() -> None:
    night = Night(TEN_AM)
    night.texts(MILD)
    [state] = night.messages(Purpose.PAGE, Channel.SMS)
    assert state.message.body.startswith("SAME DAY pump call #")


def test_a_page_without_a_slot_has_the_link_only() -> None:
    night = Night()
    night.facts = type(night.facts)(night.facts.directory, taken_slots={"ana": frozenset(range(10, 100))})
    night.texts(DEADLY)
    body = night.messages(Purpose.PAGE, Channel.SMS)[0].message.body
    assert "Reply" not in body
    assert f"{PUBLIC_URL}/p/" in body


def test_a_repeat_counts_for_itself() -> None:
    night = Night()
    night.texts(DEADLY)
    night.wait(minutes=12)
    bodies = [message.body for _, message in night.ordered(Purpose.PAGE, Channel.SMS, "ana")]
    assert bodies[1].startswith("2nd call: EMERGENCY pump call")


def test_the_summary_names_signs_or_sends_the_reader_to_the_words() -> None:
    night = Night()
    night.texts(DEADLY)
    assert handbook().rulebook.vocabulary[DEADLY].sentence in summary_sentence(night.case, handbook())
    silent = Night()
    silent.texts()
    assert "words" in summary_sentence(silent.case, handbook())


def test_an_advice_has_its_first_sentence() -> None:
    assert [first_reply_key(advice) for advice in ("call_911", "go_now", "wait_for_call", "office", "odd")] == [
        "first_call_911",
        "first_go_now",
        "first_wait_for_call",
        "first_wait_for_call",
        "first_wait_for_call",
    ]


def test_a_spanish_family_is_told_the_day_in_spanish() -> None:
    """An office request at night is answered on another day; "Thu" is no word of theirs."""
    night = Night(facts=facts(caller=mother("es")))
    night.texts(OFFICE)
    [text] = night.family_texts()
    assert "antes de las" in text
    assert not re.search(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", text), text
