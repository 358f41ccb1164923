"""`oncall rehearse` as it is typed: exit codes, JSON, stories and a month."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oncall.cli.main import main
from oncall.core.case.facts import Directory
from oncall.nights.invariants import Breach
from oncall.nights.running import Sum
from tests.support.builders import HOSPITAL, ROOT, clinician, handbook

FOLDERS = ("--rules", str(ROOT / "rules"), "--rotations", str(ROOT / "rotations"))


def typed(*words: str) -> Result:
    return CliRunner().invoke(main, ["rehearse", *words, *FOLDERS])


def test_nights_without_a_breach_are_a_success_and_say_what_went_wrong_on_purpose() -> None:
    done = typed("--nights", "3", "--seed", "5", "--zone", "Europe/Berlin")
    assert done.exit_code == 0
    assert done.output.startswith("3 nights, ")
    assert "Breaches: 0" in done.output
    assert "Not seen here:" in done.output


def test_json_carries_the_same() -> None:
    told = json.loads(typed("--nights", "2", "--seed", "6", "--json").stdout)
    assert (told["first_seed"], told["nights"], told["breaches"], told["failed"]) == (6, 2, 0, {})
    assert told["counts"]["contacts"] > 0
    assert told["injected"]


def test_a_story_tells_plan_and_entries() -> None:
    done = typed("--story", "--seed", "6")
    assert done.exit_code == 0
    assert done.output.startswith("seed 6: ")
    assert "CaseOpened" in done.output
    assert "No breach." in done.output


def test_a_shortened_night_is_told_again_by_the_numbers_of_its_events() -> None:
    done = typed("--story", "--seed", "6", "--events", "1,9")
    assert done.exit_code == 0
    assert ", 2 events" in done.output.splitlines()[0]


def test_a_breach_is_a_finding_told_with_its_seed() -> None:
    from oncall.cli.rehearse import _lines

    lines = _lines(Sum(1, failed={7: [Breach("I2", "nobody has it", "c1")]}))
    assert "Breaches: 1" in lines
    assert "  seed 7: I2: nobody has it (case c1)" in lines
    assert "Replay one with: oncall rehearse --story --seed N" in lines


@pytest.mark.parametrize(
    "wrong", [("--zone", "Mars/Base"), ("--month", "december"), ("--nights", "0"), ("--story", "--events", "one")]
)
def test_wrong_usage_is_two(wrong: tuple[str, ...]) -> None:
    assert typed(*wrong).exit_code == 2


def test_a_month_is_a_table_with_its_assumptions(tmp_path: Path) -> None:
    done = typed("--month", "2026-02", "--contacts", "1", "--answers", "1", "--config", str(tmp_path / "none.yaml"))
    assert done.exit_code == 0, done.output
    assert "February 2026" in done.output
    assert "assumed: 100% of rings" in done.output
    assert "Sat 28 Feb" in done.output
    assert "Telephones: not looked at" in done.output


def test_telephones_that_are_missing_new_or_alone_are_weak_spots() -> None:
    from oncall.cli.month import _phones

    people = {"ana": clinician("ana", "+16175550110"), "ben": clinician("ben", "+16175550111", "+16175550121")}
    found = {spot.tier: spot.told for spot in _phones(handbook().rota, Directory(HOSPITAL, people))}
    assert found["Ana Lee"] in ("one telephone only", "every telephone was proven within the last week")
    assert found["Dia Osei"] == "no proven telephone"
