"""A new release in the middle of a night: the old database moves forward with its open emergency, and never back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from oncall.adapters.before_migrating import keep_before_migrating, kept_copies
from oncall.adapters.migrations import DatabaseRefused, migrate, open_database
from oncall.adapters.put_back import RestoreMark
from oncall.core.case.case import Status
from oncall.stores import COMPONENTS
from tests.support.ward import THREE_AM, open_ward, span

DEADLY = "she will not wake up and her lips are blue"
OLDEST, LAST = 1, None  # the release that wrote the first schema, and the one before the newest file


def schema_of(component: str, upto: int | None, folder: Path) -> Path:
    """The numbered files that an older program had."""
    files = sorted(COMPONENTS[component].glob("*.sql"))
    kept = files[: upto or max(len(files) - 1, 1)]
    (folder / component).mkdir(parents=True)
    for path in kept:
        shutil.copy(path, folder / component)
    return folder / component


def as_an_older_program_had_it(newest: Path, upto: int | None, folder: Path) -> Path:
    """The same rows in the tables and columns of then."""
    old = folder / "old" / "oncall.db"
    with closing(open_database(old)) as connection:
        for component in COMPONENTS:
            migrate(connection, component, schema_of(component, upto, folder / "schema"), THREE_AM)
        connection.execute("ATTACH ? AS newest", (str(newest),))
        connection.execute("PRAGMA foreign_keys=OFF")
        for table in tables(connection) - {"migrations"}:
            columns = ", ".join(f'"{name}"' for name in columns_of(connection, table))
            connection.execute(
                f'INSERT OR REPLACE INTO main."{table}" ({columns}) SELECT {columns} FROM newest."{table}"'
            )
    return old


def tables(connection: sqlite3.Connection) -> set[str]:
    told = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return {name for (name,) in connection.execute(told)}


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f'PRAGMA main.table_info("{table}")')]


@pytest.mark.parametrize("upto", [OLDEST, LAST])
async def test_an_open_emergency_of_an_older_release_goes_on_where_it_should_be(
    upto: int | None, tmp_path: Path
) -> None:
    async with open_ward(database=f"sqlite:///{tmp_path / 'oncall.db'}") as ward:
        await ward.phone("mum of Leo").texts(DEADLY)
        begun = await ward.only_case()
        first = {page.person for page in begun.pages}
    old = as_an_older_program_had_it(tmp_path / "oncall.db", upto, tmp_path)
    shutil.copy(tmp_path / "oncall.db-last", old.parent)
    async with open_ward(THREE_AM + span("2m"), f"sqlite:///{old}", fill=False) as ward:
        await ward.pass_time("2m")
        case = await ward.only_case()
        assert (case.id, case.status) == (begun.id, Status.PAGING)
        assert (ward.house.lost(), RestoreMark(old.parent).ends_at()) == ((), None), "an upgrade is no damage"
        assert first < {page.person for page in case.pages}, "the attending is paged at three minutes"
        await ward.is_sound()
    [kept] = kept_copies(old)
    taken_by_the_older_program(kept, upto, tmp_path / "older")
    assert begun.id in cases_in(kept)


def taken_by_the_older_program(copy: Path, upto: int | None, folder: Path) -> None:
    """It finds its own tables in it, and nothing to do."""
    with closing(open_database(copy)) as connection:
        for component in COMPONENTS:
            assert migrate(connection, component, schema_of(component, upto, folder), THREE_AM) == []


def cases_in(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [case for (case,) in connection.execute("SELECT DISTINCT case_id FROM entries")]


def test_only_what_is_about_to_move_is_copied_and_only_the_newest_copies_stay(tmp_path: Path) -> None:
    database, older = tmp_path / "oncall.db", {"journal": schema_of("journal", OLDEST, tmp_path / "schema")}
    assert keep_before_migrating(database, COMPONENTS) is None, "there is none yet"
    with closing(open_database(database)) as connection:
        assert keep_before_migrating(database, COMPONENTS) is None, "nobody has used it"
        migrate(connection, "journal", older["journal"], THREE_AM)
    assert keep_before_migrating(database, older) is None, "nothing is about to move"
    for age, name in ((30, "a"), (20, "b"), (10, "c")):
        (tmp_path / f"oncall.db-before-{name}").touch()
        os.utime(tmp_path / f"oncall.db-before-{name}", (THREE_AM.timestamp() - age,) * 2)
    kept = keep_before_migrating(database, {"journal": COMPONENTS["journal"]})
    assert kept == tmp_path / "oncall.db-before-journal-0002"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name[-1] for path in kept_copies(database)] == ["b", "c", "2"]


def test_a_disk_without_room_for_the_copy_keeps_no_line_from_starting(tmp_path: Path) -> None:
    database = tmp_path / "oncall.db"
    with closing(open_database(database)) as connection:
        migrate(connection, "journal", schema_of("journal", OLDEST, tmp_path / "schema"), THREE_AM)
    (tmp_path / "oncall.db-before-journal-0002.part").mkdir()
    assert keep_before_migrating(database, {"journal": COMPONENTS["journal"]}) is None
    with closing(open_database(database)) as connection:
        assert migrate(connection, "journal", COMPONENTS["journal"], THREE_AM) != []


@pytest.mark.parametrize("component", ["journal", "register"])
def test_an_older_program_refuses_the_newer_file_and_leaves_it_as_it_is(component: str, tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "oncall.db")) as connection:
        migrate(connection, component, COMPONENTS[component], THREE_AM)
        before = tables(connection)
        with pytest.raises(DatabaseRefused, match=r"newer than this program .* install the newer program, or restore"):
            migrate(connection, component, schema_of(component, LAST, tmp_path / "schema"), THREE_AM)
        assert tables(connection) == before
