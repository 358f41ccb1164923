"""The team in a real browser: a number added with the mouse and by keyboard alone, somebody leaving, on a telephone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from oncall.core.staff_numbers import code_for
from tests.browser.axe import assert_accessible, needs_axe
from tests.browser.chromium import Screen, in_chromium, opened
from tests.support.web_house import ANA, HOSPITAL, WebHouse, web_house

pytestmark = in_chromium
NEW = "+16175550170"
PAGES = ("/team", "/team?numbers=shown", "/team/ana", "/team/ana?said=add", "/team/ana/leave")


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house(training=True)
    await made.publish_first()
    await made.register.set_stopped(ANA, True, made.clock.now())
    yield made
    await made.close()


async def code_of(house: WebHouse) -> str:
    member = await house.register.team.member("ana")
    number = member.number(NEW) if member else None
    assert number is not None
    assert number.code_sent_at is not None
    return code_for(HOSPITAL.secret, NEW, number.code_sent_at)


async def entered(shown: Screen) -> None:
    """Enter sends the form, and the answer is there."""
    async with shown.page.expect_navigation():
        await shown.keys("Enter")


async def test_a_number_is_added_and_its_code_typed_with_the_mouse(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/team")
    await shown.page.get_by_role("link", name="Dr Lee").click()
    await shown.page.get_by_label("Number, like").fill("617 555 0170")
    await shown.page.get_by_label("The same again").fill("617-555-0170")
    await shown.page.get_by_role("button", name="Add it").click()
    await shown.sees("Still missing: the code and the key on a call")
    await shown.page.get_by_role("button", name="Text a code (the number ending 0170)").click()
    await shown.sees("A code is on its way by text")
    await shown.page.get_by_label("Code from the text").fill(await code_of(house))
    await shown.page.get_by_role("button", name="This is the code").click()
    await shown.sees("The code is right.")
    await shown.sees("Still missing: the key on a call")
    assert shown.complaints == []


async def test_a_number_is_added_and_its_code_typed_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/team/ana")
    await shown.tab_to("Number, like")
    await shown.page.keyboard.type("6175550170")
    await shown.tab_to("The same again")
    await shown.page.keyboard.type("6175550170")
    await entered(shown)
    await shown.sees("The number is added and waits")
    await shown.tab_to("Text a code (the number ending 0170)")
    await entered(shown)
    await shown.tab_to("Code from the text")
    await shown.page.keyboard.type(await code_of(house))
    await entered(shown)
    await shown.sees("The code is right.")
    assert shown.complaints == []


async def test_somebody_leaves_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/team/gus")
    await shown.tab_to("leaves the team")
    await entered(shown)
    await shown.tab_to("neurocritical, pattern 1")
    await shown.page.keyboard.type("Dr Osei")
    await shown.tab_to("Show what changes")
    await entered(shown)
    await shown.sees("What changes")
    await shown.tab_to("Publish, and Dr Moreau leaves")
    await entered(shown)
    await shown.sees("They have left the team.")
    assert "gus" not in (await house.register.directory()).clinicians
    assert shown.complaints == []


async def test_somebody_leaves_with_the_mouse_and_comes_back(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house, width=360)).go("/team/gus/leave")
    await shown.page.get_by_label("neurocritical, pattern 1").select_option(label="Dr Osei takes this place")
    await shown.page.get_by_role("button", name="Show what changes").click()
    await shown.sees("Dr Moreau -> Dr Osei")
    assert await shown.overflow() == 0
    await shown.page.get_by_role("button", name="Publish, and Dr Moreau leaves").click()
    await shown.sees("They have left the team.")
    await shown.page.get_by_role("button", name="Dr Moreau is of the team again").click()
    await shown.sees("Of the team again.")
    assert "gus" in (await house.register.directory()).clinicians


async def test_nothing_is_cut_off_on_a_telephone(house: WebHouse, browser: Any) -> None:
    shown = await opened(browser, house, width=360)
    for path in PAGES:
        await shown.go(path)
        assert await shown.overflow() == 0, path


@needs_axe
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_serious(house: WebHouse, browser: Any, width: int) -> None:
    shown = await opened(browser, house, width=width)
    for path in PAGES:
        await shown.go(path)
        await assert_accessible(shown.page)
