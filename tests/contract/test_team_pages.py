"""The team's pages: who sees what, who may change what, and what a form without its word does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.adapters.register.rows import PersonPhoneRow
from oncall.core.rota.edits import AddLeave
from oncall.fitness import REAL_CARRIER, Refused, refuse_unfit
from oncall.service.people.leaving import Choices
from tests.support.ward import ward_config
from tests.support.web_house import ANA, CHO, WebHouse, web_house

Client = TestClient[web.Request, web.Application]
NEW = "+16175550170"
ADD = {"act": "add", "number": NEW, "again": "(617) 555-0170"}


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def seen(client: Client, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, path
        return unescape(await answer.text())


async def status(client: Client, path: str, **form: str) -> int:
    async with client.post(path, data=form, allow_redirects=False) as answer:
        return answer.status


def row_of(page: str, person: str) -> str:
    """One person's row of the table, as words."""
    [row] = [row for row in page.split("<tr")[1:] if f'href="/team/{person}"' in row.partition("</tr>")[0]]
    return " ".join(re.sub(r"<[^>]+>", " ", row.partition("</tr>")[0]).split())


async def test_the_table_says_of_everybody_whether_a_page_would_reach_them(house: WebHouse) -> None:
    page = await seen(await house.api("vera"), "/team")
    assert "✗ not ready: no proven telephone" in row_of(page, "eli")
    assert "△ ready, but there is no second number" in row_of(page, "cho")
    assert "✓ ready" in row_of(page, "maria"), "she stands on no tier"
    assert "Pump team, primary" in row_of(page, "cho")
    assert page.index('href="/team/eli"') < page.index('href="/team/cho"') < page.index('href="/team/maria"')


async def test_numbers_are_masked_until_they_are_asked_for(house: WebHouse) -> None:
    client = await house.api("vera")
    for path in ("/team", "/team/ana"):
        assert ANA not in (page := await seen(client, path)).replace("-", "").replace(" ", "")
        assert "•••• 0181" in page
        assert "+1 617-555-0181" in await seen(client, f"{path}?numbers=shown")


async def test_stop_leave_sign_in_and_calendar_links_are_told(house: WebHouse) -> None:
    await house.register.set_stopped(ANA, True, house.clock.now())
    await house.publish_first()
    leave = AddLeave("ana", "2026-12-24", "2026-12-26")
    await house.given.rota_desk.publish_tried(await house.given.rota_desk.try_all([leave], "maria"), "maria", "holiday")
    page = await seen(await house.api("cho"), "/team")
    ana = row_of(page, "ana")
    assert "STOP: rung only; text START from it" in ana
    assert "takes no texts (STOP)" in ana
    assert "Leave: Thu 24 Dec 00:00 to Sun 27 Dec 00:00" in ana
    assert "Signed in: never" in ana
    assert "Signed in: 03:04" in row_of(page, "cho")
    assert "Signed in: no account" in row_of(page, "eli")
    assert "Calendar links: none" in ana


async def test_a_viewer_looks_and_has_no_form(house: WebHouse) -> None:
    client = await house.api("vera")
    page = await seen(client, "/team/ana")
    assert page.count("<form") == 2, "searching and signing out"
    assert await status(client, "/team/ana/numbers", **ADD) == 403
    assert (await house.register.team.owner_of(NEW)) is None


async def test_a_clinician_changes_only_what_is_their_own(house: WebHouse) -> None:
    cho = await house.api("cho")
    assert "Add a number" in await seen(cho, "/team/cho")
    assert "Add a number" not in await seen(cho, "/team/ana")
    assert await status(cho, "/team/ana/numbers", **ADD) == 403
    assert await status(cho, "/team/ana/test") == 403
    assert await status(cho, "/team/cho/numbers", **ADD) == 303
    assert await house.register.team.owner_of(NEW) == "cho"
    assert await status(cho, "/team/cho/leave", do="leave") == 403


async def test_somebody_elses_number_cannot_be_reached_through_ones_own_page(house: WebHouse) -> None:
    cho = await house.api("cho")
    for act in ("code", "ring", "first", "retire", "type"):
        assert await status(cho, "/team/cho/numbers", act=act, number=ANA, code="123456", sure="yes") == 422, act
    assert await house.register.team.owner_of(ANA) == "ana"
    assert await house.register.notices.about("number-key") == []


@pytest.mark.parametrize("path", ["/team/ana/numbers", "/team/ana/test", "/team/ana/leave", "/team/ana/return"])
async def test_a_form_without_the_sessions_word_does_nothing(house: WebHouse, path: str) -> None:
    token = await house.sign_in.open_session("maria")
    client = await house.api(None)
    form = {**ADD, "do": "leave"}
    async with client.post(path, data=form, headers={"Cookie": f"session={token}"}) as answer:
        assert answer.status == 403
        assert "Nothing was done" in await answer.text()
    assert await house.register.team.owner_of(NEW) is None
    assert "ana" in (await house.register.directory()).clinicians


async def test_every_form_of_the_team_carries_the_sessions_word(house: WebHouse) -> None:
    client = await house.api()
    await house.publish_first()
    await status(client, "/team/ana/numbers", **ADD)
    await status(client, "/team/ana/numbers", act="code", number=NEW)
    for path in ("/team", "/team/ana", "/team/ana/leave"):
        for form in (await seen(client, path)).split('<form method="post"')[1:]:
            assert '<input type="hidden" name="csrf"' in form.partition("</form>")[0], path


async def test_no_number_stands_in_an_address(house: WebHouse) -> None:
    client = await house.api()
    async with client.post("/team/ana/numbers", data=ADD, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/team/ana?said=add"
    page = await seen(client, "/team/ana?numbers=shown")
    assert not [link for link in re.findall(r'(?:href|action)="([^"]*)"', page) if "0170" in link or "0181" in link]


async def test_a_refused_number_is_said_with_its_reason_and_keeps_what_was_typed(house: WebHouse) -> None:
    client = await house.api()
    form = {"act": "add", "number": "617-555-0170", "again": "617-555-0171"}
    async with client.post("/team/ana/numbers", data=form) as answer:
        page = unescape(await answer.text())
        assert answer.status == 422
    assert 'role="alert"' in page
    assert "The two numbers are not the same." in page
    assert 'value="617-555-0170"' in page
    async with client.post("/team/ana/numbers", data={**ADD, "number": CHO, "again": CHO}) as answer:
        assert "This is Dr Park's number" in unescape(await answer.text())


async def test_an_unknown_act_and_an_unknown_person_are_said(house: WebHouse) -> None:
    client = await house.api()
    assert await status(client, "/team/ana/numbers", act="sell", number=ANA) == 422
    assert await status(client, "/team/nobody/numbers", act="ring") == 404


async def test_without_an_edition_in_the_journal_nobody_leaves(house: WebHouse) -> None:
    async with (await house.api()).get("/team/ana/leave") as answer:
        assert answer.status == 422
        assert "publish the folders first" in await answer.text()


async def test_who_left_and_stands_in_the_rota_is_said_in_red(house: WebHouse) -> None:
    await house.register.deactivate("cho", "an import")
    page = await seen(await house.api(), "/team")
    assert "has left, and the rota still names them: change it" in page
    await house.register.deactivate("maria", "an import")
    assert "has left the team" in await seen(await house.api("adam"), "/team/maria")


async def test_a_number_of_somebody_who_left_may_be_anothers(house: WebHouse) -> None:
    await house.register.deactivate("ana", "test")
    client = await house.api()
    assert await status(client, "/team/cho/numbers", act="add", number=ANA, again=ANA) == 303
    assert await house.register.team.owner_of(ANA) == "cho"
    kept = [row for row in await house.register.rows(PersonPhoneRow) if row.number == ANA]
    assert [row.proven_at for row in kept] == [None], "it is proven anew"


async def test_an_old_proof_turns_yellow_and_red_on_the_page(house: WebHouse) -> None:
    [row] = [row for row in await house.register.rows(PersonPhoneRow) if row.number == CHO]
    client = await house.api()
    for days, words in ((29, "✓ proven 29 days ago"), (30, "△ proven 30 days ago"), (60, "✗ proven too long ago")):
        await house.register.put([replace(row, proven_at=house.clock.now() - timedelta(days=days))], "test")
        assert words in row_of(await seen(client, "/team"), "cho")


async def test_the_house_asks_for_a_telephone_only_of_those_whom_the_rota_can_put_on(house: WebHouse) -> None:
    config = ward_config("https://line.example", REAL_CARRIER).model_copy(update={"unsigned_accepted_by": "Ada Grant"})
    await house.publish_first()
    await refuse_unfit(config, house.register, house.handbooks.current())
    found = await house.given.leavers.look("gus")
    choices = Choices({turns.key: "dia" for turns, _ in found.turns})
    await house.given.leavers.leave("gus", choices, "maria")
    assert "gus" in house.handbooks.current().rota.people, "who left stays among the names"
    await refuse_unfit(config, house.register, house.handbooks.current())
    await house.register.deactivate("fay", "an import")
    with pytest.raises(Refused, match=r"without a phone in the register: fay\."):
        await refuse_unfit(config, house.register, house.handbooks.current())


# --- calendar links --------------------------------------------------------------------------------------------------


async def test_a_calendar_link_is_made_and_shown_once_and_ended_by_name(house: WebHouse) -> None:
    client = await house.api("cho")
    assert "None in use." in await seen(client, "/team/cho")
    async with client.post("/team/cho/calendars", data={"act": "make"}) as answer:
        page = await answer.text()
    address = re.search(r"http://127.0.0.1:8080/calendar/([^/]+).ics", page)
    assert address is not None
    link = await house.register.calendar_link(address[1])
    assert link is not None
    assert link.person == "cho"
    again = await seen(client, "/team/cho")
    assert "made 03:04 by cho" in again
    assert address[1] not in again
    async with client.post("/team/cho/calendars", data={"act": "end", "link": link.id}) as answer:
        assert "The calendar link is ended" in await answer.text()
    assert await house.register.calendar_link(address[1]) is None
    audited = await house.register.audit(2)
    assert all(entry.who == "cho" and "calendar_links" in entry.what for entry in audited)


async def test_nobody_makes_or_ends_somebody_elses_link_and_none_is_made_without_end(house: WebHouse) -> None:
    cho, maria = await house.api("cho"), await house.api()
    async with cho.post("/team/ana/calendars", data={"act": "make"}) as answer:
        assert answer.status == 403
    for _ in range(8):
        await maria.post("/team/ana/calendars", data={"act": "make"})
    [first, *others] = await house.given.calendar_links.of("ana")
    assert len(others) == 7
    for told, said in (({"act": "make"}, "8 links in use"), ({"act": "end", "link": "none"}, "no such link")):
        async with maria.post("/team/ana/calendars", data=told) as answer:
            assert (answer.status, said in await answer.text()) == (422, True)
    async with cho.post("/team/cho/calendars", data={"act": "end", "link": first.link.id}) as answer:
        assert answer.status == 422
    assert len(await house.given.calendar_links.of("ana")) == 8
