"""Whether an edition is safe: its files or its folders, put before the prover.

Publishing and pages ask here and need to know neither the loader nor the solver. Deliberately not here: the proof.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from oncall.adapters.handbook.files import load_handbook, load_texts
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.prover.process import LIMIT, prove
from oncall.adapters.prover.proof import Proof


async def prove_edition(edition: Mapping[str, str] | tuple[Path, Path], limit: float = LIMIT) -> Proof:
    """The proof of an edition given by its texts ("rules/x.yaml" ...) or by its folders (rules, rotations).

    `limit` is in seconds. Raises HandbookFaults for an edition that cannot be loaded.
    """
    handbook = load_texts(edition) if isinstance(edition, Mapping) else load_handbook(*edition)
    return await prove(handbook, limit)


def unproved(files: Mapping[str, str]) -> str:
    """Why the rules in these texts may not be published, in one sentence; empty when everything is proved.

    Waits for the proof, also where a loop is running already.
    """
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, why_unproved(files)).result()


async def why_unproved(files: Mapping[str, str]) -> str:
    """The same without holding up what else runs; the solver has its own process and its time limit."""
    try:
        handbook = await asyncio.to_thread(load_texts, files)
    except HandbookFaults as problem:
        return str(problem)
    proof = await prove(handbook)
    if proof.refused:
        return f"The rules are not proved. {proof.refused}"
    return f"The rules are not safe. {proof.counter_examples[0]}" if proof.counter_examples else ""
