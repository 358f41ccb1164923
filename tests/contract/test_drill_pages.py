"""The drill of a chain from its page, its results as they come in, and the certificate of a month."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from oncall.core.case.messages import Outcome, Verdict
from oncall.core.notices import answered, attempted, handed_over, lapsed
from tests.contract.test_rota_editing import Client, send
from tests.contract.test_rota_pages import look, plain
from tests.support.web_house import CHO, WebHouse, web_house


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


@pytest.fixture
async def maria(house: WebHouse) -> Client:
    return await house.api()


async def rung(house: WebHouse, digits: dict[str, str]) -> None:
    """What a carrier would do: each call is taken, and some are answered."""
    taken = Outcome(Verdict.ACCEPTED, "CA1")
    for notice in await house.register.notices.open():
        at = house.clock.now()
        await house.register.notices.change(notice.id, lambda one, at=at: handed_over(attempted(one, at), taken, at))
    house.later(seconds=7)
    for notice in await house.register.notices.open():
        if digit := digits.get(notice.person):
            at = house.clock.now()
            await house.register.notices.change(notice.id, lambda one, at=at, d=digit: answered(one, d, "CA1", at))


async def test_a_coordinator_rings_a_chain_and_sees_who_has_answered(house: WebHouse, maria: Client) -> None:
    page = await look(maria, "/rota/drills")
    assert "No test call in the last month." in page
    assert {"", "pump-team", "pump-team/primary"} <= set(re.findall(r'<option value="([^"]*)"', page))
    where = await send(maria, "/rota/drills", tier="pump-team")
    await rung(house, {"cho": "1"})
    told = await look(maria, where)
    assert "Under way." in plain(told)
    assert 'data-live="running"' in told
    assert re.search(r"Dr Park •••• 0183 ✓ pressed 1 after 7 s", plain(told)), plain(told)
    assert CHO not in told
    assert "Dr Park" in plain(await look(await house.api("vera"), where))
    refused = await send(maria, "/rota/drills", 422, tier="pump-team")
    assert "a test call is under way" in refused
    assert "choose whom to ring" in await send(maria, "/rota/drills", 422, tier="nowhere")


async def test_the_certificate_names_who_answered_by_which_number_and_who_did_not(
    house: WebHouse, maria: Client
) -> None:
    await send(maria, "/rota/drills", tier="pump-team/primary")
    await send(maria, "/rota/drills", 422, tier="pump-team/primary")
    await rung(house, {"cho": "1"})
    house.later(minutes=1)
    await house.given.team.drills.begin("one", "fay", None, "maria")
    await rung(house, {})
    late = house.clock.now() + timedelta(minutes=20)
    for notice in await house.register.notices.open():
        await house.register.notices.change(notice.id, lambda one: lapsed(one, late))
    sheet = plain(await look(await house.api("vera"), "/rota/print/drills?month=2026-11"))
    assert "2 asked, 1 answered, 1 did not" in sheet
    assert "Dr Okafor, Mon 23 Nov 03:05, drill: NO ANSWER (call •••• 0186)" in sheet
    assert "Dr Park Drill call •••• 0183 pressed 1, Mon 23 Nov 03:04, after 7 s" in sheet
    empty = plain(await look(maria, "/rota/print/drills?month=2026-10"))
    assert "Nothing was asked in this month." in empty
    assert "November 2026" in plain(await look(maria, "/rota/print/drills?month=nonsense"))
