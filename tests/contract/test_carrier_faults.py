"""Whatever a carrier can do wrong can be ordered here, and then it goes wrong exactly so often."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from tests.support.tiny_house import ANA, DIA, MUM, OLD_AUTH, START, open_town

pytestmark = pytest.mark.filterwarnings(OLD_AUTH)
SOON = 0.3


@pytest.fixture
async def town():
    async with open_town() as town:
        yield town


async def test_the_next_two_requests_are_refused_with_the_ordered_code(town):
    town.carrier.faults.order("refuse", times=2, code=20429, status=429)
    for _ in range(2):
        with pytest.raises(TwilioRestException) as refused:
            await town.text(ANA)
        assert (refused.value.status, refused.value.code) == (429, 20429)
    await town.text(ANA)
    assert len(town.ana.inbox) == 1


async def test_a_fault_for_one_number_spares_the_others(town):
    town.carrier.faults.order("refuse", "text", number=ANA, code=30007)
    await town.text(DIA)
    assert town.dia.inbox
    with pytest.raises(TwilioRestException):
        await town.text(ANA)


async def test_a_500_before_accepting_sends_nothing(town):
    town.carrier.faults.order("server_error", "text")
    with pytest.raises(TwilioRestException) as failed:
        await town.text(ANA)
    assert failed.value.status == 500
    await town.clock.settle()
    assert town.ana.inbox == []


async def test_a_500_after_accepting_leaves_a_text_that_can_be_found(town):
    town.carrier.faults.order("accept_then_error", "text")
    with pytest.raises(TwilioRestException):
        await town.text(ANA, "K7 first")
    await town.clock.settle()
    found = await town.twilio.messages.list_async(to=ANA)
    assert [message.body for message in found] == town.ana.inbox == ["K7 first"]


async def test_a_request_that_is_never_answered_does_nothing(town):
    town.carrier.faults.order("hang", "call")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(town.call(ANA), SOON)
    await town.clock.settle()
    assert not town.ana.ringing


async def test_a_call_may_ring_although_its_request_was_never_answered(town):
    town.carrier.faults.order("accept_then_hang", "call")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(town.call(ANA), SOON)
    await town.clock.settle()
    assert town.ana.ringing
    assert town.house.told("/status", "CallStatus") == ["initiated", "ringing"]


async def test_a_filtered_text_is_accepted_and_then_undelivered_with_30007(town):
    town.carrier.faults.order("filter", "text")
    assert (await town.text(ANA)).status == "queued"
    assert town.house.told("/status", "ErrorCode") == [None, "30007"]
    assert town.ana.inbox == []


async def test_a_text_may_be_called_delivered_that_nobody_has(town):
    town.carrier.faults.order("lie_delivered", "text")
    await town.text(ANA)
    assert town.house.told("/status", "MessageStatus") == ["sent", "delivered"]
    assert town.ana.inbox == []


async def test_a_text_may_vanish_after_it_was_sent(town):
    town.carrier.faults.order("vanish", "text")
    await town.text(ANA)
    await town.pass_time(3600)
    assert town.house.told("/status", "MessageStatus") == ["sent"]


async def test_a_late_text_arrives_late(town):
    town.carrier.faults.order("delay_text", seconds=240)
    await town.text(ANA)
    await town.pass_time(239)
    assert town.ana.inbox == []
    await town.pass_time(2)
    assert town.ana.inbox == ["EMERGENCY pump call"]


async def test_a_callback_may_be_lost_repeated_or_late(town):
    town.carrier.faults.order("drop_callback", match="sent")
    await town.text(ANA)
    assert town.house.told("/status", "MessageStatus") == ["delivered"]
    town.carrier.faults.order("repeat_callback", match="delivered")
    await town.text(ANA)
    assert town.house.told("/status", "MessageStatus")[1:] == ["sent", "delivered", "delivered"]
    assert town.house.asked[-1].token == town.house.asked[-2].token
    town.carrier.faults.order("delay_callback", match="delivered", seconds=30)
    await town.text(ANA)
    assert town.house.told("/status", "MessageStatus")[4:] == ["sent"]
    await town.pass_time(31)
    assert town.house.told("/status", "MessageStatus")[4:] == ["sent", "delivered"]


async def test_two_callbacks_may_come_in_the_wrong_order(town):
    town.carrier.faults.order("swap_callbacks", "call", match="initiated")
    await town.call(ANA)
    assert town.house.told("/status", "CallStatus") == ["ringing", "initiated"]
    assert town.house.told("/status", "SequenceNumber") == ["1", "0"]


async def test_an_inbound_text_may_be_posted_twice_with_the_same_token(town):
    town.carrier.faults.order("repeat_webhook", "text", number=MUM)
    await town.mum.texts("he is stiff")
    first, second = town.house.asked
    assert (first.params, first.token) == (second.params, second.token)


async def test_a_fault_that_was_called_off_does_not_happen(town):
    town.carrier.faults.order("refuse", times=5).times = 0
    await town.text(ANA)
    assert town.ana.inbox


async def test_an_inbound_text_may_never_be_told_and_stands_in_the_list_all_the_same(town):
    town.carrier.faults.order("lose_webhook", "text", number=MUM)
    sid = await town.mum.texts("he is stiff")
    assert town.house.asked == []
    listed = await town.twilio.messages.list_async(date_sent_after=START - timedelta(minutes=1))
    assert [(text.sid, text.direction, text.body) for text in listed] == [(sid, "inbound", "he is stiff")]


async def test_a_call_of_which_the_house_is_not_told_hears_an_apology_and_stands_in_the_list(town):
    town.carrier.faults.order("lose_webhook", "call", number=MUM)
    sid = await town.mum.calls()
    await town.pass_time(1)
    assert "application error" in " ".join(town.mum.heard)
    listed = await town.twilio.calls.list_async(start_time_after=START - timedelta(minutes=1))
    assert [(call.sid, call.direction, call.status) for call in listed] == [(sid, "inbound", "completed")]


async def test_lists_begin_at_the_asked_instant(town):
    await town.mum.texts("early")
    await town.pass_time(120)
    await town.mum.texts("late")
    listed = await town.twilio.messages.list_async(date_sent_after=START + timedelta(seconds=60))
    assert [text.body for text in listed] == ["late"]


async def test_a_carrier_that_is_down_refuses_everything_and_tells_nothing_until_it_is_back(town):
    await town.text(ANA)
    told = len(town.house.asked)
    town.carrier.goes_down(timedelta(minutes=5))
    with pytest.raises(TwilioRestException) as refused:
        await town.text(ANA)
    assert refused.value.status == 503
    with pytest.raises(TwilioException):
        await town.twilio.messages.list_async(limit=5)
    await town.mum.texts("he is stiff")
    assert len(town.house.asked) == told
    await town.pass_time(300)
    await town.text(ANA)
    assert len(town.ana.inbox) == 2


async def test_a_slow_request_is_answered_late_and_done_once(town):
    town.carrier.faults.order("slow", seconds=SOON)
    began = asyncio.get_running_loop().time()
    await town.text(ANA)
    assert asyncio.get_running_loop().time() - began >= SOON
    assert len(town.ana.inbox) == 1
