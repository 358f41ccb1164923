"""rules/phrases.yaml and rules/checklists.yaml: what would harm a family or mislead is a fault at loading."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oncall.adapters.handbook.at_hand_file import read_at_hand
from oncall.core.triage.assessment import Leaning
from tests.support.builders import ROOT, handbook

RULES = ROOT / "rules"


def faults_of(tmp_path: Path, file: str, found: str, instead: str) -> str:
    for name in ("phrases.yaml", "checklists.yaml"):
        shutil.copy(RULES / name, tmp_path / name)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert found in text
    (tmp_path / file).write_text(text.replace(found, instead, 1), encoding="utf-8")
    known, _, faults = read_at_hand(tmp_path)
    assert (known is None) == bool(faults)
    return "\n".join(str(fault) for fault in faults)


def test_the_shipped_files_have_no_fault_and_nobody_has_signed_them() -> None:
    known, signed, faults = read_at_hand(RULES)
    assert faults == ()
    assert signed == {"phrases": False, "checklists": False}
    assert known == handbook().at_hand
    assert {"phrases", "checklists"} <= set(handbook().unsigned)


def test_a_signature_is_shown_with_its_name(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "phrases.yaml", "signed: none yet", "signed: {by: Ada Grant, on: 2026-01-05}") == ""
    known, signed, _ = read_at_hand(tmp_path)
    assert known is not None
    assert (signed["phrases"], known.phrases_signed) == (True, "Ada Grant, 2026-01-05")


@pytest.mark.parametrize(
    ("file", "found", "instead", "says"),
    [
        ("phrases.yaml", "Worse: call {emergency}.", "Worse: call {operator}.", "only the blanks"),
        ("phrases.yaml", "Please pick up.", "Please pick up, and do not worry.", "nothing that soothes"),
        ("phrases.yaml", "Por favor conteste.", "No se preocupe.", "nothing that soothes"),
        ("phrases.yaml", "Do not drive yourselves.", "Give 10 mg.", "no dose"),
        ("phrases.yaml", "Stay with the person until help comes.", "Stay there. " * 9, "one text"),
        ("phrases.yaml", "Please pick up.", "Please pick up 📞.", "one text"),
        ("phrases.yaml", "    must_arrive: true\n", "", "field required"),
        ("checklists.yaml", "sources: [S5]", "sources: [S555]", "S555"),
        ("checklists.yaml", "sources: [S5]", "sources: []", "at least 1 item"),
        ("checklists.yaml", "neurosurgery early.", "give 20 mg every 6 h.", "no dose"),
        ("checklists.yaml", "  infection:\n", "  infections:\n", "field required"),
    ],
)
def test_a_fault_is_found_with_its_line(tmp_path: Path, file: str, found: str, instead: str, says: str) -> None:
    told = faults_of(tmp_path, file, found, instead)
    assert says in told
    assert f"{file}:" in told


def test_each_leaning_has_its_steps_and_both_where_nobody_can_tell() -> None:
    known = handbook().at_hand
    assert [one.leaning for one in known.lists_for((Leaning.CANNOT_TELL, Leaning.WITHDRAWAL))] == [
        Leaning.WITHDRAWAL,
        Leaning.OVERDOSE,
    ]
    assert [one.leaning for one in known.lists_for((Leaning.DEVICE,))] == [Leaning.DEVICE]
    assert known.lists_for((Leaning.NONE,)) == ()


def test_a_language_without_a_phrase_gets_both_that_can_be_signed() -> None:
    phrase = handbook().at_hand.phrase("pick_up")
    assert phrase is not None
    said = phrase.said("ht", "Dr Lee", "911")
    assert said == f"{phrase.said('en', 'Dr Lee', '911')} / {phrase.said('es', 'Dr Lee', '911')}"
