"""The second step, the accounts and a proposal in a real browser: by keyboard alone, at 360 px, under the page's own
policy, and looked at by axe-core."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from oncall.service.rules.proposals import Brought, Proposal, Shown
from tests.browser.axe import assert_accessible, needs_axe
from tests.browser.chromium import in_chromium, screen
from tests.support.web_house import WebHouse

pytestmark = in_chromium
SHOWN = Shown(
    changes=("clock EMERGENCY: pump-team/attending after 3 min -> 4 min",),
    saved=("1 of 900 saved cases changes urgency.",),
    lowered=("stiff as a board: EMERGENCY becomes URGENT",),
    files=("changed: rules/escalation.yaml (+1 -1 lines)",),
)


async def test_the_second_step_is_set_up_by_keyboard(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house, width=360)).go("/account/second")
    await shown.tab_to("Set it up")
    await shown.keys("Enter")
    await shown.page.locator(".picture svg").wait_for()
    assert await shown.overflow() <= 0
    second = await house.given.second_steps.of("maria")
    assert second is not None
    await shown.page.locator("#code:focus").wait_for()  # it waits for the code; a browser focuses once it has drawn
    await shown.page.keyboard.type(pyotp.TOTP(second.secret).at(house.clock.now()))
    await shown.keys("Enter")
    await shown.sees("It is on.")
    assert await shown.page.locator(".codes li").count() == 8
    assert shown.complaints == []


@pytest.mark.parametrize("width", [360, 1280])
@needs_axe
async def test_nothing_serious_is_found_on_the_new_pages(house: WebHouse, browser: Any, width: int) -> None:
    await house.given.second_steps.begin(await _maria(house))
    proposal = Proposal("p1", "ana", "Dr Lee", house.clock.now(), "a" * 64, "b" * 64, SHOWN, "agreed in clinic")
    await house.register.proposals.add_proposal(proposal, Brought({"rules/a.yaml": "x"}, ""))
    shown = await screen(browser, house, width=width)
    for path in ("/account/second", "/accounts", "/rules/proposals", "/rules/proposals/p1", "/account"):
        await shown.go(path)
        await assert_accessible(shown.page)
        assert await shown.overflow() <= 0, path
    assert shown.complaints == []


async def test_a_form_that_came_too_late_comes_back(house: WebHouse, browser: Any) -> None:
    await house.sign_in.set_password("maria", "four unrelated words", "test")
    shown = await (await screen(browser, house, width=360)).go("/new-call")
    await shown.page.fill("[name=words]", "she is stiff\nand <b>hot</b>")
    await house.sign_in.end_all("maria", "adam")
    await shown.page.locator("main form button[type=submit], main form button").last.click()
    await shown.sees("Your session has ended")
    await shown.page.fill("#person", "maria")
    await shown.page.fill("#password", "four unrelated words")
    await shown.keys("Enter")
    await shown.sees("Send it now?")
    assert await shown.overflow() <= 0
    await shown.sees("and <b>hot</b>")
    assert await house.journal.open_cases() == []
    await shown.keys("Enter")
    await shown.page.wait_for_url("**/cases/*")
    [case] = await house.journal.open_cases()
    assert case is not None


async def _maria(house: WebHouse) -> Any:
    return await house.sign_in.who(await house.sign_in.open_session("maria"))
