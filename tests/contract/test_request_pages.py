"""The pages of swaps, leave and cover: who may do which step, what each says of who is on call, and what is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.core.rota.on_call import tier_shifts
from oncall.core.rota.requests import Kind, Request, State, shift_of
from oncall.service.rota.request_checks import Wanted
from oncall.service.rota.request_notices import QUESTION
from tests.support.web_house import NIGHT, WebHouse, shipped_handbook, web_house

Client = TestClient[web.Request, web.Application]
TIER = "pump-team/primary"  # at NIGHT, a Monday 03:04, Dr Park has the night
LATER = NIGHT + timedelta(days=10)  # Dr Singh's night, with Dr Lee free that day


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    await made.publish_first()
    yield made
    await made.close()


def holder(at: Any) -> str:
    [one] = {shift.person for shift in tier_shifts(shipped_handbook().rota, TIER, at)}
    return one


async def text(client: Client, path: str, status: int = 200) -> str:
    async with client.get(path, allow_redirects=False) as answer:
        assert answer.status == status
        return await answer.text()


async def post(client: Client, path: str, **told: str) -> tuple[int, str]:
    async with client.post(path, data=told, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "") or await answer.text()


def shift(at: Any) -> dict[str, str]:
    """The hidden fields of the form for the shift at an instant."""
    span = shift_of(shipped_handbook().rota, TIER, holder(at), at)
    assert span is not None
    return {"tier": TIER, "holder": holder(at), "shift": span[0].isoformat()}


async def made(house: WebHouse, at: Any = LATER, whom: str = "ana") -> Request:
    span = shift_of(shipped_handbook().rota, TIER, holder(at), at)
    assert span is not None
    return await house.given.rota_requests.ask(Wanted(Kind.GIVE, TIER, holder(at), span, whom), holder(at))


async def state(house: WebHouse, id: str = "R1") -> State:
    return (await house.given.rota_requests.known(id)).state


async def test_a_clinician_gives_an_own_shift_away_and_the_page_says_who_is_on(house: WebHouse) -> None:
    cho = await house.api("cho")
    at = NIGHT + timedelta(days=7, hours=12)
    assert holder(at) == "cho"
    page = await text(cho, f"/rota/requests/new?tier={TIER}&starts={at:%Y-%m-%dT%H:%M}%2B00:00")
    assert "Give away your shift: pump team primary, Mon 30 Nov 07:00 to Mon 30 Nov 19:00" in page
    assert "You are on call until it is published, whatever anybody has answered." in page
    assert "Cover me now" not in page, "a week ahead there is time to ask"
    status, where = await post(cho, "/rota/requests", **shift(at), kind="give", whom="ana", note="a wedding")
    assert (status, where) == (303, "/rota/requests/R1")
    shown = await text(cho, where)
    assert "Nothing is changed: Dr Park HAS this shift, until it is published." in shown
    assert "<q>a wedding</q>" in shown
    [question] = await house.register.notices.about(QUESTION, "R1")
    assert (question.person, question.ordered_by) == ("ana", "cho")
    assert "a wedding" not in question.words
    assert "R1" in await text(cho, "/rota/requests")


async def test_nobody_but_a_coordinator_gives_away_the_shift_of_another(house: WebHouse) -> None:
    cho = await house.api("cho")
    status, said = await post(cho, "/rota/requests", **shift(LATER), kind="give", whom="ana")
    assert status == 403
    assert "only they or a coordinator may give it away" in said
    maria = await house.api("maria")
    assert (await post(maria, "/rota/requests", **shift(LATER), kind="give", whom="ana"))[0] == 303
    found = await house.given.rota_requests.known("R1")
    assert (found.holder, found.entered_by) == ("ben", "maria")


async def test_only_who_was_asked_or_a_coordinator_for_them_answers(house: WebHouse) -> None:
    await made(house, whom="ana")
    cho, vera, ana = await house.api("cho"), await house.api("vera"), await house.api("ana")
    assert (await post(cho, "/rota/requests/R1/accept", person="ana"))[0] == 403
    assert (await post(cho, "/rota/requests/R1/accept"))[0] == 409, "cho was not asked"
    assert (await post(vera, "/rota/requests/R1/accept", person="ana"))[0] == 403
    assert "Yes, I take it" in await text(ana, "/rota/requests/R1")
    assert "Yes, I take it" not in await text(cho, "/rota/requests/R1")
    assert await state(house) is State.ASKED
    assert (await post(ana, "/rota/requests/R1/accept"))[0] == 303
    assert await state(house) is State.PUBLISHED, "nothing gets worse, and it is a week away"
    assert "Published: Dr Lee has it instead of Dr Singh." in await text(cho, "/rota/requests/R1")
    assert {shift.person for shift in tier_shifts(house.handbooks.current().rota, TIER, LATER)} == {"ana"}


async def test_a_coordinator_enters_a_yes_by_phone_sees_the_guards_and_must_say_why(house: WebHouse) -> None:
    await made(house, whom="cho")
    maria = await house.api("maria")
    assert "Dr Park said yes, by phone" in await text(maria, "/rota/requests/R1")
    assert (await post(maria, "/rota/requests/R1/accept", person="cho"))[0] == 303
    page = await text(maria, "/rota/requests/R1")
    assert "Careful: " in page
    assert "Dr Park accepted, entered by Maria Ortiz: told me by phone" in page
    status, said = await post(maria, "/rota/requests/R1/approve", note=" ")
    assert status == 409
    assert "Say why:" in said
    assert await state(house) is State.ACCEPTED
    assert (await post(maria, "/rota/requests/R1/approve", note="both insist"))[0] == 303
    assert await state(house) is State.PUBLISHED
    newest = (await house.journal.editions())[0]
    assert (newest.author, newest.reason) == ("maria", "request R1, give: both insist")
    assert any(line.who == "maria" for line in await house.register.audit())


async def test_approving_and_declining_are_a_coordinators_and_withdrawing_who_asked(house: WebHouse) -> None:
    await made(house, whom="cho")
    ana, cho, maria = await house.api("ana"), await house.api("cho"), await house.api("maria")
    await post(cho, "/rota/requests/R1/accept")
    for act in ("approve", "decline", "withdraw"):
        assert (await post(ana, f"/rota/requests/R1/{act}", note="x"))[0] == 403
    assert await state(house) is State.ACCEPTED
    assert "Approve and publish" not in await text(ana, "/rota/requests/R1")
    assert (await post(maria, "/rota/requests/R1/decline", note="too tired"))[0] == 303
    assert await state(house) is State.DECLINED
    assert (await post(maria, "/rota/requests/R1/approve", note="after all"))[0] == 409
    assert (await post(maria, "/rota/requests/R1/nothing"))[0] == 404
    assert (await post(maria, "/rota/requests/R9/approve"))[0] == 404
    await text(maria, "/rota/requests/R9", 404)


async def test_cover_me_now_asks_the_best_filler_and_the_directory_knows_at_once(house: WebHouse) -> None:
    cho = await house.api("cho")
    page = await text(cho, f"/rota/requests/new?tier={TIER}")
    assert "Cover me now" in page
    form = {"tier": TIER, "holder": "cho", "shift": NIGHT.replace(second=0).isoformat()}
    status, where = await post(cho, "/rota/requests", **form, kind="replace now")
    assert status == 303
    found = await house.given.rota_requests.known("R1")
    [asked] = found.asked
    [one] = (await house.register.directory()).replacing
    assert (one.tier, one.holder, one.asked) == (TIER, "cho", asked)
    assert "Dr Park IS STILL ON CALL." in await text(cho, where)
    names = {"ana": "Dr Lee", "ben": "Dr Singh", "dia": "Dr Osei"}
    for path in ("/", "/rota"):
        assert f"cannot go on: {names[asked]} is paged too, and the next tier at once" in await text(cho, path)
    await post(cho, "/rota/requests/R1/withdraw")
    assert "cannot go on" not in await text(cho, "/")
    assert (await house.register.directory()).replacing == ()
    [question] = await house.register.notices.about(QUESTION, "R1")
    assert not question.is_open


async def test_what_is_wrong_with_a_form_is_said_and_what_was_typed_stays(house: WebHouse) -> None:
    maria = await house.api("maria")
    status, page = await post(maria, "/rota/requests", **shift(LATER), kind="give", note="my own words")
    assert status == 422
    assert "Choose whom to ask." in page
    assert 'value="my own words"' in page
    status, page = await post(maria, "/rota/requests", **shift(LATER))
    assert (status, "Choose what you ask for." in page) == (422, True)
    status, page = await post(
        maria, "/rota/requests", **shift(LATER), kind="give", whom="ana", until="2027-11-07T01:30"
    )
    assert (status, page.count("EDT") + page.count("EST") >= 2) == (422, True), "both times are offered"
    status, page = await post(maria, "/rota/requests", **shift(LATER), kind="swap", back="nonsense")
    assert (status, "Choose whom to ask." in page) == (422, True)
    gone = {**shift(LATER), "holder": "dia"}
    assert (await post(maria, "/rota/requests", **gone, kind="give", whom="ana"))[0] == 422
    assert await house.given.rota_requests.shelf.requests() == []


async def test_the_shifts_to_choose_from_are_ones_own_and_a_coordinators_are_everybodys(house: WebHouse) -> None:
    mine = await text(await house.api("cho"), "/rota/requests/new")
    assert "Dr Park, pump team primary" in mine
    assert "Dr Singh" not in mine
    everybodys = await text(await house.api("maria"), "/rota/requests/new?tier=nobody/here&starts=2026-11-30T08:00")
    assert "Nobody has this tier at that time" in everybodys
    assert "Dr Singh, pump team primary" in everybodys
    assert (
        "the clock shows"
        in (await text(await house.api("maria"), f"/rota/requests/new?tier={TIER}&starts=2026-11-01T01:30")).lower()
    )


async def test_what_people_type_is_shown_as_words_and_kept_out_of_texts(house: WebHouse) -> None:
    maria = await house.api("maria")
    await post(maria, "/rota/requests", **shift(LATER), kind="give", whom="ana", note="<script>alert(1)</script>")
    assert "<script>alert" not in await text(maria, "/rota/requests/R1")
    [question] = await house.register.notices.about(QUESTION, "R1")
    assert "script" not in question.words
