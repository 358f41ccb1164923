"""The dates that come near and the tasks of the day in a real browser: by mouse, by keyboard alone, on a telephone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from oncall.core.tasks import Task
from tests.browser.axe import assert_accessible, needs_axe
from tests.browser.chromium import Screen, in_chromium, opened
from tests.support.web_house import WebHouse, web_house

pytestmark = in_chromium
PAGES = ("/patients/due", "/patients/due/year", "/patients/sweep", "/tasks")


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house(training=True)
    made.later(hours=8)
    due = made.clock.now() + timedelta(hours=1)
    task = Task("t1", "A family asks to move a visit", due, patient="tom", promised_at=due, words="can we move friday?")
    await made.register.task_list.leave(task, "test")
    await made.text("+16175550199", "need a school letter please")
    yield made
    await made.close()


async def entered(shown: Screen) -> None:
    async with shown.page.expect_navigation():
        await shown.keys("Enter")


async def test_with_the_mouse_on_a_telephone(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house, width=360)).go("/patients/due")
    await shown.page.get_by_text("What was done (T Reyes, low reservoir)").click()
    await shown.page.get_by_label("A visit is booked for").locator("visible=true").fill("2026-11-27")
    await shown.page.get_by_role("button", name="Booked (T Reyes, low reservoir)").click()
    await shown.sees("Kept: it is booked.")
    await shown.page.get_by_role("button", name="Take it back").click()
    await shown.sees("Taken back")
    await shown.page.get_by_role("link", name="texts to families").click()
    await shown.page.get_by_role("checkbox").first.uncheck()
    await shown.page.get_by_role("button", name="Send the ticked ones").click()
    await shown.sees("go out this evening")
    for path in PAGES:
        await shown.go(path)
        assert await shown.overflow() == 0, path
    assert shown.complaints == []


async def test_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/tasks")
    await shown.tab_to("Take it")
    await entered(shown)
    await shown.sees("It is yours now.")
    await shown.tab_to("Done, hand on, another time")
    await shown.keys("Enter", "Tab")
    await shown.page.keyboard.type("moved to Monday")
    await entered(shown)
    await shown.sees("Done, and kept with what was done.")
    await shown.tab_to("What was done")
    await shown.page.keyboard.type("letter is in the post")
    await entered(shown)
    await shown.sees("Nothing is left to do.")
    assert await house.journal.open_cases() == []
    assert shown.complaints == []


@needs_axe
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_serious(house: WebHouse, browser: Any, width: int) -> None:
    shown = await opened(browser, house, width=width)
    for path in PAGES:
        await shown.go(path)
        await assert_accessible(shown.page)
