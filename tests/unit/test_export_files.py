"""Files of exported cases: what is read is what was written, line for line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from oncall.adapters.journal.exports import ExportFolder, MemoryExports

ODD = ['{"words": "she\u2028is\u2029stiff\x85\x0b\x1c"}', '{"words": "half \ud83d"}', "", "plain"]


@pytest.mark.parametrize("kind", ["folder", "memory"])
async def test_signs_that_end_a_line_elsewhere_cut_no_case_in_two(kind: str, tmp_path: Path) -> None:
    """A case whose line is not found again is never purged."""
    files = ExportFolder(tmp_path) if kind == "folder" else MemoryExports()
    written = await files.write("x.jsonl", ODD)
    assert await files.read("x.jsonl") == (written, ODD)


async def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    told = await ExportFolder(tmp_path).write("x.jsonl", ODD)
    assert hashlib.sha256((tmp_path / "x.jsonl").read_bytes()).hexdigest() == told
