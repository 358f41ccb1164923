"""Taking a case and everything that follows from it: who is told, what stops, what may be undone, when it closes.

Deliberately not here: how a person proved to be one (service), and the clocks after taking (test_passing).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from oncall.core.case import commands as c
from oncall.core.case import entries as e
from oncall.core.case.case import Arrival, ClockKind, Status
from oncall.core.case.messages import Channel, Progress, Purpose
from oncall.core.case.rounds import policy_of
from oncall.core.case.wording import clock_time
from oncall.core.reports import Source
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
    Done,
    Night,
    heard,
    minutes,
    rings_on,
)


def paging(sign: str = GO, **more: object) -> Night:
    """A case on its second tier, everything delivered."""
    night = Night(**more)  # type: ignore[arg-type]
    night.texts(sign)
    night.wait(minutes=5, seconds=30)
    return night


def held(sign: str = PRESSING) -> Night:
    night = paging(sign)
    night.acks("ana")
    night.deliver()
    return night


@pytest.mark.parametrize(("sign", "reach"), [(GO, 5), (PRESSING, 10)])
def test_taking_starts_the_family_reached_clock_and_tells_the_family_who_calls_by_when(sign: str, reach: int) -> None:
    night = paging(sign)
    done = night.acks("ana")
    assert night.case.status is Status.HELD
    assert {clock.kind for clock in night.case.clocks} == {ClockKind.FAMILY_REACHED}
    assert night.due(ClockKind.FAMILY_REACHED) == timedelta(minutes=reach)
    [told] = [m.body for m in done.owed if m.purpose is Purpose.FAMILY]
    assert "Dr Lee" in told
    assert f"by 3:{9 + reach:02d} AM" in told


def test_a_same_day_case_leaves_two_hours_to_reach_the_family() -> None:
    night = Night(TEN_AM)
    night.texts(MILD)
    night.acks("ben")
    assert night.due(ClockKind.FAMILY_REACHED) == timedelta(hours=2)


def test_taking_stops_what_rings_and_drops_what_is_still_owed() -> None:
    night = paging(carrier=rings_on)
    ringing = [s for s in night.messages(channel=Channel.VOICE) if s.progress is Progress.RINGING]
    night.wait(delivering=False, minutes=3)
    owed = [s.message.id for s in night.messages(Purpose.PAGE) if s.progress is Progress.OWED]
    done = night.acks("ana")
    stopped = [m.target for m in done.owed if m.purpose is Purpose.STOP]
    assert sorted(stopped) == sorted(s.sid for s in ringing if s.sid)
    assert {s.message.person for s in ringing} == {"ana", "dia", None}  # and the call back to the mother
    assert {e.message for e in done.new if hasattr(e, "progress")} >= set(owed)


def test_everybody_who_was_woken_is_told_to_stand_down_by_name() -> None:
    done = paging().acks("ana")
    told = {m.person: m.body for m in done.owed if m.purpose is Purpose.STAFF}
    assert told["dia"].startswith("Stand down #")
    assert "Dr Lee" in told["dia"]
    assert "You have #" in told["ana"]


def test_the_echo_of_taking_shows_the_digits_that_act() -> None:
    night = paging()
    done = night.acks("ana")
    page = night.case.page_of("ana")
    [echo] = [m.body for m in done.owed if m.person == "ana" and m.purpose is Purpose.STAFF]
    assert page is not None
    assert all(f"{page.slot}{digit}" in echo for digit in "5697")


def test_who_comes_late_is_told_who_has_it_and_changes_nothing() -> None:
    night = held()
    done = night.acks("dia")
    assert done.decision.answer["late"] == "Dr Lee"
    assert [type(entry) for entry in done.new] == [e.MessageOwed]
    assert night.case.holder is not None
    assert night.case.holder.person == "ana"


def test_who_was_never_paged_may_take_it_and_gets_a_slot() -> None:
    night = paging()
    night.acks("maria")
    assert night.case.holder is not None
    assert night.case.holder.person == "maria"
    page = night.case.page_of("maria")
    assert page is not None
    assert page.slot is not None


def test_a_shared_phone_takes_nothing() -> None:
    """RULINGS 4: it may confirm that it knows; that stops nothing."""
    night = paging()
    clocks = night.case.clocks
    night.do(c.Acknowledge(night.id, "operator", "pressed 1"))
    assert night.case.status is Status.PAGING
    assert night.case.holder is None
    assert night.case.clocks == clocks


def test_a_confirmation_of_a_shared_phone_stops_nothing() -> None:
    night = Night()
    night.texts(GO)
    night.wait(minutes=9)
    [page] = [page for page in night.case.pages if page.informs]
    clocks = night.case.clocks
    done = night.do(c.ConfirmInformed(night.id, page.id, "pressed 1"))
    assert done.decision.answer["informed"]
    assert (night.case.status, night.case.clocks) == (Status.PAGING, clocks)


def test_taking_with_key_one_rings_the_clinician_to_join_him_with_the_family() -> None:
    night = paging()
    done = night.acks("ana", connect=True)
    [call] = [m for m in done.owed if m.purpose is Purpose.CONNECT]
    assert (call.to, call.person) == ("+16175550110", "ana")


def test_a_case_opened_by_an_alarm_can_be_joined_once_the_mother_has_written() -> None:
    night = Night()
    night.alarm(PRESSING)
    night.texts(GO)
    assert night.case.phone == MUM
    done = night.acks("ana", connect=True)
    assert [m.purpose for m in done.owed].count(Purpose.CONNECT) == 1


# --- giving it back -----------------------------------------------------------------------------------------------


def test_undo_within_two_minutes_goes_on_where_the_case_would_be_now() -> None:
    night = Night()
    night.texts(GO)
    night.wait(minutes=2)
    night.acks("ana")
    night.deliver()
    night.wait(seconds=90)
    night.undoes("ana")
    assert night.case.status is Status.PAGING
    assert night.case.step == 1  # 3 min 30 s into the round: the attending's minute has passed
    assert night.due(ClockKind.STEP) == timedelta(minutes=2, seconds=30)
    assert "dia" in night.paged()


def test_undo_after_two_minutes_changes_nothing_and_says_how_else() -> None:
    night = held()
    night.wait(minutes=2, seconds=1)
    done = night.undoes("ana")
    assert night.case.status is Status.HELD
    [echo] = [m.body for m in done.owed]
    assert "can no longer be undone" in echo


def test_undo_by_somebody_else_is_refused_in_words() -> None:
    done = held().undoes("dia")
    assert done.decision.answer["refused"]
    assert "Dr Lee has it" in done.owed[0].body


@pytest.mark.parametrize("give_back", [Night.undoes, Night.passes_on])
def test_giving_back_tells_the_family_and_keeps_a_promise_running(give_back: object) -> None:
    night = held(GO)
    done = give_back(night, "ana")  # type: ignore[operator]
    assert any("cannot take your call" in m.body for m in done.owed if m.purpose is Purpose.FAMILY)
    assert night.case.clock(ClockKind.PROMISE) is not None
    night.carrier = rings_on
    night.wait(minutes=11)
    assert any("could not reach our doctors" in text for text in night.family_texts())


def test_passing_on_a_page_reaches_the_next_tier_at_once_and_rests_the_passer() -> None:
    night = Night()
    night.texts(GO)
    night.deliver()
    night.passes_on("ana")
    assert night.paged()["dia"] == timedelta(0)
    page = night.case.page_of("ana")
    assert page is not None
    assert page.declined
    rung = len(night.owed_at(Purpose.PAGE, Channel.VOICE, "ana"))
    night.wait(minutes=11)
    assert len(night.owed_at(Purpose.PAGE, Channel.VOICE, "ana")) == rung


def test_when_everybody_has_passed_on_the_next_round_pages_them_all_again() -> None:
    night = Night()
    night.texts(GO)
    night.deliver()
    for person in ("ana", "dia", "eli", "gus", "fay"):
        night.passes_on(person)
    night.wait(minutes=12)
    assert {p for p in night.paged() if len(night.owed_at(Purpose.PAGE, Channel.SMS, p)) == 2} == set(night.paged())


def test_somebody_else_cannot_pass_on_a_held_case() -> None:
    night = held()
    night.passes_on("dia")
    assert night.case.holder is not None
    assert night.case.status is Status.HELD


@pytest.mark.parametrize("give_back", [Night.undoes, Night.passes_on])
def test_an_office_task_given_back_wakes_nobody(give_back: object) -> None:
    night = Night(THREE_AM)
    night.texts(OFFICE)
    night.acks("ana")
    give_back(night, "ana")  # type: ignore[operator]
    night.wait(hours=4)
    assert set(night.paged()) <= {"ana"}  # his own, for the slot
    assert night.ordered(Purpose.PAGE) == []
    assert night.case.clock(ClockKind.TASK) is not None


# --- news for the holder --------------------------------------------------------------------------------------------


def news(night: Night, *codes: str, **how: object) -> set[tuple[Purpose, Channel]]:
    done = night.report(heard(*codes), **how)  # type: ignore[arg-type]
    return {(m.purpose, m.channel) for m in done.owed}


@pytest.mark.parametrize("reached", [False, True])
@pytest.mark.parametrize(
    ("arrival", "source"),
    [
        (Arrival.TEXT, Source.TEXT),
        (Arrival.ALARM, Source.ALARM),
        (Arrival.NEW_CALL, Source.STAFF),
        (Arrival.PICKED_UP, Source.CALL),
        (Arrival.SILENT, Source.CALL),
    ],
)
def test_any_report_on_a_held_case_is_a_text_to_its_holder_with_a_running_clock(
    arrival: Arrival, source: Source, reached: bool
) -> None:
    night = held()
    if reached:
        night.reached_by("ana")
        night.wait(minutes=3)
    call = {"call": "CA1"} if source is Source.CALL else {}
    assert (Purpose.STAFF, Channel.SMS) in news(night, MILD, arrival=arrival, source=source, **call)
    assert night.case.clock(ClockKind.FAMILY_REACHED) is not None


@pytest.mark.parametrize("sign", [DEADLY, "getting_worse", "asked_for_person", GO])
def test_danger_worse_a_nought_or_a_higher_urgency_rings_the_holder(sign: str) -> None:
    night = held()
    assert (Purpose.PAGE, Channel.VOICE) in news(night, sign)
    assert night.due(ClockKind.HOLDER_SILENT) == timedelta(minutes=3)


def test_a_late_holder_who_is_being_rung_already_is_told_the_hour_at_which_others_are_paged() -> None:
    night = held()
    reach = policy_of(night.case).reach_family
    night.wait(seconds=reach.total_seconds() - 60)
    news(night, MILD)
    night.wait(seconds=reach.total_seconds() - 60)
    news(night, "getting_worse")  # rings; the clock for reaching them is at its utmost
    silent = night.case.clock(ClockKind.HOLDER_SILENT)
    night.wait(minutes=2)
    told = [m.body for done in night.history for m in done.owed]
    [text] = [body for body in told if "has not been reached" in body]
    assert silent is not None
    assert f"paged at {clock_time(silent.due_at, HOSPITAL)}." in text


def test_plain_news_does_not_ring() -> None:
    assert (Purpose.PAGE, Channel.VOICE) not in news(held(), MILD)


def test_the_family_is_told_that_the_holder_has_been_told() -> None:
    night = held()
    done = night.texts(MILD)
    assert any("has been told" in m.body for m in done.owed if m.purpose is Purpose.FAMILY)


@pytest.mark.parametrize("opened_by_a_call", [True, False])
def test_a_deadly_word_on_a_held_case_is_answered_with_911_first(opened_by_a_call: bool) -> None:
    night = Night()
    if opened_by_a_call:
        night.calls(Arrival.PICKED_UP)
        night.acks("ana")
    else:
        night = held()
    done = night.texts(DEADLY)
    assert "911 NOW" in next(m.body for m in done.owed if m.purpose is Purpose.FAMILY)


def test_a_raise_on_a_held_case_leaves_the_shorter_time() -> None:
    night = held()
    night.texts(GO)
    assert night.case.pace is Urgency.EMERGENCY
    assert night.due(ClockKind.FAMILY_REACHED) == timedelta(minutes=5)


# --- reached, closed -------------------------------------------------------------------------------------------------


def test_reached_ends_the_clocks_and_only_the_holder_can_say_it() -> None:
    night = held()
    night.reached_by("dia")
    assert night.case.family_reached_at is None
    night.reached_by("ana")
    assert night.case.family_reached_at == night.at
    assert night.case.clocks == ()


def test_the_holder_s_reached_counts_while_his_case_climbs_again() -> None:
    """RULINGS 10: he stays on it; his word, or the family's key on his call, ends the climbing."""
    night = held(GO)
    night.wait(minutes=9)
    assert night.case.status is Status.PAGING
    done = night.reached_by("ana")
    assert night.case.status is Status.HELD
    assert night.case.family_reached_at is not None
    assert not any("not yours" in m.body for m in done.owed)
    night.wait(minutes=20)
    assert night.case.status is Status.HELD


def test_closing_asks_for_an_outcome_then_ends_everything() -> None:
    night = held()
    done = night.closed_by("ana", "")
    assert night.case.status is Status.HELD
    assert "which outcome" in done.owed[0].body
    night.closed_by("ana")
    assert night.case.status is Status.CLOSED
    assert night.case.clocks == ()
    assert any("closed this call" in text for text in night.family_texts())


def test_somebody_else_cannot_close_a_held_case() -> None:
    night = held()
    assert night.closed_by("dia").decision.answer["refused"]
    assert night.case.is_open


@pytest.mark.parametrize("act", [Night.acks, Night.passes_on, Night.undoes, Night.reached_by, Night.closed_by])
def test_any_act_on_a_closed_case_says_who_closed_it(act: object) -> None:
    night = held()
    night.closed_by("ana")
    done = act(night, "dia")  # type: ignore[operator]
    assert done.decision.answer["closed"]
    assert [m.body for m in done.owed] == [f"#{night.case.code} was closed by Dr Lee at 3:09 AM. Nothing to do."]


def test_thanks_after_closing_is_filed_and_answered_with_a_nought() -> None:
    night = held()
    night.closed_by("ana")
    done = night.texts("thanks_only", thanks=True)
    assert night.case.status is Status.CLOSED
    assert "reply 0" in done.owed[0].body
    assert len(done.decision.reports) == 1


def test_a_second_service_is_paged_and_the_holder_keeps_the_case() -> None:
    night = held()
    done = night.do(c.AddService(night.id, "ana", "neurosurgery", "replied"))
    assert {m.person for m in done.owed if m.purpose is Purpose.PAGE} == {"fay"}
    assert night.case.holder is not None
    assert night.case.status is Status.HELD


def test_an_added_service_that_answers_is_not_rung_for_ever() -> None:
    """ "Four" asks for help; who has answered must be able to end his own ringing."""
    night = held(GO)
    night.do(c.AddService(night.id, "ana", "neurosurgery", "replied"))
    night.deliver()
    night.acks("fay")
    night.reached_by("ana")
    rung = len(night.owed_at(Purpose.PAGE, Channel.VOICE, "fay"))
    night.wait(minutes=10)
    assert len(night.owed_at(Purpose.PAGE, Channel.VOICE, "fay")) == rung


def test_an_unknown_service_is_no_error() -> None:
    night = held()
    night.do(c.AddService(night.id, "ana", "no-such-rotation", "replied"))
    assert night.case.status is Status.HELD


def test_a_note_is_kept_and_echoed_without_its_words() -> None:
    night = held()
    done = night.do(c.AddNote(night.id, "ana", "child is seizing"))
    assert night.case.notes == ("child is seizing",)
    assert "seizing" not in done.owed[0].body


def test_minutes_are_minutes() -> None:
    assert minutes(1.5) == [timedelta(seconds=90)]


def test_a_family_reached_after_the_clock_was_set_back_is_reached() -> None:
    night = held()
    night.at -= timedelta(hours=1)
    night.reached_by("ana")
    assert night.case.unreached_since is None
    night.texts(PRESSING)
    assert night.case.unreached_since == night.at


@pytest.mark.parametrize("give_back", [Night.undoes, Night.passes_on])
def test_who_was_alone_and_gives_it_back_leaves_no_emergency_unrung(give_back: Callable[[Night, str], Done]) -> None:
    night = Night()
    night.texts(GO)
    night.deliver()
    night.acks("ana")
    night.wait(seconds=10)
    assert [page.person for page in night.case.pages] == ["ana"]
    done = give_back(night, "ana")
    assert any(isinstance(entry, e.PageOrdered) and entry.page.person == "dia" for entry in done.new)
