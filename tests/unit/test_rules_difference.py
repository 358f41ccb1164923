"""The difference between two editions, as an author and a second reader see it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import pytest

from oncall.adapters.handbook.files import read_files
from oncall.adapters.handbook.publishing import FIRST, UNREADABLE, difference_between, readings_of
from oncall.adapters.handbook.rules_difference import (
    CaseChange,
    Change,
    Difference,
    changes_between,
    difference_lines,
    file_changes,
    worst_first,
)
from oncall.adapters.handbook.rules_in_words import condition_in_words
from oncall.adapters.handbook.rules_shapes import ConditionShape
from oncall.core.as_json import from_json, to_json
from tests.support.ward import ROOT

EDITS = {  # one of each kind, in the shipped files
    "withdrawal.yaml": [
        ("says: Itching with no rash is", "says: Itching without a rash is"),
        ("when: {any: [tight_muscles, rigid_body]}", "when: {any: [tight_muscles, rigid_body, spasms]}"),
        (
            "then: {leans: {withdrawal: 3, overdose: -2}, urgency: urgent}",
            "then: {leans: {withdrawal: 5}, urgency: urgent}",
        ),
    ],
    "findings.yaml": [
        ("fever: {says: fever, group: withdrawal, danger: true,", "fever: {says: hot, group: withdrawal,"),
        ("at_least: 39.0", "at_least: 39.5"),
    ],
    "questions.yaml": [("Is it hard to wake them, or are they", "Is it hard to wake him, or are they")],
    "advice.yaml": [('en: "within {minutes} minutes"', 'en: "in {minutes} minutes"')],
    "escalation.yaml": [("{after: 3m, tiers", "{after: 4m, tiers"), ("status_every: 5m", "status_every: 1h")],
    "alarms.yaml": [("low: battery_due,", "low: battery_end,")],
    "words-en.yaml": [("  hard_to_wake: >-\n", "  hard_to_wake: >-\n    will not budge from sleep ;\n")],
    "office.yaml": [("signed: none yet", 'signed: {by: "Ada Grant", on: 2026-11-22}')],
}


def edition(**edits: list[tuple[str, str]]) -> dict[str, str]:
    """The shipped files with these edits, as they are stored."""
    with TemporaryDirectory() as folder:
        rules = Path(folder) / "rules"
        shutil.copytree(ROOT / "rules", rules)
        for name, pairs in edits.items():
            text = (rules / name).read_text(encoding="utf-8")
            for old, new in pairs:
                assert old in text, f"{name} has no {old!r}"
                text = text.replace(old, new, 1)
            (rules / name).write_text(text, encoding="utf-8")
        files = read_files(rules, ROOT / "rotations")
    return {**files, **readings_of(files)}


@cache
def shipped_files() -> dict[str, str]:
    return edition()


@cache
def lines() -> tuple[str, ...]:
    return tuple(difference_lines(difference_between(shipped_files(), edition(**EDITS))))


@pytest.mark.parametrize(
    "line",
    [
        "rule W-itch-no-rash: sentence Itching with no rash is the best early sign of too little drug."
        " -> Itching without a rash is the best early sign of too little drug.",
        "rule W-tight: when one of (tight muscles, rigid body) -> one of (tight muscles, rigid body, spasms)",
        "rule W-tight: leans overdose -2, withdrawal +3 -> withdrawal +5",
        "finding fever: says fever -> hot",
        "finding fever: danger yes -> no",
        "threshold temperature_c: temperature_high at least 39 -> at least 39.5",
        "sentence when_within: en within {minutes} minutes -> in {minutes} minutes",
        "clock EMERGENCY: pump-team/attending after 3 min -> 4 min",
        "clock waits: status every 5 min -> 1 h",
        "alarm table every pump: battery low battery_due -> battery_end",
        "file office.yaml: signed none yet -> by: Ada Grant, on: 2026-11-22",
        "changed: rules/escalation.yaml (+2 -2 lines)",
    ],
)
def test_each_kind_of_change_is_one_line(line: str) -> None:
    assert line in lines()


def test_a_condition_is_told_in_words() -> None:
    shape = ConditionShape.model_validate(
        {"all": ["fever"], "at_least": {"n": 2, "of": ["spasms", {"any": ["itching", "goosebumps"]}]}, "not": ["fall"]}
    )
    told = "fever and at least 2 of (spasms, (one of (itching, goosebumps))) and none of (fall)"
    assert condition_in_words(shape) == told


def test_a_question_is_shown_before_and_after() -> None:
    [line] = [line for line in lines() if line.startswith("question waking_breathing: text en")]
    assert "wake them, or" in line.split(" -> ")[0]
    assert "wake him, or" in line.split(" -> ")[1]


def test_phrases_are_counted_and_the_new_ones_named() -> None:
    [line] = [line for line in lines() if line.startswith("words phrases in en: hard_to_wake")]
    before, after = map(int, line.partition("hard_to_wake ")[2].partition(",")[0].split(" -> "))
    assert after == before + 1
    assert line.endswith("added: will not budge from sleep")


def test_what_did_not_change_is_not_told() -> None:
    assert not any("words phrases in es" in line or "overdose.yaml" in line for line in lines())


def test_saved_cases_that_change_are_told_with_their_urgencies() -> None:
    lowered = edition(**{"withdrawal.yaml": [("urgency: emergency", "urgency: urgent")]})
    difference = difference_between(shipped_files(), lowered)
    assert difference.saved > 1000
    assert difference.saved_changes
    assert all((case.was, case.becomes) == ("EMERGENCY", "URGENT") for case in difference.saved_changes)
    assert difference.lowered_emergencies == difference.saved_changes
    told = list(difference_lines(difference))
    assert told[0] == f"{len(difference.saved_changes)} of {difference.saved:,} saved cases change urgency."
    assert told[1].startswith("  LOWERED EMERGENCY '")
    assert told[1].endswith(" EMERGENCY -> URGENT")
    back = difference_between(lowered, shipped_files())
    assert back.lowered_emergencies == ()
    assert len(back.saved_changes) == len(difference.saved_changes)


def test_a_saved_case_that_only_one_edition_has_is_read_by_both() -> None:
    """Whoever takes a sentence out of a rule does not take it out of the comparison."""
    taken_out = [('          - "itchy and nothing there"\n', "")]
    added = [
        ('          - "not itchy anymore"\n', '          - "not itchy anymore"\n          - "no itch, says Gran"\n')
    ]
    same, fewer, more = (
        difference_between(shipped_files(), edition(**{"withdrawal.yaml": edits}))
        for edits in ([("S5, S71b", "S5")], taken_out, added)
    )
    assert (fewer.saved, more.saved) == (same.saved, same.saved + 1)
    assert same.saved_changes == fewer.saved_changes == more.saved_changes == ()


def test_the_same_edition_twice_has_no_difference() -> None:
    assert list(difference_lines(difference_between(shipped_files(), shipped_files()))) == []


def test_rotations_alone_leave_the_rules_unread() -> None:
    name = "rotations/pump-team.yaml"
    after = shipped_files() | {name: shipped_files()[name] + "# the spring rota\n"}
    difference = difference_between(shipped_files(), after)
    assert not difference.touches_rules
    assert list(difference_lines(difference)) == [f"changed: {name} (+1 -0 lines)"]


def test_the_first_edition_says_that_there_is_nothing_to_compare() -> None:
    difference = difference_between({}, shipped_files())
    assert difference.note == FIRST
    assert difference.touches_rules
    assert {file.what for file in difference.files} == {"added"}


def test_an_edition_that_this_program_cannot_read_is_compared_by_its_files() -> None:
    old = {"rules/findings.yaml": "written: by another program\n"}
    difference = difference_between(old, shipped_files())
    assert (difference.note, difference.changes) == (UNREADABLE, ())
    assert any(file.name == "rules/findings.yaml" and file.what == "changed" for file in difference.files)


def test_a_difference_is_kept_and_read_back_whole() -> None:
    difference = Difference(
        file_changes({"rules/a.yaml": "1\n2\n"}, {"rules/a.yaml": "1\n3\n4\n"}),
        (Change("rule", "W", "changed", ("urgency EMERGENCY -> URGENT",), "EMERGENCY"),),
        7,
        (CaseChange("so stiff é", "EMERGENCY", "URGENT"),),
        3,
        (CaseChange("K7", "EMERGENCY", "SAME_DAY", ("W",), ("X",)),),
    )
    assert (difference.files[0].lines_added, difference.files[0].lines_removed) == (2, 1)
    assert from_json(Difference, to_json(difference)) == difference


def test_rules_that_lower_stand_first_the_emergencies_before_all() -> None:
    before = {
        ("rule", "A"): {"urgency": "URGENT"},
        ("rule", "B"): {"urgency": "EMERGENCY"},
        ("rule", "C"): {"urgency": "EMERGENCY"},
        ("clock", "URGENT"): {"promise": "15 min"},
        ("rule", "D"): {"urgency": "URGENT"},
    }
    after = {
        ("rule", "A"): {"urgency": "EMERGENCY"},
        ("rule", "C"): {"urgency": "URGENT"},
        ("clock", "URGENT"): {"promise": "20 min"},
        ("rule", "D"): {"urgency": "SAME DAY"},
    }
    told = [(change.name, change.what, change.lowers) for change in changes_between(before, after)]
    assert told == [
        ("B", "removed", "EMERGENCY"),
        ("C", "changed", "EMERGENCY"),
        ("D", "changed", "URGENT"),
        ("A", "changed", ""),
        ("URGENT", "changed", ""),
    ]


def test_cases_are_told_worst_first() -> None:
    raised = CaseChange("a", "URGENT", "EMERGENCY")
    lowered = CaseChange("b", "URGENT", "ROUTINE")
    emergency = CaseChange("c", "EMERGENCY", "URGENT")
    assert worst_first([raised, lowered, emergency]) == (emergency, lowered, raised)


def test_a_year_of_covers_in_other_hands_is_told_at_once() -> None:
    def covers(who: str) -> str:
        return "".join(
            f"  - id: c{n}\n    cover: pump-team/primary\n    from: 2026-12-{n % 28 + 1:02d} 19:00\n"
            f"    until: 2026-12-{n % 28 + 1:02d} 23:00\n    by: {who}\n    note: swap\n"
            for n in range(500)
        )

    begun = process_time()
    [change] = file_changes({"rotations/overrides.yaml": covers("ana")}, {"rotations/overrides.yaml": covers("ben")})
    assert (change.lines_added, change.lines_removed) == (500, 500)
    assert process_time() - begun < 2  # by aligning lines it takes a quarter of a minute


def test_lines_that_only_changed_places_are_counted() -> None:
    [change] = file_changes({"rules/a.yaml": "1\n2\n3\n"}, {"rules/a.yaml": "2\n1\n3\n"})
    assert (change.lines_added, change.lines_removed) == (2, 2)
