"""The commands for going live as somebody types them: `fallback` and `cards`."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
import vobject

from tests.house.test_cli import RULES, config_in, oncall


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("command", "names"),
    [("fallback", {"voice.xml", "text.xml", "README.txt"}), ("cards", {"family.vcf", "clinician.vcf"})],
)
def test_the_files_are_written_once_and_the_same_again_is_nothing(tmp_path, command, names):
    config, folder = config_in(tmp_path), tmp_path / "new" / "folder"
    first = oncall(command, folder, "--config", config)
    assert (first.exit_code, first.stdout.count("written:")) == (0, len(names))
    written = contents(folder)
    assert set(written) == names
    again = oncall(command, folder, "--config", config)
    assert (again.exit_code, again.stdout.count("unchanged:")) == (0, len(names))
    assert contents(folder) == written
    assert not (tmp_path / "var").exists(), "looking makes no database"


def test_the_fallback_says_what_is_in_force_and_not_what_lies_in_the_folder(tmp_path):
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    config = config_in(tmp_path, **{"  rules": str(rules)})
    assert oncall("publish", "--by", "ada", "--second", "ben", "--config", config).exit_code == 0
    advice = rules / "advice.yaml"
    advice.write_text(advice.read_text(encoding="utf-8").replace("We connect you", "A draft connects you"), "utf-8")
    oncall("fallback", tmp_path / "out", "--config", config)
    said = ElementTree.parse(tmp_path / "out" / "voice.xml").findtext("Say")
    assert said is not None
    assert "We connect you" in said


def test_an_emergency_number_as_operator_is_refused_in_a_sentence_and_writes_nothing(tmp_path):
    config = config_in(tmp_path, **{"  operator": '"911"'})
    result = oncall("fallback", tmp_path / "out", "--config", config)
    assert result.exit_code == 1
    assert "an emergency number, which the line must never dial" in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_cards_carry_the_line(tmp_path):
    oncall("cards", tmp_path, "--config", config_in(tmp_path))
    for name in ("family.vcf", "clinician.vcf"):
        assert vobject.readOne((tmp_path / name).read_text(encoding="utf-8")).tel.value == "+16175550101"
