"""Calls on the training ground: rung, answered, spoken to, pressed at, bridged and ended."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException

from oncall.adapters.rehearsal.calls import APOLOGY
from oncall.adapters.rehearsal.pace import Pace
from oncall.adapters.rehearsal.records import Callback
from tests.support.tiny_house import ANA, DIA, LINE, MUM, OLD_AUTH, open_town

pytestmark = pytest.mark.filterwarnings(OLD_AUTH)
PAGE = "<Response><Gather numDigits='1' timeout='5' action='/pressed'><Say>Press 7.</Say></Gather></Response>"


@pytest.fixture
async def town():
    async with open_town() as town:
        town.house.answers["/page"] = PAGE
        yield town


WHISPER = "<Response><Gather numDigits='1' action='/yes'><Say>Press 1.</Say></Gather><Hangup/></Response>"


def statuses(town):
    return town.house.told("/status", "CallStatus")


# being rung


async def test_a_call_rings_is_answered_and_ends_with_every_callback_numbered(town):
    call = await town.call(ANA)
    assert town.ana.ringing
    await town.ana.answers()
    assert town.ana.heard == ["Press 7."]
    await town.pass_time(60)
    assert statuses(town) == ["initiated", "ringing", "in-progress", "completed"]
    assert town.house.told("/status", "SequenceNumber") == ["0", "1", "2", "3"]
    assert town.house.told("/status", "CallDuration")[-1] == "5"
    assert (await call.fetch_async()).status == "completed"


async def test_only_completed_is_told_when_no_events_were_asked_for(town):
    call = await town.twilio.calls.create_async(
        to=ANA,
        from_=LINE,
        url=f"{town.house.url}/page",
        status_callback=f"{town.house.url}/status",
        timeout=10,
    )
    await town.pass_time(11)
    assert statuses(town) == ["no-answer"]
    assert (await call.fetch_async()).answered_by is None


async def test_a_phone_nobody_answers_is_no_answer_after_the_timeout(town):
    await town.call(ANA, timeout=25)
    await town.pass_time(24)
    assert town.ana.ringing
    await town.pass_time(2)
    assert statuses(town)[-1] == "no-answer"
    assert not town.ana.ringing


@pytest.mark.parametrize(
    ("mode", "status"), [("busy", "busy"), ("switched off", "no-answer"), ("no answer", "no-answer")]
)
async def test_a_phone_that_cannot_be_reached_says_how(town, mode, status):
    town.ana.mode = mode
    await town.call(ANA, timeout=20)
    await town.pass_time(21)
    assert statuses(town)[-1] == status


async def test_a_declined_call_is_busy_and_a_second_call_at_once_too(town):
    await town.call(ANA)
    await town.call(ANA)
    assert statuses(town)[-1] == "busy"
    await town.ana.declines()
    assert statuses(town).count("busy") == 2


async def test_a_number_without_a_phone_fails(town):
    await town.call("+16175550199")
    assert statuses(town) == ["initiated", "failed"]


async def test_voicemail_answers_hears_everything_and_presses_nothing(town):
    town.ana.mode = "voicemail"
    await town.call(ANA, timeout=30, machine_detection="Enable")
    await town.pass_time(25)
    assert (town.ana.heard, town.ana.voicemail) == ([], ["Press 7."])
    assert town.house.told("/page", "AnsweredBy") == ["machine_start"]
    await town.pass_time(10)
    assert town.house.told("/pressed", "Digits") == []
    assert statuses(town)[-1] == "completed"


async def test_ringing_shorter_than_the_greeting_never_meets_the_voicemail(town):
    town.ana.mode = "voicemail"
    await town.call(ANA, timeout=15)
    await town.pass_time(60)
    assert statuses(town)[-1] == "no-answer"


async def test_detection_beside_the_words_comes_by_its_own_callback(town):
    town.ana.mode = "voicemail"
    await town.call(
        ANA,
        machine_detection="DetectMessageEnd",
        async_amd="true",
        async_amd_status_callback=f"{town.house.url}/amd",
    )
    await town.pass_time(20)
    assert town.ana.voicemail == ["Press 7."]
    await town.pass_time(4)
    assert town.house.told("/amd", "AnsweredBy") == ["machine_end_beep"]


async def test_a_screening_robot_answers_and_its_owner_may_still_take_the_call(town):
    town.ana.mode = "screening robot"
    await town.call(ANA)
    assert (town.ana.screened, town.ana.in_call) == (["Press 7."], False)
    await town.ana.answers()
    await town.ana.presses("7")
    assert town.house.told("/pressed", "Digits") == ["7"]


async def test_a_ringing_call_can_be_cancelled_and_an_answered_one_cannot(town):
    call = await town.call(ANA)
    assert (await call.update_async(status="canceled")).status == "canceled"
    assert not town.ana.ringing
    call = await town.call(ANA)
    await town.ana.answers()
    assert (await call.update_async(status="canceled")).status == "in-progress"
    assert (await call.update_async(status="completed")).status == "completed"
    assert town.ana.line is None


async def test_a_running_call_can_be_given_other_words_but_a_ringing_one_cannot(town):
    call = await town.call(ANA)
    with pytest.raises(TwilioRestException) as refused:
        await call.update_async(twiml="<Response><Say>Stand down.</Say></Response>")
    assert refused.value.code == 21220
    await town.ana.answers()
    await call.update_async(twiml="<Response><Say>Stand down.</Say></Response>")
    await town.clock.settle()
    assert town.ana.heard == ["Press 7.", "Stand down."]


# keys, words and silence


async def test_a_key_ends_the_gather_and_goes_to_its_action(town):
    town.house.answers["/pressed"] = "<Response><Say>You have it.</Say><Hangup/></Response>"
    await town.call(ANA)
    await town.ana.answers()
    await town.ana.presses("7")
    assert town.house.told("/pressed", "Digits") == ["7"]
    assert town.ana.heard[-1] == "You have it."


async def test_silence_leads_on_and_an_empty_result_is_told_only_when_asked_for(town):
    town.house.answers["/page"] = PAGE.replace("</Response>", "<Say>Goodbye.</Say></Response>")
    await town.call(ANA)
    await town.ana.answers()
    await town.pass_time(6)
    assert town.ana.heard == ["Press 7.", "Goodbye."]
    town.house.answers["/page"] = PAGE.replace("<Gather ", "<Gather actionOnEmptyResult='true' ")
    await town.call(ANA)
    await town.ana.answers()
    await town.pass_time(6)
    assert town.house.told("/pressed", "Digits") == [""]


async def test_numbers_end_with_the_finish_key_or_a_pause(town):
    town.house.answers["/page"] = "<Response><Gather timeout='3' action='/pressed'/></Response>"
    town.house.answers["/pressed"] = town.house.answers["/page"]
    await town.call(ANA)
    await town.ana.answers()
    await town.ana.presses("6175#")
    await town.ana.presses("42")
    await town.pass_time(2)
    assert town.house.told("/pressed", "Digits") == ["6175"]
    await town.pass_time(2)
    assert town.house.told("/pressed", "Digits") == ["6175", "42"]
    assert town.house.told("/pressed", "FinishedOnKey") == ["#", None]


async def test_a_key_cuts_speech_short_and_a_key_nobody_awaits_is_lost():
    async with open_town(Pace(words_a_minute=60)) as town:
        menu = "<Gather numDigits='1' action='/pressed'><Say>one two</Say><Say>three</Say></Gather>"
        town.house.answers["/page"] = f"<Response><Say>nobody listens</Say>{menu}</Response>"
        await town.call(ANA)
        await town.ana.answers()
        await town.ana.presses("1")
        await town.pass_time(2)
        assert town.ana.heard == ["nobody listens", "one two"]
        await town.ana.presses("2")
        assert town.house.told("/pressed", "Digits") == ["2"]
        assert "three" not in town.ana.heard


async def test_spoken_words_are_results_with_less_confidence_in_another_language(town):
    gather = "<Gather input='dtmf speech' language='{}' action='/said'><Say>Diga</Say></Gather>"
    town.mum.language = "es"
    for language in ("es-US", "en-US"):
        town.house.answers["/twilio/voice"] = f"<Response>{gather.format(language)}</Response>"
        await town.mum.calls()
        await town.mum.says("le pica todo el cuerpo")
    assert town.house.told("/said", "SpeechResult") == ["le pica todo el cuerpo"] * 2
    assert town.house.told("/said", "Language") == ["es-US", "en-US"]
    first, second = map(float, town.house.told("/said", "Confidence"))
    assert first > 0.9 > 0.5 > second


async def test_a_recording_ends_on_a_key_silence_or_hang_up(town):
    town.house.answers["/twilio/voice"] = "<Response><Record maxLength='30' timeout='4' action='/kept'/></Response>"
    await town.mum.calls()
    await town.mum.says("she is burning up")
    await town.mum.presses("#")
    await town.mum.calls()
    await town.mum.says("she shakes")
    await town.pass_time(5)
    await town.mum.calls()
    await town.mum.says("hot")
    await town.mum.hangs_up()
    assert town.house.told("/kept", "Digits") == ["#", "", "hangup"]
    recording = next(iter(town.carrier.calls.recordings.values()))
    assert recording.words == ["she is burning up"]
    assert town.house.told("/kept", "RecordingUrl")[0] == recording.url
    assert town.house.told("/kept", "RecordingDuration") == ["1", "4", "1"]


async def test_a_recording_in_which_nobody_speaks_is_none_and_the_next_verb_follows(town):
    record = "<Record maxLength='30' timeout='4' action='/kept' recordingStatusCallback='/ready'/>"
    town.house.answers["/twilio/voice"] = f"<Response>{record}<Say>Nobody spoke.</Say></Response>"
    await town.mum.calls()
    await town.pass_time(5)
    assert town.mum.heard == ["[a tone]", "Nobody spoke."]
    assert town.house.told("/kept", "Digits") == []
    assert town.house.told("/ready", "RecordingSid") == []
    assert town.carrier.calls.recordings == {}


# calling the line


async def test_a_family_call_is_told_at_once_and_again_when_it_ends(town):
    town.house.answers["/twilio/voice"] = "<Response><Say>Call 911.</Say><Pause length='60'/></Response>"
    await town.mum.calls()
    assert town.mum.heard == ["Call 911."]
    await town.pass_time(11)
    await town.mum.hangs_up()
    assert town.house.told("/twilio/status", "CallStatus") == ["completed"]
    assert town.house.told("/twilio/status", "CallDuration") == ["11"]


async def test_a_withheld_number_arrives_as_such(town):
    await town.mum.calls(shown_as="+266696687")
    assert town.house.told("/twilio/voice", "From") == ["+266696687"]
    assert town.house.told("/twilio/voice", "FromCity") == [""]


async def test_a_rejected_call_is_never_answered(town):
    town.house.answers["/twilio/voice"] = "<Response><Reject reason='busy'/></Response>"
    await town.mum.calls()
    assert town.house.told("/twilio/status", "CallStatus") == ["busy"]


@pytest.mark.parametrize("answer", ["not xml", "<!DOCTYPE x><Response/>", ""])
async def test_what_is_not_twiml_goes_to_the_fallback_and_then_to_an_apology(town, answer):
    town.house.answers["/twilio/voice"] = answer
    await town.mum.calls()
    assert town.mum.heard == [APOLOGY]
    town.carrier.line.voice_fallback = Callback(f"{town.house.url}/fallback")
    town.house.answers["/fallback"] = "<Response><Dial>+16175550182</Dial></Response>"
    await town.mum.calls()
    assert town.house.told("/fallback", "ErrorCode") == ["12100"]
    assert town.dia.ringing


async def test_a_house_that_does_not_answer_in_time_is_11205(town):
    town.carrier.web._answer_limit_s = 0.05
    town.house.slow.add("/twilio/voice")
    town.carrier.line.voice_fallback = Callback(f"{town.house.url}/fallback#rc=2&rp=all")
    await town.mum.calls()
    assert town.house.told("/fallback", "ErrorCode") == ["11205"]


async def test_connection_overrides_repeat_a_request_with_the_same_token(town):
    town.house.statuses["/twilio/voice"] = 500
    town.carrier.line.voice = Callback(f"{town.house.url}/twilio/voice#rc=2&rp=5xx")
    await town.mum.calls()
    assert len({asked.token for asked in town.house.asked if asked.path == "/twilio/voice"}) == 1
    assert len(town.house.told("/twilio/voice", "CallSid")) == 3


# connecting people


async def test_a_dial_with_a_whisper_connects_who_presses(town):
    number = f"<Number url='/whisper'>{MUM}</Number>"
    town.house.answers |= {
        "/page": f"<Response><Dial callerId='{LINE}' action='/after'>{number}</Dial></Response>",
        "/whisper": WHISPER,
        "/yes": "<Response/>",
    }
    await town.call(ANA)
    await town.ana.answers()
    assert town.house.told("/after", "DialCallStatus") == []
    await town.mum.answers()
    await town.mum.presses("1")
    await town.ana.says("This is Dr Ana.")
    await town.mum.says("Thank you.")
    assert (town.mum.heard, town.ana.heard) == (["Press 1.", "This is Dr Ana."], ["Thank you."])
    await town.pass_time(90)
    await town.mum.hangs_up()
    told = town.house.asked[-2].params
    assert (told["DialCallStatus"], told["DialCallDuration"], told["DialBridged"]) == (
        "completed",
        "90",
        "true",
    )


async def test_a_whisper_nobody_answers_connects_nobody(town):
    town.house.answers |= {
        "/page": f"<Response><Dial action='/after'><Number url='/whisper'>{MUM}</Number></Dial></Response>",
        "/whisper": WHISPER,
    }
    town.mum.mode = "voicemail"
    await town.call(ANA)
    await town.ana.answers()
    await town.pass_time(60)
    assert town.house.told("/after", "DialBridged") == ["false"]


async def test_of_two_phones_the_first_that_picks_up_stops_the_other(town):
    numbers = f"<Number>{MUM}</Number><Number>{DIA}</Number>"
    town.house.answers["/page"] = f"<Response><Dial>{numbers}</Dial></Response>"
    await town.call(ANA)
    await town.ana.answers()
    assert town.mum.ringing
    assert town.dia.ringing
    await town.dia.answers()
    assert not town.mum.ringing
    await town.dia.says("Dia here.")
    assert town.ana.heard == ["Dia here."]


async def test_a_dial_that_is_not_answered_says_so_and_the_caller_goes_on(town):
    town.house.answers |= {
        "/page": f"<Response><Dial timeout='20' action='/after'>{MUM}</Dial></Response>",
        "/after": "<Response><Say>Nobody there.</Say></Response>",
    }
    await town.call(ANA)
    await town.ana.answers()
    await town.pass_time(21)
    assert town.house.told("/after", "DialCallStatus") == ["no-answer"]
    assert town.ana.heard == ["Nobody there."]


async def test_hanging_up_while_it_rings_stops_the_ringing(town):
    town.house.answers["/page"] = f"<Response><Dial action='/after'>{MUM}</Dial></Response>"
    await town.call(ANA)
    await town.ana.answers()
    await town.ana.hangs_up()
    assert not town.mum.ringing
    assert town.house.told("/after", "CallStatus") == ["completed"]


async def test_dialling_911_from_twiml_fails_and_raises_an_alarm(town):
    town.house.answers["/twilio/voice"] = "<Response><Dial action='/after'>911</Dial></Response>"
    await town.mum.calls()
    assert town.house.told("/after", "DialCallStatus") == ["failed"]
    assert "emergency number" in town.carrier.alarms[-1]


async def test_a_conference_waits_with_words_and_remembers_who_joined(town):
    room = "<Conference waitUrl='/wait' endConferenceOnExit='{}'>K7</Conference>"
    town.house.answers |= {
        "/twilio/voice": f"<Response><Dial>{room.format('false')}</Dial></Response>",
        "/wait": "<Response><Say>Still here.</Say><Pause length='20'/><Redirect>/wait</Redirect></Response>",
        "/page": f"<Response><Dial>{room.format('true')}</Dial></Response>",
    }
    await town.mum.calls()
    await town.pass_time(25)
    assert town.mum.heard == ["Still here.", "Still here."]
    await town.call(ANA)
    await town.ana.answers()
    await town.ana.says("Dr Ana joins.")
    assert town.mum.heard[-1] == "Dr Ana joins."
    assert [number for _, number in town.carrier.calls.past_rooms[0].joined] == [MUM, ANA]
    await town.ana.hangs_up()
    assert town.mum.line is None


ROOM = "<Response><Dial hangupOnStar='true' action='/after'><Conference>K7</Conference></Dial></Response>"


async def test_star_leaves_a_conference_and_a_lost_line_leaves_the_other_in_it(town):
    town.house.answers |= {"/twilio/voice": ROOM, "/page": ROOM, "/after": "<Response><Say>Back.</Say></Response>"}
    await town.mum.calls()
    await town.call(ANA)
    await town.ana.answers()
    await town.ana.presses("*")
    assert town.ana.heard == ["Back."]
    assert town.mum.line is not None
    await town.call(ANA)
    await town.ana.answers()
    await town.ana.loses_the_line()
    [room] = town.carrier.calls.rooms.values()
    assert [line.call.caller for line in room.seats] == [MUM]


async def test_a_conference_that_fails_says_so_and_the_caller_goes_on(town):
    town.house.answers |= {"/twilio/voice": ROOM, "/after": "<Response><Say>Not now.</Say></Response>"}
    town.carrier.faults.order("no_conference", "call")
    await town.mum.calls()
    assert town.house.told("/after", "DialCallStatus") == ["failed"]
    assert town.mum.heard == ["Not now."]


async def test_a_bridged_leg_can_be_moved_into_a_conference(town):
    town.house.answers["/page"] = f"<Response><Dial action='/after'>{MUM}</Dial></Response>"
    await town.call(ANA)
    await town.ana.answers()
    await town.mum.answers()
    child = (await town.twilio.calls.list_async(to=MUM))[0]
    await child.update_async(twiml="<Response><Dial><Conference>K7</Conference></Dial></Response>")
    await town.clock.settle()
    assert [number for _, number in town.carrier.calls.past_rooms[0].joined] == [MUM]
    assert len(town.house.told("/after", "DialCallStatus")) == 1


async def test_words_that_go_round_without_waiting_are_stopped(town):
    town.house.answers["/twilio/voice"] = "<Response><Redirect>/twilio/voice</Redirect></Response>"
    await town.mum.calls()
    assert "goes round" in town.carrier.alarms[-1]


async def test_a_key_pressed_between_two_questions_is_lost(town):
    town.house.answers["/pressed"] = town.house.answers["/page"]
    await town.call(ANA)
    await town.ana.answers()
    line = town.ana.line
    await town.ana.presses("71")  # the second key falls between the questions
    assert town.house.told("/pressed", "Digits") == ["7"]
    assert line.lost_keys == "1"
