"""The proof in its process: ended at its limit, and refused, never believed, when anything about it is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oncall.adapters.handbook.files import read_files
from oncall.adapters.prover.process import prove
from oncall.adapters.prover.proof import PROPERTIES
from oncall.proving import unproved
from tests.support.ward import shipped

ROOT = Path(__file__).parents[2]


async def test_a_proof_out_of_time_is_refused_and_says_what_is_open() -> None:
    proof = await prove(shipped(), limit=0.05)
    assert not proof.ok
    assert proof.properties == ()
    assert proof.refused == f"Not decided within 0.05 seconds: {'; '.join(PROPERTIES)}."


async def test_whoever_stops_waiting_leaves_no_solver_behind() -> None:
    waiting = asyncio.create_task(prove(shipped()))
    while not (started := _solvers()):
        await asyncio.wait({waiting}, timeout=0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert started.isdisjoint(_solvers())


def _solvers() -> set[str]:
    """The prover's processes that this one has started."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {child for child in children if b"oncall.adapters.prover" in Path(f"/proc/{child}/cmdline").read_bytes()}


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        (
            "raise ModuleNotFoundError('no solver', name='z3')",
            "The solver is not installed: pip install 'oncall[prove]'.",
        ),
        ("raise RuntimeError('the solver is broken')", "RuntimeError: the solver is broken"),
    ],
    ids=["absent", "broken"],
)
def test_a_solver_that_is_absent_or_broken_proves_nothing(tmp_path: Path, instead: str, told: str) -> None:
    (tmp_path / "z3.py").write_text(instead, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "oncall", "rules", "prove", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    proof = json.loads(done.stdout)
    assert done.returncode == 1
    assert (proof["ok"], proof["properties"]) == (False, [])
    assert told in proof["refused"]


def test_publishing_is_told_in_one_sentence_why_a_draft_is_not_safe() -> None:
    files = read_files(ROOT / "rules", ROOT / "rotations")
    floppy = files["rules/overdose.yaml"]
    wrong = "withdrawal: -3}, urgency: urgent"
    lowered = floppy.replace("withdrawal: -3}, urgency: emergency, advice: call_911", wrong, 1)
    told = unproved({**files, "rules/overdose.yaml": lowered})
    assert lowered != floppy
    assert told.startswith("The rules are not safe. With floppy present it is URGENT, by rule O-floppy; red flag RF-")
