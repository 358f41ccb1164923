"""Pilot mode: the operator is told with the first page, and on Mondays the line and the operator are compared."""

from __future__ import annotations

from datetime import UTC, datetime

from oncall.core.case import entries as e
from oncall.core.case.commands import ReachFamily, Resolve
from oncall.service.reports.pilot import in_figures, pilot_case
from tests.support.ward import open_ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"
LATE_SUNDAY = datetime(2026, 11, 30, 4, 55, tzinfo=UTC)  # 23:55 in New York


async def test_in_a_pilot_the_operator_is_told_with_the_first_page_and_the_journal_says_why() -> None:
    async with open_ward(mode="pilot") as ward:
        mum, ana, operator = ward.phones("mum of Leo", "ana", "operator")
        await mum.texts(ITCHY)
        assert ana.is_ringing
        assert operator.is_ringing
        [text] = operator.inbox
        assert text.startswith("PILOT EMERGENCY pump call #")
        assert "page the team by hand too" in text
        case = await ward.only_case()
        assert case.pinned.pilot
        [told] = [page for page in case.pages if page.informs]
        assert told.why.startswith("pilot: told beside the pump team; ")
        await operator.answers()
        await operator.presses("7")
        assert "Page them by hand too" in operator.heard
        await operator.presses("1")
        assert ana.is_ringing, "the operator's word stops nothing"
        await ward.is_sound()


async def test_the_last_step_of_a_pilot_still_tells_the_operator_that_nobody_has_taken_it() -> None:
    async with open_ward(mode="pilot") as ward:
        mum, operator = ward.phones("mum of Leo", "operator")
        await mum.texts(ITCHY)
        await ward.pass_time("7m59s")
        assert len(operator.inbox) == 1
        await ward.pass_time("1s")
        assert len(operator.inbox) == 2
        assert "no clinician has taken it" in operator.inbox[-1]
        await ward.pass_time("4m")
        assert len(operator.inbox) == 4, "once with the missed promise, once with the second round"


async def test_when_a_clinician_takes_it_the_operator_is_told_to_stand_down() -> None:
    async with open_ward(mode="pilot") as ward:
        mum, ana, operator = ward.phones("mum of Leo", "ana", "operator")
        await mum.texts(ITCHY)
        await ana.takes_by_voice()
        assert not operator.is_ringing
        assert operator.inbox[-1].startswith("Stand down #")


async def test_a_live_line_leaves_the_operator_alone_until_the_last_step(ward) -> None:
    mum, operator = ward.phones("mum of Leo", "operator")
    await mum.texts(ITCHY)
    assert operator.inbox == []
    assert not (await ward.only_case()).pinned.pilot


async def test_the_pilots_week_is_told_on_monday_from_the_journal_without_a_patient() -> None:
    async with open_ward(LATE_SUNDAY, mode="pilot") as ward:
        mum, operator, maria = ward.phones("mum of Leo", "operator", "maria")
        await mum.texts(ITCHY)
        case = await ward.only_case()
        taker = case.pages[0].person
        await operator.answers()
        await operator.presses("7")
        await operator.presses("1")
        await ward.phone(taker).takes_by_voice()
        await ward.house.desk.take(ReachFamily(case.id, taker, "replied"))
        await ward.house.desk.take(Resolve(case.id, taker, "phone advice"))
        await ward.pass_time("7h9m")
        await ward.house.pilot_week.look()
        await ward.settle()
        assert not any("Pilot" in text for text in maria.inbox), "not before five past seven"
        await ward.pass_time("6m")
        for _ in range(2):
            await ward.house.pilot_week.look()
            await ward.settle()
        [told] = [text for text in maria.inbox if "Pilot" in text]
        assert "week to Sun 29 Nov. 1 case." in told
        assert "taken by a clinician median 0:0" in told
        assert "The operator: confirmed median 0:0" in told
        assert "before a clinician had taken it in 1 of 1" in told
        assert not any(word in told for word in ("Leo", "itchy", "555"))


async def test_a_case_of_the_live_line_is_none_of_the_pilots(ward) -> None:
    await ward.phone("mum of Leo").texts(ITCHY)
    recorded = await ward.house.journal.entries((await ward.only_case()).id)
    assert any(isinstance(r.entry, e.PageOrdered) for r in recorded)
    assert pilot_case(recorded) is None
    assert in_figures([]) == ["No case of the pilot."]


async def test_every_page_of_a_pilot_says_so_inside_and_outside() -> None:
    async with open_ward(mode="pilot", internal=True) as ward, await ward.browser() as browser:
        await ward.phone("mum of Leo").texts(ITCHY)
        outside = ward.house.config.public.url + f"/p/{(await ward.only_case()).pages[0].token}"
        for address in (f"{ward.internal_url}/", f"{ward.internal_url}/rota", outside):
            async with browser.get(address) as answer:
                assert '<p class="ribbon pilot"><strong>PILOT</strong>' in await answer.text(), address


async def test_a_live_line_has_no_ribbon_of_a_pilot() -> None:
    async with (
        open_ward(internal=True) as ward,
        await ward.browser() as browser,
        browser.get(f"{ward.internal_url}/") as answer,
    ):
        assert answer.status == 200
        assert "ribbon pilot" not in await answer.text()
