"""The phones page in a real browser: by keyboard alone, and on a screen as narrow as a phone."""

from __future__ import annotations

import pytest

from tests.browser.chromium import in_chromium
from tests.support.tiny_house import ANA, MUM, OLD_AUTH, open_town

pytestmark = [*in_chromium, pytest.mark.filterwarnings(OLD_AUTH)]


@pytest.fixture
async def town():
    async with open_town() as town:
        yield town


async def open_page(browser, town, width):
    page = await browser.new_page(viewport={"width": width, "height": 800})
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
    await page.goto(town.http._base)
    return page


async def test_a_text_is_written_and_a_call_is_answered_and_keyed_by_keyboard_alone(town, browser):
    town.house.answers["/page"] = (
        "<Response><Gather numDigits='1' action='/pressed'><Say>Press 7.</Say></Gather></Response>"
    )
    page = await open_page(browser, town, 1440)
    await page.get_by_label("Text the line as mother of Leo").focus()
    await page.keyboard.type("he is stiff")
    await page.keyboard.press("Enter")
    await page.get_by_text("he is stiff").wait_for()
    await town.call(ANA)
    phone = page.locator(f'[data-number="{ANA}"]')
    await phone.get_by_role("button", name="Answer").focus()
    await page.keyboard.press("Enter")
    await phone.get_by_text("Press 7.").wait_for()
    await phone.get_by_role("button", name="Hang up").focus()
    await page.keyboard.press("7")
    await phone.get_by_text("Call, 0 s").wait_for()
    assert town.house.told("/pressed", "Digits") == ["7"]
    assert page.complaints == []


async def test_nothing_is_wider_than_a_narrow_phone(town, browser):
    await town.mum.texts("https://example.org/" + "a" * 200)
    page = await open_page(browser, town, 360)
    await page.locator(f'[data-number="{MUM}"] .bubble').wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.complaints == []


async def test_a_story_is_opened_and_stepped(town, browser):
    town.house.answers["/twilio/text"] = "<Response><Message>Call 911 now.</Message></Response>"
    page = await open_page(browser, town, 1440)
    await page.get_by_role("button", name="Itchy and stiff").press("Enter")
    await page.get_by_role("button", name="Next step").press("Enter")
    await page.get_by_text("The line answered mother of Leo").first.wait_for()
    assert page.complaints == []
