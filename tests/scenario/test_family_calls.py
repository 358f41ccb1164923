"""What single answers on a family's call lead to: 911, the number, the open words, a call that drops, a call again."""

from __future__ import annotations

import pytest

from oncall.core.case.case import Status
from oncall.core.triage.assessment import Urgency
from tests.support.ward import Phone, Ward

STRANGER = "+16175550199"


async def tells_the_danger(mum: Phone) -> None:
    await mum.calls()
    await mum.presses("1")


# --- 911 -------------------------------------------------------------------------------------------------------------


async def test_who_has_called_911_is_asked_nothing_more_and_the_page_goes_on(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await tells_the_danger(mum)
    assert "Have you or someone called 9 1 1?" in mum.heard
    await mum.presses("1")
    assert "by 3:14 AM" in mum.heard
    assert any("the family has called 911" in text for text in ana.inbox)
    await mum.presses("1")
    assert (await ward.only_case()).asked is None
    await ward.pass_time("3m")
    assert dia.is_ringing
    assert "Yes 1, no 2" not in mum.heard


async def test_who_cannot_call_911_is_told_to_ask_somebody_and_the_doctor_hears_it(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await tells_the_danger(mum)
    await mum.presses("2")
    assert "Ask someone near you to call 9 1 1" in mum.heard
    assert "Tell me exactly what's happened" in mum.heard
    assert any("cannot call 911" in text for text in ana.inbox)
    await ana.answers()
    await ana.presses("7")
    assert "They cannot call 911" in ana.heard


async def test_spoken_words_that_mean_911_bring_the_911_question_first(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.says("she is not breathing")
    assert "Have you or someone called 9 1 1?" in mum.heard
    assert (await ward.only_case()).pace is Urgency.EMERGENCY


async def test_getting_worse_or_a_fever_raises_and_not_sure_counts(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("2")
    await mum.presses("3")
    case = await ward.only_case()
    assert {f.code for f in case.findings if f.heard.counts} >= {"getting_worse", "fever"}
    assert case.pace is Urgency.EMERGENCY


# --- open words ------------------------------------------------------------------------------------------------------


async def test_open_words_are_kept_as_said_raise_and_are_never_required(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("3")
    await mum.presses("2")
    before = (await ward.only_case()).pace
    await mum.says("he is hard as a board and burning up, 104")
    case = await ward.only_case()
    raw = [await ward.house.journal.report(note.id) for note in case.reports]
    assert any(report and report.raw == "he is hard as a board and burning up, 104" for report in raw)
    assert before is not None
    assert case.pace is not None
    assert case.pace >= before
    assert case.pace is Urgency.EMERGENCY


async def test_words_that_deny_lower_nothing(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("2")
    await mum.presses("1")
    before = (await ward.only_case()).pace
    await mum.says("he is fine now, no fever, not stiff")
    assert (await ward.only_case()).pace is before


@pytest.mark.parametrize("key", ["4", "5", "#"])
async def test_any_key_ends_the_open_words(ward: Ward, key: str) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("2")
    await mum.presses("2")
    reports = len((await ward.only_case()).reports)
    await mum.presses(key)
    assert "We will call you at" in mum.heard
    assert len((await ward.only_case()).reports) == reports


async def test_nothing_of_a_call_is_recorded_but_the_announced_message(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("2")
    await mum.presses("2")
    await mum.says("he is stiff")
    await mum.hangs_up()
    assert ward.carrier.calls.recordings == {}


# --- the number ------------------------------------------------------------------------------------------------------


async def to_the_number(mum: Phone, **how: str) -> None:
    await mum.calls(**how)
    await mum.presses("2")
    await mum.presses("2")
    await mum.presses("#")


async def test_the_number_is_read_back_digit_by_digit_and_another_is_rung_instead(ward: Ward) -> None:
    mum, ana, school = ward.phones("mum of Leo", "ana", STRANGER)
    await to_the_number(mum)
    assert "6 1 7, 5 5 5, 0 1 4 2" in mum.heard
    await mum.presses("2")
    await mum.presses("6175550199#")
    assert (await ward.only_case()).phone == STRANGER
    await mum.hangs_up()
    await ward.pass_time("60s")
    await ana.takes_by_voice("1")
    assert school.is_ringing


@pytest.mark.parametrize("keyed", ["911#", "112#", "0115555#", "16175559#", "9115550142#"])
async def test_a_number_that_cannot_be_rung_is_told_to_the_doctor_and_never_dialled(ward: Ward, keyed: str) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_number(mum)
    await mum.presses("2")
    await mum.presses(keyed)
    case = await ward.only_case()
    assert case.phone == mum.number
    assert "by 3:19 AM" in mum.heard or "by 3:14 AM" in mum.heard


async def test_a_withheld_number_is_asked_for_and_the_page_is_out_already(ward: Ward) -> None:
    stranger, ana = ward.phones(STRANGER, "ana")
    await to_the_number(stranger, shown_as="anonymous")
    assert ana.inbox
    assert "We cannot see your number" in stranger.heard
    await stranger.presses("6175550199#")
    case = await ward.only_case()
    assert case.phone == STRANGER
    assert "A doctor should call you" in stranger.heard


async def test_star_star_in_a_number_is_a_person(ward: Ward) -> None:
    stranger = ward.phone(STRANGER)
    await to_the_number(stranger, shown_as="anonymous")
    await stranger.presses("**")
    await ward.pass_time("5s")
    assert (await ward.only_case()).has_said("asked_for_person")


async def test_hospital_staff_give_an_extension_and_are_asked_no_family_question(ward: Ward) -> None:
    doctor = ward.phone(STRANGER)
    await doctor.calls()
    await doctor.presses("8")
    assert "extension" in doctor.heard
    await doctor.presses("4411#")
    await ward.pass_time("20s")
    assert (await ward.only_case()).extension == "4411"
    assert "called 9 1 1" not in doctor.heard
    assert "Yes 1" not in doctor.heard


async def test_who_stays_is_asked_what_is_left_and_who_chooses_to_hang_up_is_no_dropped_call(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_number(mum)
    await mum.presses("1")
    assert "A doctor should call you by" in mum.heard
    await mum.presses("1")
    assert "the same person as usual" in mum.heard
    await mum.presses("1")
    assert (await ward.only_case()).asked == "waking_breathing"
    await mum.hangs_up()
    assert mum.inbox == []
    await ward.pass_time("4m")
    assert not mum.missed


async def test_goodbye_is_the_only_place_where_we_hang_up(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_number(mum)
    await mum.presses("1")
    await mum.presses("2")
    assert "We will call you. Keep this line free." in mum.heard
    assert not mum.handset.in_call
    assert not any("cut off" in text for text in mum.inbox)


# --- a call that drops -----------------------------------------------------------------------------------------------


async def test_a_dropped_call_is_texted_called_back_and_goes_on_at_the_next_question(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("2")
    await mum.presses("2")
    await mum.hangs_up()
    assert any("We got cut off. We are paging" in text for text in mum.inbox)
    await ward.pass_time("2m")
    assert mum.is_ringing
    heard = len(mum.handset.heard)
    await mum.answers()
    again = " ".join(mum.handset.heard[heard:])
    assert "Pump team calling back" in again
    assert "Tell me exactly what's happened" in again
    assert "press 8" not in again, "never the greeting again"


async def test_the_parent_who_was_cut_off_is_rung_and_not_the_other(ward: Ward) -> None:
    mum, dad = ward.phones("mum of Leo", "dad of Leo")
    await to_the_number(mum)
    await mum.presses("1")
    await mum.hangs_up()
    await dad.calls()
    await dad.presses("3")
    mum.new_texts()
    await dad.hangs_up()
    assert any("cut off" in text for text in dad.inbox)
    assert not any("cut off" in text for text in mum.new_texts())
    await ward.pass_time("2m")
    assert dad.is_ringing
    assert not mum.is_ringing


async def test_the_text_after_a_dropped_call_can_be_answered_and_then_nobody_rings(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("3")
    await mum.hangs_up()
    assert "Is it hard to wake them up" in mum.inbox[0]
    await mum.texts("1")
    case = await ward.only_case()
    assert case.has_said("menu_sleepy_or_breathing")
    assert case.pace is Urgency.EMERGENCY


async def test_nobody_who_was_told_to_call_911_is_rung_at_once(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await tells_the_danger(mum)
    await mum.hangs_up()
    assert "Reply 1 when you have called 911" in mum.inbox[0]
    assert not mum.is_ringing
    await mum.texts("1")
    assert (await ward.only_case()).has_said("called_911")
    await ward.pass_time("5m")
    assert not mum.missed
    assert not any("1 yes 2 no" in text for text in mum.inbox)


async def test_a_call_back_that_nobody_answers_is_tried_three_times_a_minute_apart(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("3")
    mum.is_set("no answer")
    await mum.hangs_up()
    await ward.pass_time("2m1s")
    assert mum.handset.ringing
    await ward.pass_time("10m")
    assert mum.missed == 3


async def test_a_landline_that_drops_is_called_at_once(ward: Ward) -> None:
    kitchen = ward.phone("kitchen of Sam")
    await kitchen.calls()
    await kitchen.presses("3")
    await kitchen.hangs_up()
    assert kitchen.is_ringing
    assert kitchen.inbox == []


async def test_a_phone_without_texts_is_asked_on_the_call_that_answers_it(ward: Ward) -> None:
    wife = ward.phone("wife of Theo")
    await wife.texts("he is stiffer than usual today")
    assert wife.is_ringing
    await wife.answers()
    assert "debe" not in wife.heard
    assert "should call by" in wife.heard
    assert "Yes 1, no 2, not sure 3" in wife.heard
    await wife.presses("1")
    assert (await ward.only_case()).pace is Urgency.EMERGENCY


# --- calling again ---------------------------------------------------------------------------------------------------


async def test_who_rings_again_within_half_an_hour_is_not_asked_again(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_number(mum)
    await mum.presses("1")
    await mum.hangs_up()
    await ward.pass_time("4m")
    heard = len(mum.handset.heard)
    await mum.calls()
    again = " ".join(mum.handset.heard[heard:])
    assert "We have your call from 3:04 AM" in again
    assert "To add news, press 1" in again
    assert "press 8" not in again
    await mum.presses("1")
    await mum.says("now he is not breathing")
    case = await ward.only_case()
    assert case.pace is Urgency.EMERGENCY


async def test_after_half_an_hour_the_questions_are_asked_again_in_the_same_case(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await to_the_number(mum)
    await mum.presses("1")
    await mum.presses("2")
    await ward.pass_time("31m")
    heard = len(mum.handset.heard)
    await mum.calls()
    assert "If very sleepy" in " ".join(mum.handset.heard[heard:])
    assert (await ward.only_case()).status is Status.PAGING


async def test_the_other_parent_shares_the_case_and_hears_the_danger_questions(ward: Ward) -> None:
    mum, dad = ward.phones("mum of Leo", "dad of Leo")
    await to_the_number(mum)
    await mum.hangs_up()
    await dad.calls()
    assert "If very sleepy" in dad.heard
    await dad.presses("1")
    case = await ward.only_case()
    assert case.pace is Urgency.EMERGENCY
    assert {call.number for call in case.calls} == {mum.number, dad.number}


async def test_another_person_on_the_same_phone_is_a_case_of_its_own(ward: Ward) -> None:
    dad, ana = ward.phones("dad of Ada and Finn", "ana")
    await dad.texts("ada is a bit stiffer than usual")
    await dad.calls()
    await dad.presses("3")
    assert "If very sleepy" in dad.heard
    await dad.presses("1")
    first, second = sorted(await ward.open_cases(), key=lambda case: len(case.key))
    assert first.key == f"phone:{dad.number}"
    assert second.key == f"phone:{dad.number}/2"
    assert second.label == "another person at this number"
    assert second.pace is Urgency.EMERGENCY
    assert first.pace is not Urgency.EMERGENCY
    assert len({text.split("#")[1][:2] for text in ana.inbox if "pump call #" in text}) == 2
    await dad.hangs_up()
    await ward.is_sound()


async def test_a_later_text_goes_to_the_worst_case_of_the_phone_and_is_shown_on_the_other(ward: Ward) -> None:
    dad, ana = ward.phones("dad of Ada and Finn", "ana")
    await dad.texts("ada is a bit stiffer than usual")
    await dad.calls()
    await dad.presses("3")
    await dad.presses("1")
    await dad.hangs_up()
    mild, bad = sorted(await ward.open_cases(), key=lambda case: len(case.key))
    await ana.texts(ana.reply_code("2"))
    await dad.texts("blue lips now")
    after = {case.id: case for case in await ward.open_cases()}
    assert len(after[bad.id].reports) > len(bad.reports)
    assert len(after[mild.id].reports) == len(mild.reports)
    shown = [type(r.entry).__name__ for r in await ward.house.journal.entries(mild.id)]
    assert "ReportShown" in shown
