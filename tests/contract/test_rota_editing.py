"""The rota changed on its pages: every form, what is wrong beside its field, preview, publishing, undo, restoring."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.adapters.handbook.rota_scribe import Scribe, applied
from oncall.adapters.web.rota.forms import FORMS, MISSING
from oncall.core.notices import answered
from oncall.core.rota.edits import AddBeside, AddCover, AddLeave, NewPattern, PatternWords
from oncall.core.rota.on_call import on_call_at
from oncall.service.ports.journal import Edition
from oncall.service.rota.desk import PublishRefused
from oncall.service.rota.preview import Preview
from tests.contract.test_rota_pages import at, look, plain
from tests.support.web_house import WebHouse, shipped_files, shipped_handbook, web_house

Client = TestClient[web.Request, web.Application]
TIER = "pump-team/primary"
NIGHT = {"starts": "2026-12-02T19:00", "until": "2026-12-03T07:00"}
COVER = {"tier": TIER, "by": "dia", **NIGHT, "note": "a course"}


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    await made.publish_first()
    yield made
    await made.close()


@pytest.fixture
async def maria(house: WebHouse) -> Client:
    return await house.api()


async def send(client: Client, path: str, status: int = 303, **fields: str) -> str:
    """A form's answer: where it leads, or the page that came back."""
    async with client.post(path, data=fields, allow_redirects=False) as answer:
        assert answer.status == status, plain(await answer.text())[:1800]
        return answer.headers["Location"] if status == 303 else await answer.text()


async def published(client: Client, now: str = "", **more: str) -> str:
    """The preview's own form, sent as it stands."""
    page = await look(client, f"/rota/preview{'?now=1' if now else ''}")
    fields = {"seen": seen(page), **({"now": "1"} if now else {}), **more}
    if confirm := re.search(r'name="confirm" value="([^"]*)"', page):
        fields = {"confirm": unescape(confirm[1]), **fields}
    return await send(client, "/rota/publish", **fields)


def seen(page: str) -> str:
    return re.search(r'name="seen" value="([^"]*)"', page)[1]  # type: ignore[index]


def who(house: WebHouse, text: str, tier: str = TIER) -> list[str]:
    rotation, _, layer = tier.partition("/")
    found = on_call_at(house.handbooks.current().rota.rotations[rotation], layer, at(text))
    return [shift.person for shift in found]


async def drafted(house: WebHouse, author: str = "maria") -> list[Any]:
    return [one.edit for one in (await house.given.rota_desk.draft(author)).edits]


# --- cover, from the block to published ------------------------------------------------------------------------------


async def test_a_cover_goes_from_its_block_through_the_preview_into_force(house: WebHouse, maria: Client) -> None:
    page = await look(maria, "/rota")
    [address] = re.findall(r'href="(/rota/edit/cover\?tier=pump-team%2Fprimary&amp;at=2026-12-02T19%3A00)"', page)
    form = await look(maria, unescape(address))
    assert 'name="starts" type="datetime-local" value="2026-12-02T19:00"' in form
    assert 'name="until" type="datetime-local" value="2026-12-03T07:00"' in form
    assert "Wed 2 Dec 19:00 to Thu 3 Dec 07:00: Dr" in plain(form)
    before = who(house, "2026-12-02 23:00")
    assert await send(maria, "/rota/edit/cover", **COVER) == "/rota/preview"
    assert await drafted(house) == [AddCover(TIER, "dia", "2026-12-02 19:00", "2026-12-03 07:00", None, "a course")]
    told = plain(await look(maria, "/rota/preview"))
    assert "-> Dr Osei. 1 night. Nothing else changes." in told
    assert "On call right now: unchanged." in told
    assert who(house, "2026-12-02 23:00") == before
    where = await published(maria, reason="a course")
    assert where.startswith("/rota?published=")
    assert who(house, "2026-12-02 23:00") == ["dia"]
    assert await drafted(house) == []


# --- the other forms -------------------------------------------------------------------------------------------------

SWAP = {
    "tier": "pump-team/attending",
    "first_person": "dia",
    "first_starts": "2026-12-05T08:00",
    "first_until": "2026-12-06T08:00",
    "second_person": "eli",
    "second_starts": "2026-12-12T08:00",
    "second_until": "2026-12-13T08:00",
}
PATTERN = {"pattern": "complex-care", "turn1": "gus", "turn2": "fay", "turn": "weekly", "change_day": "Mon"}


async def test_two_swap_and_the_preview_says_both_halves(maria: Client) -> None:
    page = await send(maria, "/rota/edit/swap", 422, **{**SWAP, "first_person": "eli"})
    first, other = ("dia", "eli") if "Dr Abud is not on" in plain(page) else ("eli", "dia")
    swap = {**SWAP, "first_person": first, "second_person": other}
    assert await send(maria, "/rota/edit/swap", **swap) == "/rota/preview"
    told = plain(await look(maria, "/rota/preview"))
    assert "Sat 5 Dec 08:00 to Sun 6 Dec 08:00, pump team attending" in told
    assert "Sat 12 Dec 08:00 to Sun 13 Dec 08:00, pump team attending" in told
    assert "Notifies: " in told


async def test_leave_shows_its_holes_and_who_could_fill_them_before_it_is_added(house: WebHouse, maria: Client) -> None:
    leave = {"person": "ana", "starts": "2026-12-07T07:00", "until": "2026-12-14T07:00", "note": "holiday"}
    told = await send(maria, "/rota/edit/leave", 200, **leave, look="yes")
    assert await drafted(house) == []
    words = plain(told)
    assert "Nobody is on pump team primary" in words
    assert "weighted hours in the eight weeks around it. Telephone proven." in words
    assert 'value="holiday"' in told
    assert await send(maria, "/rota/edit/leave", **leave) == "/rota/preview"
    page = await look(maria, "/rota/preview")
    [fill, *_] = re.findall(r'href="(/rota/edit/cover\?tier=pump-team%2Fprimary[^"]*)"', page)
    form = await look(maria, unescape(fill))
    assert re.search(r'<option value="\w+" selected>', form)
    assert ": nobody" in plain(form), "the form stands in the draft, in which nobody has it"


async def test_a_week_is_copied(house: WebHouse, maria: Client) -> None:
    week = {"tier": TIER, "from_day": "2026-12-01", "to_day": "2026-12-08"}
    assert await send(maria, "/rota/edit/week", **week) == "/rota/preview"
    assert "changes nothing" not in await look(maria, "/rota/preview")
    told = await send(maria, "/rota/edit/week", 422, **{**week, "to_day": "2026-12-02"})
    assert "A week cannot be copied onto itself" in told


async def test_a_holiday_is_added_and_taken_out_again(house: WebHouse, maria: Client) -> None:
    day = {"name": "Founders' day", "on1": "2027-03-03", "on2": "2028-03-03", f"who1:{TIER}": "dia"}
    assert await send(maria, "/rota/edit/holiday", **day) == "/rota/preview"
    await published(maria, reason="a new holiday")
    assert who(house, "2027-03-03 12:00") == ["dia"]
    assert "Founders' day" in unescape(await look(maria, "/rota/edit/no-holiday"))
    assert await send(maria, "/rota/edit/no-holiday", name="Founders' day") == "/rota/preview"
    await published(maria, reason="not this year")
    assert who(house, "2027-03-03 12:00") != ["dia"]


async def test_a_holiday_that_is_there_is_changed_on_its_form(house: WebHouse, maria: Client) -> None:
    assert "changes=Christmas" in await look(maria, "/rota/edit/holiday")
    page = await look(maria, "/rota/edit/holiday?changes=Christmas")
    told = dict(re.findall(r'<input id="(on\d)"[^>]* value="([^"]*)"', page))
    assert [day for day in told.values() if day] == ["2026-12-25", "2027-12-25", "2028-12-25"]
    chosen = re.findall(r'<select id="(who\d:[^"]+)".*?</select>', page, re.DOTALL)
    assert f"who1:{TIER}" in chosen
    span = {"starts": "2026-12-24T17:00", "until": "2026-12-26T08:00", f"who1:{TIER}": "dia", f"hours:{TIER}": ""}
    await send(maria, "/rota/edit/holiday", changes="Christmas", name="Christmas", on1="", **span)
    [edit] = await drafted(house)
    assert (edit.name, edit.words.starts, edit.words.on) == ("Christmas", "2026-12-24 17:00", ())
    again = await look(maria, "/rota/edit/holiday?changes=Christmas")
    assert 'value="2026-12-24T17:00"' in again, "with what the draft says"
    await look(maria, "/rota/edit/holiday?changes=Easter", 404)


async def test_a_roster_changes_from_a_day_on(house: WebHouse, maria: Client) -> None:
    before = who(house, "2027-01-05 12:00")
    roster = {"pattern": f"{TIER}#1", "turn1": "dia", "since": "2027-02-01"}
    assert await send(maria, "/rota/edit/roster", **roster) == "/rota/preview"
    await published(maria, reason="a new roster")
    assert who(house, "2027-01-05 12:00") == before
    assert {*who(house, "2027-02-09 12:00"), *who(house, "2027-02-16 12:00")} == {"dia"}


async def test_the_wizard_shows_four_weeks_before_anything_is_added(house: WebHouse, maria: Client) -> None:
    asked = {
        "pattern": f"{TIER}#1",
        "turn1": "ana",
        "turn2": "dia",
        "turn": "weekly",
        "change_day": "Mon",
        "change_at": "07:00",
        "weekday_from": "07:00",
        "weekday_until": "19:00",
        "weekend": "same",
        "since": "2026-12-07",
    }
    told = await send(maria, "/rota/edit/pattern", 200, **asked, look="yes")
    assert told.count('class="band"') == 4
    assert "Pump team, primary, draft" in told
    assert await drafted(house) == []
    assert '<option value="dia" selected>' in told
    assert await send(maria, "/rota/edit/pattern", **asked) == "/rota/preview"
    await published(maria, reason="two in turn")
    assert {*who(house, "2026-12-08 12:00"), *who(house, "2026-12-15 12:00")} == {"ana", "dia"}


@pytest.mark.parametrize(
    ("weekend", "hours"),
    [
        ("same", ("17:00-07:00",)),
        ("none", ("Mon-Fri 17:00-07:00",)),
        ("other", ("Mon-Fri 17:00-07:00", "Sat, Sun 07:00-07:00")),
    ],
)
def test_the_wizards_weekend_may_differ(weekend: str, hours: tuple[str, ...]) -> None:
    typed = {"weekday_from": "17:00", "weekday_until": "07:00", "weekend_from": "07:00", "weekend_until": "07:00"}
    made = FORMS["pattern"].edit({**PATTERN, "since": "2026-12-07", "weekend": weekend, **typed})
    assert isinstance(made, NewPattern)
    assert (made.words.hours, made.words.hands_over) == (hours, "Mon 07:00")


async def test_a_published_cover_is_changed_and_taken_back(house: WebHouse, maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **COVER)
    await published(maria, reason="a course")
    [change] = re.findall(r'<option value="(C\d+)">\1 cover Dr Osei', await look(maria, "/rota/edit/change"))
    assert await send(maria, "/rota/edit/change", id=change, until="2026-12-03T01:00") == "/rota/preview"
    await published(maria, reason="half of it")
    assert (who(house, "2026-12-03 00:30"), who(house, "2026-12-03 02:00") == ["dia"]) == (["dia"], False)
    assert await send(maria, "/rota/edit/take-back", id=change) == "/rota/preview"
    await published(maria, reason="not at all")
    assert who(house, "2026-12-03 00:30") != ["dia"]


# --- what is wrong, beside its field ---------------------------------------------------------------------------------


def beside(page: str, field: str) -> str:
    found = re.search(rf'<div class="doubt" id="fault-{field}">(.*?)</div>', page, re.DOTALL)
    return plain(found[1]) if found else ""


async def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(maria: Client) -> None:
    page = await send(maria, "/rota/edit/cover", 422, tier=TIER, starts=NIGHT["starts"], note='the "late" one')
    assert beside(page, "by") == "⚠ Choose who takes it."
    assert beside(page, "until") == "⚠ Say until when."
    assert 'aria-invalid="true" aria-describedby="fault-until"' in page
    assert 'value="2026-12-02T19:00"' in page
    assert "the &#34;late&#34; one" in page
    assert f'<option value="{TIER}" selected>' in page


@pytest.mark.parametrize(("form", "wanted"), [(form.name, form.required) for form in FORMS.values()])
async def test_every_form_names_what_it_needs(maria: Client, form: str, wanted: tuple[str, ...]) -> None:
    page = await send(maria, f"/rota/edit/{form}", 422)
    for field in wanted:
        assert beside(page, field) == f"⚠ {MISSING[field]}", field


@pytest.mark.parametrize(
    ("day", "first", "second"),
    [("2027-11-07T01:30", "EDT", "EST"), ("2027-03-14T02:30", "01:30 EST", "03:30 EDT")],
)
async def test_a_doubtful_time_is_settled_by_one_of_two_buttons(
    house: WebHouse, maria: Client, day: str, first: str, second: str
) -> None:
    typed = {**COVER, "starts": day, "until": f"{day[:10]}T07:00"}
    page = await send(maria, "/rota/edit/cover", 422, **typed)
    buttons = re.findall(r'<button name="choose" value="(starts\|[^"]+)">([^<]+)', page)
    assert [first in buttons[0][1], second in buttons[1][1]] == [True, True]
    assert await send(maria, "/rota/edit/cover", **typed, choose=unescape(buttons[1][0])) == "/rota/preview"
    [edit] = await drafted(house)
    assert edit.starts.endswith(("-05:00", "-04:00"))


async def test_an_end_before_the_start_and_a_time_that_is_over_are_refused(maria: Client) -> None:
    page = await send(maria, "/rota/edit/cover", 422, **{**COVER, "until": "2026-12-02T18:00"})
    assert beside(page, "until") == "⚠ The end is not after the start."
    over = {"starts": "2026-11-02T19:00", "until": "2026-11-03T07:00"}
    page = await send(maria, "/rota/edit/cover", 422, **{**COVER, **over})
    assert "the past does not move" in beside(page, "until")


async def test_hostile_words_are_harmless_and_unknown_forms_are_not_there(maria: Client) -> None:
    hostile = '"><script>alert(1)</script>'
    page = await send(maria, "/rota/edit/cover", 422, **{name: hostile for name in (*COVER, hostile)})
    assert "<script>alert" not in page
    await look(maria, "/rota/edit/nonsense", 404)
    await send(maria, "/rota/draft", 400)


# --- the draft on the rota page --------------------------------------------------------------------------------------


async def test_the_rota_shows_the_draft_to_its_coordinator_alone(house: WebHouse, maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **COVER)
    page = await look(maria, "/rota")
    assert "Draft, 1 change" in page
    assert "1. Cover, Pump team, primary: Dr Osei, Wed 2 Dec 19:00 to Thu 3 Dec 07:00 (a course)" in plain(page)
    assert 'aria-label="Pump team, primary, draft"' in page
    assert "changed" in page
    after, before = await look(maria, "/rota?show=after"), await look(maria, "/rota?show=before")
    assert 'aria-label="Pump team, primary, draft"' in after
    assert 'aria-label="Pump team, primary"' not in after
    assert 'aria-label="Pump team, primary, draft"' not in before
    cora, vera = await look(await house.api("cora"), "/rota"), await look(await house.api("vera"), "/rota")
    assert "maria has a draft too: 1 change" in plain(cora)
    assert "Draft, 1 change" not in cora
    assert "Change the rota" not in vera
    assert "/rota/edit" not in vera


async def test_an_edit_is_taken_back_and_a_draft_discarded(house: WebHouse, maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **COVER)
    await send(maria, "/rota/edit/leave", person="ben", starts="2026-12-20", until="2026-12-21")
    assert await send(maria, "/rota/draft", take_back="1", back="rota") == "/rota"
    assert [type(edit).__name__ for edit in await drafted(house)] == ["AddLeave"]
    assert await send(maria, "/rota/draft", discard="all") == "/rota/preview"
    assert "The draft is empty." in await look(maria, "/rota/preview")


# --- preview and publishing ------------------------------------------------------------------------------------------


async def test_yellow_wants_a_reason_and_keeps_what_was_typed(house: WebHouse, maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **{**COVER, "until": "2026-12-20T07:00"})
    page = await look(maria, "/rota/preview")
    assert "Yellow:" in page
    answer = await send(maria, "/rota/publish", 422, seen=seen(page))
    assert "Say why:" in answer
    assert who(house, "2026-12-10 23:00") != ["dia"]
    await published(maria, reason="everybody else is ill")
    assert who(house, "2026-12-10 23:00") == ["dia"]


async def test_red_is_not_published_and_has_no_button(house: WebHouse, maria: Client) -> None:
    await send(maria, "/rota/edit/leave", person="ana", starts="2026-11-24", until="2026-12-06")
    await send(maria, "/rota/edit/leave", person="ben", starts="2026-11-24", until="2026-12-06")
    page = await look(maria, "/rota/preview")
    assert "Red stops it" in page
    assert '<button class="primary">Publish' not in page
    assert "Not published:" in await send(maria, "/rota/publish", 422, seen=seen(page), reason="whatever")


async def test_who_is_on_now_is_confirmed_by_name(house: WebHouse, maria: Client) -> None:
    now = {"tier": TIER, "by": "dia", "starts": "2026-11-23T03:00", "until": "2026-11-23T07:00", "note": "ill"}
    await send(maria, "/rota/edit/cover", **now)
    page = await look(maria, "/rota/preview")
    assert "Yes, I mean it: On call right now, pump team primary changes from Dr Park to Dr Osei." in plain(page)
    answer = await send(maria, "/rota/publish", 422, seen=seen(page), reason="ill")
    assert "Confirm who is on from now on" in answer
    assert who(house, "2026-11-23 03:10") == ["cho"]
    await published(maria, reason="ill")
    assert who(house, "2026-11-23 03:30") == ["dia"]


async def test_what_was_not_looked_at_is_not_published(house: WebHouse, maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **COVER)
    page = await look(maria, "/rota/preview")
    await send(maria, "/rota/edit/leave", person="eli", starts="2026-12-20", until="2026-12-21")
    answer = await send(maria, "/rota/publish", 422, seen=seen(page), reason="both")
    assert "look again before you publish" in answer
    assert len(await drafted(house)) == 2


async def test_a_new_tier_needs_a_second_person_with_a_password_of_their_own(house: WebHouse, maria: Client) -> None:
    for person in ("maria", "cora", "vera"):
        await house.sign_in.set_password(person, f"{person} has four words", "test")
    maria = await house.api()
    words = PatternWords(people=(("gus",),))
    await house.given.rota_desk.add("maria", NewPattern("neurosurgery/second", words))
    page = await look(maria, "/rota/preview")
    assert "a second person must have read this" in page
    confirm = unescape(re.search(r'name="confirm" value="([^"]*)"', page)[1])  # type: ignore[index]
    told = {"seen": seen(page), "reason": "a second surgeon", "confirm": confirm}
    for second, why in (("", "second person"), ("maria", "somebody else"), ("vera", "somebody else")):
        signed = {"second": second, "second_password": f"{second} has four words"}
        assert why in await send(maria, "/rota/publish", 422, **told, **signed)
    wrong = await send(maria, "/rota/publish", 422, **told, second="cora", second_password="a guess")
    assert "is not right" in wrong
    assert "a guess" not in wrong
    await send(maria, "/rota/publish", **told, second="cora", second_password="cora has four words")
    (newest, *_) = await house.journal.editions()
    assert (newest.author, newest.second) == ("maria", "cora")


async def test_the_preview_shows_shares_before_and_after(maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **COVER)
    page = await look(maria, "/rota/preview")
    assert re.search(r'class="moved"><th scope="row">Dr Osei</th><td>\d+ → <strong>\d+', page)


# --- two coordinators ------------------------------------------------------------------------------------------------


async def test_the_second_of_two_sees_what_the_first_published(house: WebHouse, maria: Client) -> None:
    cora = await house.api("cora")
    await send(maria, "/rota/edit/cover", **COVER)
    await send(cora, "/rota/edit/cover", **{**COVER, "by": "ana"})
    await published(cora, reason="a wish")
    house.later(minutes=2)
    page = await look(maria, "/rota/preview")
    words = plain(page)
    assert "cora published Mon 23 Nov 03:04, 2 min 0 s ago" in words
    assert "Yours: Wed 2 Dec 19:00" in words
    assert '<button class="primary">Publish' not in page
    assert "Somebody has published" in await send(maria, "/rota/publish", 422, seen=seen(page), reason="me first")
    assert who(house, "2026-12-02 23:00") == ["ana"]
    assert await send(maria, "/rota/draft", accept="newest") == "/rota/preview"
    await published(maria, reason="agreed with cora")
    assert who(house, "2026-12-02 23:00") == ["dia"]


# --- whom it concerns ------------------------------------------------------------------------------------------------


async def test_whom_it_concerns_is_told_of_publishing_and_of_undoing(house: WebHouse) -> None:
    told: list[tuple[tuple[str, ...], str]] = []

    async def tell(found: Preview, edition: Edition) -> None:
        told.append((found.tells, edition.author))
        raise OSError("the carrier is away, which keeps nothing from being in force")

    house.given = replace(house.given, tell_of_rota=tell)
    maria = await house.api()
    await send(maria, "/rota/edit/cover", **COVER)
    page = plain(await look(maria, "/rota/preview"))
    assert "Notifies: Dr" in page
    where = await published(maria, reason="a course")
    await send(maria, "/rota/undo", edition=where.rpartition("=")[2])
    assert [(set(people), author) for people, author in told] == [({"ben", "dia"}, "maria")] * 2
    assert who(house, "2026-12-02 23:00") == ["ben"]


# --- undo, restore ---------------------------------------------------------------------------------------------------


async def test_an_edition_is_undone_within_ten_minutes_and_restored_after(house: WebHouse, maria: Client) -> None:
    before = who(house, "2026-12-02 23:00")
    await send(maria, "/rota/edit/cover", **COVER)
    await published(maria, reason="a course")
    page = await look(maria, "/rota")
    [edition] = re.findall(r'name="edition" value="([0-9a-f]{16})"', page)
    house.later(minutes=9)
    assert (await send(maria, "/rota/undo", edition=edition)).startswith("/rota?published=")
    assert who(house, "2026-12-02 23:00") == before
    assert "Undo it" not in await look(maria, "/rota")
    assert "Somebody has published since" in await send(maria, "/rota/undo", 409, edition=edition)
    history = await look(maria, "/rota/history")
    assert f"/rota/restore/{edition}" in history
    assert "/rota/restore/" not in await look(await house.api("vera"), "/rota/history")
    restore = await look(maria, f"/rota/restore/{edition}")
    assert "-> Dr Osei" in plain(restore)
    await send(maria, f"/rota/restore/{edition}", seen=seen(restore), reason="after all")
    assert who(house, "2026-12-02 23:00") == ["dia"]
    house.later(minutes=11)
    assert "Undo it" not in await look(maria, "/rota")
    await look(maria, "/rota/restore/0123456789abcdef", 404)


async def test_undoing_what_filled_a_hole_says_so_first_and_is_never_stopped(house: WebHouse, maria: Client) -> None:
    await with_a_hole(house)
    await send(maria, "/rota/edit/cover", tier=TIER, by="dia", starts="2026-11-23T03:04", until="2026-11-23T07:00")
    where = await published(maria, reason="he is ill")
    edition = where.rpartition("=")[2]
    page = await send(maria, "/rota/undo", 200, edition=edition)
    assert "Undoing makes this worse" in plain(page)
    assert "Nobody is on pump team primary from Mon 23 Nov 03:04 to" in plain(page)
    assert who(house, "2026-11-23 05:00") == ["dia"], "asking undoes nothing"
    house.later(minutes=3)  # she reads, and the hole begins later by now
    told = dict(re.findall(r'name="(edition|knows)" value="([^"]*)"', page))
    assert (await send(maria, "/rota/undo", edition=edition, knows=unescape(told["knows"]))).startswith("/rota?")
    assert who(house, "2026-11-23 05:00") == []
    assert (await house.journal.editions())[0].reason.startswith("undone, although: Nobody is on")
    assert "Undo it" not in await look(maria, "/rota")
    with pytest.raises(PublishRefused, match="published since"):
        await house.given.rota_desk.undo(edition, "maria")


async def with_a_hole(house: WebHouse) -> None:
    """An edition that came from elsewhere, with nobody on for the rest of this night."""
    scribe, [newest] = Scribe(), await house.journal.editions()
    files = scribe.texts(shipped_files())
    files = applied(files, AddLeave("cho", "2026-11-23 03:04", "2026-11-23 07:00"), house.clock.now())
    handbook = scribe.handbook(files, shipped_handbook())
    edition = Edition(handbook.edition, house.clock.now(), "somebody else")
    await house.handbooks.publish(house.journal, edition, scribe.sealed(files), newest.name, handbook)


# --- replace now -----------------------------------------------------------------------------------------------------


async def test_replace_now_puts_a_proven_filler_beside_the_holder_and_leaves_the_other_draft(
    house: WebHouse, maria: Client
) -> None:
    await send(maria, "/rota/edit/leave", person="eli", starts="2026-12-20", until="2026-12-21")
    page = await look(maria, "/rota")
    [address] = re.findall(r'href="(/rota/edit/now\?tier=pump-team%2Fprimary)"', page)
    form = await look(maria, unescape(address))
    [best] = re.findall(r'<option value="(\w+)" selected>Dr', form)
    fields = {"tier": TIER, "by": best, "starts": "2026-11-23T03:04", "until": "2026-11-23T07:00"}
    assert await send(maria, "/rota/edit/now", **fields) == "/rota/preview?now=1"
    told = await look(maria, "/rota/preview?now=1")
    assert "On call right now, pump team primary changes from Dr Park to" in plain(told)
    await published(maria, now="1", reason="Cho is ill")
    assert set(who(house, "2026-11-23 03:10")) == {"cho", best}
    assert [type(edit).__name__ for edit in await drafted(house)] == ["AddLeave"]
    assert await drafted(house, "maria/now") == []
    newest = (await house.journal.editions())[0]
    assert newest.author == "maria"


async def test_a_replacement_that_was_not_published_is_not_added_to_the_next(house: WebHouse, maria: Client) -> None:
    fields = {"tier": TIER, "starts": "2026-11-23T03:04", "until": "2026-11-23T07:00"}
    for by in ("dia", "ana"):
        await send(maria, "/rota/edit/now", **fields, by=by)
    [edit] = await drafted(house, "maria/now")
    assert isinstance(edit, AddBeside)
    assert edit.by == "ana"


# --- a pulled edge ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pulled", "starts", "until", "stays"),
    [
        ("end_by=-180", "2026-12-03T04:00", "2026-12-03T07:00", False),
        ("end_by=60", "2026-12-03T07:00", "2026-12-03T08:00", True),
        ("start_by=-15", "2026-12-02T18:45", "2026-12-02T19:00", True),
        ("start_by=nonsense", "2026-12-02T19:00", "2026-12-03T07:00", False),
    ],
)
async def test_a_pulled_edge_is_a_cover_of_the_hours_between(
    maria: Client, pulled: str, starts: str, until: str, stays: bool
) -> None:
    form = await look(maria, f"/rota/edit/cover?tier={TIER}&at=2026-12-02T19:00&{pulled}")
    assert re.findall(r'type="datetime-local" value="([^"]*)"', form) == [starts, until]
    by = form[form.index('id="by"') : form.index("</select>", form.index('id="by"'))]
    assert (" selected" in by) == stays


# --- publish when proven ---------------------------------------------------------------------------------------------

SOON = {"tier": TIER, "by": "dia", "starts": "2026-11-23T03:00", "until": "2026-11-23T07:00"}


async def asked(client: Client, **more: str) -> str:
    """The preview's form, sent by its other button."""
    page = await look(client, "/rota/preview")
    confirm = unescape(re.search(r'name="confirm" value="([^"]*)"', page)[1])  # type: ignore[index]
    fields = {"seen": seen(page), "confirm": confirm, "reason": "ill", **more}
    return await send(client, "/rota/publish/when-proven", **fields)


async def test_a_change_of_now_offers_to_ask_first_and_waits_visibly(house: WebHouse, maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **SOON)
    told = plain(await look(maria, "/rota/preview"))
    assert "Dr Osei gets a test page first" in told
    assert "until then Dr Park stays on" in told
    assert await asked(maria) == "/rota/preview"
    assert who(house, "2026-11-23 03:30") == ["cho"]
    page = await look(maria, "/rota/preview")
    assert "Waiting for Dr Osei to answer a test page, until Mon 23 Nov 03:19" in plain(page)
    assert "formaction" not in page
    for client in (maria, await house.api("cora")):
        assert "Waiting for Dr Osei" in plain(await look(client, "/rota"))
    [cancel] = re.findall(r'action="(/rota/waiting/\w+/cancel)"', page)
    assert await send(await house.api("cora"), cancel) == "/rota"
    assert "Waiting" not in plain(await look(maria, "/rota"))
    assert "Publish when proven" in plain(await look(maria, "/rota/preview"))


async def test_an_answered_test_page_publishes_and_the_page_says_so(house: WebHouse, maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **SOON)
    await asked(maria)
    [notice, *_] = [one for one in await house.register.notices.open() if one.person == "dia"]
    await house.register.notices.change(notice.id, lambda one: answered(one, "1", "s1", house.clock.now()))
    await house.given.when_proven.look()
    assert "dia" in who(house, "2026-11-23 03:30")
    assert "Dr Osei answered the test page: published" in plain(await look(maria, "/rota/preview"))
    assert "Undo it" in await look(maria, "/rota")


async def test_silence_is_said_on_the_pages_and_the_draft_is_kept(house: WebHouse, maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **SOON)
    await asked(maria)
    house.later(minutes=16)
    await house.given.when_proven.look()
    for path in ("/rota", "/rota/preview"):
        assert "Dr Osei did not answer the test page. Who is on call has not changed" in plain(await look(maria, path))
    assert len(await drafted(house)) == 1


async def test_a_change_of_next_week_asks_nobody_first(maria: Client) -> None:
    await send(maria, "/rota/edit/cover", **COVER)
    assert "when proven" not in await look(maria, "/rota/preview")
    page = await look(maria, "/rota/preview")
    told = await send(maria, "/rota/publish/when-proven", 422, seen=seen(page), reason="a course")
    assert "there is nobody to ask" in told
