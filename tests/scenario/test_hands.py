"""A held case changes hands: offered and said back, taken from a colleague, or "not me"; and several cases at once."""

from __future__ import annotations

import pytest

from oncall.core.case.case import ClockKind, Status
from tests.support.ward import Ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"
STIFF = "his legs are stiffer than usual today"


async def held_by_ana(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(STIFF)
    await ana.texts(ana.reply_code("2"))
    ana.new_texts()
    mum.new_texts()


async def holder(ward: Ward) -> str | None:
    case = await ward.only_case()
    return case.holder.person if case.holder else None


# --- offered and said back -------------------------------------------------------------------------------------------


async def test_an_offered_case_stays_with_its_holder_until_it_is_said_back(ward: Ward) -> None:
    await held_by_ana(ward)
    ana, dia = ward.phones("ana", "dia")
    code = slot_of(ana) + "0"
    await ana.texts(f"{code} osei")
    assert "is offered to Dr Osei. You keep it" in ana.inbox[-1]
    assert dia.is_ringing
    assert "Dr Lee hands it to you" in dia.inbox[-1]
    assert dia.inbox[-1].startswith("URGENT")
    assert await holder(ward) == "ana"
    await dia.texts(dia.reply_code("2"))
    assert "say back what you take over" in dia.inbox[-1]
    assert await holder(ward) == "ana", "taking is not saying back"
    await dia.texts(dia.reply_code("0") + " ok")
    assert await holder(ward) == "ana", "a word that says nothing moves nothing"
    await dia.texts(dia.reply_code("0") + " family not reached yet, I call them")
    assert await holder(ward) == "dia"
    assert "Dr Osei took #" in ana.inbox[-1]
    assert "you are clear" in ana.inbox[-1]
    assert not dia.is_ringing
    assert "Dr Osei has your message" in ward.phone("mum of Leo").inbox[-1]
    story = await ward.story()
    assert any("offers the case to Dr Osei" in row for row in story)
    assert any("Dr Osei says back" in row for row in story)
    await ward.is_sound()


async def test_an_offered_case_that_is_no_emergency_rings_on_until_it_is_said_back(ward: Ward) -> None:
    """Also for somebody who stands on none of the tiers that were paged."""
    await held_by_ana(ward)
    ana, fay = ward.phones("ana", "fay")
    await ana.texts(f"{slot_of(ana)}0 okafor")
    await ward.pass_time("2m55s")
    assert not fay.is_ringing
    await ward.pass_time("10s")
    assert fay.is_ringing
    await fay.texts(fay.reply_code("01"))
    assert await holder(ward) == "fay"
    await ward.pass_time("4m")
    assert not fay.is_ringing


async def test_the_line_of_a_read_back_stands_in_no_text(ward: Ward) -> None:
    await held_by_ana(ward)
    ana, dia = ward.phones("ana", "dia")
    await ana.texts(f"{slot_of(ana)}0 osei")
    await dia.texts(dia.reply_code("0") + " Leo is stiff, I call his mother")
    texts = [*ana.inbox, *dia.inbox, *ward.phone("mum of Leo").inbox]
    assert not any("his mother" in text for text in texts)


async def test_a_ready_line_is_chosen_by_its_digit(ward: Ward) -> None:
    await held_by_ana(ward)
    ana, dia = ward.phones("ana", "dia")
    await ana.texts(f"{slot_of(ana)}0 osei")
    await dia.texts(dia.reply_code("01"))
    assert await holder(ward) == "dia"


async def test_on_the_telephone_a_colleague_is_chosen_by_place_and_says_it_back_by_a_key(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ana.takes_by_voice("2")
    await ana.presses("0")
    assert "Hand it to whom?" in ana.heard
    listed = ana.heard.rsplit("Hand it to whom?", 1)[1]
    place = next(part.strip()[0] for part in listed.split(".") if "Doctor Osei" in part)
    await ana.presses(place)
    assert "Offered to Dr Osei" in ana.heard
    await dia.answers()
    await dia.presses("7")
    assert "Dr Lee hands this call to you" in dia.heard
    assert await holder(ward) == "ana"
    await dia.presses("1")
    assert await holder(ward) == "dia"


async def test_who_does_not_take_it_over_leaves_it_with_the_holder(ward: Ward) -> None:
    await held_by_ana(ward)
    ana, dia = ward.phones("ana", "dia")
    await ana.texts(f"{slot_of(ana)}0 osei")
    await dia.texts(dia.reply_code("3"))
    assert "Dr Osei does not take over" in ana.inbox[-1]
    assert await holder(ward) == "ana"
    await ward.pass_time("4m")
    assert not dia.is_ringing


async def test_a_name_that_nobody_has_is_kept_as_a_note_and_an_empty_one_asks(ward: Ward) -> None:
    await held_by_ana(ward)
    ana = ward.phone("ana")
    await ana.texts(f"{slot_of(ana)}0")
    assert "hand it to whom?" in ana.inbox[-1]
    await ana.texts(f"{slot_of(ana)}0 mcg is what the card says")
    assert "kept as a note" in ana.inbox[-1]
    assert await holder(ward) == "ana"


async def test_an_offer_does_not_stop_the_clock_for_reaching_the_family(ward: Ward) -> None:
    await held_by_ana(ward)
    ana, mum = ward.phones("ana", "mum of Leo")
    await ana.texts(f"{slot_of(ana)}0 osei")
    await ward.pass_time("10m")
    assert any("the call we promised has not come" in text for text in mum.new_texts())
    assert (await ward.only_case()).clock(ClockKind.HOLDER_SILENT) is not None


# --- taken from a colleague ------------------------------------------------------------------------------------------


async def test_a_held_case_is_taken_from_its_holder_by_a_confirmed_reply(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ward.pass_time("3m")
    await dia.texts(dia.reply_code("2"))
    await ana.texts(ana.reply_code("2"))
    assert "Dr Osei took #" in ana.inbox[-1], "late pressing tells who has it"
    assert await holder(ward) == "dia"
    await ana.texts(slot_of(ana) + "0")
    assert "To take it from Dr Osei" in ana.inbox[-1]
    assert await holder(ward) == "dia"
    await ana.texts(slot_of(ana) + "0 take")
    assert await holder(ward) == "ana"
    assert "Dr Lee took #" in dia.inbox[-1]
    assert "you are clear" in dia.inbox[-1]
    assert "Dr Lee has your message" in mum.inbox[-1]
    assert (await ward.only_case()).clock(ClockKind.FAMILY_REACHED) is not None
    await ward.is_sound()


async def test_on_the_telephone_nought_and_one_take_it_from_the_holder(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ward.pass_time("3m")
    await dia.answers()
    await dia.presses("7")
    await ana.texts(ana.reply_code("2"))
    await dia.presses("2")
    assert "Dr Lee took this call" in dia.heard
    await dia.presses("0")
    assert "You take it from Dr Lee. Press 1 to confirm." in dia.heard
    assert await holder(ward) == "ana"
    await dia.presses("1")
    assert await holder(ward) == "dia"


async def test_after_the_family_was_reached_a_taker_is_told_so_and_the_family_is_left_alone(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ward.pass_time("3m")
    await dia.texts(dia.reply_code("2"))
    await dia.texts("reached")
    mum.new_texts()
    await ana.texts(slot_of(ana) + "0 take")
    assert "The family has been reached" in ana.inbox[-1]
    assert mum.new_texts() == []
    assert (await ward.only_case()).clocks == ()


# --- not me ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", ["33", "not me", "Wrong person."])
async def test_not_me_quiets_the_page_brings_the_next_tier_and_is_told_in_the_morning(ward: Ward, reply: str) -> None:
    mum, ana, dia, maria = ward.phones("mum of Leo", "ana", "dia", "maria")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code(reply) if reply.isdigit() else reply)
    assert "this page was not for you" in ana.inbox[-1]
    assert not ana.is_ringing
    assert dia.is_ringing, "the next tier at once"
    assert (await ward.only_case()).wrong_people == ("ana",)
    assert maria.inbox == []
    await dia.texts(dia.reply_code("2"))
    await dia.texts("reached")
    await dia.texts(dia.reply_code("74"))
    assert await ward.open_cases() == []
    await ward.pass_time("4h")
    [notice] = [text for text in maria.inbox if "not for them" in text]
    assert "Dr Lee" in notice


async def test_by_day_the_coordinator_hears_of_a_wrong_person_at_once(day_ward: Ward) -> None:
    mum, ben, maria = day_ward.phones("mum of Leo", "ben", "maria")
    await mum.texts(ITCHY)
    await ben.texts(ben.reply_code("33"))
    assert any("not for them" in text for text in maria.inbox)


# --- several cases ---------------------------------------------------------------------------------------------------


async def test_the_second_page_says_how_many_one_holds_and_two_cases_are_two_pages(ward: Ward) -> None:
    leo, noa, ana = ward.phones("mum of Leo", "mum of Noa", "ana")
    await leo.texts(ITCHY)
    await ana.texts(ana.reply_code("2"))
    ana.new_texts()
    await noa.texts("i cant wake her up")
    [page] = [text for text in ana.new_texts() if "pump call #" in text and "Reply" in text]
    assert page.startswith("EMERGENCY")
    assert "You already hold 1." in page
    assert len(await ward.open_cases()) == 2


async def test_ten_minutes_later_a_bare_word_takes_nothing(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(STIFF)
    await ward.pass_time("10m1s")
    await ana.texts("ok")
    assert (await ward.only_case()).status is Status.PAGING
    assert "Reply with the three digits" in ana.inbox[-1]


@pytest.mark.parametrize("word", ["1", "ok", "yes", "ack", "got it", "OK!"])
async def test_a_bare_word_takes_the_only_open_page_and_is_echoed(ward: Ward, word: str) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(STIFF)
    await ana.texts(word)
    assert await holder(ward) == "ana"
    assert "You have #" in ana.inbox[-1]


@pytest.mark.parametrize("action", ["1", "2", "3", "41", "5", "6", "7", "8", "9", "0"])
async def test_every_reply_is_echoed_in_a_sentence(ward: Ward, action: str) -> None:
    await held_by_ana(ward)
    ana = ward.phone("ana")
    await ana.texts(slot_of(ana) + action)
    assert ana.new_texts(), action


def slot_of(phone: object) -> str:
    code: str = phone.reply_code("")  # type: ignore[attr-defined]
    return code
