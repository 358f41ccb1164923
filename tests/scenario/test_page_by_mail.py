"""With no telephone route left a page is mailed besides; the text stays owed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from oncall.adapters.register.rows import PersonRow
from oncall.adapters.telephony.mail import Mail
from oncall.core.case.messages import Channel, Lane, Message, Purpose
from tests.support.ward import Ward, open_ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"


@asynccontextmanager
async def post_office() -> AsyncIterator[tuple[str, list[str]]]:
    """A mail server that takes everything, and what it took."""
    letters: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                letters.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            writer.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", letters


async def with_address(ward: Ward, person: str) -> None:
    [row] = [row for row in await ward.house.register.rows(PersonRow) if row.id == person]
    values = {name: getattr(row, name) for name in ("id", "full_name", "name", "spoken", "role", "is_sample")}
    await ward.house.register.put([PersonRow(**values, email=f"{person}@hospital.example")], "test")


async def test_a_page_that_no_route_takes_is_mailed_once_without_a_word_about_the_patient() -> None:
    async with post_office() as (server, letters), open_ward(email={"server": server, "from": "line@x.org"}) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        await with_address(ward, "ana")
        ward.carrier.faults.order("server_error", times=1000)
        await mum.texts(ITCHY)
        await ward.pass_time("1m")
        [letter] = letters
        assert "To: ana@hospital.example" in letter
        assert "pump call #" in letter
        assert not any(word in letter.lower() for word in ("itch", "stiff", "leo", mum.number))
        ward.carrier.faults.clear()
        await ward.pass_time("30s")
        assert any("pump call #" in text for text in ana.inbox), "the text goes out all the same"
        await ward.is_sound()


async def test_while_a_route_works_nothing_is_mailed() -> None:
    async with post_office() as (server, letters), open_ward(email={"server": server, "from": "line@x.org"}) as ward:
        await with_address(ward, "ana")
        await ward.phone("mum of Leo").texts(ITCHY)
        await ward.pass_time("2m")
        assert letters == []


@pytest.mark.parametrize("address", ["a@[b.c", "a@b.c\r\nBcc: evil@x.org", "\ud83d@b.c"])
async def test_an_odd_address_is_no_letter_and_no_trouble(address: str) -> None:
    async with post_office() as (server, letters):
        mail = Mail(server, "line@x.org", lambda person: asyncio.sleep(0, address))
        message = Message(
            "m1", "c1", Channel.MAIL, Purpose.PAGE, Lane.EMERGENCY, address, "pump call #A1", person="ana"
        )
        assert not await mail.send(message)
        assert not await mail.send_notice(message)
        assert letters == []


async def test_a_mail_server_that_is_not_there_changes_nothing() -> None:
    async with open_ward(email={"server": "127.0.0.1:9", "from": "line@x.org"}) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        await with_address(ward, "ana")
        ward.carrier.faults.order("server_error", times=6)
        await mum.texts(ITCHY)
        await ward.pass_time("1m")
        assert any("pump call #" in text for text in ana.inbox)
