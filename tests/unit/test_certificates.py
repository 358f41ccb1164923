"""Certificates of our own addresses: when they are looked at, what is said of them, and a real handshake."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from oncall.adapters.certificates import certificate_ends_at
from oncall.adapters.clock import VirtualClock
from oncall.service.line.certificates import Certificate, Certificates, CertificateUnread
from oncall.service.line.health import certificate_line
from oncall.service.line.health_line import Mark

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
URLS = ("https://pump.example.org", "https://ward.example.org:8443", "http://127.0.0.1:8081")


@pytest.mark.parametrize(
    ("ends_in", "mark", "words"),
    [
        (90 * DAY, Mark.GOOD, "until 21 Feb 2027, 90 days from now"),
        (21 * DAY, Mark.GOOD, "21 days from now"),
        (21 * DAY - timedelta(hours=1), Mark.CLOSE, "20 days from now"),
        (7 * DAY, Mark.CLOSE, "7 days from now"),
        (6 * DAY, Mark.BAD, "6 days from now"),
        (-DAY, Mark.BAD, "it ended on 22 Nov 2026"),
    ],
)
def test_the_end_is_told_early_enough_to_renew_it(ends_in: timedelta, mark: Mark, words: str) -> None:
    line = certificate_line(Certificate("pump.example.org", NOW + ends_in, NOW), NOW, "America/New_York")
    assert line.mark is mark
    assert words in line.told
    assert bool(line.do) is (mark is not Mark.GOOD), "what is near or red says what to do"


async def test_each_is_looked_at_once_a_day_and_what_fails_sooner_without_losing_what_was_seen() -> None:
    clock, asked, down = VirtualClock(NOW), list[tuple[str, int]](), set[str]()

    async def ends_at(host: str, port: int) -> datetime:
        asked.append((host, port))
        if host in down:
            raise CertificateUnread("no answer within 10 s")
        return NOW + 30 * DAY

    certificates = Certificates(URLS, ends_at, clock)
    assert certificate_line(certificates.known()[0], NOW, "UTC").mark is Mark.CLOSE, "nobody has looked yet"
    for hours in (0, 1, 23):
        clock.step(timedelta(hours=hours) - (clock.now() - NOW))
        await certificates.look()
    assert asked == [("pump.example.org", 443), ("ward.example.org", 8443)], "plain HTTP has none"
    down.add("pump.example.org")
    for hours in (24, 24.5, 25):
        clock.step(NOW + timedelta(hours=hours) - clock.now())
        await certificates.look()
    assert [host for host, _ in asked[2:]] == ["pump.example.org", "ward.example.org", "pump.example.org"]
    seen = certificates.known()[0]
    assert (seen.ends_at, seen.problem) == (NOW + 30 * DAY, "no answer within 10 s")


async def test_a_handshake_reads_the_end_also_of_one_that_nobody_would_believe(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path, NOW - 9 * DAY))
    heard = list[bytes]()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=context)
    async with server:
        assert await certificate_ends_at("localhost", server.sockets[0].getsockname()[1]) == NOW - 9 * DAY
        await asyncio.sleep(0.01)
    assert heard in ([], [b""]), "nothing is sent"


async def test_where_nothing_answers_a_sentence_says_so(tmp_path: Path) -> None:
    silent = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    with pytest.raises(CertificateUnread, match="no handshake"):
        await certificate_ends_at("127.0.0.1", port)
    silent.close()
    await silent.wait_closed()
    with pytest.raises(CertificateUnread, match="no handshake"):
        await certificate_ends_at("127.0.0.1", port)


def self_signed(folder: Path, ends_at: datetime) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(ends_at - 90 * DAY)
        .not_valid_after(ends_at)
        .sign(key, hashes.SHA256())
    )
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    path = folder / "certificate.pem"
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    return path
