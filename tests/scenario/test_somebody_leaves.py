"""Somebody leaves the team: what is theirs goes to others first, then nothing reaches them; they may come back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest
from aiohttp import ClientSession

from oncall.core.case.refusals import Mark
from oncall.core.rota.edits import AddCover, Edit
from oncall.core.rota.leavers import still_named
from oncall.core.rota.on_call import on_call_at
from oncall.core.rota.requests import Kind, State, shift_of
from oncall.service.ports.journal import Edition
from oncall.service.rota.desk import PublishRefused, RotaDesk
from oncall.service.rota.request_checks import Wanted
from tests.support.ward import TEN_AM, Ward, open_ward, shipped
from tests.support.web_house import shipped_files

TIER = "pump-team/primary"
COVER = AddCover("neurosurgery/primary", "ana", "2026-12-09 08:00", "2026-12-10 08:00")


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    async with open_ward(at=TEN_AM, internal=True) as opened:
        edition = Edition(shipped().edition, opened.clock.now(), "first start")
        await opened.house.journal.save_edition(edition, shipped_files())
        await opened.pass_time("1m")
        yield opened
        await opened.is_sound()


@pytest.fixture
def desk(ward: Ward) -> RotaDesk:
    return ward.house.rota_desk


@pytest.fixture
async def maria(ward: Ward) -> AsyncIterator[ClientSession]:
    async with await ward.browser("maria") as browser:
        yield browser


async def publishes(desk: RotaDesk, edits: list[Edit], why: str) -> None:
    await desk.publish_tried(await desk.try_all(edits, "maria"), "maria", why)


def as_chosen(page: str) -> dict[str, str]:
    """The form as the page shows it: what is selected of each list, else its first line."""
    form = {}
    for name, options in re.findall(r'<select id="\w+" name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        assert chosen is not None
        form[unescape(name)] = chosen[1]
    return form


async def looked(ward: Ward, browser: ClientSession, who: str) -> str:
    async with browser.get(f"{ward.internal_url}/team/{who}/leave") as answer:
        return await answer.text()


async def sends(ward: Ward, browser: ClientSession, who: str, **form: str) -> str:
    async with browser.post(f"{ward.internal_url}/team/{who}/leave", data=form) as answer:
        page = await answer.text()
    await ward.settle()
    return unescape(page)


async def test_turns_shifts_and_cover_go_to_others_and_then_nothing_reaches_them(
    ward: Ward, desk: RotaDesk, maria: ClientSession
) -> None:
    await publishes(desk, [COVER], "a course")
    page = await looked(ward, maria, "ana")
    assert "pump team primary, pattern 1" in page
    assert "neurosurgery, Wed 9 Dec 08:00 to Thu 10 Dec 08:00" in page
    assert "weighted hours" in page, "each shift comes with a suggestion"
    form = as_chosen(page)
    preview = await sends(ward, maria, "ana", **form, do="look")
    assert "What changes" in preview
    assert "Publish, and Dr Lee leaves" in preview
    assert still_named(ward.house.handbooks.current().rota, "ana", ward.clock.now()), "looking changes nothing"
    session = await ward.browser("ana")
    assert "They have left the team." in await sends(ward, maria, "ana", **form, do="leave")
    rota, now = ward.house.handbooks.current().rota, ward.clock.now()
    assert not still_named(rota, "ana", now)
    assert "ana" not in (await ward.house.register.directory()).clinicians
    async with session, session.get(f"{ward.internal_url}/team", allow_redirects=False) as answer:
        assert answer.status == 303, "her session is over"
    newest = (await ward.house.journal.editions())[0]
    assert (newest.author, newest.reason) == ("maria", "Dr Lee leaves the team")
    assert on_call_at(rota.rotations["pump-team"], "primary", now), "somebody has her shift"
    async with maria.get(f"{ward.internal_url}/team") as answer:
        assert "Have left" in await answer.text()
    await publishes(desk, [AddCover("neurosurgery/primary", "gus", COVER.starts, COVER.until)], "later")


async def test_a_shift_without_a_name_keeps_them_on_the_team(ward: Ward, desk: RotaDesk, maria: ClientSession) -> None:
    await publishes(desk, [COVER], "a course")
    form = as_chosen(await looked(ward, maria, "ana"))
    [cover] = [name for name in form if "neurosurgery" in name]
    page = await sends(ward, maria, "ana", **{**form, cover: ""}, do="leave")
    assert "Choose who has it: neurosurgery, Wed 9 Dec 08:00 to Thu 10 Dec 08:00." in page
    assert "ana" in (await ward.house.register.directory()).clinicians


async def test_the_only_one_of_a_rotation_must_be_followed_by_somebody(ward: Ward, maria: ClientSession) -> None:
    form = as_chosen(await looked(ward, maria, "fay"))
    page = await sends(ward, maria, "fay", **form, do="leave")
    assert "Choose who takes the turns of neurosurgery: nobody else is in them." in page
    form["turns:neurosurgery/primary#1"] = "dia"
    assert "They have left the team." in await sends(ward, maria, "fay", **form, do="leave")
    await ward.pass_time("2m")
    [shift] = on_call_at(ward.house.handbooks.current().rota.rotations["neurosurgery"], "primary", ward.clock.now())
    assert shift.person == "dia"


async def test_a_follower_without_a_proven_telephone_is_refused(ward: Ward, maria: ClientSession) -> None:
    for phone in (await ward.house.register.directory()).clinicians["eli"].phones:
        await ward.house.register.mark_phone(phone.number, Mark.UNKNOWN, ward.clock.now())
    form = as_chosen(await looked(ward, maria, "fay")) | {"turns:neurosurgery/primary#1": "eli"}
    assert "no proven telephone" in await sends(ward, maria, "fay", **form, do="leave")
    assert "fay" in (await ward.house.register.directory()).clinicians


async def test_a_held_case_is_handed_over_first(ward: Ward, maria: ClientSession) -> None:
    await ward.phone("mum of Leo").texts("he is so stiff and itchy")
    case = await ward.only_case()
    who = case.pages[0].person
    phone = ward.phone(who)
    await phone.texts(phone.reply_code("1"))
    page = await looked(ward, maria, who)
    assert f"#{case.code}" in page
    refused = await sends(ward, maria, who, **as_chosen(page), do="leave")
    assert f"holds case #{case.code}: hand it over first" in refused
    assert who in (await ward.house.register.directory()).clinicians


async def test_open_tasks_get_another_owner(ward: Ward, maria: ClientSession) -> None:
    house = ward.house
    await house.register.put_plain(
        {"tasks": [{"id": "t9", "title": "Ring the pharmacy", "due_at": ward.clock.now(), "owner": "maria"}]}, "test"
    )
    async with await ward.browser("ana") as ana, ana.get(f"{ward.internal_url}/team/maria/leave") as answer:
        assert answer.status == 403, "a clinician sends nobody away"
    assert "Somebody else must do this for you." in await sends(ward, maria, "maria", do="leave", tasks="ana")
    await house.register.put_plain(
        {"tasks": [{"id": "t9", "title": "Ring the pharmacy", "due_at": ward.clock.now(), "owner": "gus"}]}, "test"
    )
    form = as_chosen(await looked(ward, maria, "gus")) | {"turns:neurocritical/primary#1": "dia"}
    assert "Choose who gets the open tasks." in await sends(ward, maria, "gus", **{**form, "tasks": ""}, do="leave")
    assert "They have left the team." in await sends(ward, maria, "gus", **{**form, "tasks": "dia"}, do="leave")
    assert [task.owner for task in await house.register.open_tasks() if task.id == "t9"] == ["dia"]


async def test_what_they_asked_for_is_withdrawn_and_where_others_are_asked_too_only_they_are_out(
    ward: Ward, maria: ClientSession
) -> None:
    requests = ward.house.rota_requests
    rota, days = ward.house.handbooks.current().rota, [ward.clock.now() + timedelta(days=n) for n in range(2, 40)]
    night = {who: next(s for at in days if (s := shift_of(rota, TIER, who, at))) for who in ("ana", "ben", "cho")}
    own = await requests.ask(Wanted(Kind.GIVE, TIER, "ana", night["ana"], whom="dia"), "ana")
    rests_on_her = await requests.ask(Wanted(Kind.GIVE, TIER, "ben", night["ben"], whom="ana"), "ben")
    to_all = await requests.ask(Wanted(Kind.ASK_ALL, TIER, "cho", night["cho"]), "cho")
    assert "ana" in to_all.asked_now
    page = await looked(ward, maria, "ana")
    assert all(f"/rota/requests/{one.id}" in page for one in (own, rests_on_her, to_all))
    assert "They have left the team." in await sends(ward, maria, "ana", **as_chosen(page), do="leave")
    ended = [(await requests.known(one.id)) for one in (own, rests_on_her, to_all)]
    assert [one.state for one in ended] == [State.WITHDRAWN, State.WITHDRAWN, State.ASKED]
    assert ended[2].asked_now == tuple(one for one in to_all.asked_now if one != "ana")
    assert all(one.entries[-1].note == "leaves the team" for one in ended)
    await ward.settle()
    await ward.pass_time("1m")
    assert any("Withdrawn, pump team primary" in text for text in ward.phone("ben").inbox), ward.phone("ben").inbox


async def test_who_left_is_brought_back_with_their_numbers_and_without_an_account(
    ward: Ward, maria: ClientSession
) -> None:
    before = (await ward.house.register.directory()).clinicians["ana"]
    await sends(ward, maria, "ana", **as_chosen(await looked(ward, maria, "ana")), do="leave")
    assert "ana" not in (await ward.house.register.directory()).clinicians
    async with maria.post(f"{ward.internal_url}/team/ana/return") as answer:
        assert "Of the team again." in await answer.text()
    assert (await ward.house.register.directory()).clinicians["ana"].phones == before.phones
    account = await ward.house.sign_in.accounts.account("ana")
    assert account is not None
    assert account.ended


async def test_the_last_resort_never_leaves(ward: Ward, maria: ClientSession) -> None:
    assert "never taken away" in await sends(ward, maria, "operator", do="leave")
    assert "operator" in (await ward.house.register.directory()).clinicians


async def test_edits_without_a_draft_touch_no_draft_and_are_all_or_none(ward: Ward, desk: RotaDesk) -> None:
    await desk.add("maria", COVER)
    with pytest.raises(PublishRefused):
        await publishes(desk, [COVER, AddCover("no-such/tier", "ana", COVER.starts, COVER.until)], "why")
    assert [one.edit.by for one in (await desk.draft("maria")).edits] == ["ana"]  # type: ignore[union-attr]
    assert len(await ward.house.journal.editions()) == 1
