"""What the carrier's webhooks lose is found in its lists within a minute, once."""

from __future__ import annotations

from oncall.core.case.case import Case, Status
from oncall.core.case.entries import Noticed, ReportAdded
from oncall.core.case.messages import Channel, Purpose
from oncall.service.intake import NOT_TOLD
from tests.support.ward import Ward, open_ward, span

ITCHY = "he is so itchy and stiff, his alarm is beeping"


async def reports_of(ward: Ward, case: Case) -> int:
    return sum(isinstance(r.entry, ReportAdded) for r in await ward.house.journal.entries(case.id))


async def look(ward: Ward) -> None:
    await ward.house.reconciler.look()
    await ward.settle()


# --- what came in ----------------------------------------------------------------------------------------------------


async def test_a_text_whose_webhook_was_lost_pages_within_a_minute() -> None:
    async with open_ward(chores=True) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        ward.carrier.faults.order("lose_webhook", "text")
        await mum.texts(ITCHY)
        assert await ward.open_cases() == []
        await ward.pass_time("60s")
        assert ana.is_ringing
        assert "911" in mum.inbox[0]
        entries = await ward.house.journal.entries((await ward.only_case()).id)
        assert any(r.entry == Noticed(NOT_TOLD) for r in entries)
        await ward.is_sound()


async def test_what_is_found_after_more_than_a_minute_is_marked_delayed(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ward.carrier.faults.order("lose_webhook", "text")
    await mum.texts(ITCHY)
    await ward.pass_time("3m")
    await look(ward)
    assert ana.inbox[0].startswith("DELAYED")


async def test_a_webhook_that_comes_later_than_the_list_adds_nothing(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    ward.carrier.faults.order("lose_webhook", "text")
    sid = await mum.texts(ITCHY)
    await look(ward)
    answers = len(mum.inbox)
    await mum.texts(ITCHY, sid=sid)
    assert await reports_of(ward, await ward.only_case()) == 1
    assert len(mum.inbox) == answers
    await look(ward)
    assert await reports_of(ward, await ward.only_case()) == 1


async def test_a_call_that_did_not_get_through_is_called_back_and_pages(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ward.carrier.faults.order("lose_webhook", "call")
    await mum.calls()
    await ward.pass_time("1m")
    assert await ward.open_cases() == []
    await look(ward)
    assert mum.is_ringing
    assert any("cut off" in text for text in mum.inbox)
    assert any("pump call #" in text for text in ana.inbox)
    await look(ward)
    assert await reports_of(ward, await ward.only_case()) == 1


async def test_who_rings_again_about_an_open_case_and_does_not_get_through_is_called_back(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts(ITCHY)
    ward.carrier.faults.order("lose_webhook", "call")
    await mum.calls()
    await ward.pass_time("1m")
    assert not mum.is_ringing
    await look(ward)
    assert mum.is_ringing


async def test_a_call_that_has_only_just_begun_is_left_to_its_own_webhook(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    case = await ward.only_case()
    await look(ward)
    assert await reports_of(ward, case) == 1
    assert mum.handset.in_call


async def test_a_paged_clinician_who_rings_the_line_and_hangs_up_is_no_family_that_was_cut_off(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ana.is_set("voicemail")
    await mum.texts("his legs are stiffer than usual today")
    await ana.calls()
    await ana.hangs_up()
    await ward.pass_time("1m")
    await look(ward)
    case = await ward.only_case()
    assert await reports_of(ward, case) == 1
    entries = await ward.house.journal.entries(case.id)
    assert any(r.entry == Noticed("the line was rung from the telephone of Dr Lee") for r in entries)


async def test_a_lost_reply_of_a_clinician_takes_the_case(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ward.pass_time("5s")
    ward.carrier.faults.order("lose_webhook", "text")
    await ana.texts(ana.reply_code("2"))
    assert (await ward.only_case()).status is Status.PAGING
    await look(ward)
    assert (await ward.only_case()).status is Status.HELD


async def test_a_late_reply_never_takes_a_page_that_was_ordered_after_it_was_written(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ward.carrier.faults.order("lose_webhook", "text")
    await ana.texts("1")
    await ward.pass_time("2m")
    await mum.texts(ITCHY)
    await look(ward)
    statuses = {case.status for case in await ward.open_cases()}
    assert Status.HELD not in statuses


async def test_stop_in_the_list_counts_as_stop(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    ward.carrier.faults.order("lose_webhook", "text")
    await mum.texts("STOP")
    await look(ward)
    caller = await ward.house.register.caller(mum.number)
    assert caller is not None
    assert caller.phone.stopped
    assert await ward.open_cases(), "and it pages (RULINGS 6)"


# --- what became of ours ---------------------------------------------------------------------------------------------


async def test_an_undelivered_page_whose_callback_was_lost_is_rung(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ward.carrier.faults.order("filter", "text", number=ana.number)
    ward.carrier.faults.order("drop_callback", "text", number=ana.number, times=9)
    await mum.texts("shes just not right")
    assert not ana.is_ringing
    await look(ward)
    assert ana.is_ringing


async def test_a_delivery_whose_callback_was_lost_is_brought_forward_and_not_spoken(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    ward.carrier.faults.order("drop_callback", "text", number=mum.number, times=9)
    await mum.texts(ITCHY)
    await look(ward)
    await ward.pass_time("65s")
    assert not mum.is_ringing
    first = next(s for s in (await ward.only_case()).messages if s.message.purpose is Purpose.FAMILY)
    assert not first.overdue


async def test_a_call_whose_end_was_never_told_no_longer_counts_as_live(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    await mum.presses("2")
    ward.carrier.faults.order("drop_callback", "call", times=1, match="completed")
    await mum.hangs_up()
    assert (await ward.only_case()).is_on_the_line
    await look(ward)
    assert not (await ward.only_case()).is_on_the_line


async def test_a_page_that_rang_out_unnoticed_rings_the_other_number(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    ward.carrier.faults.order("drop_callback", "call", number=ana.handsets[0].number, times=9)
    await mum.texts(ITCHY)
    await ward.pass_time("30s")
    rung = [s for s in (await ward.only_case()).messages if s.message.channel is Channel.VOICE]
    assert len(rung) == 1
    await look(ward)
    assert ana.handsets[1].ringing


# --- when the list itself cannot be had ------------------------------------------------------------------------------


async def test_a_list_that_cannot_be_read_is_read_from_the_same_place_later() -> None:
    async with open_ward(chores=True) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        await ward.pass_time("2m")
        before = ward.house.reconciler.reconciled_at
        assert before is not None
        ward.carrier.goes_down(span("5m"))
        await mum.texts(ITCHY)
        await ward.pass_time("4m")
        assert await ward.open_cases() == []
        assert ward.house.reconciler.reconciled_at == before
        await ward.pass_time("2m")
        assert ana.is_ringing or ana.missed
        assert ana.inbox[0].startswith("DELAYED")
        assert ward.house.reconciler.recovered["text"] == 1
        await ward.is_sound()


async def test_after_a_start_the_last_day_is_read() -> None:
    async with open_ward() as ward:
        ward.carrier.faults.order("lose_webhook", "text")
        await ward.phone("mum of Leo").texts(ITCHY)
        await ward.pass_time("8h")
        await look(ward)
        assert len(await ward.open_cases()) == 1


async def test_more_than_a_page_of_the_list_is_read(ward: Ward) -> None:
    ward.carrier.faults.order("lose_webhook", "text", times=230)
    for n in range(230):
        await ward.carrier.phone(f"+1212555{100 + n % 100:04}").texts(f"his alarm is beeping {n}")
    await look(ward)
    assert ward.house.reconciler.recovered["text"] == 230
    assert len(await ward.open_cases()) == 100


async def test_both_accounts_are_read_and_one_that_is_down_holds_up_no_other() -> None:
    async with open_ward(second_route=True) as ward:
        mum = ward.phone("mum of Leo")
        ward.second_carrier.faults.order("lose_webhook", "text")
        ward.carrier.goes_down(span("5m"))
        await mum.handset.texts(ITCHY, to=ward.second_carrier)
        await look(ward)
        assert len(await ward.open_cases()) == 1
        assert ward.house.reconciler.reconciled_at is None
        await ward.pass_time("6m")
        await look(ward)
        assert ward.house.reconciler.reconciled_at == ward.clock.now()


async def test_the_graphs_show_how_it_stands_with_the_carrier() -> None:
    async with open_ward(internal=True) as ward, ward.client() as client:
        ward.carrier.faults.order("lose_webhook", "text")
        ward.carrier.faults.order("filter", "text", code=30034)
        await ward.phone("mum of Leo").texts(ITCHY)
        await look(ward)
        async with client.get(f"{ward.internal_url}/metrics") as answer:
            shown = await answer.text()
        [read_until] = [
            line.split()[1] for line in shown.splitlines() if line.startswith("oncall_carrier_reconciled_at")
        ]
        assert float(read_until) == ward.clock.now().timestamp()
        assert 'oncall_carrier_recovered{kind="text"} 1.0' in shown
        assert 'oncall_route_in_doubt{route="first"} 0.0' in shown
