"""Numbers as unknowns: each is known or not, and if it is known it is any real number at all.

A number gives the codes of the limits it lies in (rules/findings.yaml), the record also those for what is missing and
the days between a booked refill and an empty pump. Deliberately not here: what any of it leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import z3

from oncall.adapters.prover.declared import DERIVED, Declared, Place
from oncall.adapters.prover.formulas import NO, Said, every, some
from oncall.core.triage.safety import InSpan, Worse
from oncall.core.triage.thresholds import Limit


@dataclass(frozen=True)
class Number:
    """One number of the record, of a measurement or of an alarm."""

    known: z3.BoolRef
    value: z3.ArithRef


Numbers = Mapping[Place, Number]
UNKNOWN = Number(NO, z3.RealVal(0))


def any_number(place: Place, which: str = "") -> Number:
    name = " ".join((*place, which)).strip()
    return Number(z3.Bool(f"{name} known"), z3.Real(name))


def all_numbers(declared: Declared) -> Numbers:
    return {place: any_number(place) for place in declared.fields()}


def inside(limit: Limit, number: Number) -> z3.BoolRef:
    """Whether the number is known and lies in the span."""
    ends = [number.known]
    if limit.at_least is not None:
        ends.append(number.value >= _exactly(limit.at_least))
    if limit.at_most is not None:
        ends.append(number.value <= _exactly(limit.at_most))
    return every(ends)


def _exactly(end: float) -> z3.ArithRef:
    return z3.RealVal(format(Decimal(repr(end)), "f"))


def in_span(wanted: InSpan, numbers: Numbers) -> z3.BoolRef:
    return inside(wanted.span, _with_derived(numbers)[(wanted.section, wanted.field)])


def with_numbers(said: Said, numbers: Numbers, declared: Declared) -> Said:
    """What was said, and what the numbers say."""
    given: dict[str, list[z3.BoolRef]] = {}
    for (section, name), number in _with_derived(numbers).items():
        for limit in declared.limits[section].get(name, ()):
            given.setdefault(limit.gives, []).append(inside(limit, number))
    for code, fields in declared.reading.missing.items():
        known = some(numbers[("context", name)].known for name in fields)
        given.setdefault(code, []).append(z3.Not(known))
    return said.but({code: z3.Or(said.codes[code], *ways) for code, ways in given.items()})


def _with_derived(numbers: Numbers) -> Numbers:
    derived = {
        ("context", name): _difference(*(numbers[("context", part)] for part in parts))
        for name, parts in DERIVED.items()
        if all(("context", part) in numbers for part in parts)
    }
    return {**numbers, **derived}


def _difference(left: Number, right: Number) -> Number:
    return Number(z3.And(left.known, right.known), left.value - right.value)


def is_worse(before: Number, after: Number, direction: Worse, limits: tuple[Limit, ...]) -> z3.BoolRef:
    """`after` is worse than `before`, both known."""
    if direction is Worse.LOWER:
        moved = after.value < before.value
    elif direction is Worse.HIGHER:
        moved = after.value > before.value
    else:
        moved = every(z3.Implies(inside(limit, before), inside(limit, after)) for limit in limits)
    return every((before.known, after.known, moved))


def is_harmless(place: Place, number: Number, numbers: Numbers, declared: Declared) -> z3.BoolRef:
    """Known, and in no declared limit, neither itself nor what is worked out from it."""
    section, name = place
    moved = _with_derived({**numbers, place: number})
    spans = [inside(limit, number) for limit in declared.limits[section].get(name, ())]
    for derived, parts in DERIVED.items():
        if section == "context" and name in parts:
            spans += [inside(limit, moved[(section, derived)]) for limit in declared.limits[section].get(derived, ())]
    return z3.And(number.known, z3.Not(some(spans)))
