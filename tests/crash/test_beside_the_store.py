"""kill -9 between any two steps of the emergency journal, a backup or a restore loses nothing (laws 1 and 2).

`make test` cuts some of the lines; `python -m tests.crash.beside emergency 1` cuts all.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.crash


def played(scene: str, every: int) -> list[dict[str, Any]]:
    """Each cut and what was wrong after it; the undisturbed life comes first and must be right."""
    command = [sys.executable, "-m", "tests.crash.beside", scene, str(every)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    first, *cuts = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["undisturbed"] == []
    assert sum(cut["struck"] for cut in cuts) > 0.9 * len(cuts)
    return cuts


@pytest.mark.parametrize(("scene", "every", "least"), [("emergency", 7, 12), ("backup", 9, 10)])
def test_a_cut_at_any_line_loses_nothing_and_leaves_nothing_half_done(scene: str, every: int, least: int) -> None:
    cuts = played(scene, every)
    assert [cut for cut in cuts if cut["faults"]] == []
    assert len(cuts) >= least


def test_a_file_that_is_emptied_too_early_is_seen_to_lose_contacts() -> None:
    assert any(cut["faults"] for cut in played("forgetful", 25))
