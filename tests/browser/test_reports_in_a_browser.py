"""Reports, purging and health in a real browser: by keyboard alone, on a telephone and a desk, judged by axe-core."""

from __future__ import annotations

from typing import Any

from tests.browser.axe import assert_accessible, needs_axe
from tests.browser.chromium import in_chromium, opened
from tests.support.web_house import MUM, WebHouse

pytestmark = in_chromium


async def a_closed_case(house: WebHouse) -> None:
    case = await house.taken(await house.text(MUM, "she is stiff"))
    await house.reached(case)
    await house.closed(case)


async def test_a_quarter_is_read_and_old_cases_are_purged_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    await a_closed_case(house)
    shown = await (await opened(browser, house)).go("/")
    await shown.tab_to("Reports")
    await shown.keys("Enter")
    await shown.sees("Report: November 2026")
    await shown.tab_to("Another time")
    await shown.keys("Enter")
    await shown.tab_to("Quarter")
    await shown.page.keyboard.type("2026-Q4")
    await shown.keys("Enter")
    await shown.sees("Report: October to December 2026")
    house.clock.step(house.clock.now().replace(year=2037) - house.clock.now())
    token = await house.sign_in.open_session("maria")  # ten years later
    await shown.page.context.add_cookies([{"name": "session", "value": token, "url": shown.base}])
    await shown.go("/reports/retention")
    await shown.tab_to("Write the export")
    await shown.keys("Enter")
    await shown.sees("2. Purge what is exported")
    await shown.tab_to("in a safe place")
    await shown.keys("Space")
    await shown.tab_to("Purge these cases for good")
    await shown.keys("Enter")
    await shown.sees("1 cases are purged")
    assert await house.journal.audit() == []
    assert shown.complaints == []


@needs_axe
async def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(house: WebHouse, browser: Any) -> None:
    await a_closed_case(house)
    for width in (360, 1280):
        shown = await opened(browser, house, width=width)
        for path in ("/reports?month=2026-11", "/reports?month=x", "/reports/retention", "/health"):
            await shown.go(path)
            await assert_accessible(shown.page)
            assert await shown.overflow() <= 0, (path, width)


async def test_health_is_live_with_and_without_scripts(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house, java_script_enabled=False)).go("/health")
    assert await shown.page.locator("noscript meta[http-equiv=refresh]").count() == 1
    await shown.sees("What you do now")
