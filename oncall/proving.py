"""Whether an edition is safe: its files or its folders, put before the prover.

Publishing and pages ask here and need to know neither the loader nor the solver. Deliberately not here: the proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from oncall.adapters.handbook.files import load_handbook, load_texts
from oncall.adapters.prover.process import LIMIT, prove
from oncall.adapters.prover.proof import Proof


async def prove_edition(edition: Mapping[str, str] | tuple[Path, Path], limit: float = LIMIT) -> Proof:
    """The proof of an edition given by its texts ("rules/x.yaml" ...) or by its folders (rules, rotations).

    `limit` is in seconds. Raises HandbookFaults for an edition that cannot be loaded.
    """
    handbook = load_texts(edition) if isinstance(edition, Mapping) else load_handbook(*edition)
    return await prove(handbook, limit)
