"""The rota in a real browser: by keyboard alone, by mouse, without script, on a telephone, on paper."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.browser.axe import assert_accessible, findings, needs_axe
from tests.browser.chromium import Screen, in_chromium, opened
from tests.contract.test_rota_pages import CHANGES, changed
from tests.support.web_house import WebHouse, web_house

pytestmark = in_chromium
PAGES = (
    "/rota",
    "/rota?zoom=2w&person=dia",
    "/rota?zoom=month&from=2026-12-01",
    "/rota?zoom=12m",
    "/rota?at=2026-11-01T01:30",
    "/rota/history",
    "/rota/print/month",
    "/rota/print/operator?numbers=shown",
    "/rota/print/card/dia",
)


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house(handbook=changed(*CHANGES))
    yield made
    await made.close()


async def focused(shown: Screen) -> str:
    return str(await shown.page.evaluate("document.activeElement.querySelector('title')?.textContent ?? ''"))


async def panel(shown: Screen) -> str:
    return " ".join((await shown.page.locator("#panel").inner_text()).split())


# --- by keyboard alone ---------------------------------------------------------------------------------------------


async def test_a_hole_is_found_and_read_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/rota")
    await shown.tab_to("Skip the picture")
    await shown.keys("Tab")
    assert (await focused(shown)).startswith("Dr Park Pump team, primary Sun 22 Nov 19:00 to Mon 23 Nov 07:15")
    for _ in range(40):  # along the tier, from the first week into the second
        await shown.keys("ArrowRight")
        if "NOBODY" in await focused(shown):
            break
    assert "Tue 1 Dec 19:00 to Wed 2 Dec 07:00" in await focused(shown)
    await shown.keys("Enter")
    told = await panel(shown)
    assert "Dr Singh is on leave (L7)." in told
    assert "Edition" in told
    await shown.keys("Escape")
    assert "NOBODY" in await focused(shown)
    await shown.keys("ArrowRight")
    assert "cover C7" in await focused(shown)
    await shown.keys("ArrowDown")
    assert "Pump team, attending" in await focused(shown)
    await shown.keys("ArrowUp", "Home")
    assert "Pump team, primary" in await focused(shown)
    assert shown.complaints == []


async def test_the_picture_is_one_stop_on_the_way_through_the_page(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/rota")
    await shown.tab_to("Skip the picture")
    await shown.keys("Tab", "Tab")
    assert await shown.page.evaluate("document.activeElement.closest('#strip') === null")


async def test_letters_go_to_time_person_zoom_and_help_and_can_be_switched_off(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/rota")
    for letter, id in (("w", "at"), ("g", "from"), ("f", "person")):
        await shown.keys(letter)
        assert await shown.page.evaluate("document.activeElement.id") == id
        await shown.page.evaluate("document.activeElement.blur()")
    await shown.keys("?")
    assert await shown.page.locator("#keys .keylist").is_visible()
    async with shown.page.expect_navigation():
        await shown.keys("2")
    assert "zoom=2w" in shown.page.url
    async with shown.page.expect_navigation():
        await shown.keys("j")
    assert "from=2026-12-07" in shown.page.url
    await shown.keys("?")
    await shown.page.get_by_label("Single letters are shortcuts").uncheck()
    await shown.page.evaluate("document.activeElement.blur()")
    await shown.keys("w")
    assert await shown.page.evaluate("document.activeElement.id") != "at"
    await shown.page.reload()
    await shown.keys("w")
    assert await shown.page.evaluate("document.activeElement.id") != "at"
    assert shown.complaints == []


async def test_who_is_on_at_a_doubled_time_is_settled_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/rota?zoom=2w&layer=pump-team/primary&at=2026-11-01T01:30")
    await shown.tab_to("Sun 1 Nov 01:30 EST")
    async with shown.page.expect_navigation():
        await shown.keys("Enter")
    await shown.sees("On Sun 1 Nov 01:30 EST 2026")
    assert "zoom=2w" in shown.page.url
    assert "layer=pump-team%2Fprimary" in shown.page.url


# --- by mouse, without script, on a telephone ----------------------------------------------------------------------


async def test_a_cover_is_read_with_the_mouse(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house, width=1280)).go("/rota")
    await shown.page.locator("#strip a.cover").click()
    assert "cover C7: for Ben" in await panel(shown)
    assert "Without it: Dr Park." in await panel(shown)
    await shown.page.get_by_role("button", name="Back to the picture").click()
    assert not await shown.page.locator("#panel").is_visible()
    assert "alert(1)" not in await shown.page.title()
    assert shown.complaints == []


async def test_without_script_a_block_opens_its_place_in_the_list(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house, java_script_enabled=False)).go("/rota")
    await shown.page.locator("#strip a.cover").click()
    await shown.page.get_by_text("Without it: Dr Park.").wait_for()
    assert await shown.page.get_by_text("Without it: Dr Park.").is_visible()


async def test_filters_work_without_script(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house, width=360, java_script_enabled=False)).go("/rota")
    await shown.page.get_by_text("Tiers: all").click()
    await shown.page.get_by_role("checkbox", name="Pump team, attending").check()
    await shown.page.get_by_label("Shifts of").select_option("Dr Osei")
    await shown.page.get_by_role("button", name="Show").click()
    await shown.sees("Day by day: only shifts of Dr Osei")
    assert "Anaesthesia" not in await shown.page.locator(".days").inner_text()


async def test_a_telephone_shows_the_list_with_everybody_the_picture_has(house: WebHouse, browser: Any) -> None:
    wide = await (await opened(browser, house, width=1280)).go("/rota")
    drawn = set(
        await wide.page.locator("#strip a").evaluate_all("all => all.map(a => a.getAttribute('href').slice(1))")
    )
    narrow = await (await opened(browser, house, width=360)).go("/rota")
    assert not await narrow.page.locator("#strip").is_visible()
    listed = await narrow.page.locator(".days li li p[id]").evaluate_all("all => all.map(p => p.id)")
    assert set(listed) == drawn
    assert await narrow.page.locator(".days li li summary").first.is_visible()


@pytest.mark.parametrize("width", [360, 1280])
async def test_no_page_is_wider_than_its_screen(house: WebHouse, browser: Any, width: int) -> None:
    shown = await opened(browser, house, width=width)
    for path in PAGES:
        await shown.go(path)
        assert await shown.overflow() == 0, path
    assert shown.complaints == []


async def test_a_printed_month_and_sheet_fit_one_page(house: WebHouse, browser: Any) -> None:
    shown = await opened(browser, house)
    for path in ("/rota/print/month", "/rota/print/operator?numbers=shown", "/rota/print/card/dia"):
        await shown.go(path)
        for paper in ("A4", "Letter"):
            paper_bytes = await shown.page.pdf(format=paper, prefer_css_page_size=True)
            assert paper_bytes.count(b"/Type /Page\n") == 1, (path, paper)


# --- judged by somebody else ---------------------------------------------------------------------------------------


@needs_axe
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_serious(house: WebHouse, browser: Any, width: int) -> None:
    shown = await opened(browser, house, width=width)
    for path in PAGES:
        await shown.go(path)
        assert await findings(shown.page) == [], path


@needs_axe
async def test_the_opened_panel_is_accessible_too(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house, width=1280)).go("/rota")
    await shown.page.locator("#strip a.hole").first.click()
    await assert_accessible(shown.page)


@needs_axe
async def test_axe_would_find_something_serious(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/rota/history")
    await shown.page.evaluate("document.querySelector('main').innerHTML += '<input type=text>'")
    assert any("label" in line for line in await findings(shown.page))
