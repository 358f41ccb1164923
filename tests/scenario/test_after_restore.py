"""The line comes up on yesterday's database: nobody is paged for what is long over, and nothing young is lost."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from oncall.adapters.backup.making import Order, make_backup
from oncall.adapters.backup.mark import RestoreMark
from oncall.adapters.backup.restoring import restore
from oncall.adapters.migrations import open_for_reading
from oncall.backing_up import record_faults
from oncall.core.case.case import Case, ClockKind
from oncall.core.case.commands import Resolve
from tests.support.ward import THREE_AM, Ward, open_ward

DEADLY = "she will not wake up and her lips are blue"
ITCHY = "he is so itchy and stiff"


async def backed_up(tmp_path: Path, words: str) -> Path:
    """A night with one case in it, of which a backup is made a minute later; the disk is then lost."""
    database = tmp_path / "var" / "oncall.db"
    async with open_ward(database=f"sqlite:///{database}") as ward:
        await ward.phone("mum of Leo").texts(words)
        await ward.pass_time("1m")
        audit = partial(record_faults, at=THREE_AM)
        made = make_backup(Order(database, tmp_path / "out"), ward.clock.now(), audit)
    shutil.rmtree(tmp_path / "var")
    restore(made, tmp_path / "new", None, audit)
    return tmp_path / "new"


def opened(folder: Path, later: timedelta):
    return open_ward(THREE_AM + later, f"sqlite:///{folder / 'oncall.db'}", fill=False, chores=True)


def pages(ward: Ward) -> list[str]:
    return [text for name in ("ana", "ben", "cho", "dia") for text in ward.phone(name).inbox]


async def test_a_young_emergency_pages_at_once_and_says_that_it_is_delayed(tmp_path: Path) -> None:
    folder = await backed_up(tmp_path, DEADLY)
    async with opened(folder, timedelta(minutes=40)) as ward:
        assert any("DELAYED" in text for text in pages(ward))
        assert (await ward.only_case()).clock(ClockKind.REVIEW) is None
        assert RestoreMark(folder).made_at() is None
        await ward.is_sound()


async def test_yesterdays_case_pages_nobody_and_an_administrator_is_rung_until_somebody_looks(tmp_path: Path) -> None:
    folder = await backed_up(tmp_path, DEADLY)
    async with opened(folder, timedelta(hours=20)) as ward:
        await ward.house.watch.look()
        await ward.pass_time("20m")
        assert pages(ward) == []
        assert ward.phone("mum of Leo").inbox == []
        case = await ward.only_case()
        assert [clock.kind for clock in case.clocks] == [ClockKind.REVIEW]
        assert await ward.house.journal.idle_cases() == []
        assert rung(ward) >= 2
        assert "Leo" not in " ".join(phone.heard for phone in everybody(ward))
        assert any("review" in line for line in await ward.story())
        await ward.house.desk.take(Resolve(case.id, "ana", "phone advice", "she was fine"))
        await ward.pass_time("2m")
        before = rung(ward)
        await ward.pass_time("1h")
        assert rung(ward) == before
        await ward.is_sound()


def everybody(ward: Ward):
    return [ward.phone(number) for number in ward.carrier.phones]


def rung(ward: Ward) -> int:
    return sum(phone.missed for phone in everybody(ward))


async def test_a_family_that_writes_again_is_not_kept_waiting_for_a_review(tmp_path: Path) -> None:
    folder = await backed_up(tmp_path, ITCHY)
    async with opened(folder, timedelta(hours=20)) as ward:
        assert pages(ward) == []
        for _ in range(1000):
            ward.house.new_id()  # the carrier's names of the night before are not given out again
        await ward.phone("mum of Leo").texts("he is still itchy")
        await ward.pass_time("2s")
        assert any("#" in text for text in pages(ward))
        assert (await ward.only_case()).clock(ClockKind.REVIEW) is None


async def test_killed_before_the_mark_is_gone_the_second_start_adds_nothing(tmp_path: Path) -> None:
    folder = await backed_up(tmp_path, DEADLY)
    mark = (folder / "restored").read_text()
    async with opened(folder, timedelta(hours=20)) as ward:
        before = await ward.only_case()
    (folder / "restored").write_text(mark)
    async with opened(folder, timedelta(hours=20)) as ward:
        after = await ward.only_case()
    assert entries(folder, after) == before.version


def entries(folder: Path, case: Case) -> int:
    with closing(open_for_reading(folder / "oncall.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM entries WHERE case_id = ?", (case.id,)).fetchone()[0])
