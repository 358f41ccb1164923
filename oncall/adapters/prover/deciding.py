"""All properties of an edition, one after the other, each told as soon as it is decided.

Stops at the first that cannot be decided: a proof with a hole is none. Deliberately not here: the process (`process`)
and the properties themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from oncall.adapters.prover.asking import EngineDisagrees, Undecided
from oncall.adapters.prover.declared import Declared
from oncall.adapters.prover.proof import PROPERTIES
from oncall.adapters.prover.properties import (
    Outcome,
    Question,
    always_an_urgency,
    never_lower,
    red_flags_are_emergencies,
    unknown_is_no_better,
)
from oncall.adapters.prover.reaching import every_rule_is_reachable, every_urgent_outcome_pages

DECIDED_BY: dict[str, Callable[[Question], Outcome]] = {
    "an urgency, always": always_an_urgency,
    "never lower": never_lower,
    "unknown is no better": unknown_is_no_better,
    "red flags": red_flags_are_emergencies,
    "reachable": every_rule_is_reachable,
    "pages": every_urgent_outcome_pages,
}


def decide(declared: Declared) -> Iterator[dict[str, Any]]:
    """One answer for each property, or why the rest is refused."""
    asked = Question(declared)
    for name in PROPERTIES:
        began = perf_counter()
        try:
            outcome = DECIDED_BY[name](asked)
        except Undecided as problem:
            yield {"refused": f"The solver could not decide whether `{name}` holds ({problem})."}
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
