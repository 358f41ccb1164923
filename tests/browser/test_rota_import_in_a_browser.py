"""A schedule taken in by mouse, and again by keyboard alone; both widths, and what axe finds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import findings, needs_axe
from tests.browser.chromium import in_chromium, opened
from tests.support.web_house import WebHouse, web_house

pytestmark = in_chromium
FILE = "Wer,Wo,Anfang,Schluss\nLeee,primary,2026-12-05 19:00,2026-12-06 07:00\n"
CELLS = "person\ttier\tstart\tend\nDr Lee\tprimary\t2026-12-05 19:00\t2026-12-06 07:00"


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    await made.publish_first()
    yield made
    await made.close()


@needs_axe
async def test_a_file_goes_by_mouse_through_the_mapper_into_the_draft(
    house: WebHouse, browser: Any, tmp_path: Path
) -> None:
    (tmp_path / "december.csv").write_text(FILE)
    shown = await (await opened(browser, house, width=360)).go("/rota/import")
    page = shown.page
    await page.get_by_label("File:").set_input_files(tmp_path / "december.csv")
    await page.get_by_role("button", name="Look at it").click()
    await shown.sees("No headings that are understood")
    for role, heading in (("person", "Wer"), ("tier", "Wo"), ("start", "Anfang"), ("end", "Schluss")):
        await page.locator(f"[id='column:{role}']").select_option(heading)
    await page.get_by_role("button", name="Look again").click()
    await shown.sees("Who is meant")
    assert (await shown.overflow(), await findings(page)) == (0, [])
    await page.get_by_label('"Leee"').select_option("ana")
    await page.get_by_role("button", name="Look again").click()
    await page.get_by_role("button", name="Put into the draft").click()
    await shown.sees("1 cover, taken in from december.csv")
    assert shown.complaints == []


async def test_pasted_cells_go_by_keyboard_alone_into_the_draft(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house, width=1280)).go("/rota/import")
    await shown.tab_to("or cells copied")
    await shown.page.keyboard.insert_text(CELLS)
    for button in ("Look at it", "Put into the draft"):
        await shown.tab_to(button)
        async with shown.page.expect_navigation():
            await shown.keys("Enter")
    await shown.sees("1 cover, taken in from pasted cells")
    assert shown.complaints == []
