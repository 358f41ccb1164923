"""A schedule from elsewhere becomes covers of the edition in force, by the side door and the coordinators' desk."""

from __future__ import annotations

import time as stopwatch
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oncall.adapters.handbook.files import read_files
from oncall.adapters.handbook.publishing import readings_of
from oncall.adapters.handbook.store import texts_of
from oncall.adapters.side_door.handing_in import Declined
from oncall.core.as_json import plain
from oncall.core.rota.edits import AddCover, AddCovers, decode, encode
from oncall.core.rota.on_call import on_call_at
from oncall.errands.door import open_side_door, run_errand
from oncall.service.ports.journal import Edition
from oncall.taking_in import Said, plan_lines, schedule_plan
from tests.support.ward import ROOT, TEN_AM, Ward, open_ward, shipped

NIGHT = "person,tier,date,start time,end time\nDr. Lee,primary,2026-12-05,19:00,07:00\n"
IN_IT = datetime(2026, 12, 6, 5, tzinfo=UTC)


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    where = f"sqlite:///{tmp_path}/oncall.db"
    async with open_ward(at=TEN_AM, database=where) as opened, AsyncExitStack() as stack:
        texts = read_files(ROOT / "rules", ROOT / "rotations")
        edition = Edition(shipped().edition, opened.clock.now(), "first start")
        await opened.house.journal.save_edition(edition, {**texts, **readings_of(texts)})
        await open_side_door(opened.house, stack)
        await opened.pass_time("1m")
        yield opened


def told(content: str, said: Said | None = None, **more: str) -> dict[str, Any]:
    errand = {"content": b64encode(content.encode()).decode(), "said": plain(said or Said()), "source": "rota.csv"}
    return {**errand, "by": "maria", "reason": "from the central office", "second": "", **more}


def who(ward: Ward, at: datetime) -> list[str]:
    rotation = ward.house.handbooks.current().rota.rotations["pump-team"]
    return [shift.person for shift in on_call_at(rotation, "primary", at)]


async def test_what_the_file_says_is_on_call_at_once_and_the_history_says_who_and_why(ward: Ward) -> None:
    assert who(ward, IN_IT) == ["ben"]
    answer = await run_errand(ward.house.config, "rota", told(NIGHT))
    assert answer["covers"] == 1
    assert who(ward, IN_IT) == ["ana"]
    [edition, _] = await ward.house.journal.editions()
    assert (edition.name, edition.author, edition.reason) == (answer["edition"], "maria", "from the central office")
    files = texts_of(await ward.house.journal.edition_files(edition.name) or {})
    assert "from rota.csv" in files["rotations/overrides.yaml"]
    assert "2026-12-05 19:00" in files["rotations/overrides.yaml"]


async def test_the_same_file_again_has_nothing_to_add(ward: Ward) -> None:
    await run_errand(ward.house.config, "rota", told(NIGHT))
    with pytest.raises(Declined, match="changed meanwhile"):
        await run_errand(ward.house.config, "rota", told(NIGHT))
    assert len(await ward.house.journal.editions()) == 2


async def test_a_coordinators_own_half_made_draft_is_not_published_with_it(ward: Ward) -> None:
    desk = ward.house.rota_desk
    await desk.add("maria", AddCover("pump-team/primary", "dia", "2026-12-20 19:00", "2026-12-21 07:00"))
    await run_errand(ward.house.config, "rota", told(NIGHT))
    assert len((await desk.draft("maria")).edits) == 1
    assert [draft.author for draft in await desk.drafts()] == ["maria"]


async def test_what_the_guards_refuse_is_not_published_and_leaves_no_draft(ward: Ward) -> None:
    weeks = NIGHT.replace("date,start time,end time", "start,end").replace(
        "05,19:00,07:00", "05 19:00,2026-12-30 07:00"
    )
    with pytest.raises(Declined, match="Say why"):
        await run_errand(ward.house.config, "rota", told(weeks, reason=""))
    assert await ward.house.rota_desk.drafts() == []
    assert len(await ward.house.journal.editions()) == 1


async def test_the_night_of_the_clock_change_is_written_with_the_pass_that_was_meant(ward: Ward) -> None:
    night = "person,tier,start,end\nAna Lee,primary,2027-11-07 01:30-05:00,2027-11-07 06:00\n"
    await run_errand(ward.house.config, "rota", told(night))
    first, second = (datetime(2027, 11, 7, hour, 45, tzinfo=UTC) for hour in (5, 6))
    assert who(ward, first) != ["ana"]
    assert who(ward, second) == ["ana"]


async def test_the_dry_run_says_the_difference_and_what_the_guards_would_say() -> None:
    rota, now = shipped().rota, TEN_AM
    plan = await schedule_plan(NIGHT.encode(), Said(), rota, now)
    lines = plan_lines(plan, rota, now, frozenset(rota.people))
    assert "Sat 5 Dec 19:00 to Sun 6 Dec 07:00, pump team primary: Ben Singh -> Ana Lee. 1 night." in lines
    assert not [line for line in lines if line.startswith(("RED: ", "YELLOW: "))]
    weeks = NIGHT.replace("date,start time,end time", "start,end").replace(
        "05,19:00,07:00", "05 19:00,2026-12-30 07:00"
    )
    lines = plan_lines(await schedule_plan(weeks.encode(), Said(), rota, now), rota, now, frozenset(rota.people))
    assert [line for line in lines if line.startswith("YELLOW: ")], "one person for four weeks"
    nothing = await schedule_plan(NIGHT.replace("Dr. Lee", "Dr Singh").encode(), Said(), rota, now)
    assert plan_lines(nothing, rota, now, None)[-1].endswith("nothing to change.")


async def test_half_a_year_of_nights_is_taken_in_within_a_minute(ward: Ward) -> None:
    first, people = datetime.fromisoformat("2026-12-01"), ("Ana Lee", "Cho Park", "Ben Singh")
    days = [f"{people[n % 3]},primary,{first + timedelta(days=n):%Y-%m-%d},19:00,07:00" for n in range(180)]
    content = "\n".join(["person,tier,date,start time,end time", *days])
    began = stopwatch.monotonic()
    answer = await run_errand(ward.house.config, "rota", told(content))
    assert answer["covers"] > 80
    assert stopwatch.monotonic() - began < 60


def test_an_imported_schedule_is_one_edit_of_a_draft_and_survives_its_row() -> None:
    edit = AddCovers((AddCover("pump-team/primary", "ana", "2026-12-05 19:00", "2026-12-06 07:00"),), "rota.csv")
    assert decode(encode(edit)) == edit
