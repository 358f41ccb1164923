"""The night on which nobody picks up: the page climbs by the clock and never ends in silence."""

from __future__ import annotations

from oncall.core.case.case import Status
from oncall.core.triage.assessment import Urgency
from tests.support.ward import Ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"


async def test_a_page_nobody_answers_climbs_through_every_tier_and_begins_again(ward: Ward) -> None:
    mum, ana, dia, eli, operator = ward.phones("mum of Leo", "ana", "dia", "eli", "operator")
    await mum.texts(ITCHY)
    assert ana.is_ringing
    assert ana.inbox[0].startswith("EMERGENCY pump call #")
    assert dia.inbox == []
    await ward.pass_time("3m")
    assert dia.is_ringing
    assert eli.inbox == []
    await ward.pass_time("3m")
    assert eli.is_ringing
    assert operator.inbox == []
    await ward.pass_time("2m")
    assert operator.is_ringing
    assert "no clinician has taken it" in operator.inbox[0]
    await ward.pass_time("4m")
    assert sum("pump call #" in text for text in ana.inbox) == 2, "the second round texts everybody again"
    await ward.pass_time("2h")
    case = await ward.only_case()
    assert case.status is Status.PAGING
    assert case.round == 12
    assert ana.missed > 100, "two phones, every ninety seconds"
    await ward.is_sound()


async def test_the_family_hears_at_receipt_every_five_minutes_and_what_to_do_in_the_end(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts(ITCHY)
    assert "911" in mum.inbox[0]
    assert "by 3:14 AM" in mum.inbox[0]
    await ward.pass_time("5m")
    assert any("Still working on it" in text for text in mum.new_texts())
    await ward.pass_time("5m")
    assert any("could not reach our doctors" in text for text in mum.new_texts())
    await ward.pass_time("20m")
    assert len([text for text in mum.new_texts() if "Still working on it" in text]) == 4


async def test_no_text_to_a_telephone_tells_who_is_ill_or_how(ward: Ward) -> None:
    mum, ana, dia, operator = ward.phones("mum of Leo", "ana", "dia", "operator")
    await mum.texts(ITCHY)
    await ward.pass_time("13m")
    for text in (*ana.inbox, *dia.inbox, *operator.inbox):
        assert not any(word in text.lower() for word in ("leo", "itch", "stiff", "beep", "baclofen", "555"))


async def test_an_urgent_page_rings_after_a_minute_and_climbs_more_slowly(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts("shes just not right")
    case = await ward.only_case()
    assert case.pace is Urgency.URGENT
    assert ana.inbox
    assert not ana.is_ringing
    await ward.pass_time("60s")
    assert ana.is_ringing
    await ward.pass_time("3m59s")
    assert dia.inbox == []
    await ward.pass_time("1s")
    assert dia.inbox
    await ward.is_sound()
