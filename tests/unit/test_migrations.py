"""The tables follow the program, and nothing but the program."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall.adapters.migrations import DatabaseRefused, file_system_of, migrate, open_database, transaction
from oncall.adapters.migrations import _refuse_network as refuse_network

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
FIRST = "CREATE TABLE ward (name TEXT NOT NULL) STRICT;\n-- a remark; with a semicolon\n"
SECOND = """
CREATE TABLE heard (name TEXT NOT NULL) STRICT;
CREATE TRIGGER ward_heard AFTER INSERT ON ward BEGIN
  INSERT INTO heard VALUES (new.name);
  INSERT INTO heard VALUES (new.name || ' again');
END;
"""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_database(tmp_path / "var" / "oncall.db")
    yield opened
    opened.close()


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    directory = tmp_path / "schema"
    directory.mkdir()
    (directory / "0001_ward.sql").write_text(FIRST)
    return directory


def test_a_database_is_opened_to_survive_a_power_cut(connection: sqlite3.Connection) -> None:
    def pragma(name: str) -> object:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("synchronous")) == ("wal", 2)
    assert (pragma("busy_timeout"), pragma("foreign_keys")) == (5000, 1)
    assert connection.isolation_level is None


def test_pending_files_are_applied_in_order_and_only_once(connection: sqlite3.Connection, schema: Path) -> None:
    (schema / "0002_heard.sql").write_text(SECOND)
    assert migrate(connection, "ward", schema, AT) == ["0001_ward.sql", "0002_heard.sql"]
    assert migrate(connection, "ward", schema, AT) == []
    connection.execute("INSERT INTO ward VALUES ('east')")
    assert connection.execute("SELECT count(*) FROM heard").fetchone() == (2,)


def test_two_components_number_their_files_apart(connection: sqlite3.Connection, schema: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "0001_bed.sql").write_text("CREATE TABLE bed (number INTEGER NOT NULL) STRICT;")
    migrate(connection, "ward", schema, AT)
    assert migrate(connection, "bed", other, AT) == ["0001_bed.sql"]


def test_a_file_that_fails_leaves_nothing_behind(connection: sqlite3.Connection, schema: Path) -> None:
    (schema / "0002_broken.sql").write_text("CREATE TABLE bed (number INTEGER) STRICT;\nCREATE TABEL oops;")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, "ward", schema, AT)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert tables == []


def test_a_database_newer_than_the_program_is_refused(connection: sqlite3.Connection, schema: Path) -> None:
    (schema / "0002_heard.sql").write_text(SECOND)
    migrate(connection, "ward", schema, AT)
    (schema / "0002_heard.sql").unlink()
    with pytest.raises(DatabaseRefused, match="newer than this program"):
        migrate(connection, "ward", schema, AT)


def test_an_applied_file_that_changed_is_refused(connection: sqlite3.Connection, schema: Path) -> None:
    migrate(connection, "ward", schema, AT)
    (schema / "0001_ward.sql").write_text(FIRST + "-- one more thought\n")
    with pytest.raises(DatabaseRefused, match=r"0001_ward\.sql of ward was changed"):
        migrate(connection, "ward", schema, AT)


def test_line_ends_of_another_system_are_not_a_change(connection: sqlite3.Connection, schema: Path) -> None:
    migrate(connection, "ward", schema, AT)
    (schema / "0001_ward.sql").write_bytes(FIRST.replace("\n", "\r\n").encode())
    assert migrate(connection, "ward", schema, AT) == []


@pytest.mark.parametrize("name", ["0003_gap.sql", "two.sql"])
def test_a_misnumbered_file_is_refused(connection: sqlite3.Connection, schema: Path, name: str) -> None:
    (schema / name).write_text("CREATE TABLE bed (number INTEGER) STRICT;")
    with pytest.raises(DatabaseRefused, match=r"number|rename"):
        migrate(connection, "ward", schema, AT)


def test_a_write_that_fails_is_taken_back(connection: sqlite3.Connection, schema: Path) -> None:
    migrate(connection, "ward", schema, AT)

    def write_and_fail() -> None:
        with transaction(connection):
            connection.execute("INSERT INTO ward VALUES ('east')")
            raise KeyError("east")

    with pytest.raises(KeyError):
        write_and_fail()
    assert connection.execute("SELECT * FROM ward").fetchall() == []


def test_a_database_on_a_network_drive_is_refused_with_what_to_do() -> None:
    mounts = "/dev/vda / ext4 rw 0 0\nserver:/share /srv/our\\040files nfs4 rw 0 0\n"
    assert file_system_of(Path("/srv/our files/oncall.db"), mounts) == "nfs4"
    assert file_system_of(Path("/srv/oncall.db"), mounts) == "ext4"
    assert file_system_of(Path("/srv/oncall.db"), "") == ""
    with pytest.raises(DatabaseRefused, match="put it on a disk of this machine"):
        refuse_network(Path("/srv/our files/oncall.db"), mounts)
