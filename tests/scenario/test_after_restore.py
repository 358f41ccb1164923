"""The line comes up on yesterday's database, or on one that is shorter than what it said yes to.

Nobody is paged for what is long over, nothing young is lost, and what is missing is said to whoever can look for it.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import chdir, closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from oncall.adapters.backup.making import Order, make_backup
from oncall.adapters.backup.restoring import restore
from oncall.adapters.migrations import open_for_reading
from oncall.adapters.put_back import RestoreMark, mark_restored
from oncall.adapters.web.line.metrics import Metrics
from oncall.adapters.web.line.page import sources_of
from oncall.backing_up import record_faults
from oncall.core.case.case import Case, ClockKind
from oncall.core.case.commands import Resolve
from oncall.service.line.health import health_of
from oncall.service.line.lost import lost_words
from oncall.serving import given_of
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
        assert ward.house.lost() == (), "a backup that oncall restore put back is not damage"
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


# --- a record that is shorter than its note --------------------------------------------------------------------------


async def shortened(tmp_path: Path, words: str) -> Path:
    """Leo's mother writes, and two minutes later a stranger; the record ends between them. ITCHY is closed."""
    database, older = tmp_path / "oncall.db", tmp_path / "older.db"
    async with open_ward(database=f"sqlite:///{database}") as ward:
        await ward.phone("mum of Leo").texts(words)
        if words == ITCHY:
            await ward.house.desk.take(Resolve((await ward.only_case()).id, "ana", "phone advice", "she was fine"))
        await ward.pass_time("1m")
        with closing(open_for_reading(database)) as source, closing(sqlite3.connect(older)) as copy:
            source.backup(copy)
        await ward.pass_time("1m")
        await ward.phone("+16175550199").texts(ITCHY)
    older.replace(database)
    database.with_name("oncall.db-wal").unlink(missing_ok=True)
    return tmp_path


async def test_a_shorter_record_pages_its_young_emergency_and_says_on_board_and_health_what_is_missing(
    tmp_path: Path,
) -> None:
    folder = await shortened(tmp_path, DEADLY)
    async with opened(folder, timedelta(minutes=40)) as ward:
        assert any("DELAYED" in text for text in pages(ward))
        [lost] = ward.house.lost()
        told = lost_words(lost, ward.house.hospital.zone)
        assert f"Entry {lost.seq} of case {lost.case}" in told
        given = given_of(ward.house, Metrics(), training=True)
        assert told in (await given.line_states.now()).alarms
        assert told in [line.told for line in (await health_of(sources_of(given))).lines]
        await ward.is_sound()


async def test_a_loss_is_rung_about_though_no_case_is_open_until_somebody_has_heard_it(tmp_path: Path) -> None:
    folder = await shortened(tmp_path, ITCHY)
    async with opened(folder, timedelta(minutes=40)) as ward:
        await ward.pass_time("16m")
        assert rung(ward) >= 2
        [caller] = {phone.number for phone in everybody(ward) if phone.missed}
        await ward.pass_time("15m")
        await answered(ward, caller)
        before = rung(ward)
        await ward.pass_time("1h")
        assert rung(ward) == before
        assert "is lost" in ward.phone(caller).heard
        assert len(ward.house.lost()) == 1, "it stays on the board until the evidence is taken away"
        (folder / ward.house.lost()[0].evidence).unlink()
        assert ward.house.lost() == ()


async def answered(ward: Ward, number: str) -> None:
    phone = ward.phone(number)
    for _ in range(40):
        if phone.is_ringing:
            await phone.answers()
            await phone.presses("1")
            return
        await ward.pass_time("30s")
    raise AssertionError("it does not ring")


@pytest.mark.parametrize("put_back", [True, False])
async def test_the_carriers_list_is_read_as_far_back_as_the_record_ends(put_back: bool, tmp_path: Path) -> None:
    if put_back:
        mark_restored(tmp_path, THREE_AM.isoformat())
    async with open_ward(database=f"sqlite:///{tmp_path / 'oncall.db'}") as ward:
        ward.carrier.faults.order("lose_webhook", "text")
        await ward.phone("mum of Leo").texts(ITCHY)
        await ward.pass_time("3d")
        await ward.house.after_restore.look()
        assert (RestoreMark(tmp_path).ends_at() == THREE_AM) is put_back, "not read yet"
        await ward.house.reconciler.look()
        await ward.settle()
        assert len(await ward.open_cases()) == put_back
        await ward.house.after_restore.look()
        assert RestoreMark(tmp_path).ends_at() is None


async def test_a_rehearsal_in_memory_leaves_the_marks_of_a_real_line_alone(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    mark_restored(tmp_path / "var", THREE_AM.isoformat())
    with chdir(tmp_path):
        async with open_ward() as ward:
            await ward.house.after_restore.look()
    assert RestoreMark(tmp_path / "var").made_at() == THREE_AM.isoformat()
