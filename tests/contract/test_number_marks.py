"""The page of a case on which a named person says that its number is no patient's, and takes it back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.web_house import MUM, SIBLINGS, STRANGER, WebHouse, web_house

BUTTON = "This number is no patient&#39;s: 30 days"


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def page(house: WebHouse, who: str, case: str) -> str:
    async with (await house.api(who)).get(f"/cases/{case}") as shown:
        return (await shown.text()).replace("'", "&#39;")


async def says(house: WebHouse, who: str, case: str, act: str) -> tuple[int, str]:
    client = await house.api(who)
    async with client.post(f"/cases/{case}/number", data={"act": act}, headers={"Accept": "text/html"}) as answer:
        return answer.status, await answer.text()


async def test_a_clinician_marks_a_number_on_its_case_and_a_coordinator_takes_it_back(house: WebHouse) -> None:
    case = await house.text(STRANGER, "hello")
    assert BUTTON in await page(house, "cho", case.id)
    assert (await says(house, "cho", case.id, "mark"))[0] == 200
    shown = await page(house, "vera", case.id)
    assert "Marked as no patient&#39;s</b> by Dr Park, until" in shown
    assert "23 Dec" in shown
    assert "Take it back" not in shown, "who only looks takes nothing back"
    [line] = [line for line in await house.register.audit() if "numbers" in line.what or "number" in line.what]
    assert line.who == "cho"
    assert (await says(house, "maria", case.id, "unmark"))[0] == 200
    assert BUTTON in await page(house, "cho", case.id)
    assert await house.register.number_mark(STRANGER) is None


async def test_a_family_a_shared_phone_and_whoever_is_not_on_the_team_cannot(house: WebHouse) -> None:
    for number in (MUM, SIBLINGS):
        case = await house.text(number, "hello")
        assert BUTTON not in await page(house, "cho", case.id)
        status, told = await says(house, "cho", case.id, "mark")
        assert status == 409
        assert "no number to mark" in told or "it cannot be marked" in told
        assert await house.register.number_mark(number) is None
    case = await house.text(STRANGER, "hello")
    assert (await says(house, "cora", case.id, "mark"))[0] == 403
    assert (await says(house, "vera", case.id, "mark"))[0] == 403
    assert await house.register.number_mark(STRANGER) is None


async def test_the_case_says_that_a_persons_mark_is_why_it_wakes_nobody(house: WebHouse) -> None:
    first = await house.text(STRANGER, "hello")
    await says(house, "cho", first.id, "mark")
    await house.closed(first)
    second = await house.text(STRANGER, "hello")
    assert second.pages == ()
    assert "A named person marked this number as no patient&#39;s" in await page(house, "cho", second.id)
