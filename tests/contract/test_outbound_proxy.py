"""Behind an outbound proxy: everything that leaves the machine goes through it, and nothing on loopback does."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import ClientError

from oncall.adapters.beacon import HttpBeacon
from oncall.adapters.clock import SystemClock
from oncall.adapters.telephony.own_door import OwnDoor
from oncall.adapters.telephony.twilio_files import TwilioFiles
from oncall.adapters.telephony.twilio_pager import TwilioPager
from oncall.core.case.messages import Channel, Lane, Message, Purpose
from oncall.preflight.provider import Provider
from oncall.service.ports import NotToBeHad
from tests.support.ward import ward_config

ACCOUNT = "AC" + "0" * 32
MESSAGE = Message(
    "m1", "c1", Channel.SMS, Purpose.PAGE, Lane.EMERGENCY, to="+16175550181", body="EMERGENCY pump call", person="ana"
)


async def knock(at: str) -> None:
    """Whatever of ours leaves this machine, each to a host of its own."""
    pager = TwilioPager(ACCOUNT, "token", at.format("carrier"), "+16175550101", at.format("door"), limit=5)
    files = TwilioFiles(ACCOUNT, "token", at.format("files"))
    config = ward_config(at.format("door"), at.format("preflight"))
    provider = Provider(config.telephony, SystemClock().now)
    await pager.send(MESSAGE, 1)
    with suppress(NotToBeHad):
        await files.fetch(f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE{'0' * 32}")
    await HttpBeacon(at.format("beacon")).alive()
    await OwnDoor(at.format("door"), "token", lambda: "1").answers()
    with suppress(ClientError, OSError):
        await provider.client.api.accounts(ACCOUNT).fetch_async()
    await asyncio.gather(pager.close(), files.close(), provider.close())


async def asked_of_a_proxy(*at: str) -> list[str]:
    """The hosts that a process with HTTP_PROXY and HTTPS_PROXY asks the proxy for."""
    asked: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readline()).decode().split()
        asked.append(line[1].partition(":")[0])
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as proxy:
        address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        environment = {**clean, "HTTP_PROXY": address, "HTTPS_PROXY": address}
        command = [sys.executable, "-m", "tests.contract.test_outbound_proxy", *at]
        done = await asyncio.to_thread(
            subprocess.run, command, env=environment, capture_output=True, text=True, timeout=30, check=False
        )
    assert done.returncode == 0, done.stderr
    return asked


async def test_what_leaves_the_machine_goes_through_the_proxy_and_the_simulator_is_reached_without_it() -> None:
    asked = await asked_of_a_proxy("https://{}.example.com", "http://127.0.0.1:9/{}")
    assert set(asked) == {f"{name}.example.com" for name in ("carrier", "files", "beacon", "door", "preflight")}


async def knock_everywhere(addresses: Sequence[str]) -> None:
    for at in addresses:
        await knock(at)


if __name__ == "__main__":
    asyncio.run(knock_everywhere(sys.argv[1:]))
