"""Bad nights of the house itself: the provider is down, the rota has a hole, phones are missing, the shift changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from oncall.core.case.case import Status
from oncall.core.case.messages import Progress
from oncall.core.rota.on_call import tier_shifts, with_changes
from oncall.core.rota.shifts import leave
from tests.support.ward import THREE_AM, Ward, open_ward, shipped

ITCHY = "he is so itchy and stiff, his alarm is beeping"


async def test_a_provider_that_is_down_delays_nothing_but_itself(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    ward.carrier.faults.order("server_error", times=1000)
    await mum.texts(ITCHY)
    assert ana.inbox == []
    await ward.pass_time("4m")
    case = await ward.only_case()
    assert case.step == 1, "the page climbs on although nothing goes out"
    ward.carrier.faults.clear()
    await ward.pass_time("2m")
    assert ana.inbox
    assert dia.inbox
    assert mum.inbox
    await ward.is_sound()


async def test_an_answer_that_times_out_after_it_was_accepted_is_found_and_not_sent_twice(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ward.carrier.faults.order("accept_then_error", "text", number=ana.number)
    await mum.texts(ITCHY)
    await ward.pass_time("1m")
    pages = [text for text in ana.inbox if "pump call #" in text]
    assert len(pages) == 1


async def test_a_text_the_carrier_filters_rings_at_once(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ward.carrier.faults.order("filter", "text", number=ana.number)
    await mum.texts("shes just not right")
    assert ana.is_ringing, "an urgent page rings after a minute; undelivered brings it forward"


async def test_a_refusal_for_good_brings_the_other_number_at_once(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ana.handsets[0].mode = "busy"  # type: ignore[assignment]
    await mum.texts(ITCHY)
    assert ana.handsets[1].ringing


async def test_an_empty_tier_is_replaced_at_once_and_the_last_resort_told() -> None:
    handbook = shipped()
    night = timedelta(hours=12)
    gone = tuple(leave(f"l-{who}", who, THREE_AM - night, THREE_AM + night) for who in ("ana", "ben", "cho"))
    async with open_ward(handbook=replace(handbook, rota=with_changes(handbook.rota, gone))) as ward:
        mum, dia, operator = ward.phones("mum of Leo", "dia", "operator")
        await mum.texts(ITCHY)
        assert dia.is_ringing
        assert operator.is_ringing
        assert (await ward.only_case()).status is Status.PAGING
        await ward.is_sound()


async def test_a_clinician_without_any_phone_is_replaced_at_once() -> None:
    async with open_ward(fill=False) as ward:
        await ward.house.register.put_plain(
            {
                "people": [{"id": "dia", "full_name": "Dia", "name": "Dr Osei", "spoken": "Osei", "role": "clinician"}],
                "person_phones": [{"number": "+16175550113", "person": "dia", "proven_at": THREE_AM}],
            },
            "test",
        )
        stranger, dia = ward.phones("+16175550199", "dia")
        await stranger.texts(ITCHY)
        assert dia.is_ringing


async def test_nobody_in_the_register_at_all_still_rings_the_operator() -> None:
    async with open_ward(fill=False) as ward:
        stranger, operator = ward.phones("+16175550199", "operator")
        await stranger.texts(ITCHY)
        assert operator.is_ringing
        await ward.pass_time("13m")
        assert (await ward.only_case()).round == 2


async def test_a_busy_clinician_brings_the_next_tier_at_once(ward: Ward) -> None:
    leo, noa, ana, dia = ward.phones("mum of Leo", "mum of Noa", "ana", "dia")
    await leo.texts(ITCHY)
    await ana.answers()
    await noa.texts("i cant wake her up")
    assert dia.inbox


async def test_a_shift_change_in_mid_case_adds_the_new_holder_and_says_why() -> None:
    at = datetime.fromisoformat("2026-11-25T11:58:00+00:00")  # 06:58 in New York; the night hands over at 07:00
    async with open_ward(at) as ward:
        before = _primary(ward)
        mum = ward.phone("mum of Leo")
        await mum.texts(ITCHY)
        await ward.pass_time("25m")
        after = _primary(ward)
        assert before != after, "the sample rota hands over at seven"
        case = await ward.only_case()
        assert ward.phone(after).inbox
        assert case.page_of(after) is not None
        page = case.page_of(before)
        assert page is not None
        assert page.ringing, "in an emergency who has gone off duty keeps ringing"
        entries = await ward.house.journal.entries(case.id)
        assert any("came on duty" in str(recorded.entry) for recorded in entries)


def _primary(ward: Ward) -> str:
    shifts = tier_shifts(ward.house.handbooks.current().rota, "pump-team/primary", ward.clock.now())
    return shifts[-1].person


async def test_nothing_is_sent_for_a_case_that_was_taken_meanwhile(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code("2"))
    await ward.pass_time("30s")
    case = await ward.only_case()
    assert not any(state.progress is Progress.RINGING for state in case.messages)
    assert dia.inbox == []
