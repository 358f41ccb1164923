"""When our own rules, rota or wording fail, people are paged all the same, again and again (law 1, RULINGS 8).

The rules here raise whatever they are asked, as a bug would. Deliberately not here: who catches the exception (desk).
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall.core.case import commands as c
from oncall.core.case import entries as e
from oncall.core.case.blind import decide_blind
from oncall.core.case.case import Arrival, ClockKind, Status
from oncall.core.case.messages import Channel, Purpose
from oncall.core.triage.assessment import Urgency
from tests.support.builders import (
    MILD,
    OFFICE,
    PRESSING,
    TEN_AM,
    Night,
    facts,
    handbook,
    minutes,
    with_broken_rota,
    with_broken_rules,
)


def blind() -> Night:
    night = Night(book=with_broken_rules())
    night.texts(OFFICE)
    return night


def test_broken_rules_page_the_on_call_and_the_last_resort_on_the_emergency_clock() -> None:
    night = blind()
    assert night.case.rules_failed
    assert night.case.pace is Urgency.EMERGENCY
    assert set(night.paged()) == {"ana"}
    assert night.owed_at(Purpose.INFORM, Channel.VOICE) == minutes(0)
    assert night.due(ClockKind.STEP) == timedelta(minutes=3)
    assert night.due(ClockKind.PROMISE) == timedelta(minutes=10)


def test_broken_rules_keep_the_raw_words_and_tie_them_to_the_case() -> None:
    night = blind()
    [report] = night.history[-1].decision.reports
    assert report.raw == "her own words"
    [added] = night.all(e.ReportAdded)
    assert added.report == report.id


def test_a_family_that_writes_into_broken_rules_is_still_answered() -> None:
    assert any("911" in text for text in blind().family_texts())


def test_broken_rules_climb_like_any_emergency() -> None:
    night = blind()
    night.wait(minutes=25)
    assert set(night.paged()) == {"ana", "dia", "eli", "gus", "fay"}
    assert night.case.round >= 3


def test_rules_that_break_on_a_case_that_waits_page_now_and_are_never_lowered_again() -> None:
    night = Night(TEN_AM)
    night.texts(MILD)
    night.book = with_broken_rules()
    night.texts(MILD)
    night.book = handbook()
    for _ in range(6):
        night.outage(hours=1)
    assert [entry.pace for entry in night.all(e.PaceSet)] == [Urgency.SAME_DAY, Urgency.EMERGENCY]


def test_rules_that_break_on_an_office_task_page_now_and_are_never_lowered_again() -> None:
    night = Night(TEN_AM)
    night.texts(OFFICE)
    night.book = with_broken_rules()
    night.texts(OFFICE)
    night.book = handbook()
    for _ in range(30):
        night.outage(hours=1)
    assert night.case.pace is Urgency.EMERGENCY


def test_rules_that_break_on_a_held_case_reach_its_holder_with_a_running_clock() -> None:
    night = Night()
    night.texts(PRESSING)
    night.deliver()
    night.acks("ana")
    night.reached_by("ana")
    night.book = with_broken_rules()
    done = night.texts(PRESSING)
    assert "ana" in {m.person for m in done.owed}
    assert {ClockKind.FAMILY_REACHED, ClockKind.HOLDER_SILENT} & {clock.kind for clock in night.case.clocks}


@pytest.mark.parametrize("arrival", [Arrival.PICKED_UP, Arrival.KEY, Arrival.WORDS, Arrival.SILENT])
def test_a_call_always_has_a_next_turn_even_when_the_rules_break(arrival: Arrival) -> None:
    night = Night(book=with_broken_rules())
    night.calls(Arrival.PICKED_UP)
    done = night.calls(arrival)
    assert done.decision.answer.get("turn")


@pytest.mark.parametrize("arrival", [Arrival.PICKED_UP, Arrival.KEY])
def test_a_call_always_has_a_next_turn_even_when_the_rota_breaks(arrival: Arrival) -> None:
    night = Night(book=with_broken_rota(with_broken_rules()))
    done = night.calls(arrival)
    assert done.decision.answer.get("turn")


# --- nothing works --------------------------------------------------------------------------------------------------


def lost() -> Night:
    night = Night(book=with_broken_rota())
    night.texts(PRESSING)
    return night


def test_a_broken_rota_pages_everybody_by_text_and_voice() -> None:
    night = lost()
    clinicians = {"ana", "ben", "cho", "dia", "eli", "fay", "gus"}
    for channel in (Channel.SMS, Channel.VOICE):
        assert clinicians <= {m.person for _, m in night.ordered(channel=channel)}
    assert night.case.pace is Urgency.EMERGENCY


def test_everybody_is_paged_again_in_every_round_while_the_rota_stays_broken() -> None:
    """Emergencies never stop."""
    night = lost()
    night.wait(minutes=40)
    rung = [after for after, m in night.ordered(channel=Channel.VOICE) if m.person == "dia"]
    assert len(rung) >= 4
    assert max(rung) >= timedelta(minutes=36)
    assert night.case.due_at is not None


def test_with_everybody_paged_a_shared_phone_is_only_informed() -> None:
    night = lost()
    assert all(page.informs for page in night.case.pages if page.person == "operator")
    night.do(c.Acknowledge(night.id, "operator", "pressed 1"))
    assert night.case.status is Status.PAGING


def test_with_everybody_paged_one_who_takes_it_ends_it_for_all() -> None:
    night = lost()
    night.deliver()
    night.acks("cho")
    assert night.case.status is Status.HELD
    assert not [s for s in night.messages(Purpose.PAGE) if s.is_owed]


def test_a_rota_that_breaks_while_time_passes_pages_everybody_and_again_in_twelve_minutes() -> None:
    night = Night()
    night.texts(PRESSING)
    night.deliver()
    night.book = with_broken_rota()
    night.at += timedelta(minutes=6)
    night.do(c.PassTime(night.id))
    assert {"ben", "cho"} <= set(night.paged())
    for _ in range(3):
        rung = len(night.owed_at(Purpose.PAGE, Channel.VOICE, "cho"))
        night.deliver()
        night.at += timedelta(minutes=12, seconds=1)
        night.do(c.PassTime(night.id))
        assert len(night.owed_at(Purpose.PAGE, Channel.VOICE, "cho")) > rung


def test_an_acknowledgement_that_fails_is_no_reason_to_page_anybody() -> None:
    """Only reports and time open a duty; the clinician's key can be pressed again."""
    night = Night()
    night.texts(PRESSING)
    ack = c.Acknowledge(night.id, "ana", "replied")
    assert decide_blind(night.case, ack, night.at, night.facts, night.book, "x") is None


def test_a_ward_with_nobody_in_it_still_keeps_the_case_open_with_a_clock() -> None:
    night = Night(book=with_broken_rota(), facts=facts({}))
    night.texts(PRESSING)
    assert night.case.is_open
    assert night.case.due_at is not None
