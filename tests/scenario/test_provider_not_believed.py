"""The provider loses, lies, refuses and is down; families and clinicians notice as little of it as can be."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from oncall.adapters.register.rows import TaskRow
from oncall.core.case import entries as e
from oncall.core.case.case import Status
from oncall.core.case.commands import TellStaff
from oncall.core.case.messages import LegKind
from oncall.core.case.refusals import Mark
from oncall.core.triage.assessment import Urgency
from tests.support.ward import SECOND_LINE, TEN_AM, Ward, open_ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"
MILD = "she is a bit constipated"


async def routes_of(ward: Ward) -> set[str | None]:
    """Which routes have carried something."""
    [case] = await ward.open_cases()
    recorded = await ward.house.journal.entries(case.id)
    return {r.entry.route for r in recorded if isinstance(r.entry, e.MessageAccepted)}


# --- no word of delivery ---------------------------------------------------------------------------------------------


async def test_a_family_text_that_vanishes_is_spoken_after_a_minute_and_once(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    ward.carrier.faults.order("vanish", "text", number=mum.number, times=2)
    await mum.texts(ITCHY)
    assert not mum.is_ringing
    await ward.pass_time("60s")
    assert mum.is_ringing
    await mum.answers()
    assert "911" in mum.heard
    await mum.hangs_up()
    await ward.pass_time("50s")
    assert not mum.is_ringing
    await ward.is_sound()


async def test_a_same_day_page_that_vanishes_rings_after_a_minute() -> None:
    async with open_ward(TEN_AM) as ward:
        mum, ben = ward.phones("mum of Leo", "ben")
        ward.carrier.faults.order("vanish", "text", number=ben.number)
        await mum.texts(MILD)
        assert (await ward.only_case()).pace is Urgency.SAME_DAY
        await ward.pass_time("60s")
        assert ben.is_ringing
        await ward.is_sound()


async def test_delivered_that_is_a_lie_stops_nothing(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    ward.carrier.faults.order("lie_delivered", "text", times=100)
    await mum.texts(ITCHY)
    assert ana.is_ringing
    await ward.pass_time("3m")
    assert dia.is_ringing
    assert (await ward.only_case()).status is Status.PAGING


# --- what an error number brings -------------------------------------------------------------------------------------


async def test_a_clinician_who_has_opted_out_is_rung_marked_and_the_coordinator_told_by_day() -> None:
    async with open_ward(TEN_AM) as ward:
        mum, ben, maria = ward.phones("mum of Leo", "ben", "maria")
        ward.carrier.faults.order("refuse", "text", number=ben.number, code=21610)
        await mum.texts(ITCHY)
        assert ben.is_ringing
        phones = (await ward.house.register.directory()).clinicians["ben"].phones
        assert not phones[0].can_be_texted
        assert any("gets no pages by text" in text for text in maria.inbox)
        tasks = await ward.house.register.rows(TaskRow)
        assert any(task.id.startswith("phone-") and "opted out" in task.title for task in tasks)
        await ward.is_sound()


async def test_at_night_the_coordinator_finds_a_task_and_is_not_texted(ward: Ward) -> None:
    mum, ana, maria = ward.phones("mum of Leo", "ana", "maria")
    ward.carrier.faults.order("filter", "text", number=ana.number, code=30006)
    await mum.texts(ITCHY)
    assert maria.inbox == []
    tasks = [task for task in await ward.house.register.rows(TaskRow) if task.id.startswith("phone-")]
    assert len(tasks) == 1
    assert tasks[0].due_at > ward.clock.now()


async def test_a_number_no_carrier_knows_brings_the_next_tier_with_the_next_page(ward: Ward) -> None:
    mum, ana, dia, noa = ward.phones("mum of Leo", "ana", "dia", "mum of Noa")
    ward.carrier.faults.order("filter", "text", number=ana.number, code=30005)
    for handset in ana.handsets[1:]:
        await ward.house.register.mark_phone(handset.number, Mark.UNKNOWN, ward.clock.now())
    await mum.texts(ITCHY)
    await noa.texts("i cant wake her up")
    assert dia.is_ringing


# --- the second route ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [20003, 30002, 21606])
async def test_a_refusal_for_a_reason_of_the_account_is_carried_by_the_second_at_once(code: int) -> None:
    async with open_ward(second_route=True) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        ward.carrier.faults.order("refuse", times=1000, code=code, status=401 if code == 20003 else 400)
        await mum.texts(ITCHY)
        assert ana.is_ringing
        assert any("pump call #" in text for text in ana.inbox)
        assert "911" in mum.inbox[0]
        assert await routes_of(ward) == {"second"}
        await ward.is_sound()


async def test_a_carrier_that_is_down_is_replaced_within_a_quarter_of_a_minute_and_used_again_when_it_is_back() -> None:
    async with open_ward(second_route=True) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        ward.carrier.faults.order("server_error", times=1000)
        await mum.texts(ITCHY)
        await ward.pass_time("15s")
        assert ana.is_ringing
        assert mum.inbox
        assert ward.house.pager.open_breakers() == {"first": True, "second": False}
        ward.carrier.faults.clear()
        await ward.pass_time("6m")
        assert await routes_of(ward) == {"first", "second"}
        assert not ward.house.pager.open_breakers()["first"]
        await ward.is_sound()


async def test_replies_and_texts_to_either_number_work_and_the_family_is_told_nothing_of_it() -> None:
    async with open_ward(second_route=True) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        ward.carrier.faults.order("server_error", times=1000)
        await mum.handset.texts(ITCHY, to=ward.second_carrier)
        await ward.settle()
        await ward.pass_time("15s")
        await ana.handset.texts(ana.reply_code("2"), to=ward.second_carrier)
        await ward.settle()
        case = await ward.only_case()
        assert case.status is Status.HELD
        assert not any(word in text.lower() for text in mum.inbox for word in ("second", "route", SECOND_LINE))
        await ward.is_sound()


async def test_a_call_over_the_second_number_joins_doctor_and_family_under_that_number() -> None:
    async with open_ward(second_route=True) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        ward.carrier.faults.order("server_error", times=1000)
        await mum.texts(ITCHY)
        await ward.pass_time("15s")
        await ana.takes_by_voice("1")
        await ward.pass_time("2s")
        assert mum.is_ringing
        legs = [call for call in ward.second_carrier.calls.all.values() if call.to == mum.number]
        assert [leg.caller for leg in legs] == [SECOND_LINE]
        await mum.answers()
        await mum.presses("1")
        assert (await ward.only_case()).family_reached_at is not None
        await ward.is_sound()


async def test_the_family_is_rung_over_the_account_in_whose_conference_the_doctor_is() -> None:
    """The first account works again by then, but its conference is another one: they would not hear each other."""
    async with open_ward(second_route=True) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        ward.carrier.faults.order("server_error", times=1000)
        await mum.texts(ITCHY)
        await ward.pass_time("15s")
        ward.carrier.faults.clear()
        await ana.takes_by_voice("1")
        await ward.pass_time("2s")
        await mum.answers()
        await mum.presses("1")
        legs = (await ward.only_case()).legs
        assert {leg.kind for leg in legs} == {LegKind.CLINICIAN, LegKind.FAMILY}
        assert all(leg.met for leg in legs)
        await ward.is_sound()


async def test_a_family_that_waits_on_the_other_account_s_line_is_rung_where_the_doctor_is() -> None:
    async with open_ward(second_route=True) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        ward.carrier.faults.order("server_error", times=1000)
        await mum.calls()
        await mum.presses("1")
        await ward.pass_time("15s")
        ward.carrier.faults.clear()
        await ana.takes_by_voice("1")
        await ward.pass_time("2s")
        await mum.presses("1")
        assert "we call you back in a moment with the doctor" in mum.heard
        await ward.pass_time("6s")
        assert mum.is_ringing
        await mum.answers()
        await mum.presses("1")
        legs = (await ward.only_case()).legs
        assert {leg.kind for leg in legs} == {LegKind.CLINICIAN, LegKind.FAMILY}
        assert all(leg.met for leg in legs)
        await ward.is_sound()


async def test_a_ring_over_the_second_number_is_stopped_when_somebody_takes_the_case() -> None:
    async with open_ward(second_route=True) as ward:
        mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
        ward.carrier.faults.order("server_error", times=1000)
        await mum.texts(ITCHY)
        await ward.pass_time("3m5s")
        assert ana.is_ringing or dia.is_ringing
        ward.carrier.faults.clear()
        await dia.texts(dia.reply_code("2"))
        await ward.pass_time("10s")
        assert not ana.is_ringing
        assert not dia.is_ringing


# --- texts that are taken and never arrive ---------------------------------------------------------------------------


async def test_a_number_whose_texts_are_taken_and_not_delivered_is_no_longer_the_first_for_texts() -> None:
    """30034, not registered: every text is accepted and fails later; calls from that number are as good as before."""
    async with open_ward(second_route=True) as ward:
        mum, noa = ward.phones("mum of Leo", "mum of Noa")
        ward.carrier.faults.order("filter", "text", code=30034, times=1000)
        await mum.texts(ITCHY)
        await ward.pass_time("10s")
        assert ward.house.carrier_state().in_doubt == {"first": True, "second": False}
        told = len(ward.carrier.texts.all)
        await noa.texts("she is stiff")
        assert any("911" in text for text in noa.inbox)
        sent = list(ward.carrier.texts.all.values())[told:]
        assert [text for text in sent if text.direction != "inbound"] == []
        rung = [call for call in ward.carrier.calls.all.values() if call.direction == "outbound-api"]
        assert rung, "calls still go over the first number"
        assert not any(call.direction == "outbound-api" for call in ward.second_carrier.calls.all.values())


async def test_once_a_text_arrives_again_the_number_is_the_first_again() -> None:
    async with open_ward(second_route=True) as ward:
        mum = ward.phone("mum of Leo")
        fault = ward.carrier.faults.order("filter", "text", code=30034, times=1000)
        await mum.texts(ITCHY)
        await ward.pass_time("10s")
        fault.times = 0
        await ward.pass_time("6m")
        assert ward.house.carrier_state().in_doubt == {"first": False, "second": False}


async def test_a_phone_that_is_off_does_not_count_against_our_number() -> None:
    async with open_ward(second_route=True) as ward:
        ward.carrier.faults.order("filter", "text", code=30003, times=1000)
        await ward.phone("mum of Leo").texts(ITCHY)
        await ward.pass_time("10s")
        assert ward.house.carrier_state().in_doubt == {"first": False, "second": False}


# --- the pace --------------------------------------------------------------------------------------------------------


async def test_two_hundred_routine_texts_delay_an_emergency_by_no_more_than_one_slot() -> None:
    async with open_ward(TEN_AM, messages_per_second=3, calls_per_second=1) as ward:
        noa, leo, ben = ward.phones("mum of Noa", "mum of Leo", "ben")
        office = ward.phone("+12125550100")
        await noa.texts("the office please, a new appointment")
        routine = await ward.only_case()
        for n in range(200):
            await ward.house.desk.take(TellStaff(routine.id, "maria", office.number, "echo_note", (("n", str(n)),)))
        await ward.settle()
        await leo.texts(ITCHY)
        await ward.pass_time("334ms")
        assert any("pump call #" in text for text in ben.inbox)
        assert ben.is_ringing
        queued = [s for s in (await ward.house.journal.case(routine.id)).messages if s.is_owed]  # type: ignore[union-attr]
        assert len(queued) > 190, "the others still wait"
        await ward.pass_time("70s")
        assert len(office.inbox) == 200


async def test_an_urgent_page_does_not_stand_behind_two_hundred_routine_texts() -> None:
    async with open_ward(TEN_AM, messages_per_second=3, calls_per_second=1) as ward:
        noa, leo, ben = ward.phones("mum of Noa", "mum of Leo", "ben")
        office = ward.phone("+12125550100")
        await noa.texts("the office please, a new appointment")
        routine = await ward.only_case()
        for n in range(200):
            await ward.house.desk.take(TellStaff(routine.id, "maria", office.number, "echo_note", (("n", str(n)),)))
        await ward.settle()
        await leo.texts("the pump is beeping")
        urgent = next(case for case in await ward.open_cases() if case.id != routine.id)
        assert urgent.pace is Urgency.URGENT
        await ward.pass_time("2s")
        assert any("pump call #" in text for text in ben.inbox)
        assert len(office.inbox) < 10, "the others still wait"


async def test_at_a_call_a_second_everybody_is_rung_one_after_the_other() -> None:
    async with open_ward(calls_per_second=1) as ward:
        await ward.phone("mum of Leo").texts(ITCHY)
        await ward.pass_time("8m30s")
        calls = [call.created_at for call in ward.carrier.calls.all.values()]
        assert len(calls) > 8
        assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(calls))
        await ward.is_sound()
