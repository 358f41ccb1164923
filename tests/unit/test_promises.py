"""What the family is told, by when, and that it is the policy in force that says so.

The texts are read as the mother reads them. Deliberately not here: the lengths of the sentences (test_advice_texts).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.case import entries as e
from oncall.core.case.case import Arrival, ClockKind
from oncall.core.case.messages import Channel, Purpose
from oncall.core.case.wording import clock_time
from oncall.core.reports import Heard, Source
from oncall.core.triage.assessment import Urgency
from tests.support.builders import (
    DEADLY,
    GO,
    HOSPITAL,
    MILD,
    MUM,
    OFFICE,
    PRESSING,
    TEN_AM,
    THREE_AM,
    Night,
    facts,
    heard,
    minutes,
    mother,
)

DAD = "+16175550143"


@pytest.mark.parametrize(
    ("at", "sign", "by"),
    [
        (THREE_AM, GO, "by 3:14 AM"),
        (THREE_AM, DEADLY, "by 3:14 AM"),
        (THREE_AM, PRESSING, "by 3:19 AM"),
        (TEN_AM, MILD, "by 12:15 PM"),
        (THREE_AM, MILD, "by 9:15 AM"),
        (TEN_AM, OFFICE, "by Fri 12:00 PM"),
    ],
)
def test_the_first_answer_names_the_911_line_and_the_instant_of_the_policy(at: datetime, sign: str, by: str) -> None:
    night = Night(at)
    done = night.texts(sign)
    first = next(m.body for m in done.owed if m.purpose is Purpose.FAMILY)
    assert "911" in first
    assert by in first


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    second=st.integers(0, 366 * 86400),
    sign=st.sampled_from((DEADLY, GO, PRESSING, MILD, "alarm_single_tone")),
    earlier=st.sampled_from(((), (MILD,), (PRESSING,))),
)
def test_every_promise_is_the_policy_in_force(second: int, sign: str, earlier: tuple[str, ...]) -> None:
    """RULINGS 2, at any instant of a year, also when the case was raised."""
    night = Night(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second))
    for code in earlier:
        night.texts(code)
    night.texts(sign)
    policy = night.case.pinned.policy(night.case.pace or Urgency.URGENT)
    promise, morning = night.due(ClockKind.PROMISE), night.due(ClockKind.MORNING)
    told = night.all(e.Promised)[-1].by
    if morning is not None:
        assert night.case.pace is Urgency.SAME_DAY
        assert told == night.at + morning + policy.promise
        assert promise == morning + policy.promise
    else:
        assert (promise or timedelta(0)) <= policy.promise
        assert told == night.at + (promise or timedelta(0))
        assert earlier or clock_time(told, HOSPITAL) in " ".join(night.family_texts())


def test_an_earlier_promise_holds_when_the_case_is_raised() -> None:
    night = Night()
    night.texts(PRESSING)
    night.wait(minutes=10)
    night.texts(GO)
    assert night.due(ClockKind.PROMISE) == timedelta(minutes=5)


def test_a_raise_shortens_a_longer_promise() -> None:
    night = Night()
    night.texts(PRESSING)
    night.texts(GO)
    assert night.due(ClockKind.PROMISE) == timedelta(minutes=10)


@pytest.mark.parametrize(("sign", "missed"), [(GO, 10), (PRESSING, 15)])
def test_a_missed_promise_is_told_with_what_to_do_and_the_paging_goes_on(sign: str, missed: int) -> None:
    night = Night()
    night.texts(sign)
    night.wait(minutes=missed)
    told = [after for after, m in night.ordered(Purpose.FAMILY) if "could not reach our doctors" in m.body]
    assert told == minutes(missed)
    assert night.case.due_at is not None


def test_a_missed_same_day_promise_is_told_too() -> None:
    night = Night(TEN_AM)
    night.texts(MILD)
    night.wait(hours=2, minutes=15)
    told = [after for after, m in night.ordered(Purpose.FAMILY) if "could not reach our doctors" in m.body]
    assert told == [timedelta(hours=2, minutes=15)]


def test_the_family_hears_at_least_every_five_minutes_until_somebody_has_it() -> None:
    """Invariant I11."""
    night = Night()
    night.texts(GO)
    night.wait(minutes=60)
    heard_at = [after for after, _ in night.ordered(Purpose.FAMILY)]
    gaps = [later - sooner for sooner, later in pairwise(heard_at)]
    assert max(gaps) <= timedelta(minutes=5)
    night.acks("ana")
    before = len(night.family_texts())
    night.wait(minutes=4)
    assert len(night.family_texts()) == before


def test_a_word_that_raises_is_answered_too() -> None:
    night = Night(TEN_AM)
    night.texts(MILD)
    done = night.texts(PRESSING)
    assert night.case.pace is Urgency.URGENT
    assert [m.to for m in done.owed if m.purpose is Purpose.FAMILY]


def test_an_emergency_that_becomes_deadly_is_answered_with_911_now() -> None:
    night = Night()
    night.texts(GO)
    done = night.texts(DEADLY)
    assert "911 NOW" in next(m.body for m in done.owed if m.purpose is Purpose.FAMILY)


def test_a_mother_who_writes_on_a_case_that_an_alarm_opened_is_answered_and_kept_posted() -> None:
    night = Night()
    night.alarm(PRESSING)
    assert night.family_texts() == []
    done = night.texts("getting_worse")
    assert next(m.to for m in done.owed if m.purpose is Purpose.FAMILY) == MUM
    night.wait(minutes=16)
    assert any("could not reach our doctors" in text for text in night.family_texts())
    assert any("Still working on it" in text for text in night.family_texts())


def test_the_other_parent_is_answered_on_his_own_phone() -> None:
    night = Night()
    night.texts(PRESSING)
    done = night.report(heard(GO), number=DAD)
    assert {m.to for m in done.owed if m.purpose is Purpose.FAMILY} >= {DAD}


def test_one_question_is_asked_at_a_time_and_none_once_somebody_has_it() -> None:
    night = Night()
    first = night.texts(PRESSING)
    assert len([m for m in first.owed if "Reply 1 yes" in m.body]) == 1
    again = night.report((), digits="2")
    assert len([m for m in again.owed if "Reply 1" in m.body]) == 1
    night.acks("ana")
    done = night.report((), digits="2")
    assert not [m for m in done.owed if m.purpose is Purpose.FAMILY and "Reply 1" in m.body]


def test_an_answer_is_read_for_the_question_that_was_asked() -> None:
    night = Night()
    night.texts(PRESSING)
    night.report((), digits="1")
    assert ("menu_sleepy_or_breathing", Heard.PRESENT) in {(f.code, f.heard) for f in night.case.findings}
    assert night.case.pace is Urgency.EMERGENCY


def test_an_unexpected_digit_counts_as_not_sure() -> None:
    night = Night()
    night.texts(PRESSING)
    night.report((), digits="7")
    assert ("menu_sleepy_or_breathing", Heard.NOT_SURE) in {(f.code, f.heard) for f in night.case.findings}


def test_a_family_whose_texts_are_blocked_is_called() -> None:
    night = Night(facts=facts(caller=mother(stopped=True)))
    done = night.texts(GO)
    family = [m for m in done.owed if m.purpose is Purpose.FAMILY]
    assert family
    assert {m.channel for m in family} == {Channel.VOICE}


def test_a_spanish_family_reads_spanish() -> None:
    night = Night(facts=facts(caller=mother("es")))
    night.texts(DEADLY)
    assert night.family_texts()[0].startswith("LLAME AL 911 AHORA")


def test_a_language_without_a_translation_hears_english_and_spanish() -> None:
    night = Night(facts=facts(caller=mother("pt")))
    night.texts(DEADLY)
    assert "CALL 911 NOW" in night.family_texts()[0]
    assert "LLAME AL 911 AHORA" in night.family_texts()[0]


def test_a_nurse_s_new_call_answers_the_family_in_writing() -> None:
    night = Night()
    done = night.report(heard(GO), Arrival.NEW_CALL, Source.STAFF)
    assert any(m.purpose is Purpose.FAMILY and "by 3:14 AM" in m.body for m in done.owed)


def test_an_alarm_alone_promises_nobody_anything_in_writing_and_still_pages() -> None:
    night = Night()
    night.alarm(PRESSING)
    assert night.family_texts() == []
    assert set(night.paged()) == {"ana"}
