"""The line looks after itself in the ward: what it proves each half minute, and who hears when something fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from oncall.adapters.clock import VirtualClock
from oncall.adapters.telephony.own_door import OwnDoor
from oncall.service.intake import TextIn
from oncall.service.line.proofs import LineProofs
from tests.support.ward import THREE_AM, Ward, open_ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"
ON_CALL_ENGINEER = "+16175550177"


@asynccontextmanager
async def dead_man_service() -> AsyncIterator[tuple[str, list[str]]]:
    """Somebody outside who rings when they hear nothing; here they keep what they heard."""
    heard: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_get("/ping/secret", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/ping/secret", heard
    finally:
        await runner.cleanup()


async def wrong(ward: Ward) -> dict[str, str | None]:
    await ward.house.vigil.look()
    return {one.name: one.wrong for one in ward.house.vigil.standing if one.wrong}


async def test_a_house_in_order_proves_everything_and_the_outside_hears_it() -> None:
    async with dead_man_service() as (address, heard), open_ward(vigil={"beacon": address}, chores=True) as ward:
        assert await wrong(ward) == {}
        assert heard == ["/ping/secret"]
        names = [one.name for one in ward.house.vigil.standing]
        of_the_house = ["loops", "clocks", "store", "contact", "aside"]
        assert names == [*of_the_house, "carrier", "number", "record", "backup", "disk", "door"]
        assert await ward.open_cases() == []


async def test_a_loop_that_has_ended_is_found() -> None:
    async with open_ward(chores=True) as ward:
        ward.house.loops["watch"].cancel()
        await asyncio.gather(ward.house.loops["watch"], return_exceptions=True)
        assert await wrong(ward) == {"loops": "The watch has stopped."}


async def test_a_clock_at_which_nobody_looks_is_found() -> None:
    async with open_ward() as ward:
        await ward.phone("mum of Leo").texts(ITCHY)
        house, later = ward.house, VirtualClock(ward.clock.now() + timedelta(minutes=5))
        proofs = LineProofs(house.journal, house.register, house.handbooks, later)
        assert await proofs.nothing_is_late() == "A case's clock has been waiting for 3 min 30 s."


@pytest.mark.parametrize("database", ["memory:", "file"])
async def test_a_message_that_no_worker_takes_is_found_and_one_that_has_just_been_owed_is_not(
    database: str, tmp_path: Path
) -> None:
    where = database if database == "memory:" else f"sqlite:///{tmp_path / 'oncall.db'}"
    async with open_ward(database=where) as ward:
        house, clock = ward.house, VirtualClock(ward.clock.now())
        house.loops["dispatcher"].cancel()
        await asyncio.gather(house.loops["dispatcher"], return_exceptions=True)
        await house.intake.take_text(TextIn("SM1", ward.phone("mum of Leo").number, ITCHY))
        proofs = LineProofs(house.journal, house.register, house.handbooks, clock)
        assert await proofs.nothing_is_late() is None
        clock.step(timedelta(seconds=61))
        assert await proofs.nothing_is_late() == "A message has been waiting for 1 min 1 s."


async def test_a_list_of_the_carrier_that_is_not_read_is_told_by_mail_and_not_by_the_carrier() -> None:
    vigil = {"phones": [ON_CALL_ENGINEER], "mail_to": ["line@hospital.example"]}
    async with open_ward(vigil=vigil) as ward:  # without its chores nobody reads the list
        await ward.pass_time("6m")
        assert "was not read for 6 minutes" in (await wrong(ward))["carrier"]
        await wrong(ward)
        assert ward.phone(ON_CALL_ENGINEER).inbox == []


async def test_a_store_that_refuses_is_texted_past_the_store(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'oncall.db'}"
    async with open_ward(database=database, vigil={"phones": [ON_CALL_ENGINEER]}) as ward:
        await ward.house.journal.close()
        await wrong(ward)
        await wrong(ward)
        handed_over = [text.body for text in ward.carrier.texts.all.values() if text.to == ON_CALL_ENGINEER]
        assert "Pump line: store: it failed (JournalRefused). See the runbook: The store refuses." in handed_over


async def test_a_public_door_that_does_not_open_is_found() -> None:
    async with open_ward(chores=True) as ward:
        nobody = OwnDoor("http://127.0.0.1:1", "token", ward.house.new_id)
        forged = OwnDoor(ward.house.config.public.url, "another token", ward.house.new_id)
        assert (await nobody.answers() or "").startswith("Our own public address does not answer (")
        assert "refuses a true signature" in (await forged.answers() or "")


async def test_the_vigil_looks_by_itself_each_half_minute() -> None:
    async with dead_man_service() as (address, heard), open_ward(vigil={"beacon": address}, watched=True) as ward:
        await ward.pass_time("2m")
        assert len(heard) == 5  # at once, and then each half minute
        assert ward.clock.now() == THREE_AM + timedelta(minutes=2)
