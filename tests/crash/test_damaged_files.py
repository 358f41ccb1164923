"""The files of a killed house are torn, exchanged or deleted: everything acknowledged is there, or it says so.

Found by this suite: a write-ahead log with one flipped bit opened without a word and was up to the whole night shorter,
and a house whose log had been deleted under it went on saying yes into a file that nobody would find (decision 0048).
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from oncall.adapters.footing import read_note
from oncall.adapters.put_back import RestoreMark
from oncall.adapters.rehearsal.sample_ward import fill_sample
from oncall.service.ports.journal import JournalRefused
from tests.crash.left_behind import Stores, belongs_to, copy_of, leave, open_again, open_stores
from tests.crash.night import BEGINS

pytestmark = pytest.mark.crash
PAGE = 4096
WAL_HEADER, FRAME = 32, 24 + PAGE


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """One killed house: four reports in the database, eight in the log."""
    folder = tmp_path_factory.mktemp("left")
    return folder, asyncio.run(leave(folder, 8, checkpointed_after=4))


def wal(path: Path) -> Path:
    return path.with_name("oncall.db-wal")


def flip(path: Path, place: int) -> None:
    body = bytearray(path.read_bytes())
    body[place] ^= 0x10
    path.write_bytes(body)


def test_an_undamaged_set_of_files_opens_with_everything(left: tuple[Path, list[str]], tmp_path: Path) -> None:
    found = open_again(copy_of(left[0], tmp_path))
    assert (found.refused, found.faults) == (None, ())
    assert found.cases == set(left[1])


def torn_at(share: float) -> Callable[[Path], None]:
    def tear(path: Path) -> None:
        size = wal(path).stat().st_size
        with wal(path).open("r+b") as file:
            file.truncate(int(size * share))

    return tear


def flipped_at(share: float) -> Callable[[Path], None]:
    return lambda path: flip(wal(path), int((wal(path).stat().st_size - 1) * share))


PLACES = 12
TORN = [torn_at(place / PLACES) for place in range(PLACES)] + [flipped_at(place / PLACES) for place in range(PLACES)]


def test_a_torn_log_is_never_silently_less(left: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder, acknowledged = left
    told = 0
    for place, damage in enumerate(TORN):
        path = copy_of(folder, tmp_path / str(place))
        damage(path)
        found = open_again(path)
        assert (found.refused, found.faults) == (None, ()), "a shorter record is opened"
        assert found.is_honest(acknowledged), f"damage {place}: {set(acknowledged) - found.cases} silently gone"
        told += bool(found.lost)
    assert told >= PLACES, "a log torn before its end loses something"
    print(f"\n{len(TORN)} torn logs: opened, {told} say what is lost, {len(TORN) - told} whole, 0 silently less")


def test_without_the_note_the_same_damage_is_seen_to_lose_reports(left: tuple[Path, list[str]], tmp_path: Path) -> None:
    """The control: what SQLite alone makes of it."""
    path = copy_of(left[0], tmp_path)
    path.with_name("oncall.db-last").unlink()
    torn_at(0.5)(path)
    assert not open_again(path).is_honest(left[1])


def test_a_deleted_log_opens_as_a_restore_does_and_says_what_is_lost(
    left: tuple[Path, list[str]], tmp_path: Path
) -> None:
    path = copy_of(left[0], tmp_path)
    wal(path).unlink()
    note = read_note(path)
    assert note is not None
    found = open_again(path)
    assert found.cases == set(left[1][:4])
    [lost] = found.lost
    assert (lost.case, lost.seq, lost.ends_at) == (note.case, note.seq, BEGINS)
    assert RestoreMark(tmp_path).made_at() == BEGINS.isoformat()
    assert read_note(path) is None, "it is kept as evidence"
    assert note.hash in (tmp_path / lost.evidence).read_text()
    assert open_again(path).lost == (lost,), "it is told until a person takes the evidence away"


def test_a_database_that_is_gone_is_not_begun_anew_until_a_person_moves_the_note_away(
    left: tuple[Path, list[str]], tmp_path: Path
) -> None:
    path = copy_of(left[0], tmp_path)
    path.unlink()
    assert "is gone" in (open_again(path).refused or "")
    assert not path.exists()
    wal(path).unlink()
    path.touch()
    assert "is empty, and there was one before" in (open_again(path).refused or "")
    path.with_name("oncall.db-last").rename(tmp_path / "set aside")
    assert open_again(path).refused is None


def test_a_whole_set_that_was_copied_elsewhere_opens_with_everything(
    left: tuple[Path, list[str]], tmp_path: Path
) -> None:
    for ending in ("", "-wal", "-last"):
        shutil.copy(left[0] / f"oncall.db{ending}", tmp_path / f"oncall.db{ending}")
    found = open_again(tmp_path / "oncall.db")
    assert (found.refused, found.lost, found.cases) == (None, (), set(left[1]))


def test_another_database_beside_the_old_log_is_not_mixed_with_it(left: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Somebody puts a backup back after a crash and forgets the log."""
    path = copy_of(left[0], tmp_path)
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    backup.replace(path)
    assert "was exchanged" in (open_again(path).refused or "")


def test_an_older_copy_in_its_place_opens_as_a_restore_does(left: tuple[Path, list[str]], tmp_path: Path) -> None:
    path = copy_of(left[0], tmp_path)
    wal(path).unlink()
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    backup.replace(path)
    found = open_again(path)
    assert found.refused is None
    assert len(found.lost) == 1


def test_a_page_that_became_nothing_is_found_at_the_start_or_by_the_audit(
    left: tuple[Path, list[str]], tmp_path: Path
) -> None:
    whole = copy_of(left[0], tmp_path / "whole")
    with closing(sqlite3.connect(whole)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = whole.stat().st_size // PAGE
    refused = found_by_audit = 0
    for page in random.Random(7).sample(range(1, pages), 24):
        path = tmp_path / str(page) / "oncall.db"
        path.parent.mkdir()
        for ending in ("", "-last"):
            shutil.copy(f"{whole}{ending}", f"{path}{ending}")
        belongs_to(path)
        with path.open("r+b") as file:
            file.seek(page * PAGE)
            file.write(bytes(PAGE))
        found = open_again(path)
        assert found.refused or found.faults, f"page {page} became nothing, and nobody says so"
        refused, found_by_audit = refused + bool(found.refused), found_by_audit + bool(found.faults)
    print(f"\n24 of {pages} pages made nothing: {refused} refused at the start, {found_by_audit} found by the audit")


# --- while the house runs -----------------------------------------------------------------------------------------


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        stores = await open_stores(tmp_path / "oncall.db", stack)
        await fill_sample(stores.register, BEGINS)
        await stores.take(1)
        yield stores


EXCHANGES: dict[str, Callable[[Path], object]] = {
    "the log deleted": lambda path: wal(path).unlink(),
    "the log's index deleted": lambda path: path.with_name("oncall.db-shm").unlink(),
    "the database deleted": lambda path: path.unlink(),
    "the database replaced": lambda path: shutil.copy(path, path.with_name("copy")).replace(path),
    "the database moved away": lambda path: path.rename(path.with_name("elsewhere.db")),
}


@pytest.mark.parametrize("what", EXCHANGES)
async def test_a_file_exchanged_under_the_house_gets_no_yes_and_loses_nothing(what: str, running: Stores) -> None:
    EXCHANGES[what](running.path)
    with pytest.raises(JournalRefused):
        await running.take(2)
    assert running.deaths == ["dead"]
    found = await asyncio.to_thread(open_again, running.path)
    rescued = running.path.with_name("oncall.db-rescued")
    if found.refused:
        assert "oncall.db" in found.refused
        with closing(sqlite3.connect(rescued)) as file:
            assert ("cr1",) in file.execute("SELECT case_id FROM open_cases").fetchall()
    else:
        assert "cr1" in found.cases
