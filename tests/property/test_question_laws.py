"""Laws of the questions: an answer never lowers, nothing is asked twice, doubt counts as yes, and it ends."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import ADVICE, Assessment, assess, merge
from oncall.core.triage.questions import Question, next_question
from oncall.core.triage.rulebook import draw_from_answer
from tests.examples.shipped_rules import shipped

SIGNS = sorted(shipped().vocabulary)
CLINICAL = [code for code in SIGNS if shipped().vocabulary[code].group not in ("office", "well", "background")]
BY_CODE = {question.code: question for question in shipped().questions}
findings = st.builds(Finding, st.sampled_from(SIGNS), st.sampled_from(Heard), st.just("said"))
present = st.builds(Finding, st.sampled_from(CLINICAL), st.just(Heard.PRESENT), st.just("said"))
pressed = st.one_of(st.sampled_from(["1", "2", "3", "4", "", "7", "1041", "95#"]), st.text(max_size=4))


def judged(told: list[Finding]) -> Assessment:
    return assess(merge(told), shipped().rules)


def asked_next(asked: list[str], told: list[Finding]) -> Question | None:
    return next_question(frozenset(asked), merge(told), shipped().questions, shipped().rules)


@settings(max_examples=50)
@given(st.lists(findings, max_size=6), present, st.lists(pressed, min_size=20, max_size=20))
def test_a_dialogue_never_lowers_never_repeats_and_ends(others: list[Finding], sign: Finding, keys: list[str]) -> None:
    told, asked = [sign, *others], list[str]()
    for key in keys:
        question = asked_next(asked, told)
        if question is None:
            return
        before = judged(told)
        asked.append(question.code)
        told += draw_from_answer(question.code, key, shipped())
        assert judged(told).urgency >= before.urgency
        assert len(set(asked)) == len(asked)
    raise AssertionError(f"it goes on asking: {asked}")


@settings(max_examples=50)
@given(st.lists(findings, max_size=6), present, st.sampled_from(shipped().questions))
def test_not_sure_is_as_urgent_as_the_worst_answer(others: list[Finding], sign: Finding, question: Question) -> None:
    told = [sign, *others]
    answers = {key: judged([*told, *draw_from_answer(question.code, key, shipped())]) for key in question.keys}
    worst = max(answers.values(), key=lambda assessment: assessment.urgency)
    assert answers["3"].urgency == worst.urgency


@settings(max_examples=50)
@given(st.lists(findings, max_size=6), present, st.sampled_from(shipped().questions), st.text(max_size=6))
def test_no_answer_or_a_strange_one_counts_as_not_sure(
    others: list[Finding], sign: Finding, question: Question, key: str
) -> None:
    drawn = draw_from_answer(question.code, key, shipped())
    if key.strip().rstrip("#") not in question.keys and all(finding.heard is Heard.NOT_SURE for finding in drawn):
        said = judged([sign, *others, *drawn])
        assert said.urgency == judged([sign, *others, *draw_from_answer(question.code, "3", shipped())]).urgency


@settings(max_examples=50)
@given(st.lists(findings, max_size=6), present, st.frozensets(st.sampled_from(sorted(BY_CODE))))
def test_the_next_question_is_the_most_dangerous_of_those_left(
    others: list[Finding], sign: Finding, asked: frozenset[str]
) -> None:
    told = [sign, *others]
    chosen = asked_next(list(asked), told)
    if chosen is None or chosen.core:
        return
    known = {finding.code for finding in merge(told) if finding.heard.counts}
    left = [q for q in shipped().questions if q.code not in asked and not q.core and known.isdisjoint(q.could_say)]
    assert _attainable(chosen, told) == max(_attainable(question, told) for question in left)


def _attainable(question: Question, told: list[Finding]) -> tuple[int, int]:
    """Urgency and advice after its worst key, or its worst number."""
    keyed = [draw_from_answer(question.code, key, shipped()) for key in question.keys]
    if question.number:
        keyed += [draw_from_answer(question.code, key, shipped()) for key in ("1050", "1030", "1010", "930")]
    after = [judged([*told, *drawn]) for drawn in keyed]
    return max((int(assessment.urgency), ADVICE.index(assessment.advice)) for assessment in after)
