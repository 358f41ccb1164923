"""Texts go as they go on a real carrier: accepted is not delivered, and STOP is obeyed."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException

from oncall.adapters.rehearsal.records import Callback
from oncall.service.rules.text_measures import segments
from tests.support.tiny_house import ANA, LINE, MUM, OLD_AUTH, open_town

pytestmark = pytest.mark.filterwarnings(OLD_AUTH)


@pytest.fixture
async def town():
    async with open_town() as town:
        yield town


async def test_a_text_is_queued_then_sent_then_delivered(town):
    message = await town.text(ANA)
    assert message.status == "queued"
    assert town.house.told("/status", "MessageStatus") == ["sent", "delivered"]
    assert town.ana.inbox == ["EMERGENCY pump call"]
    assert (await message.fetch_async()).status == "delivered"


async def test_a_familys_text_reaches_the_house_and_an_empty_answer_sends_nothing(town):
    sid = await town.mum.texts("he is itchy and stiff")
    assert town.house.told("/twilio/text", "MessageSid") == [sid]
    assert town.house.told("/twilio/text", "Body") == ["he is itchy and stiff"]
    assert town.mum.inbox == []


async def test_words_in_the_answer_come_back_as_a_text(town):
    town.house.answers["/twilio/text"] = "<Response><Message>Call 911 now.</Message></Response>"
    await town.mum.texts("help me")
    assert town.mum.inbox == ["Call 911 now."]


async def test_the_same_text_twice_keeps_its_sid(town):
    first = await town.mum.texts("he is stiff", sid="SM" + "a" * 32)
    await town.mum.texts("he is stiff", sid=first)
    assert town.house.told("/twilio/text", "MessageSid") == [first, first]


async def test_stop_blocks_our_texts_until_start_and_is_told_to_the_house(town):
    await town.ana.texts("Stop")
    assert town.house.told("/twilio/text", "OptOutType") == ["STOP"]
    assert "unsubscribed" in town.ana.inbox[-1]
    with pytest.raises(TwilioRestException) as refused:
        await town.text(ANA)
    assert (refused.value.status, refused.value.code) == (400, 21610)
    await town.ana.texts("START")
    await town.text(ANA, "again")
    assert town.ana.inbox[-1] == "again"


@pytest.mark.parametrize("words", ["the pump stopped", "stop beeping", "please cancel"])
async def test_a_reserved_word_inside_a_sentence_blocks_nothing(town, words):
    await town.mum.texts(words)
    assert not town.mum.stopped
    assert town.house.told("/twilio/text", "OptOutType") == [None]


async def test_help_gets_the_carriers_own_words_and_still_reaches_the_house(town):
    await town.mum.texts("HELP")
    assert "STOP to unsubscribe" in town.mum.inbox[0]
    assert town.house.told("/twilio/text", "OptOutType") == ["HELP"]


async def test_the_answer_to_stop_is_blocked_too(town):
    town.house.answers["/twilio/text"] = "<Response><Message>We are paging.</Message></Response>"
    await town.mum.texts("STOP")
    assert town.mum.inbox[-1] != "We are paging."
    assert "21610" in town.carrier.alarms[-1]


async def test_a_landline_gets_no_text_and_says_so_with_30006(town):
    town.mum.mode = "landline"
    await town.text(MUM)
    assert town.house.told("/status", "MessageStatus") == ["sent", "undelivered"]
    assert town.house.told("/status", "ErrorCode")[-1] == "30006"
    assert town.mum.inbox == []


async def test_a_number_without_a_phone_is_undelivered(town):
    await town.text("+16175550199")
    assert town.house.told("/status", "ErrorCode")[-1] == "30005"


async def test_a_switched_off_phone_gets_its_texts_when_it_is_on_again(town):
    town.ana.mode = "switched off"
    await town.text(ANA, "EMERGENCY")
    assert town.house.told("/status", "MessageStatus") == ["sent"]
    town.ana.mode = "normal"
    await town.clock.settle()
    assert town.ana.inbox == ["EMERGENCY"]
    assert town.house.told("/status", "MessageStatus") == ["sent", "delivered"]


async def test_a_phone_that_stays_off_is_unreachable_after_ten_minutes(town):
    town.ana.mode = "switched off"
    await town.text(ANA)
    await town.pass_time(601)
    assert town.house.told("/status", "ErrorCode")[-1] == "30003"
    town.ana.mode = "normal"
    assert town.ana.inbox == []


async def test_a_photo_and_a_withheld_number_arrive_as_such(town):
    await town.mum.texts("", media=["https://api.twilio.com/a", "https://api.twilio.com/b"], shown_as="anonymous")
    told = town.house.asked[0].params
    assert (told["NumMedia"], told["MediaUrl1"], told["From"]) == (
        "2",
        "https://api.twilio.com/b",
        "anonymous",
    )
    assert (told["FromCity"], told["Body"]) == ("", "")


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("ñ" * 160, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("😀" * 36, 2),
        ("€" * 81, 2),
    ],
)
def test_long_and_accented_texts_need_more_parts(body, parts):
    assert segments(body) == parts


async def test_when_the_house_fails_a_text_goes_to_the_fallback(town):
    town.house.statuses["/twilio/text"] = 500
    town.carrier.line.text_fallback = Callback(f"{town.house.url}/fallback")
    town.house.answers["/fallback"] = "<Response><Message>Ring the operator.</Message></Response>"
    await town.mum.texts("he is stiff")
    assert town.house.told("/fallback", "ErrorCode") == ["11200"]
    assert town.house.told("/fallback", "ErrorUrl") == [f"{town.house.url}/twilio/text"]
    assert town.mum.inbox == ["Ring the operator."]


async def test_without_a_fallback_a_text_is_dropped_silently_and_only_the_debugger_knows(town):
    town.house.statuses["/twilio/text"] = 503
    await town.mum.texts("he is stiff")
    assert town.mum.inbox == []
    assert "dropped" in town.carrier.alarms[-1]


async def test_an_unknown_caller_has_a_phone_too_but_only_in_fiction(town):
    await town.carrier.phone("+14135550177").texts("who are you?")
    assert town.house.asked[-1].params["FromCity"] == "SPRINGFIELD"
    with pytest.raises(ValueError, match="fiction"):
        town.carrier.phone("+16172531000")


async def test_a_text_to_the_line_itself_is_refused(town):
    with pytest.raises(TwilioRestException) as refused:
        await town.text(LINE)
    assert refused.value.code == 21266


async def test_a_text_outlives_its_validity_nowhere(town):
    town.ana.mode = "switched off"
    await town.text(ANA, validity_period=120)
    await town.pass_time(121)
    assert town.house.told("/status", "ErrorCode")[-1] == "30003"
