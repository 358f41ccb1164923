"""A family rings the line: the case exists at pick-up, the emergency number comes first, and a page goes out whatever
they do next."""

from __future__ import annotations

from oncall.core.case.case import Status
from oncall.core.triage.assessment import Urgency
from tests.support.ward import Ward

STRANGER = "+16175550199"


async def test_the_case_exists_at_pick_up_and_911_comes_first_in_both_languages(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    case = await ward.only_case()
    assert case.status is Status.LISTENING
    assert ana.inbox == []
    assert mum.heard.index("9 1 1") < mum.heard.index("llame al 9 1 1") < mum.heard.index("press 1")


async def test_the_first_key_pages_and_the_caller_hears_911_twice_then_who_and_by_when(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.presses("1")
    assert (await ward.only_case()).pace is Urgency.EMERGENCY
    assert ana.is_ringing
    told = mum.heard[mum.heard.index("Call 9 1 1 now") :]
    assert told.count("call 9 1 1 now") + told.count("Call 9 1 1 now") == 2
    await mum.presses("1")
    assert "We are paging Dr Lee now" in mum.heard
    assert "by 3:14 AM" in mum.heard


async def test_twenty_seconds_page_whatever_was_said(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await ward.pass_time("20s")
    assert (await ward.only_case()).status is Status.PAGING
    assert ana.inbox


async def test_two_silences_page(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await ward.pass_time("3s")
    assert ana.inbox == []
    await ward.pass_time("4s")
    assert ana.inbox
    assert "We will call you at 6 1 7, 5 5 5, 0 1 4 2" in mum.heard


async def test_spoken_words_are_read_and_kept_for_the_clinician(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.says("he is stiff as a board and burning up")
    case = await ward.only_case()
    assert case.pace is Urgency.EMERGENCY
    assert ana.is_ringing
    raw = [await ward.house.journal.report(note.id) for note in case.reports]
    assert any(report and "stiff as a board" in report.raw for report in raw)


async def test_a_known_phone_that_hangs_up_at_once_pages_and_is_called_back_in_two_minutes(ward: Ward) -> None:
    """Not at once: whoever was told to call 911 needs the line for that."""
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.hangs_up()
    assert (await ward.only_case()).status is Status.PAGING
    assert ana.inbox
    assert any("cut off" in text for text in mum.inbox)
    await ward.pass_time("1m59s")
    assert not mum.is_ringing
    await ward.pass_time("1s")
    assert mum.is_ringing


async def test_an_unknown_phone_that_hangs_up_at_once_is_called_back_and_pages_after_two_minutes(ward: Ward) -> None:
    stranger, ana = ward.phones(STRANGER, "ana")
    await stranger.calls()
    await stranger.hangs_up()
    assert stranger.is_ringing
    assert any("cut off" in text for text in stranger.inbox)
    assert ana.inbox == []
    await ward.pass_time("2m")
    assert ana.inbox


async def test_a_withheld_number_gets_full_service(ward: Ward) -> None:
    stranger, ana = ward.phones(STRANGER, "ana")
    await stranger.calls(shown_as="anonymous")
    await stranger.presses("2")
    case = await ward.only_case()
    assert case.phone is None
    assert ana.inbox
    assert "We are paging" in stranger.heard


async def test_nine_chooses_spanish(ward: Ward) -> None:
    mum, _ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.presses("9")
    assert "oprima 1" in mum.heard
    await mum.presses("2")
    assert "Estamos avisando a Dr Lee" in mum.heard
    assert (await ward.only_case()).language == "es"


async def test_hospital_staff_get_primary_and_attending_together(ward: Ward) -> None:
    doctor, ana, dia = ward.phones(STRANGER, "ana", "dia")
    await doctor.calls()
    await doctor.presses("8")
    assert (await ward.only_case()).pace is Urgency.EMERGENCY
    assert ana.is_ringing
    assert dia.is_ringing
    assert "stay on the line" in doctor.heard


async def test_zero_is_a_person_now(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.presses("0")
    assert ana.inbox
    assert (await ward.only_case()).status is Status.PAGING


async def test_star_says_it_again_and_files_nothing(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    said = mum.heard.count("press 1")
    await mum.presses("*")
    assert mum.heard.count("press 1") == said + 1
    assert len((await ward.only_case()).reports) == 1


async def test_who_stays_on_the_line_hears_a_word_every_twenty_seconds_and_who_took_it(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.presses("1")
    await ward.pass_time("65s")
    assert "Still here" in mum.heard
    await ana.texts(ana.reply_code("2"))
    await ward.pass_time("25s")
    assert "Dr Lee has your call" in mum.heard


async def test_take_and_connect_joins_the_clinician_with_the_family_and_a_key_proves_it(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("he is so itchy and stiff, his alarm is beeping")
    await ana.takes_by_voice("1")
    assert mum.is_ringing
    await mum.answers()
    assert "The doctor is on the line" in mum.heard
    await mum.presses("1")
    case = await ward.only_case()
    assert case.family_reached_at is not None
    assert case.clocks == ()
    await ward.is_sound()


async def test_a_family_that_does_not_answer_the_join_is_not_reached(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("he is so itchy and stiff, his alarm is beeping")
    await ana.takes_by_voice("1")
    await ward.pass_time("2m")
    case = await ward.only_case()
    assert case.family_reached_at is None
    assert case.clocks


async def test_a_caller_who_stayed_on_the_line_is_joined_with_the_doctor_who_takes_it(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.presses("1")
    await ward.pass_time("12s")
    await ana.takes_by_voice("1")
    assert "The pump doctor is on the line" in mum.heard, "at once, not at the next word"
    await mum.presses("1")
    [room] = ward.carrier.calls.rooms.values()
    assert len(room.joined) == 2
    assert (await ward.only_case()).family_reached_at is not None


async def test_both_parents_hear_the_answer_to_their_own_text(ward: Ward) -> None:
    mum, dad, ana = ward.phones("mum of Leo", "dad of Leo", "ana")
    await mum.texts("his legs are stiffer than usual today")
    await ana.texts(ana.reply_code("2"))
    mum.new_texts()
    await dad.texts("any news about leo, he is still stiff")
    assert any("has been told" in text for text in dad.inbox)
    assert mum.new_texts() == []


async def test_a_person_who_says_wrong_number_in_time_wakes_nobody(ward: Ward) -> None:
    stranger, ana = ward.phones(STRANGER, "ana")
    await stranger.calls()
    await stranger.hangs_up()
    await stranger.texts("sorry wrong number")
    await ward.pass_time("5m")
    assert ana.inbox == []
    assert (await ward.only_case()).pace is Urgency.ROUTINE
