"""Every form about the rota walked in one house, by mouse and again by keyboard alone: drafted, published, undone.

The flows that have a file of their own (cover, replace now, the merge view, restoring) are in
test_rota_editing_in_a_browser. Deliberately not here: what a form refuses (tests/contract).
"""

from __future__ import annotations

from typing import Any

import pytest

from oncall.core.rota.edits import AddHoliday, AddLeave, AddSwap, CopyWeek, NewPattern, ReplaceRoster, SplitShift
from tests.browser.chromium import Screen, in_chromium, opened
from tests.browser.test_rota_editing_in_a_browser import sign, tab_to_id
from tests.contract.test_rota_editing import TIER, drafted, who
from tests.support.web_house import web_house

pytestmark = in_chromium
ATTENDING = "pump-team/attending"


class Mouse:
    """Somebody who points and clicks."""

    def __init__(self, shown: Screen) -> None:
        self.shown, self.page = shown, shown.page

    async def follows(self, name: str) -> None:
        async with self.page.expect_navigation():
            await self.page.get_by_role("link", name=name, exact=True).first.click()

    async def opens(self, summary: str) -> None:
        await self.page.locator("summary", has_text=summary).click()

    async def presses(self, name: str) -> None:
        async with self.page.expect_navigation():
            await self.page.get_by_role("button", name=name, exact=True).click()

    async def chooses(self, id: str, label: str) -> None:
        field = self.page.locator(f'[id="{id}"]')
        wanted = field.locator("option", has_text=label).first
        await field.select_option(label=(await wanted.inner_text()))

    async def fills(self, id: str, value: str) -> None:
        await self.page.locator(f'[id="{id}"]').fill(value)

    async def signs(self, reason: str) -> None:
        if await self.page.locator("#reason").count():
            await self.fills("reason", reason)
        await self.presses("Publish")


class Keys:
    """Somebody who has no mouse: Tab, letters, Enter."""

    def __init__(self, shown: Screen) -> None:
        self.shown, self.page = shown, shown.page

    async def follows(self, name: str) -> None:
        await self._reaches(name)
        async with self.page.expect_navigation():
            await self.shown.keys("Enter")

    async def opens(self, summary: str) -> None:
        await self.shown.tab_to(summary)
        await self.shown.keys("Enter")

    async def presses(self, name: str) -> None:
        await self.follows(name)

    async def chooses(self, id: str, label: str) -> None:
        await tab_to_id(self.shown, id)
        await self.page.keyboard.type(label)

    async def fills(self, id: str, value: str) -> None:
        """A date and a time are typed as this browser's fields want them: month, day, year, Tab, hour, minute, half."""
        await tab_to_id(self.shown, id)
        day, _, hour = value.partition("T")
        if day.count("-") != 2:
            await self.page.keyboard.type(value)
            return
        year, month, date = day.split("-")
        await self.page.keyboard.type(f"{month}{date}{year}")
        if hour:
            await self.shown.keys("Tab")
            half = "AM" if int(hour[:2]) < 12 else "PM"
            await self.page.keyboard.type(f"{(int(hour[:2]) + 11) % 12 + 1:02d}{hour[3:5]}{half}")

    async def signs(self, reason: str) -> None:
        await sign(self.shown, reason)

    async def _reaches(self, name: str) -> None:
        """Exactly this name, as a screen reader says it."""
        for _ in range(120):
            await self.shown.keys("Tab")
            said = await self.page.evaluate("document.activeElement.textContent.replace(/\\s+/g, ' ').trim()")
            if said == name:
                return
        raise AssertionError(f"no Tab reaches {name}")


async def drafts_everything(hand: Mouse | Keys, first: str) -> None:
    """Seven forms into one draft; each is found from the rota page, as somebody finds it who has never seen it."""
    await hand.follows("Rota")
    await hand.follows("Split")
    await hand.chooses("tier", "Pump team, primary")
    await hand.chooses("by", "Dr Osei")
    await hand.fills("split_at", "2026-12-03T01:00")
    await hand.presses("Add to the draft")

    await hand.follows("Rota")
    await hand.follows("Leave")
    await hand.chooses("person", "Dr Lee")
    await hand.fills("starts", "2026-12-21T07:00")
    await hand.fills("until", "2026-12-22T07:00")
    await hand.presses("Add to the draft")

    await hand.follows("Rota")
    await hand.follows("Swap")
    await hand.chooses("tier", "Pump team, attending")
    await hand.chooses("first_person", {"dia": "Dr Osei", "eli": "Dr Abud"}[first])
    await hand.fills("first_starts", "2026-12-05T08:00")
    await hand.fills("first_until", "2026-12-06T08:00")
    await hand.chooses("second_person", {"dia": "Dr Abud", "eli": "Dr Osei"}[first])
    await hand.fills("second_starts", "2026-12-12T08:00")
    await hand.fills("second_until", "2026-12-13T08:00")
    await hand.presses("Add to the draft")

    await hand.follows("Rota")
    await hand.opens("More: patterns")
    await hand.follows("Copy a week")
    await hand.chooses("tier", "Pump team, primary")
    await hand.fills("from_day", "2027-01-11")
    await hand.fills("to_day", "2027-01-18")
    await hand.presses("Add to the draft")

    await hand.follows("Rota")
    await hand.opens("More: patterns")
    await hand.follows("Holiday")
    await hand.fills("name", "Founders day")
    await hand.fills("on1", "2027-03-03")
    await hand.chooses(f"who1:{TIER}", "Dr Osei")
    await hand.presses("Add to the draft")

    await hand.follows("Rota")
    await hand.opens("More: patterns")
    await hand.follows("Change a roster")
    await hand.chooses("pattern", "Neurosurgery")
    await hand.chooses("turn1", "Dr Moreau")
    await hand.fills("since", "2027-02-01")
    await hand.presses("Add to the draft")

    await hand.follows("Rota")
    await hand.opens("More: patterns")
    await hand.follows("Pattern wizard")
    await hand.chooses("pattern", "Complex care")
    await hand.chooses("turn1", "Dr Moreau")
    await hand.chooses("turn", "a week")
    await hand.fills("since", "2027-02-01")
    await hand.presses("Add to the draft")


async def mends_and_takes_back(hand: Mouse | Keys) -> None:
    """What was published is changed, and something of it taken back."""
    await hand.follows("Rota")
    await hand.opens("More: patterns")
    await hand.follows("Change a cover")
    await hand.chooses("id", "L2")
    await hand.fills("until", "2026-12-21T19:00")
    await hand.presses("Add to the draft")
    await hand.follows("Rota")
    await hand.opens("More: patterns")
    await hand.follows("Take back a change")
    await hand.chooses("id", "S2")
    await hand.presses("Add to the draft")


@pytest.mark.parametrize(("hand_of", "width"), [(Mouse, 360), (Keys, 1280)])
async def test_every_form_is_walked_into_force_and_back(
    hand_of: type[Mouse] | type[Keys], width: int, browser: Any
) -> None:
    house = await web_house()
    await house.publish_first()
    [first] = who(house, "2026-12-05 12:00", ATTENDING)
    [other] = {"dia", "eli"} - {first}
    shown = await (await opened(browser, house, width=width)).go("/")
    shown.page.set_default_timeout(60_000)  # a preview of seven edits on a busy machine
    hand = hand_of(shown)
    await drafts_everything(hand, first)
    kinds = [type(edit) for edit in await drafted(house)]
    assert kinds == [SplitShift, AddLeave, AddSwap, CopyWeek, AddHoliday, ReplaceRoster, NewPattern]
    await hand.signs("the plan of winter")
    await shown.sees("Undo it")
    assert who(house, "2026-12-03 03:00") == ["dia"]
    assert "ana" not in who(house, "2026-12-21 12:00")
    assert who(house, "2026-12-05 12:00", ATTENDING) == [other]
    assert who(house, "2027-03-03 12:00") == ["dia"]
    assert who(house, "2027-02-20 12:00", "neurosurgery/primary") == ["gus"]
    await mends_and_takes_back(hand)
    await hand.signs("back sooner")
    await shown.sees("Undo it")
    assert who(house, "2026-12-05 12:00", ATTENDING) == [first]
    await hand.presses("Undo it")
    assert who(house, "2026-12-05 12:00", ATTENDING) == [other]
    assert shown.complaints == []
    await house.close()
