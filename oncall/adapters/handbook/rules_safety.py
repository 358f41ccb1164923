"""rules/red-flags.yaml and `worse` in rules/findings.yaml: what the rules are proved against.

A red flag with a code or a number that nobody knows would be proved of nothing, so it is a fault. An edition that was
published before red flags existed still loads, because a stored edition must never stop the line; `oncall check` asks
for what is missing and no proof is given without it. Deliberately not here: the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from oncall.adapters.handbook.reading import Fault
from oncall.adapters.handbook.rules_parts import Given, all_codes, condition_of, says_not
from oncall.adapters.handbook.rules_shapes import LimitShape, NumbersShape, RedFlagShape
from oncall.core.triage.safety import SECTIONS, Directions, InSpan, RedFlag, Worse
from oncall.core.triage.thresholds import Limit


def red_flags_of(given: Given) -> tuple[RedFlag, ...]:
    return tuple(_red_flag(shape) for shape in given.red_flags[1].red_flags) if given.red_flags else ()


def _red_flag(shape: RedFlagShape) -> RedFlag:
    return RedFlag(shape.id, shape.says, condition_of(shape.when), _spans(shape.numbers), shape.source)


def _spans(numbers: NumbersShape) -> tuple[InSpan, ...]:
    return tuple(
        InSpan(section, name, Limit("", span.at_least, span.at_most))
        for section in SECTIONS
        for name, span in getattr(numbers, section).items()
    )


def directions_of(given: Given) -> Directions:
    worse = given.findings[1].worse
    return {section: {name: Worse(said) for name, said in getattr(worse, section).items()} for section in SECTIONS}


def safety_faults(given: Given) -> Iterable[Fault]:
    """Red flags and directions that cannot be meant."""
    yield from _direction_faults(given)
    if given.red_flags:
        yield from _red_flag_faults(given)


def missing_safety(given: Given) -> Iterable[Fault]:
    """What a proof needs and is not declared."""
    sheet, shape = given.findings
    for section, limits in limits_by_section(given).items():
        for name in sorted(limits.keys() - getattr(shape.worse, section).keys()):
            yield sheet.fault(("worse", section), f"no {name}", "which way it is worse: lower, higher or within")
    if given.red_flags is None:
        yield sheet.fault((), "no red-flags.yaml beside it", "the red flags that the rules are proved against")


def limits_by_section(given: Given) -> Mapping[str, Mapping[str, Sequence[LimitShape]]]:
    shape = given.findings[1]
    return {"measured": shape.measured, "context": shape.context.limits, "alarm": shape.alarm}


def _direction_faults(given: Given) -> Iterable[Fault]:
    sheet, shape = given.findings
    for section, limits in limits_by_section(given).items():
        known = {*limits, *(name for fields in shape.context.missing.values() for name in fields)}
        for name in sorted(getattr(shape.worse, section).keys() - (known if section == "context" else limits.keys())):
            yield sheet.fault(("worse", section, name), name, f"a number of {section}")


def _red_flag_faults(given: Given) -> Iterable[Fault]:
    assert given.red_flags is not None
    sheet, shape = given.red_flags
    codes, limits = frozenset(given.findings[1].findings), limits_by_section(given)
    ids = [flag.id for flag in shape.red_flags]
    for place, flag in enumerate(shape.red_flags):
        here, condition, spans = ("red_flags", place), condition_of(flag.when), _spans(flag.numbers)
        if flag.id in ids[:place]:
            yield sheet.fault((*here, "id"), flag.id, "an id that no other red flag has")
        for code in sorted(all_codes(condition) - codes):
            yield sheet.fault((*here, "when"), code, "a code of findings.yaml")
        if says_not(condition):
            yield sheet.fault((*here, "when"), "not", "no `not`: a red flag holds whatever else is said")
        if not condition.mentions() and not spans:
            yield sheet.fault(here, "nothing that must be present", "at least one code or number")
        for wrong in (span for span in spans if span.field not in limits[span.section]):
            yield sheet.fault((*here, "numbers", wrong.section, wrong.field), wrong.field, "a number with a limit")
