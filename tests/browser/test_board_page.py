"""The board, a case, a call taken by hand and the page of a page in a real browser: live, by keyboard, at 360 px."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.chromium import in_chromium, screen
from tests.support.web_house import MUM, SIBLINGS, STRANGER, WebHouse

STIFF = "she is so itchy and stiff, her pump is beeping two tones"
pytestmark = in_chromium


async def test_a_new_emergency_appears_by_itself_and_the_focus_stays(house: WebHouse, browser: Any) -> None:
    held = await house.taken(await house.text(SIBLINGS, "he is sleepy"))
    shown = await (await screen(browser, house)).go("/")
    await shown.sees("HELD by Dr Park")
    await shown.tab_to(f"#{held.code}")
    case = await house.text(MUM, STIFF)
    await shown.sees(f"#{case.code}")
    assert "(1) EMERGENCY" in await shown.page.title()
    assert f"#{held.code}" in await shown.page.evaluate("document.activeElement.textContent")
    assert "1 EMERGENCY on the board" in await shown.page.locator("#said").text_content()
    await house.closed(await house.taken(case))
    await shown.page.get_by_text("Closed in the last 24 hours: 1").wait_for()
    assert await shown.page.title() == "Pump line board"
    assert shown.complaints == []


async def test_opened_details_stay_open_when_the_board_changes(house: WebHouse, browser: Any) -> None:
    await house.closed(await house.taken(await house.text(SIBLINGS, "he is sleepy")))
    shown = await (await screen(browser, house)).go("/")
    await shown.tab_to("Closed in the last 24 hours")
    await shown.keys("Enter")
    await shown.sees("phone advice")
    case = await house.text(MUM, STIFF)
    await shown.sees(f"#{case.code}")
    assert await shown.page.locator("details[data-key=closed]").evaluate("it => it.open")
    assert await shown.page.evaluate("document.activeElement.tagName") == "SUMMARY"


async def test_a_silent_board_says_that_it_is_not_live(house: WebHouse, browser: Any) -> None:
    await house.text(MUM, STIFF)
    shown = await screen(browser, house)
    await shown.page.clock.install()
    await shown.go("/")
    await shown.sees("nobody has taken it")
    await house.clients[-1].server.close()
    await shown.page.clock.run_for(14_000)
    assert not await shown.page.locator("#veil").is_visible()
    await shown.page.clock.run_for(4_000)
    await shown.page.locator("#veil").wait_for(state="visible")
    assert "NOT LIVE since 03:04:1" in await shown.page.locator("#veil").text_content()
    assert "stale" in await shown.page.evaluate("document.body.className")
    await shown.sees("nobody has taken it")


async def test_the_waits_count_on_by_the_hospitals_clock(house: WebHouse, browser: Any) -> None:
    """Not by this computer's: a ward PC in another zone, hours wrong, shows the same."""
    await house.text(MUM, STIFF)
    shown = await screen(browser, house, timezone_id="Asia/Tokyo")
    await shown.page.clock.install(time="2020-01-01T00:00:00Z")
    await shown.go("/")
    await shown.sees("nobody has taken it")
    await shown.page.clock.run_for(3_000)
    assert await shown.page.locator(".wait [data-since]").text_content() in ("2 s", "3 s")
    assert (await shown.page.locator("#clock").text_content()).startswith("Mon 23 Nov 03:04:1")
    assert await shown.page.locator("#letters").text_content() == "EST"


async def test_from_the_board_to_a_case_and_its_rows_by_keyboard(house: WebHouse, browser: Any) -> None:
    case = await house.text(MUM, STIFF)
    shown = await (await screen(browser, house)).go("/")
    await shown.keys("Tab")
    assert "Skip to the content" in await shown.page.evaluate("document.activeElement.textContent")
    await shown.keys("Enter")
    await shown.tab_to(f"#{case.code}")
    await shown.keys("Enter")
    await shown.sees("What happened")
    await shown.tab_to("people")
    await shown.keys("Enter")
    await shown.sees("Nothing of this kind yet.")
    await house.taken(case)
    await shown.sees("Dr Park took the case")
    await shown.tab_to("pages")
    await shown.keys("Enter")
    await shown.page.locator("[aria-current]", has_text="pages").wait_for()
    await shown.tab_to("why")
    await shown.keys("Enter")
    await shown.sees("Dr Park was on pump-team/primary at that instant")
    assert shown.complaints == []


async def test_a_call_is_taken_down_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/")
    await shown.tab_to("New call")
    await shown.keys("Enter")
    await shown.sees("Say first")
    await shown.page.keyboard.type("grandmother: very stiff")
    await shown.keys("Tab", "Space", "Tab", "Tab", "Space")  # yes, then past the second question's, the third's yes
    await shown.tab_to("Their number")
    await shown.page.keyboard.type("617-555-0142")
    await shown.tab_to("Who took the call")
    await shown.page.keyboard.type("Nurse Kim")
    await shown.keys("Enter")
    await shown.sees("What happened")
    [case] = await house.journal.open_cases()
    assert case.phone == MUM
    assert case.pages
    assert shown.complaints == []


async def test_a_page_is_taken_by_keyboard_on_a_telephone_without_script(house: WebHouse, browser: Any) -> None:
    case = await house.text(MUM, STIFF)
    shown = await screen(browser, house, public=True, width=360, java_script_enabled=False)
    await shown.go(f"/p/{case.pages[0].token}")
    await shown.page.get_by_role("button", name="Take it and connect me now").press("Enter")
    await shown.sees("You have it.")
    await shown.page.get_by_label("Last four digits").fill("0183")
    await shown.keys("Enter")
    await shown.sees(STIFF)
    await shown.page.get_by_role("button", name="I have reached the family").press("Enter")
    await shown.page.get_by_label("Outcome").select_option("phone advice")
    await shown.page.get_by_role("button", name="Close").press("Enter")
    await shown.sees("Closed by Dr Park")


@pytest.mark.parametrize("width", [360, 1440])
async def test_no_page_is_wider_than_its_screen(house: WebHouse, browser: Any, width: int) -> None:
    case = await house.text(MUM, STIFF + " <script>document.title='evil'</script> \u202e" + "x" * 1600)
    await house.text(STRANGER, "when is my appointment")
    shown = await screen(browser, house, width=width)
    for path in ("/", "/new-call", f"/cases/{case.id}", f"/cases/{case.id}?show=clocks", "/cases/none"):
        await shown.go(path)
        assert await shown.overflow() == 0, path
        assert "evil" not in await shown.page.title()
    paged = await screen(browser, house, public=True, width=width)
    await paged.go(f"/p/{case.pages[0].token}")
    assert await paged.overflow() == 0
    assert [said for said in (*shown.complaints, *paged.complaints) if "404" not in said] == []


async def test_a_reader_who_sees_nothing_finds_the_way(house: WebHouse, browser: Any) -> None:
    """Landmarks, headings and words for every icon, as a screen reader is given them."""
    case = await house.text(MUM, STIFF)
    shown = await (await screen(browser, house)).go("/")
    tree = await shown.page.locator("body").aria_snapshot()
    for part in (
        "banner",
        "main",
        "contentinfo",
        'heading "Board"',
        'heading "On call now"',
        f"EMERGENCY #{case.code}",
    ):
        assert part in tree
    assert "▲" not in tree
    assert tree.count("heading") >= 4
