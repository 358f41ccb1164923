"""The board, the operator's room and the hand-over in a real browser: by mouse, by keys alone, at 360 and 1280 px."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import assert_accessible, needs_axe
from tests.browser.chromium import Screen, in_chromium, opened
from tests.support.web_house import MUM, SIBLINGS, WebHouse

STIFF = "she is so itchy and stiff, her pump is beeping two tones"
COUNT_SOUNDS = """() => {
  window.rung = 0;
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.rung += 1; return make.call(this); };
}"""
pytestmark = in_chromium


async def as_(house: WebHouse, browser: Any, who: str, width: int = 1280, **how: Any) -> Screen:
    shown = await opened(browser, house, width=width, **how)
    await shown.page.context.clear_cookies()
    token = await house.sign_in.open_session(who)
    await shown.page.context.add_cookies([{"name": "session", "value": token, "url": shown.base}])
    return shown


@needs_axe
async def test_a_case_is_taken_and_handed_over_by_keys_alone(house: WebHouse, browser: Any) -> None:
    older = await house.text(SIBLINGS, "he is sleepy")
    house.later(minutes=1)
    case = await house.text(MUM, STIFF)
    shown = await (await as_(house, browser, "cho")).go("/")
    await shown.sees(f"#{case.code}")
    await shown.keys("?")
    await shown.sees("Keys on this board")
    await assert_accessible(shown.page)
    await shown.keys("Escape", "t")
    first = "document.activeElement.textContent"
    worst, other = sorted((older, case), key=lambda one: (-(one.pace or 0), one.opened_at))
    assert f"#{worst.code}" in await shown.page.evaluate(first), "without a mark, t only marks the worst"
    await shown.keys("j")
    assert f"#{other.code}" in await shown.page.evaluate(first)
    await shown.keys("k")
    await shown.keys("t")
    await shown.sees(f"You have #{worst.code}.")
    await shown.tab_to("Hand-over of")
    await shown.keys("Enter")
    await shown.sees("Illness severity")
    await assert_accessible(shown.page)
    await shown.tab_to("Action list")
    await shown.page.keyboard.type("ring the mother at eight; ")
    await shown.tab_to("To whom")
    await shown.page.keyboard.type("Dr Lee")
    await shown.tab_to(f"Offer #{worst.code}")
    await shown.keys("Enter")
    await shown.sees("Offered to Dr Lee, who has not said it back yet")
    incoming = await (await as_(house, browser, "ana")).go("/handover")
    await incoming.sees("ring the mother at eight")
    await assert_accessible(incoming.page)
    await incoming.tab_to("Read and understood")
    await incoming.keys("Enter")
    await incoming.sees(f"You have #{worst.code} now.")
    assert [*shown.complaints, *incoming.complaints] == []


@needs_axe
async def test_a_case_is_taken_and_handed_over_by_touch_at_360(house: WebHouse, browser: Any) -> None:
    case = await house.text(MUM, STIFF)
    shown = await (await as_(house, browser, "cho", width=360)).go("/")
    await shown.page.get_by_text("Call next now").click()
    await shown.page.get_by_role("button", name="Yes, page the next person now").wait_for()
    assert await shown.overflow() == 0
    await assert_accessible(shown.page)
    await shown.page.get_by_role("button", name=f"Take #{case.code}").click()
    await shown.sees(f"You have #{case.code}.")
    await shown.page.get_by_role("link", name=f"Hand-over of #{case.code}").click()
    await shown.page.get_by_label("Action list").fill("ring at eight")
    await shown.page.get_by_label("To whom").select_option("ana")
    assert await shown.overflow() == 0
    await shown.page.get_by_role("button", name=f"Offer #{case.code}").click()
    await shown.sees("has not said it back yet")
    incoming = await (await as_(house, browser, "ana", width=360)).go("/handover")
    await incoming.page.get_by_label("Synthesis").fill("itchy and stiff, I ring the mother now")
    assert await incoming.overflow() == 0
    await incoming.page.get_by_role("button", name=f"I take #{case.code} over", exact=True).click()
    await incoming.sees(f"You have #{case.code} now.")
    assert [*shown.complaints, *incoming.complaints] == []


@needs_axe
@pytest.mark.parametrize("width", [360, 1280])
async def test_the_operators_room_flashes_until_somebody_has_it_and_says_when_it_is_not_live(
    house: WebHouse, browser: Any, width: int
) -> None:
    shown = await as_(house, browser, "vera", width=width)
    await shown.page.clock.install()
    await shown.go("/board/kiosk")
    await shown.sees("No open calls.")
    await shown.page.get_by_role("button", name="Sound: off").click()
    await shown.sees("Sound: on")
    await shown.page.evaluate(COUNT_SOUNDS)
    case = await house.text(MUM, STIFF)
    await shown.sees(f"#{case.code}")
    assert await shown.page.evaluate("window.rung") == 3, "a new one is heard"
    titles = set()
    for _ in range(4):
        await shown.page.clock.run_for(1000)
        titles.add(await shown.page.title())
    assert titles == {"(1) EMERGENCY Pump line, operator's room", "(1) EMERGENCY nobody has it"}
    await assert_accessible(shown.page)
    assert await shown.overflow() == 0
    await house.taken(case)
    await shown.sees("Dr Park has it")
    await shown.page.clock.run_for(2000)
    assert await shown.page.title() == "(1) EMERGENCY Pump line, operator's room"
    await house.clients[-1].server.close()
    await shown.page.clock.run_for(18_000)
    await shown.page.locator("#veil").wait_for(state="visible")
    assert "stale" in await shown.page.evaluate("document.body.className")


async def test_a_screen_on_a_wall_stays_live_by_its_link_and_says_when_the_link_has_ended(
    house: WebHouse, browser: Any
) -> None:
    token = await house.given.kiosks.make("operator's room", "adam")
    shown = await opened(browser, house)
    await shown.page.context.clear_cookies()
    await shown.go(f"/kiosk/{token}")
    await shown.sees("No open calls.")
    case = await house.text(MUM, STIFF)
    await shown.sees(f"#{case.code}")
    assert shown.complaints == []
    [kiosk] = await house.given.kiosks.book.in_use()
    await house.given.kiosks.end(kiosk.id, "adam")
    await shown.sees("The link of this screen has ended")
    assert f"#{case.code}" not in await shown.page.content()
