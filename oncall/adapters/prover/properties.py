"""What is proved of an edition, for every combination of findings and numbers.

Each property asks the solver for a combination that breaks it and tells what it found in sentences. What counts as
"lower" is the urgency or the advice to the family. Where no rule acts at all the line is urgent because nothing was
understood; a plain sign that explains it may be less, a dangerous one may not. Deliberately not here: the formulas
(`formulas`, `numbers`) and the process around all this (`proving`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import z3

from oncall.adapters.prover.asking import MOST, EngineDisagrees, each_found, found, solver_with
from oncall.adapters.prover.declared import Declared, Place
from oncall.adapters.prover.formulas import NO, YES, Said, Verdict, anything_said, every, holds, milder, reaches, some
from oncall.adapters.prover.numbers import Number, all_numbers, any_number, in_span, is_harmless, is_worse, with_numbers
from oncall.adapters.prover.sentences import adding, missed, moving, number, too_low, worsened
from oncall.adapters.prover.situations import UNKNOWN_SIGN, Situation, situation_of, smallest, value_of
from oncall.core.triage.assessment import ADVICE, MILDEST, Assessment, Urgency
from oncall.core.triage.safety import InSpan, RedFlag
from oncall.core.triage.vocabulary import ABSENT_GROUPS, BACKGROUND_GROUPS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was looked at, what breaks the property, and what is worth knowing without breaking it."""

    looked_at: str
    counter_examples: tuple[str, ...]
    remarks: tuple[str, ...] = ()


class Question:
    """An edition with everything that can be said about it as unknowns."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.said = anything_said(declared.rules)
        self.verdict = Verdict(declared.rules, self.said)

    def confirmed(self, situation: Situation, wrong: Callable[[Situation], bool]) -> Situation:
        """The smallest such situation, if the engine agrees that it is wrong."""
        if not wrong(situation):
            raise EngineDisagrees(f"The formulas and the engine disagree about {situation}.")
        return smallest(situation, wrong)

    def dangerous(self, code: str) -> bool:
        sign = self.declared.rules.signs.get(code)
        return sign is None or sign.danger


# --- an urgency, always ----------------------------------------------------------------------------------------------


def always_an_urgency(asked: Question) -> Outcome:
    """One urgency and no milder advice than belongs to it; less than urgent only where nothing speaks against it."""
    verdict = asked.verdict
    levels, steps = list(Urgency), list(zip(Urgency, list(Urgency)[1:], strict=False))
    one = z3.PbEq([(verdict.urgency_is(level), 1) for level in levels], 1)
    nested = every(z3.Implies(verdict.urgency_at_least(b), verdict.urgency_at_least(a)) for a, b in steps)
    advised = every(
        z3.Implies(verdict.urgency_is(level), verdict.advice_at_least(advice))
        for level in levels
        for advice in ADVICE
        if reaches(MILDEST[level], advice)
    )
    if found(solver_with(z3.Not(every((one, nested, advised))))) is not None:
        raise EngineDisagrees("The formulas give two urgencies, none, or an advice that `assess` cannot give.")
    return Outcome(f"{len(asked.said.codes)} signs in every combination", tuple(_routine_in_error(asked)))


def _routine_in_error(asked: Question) -> Iterator[str]:
    """ROUTINE although a sign, an alarm, a doubt or an unknown code is there (RULINGS 3)."""
    signs, said = asked.declared.rules.signs, asked.said
    choices = {code: said.codes[code] for code, sign in signs.items() if _speaks_of_today(sign.group)}
    choices[UNKNOWN_SIGN] = said.strange
    solver = solver_with(asked.verdict.urgency_is(Urgency.ROUTINE), some(choices.values()))
    for _ in range(MOST):
        if (model := found(solver)) is None:
            return
        situation = asked.confirmed(situation_of(model, said), lambda one: _is_routine_in_error(one, asked.declared))
        yield too_low(situation, asked.declared, "routine is for office matters and nothing else.")
        solver.add(z3.Not(every(choices[code] for code in situation.present & choices.keys())))


def _is_routine_in_error(situation: Situation, declared: Declared) -> bool:
    signs = declared.rules.signs
    speaks = any(code not in signs or _speaks_of_today(signs[code].group) for code in situation.present)
    return speaks and situation.judged(declared).urgency is Urgency.ROUTINE


def _speaks_of_today(group: str) -> bool:
    return group not in ABSENT_GROUPS and group not in BACKGROUND_GROUPS


# --- more or worse is never less urgent ------------------------------------------------------------------------------


def lower(after: Assessment, before: Assessment) -> bool:
    return after.urgency < before.urgency or ADVICE.index(after.advice) < ADVICE.index(before.advice)


def never_lower(asked: Question) -> Outcome:
    """One sign more, or one number worse, never lowers the urgency or the advice."""
    numbers = len(list(asked.declared.fields()))
    looked_at = f"{len(asked.said.codes)} signs and {numbers} numbers, each added or made worse in every combination"
    return Outcome(looked_at, (*_signs_that_lower(asked), *_numbers_that_lower(asked)))


def _signs_that_lower(asked: Question) -> Iterator[str]:
    said, before = asked.said, asked.verdict
    more = {code: z3.Bool(f"adding {code}") for code in said.codes}
    after = Verdict(asked.declared.rules, said.but({code: z3.Or(said.codes[code], more[code]) for code in more}))
    new = every(z3.Implies(more[code], z3.Not(said.codes[code])) for code in more)
    danger = some(more[code] for code in more if asked.dangerous(code))
    for code, model in each_found(more, new, z3.Or(before.matched, danger), milder(after, before)):
        start = asked.confirmed(situation_of(model, said), lambda one, code=code: _sign_lowers(code, one, asked))
        yield worsened(start, adding(code, asked.declared), _with(code, start), asked.declared)


def _with(code: str, situation: Situation) -> Situation:
    return replace(situation, present=situation.present | {code})


def _sign_lowers(code: str, before: Situation, asked: Question) -> bool:
    return code not in before.present and _lowers(before, _with(code, before), asked)


def _lowers(before: Situation, after: Situation, asked: Question) -> bool:
    """Less urgent after than before; where no rule acts before, only a dangerous sign may not lower it."""
    declared = asked.declared
    was, now = before.judged(declared), after.judged(declared)
    return lower(now, was) and (_rule_acts(was, declared) or any(map(asked.dangerous, _new(before, after, declared))))


def _rule_acts(verdict: Assessment, declared: Declared) -> bool:
    acting = {rule.id for rule in declared.rules.rules if rule.urgency is not None}
    return any(reason.rule in acting for reason in verdict.because)


def _new(before: Situation, after: Situation, declared: Declared) -> set[str]:
    was, now = ({f.code for f in one.findings(declared) if f.heard.counts} for one in (before, after))
    return now - was


def _numbers_that_lower(asked: Question) -> Iterator[str]:
    declared, said = asked.declared, asked.said
    numbers = all_numbers(declared)
    moved = {place: any_number(place, "worse") for place in numbers}
    which = {place: z3.Bool(f"{place} moves") for place in numbers}
    becomes = {place: _either(which[place], moved[place], numbers[place]) for place in numbers}
    told, retold = with_numbers(said, numbers, declared), with_numbers(said, becomes, declared)
    before, after = Verdict(declared.rules, told), Verdict(declared.rules, retold)
    worse = every(
        z3.Implies(which[place], is_worse(numbers[place], moved[place], direction, declared.limits_of(place)))
        for place in numbers
        if (direction := declared.direction(place))
    )
    danger = some(z3.And(retold.codes[code], z3.Not(told.codes[code])) for code in said.codes if asked.dangerous(code))
    for place, model in each_found(which, worse, z3.Or(before.matched, danger), milder(after, before)):
        to = value_of(model, moved[place])
        start = asked.confirmed(
            situation_of(model, said, numbers), lambda one, place=place, to=to: _move_lowers(place, to, one, asked)
        )
        yield worsened(start, moving(place, to), _at(place, to, start), declared)


def _either(choice: z3.BoolRef, first: Number, second: Number) -> Number:
    return Number(z3.If(choice, first.known, second.known), z3.If(choice, first.value, second.value))


def _at(place: Place, value: float, situation: Situation) -> Situation:
    return replace(situation, numbers={**situation.numbers, place: value})


def _move_lowers(place: Place, to: float, before: Situation, asked: Question) -> bool:
    return place in before.numbers and _lowers(before, _at(place, to, before), asked)


# --- unknown is never below harmless ---------------------------------------------------------------------------------


def unknown_is_no_better(asked: Question) -> Outcome:
    """A sign not said ranks no lower than the sign denied; a number missing no lower than one known to be harmless."""
    numbers = len(list(asked.declared.fields()))
    looked_at = f"{len(asked.said.codes)} signs not said against denied, {numbers} numbers missing against harmless"
    return Outcome(looked_at, (*_denials_that_raise(asked), *_gaps_that_lower(asked)))


def _denials_that_raise(asked: Question) -> Iterator[str]:
    """Which sign is denied makes no difference to the engine, so one question stands for all of them."""
    said, rules = asked.said, asked.declared.rules
    silent = Verdict(rules, Said(said.codes, NO, said.strange))
    denied = Verdict(rules, Said(said.codes, YES, said.strange))
    if (model := found(solver_with(milder(silent, denied)))) is not None:
        start = replace(situation_of(model, said), denied=frozenset())
        free = min(code for code in said.codes if code not in start.present)
        start = asked.confirmed(start, lambda one: lower(one.judged(asked.declared), _denying(free, one, asked)))
        ended = replace(start, denied=frozenset({free}))
        yield too_low(start, asked.declared, f"denying a sign makes it {ended.judged(asked.declared).urgency.name}.")


def _denying(code: str, situation: Situation, asked: Question) -> Assessment:
    return replace(situation, denied=frozenset({code})).judged(asked.declared)


def _gaps_that_lower(asked: Question) -> Iterator[str]:
    declared, said = asked.declared, asked.said
    numbers = all_numbers(declared)
    which = {place: z3.Bool(f"{place} is missing") for place in numbers}
    gone = {place: Number(z3.And(one.known, z3.Not(which[place])), one.value) for place, one in numbers.items()}
    harmless = every(z3.Implies(which[p], is_harmless(p, one, numbers, declared)) for p, one in numbers.items())
    known = Verdict(declared.rules, with_numbers(said, numbers, declared))
    missing = Verdict(declared.rules, with_numbers(said, gone, declared))
    for place, model in each_found(which, harmless, milder(missing, known)):
        full = asked.confirmed(
            situation_of(model, said, numbers), lambda one, place=place: _gap_lowers(place, one, asked)
        )
        less = _without(place, full).judged(declared)
        yield too_low(full, declared, f"with {number(place)} unknown it is {less.urgency.name}, which is lower.")


def _without(place: Place, situation: Situation) -> Situation:
    return replace(situation, numbers={told: value for told, value in situation.numbers.items() if told != place})


def _gap_lowers(place: Place, known: Situation, asked: Question) -> bool:
    missing = _without(place, known).judged(asked.declared)
    return place in known.numbers and lower(missing, known.judged(asked.declared))


# --- red flags -------------------------------------------------------------------------------------------------------


def red_flags_are_emergencies(asked: Question) -> Outcome:
    """Every declared red flag is an emergency, whatever else is said, denied or unknown."""
    declared = asked.declared
    numbers = all_numbers(declared)
    said = with_numbers(asked.said, numbers, declared)
    solver = solver_with(z3.Not(Verdict(declared.rules, said).urgency_at_least(Urgency.EMERGENCY)))
    wrong = []
    for flag in declared.red_flags:
        raised = every((holds(flag.when, said.codes), *(in_span(span, numbers) for span in flag.numbers)))
        if (model := found(solver, raised)) is not None:
            start = situation_of(model, asked.said, numbers)
            start = asked.confirmed(start, lambda one, flag=flag: _is_missed(flag, one, declared))
            wrong.append(missed(flag, start, declared))
    return Outcome(f"{len(declared.red_flags)} red flags in every combination", tuple(wrong))


def _is_missed(flag: RedFlag, situation: Situation, declared: Declared) -> bool:
    codes = frozenset(finding.code for finding in situation.findings(declared) if finding.heard.counts)
    spans = all(_lies_in(span, situation) for span in flag.numbers)
    return spans and flag.when.holds(codes) and situation.judged(declared).urgency < Urgency.EMERGENCY


def _lies_in(wanted: InSpan, situation: Situation) -> bool:
    value = situation.value((wanted.section, wanted.field))
    return value is not None and wanted.span.holds(value)
