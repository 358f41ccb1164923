"""The solver's own process: an edition in, one line of JSON out for each property as soon as it is decided.

It can be killed at any moment, and whatever happens in the solver happens here and not in the house. Started by
`process.prove` only. Deliberately not here: the time limit, which is the parent's.
"""

from __future__ import annotations

import json
import pickle
import sys
from typing import Any

from oncall.adapters.prover.proof import ABSENT


def main() -> None:
    declared = pickle.load(sys.stdin.buffer)  # written by our own parent, into our own pipe
    try:
        from oncall.adapters.prover.deciding import decide  # here, because the solver is an optional extra
    except ImportError as problem:
        _say({"refused": ABSENT if problem.name == "z3" else str(problem)})
        return
    for answer in decide(declared):
        _say(answer)


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
