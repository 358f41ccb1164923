"""Behind an outbound proxy: everything that leaves the machine goes through it, and nothing on loopback does."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from oncall.adapters.beacon import HttpBeacon
from oncall.adapters.calendars.fetching import NotFetched, fetch
from oncall.adapters.clock import SystemClock
from oncall.adapters.identity.provider import Client, OpenIdProvider
from oncall.adapters.telephony.own_door import OwnDoor
from oncall.adapters.telephony.twilio_files import TwilioFiles
from oncall.adapters.telephony.twilio_pager import TwilioPager
from oncall.core.case.messages import Channel, Lane, Message, Purpose
from oncall.preflight.provider import Provider
from oncall.service.people.single_sign_on import NotVouched
from oncall.service.ports.carrier import NotToBeHad
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
    identity = OpenIdProvider(Client(at.format("identity"), "pump-line", "secret", at.format("door")), SystemClock())
    with suppress(NotVouched):
        await identity.way_out()
    with suppress(NotFetched):
        await fetch(at.format("calendar"))
    await asyncio.gather(pager.close(), files.close(), provider.close())


Served = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


async def asked_of_a_proxy(*at: str, then: Served = refuse, trusted: Path | None = None) -> list[str]:
    """The hosts that a process with HTTP_PROXY and HTTPS_PROXY asks the proxy for."""
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).decode().split()
        asked.append(line[1].partition(":")[0])
        with suppress(OSError, asyncio.IncompleteReadError):
            await then(reader, writer)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as proxy:
        address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        environment = {**clean, "HTTP_PROXY": address, "HTTPS_PROXY": address}
        environment |= {"SSL_CERT_FILE": str(trusted)} if trusted else {}
        command = [sys.executable, "-m", "tests.contract.test_outbound_proxy", *at]
        done = await asyncio.to_thread(
            subprocess.run, command, env=environment, capture_output=True, text=True, timeout=30, check=False
        )
    assert done.returncode == 0, done.stderr
    return asked


async def test_what_leaves_the_machine_goes_through_the_proxy_and_the_simulator_is_reached_without_it() -> None:
    asked = await asked_of_a_proxy("https://{}.example.com", "http://127.0.0.1:9/{}")
    names = ("carrier", "files", "beacon", "door", "preflight", "identity", "calendar")
    assert set(asked) == {f"{name}.example.com" for name in names}


INSIDE = ("https://127.0.0.1/x", "https://localhost/x", "https://169.254.169.254/x", "https://nowhere.invalid/x")


async def test_a_calendar_does_not_have_the_proxy_ask_our_neighbours(tmp_path: Path) -> None:
    """It would reach what this machine itself is kept from; a name that is not known here is not followed either."""
    serving = certified("calendar.example.com", tmp_path)

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.start_tls(serving)
        leads = (await reader.readuntil(b"\r\n\r\n")).decode().split()[1].removeprefix("/?to=")
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {leads}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    addresses = [f"https://calendar.example.com/?to={leads}" for leads in (*INSIDE, "/?to=/round")]
    asked = await asked_of_a_proxy("calendars", *addresses, then=tunnel, trusted=tmp_path / "trusted.pem")
    assert set(asked) == {"calendar.example.com"}
    assert len(asked) > len(addresses), "where it stays with itself it is followed"


def certified(name: str, folder: Path) -> ssl.SSLContext:
    """A server's side with a certificate of this hour; `trusted.pem` is what its callers trust."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    at, hour = datetime.now(UTC), timedelta(hours=1)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, at - hour, at + hour)
    whole = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).sign(key, hashes.SHA256())
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    (folder / "trusted.pem").write_bytes(whole.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "trusted.pem", folder / "key.pem")
    return serving


async def knock_everywhere(addresses: Sequence[str]) -> None:
    for at in addresses:
        await knock(at)


async def follow(calendars: Sequence[str]) -> None:
    for address in calendars:
        with suppress(NotFetched):
            await fetch(address)


if __name__ == "__main__":
    _, first, *rest = sys.argv
    asyncio.run(follow(rest) if first == "calendars" else knock_everywhere([first, *rest]))
