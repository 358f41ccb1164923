"""Sounds and pictures: both stores keep the same contract, and each door shows them to whom it may.

Deliberately not here: how they come from the carrier (tests/scenario/test_recordings.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar

from oncall.adapters.enclosures.memory import MemoryEnclosures
from oncall.adapters.enclosures.sqlite import SqliteEnclosures
from oncall.adapters.rehearsal.sounds_and_pictures import picture, tone
from oncall.adapters.telephony.twilio_files import enclosed
from oncall.core.case.case import Case
from oncall.core.reports import EnclosureKind
from oncall.service.ports.enclosures import EnclosureStore, KeptEnclosure
from oncall.service.telephone.media_types import UNKNOWN, type_of
from tests.support.ward import Ward, open_ward

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
SOUND = KeptEnclosure("case-1", "RE1", "audio/wav", tone(1))


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EnclosureStore]:
    kept = MemoryEnclosures() if request.param == "memory" else SqliteEnclosures(tmp_path / "line.db", lambda: NOW)
    yield kept
    await kept.close()


async def test_what_is_kept_comes_back_byte_for_byte(store: EnclosureStore) -> None:
    await store.keep(SOUND, NOW)
    assert await store.get("RE1") == SOUND
    assert await store.get("RE2") is None


async def test_fetched_once_more_the_newest_stands(store: EnclosureStore) -> None:
    await store.keep(SOUND, NOW)
    longer = KeptEnclosure("case-1", "RE1", "audio/wav", tone(2))
    await store.keep(longer, NOW)
    assert await store.get("RE1") == longer
    assert await store.older_than(NOW + timedelta(seconds=1)) == [("case-1", "RE1")]


async def test_only_what_is_older_is_named_and_forgetting_is_for_ever(store: EnclosureStore) -> None:
    await store.keep(SOUND, NOW)
    assert await store.older_than(NOW) == []
    assert await store.older_than(NOW + timedelta(microseconds=1)) == [("case-1", "RE1")]
    await store.forget("RE1")
    assert await store.get("RE1") is None
    await store.forget("RE1")


async def test_it_lies_in_the_hospitals_one_file(tmp_path: Path) -> None:
    store = SqliteEnclosures(tmp_path / "line.db", lambda: NOW)
    await store.keep(SOUND, NOW)
    await store.close()
    with sqlite3.connect(tmp_path / "line.db") as file:
        assert file.execute("SELECT name, length(body) FROM enclosures").fetchall() == [("RE1", len(SOUND.body))]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (picture(), "image/png"),
        (tone(1), "audio/wav"),
        (b"\xff\xd8\xff\xe0 jpeg", "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", UNKNOWN),
        (b"ID3\x04", "audio/mpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", UNKNOWN),
        (b"<html>", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_bytes_are_what_they_begin_with_whatever_a_sender_says(body: bytes, kind: str) -> None:
    assert type_of(body) == kind


ACCOUNT = "/2010-04-01/Accounts/AC" + "0" * 32


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (f"https://api.twilio.com{ACCOUNT}/Recordings/RE" + "1" * 32, "RE" + "1" * 32),
        (f"http://127.0.0.1:9{ACCOUNT}/Messages/MM{'2' * 32}/Media/ME{'3' * 32}", "ME" + "3" * 32),
        (f"https://api.twilio.com{ACCOUNT}/Recordings/RE" + "1" * 31, None),
        (f"https://api.twilio.com{ACCOUNT}/../Recordings/RE" + "1" * 32, None),
        (f"https://api.twilio.com{ACCOUNT}/Messages/MM{'2' * 32}.json", None),
        ("", None),
    ],
)
def test_only_addresses_of_recordings_and_pictures_are_taken(url: str, name: str | None) -> None:
    found = enclosed(url, "12")
    assert (found.id if found else None) == name
    if found and found.kind is EnclosureKind.RECORDING:
        assert found.seconds == 12


# --- the doors -------------------------------------------------------------------------------------------------------


async def with_a_picture(ward: Ward, body: bytes) -> Case:
    await ward.phone("mum of Leo").texts("look at his back", pictures=[body])
    await ward.house.enclosures.look()
    return await ward.only_case()


async def test_the_case_page_shows_the_picture_from_our_own_address() -> None:
    async with open_ward(internal=True) as ward, await ward.browser() as http:
        case = await with_a_picture(ward, picture())
        page = await (await http.get(f"{ward.internal_url}/cases/{case.id}")).text()
        address = f"/cases/{case.id}/enclosures/{case.enclosures[0].what.id}"
        assert f'<img src="{address}"' in page
        assert "twilio" not in page
        answer = await http.get(ward.internal_url + address)
        assert await answer.read() == picture()
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_player_is_given_the_part_it_asks_for() -> None:
    async with open_ward(internal=True) as ward, await ward.browser() as http:
        case = await with_a_picture(ward, tone(2))
        address = f"{ward.internal_url}/cases/{case.code}/enclosures/{case.enclosures[0].what.id}"
        part = await http.get(address, headers={"Range": "bytes=100-199"})
        assert part.status == 206
        assert await part.read() == tone(2)[100:200]
        assert part.headers["Content-Range"] == f"bytes 100-199/{len(tone(2))}"
        rest = await http.get(address, headers={"Range": "bytes=100-"})
        assert await rest.read() == tone(2)[100:]
        for odd in ("bytes=99999999-", "bytes=" + "9" * 5000 + "-", "bytes=1-" + "9" * 5000):
            past = await http.get(address, headers={"Range": odd})
            assert past.status == 200


async def test_what_is_no_picture_is_only_saved_to_a_file() -> None:
    async with open_ward(internal=True) as ward, await ward.browser() as http:
        case = await with_a_picture(ward, b"<html><script>alert(1)</script></html>")
        page = await (await http.get(f"{ward.internal_url}/cases/{case.id}")).text()
        assert "save it to a file" in page
        answer = await http.get(f"{ward.internal_url}/cases/{case.id}/enclosures/{case.enclosures[0].what.id}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Type"] == UNKNOWN


async def test_another_cases_picture_is_not_found_there() -> None:
    async with open_ward(internal=True) as ward, await ward.browser() as http:
        case = await with_a_picture(ward, picture())
        await ward.phone("mum of Noa").texts("she is stiff")
        other = next(known for known in await ward.open_cases() if known.id != case.id)
        answer = await http.get(f"{ward.internal_url}/cases/{other.id}/enclosures/{case.enclosures[0].what.id}")
        assert answer.status == 404


async def test_the_page_link_shows_it_only_after_the_last_four_digits() -> None:
    async with open_ward() as ward, ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        case = await with_a_picture(ward, picture())
        page = case.page_of("ana")
        assert page is not None
        link = f"{ward.house.hospital.public_url}/p/{page.token}"
        address = f"{link}/enclosures/{case.enclosures[0].what.id}"
        assert (await http.get(address)).status == 404
        shown = await (await http.post(link, data={"act": "see", "digits": ward.phone("ana").number[-4:]})).text()
        assert address.removeprefix(ward.house.hospital.public_url) in shown
        answer = await http.get(address)
        assert answer.status == 200
        assert await answer.read() == picture()


async def test_a_picture_still_on_its_way_is_said_to_be() -> None:
    async with open_ward(internal=True) as ward, await ward.browser() as http:
        await ward.phone("mum of Leo").texts("look at his back", pictures=[picture()])
        case = await ward.only_case()
        page = await (await http.get(f"{ward.internal_url}/cases/{case.id}")).text()
        assert "being fetched from the carrier" in page
        answer = await http.get(f"{ward.internal_url}/cases/{case.id}/enclosures/{case.enclosures[0].what.id}")
        assert answer.status == 404
