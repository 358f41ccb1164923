"""The page of hand-overs: forms filled in beforehand, read and said back, case by case."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest

from oncall.core.case.case import Case
from oncall.core.case.commands import HandOverTo
from oncall.core.case.ipass import Illness, Ipass
from tests.support.web_house import MUM, SIBLINGS, WebHouse, web_house

STIFF = "she is so itchy and stiff, her pump is beeping two tones"
FORM = {"illness": "watcher", "patient": "girl, nine", "actions": "ring at 8", "situation": "if itchy: neurosurgery"}


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


async def look(client: Any) -> str:
    async with client.get("/handover") as answer:
        assert answer.status == 200
        return str(await answer.text())


async def send(client: Any, case: Case, status: int = 200, **fields: str) -> str:
    async with client.post(f"/handover/{case.id}", data=fields) as answer:
        assert answer.status == status
        return plain(await answer.text())


async def now(house: WebHouse, case: Case) -> Case:
    found = await house.journal.case(case.id)
    assert found is not None
    return found


async def held(house: WebHouse, person: str = "cho") -> Case:
    return await house.taken(await house.text(MUM, STIFF), person)


async def test_a_form_is_filled_in_from_what_the_house_knows_and_never_as_stable(house: WebHouse) -> None:
    case = await held(house)
    mild = await house.taken(await house.text(SIBLINGS, "his pump made a sound once"))
    page = await look(await house.api("cho"))
    words = plain(page)
    assert f"#{case.code}" in words
    assert "call the family: NOT yet reached" in words
    assert re.search(r"at \d\d:\d\d: Dr Park is rung: the family has not been reached", words)
    assert [value for value, rest in re.findall(r'value="(\w+)"([^>]*)>', page) if "checked" in rest] == [
        "unstable",
        "watcher",
    ]
    first = re.search(r'<select id="to-[^"]*" name="to"><option value="(\w+)"', page)
    assert first is not None
    assert first[1] != "cho"
    assert mild.code in words


async def test_near_the_end_of_a_turn_whoever_is_on_next_is_proposed(house: WebHouse) -> None:
    """Dr Park's night is over at 07:15; Dr Singh has the day."""
    await held(house)
    house.later(hours=3)
    page = await look(await house.api("cho"))
    assert re.search(r'name="to"><option value="ben">Dr Singh</option>', page)


async def test_offered_read_and_said_back_and_only_then_it_changes_hands(house: WebHouse) -> None:
    case = await held(house)
    cho, ana = await house.api("cho"), await house.api("ana")
    words = await send(cho, case, act="offer", to="ana", **FORM)
    assert f"#{case.code} is offered. You keep it" in words
    assert "Offered to Dr Lee, who has not said it back yet. It is still yours." in words
    offered = await now(house, case)
    assert offered.holder.person == "cho"
    assert offered.hand_over.form == Ipass(Illness.WATCHER, "girl, nine", "ring at 8", "if itchy: neurosurgery")
    assert "if itchy: neurosurgery" in plain(await look(ana))
    assert "Say back what you take over" in await send(ana, case, 422, act="line", line="ok")
    assert (await now(house, case)).holder.person == "cho"
    assert f"You have #{case.code} now." in await send(ana, case, act="read")
    assert (await now(house, case)).holder.person == "ana"
    assert "You hold no case." in plain(await look(cho))
    async with cho.get(f"/cases/{case.id}") as answer:
        story = plain(await answer.text())
    assert "Dr Lee says back read and understood" in story
    assert "what to expect: if itchy: neurosurgery" in story


async def test_own_words_and_ready_lines_take_it_over_too(house: WebHouse) -> None:
    for told in ({"line": "girl with a beeping pump, I ring at eight"}, {"line": "", "ready": "1"}):
        case = await held(house)
        await send(await house.api("cho"), case, act="offer", to="ana", **FORM)
        await send(await house.api("ana"), case, act="line", **told)
        assert (await now(house, case)).holder.person == "ana"
        await house.closed(await house.reached(await now(house, case), "ana"), "ana")


async def test_who_declines_leaves_it_where_it_is(house: WebHouse) -> None:
    case = await held(house)
    await send(await house.api("cho"), case, act="offer", to="ana", **FORM)
    assert "Your colleague keeps it" in await send(await house.api("ana"), case, act="decline")
    after = await now(house, case)
    assert (after.holder.person, after.hand_over) == ("cho", None)


async def test_an_illness_nobody_chose_is_the_worst(house: WebHouse) -> None:
    case = await held(house)
    await send(await house.api("cho"), case, act="offer", to="ana", patient="x")
    assert (await now(house, case)).hand_over.form.illness is Illness.UNSTABLE


async def test_what_is_not_ones_own_is_left_alone_and_said(house: WebHouse) -> None:
    case = await held(house)
    ana, cho = await house.api("ana"), await house.api("cho")
    assert "is not offered to you any more" in await send(ana, case, 409, act="read")
    assert "is not yours" in await send(ana, case, 409, act="offer", to="cho", **FORM)
    words = await send(cho, case, 409, act="offer", to="nobody", **FORM)
    assert "there is no such colleague" in words
    assert "if itchy: neurosurgery" in words, "nothing that was typed is lost"
    assert "not known" in await send(cho, case, 400, act="give all")
    after = await now(house, case)
    assert (after.holder.person, after.hand_over) == ("cho", None)


async def test_without_a_form_there_is_nothing_to_have_read(house: WebHouse) -> None:
    case = await held(house)
    await house.desk.take(HandOverTo(case.id, "cho", "ana", "replied"))
    page = await look(await house.api("ana"))
    assert "Nobody has written this form" in page
    assert 'value="read"' not in page


async def test_the_look_is_kept_with_the_cases_it_showed(house: WebHouse) -> None:
    case = await held(house)
    await look(await house.api("cho"))
    [view] = await house.sign_in.accounts.views(5)
    assert (view.who, view.address, view.subject) == ("cho", "/handover", case.id)
