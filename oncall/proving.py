"""The one question that publishing asks of the prover: may these rules be published?

Not proved, out of time or no solver all mean no (RULINGS 8). Deliberately not here: the proof.
"""

from __future__ import annotations

from collections.abc import Mapping

ABSENT = "Nothing here can prove the rules: install the solver (pip install 'oncall[prove]'), then publish again."


def unproved(files: Mapping[str, str]) -> str:
    """Why these rules may not be published; empty when everything is proved."""
    return ABSENT
