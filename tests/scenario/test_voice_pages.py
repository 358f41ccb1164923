"""A page by voice: what is said before and after the digit that proves a person, and every key of the one table."""

from __future__ import annotations

import pytest

from oncall.core.case.case import Status
from tests.support.ward import Ward, open_ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"
OF_THE_PATIENT = ("itch", "stiff", "leo", "beep", "baclofen", "withdraw", "too little")


async def test_the_urgency_is_the_first_word_and_nothing_of_the_patient_comes_before_the_digit(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.answers()
    await ward.pass_time("6s")
    assert ana.heard.startswith("EMERGENCY. Pump team page for Doctor Lee.")
    assert ana.heard.count("To hear it, press 7") == 3, "said three times"
    assert not any(word in ana.heard.lower() for word in OF_THE_PATIENT)
    await ana.presses("7")
    assert any(word in ana.heard.lower() for word in OF_THE_PATIENT)


async def test_the_opening_has_gaps_of_two_seconds_and_ends_without_taking(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.handset.answers()
    said = []
    for _ in range(12):
        said.append(ana.heard.count("press 7"))
        await ward.pass_time("1s")
    assert said[:8] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert not ana.handset.in_call
    assert (await ward.only_case()).status is Status.PAGING


async def test_a_voicemail_is_left_one_sentence_and_his_other_number_rings_at_once(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    first, second = ana.handsets
    first.mode = "voicemail"
    await mum.texts(ITCHY)
    await ward.pass_time("25s")
    assert first.voicemail[-1] == "Pump team page. Call this number and press 8."
    assert not any(word in " ".join(first.voicemail).lower() for word in OF_THE_PATIENT)
    assert first.line is None, "hung up early"
    assert second.ringing
    case = await ward.only_case()
    assert case.status is Status.PAGING
    assert case.holder is None
    await ward.pass_time("2m35s")
    assert dia.is_ringing, "the clock of the table is untouched"


async def test_a_screening_robot_counts_as_a_person_who_has_not_pressed(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ana.is_set("screening robot")
    await mum.texts(ITCHY)
    await ward.pass_time("5s")
    screened = " ".join(words for handset in ana.handsets for words in handset.screened)
    assert "press 7" in screened
    assert "press 8" not in screened, "unknown is a person: the page goes on"
    assert (await ward.only_case()).status is Status.PAGING


async def test_a_person_who_pressed_before_the_carrier_guesses_machine_is_not_cut_off(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ana.handsets[0].mode = "voicemail"
    await mum.texts(ITCHY)
    await ward.pass_time("21s")
    ana.handsets[0].line.answer()  # type: ignore[union-attr]  # she takes it off the machine
    await ward.settle()
    await ana.presses("7")
    await ward.pass_time("10s")
    assert ana.handset.in_call
    await ana.presses("2")
    assert (await ward.only_case()).status is Status.HELD


async def test_the_two_numbers_are_rung_in_turn(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    first, second = ana.handsets
    assert (first.ringing, second.ringing) == (True, False)
    await ward.pass_time("25s")
    assert (first.ringing, second.ringing) == (False, True)
    await ward.pass_time("65s")
    assert first.ringing, "90 seconds after the first ring: the other number did not put the clock off"


# --- the one table ---------------------------------------------------------------------------------------------------


async def taken_by_voice(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.takes_by_voice("2")


async def test_the_keys_are_said_three_at_a_time_and_end_in_a_goodbye(ward: Ward) -> None:
    await taken_by_voice(ward)
    ana = ward.phone("ana")
    before = ana.heard.count("9, undo")
    assert "5, call the family. 6, you have reached them. 9, undo." in ana.heard
    await ward.pass_time("5s")
    assert "7, close it. 4, page another service. 8, call them with an interpreter." in ana.heard
    await ward.pass_time("5s")
    assert "0, hand it over. 3, pass it on. Star, repeat." in ana.heard
    await ana.presses("*")
    assert ana.heard.count("9, undo") == before + 1
    await ward.pass_time("20s")
    assert ana.heard.endswith("You can also reply by text. Goodbye.")
    assert not ana.handset.in_call
    assert (await ward.only_case()).status is Status.HELD


async def test_four_adds_a_service_by_its_digit(ward: Ward) -> None:
    await taken_by_voice(ward)
    ana, fay = ward.phones("ana", "fay")
    await ana.presses("4")
    assert "1, neurosurgery" in ana.heard
    await ana.presses("1")
    assert "neurosurgery is being paged" in ana.heard
    assert fay.is_ringing


async def test_six_is_reached_and_seven_asks_for_the_outcome(ward: Ward) -> None:
    await taken_by_voice(ward)
    ana = ward.phone("ana")
    await ana.presses("6")
    case = await ward.only_case()
    assert case.family_reached_at is not None
    await ana.presses("7")
    assert "1, advised 9 1 1" in ana.heard
    await ward.pass_time("5s")
    assert "4, phone advice" in ana.heard
    await ana.presses("4")
    assert "It is closed. Thank you." in ana.heard
    assert await ward.open_cases() == []


async def test_nine_undoes_within_two_minutes(ward: Ward) -> None:
    await taken_by_voice(ward)
    ana = ward.phone("ana")
    await ana.presses("9")
    assert "Undone" in ana.heard
    assert (await ward.only_case()).status is Status.PAGING


async def test_three_passes_on_and_three_again_says_not_me(ward: Ward) -> None:
    mum, ana, dia, maria = ward.phones("mum of Leo", "ana", "dia", "maria")
    await mum.texts(ITCHY)
    await ana.takes_by_voice("3")
    assert dia.is_ringing
    assert (await ward.only_case()).wrong_people == ()
    await ana.presses("3")
    assert "Noted: this page was not for you" in ana.heard
    assert (await ward.only_case()).wrong_people == ("ana",)
    assert maria.inbox == [], "nobody wakes the coordinator for it"
    assert sum(page.person == "eli" for page in (await ward.only_case()).pages) == 0, "one tier, not two"


@pytest.mark.parametrize("key", "1234568")
async def test_no_key_acts_before_the_accept_digit(ward: Ward, key: str) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.answers()
    await ana.presses(key)
    await ana.presses("2")
    assert (await ward.only_case()).status is Status.PAGING


async def test_who_rings_back_hears_his_page_by_the_two_digits_of_its_text(ward: Ward) -> None:
    """ "Call this number and press 8": a caller's number can be faked, the two digits were sent to it."""
    mum, ana = ward.phones("mum of Leo", "ana")
    ana.is_set("voicemail")
    await mum.texts("his legs are stiffer than usual today")
    await ana.calls()
    assert "To hear your page, press 8" in ana.heard
    await ana.presses("8")
    await ana.presses(ana.reply_code("")[:2])
    assert "Press 1 to take it" in ana.heard
    await ana.presses("2")
    case = await ward.only_case()
    assert case.holder is not None
    assert case.holder.person == "ana"


async def test_a_ring_back_with_other_digits_is_a_call_like_any_other(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ana.is_set("voicemail")
    await mum.texts("his legs are stiffer than usual today")
    await ana.calls()
    await ana.presses("8")
    await ana.presses("99")
    assert "hang up and call 9 1 1" in ana.heard
    assert all(case.holder is None for case in await ward.open_cases())


@pytest.mark.parametrize("line", ["first", "second"])
@pytest.mark.parametrize("telephone", [0, 1])
async def test_a_clinician_who_rings_in_is_known_by_either_telephone_on_either_line(line: str, telephone: int) -> None:
    async with open_ward(second_route=True) as ward:
        ana = ward.phone("ana")
        await ward.phone("mum of Leo").texts("he is so itchy and stiff, his alarm is beeping")
        for handset in ana.handsets:
            await handset.hangs_up()
        handset = ana.handsets[telephone]
        await handset.calls(to=ward.carrier if line == "first" else ward.second_carrier)
        await ward.pass_time("2s")
        await handset.presses("8")
        await ward.pass_time("2s")
        await handset.presses(ana.reply_code(""))
        await ward.pass_time("2s")
        await handset.presses("2")
        await ward.settle()
        holder = (await ward.only_case()).holder
        assert holder is not None
        assert holder.person == "ana"
