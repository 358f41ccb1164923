"""The rota changed in a real browser: each flow with the mouse and again by keyboard alone, at both widths, by two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from oncall.adapters.web.rota import forms as rota_forms
from oncall.core.rota.edits import AddCover
from tests.browser.axe import findings, needs_axe
from tests.browser.chromium import Screen, in_chromium, screen
from tests.contract.test_rota_editing import COVER, TIER, drafted, published, send, who
from tests.support.web_house import WebHouse, web_house

pytestmark = in_chromium
FORMS = tuple(rota_forms.FORMS)
NIGHT = "[href*='at=2026-12-02T19']"  # the link of the block that is covered here


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    await made.publish_first()
    yield made
    await made.close()


def block(shown: Screen, title: str) -> Any:
    """The block of the picture whose words begin so."""
    return shown.page.locator("#strip a").filter(has=shown.page.locator("title", has_text=title)).first


async def typed(shown: Screen, *words: str) -> None:
    for word in words:
        await shown.page.keyboard.type(word)


async def on(shown: Screen) -> str:
    return str(await shown.page.evaluate("document.activeElement.id || document.activeElement.textContent"))


async def tab_to_id(shown: Screen, id: str) -> None:
    for _ in range(80):
        if await shown.page.evaluate("document.activeElement.id") == id:
            return
        await shown.keys("Tab")
    raise AssertionError(f"no Tab reaches {id}")


async def enter(shown: Screen, name: str) -> None:
    """Tab to what is called so, and press it."""
    await shown.tab_to(name)
    async with shown.page.expect_navigation():
        await shown.keys("Enter")


async def sign(shown: Screen, reason: str) -> None:
    """The preview's form by keyboard alone: a reason where there is a field, the tick where who is on changes."""
    if await shown.page.locator("#reason").count():
        await tab_to_id(shown, "reason")
        await typed(shown, reason)
    if await shown.page.locator("[name=confirm]").count():
        await shown.tab_to("Yes, I mean it")
        await shown.keys("Space")
    names = ("Restore it", "Publish now", "Publish")
    named = [name for name in names if await shown.page.get_by_role("button", name=name, exact=True).count()]
    await enter(shown, named[0])


# --- a cover ---------------------------------------------------------------------------------------------------------


async def test_a_newcomer_covers_a_shift_with_the_mouse_in_five_steps(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house, width=1280)).go("/rota")
    await block(shown, "Pump team, primary Wed 2 Dec 19:00").click()  # 1
    await shown.page.locator("#panel").get_by_role("link", name="Cover, swap or change it").click()  # 2
    await shown.page.get_by_label("Who takes it").select_option("dia")  # 3
    await shown.page.get_by_role("button", name="Add to the draft").click()  # 4
    await shown.sees("-> Dr Osei. 1 night.")
    await shown.page.get_by_label("Why, although").fill("a course")  # only where a warning is yellow
    await shown.page.get_by_role("button", name="Publish").click()  # 5
    await shown.sees("Undo it")
    assert who(house, "2026-12-02 23:00") == ["dia"]
    assert shown.complaints == []


async def test_a_cover_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rota")
    await shown.keys("p")
    for _ in range(60):
        if "Wed 2 Dec 19:00" in await shown.page.evaluate(
            "document.activeElement.querySelector('title')?.textContent ?? ''"
        ):
            break
        await shown.keys("ArrowRight")
    async with shown.page.expect_navigation():
        await shown.keys("c")
    await tab_to_id(shown, "by")
    await typed(shown, "Dr Osei")
    async with shown.page.expect_navigation():
        await shown.tab_to("Add to the draft")
        await shown.keys("Enter")
    await tab_to_id(shown, "reason")
    await typed(shown, "a course")
    async with shown.page.expect_navigation():
        await shown.keys("Enter")
    assert who(house, "2026-12-02 23:00") == ["dia"]
    await shown.tab_to("Undo it")
    async with shown.page.expect_navigation():
        await shown.keys("Enter")
    assert who(house, "2026-12-02 23:00") != ["dia"]
    assert shown.complaints == []


async def test_a_cover_on_a_telephone_without_script(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house, width=360, java_script_enabled=False)).go("/rota")
    entry = shown.page.locator("li", has=shown.page.locator(f"a.change{NIGHT}[href*='pump-team%2Fprimary']")).last
    await entry.locator("summary").click()
    await entry.get_by_role("link", name="Cover, swap or change it").click()
    await shown.page.get_by_label("Who takes it").select_option("dia")
    await shown.page.get_by_role("button", name="Add to the draft").click()
    await shown.page.get_by_label("Why, although").fill("a course")
    await shown.page.get_by_role("button", name="Publish").click()
    await shown.sees("Undo it")
    assert who(house, "2026-12-02 23:00") == ["dia"]


# --- dragging --------------------------------------------------------------------------------------------------------


async def pulled(shown: Screen, start: tuple[float, float], end: tuple[float, float]) -> None:
    await shown.page.mouse.move(*start)
    await shown.page.mouse.down()
    await shown.page.mouse.move(*[(a + b) / 2 for a, b in zip(start, end, strict=True)])
    await shown.page.mouse.move(*end)
    async with shown.page.expect_navigation():
        await shown.page.mouse.up()


async def middle(place: Any) -> tuple[float, float]:
    await place.scroll_into_view_if_needed()
    box = await place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def test_a_person_dragged_onto_a_block_opens_the_form_of_a_cover(house: WebHouse, browser: Any) -> None:
    shown = await screen(browser, house, width=1280)
    await shown.page.set_viewport_size({"width": 1280, "height": 2600})
    await shown.go("/rota")
    person = await middle(shown.page.locator("#palette [data-person=dia]"))
    await pulled(shown, person, await middle(block(shown, "Pump team, primary Wed 2 Dec 19:00").locator("rect")))
    assert await shown.page.get_by_label("Who takes it").input_value() == "dia"
    assert await shown.page.get_by_label("From").input_value() == "2026-12-02T19:00"
    assert await shown.page.get_by_label("Until").input_value() == "2026-12-03T07:00"
    assert await drafted(house) == []
    assert shown.complaints == []


async def test_an_edge_pulled_opens_the_form_with_the_hours_between(house: WebHouse, browser: Any) -> None:
    shown = await screen(browser, house, width=1280)
    await shown.page.set_viewport_size({"width": 1280, "height": 2600})
    await shown.go("/rota?zoom=2w&from=2026-11-30")
    box = await block(shown, "Pump team, primary Wed 2 Dec 19:00").locator("rect").bounding_box()
    hour = box["width"] / 12.25  # with its hand-over
    y = box["y"] + box["height"] / 2
    await pulled(shown, (box["x"] + box["width"] - 2, y), (box["x"] + box["width"] - 2 - 3 * hour, y))
    starts, until = [await shown.page.get_by_label(name, exact=True).input_value() for name in ("From", "Until")]
    assert (starts, until) == ("2026-12-03T04:00", "2026-12-03T07:00")
    assert await drafted(house) == []
    assert shown.complaints == []


# --- the other flows -------------------------------------------------------------------------------------------------


async def test_leave_says_who_could_fill_its_holes_as_it_is_typed(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house, width=1280)).go("/rota/edit/leave")
    await shown.page.get_by_label("Who is away").select_option("ana")
    await shown.page.get_by_label("From").fill("2026-12-07T07:00")
    await shown.page.get_by_label("Until").fill("2026-12-14T07:00")
    await shown.page.get_by_label("Why").fill("a holiday")
    await shown.page.keyboard.press("Tab")
    await shown.page.locator("#look").get_by_text("Nobody is on pump team primary").first.wait_for()
    assert await drafted(house) == []
    await shown.page.get_by_role("button", name="Add to the draft").click()
    await shown.page.locator(".fillers a").first.click()
    await shown.page.get_by_role("button", name="Add to the draft").click()
    await shown.sees("The draft: 2 changes")
    assert shown.complaints == []


async def test_the_wizard_draws_four_weeks_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rota/edit/pattern")
    await tab_to_id(shown, "pattern")
    await typed(shown, "Pump team, primary, pattern 1")
    await tab_to_id(shown, "turn1")
    await typed(shown, "Dr Lee")
    await tab_to_id(shown, "turn2")
    await typed(shown, "Dr Osei")
    await tab_to_id(shown, "turn")
    await typed(shown, "a week")
    await tab_to_id(shown, "change_at")
    await typed(shown, "0700AM")
    await tab_to_id(shown, "weekday_from")
    await typed(shown, "0700AM")
    await tab_to_id(shown, "weekday_until")
    await typed(shown, "0700PM")
    await tab_to_id(shown, "since")
    await typed(shown, "12072026")
    await shown.keys("Tab", "Tab", "Tab", "Tab")
    await shown.page.locator("#look svg.band").nth(3).wait_for()
    assert await shown.page.locator("#look svg.band").count() == 4
    assert await drafted(house) == []
    assert shown.complaints == []


async def test_replace_now_with_the_mouse_names_who_is_on_twice(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house, width=1280)).go("/rota")
    await shown.page.get_by_role("link", name="Replace now on Pump team, primary").click()
    best = await shown.page.get_by_label("Who takes it").input_value()
    assert best not in ("", "cho")
    await shown.page.get_by_role("button", name="Go to the preview").click()
    if await shown.page.locator("#reason").count():
        await shown.page.locator("#reason").fill("Dr Park is ill")
    await shown.page.get_by_label("Yes, I mean it").check()
    await shown.page.get_by_role("button", name="Publish").click()
    await shown.sees("Undo it")
    assert set(who(house, "2026-11-23 03:30")) == {"cho", best}
    assert shown.complaints == []


async def test_a_doubled_hour_is_settled_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await screen(browser, house)
    await shown.go(f"/rota/edit/cover?tier={TIER}&by=dia&starts=2027-11-07T01:30&until=2027-11-07T07:00&note=late")
    async with shown.page.expect_navigation():
        await shown.tab_to("Add to the draft")
        await shown.keys("Enter")
    async with shown.page.expect_navigation():
        await shown.tab_to("Sun 7 Nov 01:30 EST")
        await shown.keys("Enter")
    [edit] = await drafted(house)
    assert isinstance(edit, AddCover)
    assert (edit.starts, edit.note) == ("2027-11-07 01:30-05:00", "late")


async def test_the_second_coordinator_sees_the_merge_view(house: WebHouse, browser: Any) -> None:
    maria, cora = await house.api(), await house.api("cora")
    await send(maria, "/rota/edit/cover", **COVER)
    await send(cora, "/rota/edit/cover", **{**COVER, "by": "ana"})
    await published(cora, reason="a wish")
    shown = await (await screen(browser, house, width=360)).go("/rota")
    await shown.page.get_by_role("link", name="Preview").click()
    await shown.sees("Somebody published since you began")
    assert "Theirs: Wed 2 Dec 19:00" in await shown.page.locator(".merge").inner_text()
    assert await shown.page.get_by_role("button", name="Publish").count() == 0
    await shown.page.get_by_role("button", name="I have read it").click()
    await shown.page.get_by_label("Why, although").fill("agreed")
    await shown.page.get_by_role("button", name="Publish").click()
    await shown.sees("Undo it")
    assert who(house, "2026-12-02 23:00") == ["dia"]


async def test_replace_now_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rota")
    await enter(shown, "Replace now on Pump team, primary")
    best = await shown.page.get_by_label("Who takes it").input_value()
    await enter(shown, "Go to the preview")
    await sign(shown, "Dr Park is ill")
    assert set(who(house, "2026-11-23 03:30")) == {"cho", best}
    assert shown.complaints == []


async def test_the_merge_view_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    maria, cora = await house.api(), await house.api("cora")
    await send(maria, "/rota/edit/cover", **COVER)
    await send(cora, "/rota/edit/cover", **{**COVER, "by": "ana"})
    await published(cora, reason="a wish")
    shown = await (await screen(browser, house)).go("/rota")
    async with shown.page.expect_navigation():
        await shown.keys("v")
    await enter(shown, "I have read it")
    await sign(shown, "agreed")
    assert who(house, "2026-12-02 23:00") == ["dia"]


async def test_a_swap_is_filled_in_from_its_block_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await screen(browser, house)).go("/rota/edit/cover?tier=pump-team/attending&at=2026-11-30T09:00")
    await enter(shown, "Swap")
    first = await shown.page.locator("#first_person").input_value()
    await tab_to_id(shown, "second_person")
    await typed(shown, {"dia": "Dr Abud", "eli": "Dr Osei"}[first])
    await tab_to_id(shown, "second_starts")
    await typed(shown, "12072026")
    await shown.keys("Tab")
    await typed(shown, "0800AM")
    await tab_to_id(shown, "second_until")
    await typed(shown, "12142026")
    await shown.keys("Tab")
    await typed(shown, "0800AM")
    await enter(shown, "Add to the draft")
    await shown.sees("Mon 7 Dec 08:00 to Mon 14 Dec 08:00, pump team attending")
    await sign(shown, "they asked for it")
    assert who(house, "2026-12-01 12:00", "pump-team/attending") == [{"dia": "eli", "eli": "dia"}[first]]
    assert shown.complaints == []


@pytest.mark.parametrize("by_keyboard", [False, True])
async def test_an_edition_is_restored_from_the_history(house: WebHouse, browser: Any, by_keyboard: bool) -> None:
    maria = await house.api()
    before = who(house, "2026-12-02 23:00")
    await send(maria, "/rota/edit/cover", **COVER)
    await published(maria, reason="a course")
    shown = await (await screen(browser, house, width=360)).go("/rota/history")
    if by_keyboard:
        await enter(shown, "Restore")
        await sign(shown, "no course after all")
    else:
        await shown.page.get_by_role("link", name="Restore edition 1").click()
        await shown.page.locator("#reason").fill("no course after all")
        await shown.page.get_by_role("button", name="Restore it").click()
    await shown.sees("Undo it")
    assert who(house, "2026-12-02 23:00") == before


# --- judged by somebody else -----------------------------------------------------------------------------------------


@needs_axe
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_serious_and_nothing_is_too_wide(house: WebHouse, browser: Any, width: int) -> None:
    maria = await house.api()
    await send(maria, "/rota/edit/cover", **COVER)
    await send(maria, "/rota/edit/leave", person="ana", starts="2026-12-07T07:00", until="2026-12-14T07:00")
    shown = await screen(browser, house, width=width)
    slot = f"?tier={TIER}&at=2026-12-05T19:00"
    for path in ("/rota", "/rota?show=after", "/rota/preview", *(f"/rota/edit/{form}{slot}" for form in FORMS)):
        await shown.go(path)
        assert await findings(shown.page) == [], path
        assert await shown.overflow() == 0, path
    await shown.go("/rota/edit/swap")
    await shown.page.get_by_role("button", name="Add to the draft").click()
    assert await findings(shown.page) == []
