"""A case taken out of the house: whole with its chain, or with nothing that says of whom; its page and picture."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from oncall.adapters.web.cases.record_pages import on_paper
from oncall.core.case import commands as c
from oncall.core.case.case import Case, FollowUp
from oncall.service.cases.story import StoryRow
from oncall.service.ports.journal import Edition
from tests.support.web_house import MUM, NIGHT, WebHouse, web_house

SAID = '=HYPERLINK("x") T Reyes is so itchy and stiff, ring 617 555 0142'
SECRETS = ("Reyes", "T.R.", "0142", "555", "Park", "cho", "HYPERLINK", "rang the ward", "school", "2026", "itchy and")


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def closed_case(house: WebHouse) -> Case:
    case = await house.taken(await house.text(MUM, SAID))
    await house.desk.take(c.AddNote(case.id, "cho", "rang the ward of T Reyes"))
    await house.reached(case)
    task = FollowUp("ring the school of T Reyes", datetime(2026, 11, 25, 17, tzinfo=UTC), "maria")
    return (await house.desk.take(c.Resolve(case.id, "cho", "phone advice", "calm", "catheter", task))).case


async def taken_out(house: WebHouse, case: Case, kind: str, query: str = "", who: str = "cho") -> bytes:
    client = await house.api(who)
    async with client.get(f"/cases/{case.code}/record.{kind}{query}") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        return await answer.read()


async def test_the_table_has_a_row_for_each_entry_with_the_hash_of_the_chain(house: WebHouse) -> None:
    case = await closed_case(house)
    rows = list(csv.DictReader(io.StringIO((await taken_out(house, case, "csv")).decode())))
    assert [int(row["seq"]) for row in rows] == list(range(1, case.version + 1))
    assert [row["hash"] for row in rows] == await house.journal.chain(case.id)
    report = next(row for row in rows if row["kind"] == "ReportAdded")
    assert report["words"].startswith("'=HYPERLINK"), "no spreadsheet runs what a family wrote"
    assert (report["local"], report["offset"], report["since_start"]) == ("2026-11-23 03:04:10", "UTC-0500", "0:00:00")
    note = next(row for row in rows if row["kind"] == "NoteAdded")
    assert (note["actor"], note["words"]) == ("Dr Park", "rang the ward of T Reyes")


async def test_json_says_the_same_and_names_the_chains_head(house: WebHouse) -> None:
    case = await closed_case(house)
    told = json.loads(await taken_out(house, case, "json"))
    assert told["chain_head"] == (await house.journal.chain(case.id))[-1]
    assert len(told["entries"]) == case.version
    assert told["entries"][-1]["rules"] == ""
    assert any("W-" in entry["rules"] for entry in told["entries"])


@pytest.mark.parametrize("kind", ["csv", "json", "txt"])
async def test_without_names_nothing_says_of_whom(house: WebHouse, kind: str) -> None:
    case = await closed_case(house)
    told = (await taken_out(house, case, kind, "?names=out")).decode()
    assert [secret for secret in SECRETS if secret in told] == []
    assert "clinician A" in told
    assert "phone advice; catheter" in told
    assert case.id not in told
    assert not any(hash_ in told for hash_ in await house.journal.chain(case.id)), "a hash could be tried out"


async def test_the_text_is_the_note_and_the_whole_timeline(house: WebHouse) -> None:
    case = await closed_case(house)
    told = (await taken_out(house, case, "txt")).decode()
    for words in ("S: ", "B: pump ", "A: leans to ", "R: told to the family", "rang the ward", "cause: catheter",
                  "follow-up for Maria Ortiz", "Closed Mon 23 Nov", "What happened", "why: Dr Park was"):  # fmt: skip
        assert words in told, words


def test_a_long_night_on_paper_keeps_its_beginning_and_its_end() -> None:
    lines = [StoryRow(n, NIGHT, "people", f"row {n}") for n in range(200)]
    rows = on_paper([*lines, StoryRow(200, NIGHT, "pages", "call to Dr Park, 9th time")], "America/New_York")
    told = [what for _, what, _ in rows]
    assert (told[0], told[-1]) == ("row 0", "row 199")
    assert any("136 rows between" in what for what in told)


@pytest.mark.parametrize("query", ["", "?names=out"])
async def test_the_paper_has_two_pages_at_most(house: WebHouse, query: str) -> None:
    case = await closed_case(house)
    for n in range(60):
        await house.desk.take(c.AddNote(case.id, "cho", f"late note {n}"))
    made = await taken_out(house, case, "pdf", query)
    assert made.startswith(b"%PDF")
    assert made.count(b"/Type /Page\n") == 2


async def test_taking_a_case_out_is_kept_in_the_list_of_looks(house: WebHouse) -> None:
    case = await closed_case(house)
    await taken_out(house, case, "csv", who="maria")
    [look] = await house.sign_in.accounts.views(5)
    assert (look.who, look.address, look.subject) == ("maria", "/cases/{case}/record.csv", case.id)


async def test_the_picture_is_an_svg_that_runs_nothing_and_the_page_says_it_in_words(house: WebHouse) -> None:
    case = await closed_case(house)
    client = await house.api("vera")
    async with client.get(f"/cases/{case.id}/picture.svg") as answer:
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
        told = await answer.text()
    ET.fromstring(told)
    assert "style=" not in told
    assert "script" not in told
    async with client.get(f"/cases/{case.id}") as answer:
        page = await answer.text()
    assert "The picture in words" in page
    assert "took the case (replied)" in page


async def test_the_page_says_what_is_unknown_which_rule_decided_and_why_each_person_was_paged(house: WebHouse) -> None:
    case = await house.text(MUM, SAID)
    async with (await house.api("vera")).get(f"/cases/{case.id}") as answer:
        page = await answer.text()
    for words in ("last refill, next refill booked", "Why this urgency", "tier and layer: pump-team/primary",
                  "shift or one-off change: ", "why now: emergency, round 1, step 1", "rota of edition: ",
                  "First steps: Too little drug suspected", "Not signed by a clinician yet"):  # fmt: skip
        assert words in page, words
    assert "acts/take" not in page, "a viewer has no buttons"
    assert "record.pdf" not in page


async def test_beside_the_rule_stands_who_published_it_and_whether_a_clinician_has_signed(house: WebHouse) -> None:
    await house.publish_first()
    client = await house.api("vera")
    case = await house.text(MUM, SAID)

    async def said() -> str:
        async with client.get(f"/cases/{case.id}") as answer:
            return (await answer.text()).partition('id="sbar"')[2].partition("</dl>")[0]

    assert "published 23 Nov 2026 by first start; <b>not signed by a clinician yet</b>" in await said()
    house.later(minutes=1)
    later = Edition("later", house.clock.now(), "ana", "cho")
    await house.journal.save_edition(later, {})
    assert "by first start" in await said(), "the one that decided, not the newest"
    book = house.handbooks.current()
    signed = tuple(replace(chapter, signed="Dr Alvarez, 2026-10-02") for chapter in book.rulebook.chapters)
    house.handbooks.handbook = replace(book, rulebook=replace(book.rulebook, chapters=signed))
    assert "signed by Dr Alvarez, 2026-10-02" in await said()
    case = await house.text(MUM, "cannot wake her")
    assert "by Dr Lee with Dr Park" in await said()
    house.handbooks.handbook = replace(book, rulebook=replace(book.rulebook, edition="other"))
    assert "in force no more" in await said()


async def test_the_page_of_a_night_with_hundreds_of_notes_stays_small(house: WebHouse) -> None:
    case = await house.taken(await house.text(MUM, SAID))
    for n in range(300):
        await house.desk.take(c.AddNote(case.id, "cho", f"note number {n} with some words in it"))
    client = await house.api("cho")
    async with client.get(f"/cases/{case.id}") as answer:
        page = await answer.text()
    assert len(page.encode()) < 100_000
    assert "earlier rows</a>" in page
    async with client.get(f"/cases/{case.id}?rows=every") as answer:
        assert "note number 0 " in await answer.text()
