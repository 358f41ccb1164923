"""The page of a case in a real browser: one night by mouse, one by keyboard alone, on a telephone, judged by axe."""

from __future__ import annotations

from typing import Any

from tests.browser.axe import assert_accessible, needs_axe
from tests.browser.chromium import Screen, in_chromium, screen
from tests.support.web_house import MUM, STRANGER, WebHouse

STIFF = "she is so itchy and stiff, her pump is beeping two tones"
pytestmark = in_chromium


async def at_case(browser: Any, house: WebHouse, **how: Any) -> Screen:
    case = await house.text(MUM, STIFF)
    shown = await screen(browser, house, who="cho", **how)
    shown.page.set_default_timeout(20_000)
    return await shown.go(f"/cases/{case.id}")


async def test_one_night_by_mouse(house: WebHouse, browser: Any) -> None:
    shown = await at_case(browser, house)
    page = shown.page
    await page.get_by_role("button", name="Take it and connect me now").click()
    await shown.sees("HELD by Dr Park")
    await page.get_by_role("button", name="Call the family").click()
    await shown.sees("We ring you now and then connect the family")
    await page.get_by_text("Send the family an approved text").click()
    await page.get_by_role("button", name="I am ringing you now").click()
    await shown.sees("Sent to the family")
    await page.get_by_text("Write a note").click()
    await page.get_by_label("Note, kept with your name").fill("mother will go")
    await page.get_by_role("button", name="Keep the note").click()
    await shown.sees("mother will go")
    await page.get_by_role("button", name="I have reached the family").click()
    await shown.sees("family reached")
    await page.get_by_text("Close the case").click()
    await page.get_by_label("Outcome").select_option("phone advice")
    await page.get_by_label("Cause, if known").select_option("catheter")
    await page.get_by_label("What is to be done").fill("ring the school")
    await page.get_by_role("button", name="Close", exact=True).click()
    await shown.sees("closed: phone advice")
    assert [task.title for task in await house.register.open_tasks()] == ["ring the school"]
    assert shown.complaints == []


async def test_one_night_by_keyboard_alone_and_what_is_typed_stays(house: WebHouse, browser: Any) -> None:
    shown = await at_case(browser, house)
    for button, seen in (
        ("Take it, I call later", "HELD by Dr Park"),
        ("Call the family", "We ring you now and then connect"),
    ):
        await shown.tab_to(button)
        await shown.keys("Enter")
        await shown.sees(seen)
    await shown.tab_to("Send the family an approved text")
    await shown.keys("Enter")
    await shown.tab_to("I could not get through")
    await shown.keys("Enter")
    await shown.sees("Sent to the family")
    await shown.tab_to("Write a note")
    await shown.keys("Enter")
    await shown.tab_to("Note, kept with your name")
    await shown.page.keyboard.type("she is ")
    await house.text(MUM, "it is worse now")
    await shown.sees("it is worse now")
    await shown.page.keyboard.type("awake")
    await shown.keys("Tab", "Enter")
    await shown.sees("she is awake")
    await shown.tab_to("I have reached the family")
    await shown.keys("Enter")
    await shown.sees("has been reached")
    await shown.tab_to("Close the case")
    await shown.keys("Enter")
    await shown.tab_to("Outcome")
    await shown.page.keyboard.type("clinic")
    await shown.tab_to("What is to be done")
    await shown.page.keyboard.type("book a visit")
    await shown.keys("Enter")
    await shown.sees("closed: clinic visit")
    assert [task.title for task in await house.register.open_tasks()] == ["book a visit"]
    assert shown.complaints == []


@needs_axe
async def test_a_telephone_shows_what_a_colleague_must_know_in_one_screen(house: WebHouse, browser: Any) -> None:
    shown = await at_case(browser, house, width=360)
    assert await shown.overflow() <= 0
    box = await shown.page.locator("#sbar").bounding_box()
    assert box["y"] + box["height"] <= 640, box
    await assert_accessible(shown.page)
    await shown.page.get_by_role("button", name="Take it and connect me now").click()
    for details in ("Send the family an approved text", "Write a note", "Page another service", "Close the case"):
        await shown.page.get_by_text(details).click()
    await assert_accessible(shown.page)
    assert await shown.overflow() <= 0


@needs_axe
async def test_a_number_is_marked_and_taken_back_on_a_telephone(house: WebHouse, browser: Any) -> None:
    case = await house.text(STRANGER, "hello")
    shown = await screen(browser, house, who="cho", width=360)
    page = shown.page
    await shown.go(f"/cases/{case.id}")
    await page.get_by_text("This number is no patient's ...").click()
    await shown.sees("It still pages")
    await assert_accessible(page)
    await page.get_by_role("button", name="This number is no patient's: 30 days").click()
    await shown.sees("Marked as no patient's by Dr Park")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.get_by_role("button", name="Take it back").click()
    await page.get_by_text("This number is no patient's ...").wait_for()
    assert shown.complaints == []
