"""Giving a shift away in a real browser: by keyboard alone, on a telephone, and judged by axe-core."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.browser.axe import assert_accessible, needs_axe
from tests.browser.chromium import in_chromium, opened
from tests.contract.test_request_pages import LATER, TIER, made
from tests.support.web_house import WebHouse, web_house

pytestmark = in_chromium
FORM = f"/rota/requests/new?tier={TIER}&starts={LATER:%Y-%m-%dT%H:%M}%2B00:00"


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made_house = await web_house()
    await made_house.publish_first()
    yield made_house
    await made_house.close()


async def test_a_shift_is_given_away_agreed_and_published_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go(FORM)
    await shown.sees("Dr Singh is on call until it is published")
    await shown.tab_to("Give it to a colleague")
    await shown.keys("Space")
    await shown.tab_to("Give it to")
    await shown.page.keyboard.type("Dr Park")
    await shown.tab_to("A word with it")
    await shown.keys("Enter")
    await shown.sees("Nothing is changed: Dr Singh HAS this shift, until it is published.")
    await shown.tab_to("Dr Park said yes, by phone")
    await shown.keys("Enter")
    await shown.sees("Careful: ")
    await shown.tab_to("Why all the same")
    await shown.page.keyboard.type("both insist")
    await shown.keys("Enter")
    await shown.sees("Published: Dr Park has it instead of Dr Singh.")
    await shown.sees("Dr Park accepted, entered by Maria Ortiz: told me by phone")
    assert shown.complaints == []


@needs_axe
async def test_axe_finds_nothing_serious_and_nothing_is_wider_than_a_telephone(house: WebHouse, browser: Any) -> None:
    request = await made(house, whom="cho")
    shown = await opened(browser, house, width=360)
    for path in ("/rota/requests", "/rota/requests/new", FORM, f"/rota/requests/new?tier={TIER}", "/rota/requests/R1"):
        await shown.go(path)
        await assert_accessible(shown.page)
        assert await shown.overflow() <= 0, path
    await house.given.rota_requests.answer(request.id, "cho", True, "cho")
    await shown.go("/rota/requests/R1")
    await shown.sees("Careful: ")
    await assert_accessible(shown.page)
    assert await shown.overflow() <= 0
