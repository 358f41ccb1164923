"""One question to the solver at a time: is there a combination in which this goes wrong?

Every "no" is a proof; every "yes" is a combination that the engine has to confirm before anybody is told. A solver
that does not know is no proof (RULINGS 8). Deliberately not here: which questions are asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import z3

MOST = 5  # counter-examples told per property; a broken edition has hundreds, and one is enough to refuse it
Case = TypeVar("Case")


class Undecided(Exception):
    """Raised when the solver neither finds a counter-example nor proves that there is none."""


class EngineDisagrees(Exception):
    """Raised when a counter-example of the formulas is none for the engine: then the formulas prove nothing."""


def found(solver: z3.Solver, *wanted: z3.BoolRef) -> z3.ModelRef | None:
    """A combination in which all of this holds, or None: proved that there is none."""
    answer = solver.check(*wanted)
    if answer == z3.unknown:
        raise Undecided(solver.reason_unknown())
    return solver.model() if answer == z3.sat else None


def solver_with(*known: z3.BoolRef) -> z3.Solver:
    solver = z3.Solver()
    solver.add(*known)
    return solver


def exactly_one(choices: Mapping[Case, z3.BoolRef]) -> z3.BoolRef:
    return z3.PbEq([(choice, 1) for choice in choices.values()], 1)


def each_found(choices: Mapping[Case, z3.BoolRef], *wanted: z3.BoolRef) -> Iterator[tuple[Case, z3.ModelRef]]:
    """Counter-examples with the choice that each is about, every choice once, at most `MOST`.

    One question for all choices together: that one of them, nobody says which, goes wrong.
    """
    solver = solver_with(exactly_one(choices), *wanted)
    for _ in range(MOST):
        if (model := found(solver)) is None:
            return
        case = next(one for one, choice in choices.items() if z3.is_true(model.eval(choice, model_completion=True)))
        yield case, model
        solver.add(z3.Not(choices[case]))
