"""A screen on a wall by its own link: made once, shows no patient, needs no sign-in, and is over when it is ended."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from oncall.adapters.register.kiosk_rows import KioskLinkRow
from tests.support.web_house import MUM, WebHouse, web_house

SAID = "she is stiff and hot"


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house(beat=0.02)
    yield made
    await made.close()


async def made(house: WebHouse, name: str = "operator's room") -> str:
    async with (await house.api("adam")).post("/accounts/kiosks", data={"name": name}) as answer:
        [path] = re.findall(r"/kiosk/[\w-]{22,}", await answer.text())
    return path


async def test_a_screen_shows_the_room_for_months_without_a_sign_in_and_without_a_patient(house: WebHouse) -> None:
    path, nobody = await made(house), await house.api(None)
    house.later(days=200)
    case = await house.text(MUM, SAID)
    for address in (path, f"{path}?part=live"):
        async with nobody.get(address) as answer:
            shown = await answer.text()
        assert answer.status == 200
        assert f"#{case.code}" in shown
        assert "Hospital operator" in shown
        for secret in (case.label, MUM, SAID, case.id, "stiff"):
            assert secret not in shown
    assert await house.register.accounts.views(9) == [], "no patient was looked at"
    async with nobody.get("/", allow_redirects=False) as answer:
        assert answer.status == 303, "the link opens nothing else"


async def test_an_ended_screen_says_so_at_once_and_the_audit_names_who_did_it(house: WebHouse) -> None:
    path, nobody, admin = await made(house), await house.api(None), await house.api("adam")
    [kiosk] = await house.given.kiosks.book.in_use()
    async with nobody.get(f"{path}/events") as stream:
        await stream.content.readuntil(b"\n\n")
        async with admin.post(f"/accounts/kiosks/{kiosk.id}/end") as answer:
            assert "link has ended" in await answer.text()
        assert b"event: ended" in await stream.content.read()
    for address in (path, f"{path}?part=live", f"{path}/events"):
        async with nobody.get(address) as answer:
            assert answer.status == 404
    async with admin.post(f"/accounts/kiosks/{kiosk.id}/end") as answer:
        assert answer.status == 422
    told = [(line.who, line.what) for line in await house.register.audit(9) if "kiosk_links" in line.what]
    assert [who for who, _ in told] == ["adam", "adam"]
    token = path.rpartition("/")[2]
    [row] = await house.register.rows(KioskLinkRow)
    assert token not in f"{told} {row}"
    assert row.revoked_at == house.clock.now()


async def test_a_name_is_needed_and_eight_screens_are_enough(house: WebHouse) -> None:
    admin = await house.api("adam")
    for n in range(8):
        await made(house, f"room {n}")
    for name, words in ((" ", "Write where the screen hangs"), ("one more", "end one of them first")):
        async with admin.post("/accounts/kiosks", data={"name": name}) as answer:
            assert answer.status == 422
            assert words in await answer.text()
