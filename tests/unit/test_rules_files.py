"""Loading `rules/`: all faults at once, with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.handbook.rules_files import check_rules, load_rulebook
from tests.examples.shipped_rules import RULES, shipped


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules to spoil."""
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def spoil(rules: Path, name: str, old: str, new: str) -> int:
    """Replace the first occurrence; the line on which it stands."""
    path = rules / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def faults_of(rules: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(HandbookFaults) as raised:
        load_rulebook(rules)
    return [(Path(fault.file).name, fault.line, fault.found) for fault in raised.value.faults]


def test_the_shipped_rules_have_no_fault_and_no_failing_example() -> None:
    assert check_rules(RULES) == ()


def test_the_shipped_rules_are_not_signed_yet() -> None:
    assert not shipped().signed


def test_the_edition_is_the_hash_of_the_text(rules: Path) -> None:
    before = load_rulebook(rules).edition
    spoil(rules, "device.yaml", "# Pump, alarm", "# Pumps, alarm")
    assert before == shipped().edition
    assert load_rulebook(rules).edition != before


def test_an_unknown_code_in_a_rule_is_named_with_its_line(rules: Path) -> None:
    line = spoil(rules, "withdrawal.yaml", "when: {all: [itching_no_rash]}", "when: {any: [itching_no_rash, itchng]}")
    assert ("withdrawal.yaml", line, "itchng") in faults_of(rules)


def test_a_not_in_a_clinical_rule_is_refused(rules: Path) -> None:
    line = spoil(
        rules, "overdose.yaml", "when: {all: [hard_to_wake]}", "when: {all: [hard_to_wake], not: [thanks_only]}"
    )
    assert ("overdose.yaml", line, "not") in faults_of(rules)


def test_a_misspelt_key_is_a_fault_not_a_silence(rules: Path) -> None:
    line = spoil(
        rules, "overdose.yaml", "urgency: emergency, advice: call_911}", "urgancy: emergency, advice: call_911}"
    )
    assert any(name == "overdose.yaml" and at == line for name, at, _ in faults_of(rules))


def test_a_sign_that_no_rule_acts_on_is_a_fault(rules: Path) -> None:
    line = spoil(rules, "findings.yaml", "  itching: {", "  hiccups: {says: hiccups, group: other}\n  itching: {")
    assert ("findings.yaml", line, "hiccups") in faults_of(rules)


def test_two_rules_of_one_id_are_a_fault(rules: Path) -> None:
    line = spoil(rules, "infection.yaml", "id: I-neck", "id: I-wound")
    assert ("infection.yaml", line, "I-wound") in faults_of(rules)


def test_an_unknown_word_family_is_a_fault(rules: Path) -> None:
    spoil(rules, "words-en.yaml", "<cant> ... wake*", "<cnat> ... wake*")
    assert any(name == "words-en.yaml" and found == "<cnat>" for name, _, found in faults_of(rules))


def test_every_fault_is_told_at_once(rules: Path) -> None:
    spoil(rules, "infection.yaml", "id: I-neck", "id: I-wound")
    spoil(rules, "withdrawal.yaml", "when: {all: [spasms]}", "when: {all: [spasmss]}")
    spoil(rules, "questions.yaml", "person: asked_for_person", "person: nobody")
    assert {"infection.yaml", "withdrawal.yaml", "questions.yaml"} <= {name for name, _, _ in faults_of(rules)}


def test_a_missing_file_is_a_fault(rules: Path) -> None:
    (rules / "alarms.yaml").unlink()
    assert any(name == "alarms.yaml" for name, _, _ in faults_of(rules))


def test_an_example_that_no_longer_holds_is_found_by_the_check(rules: Path) -> None:
    line = spoil(rules, "withdrawal.yaml", '"hes so itchy today"', '"hes so happy today"')
    found = [(Path(fault.file).name, fault.line) for fault in check_rules(rules)]
    assert found == [("withdrawal.yaml", line)]


def test_a_rule_told_in_words_without_examples_in_a_language_is_a_fault(rules: Path) -> None:
    line = spoil(
        rules,
        "withdrawal.yaml",
        '        pt:\n          - "ela está se coçando',
        '        fr:\n          - "ela está se coçando',
    )
    assert ("withdrawal.yaml", line - 9, "0 examples in pt") in [
        (Path(fault.file).name, fault.line, fault.found) for fault in check_rules(rules)
    ]


def test_a_rule_about_keys_has_no_language(rules: Path) -> None:
    assert not [fault for fault in check_rules(rules) if "W-key" in fault.wanted]
