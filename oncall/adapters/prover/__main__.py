"""The solver's own process: an edition in, one line of JSON out for each property as soon as it is decided.

It can be killed at any moment, and whatever happens in the solver happens here and not in the house. Started by
`process.prove` only. Deliberately not here: the time limit, which is the parent's.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from oncall.adapters.prover.declared import Declared
from oncall.adapters.prover.proof import ABSENT, PROPERTIES


def main() -> None:
    declared: Declared = pickle.load(sys.stdin.buffer)  # written by our own parent, into our own pipe
    try:
        import z3  # noqa: F401 - an optional extra; without it nothing can be proved
    except ImportError:
        _say({"refused": ABSENT})
        return
    for answer in _answers(declared):
        _say(answer)


def _answers(declared: Declared) -> Iterator[dict[str, Any]]:
    from oncall.adapters.prover.asking import EngineDisagrees, Undecided
    from oncall.adapters.prover.properties import Question

    asked = Question(declared)
    for name in PROPERTIES:
        began = perf_counter()
        try:
            outcome = _properties()[name](asked)
        except Undecided as problem:
            yield {"refused": f"The solver could not decide whether {name} holds ({problem})."}
            return
        except EngineDisagrees as problem:
            yield {"refused": f"{problem} Nothing is proved; the prover itself needs mending."}
            return
        yield {
            "name": name,
            "looked_at": outcome.looked_at,
            "seconds": round(perf_counter() - began, 2),
            "counter_examples": outcome.counter_examples,
            "remarks": outcome.remarks,
        }


def _properties() -> dict[str, Callable[[Any], Any]]:
    from oncall.adapters.prover import properties, reaching

    return dict(
        zip(
            PROPERTIES,
            (
                properties.always_an_urgency,
                properties.never_lower,
                properties.unknown_is_no_better,
                properties.red_flags_are_emergencies,
                reaching.every_rule_is_reachable,
                reaching.every_urgent_outcome_pages,
            ),
            strict=True,
        )
    )


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False), flush=True)


main()
