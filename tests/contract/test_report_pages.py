"""The report, its files, what is purged, and the health of the line, as a browser gets them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.core.case.case import Case
from oncall.core.case.commands import AddNote, RecordProgress, Resolve
from oncall.core.case.messages import Progress
from oncall.service.cases.retention import NotPurged
from oncall.service.line.health import Room
from tests.support.web_house import MUM, NIGHT, STRANGER, WebHouse, web_house


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house(loops={"watch": lambda: True, "dispatcher": lambda: True})
    yield made
    await made.close()


async def a_closed_case(house: WebHouse, number: str = MUM, words: str = "she is stiff") -> Case:
    case = await house.text(number, words)
    house.later(minutes=3)
    await house.taken(case)
    house.later(minutes=4)
    await house.reached(case)
    return await house.closed(case)


async def page(house: WebHouse, path: str, who: str = "maria", status: int = 200) -> str:
    async with (await house.api(who)).get(path) as answer:
        assert answer.status == status
        return await answer.text()


async def test_a_month_says_how_many_how_long_and_names_no_patient(house: WebHouse) -> None:
    await a_closed_case(house)
    shown = await page(house, "/reports?month=2026-11", "vera")
    assert "Report: November 2026" in shown
    assert "1 of 1" in shown  # fewer than ten: no percentage
    assert " %" not in shown
    assert "3:00" in shown
    assert "4:00" in shown
    for secret in ("T Reyes", MUM, MUM[-4:], "she is stiff"):
        assert secret not in shown


async def test_another_month_has_nothing_of_this_one_and_says_so(house: WebHouse) -> None:
    await a_closed_case(house)
    assert "Nobody was paged." in await page(house, "/reports?month=2026-10")
    assert "1 of 1" in await page(house, "/reports?quarter=2026-q4")
    assert "1 of 1" in await page(house, "/reports?from=2026-11-23&until=2026-11-23")


@pytest.mark.parametrize(
    "query",
    [
        "month=november",
        "month=2026-13",
        "quarter=2026-Q5",
        "from=2026-11-02&until=2026-11-01",
        "from=x",
        "from=2020-01-01&until=2026-01-01",
        "month=0000-01",
        "quarter=9999-Q4",
    ],
)
async def test_a_span_that_makes_no_sense_is_asked_for_again(house: WebHouse, query: str) -> None:
    assert 'role="alert"' in await page(house, f"/reports?{query}", status=422)
    await page(house, f"/reports.csv?{query}", status=422)


async def test_the_spreadsheet_has_a_row_for_each_number_and_runs_nothing(house: WebHouse) -> None:
    case = await house.text(STRANGER, "she is stiff")
    await house.taken(case)
    await house.desk.take(Resolve(case.id, "cho", "=cmd|' /C calc'!A0"))
    rows = list(csv.reader(io.StringIO(await page(house, "/reports.csv?month=2026-11"))))
    assert rows[0] == ["table", "line", "column", "value", "of", "before", "before, of"]
    assert ["From page to taken", "urgent", "Within target", "1", "1", "0", "0"] in rows
    assert ["How cases were closed", "'=cmd|' /C calc'!A0", "Cases", "1", "", "0", ""] in rows
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


async def test_the_paper_is_one_page_of_pdf(house: WebHouse) -> None:
    await a_closed_case(house)
    async with (await house.api()).get("/reports.pdf?month=2026-11") as answer:
        body = await answer.read()
        assert answer.headers["Content-Disposition"] == 'attachment; filename="pump-line-report-2026-11.pdf"'
    assert body.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", body)) == 1


async def test_a_clinician_may_say_at_closing_whether_the_page_was_needed(house: WebHouse) -> None:
    case = await house.taken(await house.text(MUM, "she is stiff"))
    phone = await house.phone()
    form = {"act": "7", "detail": "6", "needed": "no"}
    token = next(page.token for page in case.pages if page.person == "cho")
    async with phone.post(f"/p/{token}", data=form, allow_redirects=False) as answer:
        assert answer.status == 303
    [figures] = await house.journal.figures(NIGHT, NIGHT + timedelta(days=1))
    assert figures.needed is False
    assert figures.outcome == "not a pump problem"


# --- what is purged ------------------------------------------------------------------------------------------------


async def test_nothing_is_purged_before_its_years_are_over(house: WebHouse) -> None:
    await a_closed_case(house)
    house.later(days=3650)
    assert "Nothing to purge." in await page(house, "/reports/retention")
    async with (await house.api()).post("/reports/retention", data={"act": "export"}) as answer:
        assert answer.status == 422


async def test_what_is_old_enough_is_exported_then_shown_then_purged(house: WebHouse) -> None:
    case = await a_closed_case(house)
    house.later(days=3660)
    young = await a_closed_case(house, STRANGER)
    api = await house.api()
    async with api.post("/reports/retention", data={"act": "export"}) as answer:
        shown = await answer.text()
    [name] = set(re.findall(r"purge-\w+\.jsonl", shown))
    [sha256] = re.findall(r"<code class=\"long\">([0-9a-f]{64})", shown)
    assert await house.journal.case(case.id) is not None
    form = {"act": "purge", "export": name, "sha256": sha256}
    async with api.post("/reports/retention", data=form) as answer:
        assert answer.status == 422  # not ticked
    async with api.post("/reports/retention", data={**form, "sure": "yes", "sha256": "0" * 64}) as answer:
        assert "not the file whose hash was shown" in await answer.text()
    async with api.post("/reports/retention", data={**form, "sure": "yes"}) as answer:
        assert f"#{case.code}" in await answer.text()
    assert await house.journal.case(case.id) is None
    assert await house.journal.case(young.id) is not None
    assert await house.journal.audit() == []
    audit = [(row.who, row.what) for row in await house.register.audit(10)]
    assert ("maria", f"1 closed cases purged; they are in {name}, SHA-256 {sha256}") in audit


async def test_a_case_to_which_something_was_added_after_the_export_stays(house: WebHouse) -> None:
    case = await a_closed_case(house)
    house.later(days=3660)
    done = await house.given.retention.export("purge-1.jsonl", "maria")
    await house.desk.take(AddNote(case.id, "cho", "a letter came"))
    with pytest.raises(NotPurged, match="export again"):
        await house.given.retention.purge(done.name, done.sha256, "maria")
    assert await house.journal.case(case.id) is not None


# --- health --------------------------------------------------------------------------------------------------------


def line_of(shown: str, what: str) -> str:
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))
    return next(part for part in re.split(r"(?=✗ NO|✓ yes|– not in use)", told) if what in part)


async def test_a_text_proves_for_a_week_that_families_reach_us_by_text(house: WebHouse) -> None:
    assert line_of(await page(house, "/health", "vera"), "by text").startswith("✗ NO")
    await a_closed_case(house)
    assert line_of(await page(house, "/health"), "by text").startswith("✓ yes")
    assert "proven 03:04" in line_of(await page(house, "/health"), "by text")
    house.later(days=8)
    assert "but longer ago than 7 days" in line_of(await page(house, "/health"), "by text")


async def test_what_was_proven_before_a_restart_still_is(house: WebHouse) -> None:
    await a_closed_case(house)
    house.given = replace(house.given, proofs=type(house.given.proofs)())
    assert line_of(await page(house, "/health"), "by text").startswith("✓ yes")


async def test_a_deadline_that_waits_and_a_full_disk_are_red_and_say_what_to_do(house: WebHouse) -> None:
    house.given = replace(house.given, room=lambda: Room(free=5, whole=100, database=1))
    await house.text(MUM, "she is stiff")
    assert line_of(await page(house, "/health"), "Deadlines").startswith("✓ yes")
    house.later(minutes=30)
    shown = await page(house, "/health")
    assert "something has been waiting for" in line_of(shown, "Deadlines")
    assert "What you do now" in line_of(shown, "Deadlines")
    assert "Make room" in line_of(shown, "room on the disk")


async def test_the_nightly_audit_counts_until_the_next(house: WebHouse) -> None:
    assert line_of(await page(house, "/health"), "The record is whole").startswith("✗ NO")
    await house.journal.note_audit(0)
    assert line_of(await page(house, "/health"), "The record is whole").startswith("✓ yes")
    await house.journal.note_audit(2)
    assert "2 faults" in line_of(await page(house, "/health"), "The record is whole")


async def test_health_tells_how_the_carriers_requests_went_and_what_its_error_numbers_mean(house: WebHouse) -> None:
    now = house.clock.now()
    house.given.heard.request("ok", now - timedelta(minutes=2), timedelta(milliseconds=8))
    case = await house.text(MUM, "she is stiff")
    await page(house, "/health")  # reads back
    await house.desk.take(RecordProgress(case.id, case.messages[0].message.id, Progress.FAILED, code=30007))
    assert "1 in the last day, half within 8 ms" in line_of(await page(house, "/health"), "requests are answered")
    told = line_of(await page(house, "/health"), "Error 30007")
    assert told.startswith("✗ NO")
    assert "1 time in the last day: the text was filtered as unwanted" in told
    house.given = replace(house.given, heard=type(house.given.heard)())  # a start
    assert "1 time in the last day" in line_of(await page(house, "/health"), "Error 30007")


async def test_health_names_no_patient_and_its_live_part_is_no_whole_page(house: WebHouse) -> None:
    await a_closed_case(house)
    shown = await page(house, "/health?part=live")
    assert "<html" not in shown
    for secret in ("T Reyes", MUM, "she is stiff"):
        assert secret not in shown
