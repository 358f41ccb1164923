"""The secret addresses of calendar feeds, over the public listener."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from icalendar import Calendar

from oncall.adapters.calendars.doors import CalendarDoors
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.side_door.handing_in import Declined
from oncall.adapters.web.app import public_app
from oncall.core.rota.on_call import cover, with_changes
from oncall.errands.door import open_side_door, run_errand
from oncall.service.ports.journal import Edition
from oncall.service.rota.calendars import CalendarLink
from tests.support.ward import Ward, open_ward
from tests.support.web_house import NIGHT, WebHouse, web_house

TOKEN = "a-token-of-more-than-22-characters"
ANA = CalendarLink("l1", person="ana")


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    opened = await web_house()
    await opened.register.add_calendar_link(ANA, TOKEN, "Maria Ortiz")
    yield opened
    await opened.close()


async def phone_of(house: WebHouse) -> TestClient[Any, Any]:
    doors = CalendarDoors(house.register, house.journal, house.handbooks, house.clock)
    return await house._client(public_app(house.given, doors.routes()))


async def test_a_calendar_program_reads_the_shifts_behind_its_link(house: WebHouse) -> None:
    answer = await (await phone_of(house)).get(f"/calendar/{TOKEN}.ics")
    assert (answer.status, answer.content_type, answer.charset) == (200, "text/calendar", "utf-8")
    assert answer.headers["Cache-Control"].startswith("private")
    assert len(Calendar.from_ical(await answer.read()).walk("VEVENT")) > 300


async def test_asking_again_for_the_same_costs_nothing_until_the_rota_changes(house: WebHouse) -> None:
    client = await phone_of(house)
    first = await client.get(f"/calendar/{TOKEN}.ics")
    kept = {"If-None-Match": first.headers["ETag"]}
    again = await client.get(f"/calendar/{TOKEN}.ics", headers=kept)
    assert (again.status, await again.read()) == (304, b"")
    book = house.handbooks.handbook
    start = NIGHT.replace(hour=14)
    rota = with_changes(book.rota, [cover("x", "pump-team/primary", "ben", start, start.replace(hour=15))])
    house.handbooks.handbook = replace(book, rota=rota, edition="another")
    await house.journal.save_edition(Edition("another", NIGHT, "Maria Ortiz"), {})
    changed = await client.get(f"/calendar/{TOKEN}.ics", headers=kept)
    assert changed.status == 200
    assert b"SEQUENCE:1\r\n" in await changed.read()


async def test_many_who_ask_at_once_wait_for_one_making_of_the_text(house: WebHouse) -> None:
    client = await phone_of(house)
    answers = await asyncio.gather(*(client.get(f"/calendar/{TOKEN}.ics") for _ in range(20)))
    assert {answer.headers["ETag"] for answer in answers} == {answers[0].headers["ETag"]}


async def test_revoked_unknown_and_noise_get_one_and_the_same_answer(house: WebHouse) -> None:
    await house.register.add_calendar_link(CalendarLink("l2", person="ben"), "b" * 30, "Maria Ortiz")
    assert await house.register.revoke_calendar_link("l2", "Maria Ortiz")
    client = await phone_of(house)
    answers = [await client.get(f"/calendar/{token}.ics") for token in ("b" * 30, "c" * 30, "%00%ff", "x" * 3000)]
    assert {(answer.status, await answer.text()) for answer in answers} == {
        (404, "There is no such calendar: ask your coordinator for a new link.\n")
    }


async def test_the_link_of_somebody_who_left_ends(house: WebHouse) -> None:
    await house.register.deactivate("ana", "Maria Ortiz")
    assert (await (await phone_of(house)).get(f"/calendar/{TOKEN}.ics")).status == 404


async def test_the_token_stands_nowhere_in_the_register(tmp_path: Path, house: WebHouse) -> None:
    register = SqliteRegister(tmp_path / "oncall.db", house.given.hospital, house.clock)
    await register.add_calendar_link(ANA, TOKEN, "Maria Ortiz")
    assert await register.calendar_link(TOKEN) == ANA
    [line] = await register.audit()
    assert (line.who, line.what) == ("Maria Ortiz", "calendar_links l1 added")
    assert "token" not in line.row
    await register.close()
    assert TOKEN.encode() not in (tmp_path / "oncall.db").read_bytes()


# --- made and revoked by the side door ------------------------------------------------------------------------------


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    async with open_ward(database=f"sqlite:///{tmp_path}/oncall.db") as opened, AsyncExitStack() as stack:
        await open_side_door(opened.house, stack)
        yield opened


def told(**more: Any) -> dict[str, Any]:
    return {"do": "make", "person": None, "rotation": None, "by": "Maria Ortiz", "id": None, "feed": None, **more}


async def test_a_link_is_made_used_listed_and_revoked(ward: Ward) -> None:
    made = await run_errand(ward.house.config, "calendar", told(rotation="pump-team"))
    path = re.fullmatch(rf"{ward.house.config.public.url}(/calendar/([\w-]{{22,}})\.ics)", made["address"])
    assert path
    async with ward.client() as client:
        async with client.get(made["address"]) as answer:
            assert "on call: pump team\\, primary" in await answer.text()
        [row] = (await run_errand(ward.house.config, "calendar", told(do="list")))["links"]
        assert (row["id"], row["rotation"], row["made_by"]) == (made["id"], "pump-team", "Maria Ortiz")
        assert path[2] not in str(row)
        assert (await run_errand(ward.house.config, "calendar", told(do="revoke", id=made["id"])))["revoked"]
        async with client.get(made["address"]) as answer:
            assert answer.status == 404
    assert not (await run_errand(ward.house.config, "calendar", told(do="revoke", id=made["id"])))["revoked"]


@pytest.mark.parametrize("whose", [{"person": "nobody"}, {"rotation": "nothing"}])
async def test_a_link_to_what_is_not_on_the_rota_is_declined(ward: Ward, whose: dict[str, str]) -> None:
    with pytest.raises(Declined, match="there are"):
        await run_errand(ward.house.config, "calendar", told(**whose))
