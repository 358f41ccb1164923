"""The buttons of the board and the case page: in the clinician's own name, once each, and honest when too late."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.adapters.web.cases.act_words import SAID
from oncall.adapters.web.cases.acts import COMMANDS
from oncall.core.case import entries as e
from oncall.core.case.case import Case, Status
from oncall.core.case.messages import Purpose
from tests.support.web_house import MUM, WebHouse, web_house

Client = TestClient[web.Request, web.Application]
STIFF = "she is so itchy and stiff"


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def now(house: WebHouse, case: Case) -> Case:
    found = await house.journal.case(case.id)
    assert found is not None
    return found


async def press(client: Client, case: Case, act: str, **fields: str) -> str:
    """Press a button and read the page that follows."""
    async with client.post(f"/cases/{case.id}/acts/{act}", data=fields, allow_redirects=False) as answer:
        assert answer.status == 303, act
        to = answer.headers["Location"]
    async with client.get(to) as answer:
        assert answer.status == 200
        return unescape(await answer.text())


async def test_a_clinician_takes_a_case_on_the_board_and_comes_back_to_it(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.text(MUM, STIFF)
    page = await press(cho, case, "call_later", back="/")
    assert "Pump line board</title>" in page
    assert f"You have #{case.code}. Call the family" in page
    after = await now(house, case)
    assert after.holder is not None
    assert (after.holder.person, after.holder.how) == ("cho", "on the page")


async def test_one_night_by_buttons_alone(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.text(MUM, STIFF)
    steps: list[tuple[str, dict[str, str], str]] = [
        ("take", {}, "We ring you now and connect you"),
        ("add", {"service": "neurosurgery"}, "The service is being paged"),
        ("note", {"words": "mother sounds calm"}, "Your note is kept"),
        ("call_family", {}, "We ring you now and then connect"),
        ("reached", {}, "has been reached"),
        ("close", {"outcome": "phone advice", "note": "refill moved"}, "is closed"),
    ]
    for act, fields, line in steps:
        assert line in await press(cho, case, act, **fields), act
    after = await now(house, case)
    assert after.closed is not None
    assert (after.closed.outcome, after.closed.note) == ("phone advice", "refill moved")
    assert after.notes == ("mother sounds calm",)
    assert any(s.message.purpose is Purpose.CONNECT for s in after.messages)
    assert any(page.tier.startswith("neurosurgery") for page in after.pages)


async def test_the_same_form_sent_twice_counts_once_and_a_newer_one_again(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.text(MUM, STIFF)
    for seen in ("7", "7", "8"):
        assert "Your note is kept" in await press(cho, case, "note", words="seen", seen=seen)
    notes = [r for r in await house.journal.entries(case.id) if isinstance(r.entry, e.NoteAdded)]
    assert len(notes) == 2


async def test_who_comes_too_late_reads_what_happened_meanwhile(house: WebHouse) -> None:
    cho, dia, case = await house.api("cho"), await house.api("ana"), await house.text(MUM, STIFF)
    await press(cho, case, "call_later")
    for act in ("take", "call_later", "pass", "reached", "close", "undo", "call_family", "give"):
        fields = {"outcome": "phone advice", "to": "ben"}
        page = await press(dia, case, act, **fields)
        assert f"Dr Park took #{case.code} at 03:04 and has it. Nothing was changed." in page, act
    await house.reached(case)
    await house.closed(case)
    page = await press(dia, case, "take")
    assert f"#{case.code} was closed by Dr Park at 03:04: phone advice. Nothing was changed." in page
    assert "Your note is kept" in await press(dia, case, "note", words="a late note is still kept")


async def test_what_nobody_holds_can_be_neither_reached_nor_given_back(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.text(MUM, STIFF)
    for act in ("reached", "undo", "call_family"):
        assert f"Nobody has #{case.code}: take it first." in await press(cho, case, act), act


async def test_an_approved_phrase_goes_to_the_family_by_one_click_of_the_holder(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.text(MUM, STIFF)
    assert "take it first" in await press(cho, case, "phrase", phrase="pick_up")
    await press(cho, case, "call_later")
    assert "Sent to the family" in await press(cho, case, "phrase", phrase="pick_up")
    assert "not in the edition" in await press(cho, case, "phrase", phrase="made_up")
    sent = [r.entry for r in await house.journal.entries(case.id) if isinstance(r.entry, e.PhraseSent)]
    assert [entry.phrase for entry in sent] == ["pick_up"]


async def test_closing_leaves_a_follow_up_for_its_owner_once(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.taken(await house.text(MUM, STIFF))
    form = {"outcome": "phone advice", "cause": "catheter", "task": "ring the school", "owner": "maria", "seen": "9"}
    for wrong in ({"due": "soon"}, {"due": "2026-11-25", "owner": "nobody"}):
        assert "by which day" in await press(cho, case, "close", **{**form, **wrong})
    for _ in range(2):
        await press(cho, case, "close", due="2026-11-25", **form)
    [task] = await house.register.open_tasks()
    assert (task.title, task.owner, task.case_id) == ("ring the school", "maria", case.id)
    assert task.due_at == datetime(2026, 11, 25, 17, 0, tzinfo=UTC), "noon in Boston"
    closed = (await now(house, case)).closed
    assert closed is not None
    assert (closed.cause, closed.follow_up and closed.follow_up.owner) == ("catheter", "maria")


async def test_undo_gives_it_back_for_two_minutes_and_then_says_so(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.text(MUM, STIFF)
    await press(cho, case, "call_later")
    assert "back in the chain" in await press(cho, case, "undo")
    assert (await now(house, case)).status is Status.PAGING
    await press(cho, case, "call_later")
    house.later(minutes=3)
    assert "too late to undo" in await press(cho, case, "undo")


async def test_a_case_changes_hands_on_the_page(house: WebHouse) -> None:
    cho, ana, case = await house.api("cho"), await house.api("ana"), await house.text(MUM, STIFF)
    await press(cho, case, "call_later")
    assert "Choose a colleague" in await press(cho, case, "give", to="cho")
    assert "is offered" in await press(cho, case, "give", to="ana")
    assert "say back one line" in await press(ana, case, "line", line="ok")
    assert "Your colleague is clear" in await press(ana, case, "line", ready="1")
    assert "Your colleague is told" in await press(cho, case, "take_over", holder="ana")
    await press(cho, case, "give", to="ana")
    assert "Your colleague keeps it" in await press(ana, case, "pass")
    assert (await now(house, case)).holder == (await now(house, case)).holder
    holder = (await now(house, case)).holder
    assert holder is not None
    assert holder.person == "cho"


async def test_a_page_for_the_wrong_person_is_said_and_the_next_one_is_paged(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.text(MUM, STIFF)
    assert "not for you" in await press(cho, case, "pass", not_me="yes")
    after = await now(house, case)
    assert after.wrong_people == ("cho",)
    assert len(after.pages) > 1


async def buttons(client: Client, case: Case) -> set[str]:
    async with client.get(f"/cases/{case.id}") as answer:
        return set(re.findall(rf'action="/cases/{case.id}/acts/(\w+)"', await answer.text()))


async def test_the_page_has_the_buttons_that_make_sense_now_and_no_others(house: WebHouse) -> None:
    cho, ana, case = await house.api("cho"), await house.api("ana"), await house.text(MUM, STIFF)
    assert await buttons(cho, case) == {"take", "call_later", "pass", "add", "note"}
    await press(cho, case, "call_later")
    mine = {"call_family", "reached", "pass", "undo", "phrase", "note", "add", "give", "close"}
    assert await buttons(cho, case) == mine
    assert await buttons(ana, case) == {"take_over", "note"}
    assert await buttons(await house.api("vera"), case) == set()
    house.later(minutes=3)
    await press(cho, case, "reached")
    assert await buttons(cho, case) == mine - {"undo", "reached"}
    await press(cho, case, "give", to="ana")
    assert await buttons(ana, case) == {"line", "pass", "note"}
    await press(cho, case, "close", outcome="phone advice")
    assert await buttons(cho, case) == {"note"}


async def test_a_morning_task_is_closed_without_taking_it(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.text(MUM, "can you send the bill again please")
    assert case.status is Status.WAITING
    assert "close" in await buttons(cho, case)
    await press(cho, case, "close", outcome="not a pump problem")
    assert (await now(house, case)).status is Status.CLOSED


async def test_what_is_missing_is_asked_for_and_changes_nothing(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.taken(await house.text(MUM, STIFF))
    before = (await now(house, case)).version
    assert "Choose an outcome" in await press(cho, case, "close", outcome="made up")
    assert "There was nothing written" in await press(cho, case, "note", words="  ")
    assert "There was nothing written" in await press(cho, case, "add", service="cardiology")
    assert (await now(house, case)).version == before


async def test_only_a_clinician_of_the_team_acts_and_only_by_a_known_button(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    for who, act, status in (("maria", "take", 403), ("vera", "note", 403), ("cho", "delete", 404)):
        client = await house.api(who)
        async with client.post(f"/cases/{case.id}/acts/{act}", allow_redirects=False) as answer:
            assert answer.status == status, who
    assert (await now(house, case)).status is Status.PAGING


async def test_the_address_that_follows_carries_no_sentence_and_leads_nowhere_else(house: WebHouse) -> None:
    cho, case = await house.api("cho"), await house.text(MUM, STIFF)
    data = {"back": "https://example.org/", "words": "private words"}
    async with cho.post(f"/cases/{case.code}/acts/note", data=data, allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"/cases/{case.id}?said=note&of={case.id}"
    async with cho.get(f"/?said=<b>made up</b>&of={case.id}") as answer:
        assert "made up" not in await answer.text()


def test_every_button_has_its_line() -> None:
    assert set(COMMANDS) <= set(SAID)
