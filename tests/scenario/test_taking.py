"""A clinician takes a case, by whatever is at hand, and what that starts and stops."""

from __future__ import annotations

from oncall.core.case.case import ClockKind, Status
from tests.support.ward import Ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"


async def test_three_digits_take_the_case_and_the_family_hears_who_calls_and_by_when(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code("2"))
    case = await ward.only_case()
    assert case.status is Status.HELD
    assert case.holder is not None
    assert case.holder.person == "ana"
    assert "Dr Lee has your message" in mum.inbox[-1]
    assert "by 3:09 AM" in mum.inbox[-1]
    assert "You have #" in ana.inbox[-1]
    await ward.is_sound()


async def test_an_ack_on_one_channel_stops_the_ring_on_another_at_once(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ward.pass_time("3m")
    assert dia.is_ringing
    await ana.texts(ana.reply_code("2"))
    assert not dia.is_ringing
    assert not ana.is_ringing
    assert dia.inbox[-1].startswith("Stand down")
    await ward.pass_time("4m59s")
    assert not dia.is_ringing


async def test_the_accept_digit_and_then_a_key_take_it_by_voice(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.answers()
    assert "EMERGENCY" in ana.heard
    assert "itch" not in ana.heard.lower(), "nothing of the patient before the digit"
    await ana.presses("7")
    assert "Press 1 to take it" in ana.heard
    await ana.presses("2")
    case = await ward.only_case()
    assert case.holder is not None
    assert case.holder.how == "pressed 2"
    assert "Dr Lee" in mum.inbox[-1]


async def test_a_wrong_digit_hears_nothing_and_takes_nothing(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.answers()
    await ana.presses("6")
    assert "Press 1 to take it" not in ana.heard
    assert (await ward.only_case()).status is Status.PAGING


async def test_voicemail_picks_up_and_takes_nothing(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    ana.is_set("voicemail")
    await mum.texts(ITCHY)
    await ward.pass_time("3m")
    assert (await ward.only_case()).status is Status.PAGING
    assert dia.is_ringing
    said = " ".join(words for handset in ana.handsets for words in handset.voicemail).lower()
    assert said
    assert not any(word in said for word in ("itch", "stiff", "leo", "beep"))


async def test_who_comes_late_is_told_who_has_it(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ward.pass_time("3m")
    await dia.texts(dia.reply_code("2"))
    await ana.texts(ana.reply_code("2"))
    assert "Dr Osei took #" in ana.inbox[-1]
    case = await ward.only_case()
    assert case.holder is not None
    assert case.holder.person == "dia"


async def test_a_wrong_phone_with_the_right_code_takes_nothing(ward: Ward) -> None:
    mum, ana, ben = ward.phones("mum of Leo", "ana", "ben")
    await mum.texts(ITCHY)
    await ben.texts(ana.reply_code("1"))
    cases = await ward.open_cases()
    assert all(case.holder is None for case in cases)


async def test_a_bare_one_counts_with_exactly_one_open_page(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.texts("1")
    assert (await ward.only_case()).status is Status.HELD


async def test_a_bare_one_with_two_open_pages_asks_which(ward: Ward) -> None:
    leo, noa, ana = ward.phones("mum of Leo", "mum of Noa", "ana")
    await leo.texts(ITCHY)
    await noa.texts("i cant wake her up")
    await ana.texts("ok")
    assert "You have 2 open pump calls" in ana.inbox[-1]
    assert all(case.status is Status.PAGING for case in await ward.open_cases())


async def test_passing_on_pages_the_next_tier_at_once(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code("3"))
    assert dia.is_ringing
    assert not ana.is_ringing


async def test_undo_within_two_minutes_goes_on_where_the_case_would_be(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ward.pass_time("2m")
    await ana.texts(ana.reply_code("2"))
    await ward.pass_time("1m30s")
    await ana.texts(ana.reply_code("9"))
    assert (await ward.only_case()).status is Status.PAGING
    assert dia.is_ringing, "three minutes have passed: the attending is due"
    assert "cannot take your call" in mum.inbox[-1]


async def test_undo_after_two_minutes_is_refused(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code("2"))
    await ward.pass_time("2m1s")
    await ana.texts(ana.reply_code("9"))
    assert "can no longer be undone" in ana.inbox[-1]
    assert (await ward.only_case()).status is Status.HELD


async def test_taking_is_a_promise_the_holder_is_rung_and_then_it_climbs(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code("2"))
    await ward.pass_time("5m")
    assert ana.is_ringing
    assert "has not been reached" in ana.inbox[-1]
    assert "the call we promised has not come" in mum.inbox[-1]
    assert dia.inbox == []
    await ward.pass_time("3m")
    case = await ward.only_case()
    assert case.status is Status.PAGING
    assert case.holder is not None, "the holder stays on it"
    assert dia.is_ringing


async def test_reached_ends_the_clock_and_closing_tells_the_family(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code("2"))
    await ana.texts("reached")
    case = await ward.only_case()
    assert case.clock(ClockKind.FAMILY_REACHED) is None
    assert case.clocks == ()
    await ana.texts(ana.reply_code("74"))
    assert await ward.open_cases() == []
    assert "has closed this call" in mum.inbox[-1]
    await ward.is_sound()


async def test_a_second_family_text_while_it_is_paged_is_the_same_case(ward: Ward) -> None:
    mum, dad = ward.phones("mum of Leo", "dad of Leo")
    await mum.texts(ITCHY)
    await mum.texts("now he is hot too")
    await dad.texts("its leos dad, he is burning up")
    case = await ward.only_case()
    assert len(case.reports) == 3


async def test_the_operator_confirms_and_nothing_stops(ward: Ward) -> None:
    mum, ana, operator = ward.phones("mum of Leo", "ana", "operator")
    await mum.texts(ITCHY)
    await ward.pass_time("8m")
    await operator.answers()
    await operator.presses("7")
    await operator.presses("1")
    assert "keep ringing" in operator.heard
    assert (await ward.only_case()).status is Status.PAGING
    missed = ana.missed
    await ward.pass_time("2m")
    assert ana.missed > missed
