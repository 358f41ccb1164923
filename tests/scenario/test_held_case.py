"""A held case is not a silent case: what happens to news after somebody has taken it (RULINGS 4)."""

from __future__ import annotations

import pytest

from oncall.core.case.case import ClockKind, Status
from tests.support.ward import Ward

STIFF = "his legs are stiffer than usual today"


async def held_by_ana(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(STIFF)
    await ana.texts(ana.reply_code("2"))
    mum.new_texts()
    ana.new_texts()


async def test_the_same_news_is_a_text_to_the_holder_and_a_fresh_clock(ward: Ward) -> None:
    await held_by_ana(ward)
    mum, ana = ward.phones("mum of Leo", "ana")
    await ward.pass_time("4m")
    await mum.texts("still stiff like i said")
    [news] = [text for text in ana.new_texts() if "News on your pump call" in text]
    assert "stiff" not in news
    assert not ana.is_ringing
    assert any("has been told" in text for text in mum.new_texts())
    case = await ward.only_case()
    clock = case.clock(ClockKind.FAMILY_REACHED)
    assert clock is not None
    assert (clock.due_at - ward.clock.now()).total_seconds() == 600


@pytest.mark.parametrize("news", ["he is getting worse", "now i cant wake him", "0"])
async def test_worse_news_rings_the_holder_and_climbs_after_three_minutes(ward: Ward, news: str) -> None:
    await held_by_ana(ward)
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(news)
    assert ana.is_ringing
    assert dia.inbox == []
    await ward.pass_time("3m")
    assert dia.inbox, "the next tier is added at once"
    case = await ward.only_case()
    assert case.status is Status.PAGING
    assert case.holder is not None
    await ward.is_sound()


async def test_a_holder_who_takes_the_worse_news_keeps_the_case(ward: Ward) -> None:
    await held_by_ana(ward)
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts("he is getting worse")
    await ana.takes_by_voice()
    await ward.pass_time("4m")
    assert dia.inbox == []
    assert (await ward.only_case()).status is Status.HELD


async def test_no_report_after_reached_is_left_without_a_clock(ward: Ward) -> None:
    await held_by_ana(ward)
    mum, ana = ward.phones("mum of Leo", "ana")
    await ana.texts("reached")
    assert (await ward.only_case()).clocks == ()
    await mum.texts("one more thing, he is sweating")
    assert (await ward.only_case()).clock(ClockKind.FAMILY_REACHED) is not None


async def test_thanks_after_closing_is_filed_there_and_answered_with_zero(ward: Ward) -> None:
    await held_by_ana(ward)
    mum, ana = ward.phones("mum of Leo", "ana")
    await ana.texts("reached")
    await ana.texts(ana.reply_code("74"))
    mum.new_texts()
    await mum.texts("thank you so much!")
    assert await ward.open_cases() == []
    [answer] = mum.new_texts()
    assert "reply 0" in answer
    assert not ana.is_ringing


async def test_anything_clinical_after_closing_opens_a_linked_case_to_the_closer_too(ward: Ward) -> None:
    await held_by_ana(ward)
    mum, ana = ward.phones("mum of Leo", "ana")
    closed = (await ward.only_case()).id
    await ana.texts("reached")
    await ana.texts(ana.reply_code("74"))
    ana.new_texts()
    await ward.pass_time("20m")
    await mum.texts("his legs are stiff again")
    case = await ward.only_case()
    assert case.linked == closed
    assert case.status is Status.PAGING
    assert any("pump call #" in text for text in ana.new_texts())


async def test_zero_after_closing_reaches_a_doctor(ward: Ward) -> None:
    await held_by_ana(ward)
    mum, ana = ward.phones("mum of Leo", "ana")
    await ana.texts("reached")
    await ana.texts(ana.reply_code("74"))
    await mum.texts("0")
    assert (await ward.only_case()).status is Status.PAGING
