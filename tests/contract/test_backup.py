"""Backups beside an open house: whole, sealed, read back; and restores over nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from oncall.adapters.backup.checking import checked
from oncall.adapters.backup.folder import backups_in, made_at, newest_in
from oncall.adapters.backup.making import NotMade, Order, make_backup
from oncall.adapters.backup.manifest import heads_missing
from oncall.adapters.backup.mark import RestoreMark
from oncall.adapters.backup.restoring import NotRestored, restore
from oncall.adapters.backup.sealing import PIECE, NotOurs, Opener, Sealer
from oncall.adapters.migrations import open_for_reading
from oncall.backing_up import ByAnotherProcess, record_faults
from oncall.config import BackupPart, secret
from tests.support.ward import Ward, open_ward

AT = datetime(2026, 11, 26, 8, 10, tzinfo=UTC)
AUDIT = partial(record_faults, at=AT)


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    async with open_ward(database=f"sqlite:///{tmp_path / 'var' / 'oncall.db'}") as opened:
        await opened.phone("mum of Leo").texts("he is so itchy and stiff")
        yield opened


@pytest.fixture
def order(ward: Ward, tmp_path: Path) -> Order:
    config = tmp_path / "config.yaml"
    config.write_text("hospital: {}\n")
    return Order(tmp_path / "var" / "oncall.db", tmp_path / "out", config, "a long secret", keep=2)


def read_all(path: Path) -> list[tuple[object, ...]]:
    with closing(open_for_reading(path)) as connection:
        return connection.execute("SELECT * FROM entries ORDER BY case_id, seq").fetchall()


async def test_a_backup_made_beside_a_running_line_is_restored_with_every_entry(order: Order, tmp_path: Path) -> None:
    made = make_backup(order, AT, AUDIT)
    manifest = restore(made, tmp_path / "new", order.key, AUDIT)
    assert read_all(tmp_path / "new" / "oncall.db") == read_all(order.database)
    assert (tmp_path / "new" / "secret.key").read_bytes() == (order.database.parent / "secret.key").read_bytes()
    assert (tmp_path / "new" / "config.yaml").read_text() == "hospital: {}\n"
    assert RestoreMark(tmp_path / "new").made_at() == manifest.made_at == AT.isoformat()
    assert not (order.database.parent / "backup.tmp").exists()


async def test_a_sealed_backup_holds_no_words_and_opens_with_its_key_alone(order: Order, tmp_path: Path) -> None:
    made = make_backup(order, AT, AUDIT)
    assert b"SQLite" not in made.read_bytes()
    assert made.stat().st_mode & 0o077 == 0
    for key in (None, "another secret"):
        with pytest.raises(NotOurs):
            restore(made, tmp_path / "new", key, AUDIT)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("size", [0, 5, PIECE, PIECE + 1, 2 * PIECE])
def test_what_was_sealed_opens_the_same_and_not_when_cut_off(tmp_path: Path, size: int) -> None:
    path, told = tmp_path / "sealed", bytes(range(256)) * (size // 256 + 1)
    with path.open("wb") as file:
        sealer = Sealer(file, "key")
        sealer.write(told[:size])
        sealer.finish()
    with path.open("rb") as file:
        assert Opener(file, "key").readall() == told[:size]
    shutil.copyfile(path, tmp_path / "cut")
    with (tmp_path / "cut").open("r+b") as file:
        file.truncate(path.stat().st_size - (PIECE + 16 if size > PIECE else 1))
    with (tmp_path / "cut").open("rb") as file, pytest.raises(NotOurs):
        Opener(file, "key").readall()


async def test_one_changed_byte_is_found(order: Order, tmp_path: Path) -> None:
    open_order = Order(order.database, order.folder)
    made = make_backup(open_order, AT, AUDIT)
    content = bytearray(made.read_bytes())
    content[len(content) // 2] ^= 1
    made.write_bytes(content)
    try:
        _, faults = checked(made, tmp_path / "check", None, AUDIT)
    except NotOurs:
        return
    assert faults


async def test_a_record_that_was_tampered_with_gets_no_name_and_replaces_no_good_one(
    order: Order, ward: Ward, tmp_path: Path
) -> None:
    good = make_backup(order, AT, AUDIT)
    with closing(sqlite3.connect(order.database)) as hand:
        hand.execute("DROP TRIGGER entries_are_never_changed")
        hand.execute("UPDATE entries SET body = '{}' WHERE seq = 2")
        hand.commit()
    with pytest.raises(NotMade, match="hash chain breaks"):
        make_backup(order, AT.replace(hour=9), AUDIT)
    assert backups_in(order.folder) == [good]


async def test_only_the_newest_stay_and_nothing_else_is_touched(order: Order) -> None:
    order.folder.mkdir()
    (order.folder / "oncall-notes.txt").write_text("ours")
    for hour in (1, 2, 3):
        make_backup(order, AT.replace(hour=hour), AUDIT)
    assert [made_at(path).hour for path in backups_in(order.folder)] == [2, 3]
    assert newest_in(order.folder) == AT.replace(hour=3, minute=10)
    assert (order.folder / "oncall-notes.txt").exists()
    assert len(list(order.folder.glob("*.heads"))) == 2


async def test_nothing_is_restored_over_anything(order: Order, ward: Ward, tmp_path: Path) -> None:
    made = make_backup(order, AT, AUDIT)
    before = read_all(order.database)
    with pytest.raises(NotRestored, match="not empty"):
        restore(made, order.database.parent, order.key, AUDIT)
    assert read_all(order.database) == before


async def test_chain_heads_tell_of_an_entry_that_was_there_and_is_gone(order: Order, ward: Ward) -> None:
    heads = make_backup(order, AT, AUDIT).with_suffix(".heads")
    with closing(sqlite3.connect(order.database)) as hand:
        assert heads_missing(hand, heads) == []
        hand.execute("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)")
        [told] = heads_missing(hand, heads)
    assert "is not the one that was backed up" in told


async def test_two_at_a_time_are_refused_in_a_sentence(order: Order) -> None:
    def while_checking(connection: sqlite3.Connection) -> list[str]:
        with pytest.raises(NotMade, match="Another backup"):
            make_backup(order, AT, AUDIT)
        return []

    assert make_backup(order, AT, while_checking).exists()


async def test_the_service_leaves_it_to_another_process_and_hears_why_there_is_none(ward: Ward, tmp_path: Path) -> None:
    part = BackupPart(folder=tmp_path / "out", key=secret("a long secret"))
    backups = ByAnotherProcess(ward.house.config.model_copy(update={"backup": part}))
    assert await backups.make() is None
    assert await backups.newest() is not None
    [made] = backups_in(tmp_path / "out")
    assert b"sealed" in made.read_bytes()[:32]
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    part = BackupPart(folder=blocked)
    told = await ByAnotherProcess(ward.house.config.model_copy(update={"backup": part})).make()
    assert told is not None
    assert "exists" in told
