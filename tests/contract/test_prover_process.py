"""The proof in its process: ended at its limit, and refused, never believed, when anything about it is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from oncall.adapters.handbook.files import read_files
from oncall.adapters.prover.process import prove
from oncall.adapters.prover.proof import PROPERTIES
from oncall.proving import unproved
from tests.support.proofs import shipped_declared
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


def test_a_solver_that_is_absent_is_told_with_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "oncall.adapters.prover"],
        input=pickle.dumps(shipped_declared()),
        env=_with_solver(tmp_path, "raise ModuleNotFoundError('no solver', name='z3')"),
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"refused": "The solver is not installed: pip install 'oncall[prove]'."}


def test_a_solver_that_breaks_proves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "oncall", "rules", "prove", "--json"],
        env=_with_solver(tmp_path, "raise RuntimeError('the solver is broken')"),
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    proof = json.loads(done.stdout)
    assert done.returncode == 1
    assert (proof["ok"], proof["properties"]) == (False, [])
    assert proof["refused"].endswith("It said: RuntimeError: the solver is broken")


def _with_solver(folder: Path, source: str) -> dict[str, str]:
    """An environment in which this is the solver."""
    (folder / "z3.py").write_text(source, encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(folder)}


def test_publishing_is_told_in_one_sentence_why_a_draft_is_not_safe() -> None:
    files = read_files(ROOT / "rules", ROOT / "rotations")
    floppy = files["rules/overdose.yaml"]
    wrong = "withdrawal: -3}, urgency: urgent"
    lowered = floppy.replace("withdrawal: -3}, urgency: emergency, advice: call_911", wrong, 1)
    told = unproved({**files, "rules/overdose.yaml": lowered})
    assert lowered != floppy
    assert told.startswith("The rules are not safe. With floppy present it is URGENT, by rule O-floppy; red flag RF-")
