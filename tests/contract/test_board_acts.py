"""The board's buttons and what it says of the line; the operator's room, where nothing says who is ill."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from oncall.core.case.commands import AddNote, HandOverTo
from oncall.core.case.ipass import Illness, Ipass
from oncall.core.case.messages import Channel, Outcome, Verdict
from oncall.core.notices import About, Choice, Notice, answered, attempted, handed_over
from oncall.service.line.state import Proved, carrier_alarms, standing_still
from oncall.service.ports.carrier import CarrierState
from oncall.service.rota.drills import KIND as DRILL
from tests.support.web_house import ANA, CHO, HOSPITAL, MUM, NIGHT, SIBLINGS, STRANGER, WebHouse, web_house

STIFF = "she is so itchy and stiff, her pump is beeping two tones"


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def raw(client: Any, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200
        return str(await answer.text())


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def forms(page: str, act: str) -> list[dict[str, str]]:
    """The hidden fields of every form on the page that does this."""
    found = re.findall(rf'<form method="post" action="([^"]*/{act})">(.*?)</form>', page, re.DOTALL)
    return [{"action": to, **dict(re.findall(r'name="(\w+)" value="([^"]*)"', inside))} for to, inside in found]


async def press(client: Any, form: dict[str, str]) -> str:
    async with client.post(form.pop("action"), data=form) as answer:
        assert answer.status == 200
        return plain(await answer.text())


async def drilled(house: WebHouse, person: str, number: str) -> None:
    """A drill that this person answers now, as a key on the call does."""
    notice = Notice(
        About(DRILL, "friday"), number, Channel.VOICE, "TEST", "maria", person=person, choices=(Choice("1", "heard"),)
    )
    at = house.clock.now()
    placed = await house.register.notices.put(notice, ())
    await house.register.notices.change(placed.id, lambda one: attempted(one, at))
    await house.register.notices.change(
        placed.id, lambda one: handed_over(one, Outcome(Verdict.ACCEPTED, "CA1", None), at)
    )
    await house.register.notices.change(placed.id, lambda one: answered(one, "1", None, at))
    await house.register.prove_phone(number, at)


# --- buttons ---------------------------------------------------------------------------------------------------------


async def test_a_clinician_takes_a_case_on_the_board_and_comes_back_to_it(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    client = await house.api("ana")
    [take] = forms(await raw(client, "/"), "take")
    words = await press(client, take)
    assert f"You have #{case.code}." in words
    assert "HELD by Dr Lee" in words
    page = await raw(client, "/")
    assert forms(page, "take") == []
    assert '<a class="button" href="/handover"' in page


async def test_call_next_now_asks_once_more_and_pages_the_next_person(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    client = await house.api("cho")
    page = await raw(client, "/")
    assert re.search(r"<details[^>]*><summary[^>]*>Call next now", page), "nothing is pressed by one touch"
    [form] = forms(page, "pass")
    assert "is passed on" in await press(client, form)
    now = await house.journal.case(case.id)
    assert now is not None
    assert [page.person for page in now.pages] == ["cho", "eli", "dia"], "Dr Abud's phone is not proven: law 6"


async def test_who_is_no_clinician_gets_only_open(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    for who in ("vera", "maria"):
        page = await raw(await house.api(who), "/")
        assert "/acts/" not in page
        assert f'href="/cases/{case.id}" data-key="open-' in page


async def test_an_offered_case_says_to_whom(house: WebHouse) -> None:
    case = await house.taken(await house.text(MUM, STIFF))
    await house.desk.take(HandOverTo(case.id, "cho", "dia", "replied"))
    assert "offered to Dr Osei, who has not said it back yet" in plain(await raw(await house.api("vera"), "/"))


# --- the line --------------------------------------------------------------------------------------------------------


async def test_an_empty_board_says_by_what_the_line_was_last_proved(house: WebHouse) -> None:
    await drilled(house, "cho", CHO)
    house.later(minutes=30)
    words = plain(await raw(await house.api("vera"), "/"))
    assert "Last proof that the line works: drill 03:04." in words
    assert "Dr Park until 07:15 ✓ phone proven 03:04 by drill" in words
    assert (await house.given.line_states.now()).proofs == (Proved("drill", NIGHT, "cho"),)


async def test_a_key_that_came_after_the_drill_is_no_longer_called_a_drill(house: WebHouse) -> None:
    await drilled(house, "cho", CHO)
    house.later(minutes=1)
    await house.register.prove_phone(CHO, house.clock.now())
    assert "Dr Park until 07:15 ✓ phone proven 03:05 by a key or reply" in plain(
        await raw(await house.api("vera"), "/")
    )


async def test_the_newest_answers_of_a_kind_come_first_and_no_more_than_asked_for(house: WebHouse) -> None:
    for person, number in (("cho", CHO), ("ana", ANA)):
        await drilled(house, person, number)
        house.later(minutes=1)
    newest = await house.register.notices.answered(DRILL, 1)
    assert [notice.person for notice in newest] == ["ana"]
    assert await house.register.notices.answered("no such kind", 9) == []


async def test_who_has_not_shown_that_the_phone_works_is_a_standing_alarm() -> None:
    house = await web_house(NIGHT + timedelta(hours=6))  # the day's doctor has been on since seven
    words = plain(await raw(await house.api("vera"), "/"))
    assert "⚠ Dr Singh (Pump team, primary, since Mon 23 Nov 07:00) has not shown that the phone works." in words
    await house.register.set_stopped("+16175550182", True, house.clock.now())
    await house.register.prove_phone("+16175550182", house.clock.now())
    words = plain(await raw(await house.api("vera"), "/"))
    assert "Dr Singh (Pump team" not in words
    assert "Texts to a phone of Dr Singh are blocked (STOP)" in words
    await house.close()


async def test_a_loop_that_stands_still_is_a_standing_alarm() -> None:
    house = await web_house(loops={"watch": lambda: False, "dispatcher": lambda: True})
    words = plain(await raw(await house.api("vera"), "/"))
    assert "⚠ The watch of this house stands still" in words
    assert "The dispatcher" not in words
    await house.close()


def test_the_carriers_silence_is_a_standing_alarm() -> None:
    fine = CarrierState(NIGHT - timedelta(minutes=9), in_doubt={"main": False})
    assert list(carrier_alarms(fine, NIGHT, HOSPITAL)) == []
    late = replace(fine, reconciled_at=NIGHT - timedelta(minutes=11), in_doubt={"main": True})
    assert len(list(carrier_alarms(late, NIGHT, HOSPITAL))) == 2
    assert list(standing_still({"watch": lambda: True})) == []


# --- the operator's room ---------------------------------------------------------------------------------------------


async def test_the_operators_room_shows_no_patient_and_whom_to_ring(house: WebHouse) -> None:
    """Names, labels, words, numbers of families, notes, read-backs, outcomes: none of what is seeded is shown."""
    held = await house.taken(await house.text(SIBLINGS, "Leo Marin is sleepy and floppy, says his aunt Wagenknecht"))
    await house.desk.take(AddNote(held.id, "cho", "the aunt lives in Quincy"))
    form = Ipass(Illness.UNSTABLE, "a boy of nine", "ring Wagenknecht", "to the ER in Quincy")
    await house.desk.take(HandOverTo(held.id, "cho", "dia", "on the page", form))
    house.later(minutes=2)
    case = await house.text(MUM, STIFF + ", Tomas Reyes born in May")
    stranger = await house.text(STRANGER, "is this the pump line? my Ofelia is stiff")
    client = await house.api("vera")
    for path in ("/board/kiosk", "/board/kiosk?part=live"):
        page = await raw(client, path)
        for known in (held, case, stranger):
            assert f"#{known.code}" in page
            assert known.id not in page
            assert known.label not in page
            assert not any(page_of.token in page for page_of in known.pages)
        seeded = (
            "Leo Mia Marin Reyes Tomas T.R. Ofelia Wagenknecht Quincy sleepy floppy itchy stiff beeping nine mother"
        )
        assert [word for word in seeded.split() if re.search(rf"\b{re.escape(word)}\b", page, re.IGNORECASE)] == []
        assert not any(number[-4:] in page for number in (MUM, STRANGER, SIBLINGS))
    words = plain(page)
    assert f"▲ EMERGENCY #{case.code}" in words
    assert "Dr Park has it" in words
    assert "Dr Park +1 617-555-0183 until 07:15" in words
    assert "Dr Abud is paged as well" in words
    assert "/cases/" not in page
    looks = await house.sign_in.accounts.views(20)
    assert looks == [], "there was nobody's data to look at"


async def test_the_operators_room_is_for_who_is_signed_in(house: WebHouse) -> None:
    async with (await house.api(None)).get("/board/kiosk", allow_redirects=False) as answer:
        assert answer.status == 303
    async with (await house.api(None)).get("/board/kiosk?part=live") as answer:
        assert answer.status == 401
