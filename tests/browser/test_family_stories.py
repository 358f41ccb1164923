"""The stories A to H of a family's first contact, played by hand on the phones page in a real browser.

Typed, keyed and answered as a person would, with the page's own button for waiting. A picture of each lies in the
test's folder, narrow and wide. Deliberately not here: every branch of a conversation (tests/scenario).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from oncall.service.people.accounts import VISIT
from tests.browser.chromium import in_chromium, launched
from tests.support.demo import Demo, open_demo
from tests.support.tiny_house import OLD_AUTH

pytestmark = [*in_chromium, pytest.mark.filterwarnings(OLD_AUTH)]
PATIENCE = 15_000  # milliseconds
MUM, DAD, GRAN, UNKNOWN = "mum of Leo", "dad of Eva", "mum of Noa", "unknown caller"


class Visitor:
    """Somebody before the phones page."""

    def __init__(self, page: Any, demo: Demo, folder: Path) -> None:
        self.page, self.demo, self.folder = page, demo, folder
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def card(self, who: str) -> Any:
        return self.page.locator(".phone").filter(has=self.page.locator(".owner", has_text=re.compile(f"^{who}$")))

    async def open_card(self, who: str) -> Any:
        card = self.card(who)
        if await card.get_attribute("open") is None:
            await card.locator("summary").click()
        return card

    async def texts(self, who: str, words: str) -> None:
        card = await self.open_card(who)
        box = card.locator("form.compose input")
        await box.fill(words)
        await box.press("Enter")

    async def calls(self, who: str) -> None:
        await (await self.open_card(who)).get_by_role("button", name="Call the line").click()
        await self.hears(who, "911|9 1 1")

    async def presses(self, who: str, key: str) -> None:
        await self.card(who).locator(f'.keys button[data-keys="{key}"]').click()

    async def speaks(self, who: str, words: str) -> None:
        box = self.card(who).locator('form[data-verb="say"] input')
        await box.fill(words)
        await box.press("Enter")

    async def answers(self, who: str) -> None:
        await self.card(who).get_by_role("button", name="Answer").click()

    async def hangs_up(self, who: str) -> None:
        await self.card(who).get_by_role("button", name="Hang up").click()

    async def reads(self, who: str, pattern: str) -> str:
        """The newest bubble like this."""
        found = self.card(who).locator(".bubble", has_text=re.compile(pattern)).last
        await found.wait_for(timeout=PATIENCE, state="attached")
        return str(await found.inner_text())

    async def hears(self, who: str, pattern: str) -> None:
        found = self.card(who).locator(".transcript li", has_text=re.compile(pattern)).last
        await found.wait_for(timeout=PATIENCE, state="attached")

    async def rings(self, who: str) -> None:
        await (
            self.page.locator('.phone[data-state="ringing"]')
            .filter(has=self.page.locator(".owner", has_text=re.compile(f"^{who}$")))
            .wait_for(timeout=PATIENCE, state="attached")
        )

    async def waits_until_it_rings(self, who: str, looks: int = 30) -> None:
        """Press "Jump to the next deadline" until this phone rings."""
        for _ in range(looks):
            if await self.card(who).get_attribute("data-state") == "ringing":
                return
            await self.page.get_by_role("button", name="Jump to the next deadline").click()
            await self.page.wait_for_timeout(500)
        raise AssertionError(f"the phone of {who} never rang")

    async def is_paged(self, code_ends: str, clinician: str = "Dr Lee") -> str:
        """The reply of the newest page on this clinician's phone: its slot and this digit."""
        text = await self.reads(clinician, "pump call #.*Reply")
        found = re.search(r"Reply (\d\d)", text)
        assert found is not None
        return found[1] + code_ends

    async def takes(self, digit: str = "2", clinician: str = "Dr Lee") -> None:
        await self.texts(clinician, await self.is_paged(digit, clinician))
        await self.reads(clinician, "You have|you have")

    async def opens_case(self, case: str) -> None:
        """As Dr Lee, who comes in by the link that the demo prints."""
        link = await self.demo.house.sign_in.new_link("ana", VISIT, "sample ward")
        await self.page.goto(f"{self.demo.internal}/first/{link}")
        await self.page.get_by_role("main").get_by_role("button").click()
        await self.page.get_by_role("heading", name="Open cases").wait_for(timeout=PATIENCE)
        await self.page.goto(f"{self.demo.internal}/cases/{case}")

    async def board_says(self, pattern: str) -> None:
        await self.page.locator('[data-part="board"]', has_text=re.compile(pattern)).wait_for(timeout=PATIENCE)

    async def picture(self, name: str, who: str = "") -> None:
        """Narrow and wide, with this phone in sight, and nothing wider than the narrow one."""
        for width in (1280, 360):
            await self.page.set_viewport_size({"width": width, "height": 900})
            await self.page.wait_for_timeout(150)
            assert await self.page.evaluate("document.documentElement.scrollWidth") <= width
            if who:
                await self.card(who).evaluate("(card) => card.scrollIntoView({ block: 'start', behavior: 'instant' })")
            await self.page.screenshot(path=self.folder / f"{name}-{width}.png")
        await self.page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    async with open_demo() as demo, launched() as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        visitor = Visitor(page, demo, tmp_path)
        await page.goto(demo.phones)
        yield visitor
        await page.screenshot(path=tmp_path / "at-the-end.png")
        assert visitor.complaints == []
        assert demo.carrier.alarms == []


async def test_a_two_tone_alarm_by_text(visitor: Visitor) -> None:
    await visitor.texts(MUM, "pump is beeping 2 tones wont stop")
    assert "911" in await visitor.reads(MUM, "paging the pump doctor|We are")
    await visitor.is_paged("2")
    await visitor.reads(MUM, "1 yes 2 no 3 not sure")
    await visitor.texts(MUM, "2")
    await visitor.reads(MUM, "seizure|confus|floppy")
    await visitor.texts(MUM, "2")
    await visitor.reads(MUM, "stiff")
    await visitor.texts(MUM, "1")
    await visitor.board_says("emergency|EMERGENCY")
    await visitor.takes()
    await visitor.reads(MUM, "Dr Lee")
    await visitor.texts("Dr Lee", "reached")
    await visitor.texts("Dr Lee", await visitor.is_paged("7") + " 5")
    await visitor.reads(MUM, "closed")
    await visitor.picture("A", MUM)


async def test_b_stiff_itchy_and_hot_by_voice_on_speakerphone(visitor: Visitor) -> None:
    await visitor.calls(DAD)
    await visitor.presses(DAD, "2")
    await visitor.hears(DAD, "worse|fever")
    await visitor.is_paged("2")
    await visitor.presses(DAD, "1")
    await visitor.hears(DAD, "Tell me exactly")
    await visitor.speaks(DAD, "He's hard as a board, scratching since dinner, 103, refill was supposed to be last week")
    await visitor.hears(DAD, "called 9 1 1")
    await visitor.presses(DAD, "1")
    await visitor.hears(DAD, "To stay on the line")
    await visitor.takes("1")
    await visitor.waits_until_it_rings("Dr Lee", 8)
    await visitor.answers("Dr Lee")
    await visitor.hears("Dr Lee", "press 7")
    await visitor.presses("Dr Lee", "7")
    await visitor.hears(DAD, "Dr|Doctor|doctor")
    await visitor.picture("B", DAD)


async def test_c_very_sleepy_after_a_refill_and_a_recorded_message(visitor: Visitor) -> None:
    await visitor.calls(GRAN)
    await visitor.presses(GRAN, "1")
    await visitor.hears(GRAN, "call 9 1 1")
    assert (await visitor.is_paged("2")).isdigit()
    await visitor.hears(GRAN, "press 2|2\\.")
    await visitor.presses(GRAN, "2")
    await visitor.hears(GRAN, "near you|Ask")
    await visitor.hears(GRAN, "Tell me exactly")
    await visitor.presses(GRAN, "1")
    await visitor.hears(GRAN, "This is recorded")
    await visitor.hears(GRAN, "tone]")
    await visitor.speaks(GRAN, "she is so sleepy since the refill, she does not answer me")
    await visitor.presses(GRAN, "4")
    await visitor.hears(GRAN, "We will call you at")
    await visitor.board_says("EMERGENCY|emergency")
    await visitor.picture("C", GRAN)
    case = next(case for case in await visitor.demo.house.journal.open_cases() if case.enclosures)
    for _ in range(20):
        if await visitor.demo.house.kept.get(case.enclosures[0].what.id):
            break
        await visitor.page.wait_for_timeout(1000)
    await visitor.opens_case(case.id)
    await visitor.page.locator("#sbar audio").wait_for(timeout=PATIENCE)
    assert await visitor.page.evaluate(
        "async () => { const a = document.querySelector('audio'); a.preload = 'auto'; a.load();"
        " await new Promise((go) => a.addEventListener('loadedmetadata', go)); return a.duration >= 1; }"
    )
    await visitor.picture("C-case")


async def test_d_spanish_from_an_unknown_number(visitor: Visitor) -> None:
    visitor.demo.carrier.phone("+12125550177").language = "es"
    await visitor.page.reload()
    await visitor.texts(UNKNOWN, "la bomba de mi hija suena y esta muy dura")
    await visitor.reads(UNKNOWN, "911|urgencias")
    await visitor.reads(UNKNOWN, "1 sí 2 no 3 no sé")
    await visitor.texts(UNKNOWN, "2")
    await visitor.reads(UNKNOWN, "convuls|confus|flojo|floja")
    await visitor.is_paged("2")
    await visitor.board_says("Spanish|caller unknown")
    await visitor.picture("D", UNKNOWN)


async def test_e_the_call_drops_and_the_call_back_goes_on(visitor: Visitor) -> None:
    await visitor.calls(DAD)
    await visitor.hangs_up(DAD)
    await visitor.reads(DAD, "cut off")
    await visitor.is_paged("2")
    await visitor.waits_until_it_rings(DAD)
    await visitor.answers(DAD)
    await visitor.hears(DAD, "wake|sleep|breath")
    assert await visitor.card(DAD).locator(".transcript li", has_text="press 3").count() == 0, "never the menu again"
    await visitor.presses(DAD, "2")
    await visitor.picture("E", DAD)


async def test_f_a_refill_appointment_wakes_nobody(visitor: Visitor) -> None:
    await visitor.texts(DAD, "need to move fridays appointment")
    told = await visitor.reads(DAD, "911")
    assert "0" in told
    assert not re.search("can wait|don't worry", told)
    await visitor.page.wait_for_timeout(1500)
    assert await visitor.card("Dr Lee").locator(".bubble").count() == 0
    await visitor.picture("F", DAD)
    await visitor.texts(DAD, "0")
    await visitor.is_paged("2")


async def test_g_help_alone(visitor: Visitor) -> None:
    await visitor.texts(DAD, "HELP")
    await visitor.reads(DAD, "911")
    await visitor.is_paged("2")
    await visitor.waits_until_it_rings(DAD)
    await visitor.picture("G", DAD)
    await visitor.answers(DAD)
    await visitor.hears(DAD, "9 1 1")


async def test_h_hospital_staff_are_put_through_without_a_family_question(visitor: Visitor) -> None:
    visitor.demo.carrier.phone("+12125550177")
    await visitor.page.reload()
    await visitor.calls(UNKNOWN)
    await visitor.presses(UNKNOWN, "8")
    await visitor.hears(UNKNOWN, "extension")
    for key in "4242#":
        await visitor.presses(UNKNOWN, key)
    await visitor.is_paged("2")
    await visitor.is_paged("2", "Dr Osei")
    await visitor.board_says("EMERGENCY|emergency")
    await visitor.picture("H", UNKNOWN)
    await visitor.rings("Dr Lee")
    await visitor.answers("Dr Lee")
    await visitor.hears("Dr Lee", "press 7")
    await visitor.presses("Dr Lee", "7")
    await visitor.hears("Dr Lee", "ambulance staff calling")
    await visitor.presses("Dr Lee", "1")
    await visitor.hears(UNKNOWN, "The pump doctor is on the line")


async def test_faults_are_ordered_and_called_off_on_the_page(visitor: Visitor) -> None:
    page = visitor.page
    await page.get_by_text("Let the carrier fail").click()
    await page.get_by_label("What goes wrong").select_option("lost-text")
    await page.get_by_label("how often").fill("2")
    await page.get_by_role("button", name="Order it").click()
    await page.get_by_text("a text of ours is taken and lost, 2 more").wait_for(timeout=PATIENCE)
    await visitor.texts(MUM, "he is so itchy and stiff, his alarm is beeping")
    await page.get_by_text("a text of ours is taken and lost,").wait_for(timeout=PATIENCE, state="detached")
    await page.get_by_label("What goes wrong").select_option("down")
    await page.get_by_role("button", name="Order it").click()
    await page.get_by_text("the whole carrier is down", exact=True).last.wait_for(timeout=PATIENCE)
    await visitor.picture("faults")
    await page.get_by_role("button", name="Nothing more").click()
    await page.get_by_text("Nothing is ordered to go wrong.").wait_for(timeout=PATIENCE)
    await visitor.rings("Dr Lee")


async def test_a_picture_is_sent_and_seen_on_the_case_page(visitor: Visitor) -> None:
    card = await visitor.open_card(MUM)
    await card.get_by_role("button", name="Send picture").click()
    await visitor.reads(MUM, "1 photo")
    await visitor.is_paged("2")
    [case] = await visitor.demo.house.journal.open_cases()
    for _ in range(20):
        if await visitor.demo.house.kept.get(case.enclosures[0].what.id):
            break
        await visitor.page.wait_for_timeout(1000)
    await visitor.opens_case(case.id)
    shown = visitor.page.locator(".enclosure img")
    await shown.wait_for(timeout=PATIENCE)
    assert await shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 96
    await visitor.picture("picture-case")
