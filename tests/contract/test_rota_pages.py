"""The rota's pages: what they show is what a page would reach; hostile input is harmless, numbers stay hidden."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from click.testing import CliRunner

from oncall.adapters.web.rendering import environment
from oncall.adapters.web.rota.drawing import bands_of
from oncall.adapters.web.rota.pages import in_words
from oncall.adapters.web.rota.query import asked_in
from oncall.cli.main import main
from oncall.core.as_json import to_json
from oncall.core.handbook import Handbook
from oncall.core.rota.on_call import Change, Rota, cover, leave, on_call_at, with_changes
from oncall.core.wall_time import first_pass
from oncall.service.ports.journal import Edition
from oncall.service.rota.calendars import WatchedFeed, old_feeds
from oncall.service.rota.picture import Look, picture_of
from tests.support.web_house import ACTING as TOKEN
from tests.support.web_house import NIGHT, WebHouse, bearer, shipped_handbook, web_house

Client = TestClient[web.Request, web.Application]
ZONE = "America/New_York"
HOSTILE = '"><script>alert(1)</script>'


def at(text: str) -> datetime:
    return first_pass(datetime.fromisoformat(text), ZONE)


CHANGES: Sequence[Change] = (
    leave("L7", "ben", at("2026-12-01 07:00"), at("2026-12-03 19:00"), "conference"),
    cover("C7", "pump-team/primary", "dia", at("2026-12-02 07:00"), at("2026-12-02 19:00"), f"for Ben {HOSTILE}"),
)


def changed(*changes: Change) -> Handbook:
    return replace(shipped_handbook(), rota=with_changes(shipped_handbook().rota, changes))


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house(handbook=changed(*CHANGES))
    yield made
    await made.close()


async def look(client: Client, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        assert (answer.status, answer.content_type) == (status, "text/html"), path
        return await answer.text()


def plain(page: str) -> str:
    return re.sub(r" (?=[,:;.])", "", " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split()))


def part(page: str, start: str, end: str) -> str:
    return plain(page[page.index(start) : page.index(end, page.index(start))])


# --- the picture and the list --------------------------------------------------------------------------------------


async def test_every_block_of_the_picture_leads_to_its_place_in_the_list(house: WebHouse) -> None:
    page = await look(await house.api(), "/rota")
    strip = page[page.index('id="strip"') : page.index('id="panel"')]
    targets, places = set(re.findall(r'href="#([\w-]+)"', strip)), set(re.findall(r'<p id="([\w-]+)"', page))
    assert len(places) > 130
    assert targets == places


async def test_the_list_says_span_reason_and_whom_a_cover_replaces(house: WebHouse) -> None:
    words = plain(await look(await house.api(), "/rota"))
    assert "Dr Osei Pump team, primary Wed 2 Dec 07:00 to 19:00 ⇄ cover C7 12 h. Why: cover C7: for Ben" in words
    assert "Without it: Dr Park." in words
    assert "✗ NOBODY Pump team, primary Tue 1 Dec 19:00 to Wed 2 Dec 07:00" in words
    assert "Dr Singh is on leave (L7)." in words
    assert "On leave Dr Singh Tue 1 Dec 07:00 to Thu 3 Dec 19:00 L7: conference" in words
    assert "<script>alert" not in await look(await house.api(), "/rota")


async def test_a_person_is_shown_alone_in_the_list_and_marked_in_the_picture(house: WebHouse) -> None:
    page = await look(await house.api(), "/rota?person=dia")
    listed = part(page, '<ol class="days">', "</ol>")
    assert "Dr Osei" in listed
    assert "Dr Lee" not in re.sub(r"with [^.]*\.", "", listed)
    assert 'class="cover off mine"' in page
    assert {"Dr Osei"} == {
        name.strip("…⇄★ ") for name in re.findall(r"<a href=[^>]*><svg[^>]*><rect[^>]*><text>([^<]+)", page)
    }
    assert "Holes in the next 60 days ✗ Pump team, primary" in plain(page)


async def test_only_the_layers_asked_for_are_drawn(house: WebHouse) -> None:
    page = await look(await house.api(), "/rota?layer=pump-team/attending&layer=nonsense")
    assert set(re.findall(r'role="group" aria-label="(?!Week)([^"]+)"', page)) == {"Pump team, attending"}


@pytest.mark.parametrize("zoom", ["2w", "6w", "month", "12m", "nonsense"])
async def test_every_zoom_leads_to_the_span_before_and_after(house: WebHouse, zoom: str) -> None:
    client = await house.api()
    page = await look(client, f"/rota?zoom={zoom}")
    for name in ("earlier", "later"):
        [address] = re.findall(rf'id="{name}" href="([^"#]*)', page)
        await look(client, f"/rota{unescape(address)}")


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-13-45",
        "from=0001-01-01",
        "from=9999-12-31",
        f"from={HOSTILE}",
        f"person={HOSTILE}",
        "layer=",
        "zoom=",
    ],
)
async def test_what_cannot_be_read_shows_this_week(house: WebHouse, query: str) -> None:
    client = await house.api()
    async with client.get("/rota", params=[tuple(query.split("=", 1))]) as answer:  # type: ignore[list-item]
        page = await answer.text()
    assert answer.status == 200
    assert "Mon 23 Nov 2026 to Sun 3 Jan 2027" in page
    assert "<script>alert" not in page


async def test_the_night_of_the_clock_change_is_labelled(house: WebHouse) -> None:
    words = plain(await look(await house.api(), "/rota?zoom=2w&from=2026-10-26"))
    assert "Sun 1 Nov a day of 25 h" in words
    assert "13 h 15 min: the clock goes back 1 h." in words


async def test_a_month_and_a_year_say_what_the_strip_shows(house: WebHouse) -> None:
    client = await house.api()
    month = plain(await look(client, "/rota?zoom=month&from=2026-12-05"))
    assert "Pump team, primary until 07:00 Dr Singh, 07:00 Dr Park, 19:00 ✗ NOBODY" in month
    assert "All month: Neurocritical Dr Moreau; Neurosurgery Dr Okafor; Operator Hospital operator." in month
    year = plain(await look(client, "/rota?zoom=12m"))
    assert "Dec 2026 ✗ 2 holes, 24 h ⇄ 1 change" in year


async def test_a_rota_without_rotations_says_so(house: WebHouse) -> None:
    house.handbooks.handbook = replace(shipped_handbook(), rota=replace(shipped_handbook().rota, rotations={}))
    client = await house.api()
    assert "There is no rota yet. Nobody is on call" in plain(await look(client, "/rota"))
    for zoom in ("2w", "month", "12m"):
        await look(client, f"/rota?zoom={zoom}")


async def test_before_and_after_stand_in_one_picture() -> None:
    before = shipped_handbook().rota
    after = with_changes(before, CHANGES[1:])
    picture = picture_of(before, Look(date(2026, 11, 30), date(2026, 12, 7)), NIGHT, draft=after)
    drawn = _strip(before, picture)
    assert 'aria-label="Pump team, primary, draft"' in drawn
    assert 'class="cover off changed"' in drawn
    assert drawn.count("changed") == 1


def _strip(rota: Rota, picture: Any) -> str:
    query: Any = type("Query", (dict,), {"getall": lambda self, name, other: other})()
    return environment.get_template("rota_strip.html").render(
        bands=bands_of(picture),
        asked=asked_in(query, rota, NIGHT),
        now=NIGHT,
        edition="e" * 64,
        local=lambda at, shape: f"{at:{shape}}",
        **in_words(rota.zone),
    )


# --- who is on at --------------------------------------------------------------------------------------------------


async def test_who_is_on_at_agrees_with_the_api_and_the_command(house: WebHouse) -> None:
    client = await house.api()
    when = "2026-11-28T03:00"
    words = part(await look(client, f"/rota?at={when}"), 'id="who"', "</section>")
    assert "On Sat 28 Nov 03:00 2026" in words
    async with client.get("/v1/on-call", params={"at": f"{when}-05:00"}, headers=bearer(TOKEN)) as answer:
        rows = (await answer.json())["rows"]
    directory = await house.register.directory()
    for row in rows:
        if row["person"]:
            assert directory.clinicians[row["person"]].name in words
    told = CliRunner().invoke(main, ["who", "--at", when])
    assert told.exit_code == 0
    assert all(row["name"] in told.output for row in rows if row["name"])


async def test_the_answer_says_until_when_why_and_who_comes_next(house: WebHouse) -> None:
    words = part(await look(await house.api(), "/rota?at=2026-12-02T12:00"), 'id="who"', "</section>")
    assert "Pump team, primary Dr Osei until Wed 2 Dec 19:00 cover C7: for Ben" in words
    assert "next: Dr Park, Thu 3 Dec 07:00" in words


async def test_a_hole_is_answered_with_nobody(house: WebHouse) -> None:
    words = part(await look(await house.api(), "/rota?at=2026-12-02T03:00"), 'id="who"', "</section>")
    assert "Pump team, primary ✗ NOBODY: the next tier is paged at once" in words


@pytest.mark.parametrize(
    ("when", "sentence", "choices"),
    [
        ("2026-11-01T01:30", "shows Sun 1 Nov 01:30 twice", ["2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00"]),
        ("2027-03-14T02:30", "skips Sun 14 Mar 02:30", ["2027-03-14T01:30-05:00", "2027-03-14T03:30-04:00"]),
    ],
)
async def test_a_doubtful_time_is_refused_with_both_choices(
    house: WebHouse, when: str, sentence: str, choices: list[str]
) -> None:
    client = await house.api()
    page = await look(client, f"/rota?at={when}")
    assert sentence in plain(page)
    assert re.findall(r'<button name="at" value="([^"]+)"', page) == choices
    assert "<dl" not in page[page.index('id="who"') : page.index("</section>", page.index('id="who"'))]
    for choice in choices:
        async with client.get("/rota", params={"at": choice}) as answer:
            words = plain(await answer.text())
        [shift] = on_call_at(
            shipped_handbook().rota.rotations["pump-team"], "attending", datetime.fromisoformat(choice)
        )
        assert f"Pump team, attending {(await house.register.directory()).clinicians[shift.person].name}" in words
    told = CliRunner().invoke(main, ["who", "--at", when])
    assert told.exit_code == 2
    assert all(choice in told.output for choice in choices)


@pytest.mark.parametrize("when", [HOSTILE, "soon", "1999-12-31T23:59", "9999-01-01T00:00", "2026-11-25", "\x00"])
async def test_what_is_no_time_is_refused_and_shown_harmlessly(house: WebHouse, when: str) -> None:
    async with (await house.api()).get("/rota", params={"at": when}) as answer:
        page = await answer.text()
    assert answer.status == 200
    assert "<script>alert" not in page
    assert ('role="alert"' in page) is (when != "2026-11-25")


# --- holes ---------------------------------------------------------------------------------------------------------


async def test_holes_of_sixty_days_are_listed_exactly(house: WebHouse) -> None:
    words = plain(await look(await house.api(), "/rota"))
    assert "Pump team, primary: nobody Tue 1 Dec 19:00 to Wed 2 Dec 07:00 (12 h)" in words
    house.handbooks.handbook = shipped_handbook()
    assert "✓ None: somebody is on, on every tier" in plain(await look(await house.api(), "/rota"))


async def test_a_pattern_that_runs_out_is_warned_of(house: WebHouse) -> None:
    rota = shipped_handbook().rota
    team = rota.rotations["pump-team"]
    ends = at("2027-06-30 07:00")
    layers = tuple(
        replace(layer, patterns=tuple(replace(p, ends_at=min(p.ends_at, ends)) for p in layer.patterns))
        for layer in team.layers
    )
    ended = replace(rota, rotations={**rota.rotations, "pump-team": replace(team, layers=layers)})
    house.handbooks.handbook = replace(shipped_handbook(), rota=ended)
    words = plain(await look(await house.api(), "/rota"))
    assert "⚠ Pump team, primary: the pattern runs out on Wed 30 Jun 07:00 2027." in words


# --- history -------------------------------------------------------------------------------------------------------


async def test_history_shows_who_when_why_and_the_stored_difference(house: WebHouse) -> None:
    difference = to_json({"files": [{"name": "rotations/overrides.yaml", "what": "changed", "lines_added": 3,
                                     "lines_removed": 1}], "changes": [], "note": ""})  # fmt: skip
    first = Edition("a" * 64, NIGHT - timedelta(days=2), "first start")
    second = Edition("b" * 64, NIGHT, f"Maria {HOSTILE}", "Ana Lee", "Ben is ill", difference)
    for edition in (first, second, Edition("c" * 64, NIGHT, "Maria", difference="no json")):
        await house.journal.save_edition(edition, {"rotations/overrides.yaml": edition.name})
    page = await look(await house.api(), "/rota/history")
    words = plain(page)
    assert "2. Mon 23 Nov 2026 03:04 by Maria" in words
    assert "with Ana Lee" in words
    assert "Why: Ben is ill" in words
    assert "What changed: 1 line changed: rotations/overrides.yaml (+3 −1 lines)" in words
    assert words.count("No difference was stored with it.") == 2
    assert "<script>alert" not in page


async def test_history_without_editions_says_so(house: WebHouse) -> None:
    assert "Nothing has been published yet." in plain(await look(await house.api(), "/rota/history"))


# --- paper ---------------------------------------------------------------------------------------------------------


async def test_numbers_are_hidden_until_somebody_asks_for_them(house: WebHouse) -> None:
    client = await house.api()
    assert "617-555-0183" not in await look(client, "/rota/print/operator")
    assert "+1 617-555-0183" in await look(client, "/rota/print/operator?numbers=shown")


async def test_the_operators_sheet_says_when_it_was_printed_and_until_when_it_holds(house: WebHouse) -> None:
    words = plain(await look(await house.api(), "/rota/print/operator"))
    assert "Valid until Mon 23 Nov 07:00; then print it anew." in words
    assert "Printed Mon 23 Nov 03:04 2026 EST" in words
    assert "Pump team, primary Dr Park Mon 23 Nov 07:15" in words
    assert "Operator: +1 617-555-0100" in words


async def test_the_operators_sheet_shouts_a_hole(house: WebHouse) -> None:
    house.clock.step(at("2026-12-02 03:00") - NIGHT)
    assert "✗ NOBODY: call the next tier" in plain(await look(await house.api(), "/rota/print/operator"))


async def test_a_wallet_card_has_the_keys_and_the_next_shifts(house: WebHouse) -> None:
    client = await house.api()
    words = plain(await look(client, "/rota/print/card/dia"))
    assert "Line +1 617-555-0101" in words
    assert "1 take and connect" in words
    assert "Wed 2 Dec 07:00 to 19:00 Pump team, primary" in words
    async with client.get("/rota/print/card/nobody") as answer:
        assert answer.status == 404


async def test_a_printed_month_has_every_day(house: WebHouse) -> None:
    page = await look(await house.api(), "/rota/print/month?from=2027-02-10")
    assert re.findall(r'<p class="date">(\d+)', page) == [str(day) for day in range(1, 29)]


async def test_a_watched_calendar_without_a_good_copy_stands_on_the_rota_page(house: WebHouse) -> None:
    now = house.clock.now()
    for name, good_at in (("central", None), ("clinic", now - timedelta(hours=25)), ("fresh", now)):
        await house.register.keep_watched_feed(WatchedFeed(name, now, good_at, fault="It answered 503."))
    names = ("central", "clinic", "fresh", "not-looked-at-yet")
    house.given = replace(house.given, old_feeds=lambda: old_feeds(house.register, names, now))
    page = plain(await look(await house.api("vera"), "/rota"))
    assert "The watched calendar central has had no good copy yet. It answered 503." in page
    assert "The watched calendar clinic has had no good copy since Sun 22 Nov 02:04." in page
    assert "calendar fresh" not in page
    assert "not-looked-at-yet" not in page
