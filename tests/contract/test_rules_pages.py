"""The rules page and its test bench: everything declared is shown, hostile input is harmless, nothing is changed."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.core.triage.chapters import Example
from oncall.service.ports.journal import Edition
from tests.support.web_house import MUM, NIGHT, WebHouse, shipped_files, shipped_handbook, web_house

Client = TestClient[web.Request, web.Application]
STIFF = "she is so itchy and stiff, her pump is beeping two tones"
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7*7 }} \u202eevil\u2066 \x00 itchy'
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def look(client: Client, path: str) -> str:
    async with client.get(path) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        return await answer.text()


async def send(client: Client, status: int = 200, part: bool = False, **typed: str) -> str:
    async with client.post(f"/rules/bench{'?part=result' if part else ''}", data=typed) as answer:
        assert answer.status == status
        return await answer.text()


def plain(page: str) -> str:
    """The words of a page without its tags, in one line."""
    return re.sub(r" (?=[,:;.])", "", " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split()))


async def written(house: WebHouse) -> tuple[Any, ...]:
    return (await house.journal.open_cases(), await house.journal.next_owed(), await house.journal.editions())


# --- the rules -----------------------------------------------------------------------------------------------------


async def whole(client: Client, name: str) -> str:
    """Every part of a chapter, one after the other."""
    pages = [await look(client, f"/rules/chapter/{name}")]
    while 'rel="next"' in pages[-1]:
        pages.append(await look(client, f"/rules/chapter/{name}?part={len(pages) + 1}"))
    return "".join(pages)


async def published(house: WebHouse) -> None:
    await house.journal.save_edition(Edition(shipped_handbook().edition, NIGHT, "Dr Lee"), shipped_files())


async def test_every_rule_question_limit_and_law_stands_in_a_chapter_that_the_first_page_names(house: WebHouse) -> None:
    client, book = await house.api(), shipped_handbook().rulebook
    index = await look(client, "/rules")
    assert plain(index).count("✓ holds") == 9
    assert "BROKEN" not in plain(index)
    assert "Not signed by a clinician: rules, clocks, wording, phrases, checklists." in plain(index)
    pages = {name: await whole(client, name) for name in re.findall(r'href="/rules/chapter/([\w-]+)"', index)}
    for chapter in book.chapters:
        assert all(f'id="rule-{rule}"' in pages[chapter.name] for rule in chapter.rules)
    assert all(question.code in pages["questions"] for question in book.questions)
    assert all(f'id="flag-{flag.id}"' in pages["red-flags"] for flag in book.red_flags)
    assert all(plain(flag.says) in plain(index) for flag in book.red_flags)
    words = plain(pages["withdrawal"])
    assert "IF itching with no rash → URGENT, leans to too little drug" in words
    assert "W-itch-no-rash · withdrawal.yaml · source: S5, S71b · signed: none yet" in words
    assert "temperature in °C 40 or more → temperature 40 C (104 F) or more" in plain(pages["findings"])
    assert "temperature in °C 40 or more → EMERGENCY" in plain(pages["red-flags"])
    assert "After 3 min, text and call together: Pump team, attending." in plain(pages["escalation"])


async def test_word_lists_and_texts_stand_there_as_they_were_published(house: WebHouse) -> None:
    client = await house.api("vera")
    assert "is not published yet: read rules/words-ht.yaml" in plain(await whole(client, "words-ht"))
    await published(house)
    for name in ("words-ht", "words-en", "advice", "alarms"):
        page, text = unescape(await whole(client, name)), shipped_files()[f"rules/{name}.yaml"]
        shown = {line.strip() for line in page.replace("</pre>", "\n").replace('dir="auto">', "\n").splitlines()}
        missing = [line for line in text.splitlines() if line.strip() not in shown and " ".join(line.split())]
        assert missing == [], name
    said = plain(await look(client, "/rules"))
    assert "rules/words-ht.yaml: signed by nobody yet. Source: list of families' words" in said


async def test_texts_to_families_and_first_steps_stand_there_with_source_and_who_signed_them(house: WebHouse) -> None:
    book, client = house.handbooks.current(), await house.api("vera")
    words = plain(await look(client, "/rules/chapter/phrases"))
    for phrase in book.at_hand.phrases:
        assert all(" ".join(text.split()) in words for text in phrase.texts.values())
        assert f"{phrase.code} · source: {phrase.source}" in words
    steps = plain(await look(client, "/rules/chapter/checklists"))
    for step in (step for one in book.at_hand.checklists for step in one.steps):
        assert f"{step.do} source: {'; '.join(step.sources)}" in steps
    await published(house)
    assert "rules/phrases.yaml: signed by nobody yet." in plain(await look(client, "/rules/chapter/phrases"))
    files = {**shipped_files()}
    files["rules/checklists.yaml"] = files["rules/checklists.yaml"].replace(
        "signed: none yet", "signed: {by: Dr Alvarez, on: 2026-10-02}"
    )
    house.handbooks.handbook = replace(book, edition="another")
    await house.journal.save_edition(Edition("another", NIGHT, "Dr Lee"), files)
    words = plain(await look(client, "/rules/chapter/checklists"))
    assert "rules/checklists.yaml: signed by Dr Alvarez, on: 2026-10-02." in words


async def test_the_most_urgent_rules_stand_first(house: WebHouse) -> None:
    page = await whole(await house.api(), "withdrawal")
    places = [page.index(f'<h2 id="{name}"') for name in ("emergency", "urgent")]
    assert places == sorted(places)
    assert page.index('id="rule-W-rigid"') < page.index('id="rule-W-itch"')


async def test_examples_are_counted_and_folded_away(house: WebHouse) -> None:
    page = await whole(await house.api(), "withdrawal")
    [chapter] = [one for one in shipped_handbook().rulebook.chapters if "W-itch-no-rash" in one.rules]
    told = [example.must_fire for example in chapter.examples_of("W-itch-no-rash")]
    count = f"{len(told)} examples: {told.count(True)} must fire, {told.count(False)} must not"
    assert f"<summary>{count}</summary>" in page
    assert "must fire, es: le pica todo sin ronchas" in plain(page)


async def test_a_link_to_a_rule_leads_to_the_part_of_its_chapter_where_it_stands(house: WebHouse) -> None:
    client = await house.api()
    for rule in ("F-office", *(chapter.rules[-1] for chapter in shipped_handbook().rulebook.chapters)):
        async with client.get(f"/rules/rule/{rule}", allow_redirects=False) as answer:
            assert answer.status == 303
            address, _, anchor = answer.headers["Location"].partition("#")
        assert anchor == f"rule-{rule}"
        assert f'id="{anchor}"' in await look(client, address)
    for path in ("/rules/rule/W-nothing", "/rules/chapter/nothing", "/rules/chapter/..%2Fquestions"):
        async with client.get(path) as answer:
            assert answer.status == 404, path
    for asked in ("part=0", "part=99", "part=x", "part=%C2%B2", "at=%3Cscript%3E", "at=rule-W-itch&part=7"):
        await look(client, f"/rules/chapter/withdrawal?{asked}")


async def test_the_edition_is_named_with_who_published_it(house: WebHouse) -> None:
    client, edition = await house.api(), shipped_handbook().edition
    assert "Published not yet: read from the files" in plain(await look(client, "/rules"))
    await house.journal.save_edition(Edition(edition, NIGHT, "Dr <Lee>"), {})
    words = plain(await look(client, "/rules"))
    assert f"Edition in force {edition}" in words
    assert f"as assessments name them {shipped_handbook().rulebook.edition}" in words
    assert "Published Mon 23 Nov 2026 03:04 by Dr <Lee>" in words


async def test_a_search_lists_every_place_that_holds_every_word_with_a_link_to_it(house: WebHouse) -> None:
    client = await house.api()
    await published(house)
    page = await look(client, "/rules?q=two-sign+evidence")
    assert '/rules/chapter/withdrawal?at=rule-W-two-signs#rule-W-two-signs"' in page
    assert "#rule-W-itch" not in page
    assert re.search(r"\d+ places? holds? “two-sign evidence”", plain(page))
    for words, place in (
        ("f-OFFICE", "office?at=rule-F-office"),
        ("shaking/tapping", "words-en?at=block-phrases.hard_to_wake"),
        ("rf-floppy", "red-flags?at=flag-RF-floppy"),
        ("every telephone rings again", "escalation?at=clocks-emergency"),
    ):
        page = await look(client, f"/rules?q={words.replace(' ', '+')}")
        [link] = [link for link in re.findall(r'href="(/rules/chapter/[^"]+)"', page) if place in link][:1]
        assert f'id="{link.partition("#")[2]}"' in await look(client, link.partition("#")[0]), words
    assert "No chapter holds all these words." in plain(await look(client, "/rules?q=zzzz"))
    assert "are listed; more words find fewer" in plain(await look(client, "/rules?q=a"))


@pytest.mark.parametrize(
    "searched", ["%3Cscript%3Ealert(1)%3C/script%3E", "%00%ff", "x" * 5000, "%22%20onfocus=alert(1)"]
)
async def test_a_hostile_search_is_harmless(house: WebHouse, searched: str) -> None:
    page = await look(await house.api(), f"/rules?q={searched}")
    assert "<script>alert" not in page
    assert '" onfocus=' not in page
    assert "\x00" not in page


async def test_the_pages_change_nothing(house: WebHouse) -> None:
    client, before = await house.api(), await written(house)
    await look(client, "/rules")
    await look(client, "/rules/bench")
    await send(client, words=STIFF)
    await send(client, door="alarm", tone="two_tone")
    async with client.post("/rules/examples") as answer:
        assert answer.status == 200
    assert await written(house) == before
    for path in ("/rules", "/rules/examples/none"):
        async with client.post(path, data={}) as answer:
            assert answer.status in (404, 405)


async def test_a_form_from_another_site_is_refused(house: WebHouse) -> None:
    client = await house.api()
    for path in ("/rules/bench", "/rules/examples"):
        async with client.post(path, data={}, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert answer.status == 403


async def test_the_pages_belong_to_the_hospital_alone(house: WebHouse) -> None:
    client = await house.phone()
    for path in ("/rules", "/rules/bench"):
        async with client.get(path) as answer:
            assert answer.status == 404


async def test_no_page_needs_anything_from_elsewhere(house: WebHouse) -> None:
    client = await house.api()
    for path in ("/rules", "/rules/chapter/withdrawal", "/rules/bench"):
        page = await look(client, path)
        assert not re.findall(r'(?:src|href|action)="(?!/|#)', page)
        assert not re.search(r"\son\w+=|style=|<style|javascript:", page)
        for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
            async with client.get(asset) as answer:
                assert answer.status == 200


# --- examples ------------------------------------------------------------------------------------------------------


async def test_all_examples_are_run_and_counted(house: WebHouse) -> None:
    count = sum(len(chapter.examples) for chapter in shipped_handbook().rulebook.chapters)
    client = await house.api()
    assert f"Run all {count} examples" in plain(await look(client, "/rules"))
    async with client.post("/rules/examples") as answer:
        assert f"All {count} examples hold." in plain(await answer.text())


async def test_a_red_example_is_listed_with_its_rule() -> None:
    book = shipped_handbook()
    red = Example("W-itch", True, "en", ("the <b>sky</b> is blue",))
    chapters = (replace(book.rulebook.chapters[0], examples=(red,)),)
    house = await web_house(handbook=replace(book, rulebook=replace(book.rulebook, chapters=chapters)))
    async with (await house.api()).post("/rules/examples?part=result") as answer:
        page = await answer.text()
    assert "<b>sky" not in page
    assert "<html" not in page
    assert "1 of 1 examples do not hold." in plain(page)
    assert "W-itch must fire and does not, en: the <b>sky</b> is blue" in plain(page)
    await house.close()


async def test_the_line_works_on_while_examples_run(house: WebHouse) -> None:
    client = await house.api()
    running = asyncio.ensure_future(client.post("/rules/examples"))
    await asyncio.sleep(0.05)
    case = await house.text(MUM, STIFF)
    assert case.pages
    assert not running.done()
    async with await running as answer:
        assert answer.status == 200


# --- the bench -----------------------------------------------------------------------------------------------------


async def test_a_text_is_explained_from_its_words_to_who_is_paged(house: WebHouse) -> None:
    page = await send(await house.api(), door="text", words=STIFF, at="2026-11-23T03:04")
    words = plain(page)
    assert "▲ EMERGENCY leans to too little drug, then the pump or catheter" in words
    assert "<mark>itchy<sup>1</sup></mark>" in page
    assert "itching present" in words
    assert "Two independent signs of too little drug are an emergency." in words
    assert "W-two-signs · source: evidence 7" in words
    assert "Nothing: it is as high as it goes." in words
    assert "03:04 Dr Park pump-team/primary text 03:04, call 03:04" in words
    assert "03:07 Dr Abud pump-team/attending" in words
    assert "03:16 the next round begins" in words
    assert "who should call by 3:14 AM" in words
    assert "El médico debe llamar antes de las 3:14 AM" in words
    assert re.search(r"English: \d+ characters, GSM-7, 1 segment, reading grade \d", words)
    assert re.search(r"Spanish: \d+ characters, UCS-2, 2 segments", words)
    assert "Is it hard to wake them" in words
    assert shipped_handbook().rulebook.edition in words
    assert "Nothing was stored and nobody was paged." in words


async def test_the_part_is_the_result_without_its_frame(house: WebHouse) -> None:
    page = await send(await house.api(), part=True, words=STIFF)
    assert "<html" not in page
    assert 'id="outcome"' in page


async def test_now_is_the_houses_clock(house: WebHouse) -> None:
    client = await house.api()
    assert "At Mon 23 Nov 2026 03:04 EST" in plain(await send(client, words="itchy"))
    assert "At Wed 25 Nov 2026 10:00 EST" in plain(await send(client, words="itchy", at="2026-11-25T10:00"))


@pytest.mark.parametrize(("at", "shown"), [("2026-11-01T01:30", "01:30 EDT"), ("2026-03-08T02:30", "03:00 EDT")])
async def test_a_doubled_or_skipped_hour_is_an_instant_too(house: WebHouse, at: str, shown: str) -> None:
    assert shown in plain(await send(await house.api(), words="itchy", at=at))


async def test_answers_by_buttons_and_a_keyed_temperature(house: WebHouse) -> None:
    words = plain(await send(await house.api(), door="answers", answer_itch="1", temperature="1012"))
    assert "itching with no rash present" in words
    assert "fever present" in words
    assert "from: itch: 1" in words


async def test_an_alarm_of_one_pump_with_its_record(house: WebHouse) -> None:
    page = await send(
        await house.api(),
        door="alarm",
        alarm_reason="motor_stall",
        pump_model="synchromed",
        caller_note="he is floppy",
        hours_since_mri="2",
        diagnosis="spinal cord injury",
    )
    words = plain(page)
    assert "motor stall present from: stall outcome: not recovered" in words
    assert "floppy present from: floppy" in words
    assert "MRI within a day" in words
    assert "spinal cord injury present" in words
    assert "Nothing: no family is on the line, an alarm comes from the pump." in words
    assert 'value="motor_stall" selected' in page


async def test_an_empty_bench_is_tried_too(house: WebHouse) -> None:
    """Nothing is what families send as well (law 1)."""
    client = await house.api()
    for door in ("text", "answers", "alarm", ""):
        assert "URGENT" in plain(await send(client, door=door))


@pytest.mark.parametrize("part", [False, True])
async def test_hostile_words_are_shown_harmlessly(house: WebHouse, part: bool) -> None:
    client = await house.api()
    for typed in ({"words": HOSTILE}, {"door": "alarm", "caller_note": HOSTILE}, {"diagnosis": HOSTILE[:150]}):
        page = await send(client, part=part, **typed)
        body = page.partition("<body>")[2] or page
        assert "<script" not in body
        assert "<img" not in body
        assert not set("\u202e\u2066\x00") & set(page)
    page = await send(client, part=part, words=HOSTILE)
    assert "<mark>itchy<sup>" in page
    assert "{{ 7*7 }}" in page


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"words": "x" * 4001}, "These are 4001 letters; the bench takes 4000."),
        ({"words": "itchy\n\n" * 21}, "These are more than 20 messages."),
        ({"door": "pigeon"}, "Choose what comes in"),
        ({"at": "yesterday"}, "The time must read like 2026-11-25T03:00"),
        ({"at": "2026-11-25T03:00+00:00"}, "The time must read like"),
        ({"at": "9999-12-31T23:59"}, "The time must read like"),
        ({"at": "0001-01-01T00:00"}, "The time must read like"),
        ({"days_since_refill": "many"}, "Days since the last refill: write a number"),
        ({"days_since_refill": "1e999"}, "Days since the last refill: write a number"),
        ({"hours_since_mri": "nan"}, "Hours since an MRI: write a number"),
        ({"days_since_surgery": "1e9"}, "Days since surgery: write a number"),
        ({"pump_model": "<script>"}, "Pump model: choose one of the list."),
        ({"door": "alarm", "tone": "loud"}, "Tone: choose one of the list."),
        ({"answer_itch": "9"}, "Itch: choose one of its keys."),
        ({"temperature": "hot"}, "The temperature is keyed in digits alone"),
        ({"temperature": "123456"}, "The temperature is keyed in digits alone"),
        ({"diagnosis": "x" * 201}, "The diagnosis is longer than 200 letters."),
        ({"door": "alarm", "caller_note": "x" * 4001}, "The caller's note is longer than 4000 letters."),
    ],
)
async def test_a_wrong_field_is_named_and_what_was_typed_stays(
    house: WebHouse, typed: dict[str, str], fault: str
) -> None:
    page = await send(await house.api(), status=422, **{"words": "she is itchy", **typed})
    assert fault in plain(page)
    assert "This could not be tried" in page
    assert "<script>" not in page
    assert typed.get("words", "she is itchy")[:12] in page


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"words=%00%ff%fe", 200),
        (b"words=\xff", 400),
        (b"words=" + b"x" * 1_100_000, 413),
        (b"&" * 5000, 413),
    ],
    ids=["empty", "NUL", "not UTF-8", "over 1 MiB", "many fields"],
)
async def test_a_broken_form_has_a_clear_answer(house: WebHouse, body: bytes, status: int) -> None:
    client = await house.api()
    async with client.post("/rules/bench", data=io.BytesIO(body), headers=FORM) as answer:
        assert answer.status == status
        assert "Traceback" not in await answer.text()


async def test_the_longest_text_is_answered(house: WebHouse) -> None:
    words = "itchy and stiff and hot, " * 159
    page = await send(await house.api(), words=words[:4000])
    assert "EMERGENCY" in page
