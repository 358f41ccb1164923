"""rules/calls.yaml: what would be dead air at three in the morning is a fault when it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall.adapters.handbook.calls_file import read_calls
from oncall.core.case.walking import number_to_ring
from tests.support.builders import ROOT, handbook

FILE = ROOT / "rules" / "calls.yaml"


def faults_of(tmp_path: Path, found: str, instead: str) -> str:
    text = FILE.read_text(encoding="utf-8")
    assert text.count(found) >= 1
    path = tmp_path / "calls.yaml"
    path.write_text(text.replace(found, instead, 1), encoding="utf-8")
    graph, _, faults = read_calls(path, handbook().advice, handbook().rulebook)
    assert (graph is None) == bool(faults)
    return "\n".join(str(fault) for fault in faults)


def test_the_shipped_graph_has_no_fault_and_is_unsigned(tmp_path: Path) -> None:
    graph, signed, faults = read_calls(FILE, handbook().advice, handbook().rulebook)
    assert faults == ()
    assert not signed
    assert graph == handbook().calls


@pytest.mark.parametrize(
    ("found", "instead", "says"),
    [
        ("then: number\n", "then: nowhere\n", "found nowhere"),
        ("to: which}", "to: nowhere}", "found nowhere"),
        ("start: menu", "start: nowhere", "found nowhere"),
        ('      "3": {to: wound}', '      "3": {to: wound}\n      "4": {to: wound}', "at most 3 keys"),
        ('"2": {to: key_number}', '"9": {to: key_number}', "keys that do not mean something else"),
        ('  "0": {present: [asked_for_person], to: wait}\n', "", "0, a person now"),
        ("say: [voice_tell, voice_tell_more]", "say: [voice_tel]", "voice_tel without en, es"),
        ("say: [voice_tell, voice_tell_more]", "say: [first_office]", "only the blanks"),
        ("say: [voice_tell, voice_tell_more]", "say: []", "dead air"),
        ("present: [refill_overdue]", "present: [refill_overdoo]", "refill_overdoo"),
        ("question: beep", "question: boop", "found boop"),
        (
            "voice_extension]\n    settled: true\n    then: staff_wait",
            "voice_extension]\n    then: staff",
            "a way that ends",
        ),
        ("takes: end", "takes: end\n    then: wait", "unless the node waits or ends"),
        ("takes: words", "takes: wrods", "wrods"),
        ("unread: record", "unread: recorder", "after words"),
        ("takes: recording", "takes: recording\n    unread: tell", "after words"),
    ],
)
def test_a_fault_is_found_with_its_line(tmp_path: Path, found: str, instead: str, says: str) -> None:
    told = faults_of(tmp_path, found, instead)
    assert says in told
    assert "calls.yaml:" in told


@pytest.mark.parametrize(
    ("keyed", "rung"),
    [
        ("6175550142", "+16175550142"),
        ("16175550142", "+16175550142"),
        ("911", None),
        ("112", None),
        ("9115550142", None),
        ("6179110142", None),
        ("0175550142", None),
        ("61755501422", None),
        ("", None),
    ],
)
def test_only_a_whole_number_is_ever_rung(keyed: str, rung: str | None) -> None:
    """Code refuses to dial 911 and its like anywhere (hazard 58)."""
    assert number_to_ring(keyed) == rung
