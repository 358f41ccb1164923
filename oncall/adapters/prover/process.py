"""Runs the solver in a process of its own, and kills it at the time limit.

What is decided comes line by line, so that a proof that runs out of time still says how far it came. A process that
ends early has proved nothing. Deliberately not here: where the edition comes from.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from time import perf_counter
from typing import Any

from oncall.adapters.prover.declared import Declared, declared_by, what_is_missing
from oncall.adapters.prover.proof import PROPERTIES, Proof, Property
from oncall.core.handbook import Handbook

LIMIT = 60.0  # seconds
_LONGEST_LINE = 1 << 20  # bytes; a broken edition has much to tell
_HERE = Path(__file__).parents[3]  # the solver's process runs the same code as this one


async def prove(handbook: Handbook, limit: float = LIMIT) -> Proof:
    """The proof of this edition; `limit` is in seconds. Raises nothing that has to do with the solver."""
    declared, began = declared_by(handbook), perf_counter()
    decided: list[Property] = []
    refused = what_is_missing(declared) or await _refused(declared, limit, decided)
    return Proof(handbook.edition, tuple(decided), round(perf_counter() - began, 2), refused)


async def _refused(declared: Declared, limit: float, decided: list[Property]) -> str | None:
    """Fills `decided`; why the rest was not, or None when all was."""
    try:
        process = await _started()
    except OSError as problem:
        return f"The solver's process could not be started ({problem})."
    try:
        async with asyncio.timeout(limit):
            return await _listened(process, declared, decided)
    except TimeoutError:
        return f"Not decided within {limit:g} seconds: {_open(decided)}."
    finally:
        await _ended(process)


async def _started() -> Process:
    path = os.pathsep.join([str(_HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = (sys.executable, "-m", "oncall.adapters.prover")
    environment = {**os.environ, "PYTHONPATH": path}
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, limit=_LONGEST_LINE
    )


async def _listened(process: Process, declared: Declared, decided: list[Property]) -> str | None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    complaints = asyncio.ensure_future(process.stderr.read())
    try:
        process.stdin.write(pickle.dumps(declared))
        process.stdin.write_eof()
        async for line in process.stdout:
            answer = json.loads(line)
            if "refused" in answer:
                return str(answer["refused"])
            decided.append(_property(answer))
        if len(decided) == len(PROPERTIES):
            return None
        return f"The solver's process ended before it had decided: {_open(decided)}.{_last(await complaints)}"
    except (ConnectionError, ValueError):
        return f"The solver's process gave no answer that can be read.{_last(await complaints)}"
    finally:
        complaints.cancel()


def _property(answer: dict[str, Any]) -> Property:
    return Property(
        answer["name"],
        answer["looked_at"],
        answer["seconds"],
        tuple(answer["counter_examples"]),
        tuple(answer["remarks"]),
    )


def _open(decided: list[Property]) -> str:
    done = {one.name for one in decided}
    return "; ".join(name for name in PROPERTIES if name not in done)


def _last(complaints: bytes) -> str:
    told = complaints.decode(errors="replace").strip().splitlines()
    return f" It said: {told[-1]}" if told else ""


async def _ended(process: Process) -> None:
    """Nothing of it stays behind, also when the waiting itself was ended."""
    if process.returncode is None:
        process.kill()
    await asyncio.shield(process.wait())
