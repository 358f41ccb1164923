"""Loading `rules/`: all faults at once, with file and line."""

from __future__ import annotations

import re
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


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("when: {all: [rigid_body]}", "when: {all: [rigid_boddy]}", "rigid_boddy"),
        ("when: {all: [rigid_body]}", "when: {all: [rigid_body], not: [thanks_only]}", "not"),
        ("when: {all: [rigid_body]}", "when: {}", "nothing that must be present"),
        ("id: RF-rigid", "id: RF-floppy", "RF-floppy"),
        ("hours_since_refill: {at_least: 0", "hours_since_lunch: {at_least: 0", "hours_since_lunch"),
    ],
)
def test_a_red_flag_that_would_prove_nothing_is_a_fault(rules: Path, old: str, new: str, found: str) -> None:
    spoil(rules, "red-flags.yaml", old, new)
    assert ("red-flags.yaml", found) in {(name, told) for name, _, told in faults_of(rules)}


def test_a_direction_for_a_number_that_nobody_knows_is_a_fault(rules: Path) -> None:
    line = spoil(rules, "findings.yaml", "    pump_age_years: higher", "    pump_age_decades: higher")
    assert ("findings.yaml", line, "pump_age_decades") in faults_of(rules)


def test_an_edition_older_than_red_flags_still_loads_and_check_asks_for_them(rules: Path) -> None:
    (rules / "red-flags.yaml").unlink()
    spoil(rules, "findings.yaml", "    pump_age_years: higher\n", "")
    assert load_rulebook(rules).red_flags == ()
    assert {fault.found for fault in check_rules(rules)} == {"no red-flags.yaml beside it", "no pump_age_years"}


def test_two_rules_of_one_id_are_a_fault(rules: Path) -> None:
    line = spoil(rules, "infection.yaml", "id: I-neck", "id: I-wound")
    assert ("infection.yaml", line, "I-wound") in faults_of(rules)


def test_an_unknown_word_family_is_a_fault(rules: Path) -> None:
    spoil(rules, "words-en.yaml", "<cant> get ... to wake", "<cnat> get ... to wake")
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


# --- where a sign comes from, and how it is asked ---------------------------------------------------------------------


def test_a_sign_without_a_source_or_a_way_of_asking_is_a_fault_of_the_check(rules: Path) -> None:
    spoilt = {
        "very_sleepy": ('source: "S33, S40", asked: waking_breathing', "asked: waking_breathing", "no source"),
        "sleepy": ('"S2, S40"', "a review 2", "a review 2"),
        "drooling_choking": ('"S89, lexicon C6; K"', '"S89, "', "no source"),
        "floppy": ('"S2, S10, S35, S79", asked: muscles', '"S2, S10, S35, S79"', "no way of asking"),
        "slow_breathing": ('"S2, S10, S40", asked: waking_breathing', '"S2, S10, S40", asked: waking', "waking"),
        "not_breathing": ('"S20, S25", asked: waking_breathing', '"S20, S25", asked: beep', "beep"),
        "blue_lips": ('"S2, S33", asked: waking_breathing', '"S2, S33", asked: office', "office"),
        "weak_muscles": ('"S21, S33", asked: muscles', '"S21, S33", asked: log', "log"),
        "mottled": (', es: "¿La piel tiene manchas que no se quitan?"', "", "no es"),
        "vomiting": ("Are they throwing up?", f"Are they throwing up{' again' * 14}?", "25 words in en"),
    }
    for old, new, _ in spoilt.values():
        spoil(rules, "findings.yaml", old, new)
    spoil(rules, "questions.yaml", "Is a pump fill late or missed?", f"Is a pump fill late or missed{' again' * 10}?")
    faults = check_rules(rules)
    where = (rules / "findings.yaml").read_text(encoding="utf-8").splitlines()
    signs = [fault for fault in faults if Path(fault.file).name == "findings.yaml"]
    named = {_sign_at(where, fault.line): fault.found for fault in signs}
    assert named == {code: found for code, (_, _, found) in spoilt.items()}
    assert [fault.found for fault in faults if fault not in signs] == ["24 words in en"]


def _sign_at(lines: list[str], number: int) -> str:
    """The sign whose entry holds this line."""
    return next(line.split(":")[0].strip() for line in reversed(lines[:number]) if re.match(r"  \w+: \{says", line))


def test_an_edition_from_before_the_sources_is_still_loaded(rules: Path) -> None:
    """A stored edition must never keep a house from starting."""
    path = rules / "findings.yaml"
    text = re.sub(r",\n    source: .*\}$", "}", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    old = load_rulebook(rules)
    assert old.vocabulary["hard_to_wake"].source == ""


def test_every_sign_says_where_it_comes_from_and_how_or_why_not_it_is_asked() -> None:
    for sign in shipped().vocabulary.values():
        asking = sign.asking
        assert sign.source
        assert bool(asking.not_asked) is not bool(asking.text), sign.code
    assert shipped().vocabulary["sleepy"].asking.question == "waking_breathing"
    assert shipped().vocabulary["vomiting"].asking.text["en"] == "Are they throwing up? Reply 1 yes 2 no 3 not sure"
    assert shipped().vocabulary["vomiting"].asking.spoken["es"] == "¿Está vomitando? Sí 1, no 2, no sé 3."
    assert shipped().vocabulary["alarm_motor_stall"].asking.not_asked == "only reading the pump shows it"


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
