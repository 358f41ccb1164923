"""The fate of a message: what a refusal, a silence or a late word brings.

Nothing a carrier says takes a case (law 4). Deliberately not here: sending, and the lanes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall.core.case import entries as e
from oncall.core.case.case import ClockKind, Status
from oncall.core.case.commands import HearPage
from oncall.core.case.messages import Channel, Message, MessageState, Outcome, Progress, Purpose, Verdict
from tests.support.builders import (
    DEADLY,
    GO,
    MILD,
    MUM,
    OFFICE,
    PRESSING,
    TEN_AM,
    Night,
    facts,
    handbook,
    nobody_answers,
    phone,
    ward_staff,
)


def first(night: Night, purpose: Purpose, channel: Channel, person: str | None = None) -> MessageState:
    return night.messages(purpose, channel, person)[0]


def opened(sign: str = GO) -> Night:
    night = Night()
    night.texts(sign)
    return night


def one_phone_each() -> dict[str, object]:
    staff = ward_staff()
    return staff | {"ana": replace(staff["ana"], phones=(phone("+16175550110"),))}


@pytest.mark.parametrize("progress", list(Progress))
def test_nothing_a_carrier_says_takes_a_case(progress: Progress) -> None:
    night = opened()
    for state in night.case.messages:
        night.attempts(state.message.id)
        night.outcome(state.message.id)
        night.progress(state.message.id, progress)
    assert night.case.status is Status.PAGING
    assert night.case.holder is None
    assert night.due(ClockKind.STEP) == timedelta(minutes=3)


def test_an_attempt_is_written_with_its_digit_before_the_outcome() -> None:
    night = opened()
    voice = first(night, Purpose.PAGE, Channel.VOICE)
    done = night.attempts(voice.message.id)
    assert done.new == (e.MessageAttempted(voice.message.id, 1, "7"),)
    assert done.decision.answer["owed"]
    state = night.case.message(voice.message.id)
    assert state is not None
    assert state.accept_digit == "7"


def test_after_a_crash_the_same_message_is_owed_again_as_its_second_attempt() -> None:
    night = opened()
    voice = first(night, Purpose.PAGE, Channel.VOICE)
    night.attempts(voice.message.id)
    assert night.attempts(voice.message.id).decision.answer["attempt"] == 2


def test_progress_only_moves_forward_and_late_words_change_nothing() -> None:
    night = opened()
    voice = first(night, Purpose.PAGE, Channel.VOICE).message.id
    night.attempts(voice)
    night.outcome(voice)
    night.progress(voice, Progress.ANSWERED)
    for late in (Progress.RINGING, Progress.SENT, Progress.ANSWERED):
        assert night.progress(voice, late).new == ()
    night.progress(voice, Progress.COMPLETED)
    assert night.progress(voice, Progress.NO_ANSWER).new == ()


def test_a_word_about_an_unknown_message_changes_nothing() -> None:
    night = opened()
    assert night.progress("c1.nothing", Progress.RINGING).new == ()
    assert night.outcome("c1.nothing").new == ()
    assert not night.attempts("c1.nothing").decision.answer["owed"]


def test_a_refusal_for_now_is_tried_again_a_little_later_each_time_and_for_ever() -> None:
    night = opened()
    text = first(night, Purpose.PAGE, Channel.SMS).message.id
    waits = []
    for _ in range(8):
        night.attempts(text)
        night.outcome(text, Verdict.REFUSED_FOR_NOW)
        state = night.case.message(text)
        assert state is not None
        assert state.is_owed
        assert state.not_before is not None
        waits.append(state.not_before - night.at)
        night.at = state.not_before
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert waits[-1] <= timedelta(seconds=60)


def test_a_text_refused_for_good_brings_the_call_at_once() -> None:
    night = opened(PRESSING)  # its call would come a minute later
    text = first(night, Purpose.PAGE, Channel.SMS, "ana").message.id
    night.attempts(text)
    done = night.outcome(text, Verdict.REFUSED_FOR_GOOD, code=21610)
    assert [(m.purpose, m.channel, m.person) for m in done.owed] == [(Purpose.PAGE, Channel.VOICE, "ana")]


def test_a_text_that_is_not_delivered_brings_the_call_at_once() -> None:
    night = opened(PRESSING)
    text = first(night, Purpose.PAGE, Channel.SMS, "ana").message.id
    night.attempts(text)
    night.outcome(text)
    done = night.progress(text, Progress.UNDELIVERED, code=30003)
    assert [(m.purpose, m.channel) for m in done.owed] == [(Purpose.PAGE, Channel.VOICE)]


def test_a_number_that_does_not_answer_brings_his_other_number_at_once() -> None:
    night = opened()
    call = first(night, Purpose.PAGE, Channel.VOICE, "ana").message
    night.attempts(call.id)
    night.outcome(call.id)
    done = night.progress(call.id, Progress.NO_ANSWER)
    [other] = done.owed
    assert (other.person, other.channel) == ("ana", Channel.VOICE)
    assert other.to != call.to


def test_a_person_none_of_whose_numbers_can_be_called_is_joined_by_the_next_tier_at_once() -> None:
    night = Night(facts=facts(one_phone_each()))  # type: ignore[arg-type]
    night.texts(GO)
    call = first(night, Purpose.PAGE, Channel.VOICE, "ana").message.id
    night.attempts(call)
    night.outcome(call, Verdict.REFUSED_FOR_GOOD, code=21211)
    assert night.paged()["dia"] == timedelta(0)


def test_a_text_to_the_family_that_cannot_arrive_is_spoken_and_texts_stop() -> None:
    night = opened()
    text = first(night, Purpose.FAMILY, Channel.SMS).message
    night.attempts(text.id)
    done = night.outcome(text.id, Verdict.REFUSED_FOR_GOOD, code=21610)
    [call] = done.owed
    assert (call.channel, call.to, call.body) == (Channel.VOICE, MUM, text.body)
    night.wait(minutes=5)
    assert all(
        m.channel is Channel.VOICE for after, m in night.ordered(Purpose.FAMILY) if after >= timedelta(minutes=5)
    )


def test_a_family_that_does_not_answer_is_not_rung_for_ever() -> None:
    def nobody_home(message: Message) -> tuple[Outcome, tuple[Progress, ...]]:
        if message.to == MUM and message.channel is Channel.SMS:
            return Outcome(Verdict.REFUSED_FOR_GOOD, None, 30006), ()
        return nobody_answers(message)

    night = Night(carrier=nobody_home)
    night.texts(GO)
    night.wait(minutes=10)
    assert len(night.ordered(Purpose.CALL_BACK)) <= 3


# --- after somebody has taken it ------------------------------------------------------------------------------------


def in_flight() -> tuple[Night, str]:
    """A call to ana was handed over and nothing is known of it when dia takes the case."""
    night = opened()
    call = first(night, Purpose.PAGE, Channel.VOICE, "ana").message.id
    night.attempts(call)
    night.acks("dia")
    return night, call


def stops(night: Night) -> list[str | None]:
    return [m.target for _, m in night.ordered(Purpose.STOP)]


def test_an_outcome_that_comes_after_the_taking_owes_a_stop() -> None:
    night, call = in_flight()
    night.outcome(call, sid="CA77")
    assert stops(night) == ["CA77"]


def test_a_clock_stepped_back_does_not_keep_calls_ringing_after_the_taking() -> None:
    """Order is the journal's, not the clock's (RULINGS 7): this page was not added after the taking."""
    night = opened()
    call = first(night, Purpose.PAGE, Channel.VOICE, "ana").message.id
    night.attempts(call)
    night.at -= timedelta(minutes=67)
    night.acks("dia")
    night.outcome(call, sid="CA77")
    assert stops(night) == ["CA77"]


def test_a_ringing_that_is_heard_of_after_the_taking_owes_a_stop() -> None:
    night, call = in_flight()
    night.progress(call, Progress.RINGING, sid="CA77")
    assert stops(night) == ["CA77"]


def test_a_call_whose_creation_timed_out_and_was_given_up_is_stopped_at_its_first_word() -> None:
    """RULINGS 10: the lease lapsed, the second attempt was dropped, and then the phone rings after all."""
    night, call = in_flight()
    assert not night.attempts(call).decision.answer["owed"]
    night.progress(call, Progress.RINGING, sid="CA77")
    night.outcome(call, sid="CA77")
    assert stops(night) == ["CA77"]


def test_a_call_that_was_answered_before_the_taking_is_not_cut_off() -> None:
    """Who has it is said on the leg itself (RULINGS 10, stopping)."""
    night = opened()
    call = first(night, Purpose.PAGE, Channel.VOICE, "ana").message.id
    night.attempts(call)
    night.outcome(call)
    night.progress(call, Progress.ANSWERED)
    night.acks("dia")
    assert stops(night) == []


def test_a_page_text_owed_at_the_taking_is_dropped_not_sent() -> None:
    night = opened()
    text = first(night, Purpose.PAGE, Channel.SMS, "ana").message.id
    night.acks("dia")
    assert not night.attempts(text).decision.answer["owed"]


def test_what_is_owed_to_family_and_staff_is_sent_even_after_closing() -> None:
    night = opened()
    night.acks("ana")
    night.closed_by("ana")
    told = [s.message.id for s in night.messages(Purpose.FAMILY)]
    assert all(night.attempts(message).decision.answer["owed"] for message in told)


def test_the_accept_digit_only_says_that_somebody_listens() -> None:
    night = opened()
    call = first(night, Purpose.PAGE, Channel.VOICE, "ana").message.id
    done = night.do(HearPage(night.id, call))
    assert done.new == (e.PageHeard(call),)
    assert night.case.status is Status.PAGING
    assert night.do(HearPage(night.id, call)).new == ()


def test_whoever_came_on_duty_is_added_when_a_phone_is_dialled() -> None:
    """RULINGS 2: at the instant of dialling the target is resolved again."""
    night = Night(datetime(2026, 11, 25, 11, 58, tzinfo=UTC))
    night.texts(GO)
    night.at += timedelta(minutes=2, seconds=1)
    night.attempts(first(night, Purpose.PAGE, Channel.VOICE, "ana").message.id)
    assert "ben" in night.paged()


# --- the provider is not believed ------------------------------------------------------------------------------------


def never_heard_of_again(message: Message) -> tuple[Outcome, tuple[Progress, ...]]:
    """Texts are accepted and sent, and nothing more is heard; phones ring out."""
    if message.channel is Channel.VOICE:
        return nobody_answers(message)
    return Outcome(Verdict.ACCEPTED, f"SID-{message.id}"), (Progress.SENT,)


def spoken(night: Night) -> list[tuple[timedelta, str]]:
    return [(after, m.body) for after, m in night.ordered(Purpose.FAMILY, Channel.VOICE)]


@pytest.mark.parametrize("code", [DEADLY, GO, PRESSING])
def test_a_first_answer_that_nobody_saw_arrive_is_spoken_after_a_minute(code: str) -> None:
    night = Night(carrier=never_heard_of_again)
    night.texts(code)
    said = night.family_texts()[0]
    night.wait(minutes=4)
    assert spoken(night) == [(timedelta(seconds=60), said)]


def test_a_first_answer_that_arrived_is_not_spoken() -> None:
    night = Night()
    night.texts(GO)
    night.wait(minutes=4)
    assert spoken(night) == []


def test_what_to_do_when_nobody_was_reached_is_spoken_if_the_text_is_lost() -> None:
    night = opened()
    night.wait(minutes=9)
    night.carrier = never_heard_of_again
    night.wait(minutes=2, seconds=5)
    text = next(m.body for after, m in night.ordered(Purpose.FAMILY) if after == timedelta(minutes=10))
    assert (timedelta(minutes=11), text) in spoken(night)


def test_a_text_that_is_reported_lost_after_it_was_spoken_is_not_spoken_twice() -> None:
    night = Night(carrier=never_heard_of_again)
    night.texts(GO)
    first_text = first(night, Purpose.FAMILY, Channel.SMS).message.id
    night.wait(minutes=1, seconds=1)
    night.progress(first_text, Progress.UNDELIVERED, code=30006)
    assert len(spoken(night)) == 1
    assert night.case.texts_blocked


def test_an_office_answer_that_is_lost_rings_nobody() -> None:
    night = Night(carrier=never_heard_of_again)
    night.texts(OFFICE)
    night.wait(minutes=5)
    assert spoken(night) == []


def test_a_page_whose_call_is_far_off_rings_after_a_minute_without_delivery() -> None:
    """A same-day page is called after half an hour; a text that nobody saw arrive does not wait for that."""
    night = Night(TEN_AM, carrier=never_heard_of_again)
    night.texts(MILD)
    night.wait(minutes=5)
    assert night.owed_at(Purpose.PAGE, Channel.VOICE) == [timedelta(seconds=60)]


def test_a_page_whose_text_arrived_is_called_at_its_declared_time() -> None:
    night = Night(TEN_AM)
    night.texts(MILD)
    night.wait(minutes=31)
    assert night.owed_at(Purpose.PAGE, Channel.VOICE)[0] == timedelta(minutes=30)


def test_an_urgent_page_is_called_after_a_minute_whatever_is_said_of_its_text() -> None:
    for carrier in (nobody_answers, never_heard_of_again):
        night = Night(carrier=carrier)
        night.texts(PRESSING)
        night.wait(minutes=2)
        assert night.owed_at(Purpose.PAGE, Channel.VOICE)[0] == timedelta(seconds=60)


def test_delivered_is_no_answer() -> None:
    """Law 4: whatever the carrier says of a page's text, the page climbs."""
    night = opened()
    night.wait(minutes=13)
    assert night.case.round == 2
    assert night.case.status is Status.PAGING


def opted_out(night: Night) -> list[str]:
    """Ben's phone refuses his page's text by day; who else is texted at once."""
    night.texts(GO)
    text = first(night, Purpose.PAGE, Channel.SMS, "ben").message.id
    night.attempts(text)
    done = night.outcome(text, Verdict.REFUSED_FOR_GOOD, code=21610)
    return [m.person or "" for m in done.owed if m.purpose is Purpose.STAFF]


def test_the_coordinator_is_told_by_day_of_a_phone_that_takes_no_pages() -> None:
    assert opted_out(Night(TEN_AM)) == ["maria"]


def test_an_edition_without_the_coordinators_sentence_pages_on() -> None:
    book = handbook()
    texts = {key: said for key, said in book.advice.texts.items() if key != "coordinator_phone"}
    night = Night(TEN_AM, book=replace(book, advice=replace(book.advice, texts=texts)))
    assert opted_out(night) == []
    assert night.messages(Purpose.PAGE, Channel.VOICE, "ben")
