"""A disk that refuses to write or to sync: no yes while it does, everything that heard yes is there, and it goes on.

The failures are ordered from a small library that is compiled here; without a C compiler these tests are skipped by
name. Deliberately not here: a disk that says it has synced and has not, which no process can see.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.left_behind import open_again
from tests.crash.points import ROOT

pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(not shutil.which("cc") or sys.platform != "linux", reason="needs a C compiler on Linux"),
]
FAILURES = {
    "the log cannot be synced": ("sync", "-wal", errno.EIO),
    "the log cannot be written": ("write", "-wal", errno.EIO),
    "the disk is full": ("write", "-wal", errno.ENOSPC),
    "the disk became read-only": ("write", "-wal", errno.EROFS),
}
HARMLESS = {
    "the database cannot be synced": ("sync", "oncall.db", errno.EIO),
    "the note cannot be written": ("write", "-last", errno.ENOSPC),
}


Lived = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("disk")


@pytest.fixture(scope="module")
def lived(folder: Path) -> Lived:
    """All houses in one process, which ends without closing anything."""
    library, source = folder / "failing_disk.so", Path(__file__).with_name("failing_disk.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    orders = {name: " ".join(map(str, order)) for name, order in (FAILURES | HARMLESS).items()}
    there = {"LD_PRELOAD": str(library), "FAILING_DISK": str(folder / "orders")}
    command = [sys.executable, "-m", "tests.crash.on_failing_disk", str(folder), json.dumps(orders)]
    ran = subprocess.run(command, cwd=ROOT, env=os.environ | there, capture_output=True, check=True)
    told = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith(b'{"house"')]
    return {one.pop("house"): one for one in told}


@pytest.mark.parametrize("what", FAILURES)
def test_nobody_hears_yes_while_it_fails_and_nothing_is_missing_afterwards(
    what: str, folder: Path, lived: Lived
) -> None:
    said = lived[what]
    assert said["failing"] == []
    assert len(said["before"]) == 3
    assert len(said["after"]) == 6, "it goes on by itself when there is room again"
    found = open_again(folder / what / "oncall.db")
    assert (found.refused, found.faults) == (None, ())
    assert found.cases >= {*said["before"], *said["after"]}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_no_part_of_the_promise_does_not_stop_the_line(what: str, folder: Path, lived: Lived) -> None:
    said = lived[what]
    assert len(said["failing"]) == 4
    found = open_again(folder / what / "oncall.db")
    assert (found.refused, found.faults) == (None, ())
    assert found.cases >= {*said["before"], *said["failing"], *said["after"]}
