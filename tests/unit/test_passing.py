"""What time does to a case: each clock alone, a long outage, and a clock that steps back.

Deliberately not here: the steps of a round under no faults (test_rounds).
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from oncall.core.case import commands as c
from oncall.core.case import entries as e
from oncall.core.case.case import Arrival, ClockKind, Status
from oncall.core.case.messages import Channel, Purpose, Verdict
from oncall.core.reports import Heard
from oncall.core.triage.assessment import Urgency
from tests.support.builders import (
    GO,
    MILD,
    OFFICE,
    PRESSING,
    TEN_AM,
    Night,
    facts,
    heard,
    minutes,
    stranger_facts,
)


@pytest.mark.parametrize(("sign", "late"), [(GO, 40), (PRESSING, 40), (GO, 7), (PRESSING, 13)])
def test_after_an_outage_each_person_is_paged_once_marked_delayed_where_the_case_should_be(
    sign: str, late: int
) -> None:
    night = Night()
    night.texts(sign)
    night.deliver()
    night.outage(minutes=late)
    looked = [message for done in night.history if isinstance(done.command, c.PassTime) for message in done.owed]
    texts = Counter(m.person for m in looked if m.purpose is Purpose.PAGE and m.channel is Channel.SMS)
    calls = Counter(m.person for m in looked if m.purpose is Purpose.PAGE and m.channel is Channel.VOICE)
    expected = {"dia", "eli"} | ({"fay", "gus"} if late != 7 else set())
    assert expected <= set(texts) | set(calls)
    assert all(n == 1 for n in (*texts.values(), *calls.values()))
    assert all("DELAYED" in m.body for m in looked if m.purpose is Purpose.PAGE and m.channel is Channel.SMS)
    assert night.case.step == (2 if late == 7 else 3)


def test_after_an_outage_the_family_hears_once_and_the_next_word_is_five_minutes_away() -> None:
    night = Night()
    night.texts(GO)
    night.deliver()
    before = len(night.family_texts())
    night.outage(minutes=40)
    assert len(night.family_texts()) - before == 2  # where we are, and what to do
    assert night.due(ClockKind.STATUS) == timedelta(minutes=5)


def test_a_look_with_nothing_due_writes_nothing() -> None:
    night = Night()
    night.texts(GO)
    night.at += timedelta(seconds=59)
    assert night.do(c.PassTime(night.id)).new == ()


def test_a_look_that_is_hardly_late_says_nothing_of_it() -> None:
    night = Night()
    night.texts(GO)
    night.deliver()
    night.outage(minutes=3, seconds=20)
    dia = [m for _, m in night.ordered(Purpose.PAGE, Channel.SMS, "dia")]
    assert not dia[0].body.startswith("DELAYED")


def test_a_clock_stepped_back_sets_every_wait_anew() -> None:
    night = Night()
    night.texts(GO)
    waits = {(clock.kind, clock.subject): clock.wait for clock in night.case.clocks}
    night.at -= timedelta(hours=1)
    night.do(c.PassTime(night.id))
    assert {(clock.kind, clock.subject): clock.due_at - night.at for clock in night.case.clocks} == waits
    assert any("stepped back" in entry.what for entry in night.all(e.Noticed))


def test_a_clock_that_steps_back_and_forth_neither_loses_nor_doubles_a_step() -> None:
    night = Night()
    night.texts(GO)
    night.at -= timedelta(minutes=20)
    night.do(c.PassTime(night.id))
    night.wait(minutes=11)
    assert set(night.paged()) == {"ana", "dia", "eli", "fay", "gus"}
    assert len(night.all(e.StepReached)) == 4


def test_twenty_seconds_after_the_pick_up_the_page_goes_out_whatever_was_said() -> None:
    night = Night()
    night.calls(Arrival.PICKED_UP)
    night.wait(seconds=19)
    assert night.paged() == {}
    night.wait(seconds=1)
    assert set(night.paged()) == {"ana"}
    assert night.case.pace is not None
    assert night.case.pace >= Urgency.URGENT


def test_a_stranger_who_hangs_up_at_once_is_called_back_and_pages_after_two_minutes() -> None:
    night = Night(facts=stranger_facts())
    night.calls(Arrival.PICKED_UP)
    night.at += timedelta(seconds=4)
    night.do(c.EndCall(night.id, "CA1"))
    night.calls(Arrival.HUNG_UP)
    assert night.paged() == {}
    assert len(night.ordered(Purpose.CALL_BACK)) == 1
    assert len(night.family_texts()) == 1
    night.wait(minutes=2)
    assert "ana" in night.paged()
    [_, told] = night.family_texts()
    assert "We are paging the pump doctor" in told, "they hear who calls and by when"


def test_a_known_phone_that_hangs_up_pages_at_once() -> None:
    night = Night()
    night.calls(Arrival.PICKED_UP)
    night.at += timedelta(seconds=4)
    night.do(c.EndCall(night.id, "CA1"))
    night.calls(Arrival.HUNG_UP, "caller_hung_up")
    assert set(night.paged()) == {"ana"}


def test_two_minutes_of_silence_after_a_question_ring_the_family() -> None:
    night = Night()
    night.texts(PRESSING)
    night.wait(minutes=1, seconds=59)
    assert night.ordered(Purpose.CALL_BACK) == []
    night.wait(seconds=1)
    assert len(night.ordered(Purpose.CALL_BACK)) == 1


def test_an_office_request_waits_for_noon_of_the_next_working_day_then_for_an_office_hour() -> None:
    night = Night(TEN_AM)
    night.texts(OFFICE)
    night.wait(hours=49, minutes=59)  # Thursday is Thanksgiving
    assert (night.case.status, night.paged()) == (Status.WAITING, {})
    night.wait(minutes=1)
    assert [message.person for _, message in night.ordered(Purpose.STAFF)] == ["maria"]
    assert night.paged() == {}
    night.wait(hours=2)
    assert list(night.paged().values()) == [timedelta(hours=52)]
    assert night.case.pace is Urgency.SAME_DAY


def test_a_friday_s_office_request_waits_for_monday() -> None:
    night = Night(TEN_AM + timedelta(days=2))
    night.texts(OFFICE)
    assert night.due(ClockKind.TASK) == timedelta(days=3, hours=2)


def test_an_untaken_morning_task_found_at_night_waits_for_an_office_hour() -> None:
    night = Night(TEN_AM)
    night.texts(OFFICE)
    night.outage(hours=50 + 12)
    night.outage(hours=2, minutes=1)
    assert night.paged() == {}
    assert night.case.clock(ClockKind.TASK_PAGE) is not None


def test_a_holder_who_does_not_reach_the_family_is_rung_then_the_case_climbs_with_him() -> None:
    night = Night()
    night.texts(GO)
    night.deliver()
    night.acks("ana")
    night.deliver()
    already = len(night.owed_at(Purpose.PAGE, Channel.VOICE, "ana"))
    night.wait(minutes=5)
    assert len(night.owed_at(Purpose.PAGE, Channel.VOICE, "ana")) == already + 1
    assert night.case.status is Status.HELD
    night.wait(minutes=3)
    assert night.case.status is Status.PAGING
    assert night.case.holder is not None
    assert night.paged()["dia"] == timedelta(minutes=8)


def test_a_holder_who_answers_the_second_ring_is_asked_again_in_time() -> None:
    """Pressing 1 again is no word from the family: the next reach clock runs (RULINGS 4)."""
    night = Night()
    night.texts(GO)
    night.deliver()
    night.acks("ana")
    night.wait(minutes=6)
    night.acks("ana")
    assert night.due(ClockKind.FAMILY_REACHED) == timedelta(minutes=5)


def test_a_case_cannot_be_kept_from_climbing_by_a_family_that_writes_every_two_minutes() -> None:
    night = Night()
    night.texts(PRESSING)
    night.deliver()
    night.acks("ana")
    for _ in range(20):
        night.wait(minutes=2)
        night.texts("getting_worse")
    assert "dia" in night.paged()


@pytest.mark.parametrize("phoneless", [True, False])
def test_a_same_day_case_given_back_is_not_forgotten(phoneless: bool) -> None:
    night = Night(TEN_AM)
    if phoneless:
        night.alarm(MILD)
    else:
        night.texts(MILD)
    night.deliver()
    night.acks("ben")
    night.wait(minutes=10)
    night.passes_on("ben")
    night.wait(hours=2, minutes=20)
    assert night.case.pace is Urgency.URGENT
    assert "dia" in night.paged()


def test_a_same_day_case_taken_before_a_word_and_given_back_is_not_forgotten() -> None:
    """Picked up, taken from the board, then only denials, then passed on: nobody had been paged yet."""
    night = Night(TEN_AM)
    night.calls(Arrival.PICKED_UP)
    night.acks("maria")
    night.report(heard(GO, how=Heard.DENIED))
    night.passes_on("maria")
    assert night.case.pace is Urgency.SAME_DAY
    night.wait(hours=2, minutes=30)
    assert night.case.pace is Urgency.URGENT
    assert "dia" in night.paged()


def test_the_two_hours_untaken_count_from_the_first_text_to_the_primary() -> None:
    """RULINGS 10; a short visit of somebody does not start them again."""
    night = Night(TEN_AM)
    night.texts(MILD)
    night.deliver()
    night.wait(minutes=90)
    night.acks("ben")
    night.wait(minutes=5)
    night.passes_on("ben")
    night.wait(minutes=26)
    assert night.case.pace is Urgency.URGENT


def test_passing_time_never_lowers_what_the_rules_raised() -> None:
    night = Night(TEN_AM, facts())
    night.texts(MILD)
    night.report((), reading_failed=True)
    night.wait(hours=3)
    assert night.case.pace is Urgency.EMERGENCY


def test_each_clock_of_an_emergency_is_the_table_s() -> None:
    night = Night()
    night.texts(GO)
    [page] = night.case.pages
    assert {clock.kind: clock.due_at - night.at for clock in night.case.clocks} == dict(
        zip(
            (
                ClockKind.PROMISE,
                ClockKind.RING,
                ClockKind.STEP,
                ClockKind.SILENCE,
                ClockKind.STATUS,
                ClockKind.DELIVERY,
            ),
            minutes(10, 1.5, 3, 2, 5, 1),
            strict=True,
        )
    )
    assert night.case.clock(ClockKind.RING, page.id) is not None


def test_a_message_that_the_carrier_refused_is_not_held_back_by_a_backward_step() -> None:
    night = Night()
    night.texts(GO)
    [page, *_] = night.messages(Purpose.PAGE)
    night.attempts(page.message.id)
    night.outcome(page.message.id, Verdict.REFUSED_FOR_NOW)
    night.at -= timedelta(hours=1)
    night.do(c.PassTime(night.id))
    [again, *_] = night.messages(Purpose.PAGE)
    assert again.not_before == night.at


def test_what_waits_for_the_morning_waits_also_after_a_backward_step() -> None:
    night = Night()
    night.texts(GO)
    night.do(c.PassOn(night.id, "ana", "replied", not_me=True))
    [waits] = [state for state in night.messages(Purpose.STAFF) if state.not_before is not None]
    night.at -= timedelta(hours=1)
    night.do(c.PassTime(night.id))
    state = night.case.message(waits.message.id)
    assert state is not None
    assert state.not_before == waits.not_before
