"""The page behind a page's link: looking changes nothing, one button takes, details only for the phone's owner."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.adapters.web.cases.page_link import SAID
from oncall.core.case.case import Case, Status
from tests.support.web_house import MUM, WebHouse, web_house

Client = TestClient[web.Request, web.Application]
STIFF = "she is so itchy and stiff <script>alert(1)</script>"


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


def link(case: Case, person: str = "cho") -> str:
    return next(f"/p/{page.token}" for page in case.pages if page.person == person)


async def now(house: WebHouse, case: Case) -> Case:
    found = await house.journal.case(case.id)
    assert found is not None
    return found


async def look(client: Client, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200
        return unescape(await answer.text())


async def press(client: Client, path: str, act: str, **more: str) -> str:
    """Press a button and read the page that follows."""
    async with client.post(path, data={"act": act, **more}, allow_redirects=False) as answer:
        assert answer.status == 303
        return await look(client, answer.headers["Location"])


async def test_looking_changes_nothing(house: WebHouse) -> None:
    """Previews, scanners and impatient thumbs open links many times."""
    client, case = await house.phone(), await house.text(MUM, STIFF)
    for _ in range(3):
        await look(client, link(case))
        async with client.head(link(case)) as answer:
            assert answer.status == 200
    for query in ("?act=1", "?said=done-1", "?act=2&detail=1"):
        await look(client, link(case) + query)
    assert (await now(house, case)).version == case.version


async def test_the_page_says_nothing_about_the_patient(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    page = await look(client, link(case))
    assert "EMERGENCY" in page
    assert f"#{case.code}" in page
    assert "Dr Park" in page
    for secret in ("T.R.", "9 y", "itch", "stiff", "0142", MUM, "withdrawal"):
        assert secret not in page


async def test_one_button_takes_the_case_without_any_digits(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    page = await press(client, link(case), "2")
    assert SAID["done-2"] in page
    taken = await now(house, case)
    assert taken.status is Status.HELD
    assert taken.holder is not None
    assert (taken.holder.person, taken.holder.how) == ("cho", "on the page")


async def test_the_whole_table_of_digits(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    path = link(case)
    assert SAID["done-1"] in await press(client, path, "1")
    assert SAID["done-4"] in await press(client, path, "4", detail="1")
    assert any(page.person == "fay" for page in (await now(house, case)).pages)
    assert SAID["done-5"] in await press(client, path, "5")
    assert SAID["done-6"] in await press(client, path, "6")
    assert SAID["outcome"] in await press(client, path, "7")
    assert SAID["done-7"] in await press(client, path, "7", detail="4")
    closed = await now(house, case)
    assert closed.closed is not None
    assert (closed.closed.outcome, closed.closed.person) == ("phone advice", "cho")


async def test_undo_and_pass_on(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    await press(client, link(case), "2")
    assert SAID["done-9"] in await press(client, link(case), "9")
    assert (await now(house, case)).status is Status.PAGING
    await press(client, link(case), "2")
    house.later(minutes=3)
    assert 'value="9"' not in await look(client, link(case))
    assert SAID["undo-late"] in await press(client, link(case), "9")
    assert SAID["done-3"] in await press(client, link(case), "3")
    passed = await now(house, case)
    assert passed.holder is None
    assert passed.page_of("eli") is not None


async def test_who_comes_late_hears_who_has_it(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    case = await house.time_passes(case.id, minutes=3)
    await press(client, link(case), "2")
    page = await press(client, link(case, "eli"), "2")
    assert SAID["late"] in page
    assert "Dr Park took it at 03:07. Nothing to do." in page
    buttons = re.findall(r"<button[^>]*>(.*?)</button>", page.partition("See what the family said")[0])
    assert buttons == ["Take it from Dr Park"]
    assert SAID["not-yours"] in await press(client, link(case, "eli"), "6")


async def test_a_second_explicit_button_takes_it_from_its_holder(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    case = await house.time_passes(case.id, minutes=3)
    await press(client, link(case), "2")
    assert SAID["done-take"] in await press(client, link(case, "eli"), "take", person="cho")
    taken = await now(house, case)
    assert taken.holder is not None
    assert taken.holder.person == "eli"
    told = [state.message.body for state in taken.messages if state.message.person == "cho"]
    assert any("Dr Abud took #" in text and "you are clear" in text for text in told)
    assert SAID["late"] in await press(client, link(case), "take", person="dia"), "the button named somebody else"


async def test_a_case_is_handed_over_and_said_back_on_the_page(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    await press(client, link(case), "2")
    assert SAID["done-give"] in await press(client, link(case), "give", person="eli")
    offered = await now(house, case)
    assert offered.holder is not None
    assert offered.holder.person == "cho"
    page = await look(client, link(offered, "eli"))
    assert "Dr Park hands this call to you" in page
    assert SAID["say-back"] in await press(client, link(offered, "eli"), "line", line="ok")
    assert SAID["done-line"] in await press(client, link(offered, "eli"), "line", ready="1", line="")
    taken = await now(house, case)
    assert taken.holder is not None
    assert taken.holder.person == "eli"


async def test_not_me_on_the_page_quiets_it_and_pages_the_next_tier(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    assert SAID["done-33"] in await press(client, link(case), "33")
    after = await now(house, case)
    assert after.wrong_people == ("cho",)
    assert after.page_of("eli") is not None


async def test_after_closing_the_link_shows_who_closed_it_and_nothing_else(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    await press(client, link(case), "see", digits="0183")
    await house.closed(await house.taken(case))
    page = await look(client, link(case))
    assert "Closed by Dr Park" in page
    assert "itchy" not in page
    assert "<button" not in page
    assert SAID["closed"] in await press(client, link(case), "2")


async def test_the_last_four_digits_of_the_paged_phone_show_the_rest(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    page = await press(client, link(case), "see", digits="0183")
    assert "T.R., 9 y" in page
    assert "itching" in page
    assert "0142" in page
    assert link(case) not in page


async def test_the_proof_is_good_for_this_page_alone(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    case = await house.time_passes(case.id, minutes=3)
    async with client.post(link(case), data={"act": "see", "digits": "0183"}, allow_redirects=False) as answer:
        cookie = answer.headers["Set-Cookie"]
    for guard in ("HttpOnly", "SameSite=Lax", f"Path={link(case)}"):
        assert guard in cookie
    value = cookie.partition(";")[0]
    async with client.get(link(case, "eli"), headers={"Cookie": value}) as answer:
        assert "T.R." not in await answer.text()
    for forged in ("seen=ü", "seen=", "seen=" + "0" * 64):
        async with (await house.phone()).get(link(case), headers={"Cookie": forged}) as answer:
            assert "T.R." not in await answer.text()


async def test_what_families_write_is_shown_harmlessly(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF + " \u202e\x00" + "x" * 1600)
    async with client.post(link(case), data={"act": "see", "digits": "0183"}) as answer:
        page = await answer.text()
    assert "she is so itchy and stiff &lt;script&gt;" in page
    assert "<script>" not in page
    assert "\u202e" not in page
    assert "\x00" not in page


async def test_five_wrong_digits_close_the_details_but_never_the_taking(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    for tried, wrong in enumerate(("1234", "", "٠١٨٣", "0142", "00183"), start=1):
        page = await press(client, link(case), "see", digits=wrong)
        assert SAID["wrong-digits"] in page
        if tried < 5:
            assert f"{5 - tried} {'try' if tried == 4 else 'tries'} left" in page
    assert "Too many wrong digits" in page
    assert "T.R." not in await press(client, link(case), "see", digits="0183")
    assert SAID["done-2"] in await press(client, link(case), "2")


async def test_a_shared_phone_knows_but_takes_only_with_a_clinicians_digits(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    case = await house.time_passes(case.id, minutes=9)
    path = link(case, "operator")
    page = await look(client, path)
    assert 'value="1"' not in page
    assert "See what the family said" not in page
    async with client.post(path, data={"act": "see", "digits": "0100"}) as answer:
        assert answer.status == 400
    assert SAID["done-know"] in await press(client, path, "know")
    assert (await now(house, case)).status is Status.PAGING
    async with client.post(path, data={"act": "2"}) as answer:
        assert answer.status == 400
    slot = next(page.slot for page in case.pages if page.person == "dia")
    for wrong in (f"{slot}3", "992", "", f"{slot}"):
        assert SAID["wrong-code"] in await press(client, path, "code", person="dia", code=wrong)
    assert (await now(house, case)).holder is None
    assert SAID["done-code"] in await press(client, path, "code", person="dia", code=f"{slot}1")
    taken = (await now(house, case)).holder
    assert taken is not None
    assert (taken.person, taken.how) == ("dia", "digits told to the hospital operator")


async def test_an_alarm_without_a_telephone_offers_no_connection(house: WebHouse) -> None:
    written = await house.intake.take_alarms([{"event": "device_alarm", "tone": "two_tone"}], "gateway", "1", b"")
    page = await look(await house.phone(), link(written.case))
    assert "Take it<" in page
    assert "connect me" not in page


@pytest.mark.parametrize("token", ["x", "D4A5zPJQocyLrk4azFkZjQ", "%00", "..%2f..", "a" * 3000, "'; drop table pages"])
async def test_an_unknown_link_is_a_plain_sentence(house: WebHouse, token: str) -> None:
    async with (await house.phone()).get(f"/p/{token}") as answer:
        assert answer.status == 404
        assert "text/html" in answer.headers["Content-Type"]
        assert (
            "reply with the text&#39;s digits" in await answer.text()
            or "nothing at this address" in await answer.text()
        )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"act=0", 400),
        (b"act=11", 400),
        (b"act=\xff\xfe\x00", 400),
        (b"\xff\xfe", 400),
        (b"act=know", 400),
        (b"act=2" + b"&x=y" * 300_000, 413),
    ],
)
async def test_a_press_that_makes_no_sense_changes_nothing(house: WebHouse, body: bytes, status: int) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with client.post(link(case), data=io.BytesIO(body), headers=form) as answer:
        assert answer.status == status
    assert (await now(house, case)).version == case.version


async def test_a_form_from_another_site_is_refused(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        async with client.post(link(case), data={"act": "2"}, headers=headers) as answer:
            assert answer.status == 403
    assert (await now(house, case)).holder is None
    async with client.post(link(case), data={"act": "2"}, headers={"Origin": "null"}) as answer:
        assert answer.status == 200


async def test_who_has_left_the_team_cannot_take(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    await house.register.deactivate("cho", "test")
    async with client.post(link(case), data={"act": "2"}) as answer:
        assert answer.status == 403
    assert (await now(house, case)).holder is None


async def test_the_public_listener_shows_nothing_else(house: WebHouse) -> None:
    client = await house.phone()
    for path in (
        "/",
        "/cases/x",
        "/new-call",
        "/v1/cases",
        "/v1/alarms",
        "/metrics",
        "/readyz",
        "/events",
        "/openapi.json",
    ):
        async with client.get(path) as answer:
            assert answer.status == 404
    async with client.get("/static/board.css") as answer:
        assert answer.status == 200


async def test_nothing_on_the_page_comes_from_elsewhere(house: WebHouse) -> None:
    client, case = await house.phone(), await house.text(MUM, STIFF)
    page = await press(client, link(case), "see", digits="0183")
    assert re.findall(r"(?:src|href|action)=\"(https?:)?//", page) == []
    assert "style=" not in page
    assert "onclick" not in page
