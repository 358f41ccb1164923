"""A backup that somebody else made: whatever it holds, a restore is a sentence, and nothing outside is touched."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall.adapters.backup.manifest import counts_of
from oncall.adapters.backup.restoring import NotRestored, restore
from oncall.adapters.backup.sealing import OPEN
from oncall.adapters.journal.audit import audit
from oncall.adapters.journal.rows import micros
from oncall.adapters.journal.shelf import GENESIS, entry_hash
from oncall.adapters.migrations import migrate, open_database
from oncall.backing_up import TROUBLE, record_faults
from oncall.stores import COMPONENTS

AT = datetime(2026, 11, 26, 8, 10, tzinfo=UTC)
tried = settings(
    max_examples=int(os.environ.get("ONCALL_FUZZ", "15")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
AUDIT = partial(record_faults, at=AT)


def fresh(path: Path) -> Path:
    with closing(open_database(path)) as connection:
        for component, schema in COMPONENTS.items():
            migrate(connection, component, schema, AT)
        connection.execute("PRAGMA journal_mode=DELETE")
    return path


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fresh(tmp_path_factory.mktemp("fresh") / "oncall.db")


def manifest_of(files: Mapping[str, bytes], **changed: Any) -> dict[str, Any]:
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    told = {"made_at": AT.isoformat(), "program": "1", "database": "oncall.db", "counts": {}, "hashes": hashes}
    return told | changed


def packed(path: Path, told: Any, files: Mapping[str, bytes]) -> Path:
    content = told if isinstance(told, bytes) else json.dumps(told).encode()
    with path.open("wb") as file:
        file.write(OPEN)
        with tarfile.open(fileobj=file, mode="w|gz") as tar:
            for name, inside in {"manifest.json": content, **files}.items():
                head = tarfile.TarInfo(name)
                head.size = len(inside)
                tar.addfile(head, io.BytesIO(inside))
    return path


def counts(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        return counts_of(connection)


def refused(backup: Path, folder: Path) -> str:
    with pytest.raises((NotRestored, *TROUBLE)) as problem:
        restore(backup, folder / "new", None, AUDIT)
    assert not (folder / "new").exists()
    assert not (folder / "new.restoring").exists()
    return str(problem.value)


def test_what_is_packed_by_this_test_is_else_a_backup(database: Path, tmp_path: Path) -> None:
    files = {"oncall.db": database.read_bytes()}
    told = manifest_of(files, counts=counts(database))
    assert restore(packed(tmp_path / "x.backup", told, files), tmp_path / "new", None, AUDIT).made_at == AT.isoformat()


@pytest.mark.parametrize("name", ["{there}/live.db", "../live.db"])
def test_a_manifest_that_names_the_line_s_own_database_does_not_have_it_opened(tmp_path: Path, name: str) -> None:
    """It would be brought up to this program's tables, beside the service that uses it."""
    live = tmp_path / "live.db"
    with closing(sqlite3.connect(live)) as connection:
        connection.execute("CREATE TABLE ours (x)")
        connection.commit()
    before, at = live.read_bytes(), name.format(there=tmp_path)
    hashes = {at: sha256(before).hexdigest()}
    told = manifest_of({}, database=at, hashes=hashes, counts={"ours": 0})
    assert "cut off or changed" in refused(packed(tmp_path / "x.backup", told, {}), tmp_path)
    assert live.read_bytes() == before


@pytest.mark.parametrize("name", ["../x", "/tmp/x", ".bashrc", "a/b", "oncall.db/../x"])
def test_no_file_lands_where_it_wants(tmp_path: Path, name: str) -> None:
    files = {"oncall.db": b"x", name: b"x"}
    assert "never put into it" in refused(packed(tmp_path / "x.backup", manifest_of(files), files), tmp_path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "x.backup"
    with path.open("wb") as file:
        file.write(OPEN)
        with tarfile.open(fileobj=file, mode="w|gz") as tar:
            head = tarfile.TarInfo("oncall.db")
            head.type, head.linkname = kind, "/etc/passwd"
            tar.addfile(head)
    refused(path, tmp_path)


def test_a_file_that_unpacks_to_more_than_the_disk_has_is_refused_before_it_is_written(tmp_path: Path) -> None:
    """A head that promises so much is enough: nothing of it may be written beside a line that runs."""
    head = tarfile.TarInfo("oncall.db")
    head.size = 1 << 50
    packed_head = tmp_path / "x.backup"
    with packed_head.open("wb") as file:
        file.write(OPEN)
        with tarfile.open(fileobj=file, mode="w|gz") as tar:
            tar.fileobj.write(head.tobuf(tarfile.GNU_FORMAT))  # type: ignore[union-attr]
    assert "more than the disk of" in refused(packed_head, tmp_path)


words = st.one_of(st.text(max_size=20), st.integers(), st.none(), st.just("9" * 5000))
manifests = st.one_of(
    st.sampled_from([b"", b"[" * 100_000, b"\xff", b"null", b"[]", b'"x"', b"{}", b"1" * 5000]),
    st.fixed_dictionaries(
        {},
        optional={
            "made_at": st.one_of(words, st.just(AT.isoformat())),
            "program": words,
            "database": st.one_of(words, st.sampled_from(["oncall.db", "", ".", "..", "\x00", "manifest.json"])),
            "counts": st.one_of(words, st.dictionaries(st.text(max_size=5), words, max_size=2)),
            "hashes": st.one_of(words, st.dictionaries(st.sampled_from(["oncall.db", "", ".", "\x00"]), words)),
        },
    ),
)


@tried
@given(
    told=manifests,
    content=st.one_of(st.binary(min_size=1, max_size=80), st.just(b"SQLite format 3\x00" + b"\xff" * 600)),
)
def test_whatever_a_manifest_says_is_refused_in_a_sentence(
    told: Any, content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("told")
    files = {"oncall.db": content}
    told = manifest_of(files) | told if isinstance(told, dict) else told
    assert refused(packed(folder / "x.backup", told, files), folder)


@tried
@given(content=st.binary(max_size=200), is_ours=st.booleans())
def test_bytes_that_are_no_backup_are_refused_in_a_sentence(
    content: bytes, is_ours: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "x.backup").write_bytes(OPEN + content if is_ours else content)
    assert refused(folder / "x.backup", folder)


@pytest.mark.parametrize(
    "hand",
    [
        "DROP TABLE entries",
        "DROP TABLE migrations",
        "INSERT INTO migrations VALUES ('journal', 9999, 'new', 'x', 'x')",
        "CREATE TRIGGER theirs BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END",
        "CREATE VIEW theirs AS SELECT 1",
    ],
)
def test_a_database_that_was_prepared_is_refused(database: Path, tmp_path: Path, hand: str) -> None:
    prepared = copyfile(database, tmp_path / "oncall.db")
    with closing(sqlite3.connect(prepared)) as connection:
        connection.execute(hand)
        connection.commit()
    files = {"oncall.db": prepared.read_bytes()}
    told = manifest_of(files, counts=counts(prepared))
    assert refused(packed(tmp_path / "x.backup", told, files), tmp_path)


def test_a_table_whose_name_is_a_statement_is_counted_and_not_run() -> None:
    name = 'x" FROM sqlite_master; DROP TABLE ours; --'
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE ours (x)")
        connection.execute('CREATE TABLE "x"" FROM sqlite_master; DROP TABLE ours; --" (y)')
        assert counts_of(connection) == {"ours": 0, name: 0}


bodies = st.one_of(
    st.sampled_from(["", "{}", "[]", "null", "[" * 100_000, '{"at": 1}', "9" * 5000, '{"report": null}']),
    st.dictionaries(st.text(max_size=6), words, max_size=3).map(json.dumps),
)
KINDS = ("Opened", "ReportAdded", "PageOrdered", "Taken", "Closed", "nonsense", "", "Assessed")


@tried
@given(kind=st.sampled_from(KINDS), body=bodies, version=st.integers(-1, 3))
def test_an_entry_that_is_whole_by_its_hash_and_means_nothing_is_a_fault_of_its_case_alone(
    database: Path, kind: str, body: str, version: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("entry") / "oncall.db"
    copyfile(database, path)
    with closing(open_database(path)) as connection:
        for case in ("c1", "c2"):
            digest = entry_hash(GENESIS, case, 1, AT, kind, version, body)
            connection.execute(
                "INSERT INTO entries (case_id, seq, at, kind, version, body, hash) VALUES (?, 1, ?, ?, ?, ?, ?)",
                (case, micros(AT), kind, version, body, digest),
            )
        found = audit(connection)
    assert any("c1" in fault for fault in found)
    assert any("c2" in fault for fault in found)
