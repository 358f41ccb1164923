"""The file beside the store: what is on the disk, what is torn, and who may read it."""

from __future__ import annotations

import resource
from pathlib import Path

from oncall.adapters.side_file import NAME, ROOM, SideFile


def test_lines_come_back_as_they_were_and_only_our_account_may_read_them(tmp_path: Path) -> None:
    file = SideFile(tmp_path / NAME)
    for told in ("first", 'second {"words": "él no despierta"}'):
        file.append(told)
    assert SideFile(tmp_path / NAME).lines() == (["first", 'second {"words": "él no despierta"}'], [])
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    file.empty()
    assert file.lines() == ([], [])


def test_only_our_own_line_end_ends_a_line(tmp_path: Path) -> None:
    file, odd = SideFile(tmp_path / NAME), "she\u2028is\x85stiff\x1c"
    file.append(odd)
    assert file.lines() == ([odd], [])


def test_a_line_that_was_torn_is_told_apart_and_the_next_one_is_whole(tmp_path: Path) -> None:
    file = SideFile(tmp_path / NAME)
    file.append("first")
    file.append("second and long")
    content = (tmp_path / NAME).read_bytes().rstrip(b"\0")
    (tmp_path / NAME).write_bytes(content[:-6])
    file.append("third")
    whole, [torn] = file.lines()
    assert whole == ["first", "third"]
    assert torn.endswith("second and")


def test_its_room_is_taken_before_the_disk_is_full(tmp_path: Path) -> None:
    file = SideFile(tmp_path / NAME)
    file.prepare()
    assert (tmp_path / NAME).stat().st_blocks * 512 >= ROOM
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        file.append("stiff " * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(file.lines()[0]) == 1
