"""The hospital's own pages: the board, a case with its story, a call taken by hand, and the live stream."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from oncall.core.case.case import Case, Status
from oncall.core.triage.assessment import Urgency
from tests.support.web_house import (
    DEVICE,
    MUM,
    SIBLINGS,
    STRANGER,
    BrokenBoard,
    FullDisk,
    WebHouse,
    bearer,
    shipped_handbook,
    web_house,
)

Client = TestClient[web.Request, web.Application]
STIFF = "she is so itchy and stiff, her pump is beeping two tones"
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7*7 }} \u202eevil\u2066 \x00 ' + "x" * 1600


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def look(client: Client, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        assert answer.status == status
        assert answer.content_type == "text/html"
        return unescape(await answer.text())


def plain(page: str) -> str:
    """The words of a page without its tags, in one line."""
    return re.sub(r" (?=[,:;])", "", " ".join(re.sub(r"<[^>]+>", " ", page).split()))


async def only_case(house: WebHouse) -> Case:
    [case] = await house.journal.open_cases()
    return case


# --- the board -----------------------------------------------------------------------------------------------------


async def test_the_board_shows_cases_people_and_holes(house: WebHouse) -> None:
    held = await house.taken(await house.text(SIBLINGS, "he is sleepy"))
    house.later(minutes=2)
    case = await house.text(MUM, STIFF)
    task = await house.text(STRANGER, "when is my appointment")
    words = plain(await look(await house.api(), "/"))
    assert f"▲ EMERGENCY #{case.code} T.R., 9 y waiting 0 s, since 03:06 ☎ nobody has taken it" in words
    assert "✓ HELD by Dr Park ✗ family NOT yet reached" in words
    assert "in 3 min 0 s: Dr Abud is paged as well" in words
    assert f"○ ROUTINE #{task.code}" in words
    assert words.index(f"#{case.code}") < words.index(f"#{held.code}") < words.index(f"#{task.code}")
    assert (
        "Pump team, primary Dr Park until 07:15 ✓ phone proven Sun 19:04 by a key or reply next: Dr Singh 07:00"
        in words
    )
    assert "Dr Abud until 08:00 ? phone not proven" in words
    assert "Holes in the next 14 days ✓ None." in words
    assert "Mon 23 Nov 03:06:10 EST" in words
    assert "If this screen is stuck: call the operator, +1 617-555-0100, and use the printed sheet." in words


async def test_an_empty_board_says_when_the_last_call_was(house: WebHouse) -> None:
    client = await house.api()
    words = plain(await look(client, "/"))
    assert "No open calls. There was none yet. Last proof that the line works: none is known." in words
    await house.closed(await house.taken(await house.text(MUM, STIFF)))
    assert "No open calls. Last call 03:04, closed 03:04 by Dr Park." in plain(await look(client, "/"))
    house.later(days=3)
    later = plain(await look(await house.api(), "/"))
    assert "No open calls. Last call Mon 03:04, closed Mon 03:04 by Dr Park." in later


async def test_the_ribbons_say_training_and_unsigned(house: WebHouse) -> None:
    page = plain(await look(await house.api(), "/"))
    assert "Not signed by a clinician: rules, clocks, wording, phrases, checklists." in page
    assert "TRAINING" not in page
    signed = await web_house(handbook=replace(shipped_handbook(), unsigned=()), training=True)
    page = plain(await look(await signed.api(), "/"))
    assert "Not signed" not in page
    assert "TRAINING" in page
    await signed.close()


async def test_the_live_part_is_the_board_without_its_frame(house: WebHouse) -> None:
    await house.text(MUM, STIFF)
    part = await look(await house.api(), "/?part=live")
    assert "<html" not in part
    assert "EMERGENCY" in part


async def test_the_board_changes_nothing(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    for path in ("/", "/cases/" + case.id, "/new-call"):
        await look(client, path)
        async with client.head(path) as answer:
            assert answer.status == 200
    for path in ("/", f"/cases/{case.id}"):
        async with client.post(path, data={"act": "2"}) as answer:
            assert answer.status == 405
    assert (await only_case(house)).version == case.version


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:1", 200),
        ("[::1]:1", 200),
        ("10.0.0.7", 200),
        ("evil.example", 421),
        ("", 421),
        ("127.0.0.1.evil", 421),
    ],
)
async def test_a_foreign_name_for_this_machine_gets_nothing(house: WebHouse, host: str, status: int) -> None:
    """A page elsewhere must not read the board through somebody's browser."""
    async with (await house.api()).get("/", headers={"Host": host}) as answer:
        assert answer.status == status


async def test_an_alarm_is_not_refused_for_the_name_it_used(house: WebHouse) -> None:
    headers = bearer(DEVICE) | {"Host": "pumpline.hospital.example"}
    async with (await house.api()).post("/v1/alarms", json={"tone": "two_tone"}, headers=headers) as answer:
        assert answer.status == 201


# --- one case ------------------------------------------------------------------------------------------------------


async def test_a_case_page_tells_the_story(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    for name in (case.id, case.code, case.code.lower()):
        words = plain(await look(client, f"/cases/{name}"))
        assert STIFF in words
        assert "page to Dr Park: pump-team/primary, nights, weekly turn, emergency, round 1, step 1" in words
        assert "W-two-signs: Two independent signs of too little drug are an emergency." in words
        assert "Dr Park was on pump-team/primary at that instant" in words
        assert "clock: step set" not in words


async def test_a_case_page_explains_its_assessment(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, "hes so itchy today")
    words = plain(await look(client, f"/cases/{case.id}"))
    assert "Heard itching: “itchy”" in words
    assert "Rules that fired W-itch: Itching may be an early sign" in words
    assert re.search("Would have raised it [^.]*hot or cold to the touch", words)
    assert f"edition {shipped_handbook().rulebook.edition[:8]}" in words


async def test_chips_choose_rows(house: WebHouse) -> None:
    client, case = await house.api(), await house.taken(await house.text(MUM, STIFF))
    people = plain(await look(client, f"/cases/{case.id}?show=people&part=live"))
    assert "Dr Park took the case (replied)" in people
    assert "page to Dr Park" not in people
    assert "clock: step set" in plain(await look(client, f"/cases/{case.id}?show=clocks"))
    assert 'aria-current="true">people' in await look(client, f"/cases/{case.id}?show=people")
    assert "Dr Park took" in plain(await look(client, f"/cases/{case.id}?show=%3Cscript%3E"))


async def test_no_page_holds_the_key_of_another(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    page = await look(await house.api(), f"/cases/{case.id}")
    assert not any(paged.token in page for paged in case.pages)
    assert MUM not in page


@pytest.mark.parametrize("name", ["nothing", "Z9", "%00", "..%2f..%2fetc", "a" * 4000, "<script>"])
async def test_no_such_case_is_a_plain_sentence(house: WebHouse, name: str) -> None:
    async with (await house.api()).get(f"/cases/{name}") as answer:
        assert answer.status == 404
        assert "<script>" not in await answer.text()


async def test_hostile_words_are_shown_harmlessly(house: WebHouse) -> None:
    """Script, markup, template marks, characters that turn text round, NUL, 1,600 letters."""
    client, case = await house.api(), await house.text(MUM, HOSTILE)
    for path in ("/", f"/cases/{case.id}", f"/cases/{case.id}?show=family"):
        async with client.get(path) as answer:
            page = await answer.text()
        body = page.partition("<body>")[2]
        assert "<script" not in body
        assert "<img" not in body
        assert not set("\u202e\u2066\x00") & set(page)
    assert "{{ 7*7 }}" in page


async def test_the_rules_failing_is_said_aloud(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    broken = replace(case, rules_failed=True, texts_blocked=True)
    house.journal._cases[case.id] = broken
    words = plain(await look(await house.api(), "/"))
    assert "The rules failed on this: read the family's own words." in words
    assert "Texts to this family are blocked; ask them to text START. Until then: voice only." in words


# --- a call taken by hand ------------------------------------------------------------------------------------------


async def post(client: Client, **typed: str) -> ClientResponse:
    return await client.post("/new-call", data=typed, allow_redirects=False)


async def test_a_call_taken_by_hand_pages_at_once(house: WebHouse) -> None:
    client = await house.api()
    form = await look(client, "/new-call")
    assert "call 911 now" in form
    assert form.count("<fieldset>") == 3
    answer = await post(
        client, words="hard to wake, grandmother calls", number="(617) 555-0142", waking_breathing="1", by="Nurse Kim"
    )
    case = await only_case(house)
    assert (answer.status, answer.headers["Location"]) == (303, f"/cases/{case.id}")
    assert case.key == "patient:tom"
    assert (case.pace, case.status) == (Urgency.EMERGENCY, Status.PAGING)
    report = await house.journal.report(case.reports[0].id)
    assert report is not None
    assert report.raw == "hard to wake, grandmother calls\n(taken down by Nurse Kim, entered by Maria Ortiz)"
    assert case.phone == MUM


async def test_answers_alone_and_a_number_alone_are_enough(house: WebHouse) -> None:
    client = await house.api()
    assert (await post(client, stiff_hot_itch="3")).status == 303
    assert (await only_case(house)).pages
    assert (await post(client, number="617 555 0177")).status == 303
    assert len(await house.journal.open_cases()) == 2


async def test_an_emergency_number_that_was_typed_stays_in_the_words_and_is_rung_by_nobody(house: WebHouse) -> None:
    assert (await post(await house.api(), words="stiff and itchy", number="+1 911")).status == 303
    case = await only_case(house)
    report = await house.journal.report(case.reports[0].id)
    assert report is not None
    assert "(number as taken down: +1 911)" in report.raw
    assert case.phone is None


async def test_an_empty_form_is_shown_again_with_what_was_typed(house: WebHouse) -> None:
    client = await house.api()
    answer = await post(client, words="  ", by="Nurse <Kim>")
    assert answer.status == 422
    page = await answer.text()
    assert "Write a word, answer a question or give a number" in page
    assert 'value="Nurse &lt;Kim&gt;"' in page
    assert await house.journal.open_cases() == []


@pytest.mark.parametrize("number", ["unknown", "12", "+", "call the school, ext 12", "٠١٢٣٤٥"])
async def test_a_number_we_cannot_ring_stays_in_the_words(house: WebHouse, number: str) -> None:
    assert (await post(await house.api(), words="itchy", number=number)).status == 303
    case = await only_case(house)
    report = await house.journal.report(case.reports[0].id)
    assert report is not None
    if case.phone is None:
        assert f"number as taken down: {number}" in report.raw


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"words=%00%ff%fe", 303),
        (b"words=\xff", 400),
        (b"waking_breathing=9", 422),
        (b"words=" + b"x" * 20_000, 303),
        (b"words=" + b"x" * 1_100_000, 413),
        (b"&" * 5000, 413),
        (b"\x00", 422),
    ],
    ids=["empty", "NUL", "not UTF-8", "no such answer", "long", "over 1 MiB", "many fields", "raw NUL"],
)
async def test_a_broken_form_has_a_clear_answer(house: WebHouse, body: bytes, status: int) -> None:
    client = await house.api()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with client.post("/new-call", data=io.BytesIO(body), headers=form, allow_redirects=False) as answer:
        assert answer.status == status
    cases = await house.journal.open_cases()
    assert len(cases) == (1 if status == 303 else 0)
    for case in cases:
        report = await house.journal.report(case.reports[0].id)
        assert report is not None
        assert "\x00" not in report.raw


async def test_a_form_with_a_file_in_it_is_no_word(house: WebHouse) -> None:
    client = await house.api()
    async with client.post("/new-call", data={"words": io.BytesIO(b"itchy")}, allow_redirects=False) as answer:
        assert answer.status == 422


async def test_when_the_store_refuses_the_nurse_is_told_whom_to_call() -> None:
    house = await web_house(journal_kind=FullDisk)
    answer = await post(await house.api(), words="itchy")
    assert answer.status == 503
    words = plain(await answer.text())
    assert "nobody of the pump team has been paged" in words
    assert "write it on paper" in words
    assert "call the hospital operator, +1 617-555-0100" in words
    await house.close()


async def test_our_own_fault_shows_no_insides() -> None:
    house = await web_house(journal_kind=BrokenBoard)
    async with (await house.api()).get("/") as answer:
        assert answer.status == 500
        assert "secret insides" not in await answer.text()
    await house.close()


# --- the stream ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def listening(client: Client) -> AsyncIterator[ClientResponse]:
    async with client.get("/events") as stream:
        assert stream.content_type == "text/event-stream"
        assert (await event(stream))[0] == "beat"
        yield stream


async def event(stream: ClientResponse) -> tuple[str, str]:
    async with asyncio.timeout(5):
        lines = [(await stream.content.readline()).decode().strip() for _ in range(3)]
    return lines[0].removeprefix("event: "), lines[1].removeprefix("data: ")


async def test_the_stream_says_that_something_changed_and_nothing_else(house: WebHouse) -> None:
    async with listening(await house.api()) as stream:
        await house.text(MUM, STIFF)
        kind, data = await event(stream)
    assert kind == "changed"
    assert data == '{"now": "2026-11-23T08:04:10.000+00:00", "letters": "EST"}'


async def test_the_stream_beats_when_nothing_happens() -> None:
    house = await web_house(beat=0.05)
    async with listening(await house.api()) as stream:
        assert (await event(stream))[0] == "beat"
    await house.close()


async def test_open_streams_do_not_hold_up_the_end_of_the_house(house: WebHouse) -> None:
    client = await house.api()
    async with listening(client) as stream, asyncio.timeout(3):
        await client.server.close()
        assert (await stream.content.read()).endswith(b"\n\n")
