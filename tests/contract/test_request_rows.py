"""What the requests' desk may rely on, over the rows in memory and those in SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from oncall.adapters.clock import VirtualClock
from oncall.adapters.migrations import open_database
from oncall.adapters.register.assembling import Remembered
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.reading import read_directory
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.core.people import Hospital
from oncall.core.rota.requests import Kind, Move, Request, State, accepted, asked_next, moved, refused_by
from tests.support.registers import BOTH, register_in

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SPAN = (AT + timedelta(days=3), AT + timedelta(days=3, hours=12))
HOSPITAL = Hospital("Lakeside", "America/New_York", "911", "+16175550100", "+16175550101", "http://127.0.0.1")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


@pytest.fixture(params=BOTH)
async def register(request: pytest.FixtureRequest, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[KeptRegister]:
    kept = register_in(request.param, tmp_path, HOSPITAL, clock)
    yield kept
    await kept.close()


def made(kind: Kind, asked: tuple[str, ...], id: str, **more: Any) -> Request:
    return Request(id, kind, "pump-team/primary", "ana", SPAN, asked, "maria", AT, AT, **more)


async def add(
    register: KeptRegister, kind: Kind = Kind.GIVE, asked: tuple[str, ...] = ("ben",), **more: Any
) -> Request:
    return await register.rota_requests.add_request(lambda id: made(kind, asked, id, **more), "maria")


async def test_a_request_is_read_back_as_it_was_written_and_numbered(register: KeptRegister) -> None:
    first = await add(register, Kind.SWAP, back=(SPAN[1], SPAN[1] + timedelta(hours=12)), note="a wedding")
    second = await add(register)
    assert [first.id, second.id] == ["R1", "R2"]
    change = partial(accepted, taker="ben", who="maria", at=AT, note="told me by phone")
    done = await register.rota_requests.change_request("R1", change, "maria")
    assert done == await register.rota_requests.request("R1")
    assert done is not None
    assert done.entries[-1].whom == "ben"
    assert await register.rota_requests.request("R9") is None
    assert await register.rota_requests.change_request("R9", change, "maria") is None
    assert await register.rota_requests.open_requests() == [done, second]
    assert {one.id for one in await register.rota_requests.requests()} == {"R1", "R2"}


async def test_of_two_answers_at_once_the_first_holds_and_both_are_audited_by_name(register: KeptRegister) -> None:
    await add(register, Kind.ASK_ALL, ("ben", "cho"))
    yes = [partial(accepted, taker=who, who=who, at=AT) for who in ("ben", "cho")]
    shelf = register.rota_requests
    await asyncio.gather(*(shelf.change_request("R1", one, who) for one, who in zip(yes, ("ben", "cho"), strict=True)))
    found = await shelf.request("R1")
    assert found is not None
    assert len(found.entries) == 1
    changed = [line for line in await register.audit() if line.what == "rota_requests R1 changed"]
    assert [line.who for line in changed] == [found.taker]


async def test_who_is_being_replaced_stands_in_the_directory_until_it_is_published(register: KeptRegister) -> None:
    await add(register)
    assert (await register.directory()).replacing == ()
    await add(register, Kind.REPLACE)

    async def beside() -> list[str]:
        return [one.asked for one in (await register.directory()).replacing]

    async def then(change: Any) -> None:
        await register.rota_requests.change_request("R2", change, "maria")

    assert await beside() == ["ben"]
    await then(partial(refused_by, person="ben", who="ben", at=AT))
    assert await beside() == [""]
    await then(partial(asked_next, person="cho", at=AT))
    await then(partial(accepted, taker="cho", who="cho", at=AT))
    assert await beside() == ["cho"], "until it is published he is beside"
    await then(partial(moved, move=Move.APPROVE, who="maria", at=AT))
    await then(partial(moved, move=Move.PUBLISH, who="maria", at=AT))
    assert await beside() == []


async def test_a_journal_sees_in_its_own_write_that_somebody_is_being_replaced(tmp_path: Path) -> None:
    register = SqliteRegister(tmp_path / "oncall.db", HOSPITAL, VirtualClock(AT))
    connection, remembered = open_database(tmp_path / "oncall.db"), Remembered()
    assert read_directory(connection, HOSPITAL, remembered).replacing == ()
    await add(register, Kind.REPLACE)
    [one] = read_directory(connection, HOSPITAL, remembered).replacing
    assert (one.holder, one.asked, one.starts_at, one.ends_at) == ("ana", "ben", *SPAN)
    await register.rota_requests.change_request("R1", lambda found: replace(found, state=State.WITHDRAWN), "ana")
    assert read_directory(connection, HOSPITAL, remembered).replacing == ()
    connection.close()
    await register.close()
