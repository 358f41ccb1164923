"""Laws of entries: any journal, however odd, replays; any entry survives storage; rows are what replay says.

Random entries of every kind, in any order, on any case: `evolve` is total over everything ever written, because a
journal outlives the code that wrote it. Deliberately not here: which entries a decision writes (test_case_laws).
"""

from __future__ import annotations

import json
import os
import string
from datetime import datetime, timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall.core.as_json import plain
from oncall.core.case import entries as e
from oncall.core.case.case import Case, Page, Status
from oncall.core.case.codec import KINDS, decode, encode
from oncall.core.case.duties import duties_of
from oncall.core.case.escalation import EscalationTable
from oncall.core.case.evolve import evolve, replay
from oncall.core.case.messages import Message
from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Assessment, Leaning, Reason, Urgency
from tests.support.builders import THREE_AM, handbook

EXAMPLES = int(os.environ.get("CASE_LAW_EXAMPLES", "80"))
everyday = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CASE_LAW_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
ids = st.sampled_from(("a", "b", "c", "page", "family"))
instants = st.integers(0, 10**9).map(lambda micros: THREE_AM + timedelta(microseconds=1001 * micros))
findings = st.builds(Finding, words, st.sampled_from(Heard), words)
assessments = st.builds(
    Assessment,
    st.sampled_from(Urgency),
    st.lists(st.sampled_from(Leaning), min_size=1, max_size=3).map(tuple),
    words,
    st.lists(st.builds(Reason, words, words, st.tuples(words)), max_size=2).map(tuple),
    st.tuples(words),
    words,
    st.booleans(),
)
tokens = st.text(string.ascii_letters, min_size=22, max_size=22)
KNOWN: dict[Any, st.SearchStrategy[Any]] = {
    str: ids,
    datetime: instants,
    Finding: findings,
    Assessment: assessments,
    EscalationTable: st.just(handbook().table),
    float: st.floats(0, 1e6),
    Page: st.builds(Page, id=ids, person=ids, tier=ids, round=st.integers(0, 9), ordered_at=instants, why=words,
                    slot=st.none() | st.integers(10, 97), token=tokens, informs=st.booleans()),
    Message: st.builds(Message, id=ids, case=ids, body=words, n=st.integers(1, 99)),
}  # fmt: skip
for kind, strategy in KNOWN.items():
    if kind not in (str, datetime, float):
        st.register_type_strategy(kind, strategy)


def entries_of(kind: type) -> st.SearchStrategy[Any]:
    """Random entries of one kind; names are few, so that they meet."""
    hints = get_type_hints(kind, vars(e))
    fields = {name: KNOWN.get(hint, st.from_type(hint)) for name, hint in hints.items()}
    return st.builds(kind, **fields)


any_entry = st.one_of(*(entries_of(kind) for kind in KINDS.values()))
journals = st.lists(any_entry, max_size=30).map(
    lambda entries: [
        e.Recorded(seq, THREE_AM + timedelta(seconds=seq), entry) for seq, entry in enumerate(entries, start=1)
    ]
)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(data=st.data())
def test_an_entry_of_every_kind_comes_back_from_its_stored_form(kind: type, data: st.DataObject) -> None:
    entry = data.draw(entries_of(kind))
    name, version, body = encode(entry)
    assert name == kind.__name__
    assert decode(name, version, body.encode().decode()) == entry
    assert body == json.dumps(plain(entry), ensure_ascii=False, separators=(",", ":"))  # the hashes stand on it


@everyday
@given(journals, st.integers(0, 30))
def test_replay_is_the_same_however_a_journal_is_cut(journal: list[e.Recorded], cut: int) -> None:
    whole = replay(journal, Case("c1"))
    assert whole == replay(journal[cut:], replay(journal[:cut], Case("c1")))
    assert whole.version == len(journal)


@everyday
@given(journals)
def test_rebuilt_duties_equal_those_kept_entry_by_entry(journal: list[e.Recorded]) -> None:
    case = Case("c1")
    for recorded in journal:
        case = evolve(case, recorded)
        duties_of(case)
    assert duties_of(case) == duties_of(replay(journal, Case("c1")))


@everyday
@given(journals)
def test_stored_and_read_again_a_journal_gives_the_same_case(journal: list[e.Recorded]) -> None:
    stored = [(r.seq, r.at.isoformat(), *encode(r.entry)) for r in journal]
    read = [e.Recorded(seq, datetime.fromisoformat(at), decode(k, v, body)) for seq, at, k, v, body in stored]
    assert replay(read, Case("c1")) == replay(journal, Case("c1"))


@everyday
@given(journals, any_entry)
def test_no_entry_takes_a_finding_or_a_report_away(journal: list[e.Recorded], entry: e.Entry) -> None:
    before = replay(journal, Case("c1"))
    after = evolve(before, e.Recorded(len(journal) + 1, THREE_AM + timedelta(hours=1), entry))
    assert after.findings[: len(before.findings)] == before.findings
    known = [note.id for note in before.reports]
    assert [note.id for note in after.reports[: len(known)]] == known
    assert len(after.pages) >= len(before.pages)


@everyday
@given(journals, any_entry)
def test_only_an_acknowledgement_makes_a_case_held(journal: list[e.Recorded], entry: e.Entry) -> None:
    before = replay(journal, Case("c1"))
    after = evolve(before, e.Recorded(len(journal) + 1, THREE_AM + timedelta(hours=1), entry))
    if after.status is Status.HELD and before.status is not Status.HELD:
        assert isinstance(entry, e.Acknowledged)


@everyday
@given(journals)
def test_a_closed_case_keeps_no_clock_and_no_key(journal: list[e.Recorded]) -> None:
    closed = e.Recorded(len(journal) + 1, THREE_AM + timedelta(hours=1), e.Closed("ana", "phone advice", ""))
    duties = duties_of(replay([*journal, closed], Case("c1")))
    assert (duties.due_at, duties.key, duties.busy) == (None, None, ())
