"""The house is closed in the middle of a night and opened again on the same file: nothing is forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from oncall.core.case.case import Status
from tests.support.ward import THREE_AM, open_ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"


async def test_a_restart_goes_on_where_the_case_should_be_and_pages_each_person_once(tmp_path: Path) -> None:
    file = f"sqlite:///{tmp_path / 'oncall.db'}"
    async with open_ward(database=file) as ward:
        await ward.phone("mum of Leo").texts(ITCHY)
        before = await ward.only_case()
    async with open_ward(THREE_AM + timedelta(minutes=40), database=file, fill=False) as ward:
        case = await ward.only_case()
        assert case.id == before.id
        assert case.status is Status.PAGING
        for who in ("dia", "eli", "fay"):
            pages = [text for text in ward.phone(who).inbox if "pump call #" in text]
            assert len(pages) == 1, who
        assert ward.phone("dia").inbox[0].startswith("DELAYED")
        assert ward.phone("operator").inbox
        await ward.is_sound()


async def test_a_case_taken_before_the_restart_is_still_held_and_its_promise_runs(tmp_path: Path) -> None:
    file = f"sqlite:///{tmp_path / 'oncall.db'}"
    async with open_ward(database=file) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        await mum.texts(ITCHY)
        await ana.texts(ana.reply_code("2"))
    async with open_ward(THREE_AM + timedelta(minutes=4), database=file, fill=False) as ward:
        assert (await ward.only_case()).status is Status.HELD
        assert not ward.phone("ana").is_ringing
        await ward.pass_time("1m")
        assert ward.phone("ana").is_ringing


async def test_a_repeated_text_after_the_restart_is_still_known(tmp_path: Path) -> None:
    file = f"sqlite:///{tmp_path / 'oncall.db'}"
    async with open_ward(database=file) as ward:
        sid = await ward.phone("mum of Leo").texts(ITCHY)
    async with open_ward(THREE_AM + timedelta(seconds=30), database=file, fill=False) as ward:
        await ward.phone("mum of Leo").texts(ITCHY, sid=sid)
        assert len((await ward.only_case()).reports) == 1
