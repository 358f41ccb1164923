"""The prover's formulas and the engine say the same, and random search finds nothing that the proof says is not there.

The formulas are an account of `assess` written a second time; these tests hold the two against each other on random
combinations of signs, denials, unknown codes and numbers at and around every limit. The laws that are proved for all
combinations are looked for again by chance, on the engine alone.
"""

from __future__ import annotations

from dataclasses import replace

import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.adapters.prover.declared import Place
from oncall.adapters.prover.formulas import Verdict
from oncall.adapters.prover.numbers import all_numbers, with_numbers
from oncall.adapters.prover.properties import lower
from oncall.adapters.prover.situations import UNKNOWN_SIGN, Situation
from oncall.core.triage.assessment import ADVICE, Condition, Urgency
from oncall.core.triage.safety import RedFlag, Worse
from oncall.core.triage.thresholds import Limit
from tests.support.proofs import shipped_declared, shipped_question

DECLARED = shipped_declared()
SAID = shipped_question().said
NUMBERS = all_numbers(DECLARED)
VERDICT = Verdict(DECLARED.rules, with_numbers(SAID, NUMBERS, DECLARED))
ONE_NUMBER = z3.Sum([z3.If(VERDICT.urgency_at_least(least), 10, 0) for least in list(Urgency)[1:]]) + z3.Sum(
    [z3.If(VERDICT.advice_at_least(least), 1, 0) for least in ADVICE[1:]]
)
CODES = sorted(DECLARED.rules.signs)
QUIET = [code for code in CODES if DECLARED.rules.signs[code].group in ("office", "well", "background")]


def ends(place: Place) -> list[float]:
    """Every end of a limit of this number, and what lies just beside it."""
    spans = DECLARED.limits_of(place)
    told = [end for limit in spans for end in (limit.at_least, limit.at_most) if end is not None] or [0.0, 30.0]
    return sorted({near for end in told for near in (end, end - 0.5, end + 0.5)})


numbers = st.fixed_dictionaries({}, optional={place: st.sampled_from(ends(place)) for place in NUMBERS})
few_numbers = st.lists(st.sampled_from(list(NUMBERS)), max_size=3, unique=True).flatmap(
    lambda places: st.fixed_dictionaries({place: st.sampled_from(ends(place)) for place in places})
)
signs = st.frozensets(st.sampled_from(CODES), max_size=4) | st.frozensets(st.sampled_from(QUIET), max_size=3)
denials = st.frozensets(st.sampled_from(CODES), max_size=2)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    present = draw(signs) | draw(st.sampled_from([frozenset(), frozenset(), frozenset({UNKNOWN_SIGN})]))
    return Situation(present, draw(denials) - present, draw(few_numbers | numbers), record=True)


def by_formula(situation: Situation) -> tuple[Urgency, str]:
    """What the formulas make of it, with every unknown told."""
    told = [(there, z3.BoolVal(code in situation.present)) for code, there in SAID.codes.items()]
    told.append((SAID.denied, z3.BoolVal(bool(situation.denied))))
    told.append((SAID.strange, z3.BoolVal(UNKNOWN_SIGN in situation.present)))
    for place, number in NUMBERS.items():
        told.append((number.known, z3.BoolVal(place in situation.numbers)))
        told.append((number.value, z3.RealVal(str(situation.numbers.get(place, 0)))))
    answer = z3.simplify(z3.substitute(ONE_NUMBER, *told)).as_long()
    return Urgency(answer // 10), ADVICE[answer % 10]


@settings(max_examples=120)
@given(situations())
def test_the_formulas_say_what_the_engine_says(situation: Situation) -> None:
    verdict = situation.judged(DECLARED)
    assert by_formula(situation) == (verdict.urgency, verdict.advice)


@given(situations(), st.sampled_from(CODES))
def test_one_sign_more_never_lowers(situation: Situation, code: str) -> None:
    before, more = situation.judged(DECLARED), replace(situation, present=situation.present | {code})
    acts = any(one.urgency is not None for one in _fired(situation))
    if acts or DECLARED.rules.signs[code].danger:
        assert not lower(more.judged(DECLARED), before)


def _fired(situation: Situation):
    codes = frozenset(finding.code for finding in situation.findings(DECLARED) if finding.heard.counts)
    return DECLARED.rules.firing(codes)


@given(
    situations(),
    st.sampled_from([place for place in NUMBERS if DECLARED.direction(place) is not Worse.WITHIN]),
    st.data(),
)
def test_a_worse_number_never_lowers(situation: Situation, place: Place, data: st.DataObject) -> None:
    low, high = sorted(data.draw(st.lists(st.sampled_from(ends(place)), min_size=2, max_size=2)))
    worse, better = (low, high) if DECLARED.direction(place) is Worse.LOWER else (high, low)
    one, other = (replace(situation, numbers={**situation.numbers, place: value}) for value in (better, worse))
    if any(rule.urgency is not None for rule in _fired(one)):
        assert not lower(other.judged(DECLARED), one.judged(DECLARED))


@given(situations(), st.sampled_from(CODES))
def test_not_said_is_never_below_denied(situation: Situation, code: str) -> None:
    silent = replace(situation, denied=frozenset())
    assert not lower(silent.judged(DECLARED), replace(silent, denied=frozenset({code})).judged(DECLARED))


def as_little_as(when: Condition | str, draw: st.DrawFn) -> frozenset[str]:
    """Codes that make a condition hold, one way of the many."""
    if isinstance(when, str):
        return frozenset({when})
    chosen = [*when.all, *when.of[: when.at_least], *([draw(st.sampled_from(when.any))] if when.any else [])]
    return frozenset().union(*(as_little_as(part, draw) for part in chosen))


@st.composite
def raised(draw: st.DrawFn) -> tuple[RedFlag, Situation]:
    flag, around = draw(st.sampled_from(DECLARED.red_flags)), draw(situations())
    spans = {(span.section, span.field): draw(st.sampled_from(_inside(span.span))) for span in flag.numbers}
    present = around.present | as_little_as(flag.when, draw)
    return flag, Situation(present, around.denied - present, {**around.numbers, **spans}, record=True)


def _inside(span: Limit) -> list[float]:
    return [end for end in (span.at_least, span.at_most) if end is not None]


@given(raised())
def test_a_red_flag_is_an_emergency_whatever_else_is_said(told: tuple[RedFlag, Situation]) -> None:
    flag, situation = told
    assert situation.judged(DECLARED).urgency is Urgency.EMERGENCY, flag.id
