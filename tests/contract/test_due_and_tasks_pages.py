"""The pages of dates and of tasks: who sees what, what a form does, what can be taken back, and how fast they are."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.adapters.register.rows import FamilyPhoneRow, PatientRow
from oncall.core.tasks import Task
from oncall.service.patients.evening_sweep import Proposal
from tests.support.web_house import MUM, WebHouse, web_house

Client = TestClient[web.Request, web.Application]
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    """Tom's alarm is two days off with no visit; Leo and Mia have no dates at all."""
    made = await web_house()
    await record(
        made,
        last_refill_on=TODAY - 60 * DAY,
        refill_due_on=TODAY + 1 * DAY,
        low_reservoir_on=TODAY + 2 * DAY,
        eri_on=TODAY + 900 * DAY,
    )
    yield made
    await made.close()


async def record(house: WebHouse, **dates: object) -> None:
    await house.register.put([replace(await tom(house), **dates)], "test")  # type: ignore[arg-type]


async def tom(house: WebHouse) -> PatientRow:
    [row] = [row for row in await house.register.rows(PatientRow) if row.id == "tom"]
    return row


async def seen(client: Client, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, path
        return unescape(await answer.text())


async def sent(client: Client, path: str, **form: str) -> tuple[int, str]:
    async with client.post(path, data=form) as answer:
        return answer.status, " ".join(re.sub(r"<[^>]+>", " ", unescape(await answer.text())).split())


def form_for(kind: str, act: str, reference: str, **more: str) -> dict[str, str]:
    return {"patient": "tom", "kind": kind, "act": act, "reference": reference, **more}


REFILL = f"refill:{TODAY + DAY}"


async def test_the_worst_comes_first_and_what_was_never_recorded_is_overdue(house: WebHouse) -> None:
    page = await seen(await house.api("vera"), "/patients/due")
    levels = re.findall(r'<li class="(overdue|near|soon|listed|flag)">', page)
    assert levels == sorted(levels, key=["overdue", "near", "soon", "listed", "flag"].index)
    assert page.count("no low-reservoir date is recorded: counts as overdue") == 2
    assert "low-reservoir alarm due in 2 days, 25 Nov 2026; not booked" in page
    assert 'href="/patients/tom"' in page
    assert "What was done" not in page, "a viewer only looks"
    assert "What was done" in await seen(await house.api("cho"), "/patients/due")


@pytest.mark.parametrize("place", ["9" * 5000, "²", "-1", "0", "x"])
async def test_a_page_that_is_none_shows_what_there_is(house: WebHouse, place: str) -> None:
    async with (await house.api("vera")).get("/patients/due", params={"page": place}) as answer:
        assert answer.status == 200


async def test_a_visit_that_is_booked_stands_in_the_record_with_a_name_and_can_be_taken_back(house: WebHouse) -> None:
    client = await house.api("cora")
    visit = TODAY + DAY
    status, page = await sent(client, "/patients/due", **form_for("refill", "booked", REFILL, on=str(visit)))
    assert (status, "Kept: it is booked." in page) == (200, True)
    assert (await tom(house)).refill_booked_on == visit
    assert "booked for 24 Nov 2026 by Cora Bell" in page
    [act] = await house.register.dangers.newest_acts(5)
    assert any(row.who == "cora" and row.what == "patients tom changed" for row in await house.register.audit(5))
    assert "Taken back" in (await sent(client, "/patients/due/undo", id=act.id))[1]
    assert (await tom(house)).refill_booked_on is None


async def test_what_somebody_has_changed_since_is_not_taken_back(house: WebHouse) -> None:
    client = await house.api("cora")
    await sent(client, "/patients/due", **form_for("refill", "booked", REFILL, on=str(TODAY + DAY)))
    await record(house, refill_booked_on=TODAY + 2 * DAY)
    [act] = await house.register.dangers.newest_acts(5)
    status, page = await sent(client, "/patients/due/undo", id=act.id)
    assert status == 422
    assert "Somebody has changed the record since" in page
    assert (await tom(house)).refill_booked_on == TODAY + 2 * DAY


async def test_a_refill_that_is_done_takes_its_new_dates_and_without_them_stands_as_overdue(house: WebHouse) -> None:
    client = await house.api("cho")
    dates = {"on": str(TODAY), "due_on": str(TODAY + 80 * DAY), "low_on": str(TODAY + 90 * DAY)}
    await sent(client, "/patients/due", **form_for("refill", "done", REFILL, **dates))
    row = await tom(house)
    assert (row.last_refill_on, row.refill_due_on, row.low_reservoir_on) == (
        TODAY,
        TODAY + 80 * DAY,
        TODAY + 90 * DAY,
    )
    assert not [one for one in await house.given.dangers.listed() if one.patient == "tom" and one.danger.level > 2]
    house.later(days=1)
    await sent(client, "/patients/due", **form_for("refill", "done", REFILL, on=str(TODAY + DAY)))
    listed = [one.danger.reason for one in await house.given.dangers.listed() if one.patient == "tom"]
    assert "no low-reservoir date is recorded: counts as overdue" not in listed, "dates that lie ahead still hold"


async def test_what_is_set_aside_stands_at_the_end_with_its_reason_and_comes_back(house: WebHouse) -> None:
    client = await house.api("cora")
    assert (await sent(client, "/patients/due", **form_for("refill", "set_aside", REFILL)))[0] == 422
    await sent(
        client, "/patients/due", **form_for("refill", "set_aside", REFILL, reason="moves to Ohio, told by phone")
    )
    page = await seen(client, "/patients/due")
    assert "set aside by Cora Bell" in page
    assert page.rindex('<li class="aside">') > page.rindex('<li class="overdue">')
    assert "moves to Ohio, told by phone" in page
    await record(house, refill_due_on=TODAY + 2 * DAY)
    assert '<li class="aside">' not in await seen(client, "/patients/due"), "another date is another danger"


WRONG = (
    {"on": "tomorrow"},
    {"on": ""},
    {"on": "2026-11-22"},
    {"on": "2036-11-22"},
    {"act": "erase"},
    {"kind": "mood"},
    {"patient": "nobody"},
)


async def test_a_form_that_cannot_be_right_changes_nothing_and_says_so(house: WebHouse) -> None:
    client = await house.api("cora")
    for wrong in WRONG:
        form = {**form_for("refill", "booked", REFILL, on=str(TODAY + DAY)), **wrong}
        assert (await sent(client, "/patients/due", **form))[0] == 422, wrong
    assert (await tom(house)).refill_booked_on is None
    assert await house.register.dangers.newest_acts(5) == []


async def test_numbers_count_as_verified_when_somebody_says_so(house: WebHouse) -> None:
    client = await house.api("cora")
    await sent(client, "/patients/due", **form_for("number", "done", "number:"))
    [row] = [row for row in await house.register.rows(FamilyPhoneRow) if row.number == MUM]
    assert row.verified_at == house.clock.now()
    [act] = await house.register.dangers.newest_acts(5)
    await sent(client, "/patients/due/undo", id=act.id)
    [row] = [row for row in await house.register.rows(FamilyPhoneRow) if row.number == MUM]
    assert row.verified_at is None


async def test_the_year_is_a_picture_and_the_same_as_a_table_and_a_sentence(house: WebHouse) -> None:
    page = await seen(await house.api("vera"), "/patients/due/year")
    assert page.count('<rect class="bar') == 52
    assert page.count("<tr>") == 53
    assert "1 refills have a date in the coming year" in page
    assert re.search(r"23 Nov 2026</th><td>1</td><td>4</td>", page), "Thanksgiving is no clinic day"


# --- texts to families -----------------------------------------------------------------------------------------------


async def proposed(house: WebHouse) -> list[Proposal]:
    """Of Tom's family; the other's number is still to be verified."""
    return [one for one in await house.given.evening_sweep.proposals() if one.notice.to == MUM]


async def test_a_coordinator_sees_both_languages_unticks_and_sends_and_can_stop_it(house: WebHouse) -> None:
    house.later(hours=8)  # 11:04
    client = await house.api("cora")
    page = await seen(client, "/patients/sweep")
    assert "goes out at 20:30" in page
    assert page.count('<blockquote lang="es">') == page.count('<blockquote lang="en">') == 2
    assert "Tom" not in "".join(re.findall(r"<blockquote.*?</blockquote>", page))
    assert (await sent(client, "/patients/sweep"))[1].count("Nothing was ticked.") == 1
    [one] = await proposed(house)
    assert "1 texts go out this evening." in (await sent(client, "/patients/sweep", text=one.id))[1]
    [notice] = await house.register.notices.about("family-text")
    assert (notice.to, notice.ordered_by) == (MUM, "cora")
    assert await proposed(house) == []
    await sent(client, "/patients/sweep/stop", text=one.id)
    [notice] = await house.register.notices.about("family-text")
    assert not notice.is_open


async def test_nobody_is_written_to_at_night_nor_who_has_said_stop_or_speaks_with_us(house: WebHouse) -> None:
    house.later(hours=18)  # 21:04
    client = await house.api("cora")
    [one] = await proposed(house)
    status, page = await sent(client, "/patients/sweep", text=one.id)
    assert (status, "too late to write to families" in page) == (422, True)
    assert await house.register.notices.about("family-text") == []
    await house.register.set_stopped(MUM, True, house.clock.now())
    assert await proposed(house) == []
    await house.register.set_stopped(MUM, False, house.clock.now())
    await house.text(MUM, "she is stiff")
    assert await proposed(house) == []


# --- tasks -----------------------------------------------------------------------------------------------------------


async def left(house: WebHouse) -> None:
    due = house.clock.now() + timedelta(hours=9)
    words = "can we <b>move</b> friday"
    task = Task("t1", "A family asks to move a visit", due, patient="tom", promised_at=due, words=words)
    await house.register.task_list.leave(task, "test")


async def test_a_task_is_taken_handed_on_put_off_and_done_with_names_and_never_deleted(house: WebHouse) -> None:
    await left(house)
    cora, cho = await house.api("cora"), await house.api("cho")
    page = await seen(await house.api("vera"), "/tasks")
    assert "nobody has taken it" in page
    assert "the family was told: by 12:04" in page
    assert "<b>move</b>" not in await (await cora.get("/tasks")).text()
    assert page.count("<form") == 2, "search and signing out"
    assert "taken by cora" in (await sent(cora, "/tasks/t1/take"))[1]
    assert "it is meant for Dr Park" in (await sent(cora, "/tasks/t1/hand", to="cho"))[1]
    assert "taken by Dr Park" in (await sent(cho, "/tasks/t1/take"))[1]
    assert (await sent(cho, "/tasks/t1/put-off", due="2026-11-24T10:30", reason=" "))[0] == 422
    assert (await sent(cho, "/tasks/t1/put-off", due="2026-11-22T10:30", reason="late"))[0] == 422
    assert (await sent(cho, "/tasks/t1/put-off", due="soon", reason="late"))[0] == 422
    assert (await sent(cho, "/tasks/t1/put-off", due="9999-12-31T23:59", reason="late"))[0] == 422
    page = (await sent(cho, "/tasks/t1/put-off", due="2026-11-24T10:30", reason="they are away today"))[1]
    assert "Dr Park put it off to Tue 24 Nov 10:30: they are away today" in page
    assert "the family was told: by 12:04" in page, "a promise stays as it was given"
    assert (await sent(cho, "/tasks/t1/done", outcome=""))[0] == 422
    assert "moved to Monday" in (await sent(cho, "/tasks/t1/done", outcome="moved to Monday"))[1]
    task = await house.register.task_list.task("t1")
    assert task is not None
    assert (task.done_by, task.outcome, len(task.log)) == ("cho", "moved to Monday", 5)
    assert (await sent(cora, "/tasks/t1/take"))[0] == 422
    assert "Open again." in (await sent(cora, "/tasks/t1/open"))[1]
    assert (await sent(cora, "/tasks/none/take"))[0] == 422


async def test_a_late_task_that_is_handed_on_has_two_hours_to_be_taken(house: WebHouse) -> None:
    await left(house)
    house.later(hours=10)
    await sent(await house.api("cora"), "/tasks/t1/hand", to="cho")
    task = await house.register.task_list.task("t1")
    assert task is not None
    assert task.due_at == house.clock.now() + timedelta(hours=2)
    assert (await sent(await house.api("cora"), "/tasks/t1/hand", to="nobody"))[0] == 422


async def test_an_office_request_is_shown_with_its_promise_and_closed_by_name(house: WebHouse) -> None:
    case = await house.text("+16175550199", "need a school letter please")
    client = await house.api("maria")
    assert "the family was told: by Tue 12:00" in await seen(client, "/tasks")
    assert (await sent(client, f"/tasks/cases/{case.id}/done"))[0] == 422
    assert "Done, and kept" in (await sent(client, f"/tasks/cases/{case.id}/done", outcome="letter is in the post"))[1]
    closed = await house.journal.case(case.id)
    assert closed is not None
    assert closed.closed is not None
    assert (closed.closed.person, closed.closed.note) == ("maria", "letter is in the post")
    assert (await sent(client, f"/tasks/cases/{case.id}/done", outcome="again"))[0] == 422


async def test_every_look_is_kept(house: WebHouse) -> None:
    client = await house.api("vera")
    for path in ("/patients/due", "/tasks"):
        await seen(client, path)
    assert {view.address for view in await house.sign_in.accounts.views(5)} == {"/patients/due", "/tasks"}
