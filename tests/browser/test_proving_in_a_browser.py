"""Publish when proven, and the drill of a chain, in a real browser: what is shown changes by itself as answers come."""

from __future__ import annotations

from typing import Any

import pytest

from oncall.core.notices import answered
from tests.browser.axe import findings, needs_axe
from tests.browser.chromium import in_chromium, opened
from tests.contract.test_drill_pages import rung
from tests.contract.test_rota_editing import SOON, asked, send, who
from tests.support.web_house import WebHouse, web_house

pytestmark = in_chromium


async def answer(house: WebHouse, person: str) -> None:
    for notice in await house.register.notices.open():
        if notice.person == person:
            at = house.clock.now()
            await house.register.notices.change(notice.id, lambda one, at=at: answered(one, "1", "CA1", at))
            return
    raise AssertionError(f"nothing is asked of {person}")


async def test_the_preview_waits_for_the_answer_and_says_so_when_it_comes(browser: Any) -> None:
    house = await web_house()
    await house.publish_first()
    await send(await house.api(), "/rota/edit/cover", **SOON)
    shown = await (await opened(browser, house, width=360)).go("/rota/preview")
    await shown.page.locator("#reason").fill("ill")
    await shown.page.get_by_label("Yes, I mean it").focus()
    await shown.keys("Space")
    await shown.tab_to("Publish when proven")
    await shown.keys("Enter")
    await shown.sees("Waiting for Dr Osei to answer a test page")
    assert "dia" not in who(house, "2026-11-23 03:30")
    await answer(house, "dia")
    await house.given.when_proven.look()
    await shown.sees("Dr Osei answered the test page: published")
    assert "dia" in who(house, "2026-11-23 03:30")
    assert shown.complaints == []
    await house.close()


async def test_a_drill_is_rung_from_its_page_and_its_table_fills_by_itself(browser: Any) -> None:
    house = await web_house()
    shown = await (await opened(browser, house, width=360)).go("/team")
    await shown.page.get_by_role("link", name="Test calls to the whole chain").click()
    await shown.page.get_by_label("Whom to ring now").select_option("pump-team/primary")
    await shown.page.get_by_role("button", name="Ring them, marked TEST").click()
    await shown.sees("0 of 1 answered")
    await rung(house, {"cho": "1"})
    await shown.sees("1 of 1 answered")
    assert await shown.overflow() == 0
    assert shown.complaints == []
    await house.close()


@needs_axe
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_serious_on_these_pages(browser: Any, width: int) -> None:
    house = await web_house()
    await house.publish_first()
    maria = await house.api()
    await send(maria, "/rota/edit/cover", **SOON)
    shown = await opened(browser, house, width=width)
    await shown.go("/rota/preview")
    assert await findings(shown.page) == []
    await asked(maria)
    drill = await send(maria, "/rota/drills", tier="pump-team/attending")
    for path in ("/rota/preview", "/rota/drills", drill, "/rota/print/drills"):
        await shown.go(path)
        assert await findings(shown.page) == [], path
        assert await shown.overflow() == 0, path
    await house.close()
