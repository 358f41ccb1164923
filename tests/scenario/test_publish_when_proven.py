"""Publish when proven, with telephones in hand: who comes on answers first; until then the old holder stays on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from oncall.core.rota.edits import AddCover
from oncall.core.rota.on_call import tier_shifts
from oncall.core.rota.waiting import State, Waiting
from oncall.service.ports.journal import Edition
from oncall.service.rota.desk import PublishRefused
from tests.support.ward import THREE_AM, Ward, open_ward, shipped
from tests.support.web_house import shipped_files

TIER = "pump-team/primary"
TONIGHT = ("2026-11-25 03:05", "2026-11-25 07:00")
ITCHY = "he is so itchy and stiff, his alarm is beeping"


@asynccontextmanager
async def at_work(database: str = "memory:", fill: bool = True) -> AsyncIterator[Ward]:
    async with open_ward(THREE_AM, database, fill, staff_rounds=True) as ward:
        if fill:
            await ward.house.journal.save_edition(Edition(shipped().edition, THREE_AM, "first start"), shipped_files())
        yield ward
        assert ward.carrier.alarms == []


async def begun(ward: Ward, by: str = "eli") -> Waiting:
    desk = ward.house.rota_desk
    await desk.add("maria", AddCover(TIER, by, *TONIGHT))
    waiting = await ward.house.when_proven.begin(await desk.preview("maria"), "ana is ill", "maria")
    await ward.settle()
    return waiting


def on(ward: Ward) -> list[str]:
    rota = ward.house.handbooks.current().rota
    return [one.person for one in tier_shifts(rota, TIER, ward.clock.now())]


async def state(ward: Ward, waiting: Waiting) -> tuple[State, str]:
    found = await ward.house.when_proven.shelf.get(waiting.id)
    assert found is not None
    return found.state, found.note


def told(ward: Ward) -> list[str]:
    return [text for text in ward.phone("maria").inbox if "change of the rota" in text]


def reply(ward: Ward, who: str, digit: str) -> str:
    text = next(text for text in reversed(ward.phone(who).inbox) if text.startswith("TEST PAGE."))
    return text.split("Reply ")[1][:2] + digit


async def test_the_new_person_is_paged_as_a_test_and_the_yes_publishes_in_the_coordinators_name() -> None:
    async with at_work() as ward:
        waiting = await begun(ward)
        eli = ward.phone("eli")
        assert eli.is_ringing
        assert "Until you answer" in eli.inbox[-1]
        assert on(ward) == ["ana"]
        await ward.pass_time("2m")
        assert on(ward) == ["ana"]
        await eli.texts(reply(ward, "eli", "1"))
        await ward.pass_time("1m")
        assert on(ward)[0] == "eli"
        newest, *_ = await ward.house.journal.editions()
        assert (newest.author, newest.reason.split("; ")[0]) == ("maria", "ana is ill")
        assert "Dr Abud answered the test page of Wed 25 Nov 03:04" in newest.reason
        assert await state(ward, waiting) == (State.PUBLISHED, "")
        assert told(ward) == ["Dr Abud answered the test page: your change of the rota is in force."]
        assert (await ward.house.rota_desk.draft("maria")).edits == ()
        assert not eli.is_ringing
        assert any(text.startswith("The rota has changed.") for text in ward.phone("ana").inbox)
        await ward.is_sound()


async def test_a_key_on_the_call_is_an_answer_and_voicemail_is_none() -> None:
    async with at_work() as ward:
        waiting = await begun(ward)
        eli = ward.phone("eli")
        await eli.answers()
        assert "TEST" in eli.heard
        await eli.presses("1")
        await ward.pass_time("5s")
        assert (await state(ward, waiting))[0] is State.PUBLISHED
    async with at_work() as ward:
        ward.phone("eli").is_set("voicemail")
        waiting = await begun(ward)
        await ward.pass_time("14m")
        assert (await state(ward, waiting))[0] is State.WAITING
        assert on(ward) == ["ana"]


async def test_silence_publishes_nothing_and_the_coordinator_is_told_at_night() -> None:
    async with at_work() as ward:
        waiting = await begun(ward)
        await ward.pass_time("15m30s")
        assert on(ward) == ["ana"]
        assert await state(ward, waiting) == (State.LAPSED, "Dr Abud did not answer the test page.")
        assert "NOT published. Dr Abud did not answer the test page." in told(ward)[0]
        await ward.phone("eli").texts(reply(ward, "eli", "1"))
        await ward.pass_time("1m")
        assert on(ward) == ["ana"], "an answer that comes too late changes nothing"
        assert (await ward.house.rota_desk.draft("maria")).edits, "the draft is kept"


async def test_a_no_ends_it_at_once() -> None:
    async with at_work() as ward:
        waiting = await begun(ward)
        await ward.phone("eli").texts(reply(ward, "eli", "2"))
        await ward.pass_time("1s")
        assert await state(ward, waiting) == (State.DECLINED, "Dr Abud cannot.")
        assert "NOT published. Dr Abud cannot." in told(ward)[0]
        assert not ward.phone("eli").is_ringing


@pytest.mark.parametrize("whose", ["the draft", "the rota"])
async def test_another_change_meanwhile_is_never_published_unseen(whose: str) -> None:
    async with at_work() as ward:
        waiting, desk = await begun(ward), ward.house.rota_desk
        author = "maria" if whose == "the draft" else "cora"
        await desk.add(author, AddCover(TIER, "dia", "2026-12-02 19:00", "2026-12-03 07:00"))
        if whose == "the rota":
            await desk.publish("cora", "a wish")
        await ward.phone("eli").texts(reply(ward, "eli", "1"))
        await ward.pass_time("1s")
        assert on(ward) == ["ana"]
        assert (await state(ward, waiting))[0] is State.OVERTAKEN
        assert "The draft or the rota has changed since." in told(ward)[0]


async def test_it_can_be_taken_back_and_only_one_waits_for_a_draft() -> None:
    async with at_work() as ward:
        waiting = await begun(ward)
        with pytest.raises(PublishRefused, match="already"):
            await ward.house.when_proven.begin(await ward.house.rota_desk.preview("maria"), "ana is ill", "maria")
        await ward.house.when_proven.cancel(waiting.id, "cora")
        await ward.phone("eli").texts(reply(ward, "eli", "1"))
        await ward.pass_time("1m")
        assert on(ward) == ["ana"]
        assert (await state(ward, waiting))[0] is State.CANCELLED


async def test_a_real_page_goes_before_the_test_page() -> None:
    async with at_work() as ward:
        mum, eli = ward.phones("mum of Leo", "eli")
        await begun(ward)
        assert eli.is_ringing
        await mum.texts(ITCHY)
        await ward.pass_time("10m")
        assert any("pump call #" in text for text in ward.phone("ana").inbox)
        assert on(ward) == ["ana"]


async def test_a_restart_loses_neither_the_question_nor_the_answer(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/oncall.db"
    async with at_work(database) as ward:
        waiting = await begun(ward)
        code = reply(ward, "eli", "1")
    async with at_work(database, fill=False) as ward:
        assert (await state(ward, waiting))[0] is State.WAITING
        await ward.phone("eli").texts(code)
        await ward.pass_time("1m")
        assert (await state(ward, waiting))[0] is State.PUBLISHED
        assert on(ward)[0] == "eli"
