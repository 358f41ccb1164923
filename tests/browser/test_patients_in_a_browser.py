"""Patients in a browser: found, added, enrolled and imported, with the mouse and by keyboard alone, at two widths."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import assert_accessible, needs_axe
from tests.browser.chromium import Screen, in_chromium, opened
from tests.support.web_house import MUM, WebHouse

pytestmark = in_chromium
PAGES = ("/patients", "/patients?left=1", "/patients/leo", "/patients/leo/edit", "/patients/new", "/patients/import")
SHEET = "Patient name,MRN,Ward\nNora Quist,nora,3B\nLeo Marin,leo,3B\n"


async def entered(shown: Screen) -> None:
    """Enter sends the form, and the answer is there."""
    async with shown.page.expect_navigation():
        await shown.keys("Enter")


async def test_a_patient_is_added_with_a_phone_and_changed_with_the_mouse(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/patients")
    await shown.page.get_by_role("link", name="Add a patient").click()
    await shown.page.get_by_label("Full name").fill("Nora Quist")
    await shown.page.get_by_label("Serial number").fill("ngp-9")
    await shown.page.get_by_label("Low-reservoir alarm expected on").fill("2026-12-24")
    await shown.page.get_by_label("neurocritical").check()
    await shown.page.get_by_role("button", name="Add this patient").click()
    await shown.sees("The patient is added.")
    await shown.page.get_by_label("Number in any spelling").fill("617 555 0177")
    await shown.page.locator("#relation-new").fill("mother")
    await shown.page.get_by_role("button", name="Enrol it").click()
    await shown.sees("+1 617-555-0177")
    await shown.page.get_by_role("button", name="The family confirmed it today").click()
    await shown.sees("confirmed by the family 23 Nov 2026")
    await shown.page.get_by_role("link", name="Change this record").click()
    await shown.page.get_by_label("Diagnosis").fill("CP")
    await shown.page.get_by_role("button", name="Write it into the record").click()
    await shown.sees("Changed. It counts")
    caller = await house.register.caller("+16175550177")
    assert caller is not None
    assert (caller.patients[0].name, caller.patients[0].context["diagnosis"]) == ("Nora Quist", "CP")
    assert shown.complaints == []


async def test_a_patient_is_found_and_changed_by_keyboard_alone(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house)).go("/")
    await shown.keys("/")
    await shown.page.keyboard.type("6175550142")
    await entered(shown)
    assert shown.page.url.endswith("/search")
    await shown.tab_to("T Reyes")
    await entered(shown)
    await shown.tab_to("Change this record")
    await entered(shown)
    await shown.tab_to("Diagnosis")
    await shown.page.keyboard.type("SCI / T4")  # a stroke inside a field is no shortcut
    await entered(shown)
    await shown.sees("SCI / T4")
    assert shown.complaints == []


async def test_a_sheet_is_looked_at_mapped_and_imported_on_a_telephone(house: WebHouse, browser: Any) -> None:
    shown = await (await opened(browser, house, width=360)).go("/patients/import")
    sheet = {"name": "ward.csv", "mimeType": "text/csv", "buffer": SHEET.encode()}
    await shown.page.locator("#file").set_input_files(sheet)
    await shown.page.get_by_role("button", name="Show what it would change").click()
    await shown.sees("add patient Nora Quist (nora)")
    await shown.page.get_by_label("Ward", exact=True).select_option("diagnosis")
    await shown.page.get_by_role("button", name="Look again with these columns").click()
    await shown.sees("diagnosis nothing -> 3B")
    assert await shown.overflow() == 0
    await shown.page.get_by_role("button", name="Import 2 changes").click()
    await shown.sees("Written, in one piece.")
    assert await house.register.patient("nora") is not None


@needs_axe
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_serious_and_nothing_is_cut_off(house: WebHouse, browser: Any, width: int) -> None:
    await house.closed(await house.text(MUM, "she is stiff"))
    await house.text(MUM, "she is hot and confused")
    shown = await opened(browser, house, width=width)
    for path in PAGES:
        await shown.go(path)
        await assert_accessible(shown.page)
        assert await shown.overflow() == 0, path
    await shown.page.locator("#search").fill("marin")
    await shown.keys("Enter")
    await shown.sees("Mia Marin")
    await assert_accessible(shown.page)
    assert await shown.overflow() == 0
