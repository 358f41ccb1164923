"""Laws of triage that hold for every set of signs and every text (laws 1 and 7)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Urgency, assess, merge
from oncall.core.triage.rulebook import draw_from_alarm, draw_from_keys, draw_from_words
from tests.examples.shipped_rules import shipped

SIGNS = sorted(shipped().vocabulary)
CLINICAL = [code for code in SIGNS if shipped().vocabulary[code].group not in ("office", "well", "background")]
findings = st.builds(Finding, st.sampled_from(SIGNS), st.sampled_from(Heard), st.just("said"))
present = st.builds(Finding, st.sampled_from(CLINICAL), st.just(Heard.PRESENT), st.just("said"))


@given(st.lists(findings, max_size=8), present, findings)
def test_adding_a_finding_to_a_sign_never_lowers_urgency(others: list[Finding], sign: Finding, more: Finding) -> None:
    before = assess([sign, *others], shipped().rules)
    after = assess([sign, *others, more], shipped().rules)
    assert after.urgency >= before.urgency


@given(st.lists(st.builds(Finding, st.text(max_size=8), st.sampled_from(Heard), st.text(max_size=5)), max_size=6))
def test_assess_answers_whatever_it_is_given(given_findings: list[Finding]) -> None:
    assessment = assess(given_findings, shipped().rules)
    assert assessment.leanings
    assert assessment.edition == shipped().edition
    if any(finding.heard.counts and finding.code not in shipped().vocabulary for finding in given_findings):
        assert assessment.urgency >= Urgency.URGENT


def test_nothing_at_all_is_urgent_and_a_persons() -> None:
    assessment = assess((), shipped().rules)
    assert assessment.urgency is Urgency.URGENT
    assert assessment.needs_human


@given(st.text(alphabet="qxzjvkw ", min_size=1, max_size=30))
def test_gibberish_is_never_less_than_urgent(text: str) -> None:
    drawn = draw_from_words([text], shipped())
    assert assess(drawn.findings, shipped().rules).urgency >= Urgency.URGENT
    assert not drawn.administrative


@given(st.text(alphabet="😀😭🔥🆘💊🙏", min_size=1, max_size=6))
def test_pictures_alone_are_never_less_than_urgent(text: str) -> None:
    assert assess(draw_from_words([text], shipped()).findings, shipped().rules).urgency >= Urgency.URGENT


@settings(max_examples=200)
@given(st.lists(st.text(max_size=80), max_size=3))
def test_any_text_can_be_read(texts: list[str]) -> None:
    drawn = draw_from_words(texts, shipped())
    assert drawn.findings
    assert assess(drawn.findings, shipped().rules).because


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=9))))
def test_any_alarm_can_be_read(fields: dict[str, object]) -> None:
    drawn = draw_from_alarm(fields, shipped())
    assert assess(drawn.findings, shipped().rules).urgency >= Urgency.URGENT


@given(st.lists(st.text(max_size=60), max_size=3))
def test_any_key_line_can_be_read(lines: list[str]) -> None:
    assert draw_from_keys(lines, shipped()).findings


@given(st.sampled_from(CLINICAL), st.permutations([Heard.PRESENT, Heard.DENIED, Heard.NOT_SAID]))
def test_a_denial_never_takes_back_what_was_asserted(code: str, order: list[Heard]) -> None:
    merged = merge(Finding(code, heard, "said") for heard in order)
    assert [finding.heard for finding in merged] == [Heard.PRESENT]
