"""The rules and their test bench in a real browser: by mouse, by keyboard alone, without script, at 360 px."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from oncall.service.ports.journal import Edition
from tests.browser.chromium import Screen, in_chromium, screen
from tests.support.web_house import NIGHT, WebHouse, shipped_files, shipped_handbook, web_house

STIFF = "she is so itchy and stiff, her pump is beeping two tones"
EVIL = "<script>document.title='evil'</script>"
pytestmark = in_chromium


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def outcome(shown: Screen) -> str:
    await shown.page.locator("#outcome").wait_for()
    return " ".join((await shown.page.locator("#result").inner_text()).split())


async def test_a_text_is_tried_with_the_mouse_and_leads_to_the_rules_that_fired(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rules")
    await shown.page.get_by_role("link", name="Test bench").first.click()
    await shown.page.get_by_label("The family writes").fill(STIFF)
    await shown.page.get_by_label("At what time").fill("2026-11-23T03:04")
    await shown.page.get_by_role("button", name="Try it").click()
    told = await outcome(shown)
    assert "EMERGENCY leans to too little drug" in told
    assert "Dr Park" in told
    assert await shown.page.locator("mark").first.inner_text() == "itchy1"
    assert await shown.page.evaluate("document.activeElement.id") == "outcome"
    assert shown.page.url.endswith("/rules/bench")
    await shown.page.get_by_role("link", name="W-itch", exact=True).click()
    await shown.page.locator("#rule-W-itch:target").wait_for()
    assert await house.journal.open_cases() == []
    assert shown.complaints == []


async def test_answers_are_tried_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rules/bench")
    await shown.tab_to("A text")
    await shown.keys("ArrowRight")
    assert not await shown.page.get_by_label("The family writes").is_visible()
    await shown.tab_to("Answers to our questions")
    await shown.keys("Tab", "ArrowRight")  # the first question: from "not asked" to "yes"
    await shown.tab_to("Try it")
    await shown.keys("Enter")
    told = await outcome(shown)
    assert "EMERGENCY" in told
    assert "waking breathing: 1" in told
    await shown.keys("Tab")  # from the result's heading on into the result
    assert await shown.page.evaluate("document.activeElement.closest('#result') !== null")
    assert shown.complaints == []


async def test_an_alarm_is_tried_without_script_and_no_word_is_in_the_address(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house, width=360, java_script_enabled=False)).go("/rules/bench")
    await shown.page.get_by_label("A pump alarm").check()
    await shown.page.get_by_label("Reason").select_option("motor stall")
    await shown.page.get_by_label("Note of whoever sends it").fill("he is floppy")
    await shown.page.get_by_role("button", name="Try it").click()
    told = await outcome(shown)
    assert "motor stall" in told
    assert "EMERGENCY" in told
    assert await shown.page.get_by_label("Reason").input_value() == "motor_stall"
    assert shown.page.url == f"{shown.base}/rules/bench"


async def test_a_wrong_field_is_said_beside_the_form(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rules/bench")
    await shown.page.get_by_text("What the record says").click()
    await shown.page.get_by_label("Hours since an MRI").fill("soon")
    await shown.page.get_by_role("button", name="Try it").click()
    assert "Hours since an MRI: write a number" in await outcome(shown)
    assert await shown.page.get_by_label("Hours since an MRI").input_value() == "soon"


async def test_a_rule_is_found_and_its_chapter_turned_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rules")
    await shown.tab_to("Find in all chapters")
    await shown.page.keyboard.type("w-two-signs")
    await shown.keys("Enter")
    await shown.sees("1 place holds")
    await shown.tab_to("Two independent signs of too little drug")
    await shown.keys("Enter")
    await shown.page.locator("#rule-W-two-signs:target").wait_for()
    await shown.tab_to("Next part")
    await shown.keys("Enter")
    await shown.sees("Part 2 of 2.")
    await shown.go("/rules#rule-F-office")  # as older links have it
    await shown.page.locator("#rule-F-office:target").wait_for()
    assert shown.complaints == []


async def test_all_examples_run_in_their_place(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rules")
    await shown.page.get_by_role("button", name="Run all").click()
    await shown.sees("examples hold.")
    assert shown.page.url.endswith("/rules")
    assert shown.complaints == []


@pytest.mark.parametrize("width", [360, 1280])
async def test_no_page_is_wider_than_its_screen(house: WebHouse, browser: Any, width: int) -> None:
    await house.journal.save_edition(Edition(shipped_handbook().edition, NIGHT, "Dr Lee"), shipped_files())
    shown = await screen(browser, house, width=width)
    for path in ("/rules", "/rules?q=itch", "/rules/chapter/withdrawal", "/rules/chapter/words-es?part=2"):
        await shown.go(path)
        assert await shown.overflow() == 0, path
    await shown.go("/rules/bench")
    await shown.page.get_by_label("The family writes").fill(
        f"{STIFF} <script>document.title='evil'</script> {'x' * 1600}"
    )
    await shown.page.get_by_role("button", name="Try it").click()
    await outcome(shown)
    assert await shown.overflow() == 0
    assert "evil" not in await shown.page.title()
    assert shown.complaints == []


async def test_a_reader_who_sees_nothing_finds_the_way(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rules")
    tree = await shown.page.locator("body").aria_snapshot()
    for part in ("search", 'heading "Rules"', 'heading "Chapters"', 'heading "Red flags"', 'heading "What always'):
        assert part in tree
    await shown.go("/rules/chapter/withdrawal")
    tree = await shown.page.locator("body").aria_snapshot()
    assert 'heading "EMERGENCY' in tree.replace("▲ ", "")
    await shown.go("/rules/bench")
    tree = await shown.page.locator("body").aria_snapshot()
    for part in (
        'group "What comes in"',
        'textbox "The family writes"',
    ):
        assert part in tree
    fields = "input:not([type=hidden]),select,textarea"
    unnamed = f"[...document.querySelectorAll('{fields}')].filter(it => !it.labels.length).map(it => it.id)"
    assert await shown.page.evaluate(unnamed) == []
