"""Clinician and family talk: who is brought to whom, what happens to lost lines, and what is written of each."""

from __future__ import annotations

from oncall.adapters.rehearsal.sample_ward import INTERPRETERS
from oncall.core.case.case import ClockKind
from tests.support.ward import LINE, Ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"


async def talking(ward: Ward) -> None:
    """Leo's mother waits on the line, Dr Lee takes it by voice, both are in the talk."""
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.presses("1")
    await ana.takes_by_voice("1")
    await mum.presses("1")


async def test_a_waiting_family_hears_a_word_every_twenty_seconds_and_is_joined_at_once(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.presses("1")
    await mum.presses("1")  # 911 has been called
    await mum.presses("1")  # and she stays on the line
    before = mum.heard.count("Still here")
    await ward.pass_time("19s")
    assert mum.heard.count("Still here") == before
    await ward.pass_time("1s")
    assert mum.heard.count("Still here") == before + 1
    await ana.takes_by_voice("1")
    assert "The pump doctor is on the line" in mum.heard
    await mum.presses("1")
    await ana.says("Doctor Lee here.")
    assert mum.heard.endswith("Doctor Lee here.")
    case = await ward.only_case()
    assert case.family_reached_at is not None
    assert {leg.kind.value for leg in case.legs} == {"family", "clinician"}
    await ward.is_sound()


async def test_a_caller_whose_hands_are_full_is_joined_without_a_key_and_does_not_count_as_reached(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.calls()
    await mum.presses("1")
    await ana.takes_by_voice("1")
    await ward.pass_time("4s")
    await mum.says("he is shaking")
    assert ana.heard.endswith("he is shaking")
    assert (await ward.only_case()).family_reached_at is None
    mum.new_texts()
    await ward.pass_time("5m")
    assert "are you speaking with the family?" in ana.inbox[-1]
    assert mum.new_texts() == [], "no apology to a family that is talking with the doctor"
    assert ana.handset.in_call
    await ana.texts("reached")
    assert (await ward.only_case()).clocks == ()
    assert dia.inbox == []


async def test_a_call_back_comes_from_the_line_and_is_announced_by_text_first(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code("1"))
    assert not mum.is_ringing, "first the doctor, then the family"
    await ward.pass_time("3s")
    await ana.answers()
    assert "To talk to the family now, press 7" in ana.heard
    await ana.presses("7")
    assert "Dr Lee will call you from this number now" in mum.inbox[-1]
    assert mum.is_ringing
    callers = {line.call.caller for line in ward.carrier.calls.lines.values()}
    assert callers == {LINE}, "neither sees the other's number"
    await mum.answers()
    await mum.presses("1")
    await mum.says("thank god")
    assert ana.heard.endswith("thank god")


async def test_the_doctor_can_call_by_the_key_5_of_the_telephone(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.takes_by_voice("2")
    assert "5, call the family" in ana.heard
    await ana.presses("5")
    assert mum.is_ringing


async def test_a_family_that_does_not_answer_is_rung_three_times_in_ten_minutes_and_then_its_other_phones(
    ward: Ward,
) -> None:
    mum, dad, ana = ward.phones("mum of Leo", "dad of Leo", "ana")
    await mum.texts("his legs are stiffer than usual today")
    await ward.pass_time("60s")
    await ana.takes_by_voice("1")
    await ward.pass_time("30s")
    assert mum.missed == 1
    assert "No answer. We try again in three minutes" in ana.heard
    await ward.pass_time("2m49s")
    assert not mum.is_ringing
    await ward.pass_time("1s")
    assert mum.is_ringing, "200 seconds after the first"
    await ward.pass_time("3m20s")
    assert mum.is_ringing, "400 seconds after the first"
    assert not dad.is_ringing
    await ward.pass_time("26s")
    assert mum.missed == 3
    assert dad.is_ringing
    assert "Dr Lee will call you from this number now" in dad.inbox[-1]
    await ward.pass_time("30s")
    assert "nobody answers at any of the family's phones" in ana.inbox[-1]
    assert "5, call the family" in ana.heard.rsplit("No answer", 1)[-1]
    assert [row for row in await ward.story() if "no answer" in row]
    assert (await ward.only_case()).clock(ClockKind.FAMILY_REACHED) is not None


async def test_who_hung_up_is_rung_again_for_the_next_try(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("his legs are stiffer than usual today")
    await ward.pass_time("60s")
    await ana.takes_by_voice("1")
    await ward.pass_time("30s")
    await ana.hangs_up()
    await ward.pass_time("2m50s")
    assert ana.is_ringing
    assert not mum.is_ringing
    await ana.answers()
    await ana.presses("7")
    assert mum.is_ringing


async def test_a_familys_voicemail_hears_nothing_of_the_patient_and_reaches_nobody(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    mum.is_set("voicemail")
    await mum.texts(ITCHY)
    await ana.takes_by_voice("1")
    await ward.pass_time("30s")
    said = " ".join(mum.handset.voicemail).lower()
    assert "please call this number back" in said
    assert not any(word in said for word in ("pump", "leo", "itch", "stiff", "beep", "baclofen"))
    assert (await ward.only_case()).family_reached_at is None
    assert any("a machine answered" in row for row in await ward.story())
    await ward.is_sound()


async def test_a_familys_lost_line_is_rung_again_twice_while_the_doctor_hears_reconnecting(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await talking(ward)
    await mum.loses_the_line()
    await ward.pass_time("4s")
    assert not mum.is_ringing
    await ward.pass_time("1s")
    assert "We are reconnecting" in ana.heard
    assert mum.is_ringing
    await ward.pass_time("25s")
    assert mum.is_ringing, "the second time"
    await ward.pass_time("25s")
    assert not mum.is_ringing
    assert "We got cut off" in mum.inbox[-1]
    assert "5, call the family" in ana.heard, "the doctor has the keys"
    await ward.is_sound()


async def test_a_lost_line_that_answers_again_goes_on(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await talking(ward)
    await mum.loses_the_line()
    await ward.pass_time("5s")
    await mum.answers()
    await mum.presses("1")
    await mum.says("are you there")
    assert ana.heard.endswith("are you there")
    assert sum("was lost and is rung again" in row for row in await ward.story()) == 1


async def test_a_doctors_lost_line_is_rung_again_and_then_the_family_waits_and_the_holder_is_rung(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await talking(ward)
    await ana.loses_the_line()
    await ward.pass_time("5s")
    assert "We are reconnecting" in mum.heard
    assert ana.is_ringing
    await ward.pass_time("50s")
    assert "The doctor's line was lost" in mum.heard
    assert mum.handset.in_call, "never an empty room, never cut off"
    assert ana.is_ringing
    assert (await ward.only_case()).clock(ClockKind.HOLDER_SILENT) is not None
    await ana.takes_by_voice("5")
    await mum.presses("1")
    await mum.says("hello again")
    assert ana.heard.endswith("hello again")


async def test_a_goodbye_is_no_lost_line(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await talking(ward)
    await ana.hangs_up()
    await ward.pass_time("3s")
    await mum.hangs_up()
    await ward.pass_time("2m")
    assert not mum.is_ringing
    assert not ana.is_ringing
    case = await ward.only_case()
    assert case.legs == ()
    assert [leg.met for leg in case.past_legs] == [True, True]
    assert sum("connected" in row for row in await ward.story()) == 2


async def test_star_brings_the_keys_and_hanging_up_there_frees_the_family(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await talking(ward)
    await ana.presses("*")
    assert "The doctor is coming back" in mum.heard
    await ana.presses("6")
    assert "Noted: you have reached them" in ana.heard
    await ana.hangs_up()
    await ward.pass_time("6s")
    assert "The doctor has left the call" in mum.heard
    assert not mum.handset.in_call


async def test_an_interpreter_is_in_the_talk_before_the_family_answers(ward: Ward) -> None:
    mum, ana, line = ward.phones("mamá of Lucía", "ana", INTERPRETERS)
    await mum.texts("esta muy rigida y le pica todo")
    await ana.texts(ana.reply_code("2"))
    await ana.texts(ana.reply_code("8"))
    await ward.pass_time("3s")
    await ana.answers()
    await ana.presses("7")
    assert line.is_ringing
    assert not mum.is_ringing
    await line.answers()
    assert "Spanish interpreter, please" in line.heard
    assert not any(word in line.heard for word in ("Luc", "Ortega", "pump"))
    assert mum.is_ringing
    await mum.answers()
    assert "Oprima 1 para hablar" in mum.heard
    await mum.presses("1")
    case = await ward.only_case()
    assert {leg.kind.value for leg in case.legs} == {"family", "clinician", "interpreter"}


async def test_the_family_does_not_wait_for_an_interpreter_who_does_not_come(ward: Ward) -> None:
    mum, ana, line = ward.phones("mamá of Lucía", "ana", INTERPRETERS)
    line.is_set("switched off")
    await mum.texts("esta muy rigida y le pica todo")
    await ana.texts(ana.reply_code("2"))
    await ana.texts(ana.reply_code("8"))
    await ward.pass_time("3s")
    await ana.answers()
    await ana.presses("7")
    await ward.pass_time("1s")
    assert mum.is_ringing
    assert "No interpreter yet" in ana.heard


async def test_a_second_service_comes_into_the_talk(ward: Ward) -> None:
    mum, ana, fay = ward.phones("mum of Leo", "ana", "fay")
    await talking(ward)
    await ana.texts(ana.reply_code("41"))
    await fay.takes_by_voice("1")
    await fay.says("Neurosurgery here.")
    assert mum.heard.endswith("Neurosurgery here.")
    case = await ward.only_case()
    assert case.holder is not None
    assert case.holder.person == "ana"
    assert {leg.kind.value for leg in case.legs} == {"family", "clinician", "service"}


async def test_a_provider_that_cannot_confer_dials_the_family_on_the_clinicians_call(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ward.carrier.faults.order("no_conference", "call", number=ana.number)
    await mum.texts(ITCHY)
    await ana.takes_by_voice("1")
    await ward.pass_time("4s")
    assert mum.is_ringing
    await mum.answers()
    await mum.presses("1")
    await mum.says("hello doctor")
    assert ana.heard.endswith("hello doctor")
    assert (await ward.only_case()).family_reached_at is not None


async def test_who_rang_the_line_himself_is_in_the_talk_like_anybody(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("his legs are stiffer than usual today")
    await ana.calls()
    await ana.presses("8")
    await ana.presses(ana.reply_code("")[:2])
    await ana.presses("1")
    await mum.answers()
    await mum.presses("1")
    await mum.says("good that you call")
    assert ana.heard.endswith("good that you call")
    assert {leg.kind.value for leg in (await ward.only_case()).legs} == {"family", "clinician"}


async def test_a_case_closed_in_the_talk_leaves_the_family_in_no_empty_room(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await talking(ward)
    await ana.texts(ana.reply_code("74"))
    assert mum.handset.in_call, "closing cuts nobody off"
    await ana.hangs_up()
    await ward.pass_time("6s")
    assert "The doctor has left the call" in mum.heard
    assert not mum.handset.in_call


async def test_closing_ends_every_try(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.takes_by_voice("1")
    assert mum.is_ringing
    await ana.texts(ana.reply_code("74"))
    assert not mum.is_ringing
    await ward.pass_time("10m")
    assert not mum.is_ringing


async def test_no_call_of_the_talk_is_recorded(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await talking(ward)
    await mum.says("hello")
    await ana.hangs_up()
    await mum.hangs_up()
    assert ward.carrier.calls.recordings == {}
