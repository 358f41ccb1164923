"""A busy night through every door, with names, numbers and words that occur nowhere else: none of them may stand in a
log, a metric, a header, an address, an error, a text to anybody, or on a page that asks for no proof (invariant I8)."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import structlog
from aiohttp import ClientSession, web
from twilio.request_validator import RequestValidator

from oncall.adapters.backup.making import NotMade, Order, make_backup
from oncall.adapters.journal.audit import audit
from oncall.adapters.migrations import open_for_reading
from oncall.adapters.register.rows import FamilyPhoneRow, PatientPhoneRow, PatientRow
from oncall.adapters.rehearsal.sample_ward import BRIDGE_TOKEN
from oncall.adapters.web.routes import internal_routes, public_routes
from oncall.backing_up import record_faults
from oncall.core.handbook import Handbook
from oncall.logs import log_to
from tests.scenario.test_page_by_mail import post_office, with_address
from tests.scenario.test_store_refuses import disk_that_cannot_grow
from tests.support.ward import THREE_AM, Ward, open_ward, shipped

FAMILY, STRANGER = "+16175550177", "+16175550166"
PRIVATE = ("zebedee", "quagmire", "zqx777", "5550177", "5550166", "wombat", "marzipan", "gadzook", "aardvark")
SAID = "zebedee quagmire is itchy and stiff like a wombat, marzipan, call +16175550177"
BEARER = {"Authorization": f"Bearer {BRIDGE_TOKEN}"}
FIELD = re.compile(r"{(\w+)}")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything the house logs, at every level, with what libraries say."""
    before, root = structlog.get_config(), logging.getLogger()
    stream, handlers = io.StringIO(), root.handlers[:]
    root.handlers.clear()
    log_to(stream, logging.DEBUG)
    root.setLevel(logging.DEBUG)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(logging.WARNING)
    structlog.configure(**before)


def private_in(words: str) -> list[str]:
    return [one for one in PRIVATE if one in words.lower()]


class BrokenRules:
    """Rules that fail at every look, with the family's words in what they say."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError(SAID)


def failing() -> Handbook:
    return replace(shipped(), rulebook=BrokenRules())  # type: ignore[arg-type]


async def enrol(ward: Ward) -> None:
    rows = [
        PatientRow(id="p7", name="Zebedee Quagmire", serial="ZQX777"),
        FamilyPhoneRow(number=FAMILY, relation="mother"),
        PatientPhoneRow(patient="p7", number=FAMILY),
    ]
    await ward.house.register.put(rows, "test")


async def hook(ward: Ward, path: str, form: dict[str, str]) -> str:
    """A webhook with the carrier's signature; its answer with all headers."""
    url = ward.house.hospital.public_url + path
    signed = {"X-Twilio-Signature": RequestValidator("token").compute_signature(url, form)}
    signed["Content-Type"] = "application/x-www-form-urlencoded"
    async with ward.client() as client, client.post(url, data=urlencode(form).encode(), headers=signed) as answer:
        told = f"{answer.headers} {await answer.text()}"
    await ward.settle()
    return told


async def through_the_phones(ward: Ward) -> None:
    mum, stranger, ana = ward.phones(FAMILY, STRANGER, "ana")
    ward.carrier.faults.order("refuse", "call", status=400, code=21211)
    await mum.texts(SAID)
    await stranger.texts("aardvark pump beeping " + SAID)
    await stranger.texts("STOP wombat")
    await mum.calls()
    await ward.pass_time("5s")
    if mum.handset.in_call:  # with failing rules the caller is led to the operator
        await mum.says(SAID)
    if mum.handset.in_call:
        await mum.presses("1")
    if mum.handset.in_call:
        await mum.hangs_up()
    await ward.pass_time("9m")
    await ana.texts(ana.reply_code("2"))
    await ana.texts("zebedee quagmire is better, wombat")


async def through_the_hooks(ward: Ward) -> list[str]:
    form = {"MessageSid": "SM" + "7" * 32, "CallSid": "CA" + "7" * 32, "From": FAMILY, "Body": SAID, "To": "zebedee"}
    odd = {"NumMedia": "wombat", "ErrorCode": "aardvark", "Confidence": "marzipan", "RecordingUrl": "x:wombat"}
    paths = sorted({route.path for route in ward.house.hooks.routes()})
    return [await hook(ward, f"{path}?m=x&q=x&step=x&c=x&t=x&silent=x&turn=x", form | odd) for path in paths]


async def at_the_api(ward: Ward, client: ClientSession) -> list[str]:
    """Headers of every answer, and the words of every refusal."""
    alarm = {"id": "gadzook", "device_serial": "ZQX777", "tone": "two_tone", "name": "Zebedee Quagmire", "note": SAID}
    bodies = (json.dumps(alarm).encode(), SAID.encode(), b'{"alarms": ["wombat"]}', b"\xff wombat")
    told = []
    for body in bodies:
        async with client.post(f"{ward.internal_url}/v1/alarms", data=body, headers=BEARER) as answer:
            told.append(str(answer.headers) + (await answer.text()))
    for token in ("wombat", "zebedee quagmire"):
        async with client.get(f"{ward.internal_url}/v1/cases", headers={"Authorization": f"Bearer {token}"}) as answer:
            told.append(str(answer.headers) + (await answer.text()))
    return told


async def at_every_address(ward: Ward, client: ClientSession, filled: str) -> list[str]:
    """Every route of both listeners asked for something of that name, also those that are added tomorrow."""
    told = []
    doors = ((ward.internal_url, internal_routes()), (ward.house.hospital.public_url, public_routes()))
    for base, routes in doors:
        for route in (one.route for one in routes):
            if not isinstance(route, web.RouteDef) or route.path in ("/logout", "/events"):
                continue
            path = FIELD.sub(filled, route.path)
            form = {"words": SAID, "number": "wombat", "name": SAID} if route.method == "POST" else None
            async with client.request(route.method, base + path, data=form, allow_redirects=False) as answer:
                words = (await answer.read()).decode("utf-8", "replace")
                told.append(f"{answer.headers}" + (words if answer.status >= 500 else ""))
    return told


async def on_open_pages(ward: Ward) -> list[str]:
    """What whoever finds a telephone sees: the links of all texts, before any digits."""
    texts = [text for phone in ward.carrier.phones.values() for text in phone.inbox]
    links = {link for text in texts for link in re.findall(r"http\S+/p/\S+", text)}
    assert links
    shown = []
    async with ward.client() as client:
        for link in links:
            async with client.get(link.rstrip(".")) as answer:
                shown.append(await answer.text())
        for path in ("/contact.vcf", "/healthz", "/nothing/here"):
            async with client.get(ward.house.hospital.public_url + path) as answer:
                shown.append(await answer.text())
    return shown


async def everything_of_a_night(ward: Ward) -> dict[str, list[str]]:
    await enrol(ward)
    await through_the_phones(ward)
    async with await ward.browser() as client:
        found = {
            "hooks": await through_the_hooks(ward),
            "api": await at_the_api(ward, client),
            "addresses": [words for name in ("none", "p7") for words in await at_every_address(ward, client, name)],
        }
        await ward.settle()
        found["open pages"] = await on_open_pages(ward)
        async with client.get(f"{ward.internal_url}/metrics") as answer:
            found["metrics"] = [await answer.text()]
    phones = ward.carrier.phones.values()
    found["texts"] = [text for phone in phones for text in phone.inbox]
    found["heard"] = [words for phone in phones if phone.number not in (FAMILY, STRANGER) for words in phone.voicemail]
    return found


@pytest.mark.parametrize("rules", ["shipped", "failing"])
async def test_a_busy_night_lets_nothing_private_out(log: io.StringIO, rules: str) -> None:
    async with open_ward(internal=True, handbook=failing() if rules == "failing" else None) as ward:
        found = await everything_of_a_night(ward)
        cases = await ward.open_cases()
    found["log"] = log.getvalue().splitlines()
    assert len(cases) >= 2
    assert len(found["log"]) > 20
    assert len(found["texts"]) > 5
    leaks = [(where, private_in(one), one[:300]) for where, told in found.items() for one in told if private_in(one)]
    assert leaks == []


# --- what travels or lies elsewhere ----------------------------------------------------------------------------------


@asynccontextmanager
async def dead_man() -> AsyncIterator[tuple[str, list[str]]]:
    """Somebody outside who listens for us, and all that they were told."""
    heard: list[str] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/alive", heard


async def a_night_of_trouble(ward: Ward, var: Path) -> None:
    """The store refuses, then every road of the carrier: what is left is mail, and the file beside the store."""
    await enrol(ward)
    await with_address(ward, "ana")
    with disk_that_cannot_grow(var):
        await ward.phone(FAMILY).texts(SAID)
        await ward.pass_time("1m")
    await ward.pass_time("1m")
    ward.carrier.faults.order("server_error", times=1000)
    await ward.phone(STRANGER).texts("aardvark " + SAID)
    await ward.pass_time("2m")


def copied_and_audited(var: Path, out: Path) -> list[str]:
    """The names of what is written, the list that goes to somebody else, and what an audit says of a changed record."""
    order, check = Order(var / "oncall.db", out), partial(record_faults, at=THREE_AM)
    heads = make_backup(order, THREE_AM, check).with_suffix(".heads")
    with closing(sqlite3.connect(order.database)) as hand:
        hand.execute("DROP TRIGGER entries_are_never_changed")
        hand.execute("UPDATE reports SET body = replace(body, 'wombat', 'x')")
        hand.execute("UPDATE entries SET body = replace(body, 'a', 'b') WHERE seq = 2")
        hand.commit()
    with closing(open_for_reading(order.database)) as connection:
        faults = audit(connection)
    assert any("hash chain breaks" in fault for fault in faults)
    try:
        make_backup(order, THREE_AM.replace(hour=9), check)
    except NotMade as problem:
        faults.append(str(problem))
    return [*faults, heads.read_text(), *(str(path) for folder in (var, out) for path in folder.rglob("*"))]


async def test_mails_the_beacon_backups_and_the_audit_hold_nothing_private(log: io.StringIO, tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.mkdir()
    async with (
        post_office() as (server, letters),
        dead_man() as (beacon, heard),
        open_ward(
            database=f"sqlite:///{var / 'oncall.db'}",
            chores=True,
            watched=True,
            vigil={"mail_to": ["duty@hospital.example"], "beacon": beacon, "own_door": False},
            email={"server": server, "from": "line@x.org"},
        ) as ward,
    ):
        await a_night_of_trouble(ward, var)
        assert {"ana@hospital.example", "duty@hospital.example"} <= set(re.findall(r"To: (\S+)", "".join(letters)))
        assert heard
        aside = var / "emergency.jsonl"
        assert aside.stat().st_mode & 0o077 == 0, "families' words lie in it until they are filed"
        assert private_in(aside.read_text().rstrip("\0")) == [], "and not after that"
    found = {"letters": letters, "beacon": heard, "log": log.getvalue().splitlines()}
    found["kept"] = await asyncio.to_thread(copied_and_audited, var, tmp_path / "out")
    leaks = [(where, private_in(one), one[:300]) for where, told in found.items() for one in told if private_in(one)]
    assert leaks == []


def test_a_crash_is_told_by_its_kind_and_place_and_never_by_what_it_was_about() -> None:
    """An error that nobody catches would be printed with its message, which may hold a row or a text."""
    fatal = f"""
import threading
from oncall.logs import log_crashes, log_to
log_to(); log_crashes()
def broken(): raise ValueError({SAID!r})
thread = threading.Thread(target=broken); thread.start(); thread.join()
class Odd:
    def __del__(self): broken()
Odd()
broken()
"""
    done = subprocess.run([sys.executable, "-c", fatal], capture_output=True, text=True, timeout=60, check=False)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["exception"] for line in lines] == ["ValueError"] * 3
    assert all(any("broken" in place for place in line["where"]) for line in lines)
    assert private_in(done.stderr + done.stdout) == []
    assert done.returncode == 1
