"""Editions: what is stored is what loads, quickly, and only what has changed is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oncall.adapters.handbook.files import load_texts, write_files
from oncall.adapters.handbook.reading import HandbookFaults, data_of, read_sheet, reading_of
from oncall.adapters.handbook.store import handbook_in_force, publish_folders
from tests.support.ward import ROOT, open_ward, shipped


async def test_an_edition_comes_back_from_the_journal_as_it_was_published() -> None:
    async with open_ward() as ward:
        journal, clock = ward.house.journal, ward.clock
        published, changed = await publish_folders(journal, clock, ROOT / "rules", ROOT / "rotations", "maria")
        assert "rules/findings.yaml" in changed
        again = (await handbook_in_force(journal, Path("nowhere"), Path("nowhere"))).current()
        assert again.edition == published.edition == shipped().edition
        assert again.rota == published.rota
        assert again.rulebook.rules.rules == published.rulebook.rules.rules
        assert again.table == published.table


async def test_publishing_the_same_folders_again_changes_nothing() -> None:
    async with open_ward() as ward:
        folders = (ward.house.journal, ward.clock, ROOT / "rules", ROOT / "rotations")
        await publish_folders(*folders, "maria")
        _, changed = await publish_folders(*folders, "maria")
        assert changed == ()
        assert len(await ward.house.journal.editions()) == 1


async def test_a_reading_that_is_not_of_its_text_is_not_used() -> None:
    async with open_ward() as ward:
        await publish_folders(ward.house.journal, ward.clock, ROOT / "rules", ROOT / "rotations", "maria")
        files = dict(await ward.house.journal.edition_files(shipped().edition) or {})
    stale = json.loads(files["rules/escalation.yaml.json"])
    stale["data"]["emergency"]["promise"] = "99m"
    files["rules/escalation.yaml.json"] = json.dumps(stale | {"sha256": "of another text"})
    assert load_texts(files).table == shipped().table


def test_days_and_instants_survive_the_reading(tmp_path: Path) -> None:
    text = "since: 2026-01-05\nat: 2026-01-05 07:00:00\nplain: 2026\n"
    (tmp_path / "x.yaml").write_text(text)
    (tmp_path / "x.yaml.json").write_text(reading_of(text))
    quick, _ = read_sheet(tmp_path / "x.yaml")
    (tmp_path / "x.yaml.json").unlink()
    slow, _ = read_sheet(tmp_path / "x.yaml")
    assert quick is not None
    assert slow is not None
    assert dict(quick.data) == dict(slow.data)


@pytest.mark.parametrize("torn", ["", "{", "[]", "null", '{"sha256": 1}', '{"day or instant": "x"}'])
def test_a_reading_that_is_torn_does_not_keep_the_house_from_opening(torn: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: 1\n")
    (tmp_path / "x.yaml.json").write_text(torn)
    sheet, _ = read_sheet(tmp_path / "x.yaml")
    assert sheet is not None
    assert dict(sheet.data) == data_of("a: 1\n", torn) == {"a": 1}


@pytest.mark.parametrize("name", ["/tmp/rules/x.yaml", "rules/../../x.yaml", "../x.yaml", "rules/x\x00.yaml", "x.yaml"])
def test_an_edition_writes_no_file_outside_of_its_folders(name: str, tmp_path: Path) -> None:
    """One that lay in a backup of somebody else's making is laid out as files at the first start."""
    with pytest.raises(HandbookFaults, match="files in rules/ and rotations/ alone"):
        load_texts({name: "x: 1\n"})
    with pytest.raises(HandbookFaults):
        write_files({"rules/good.yaml": "x: 1\n", name: "x: 1\n"}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("a: 1\nuntil: 2026-02-30\n", 2, "2026-02-30"),
        ("a: 2026-11-23\nb: 2026-13-01 07:00:00\n", 2, "2026-13-01"),
        ("at: 2026-11-23 25:00:00\n", 1, "a day or time that is none"),
        ("a: " + "[" * 500 + "\n", 1, "lists in lists without end"),
    ],
)
def test_a_day_that_no_calendar_has_is_a_fault_with_its_line(text: str, line: int, found: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(text)
    sheet, [fault] = read_sheet(tmp_path / "x.yaml")
    assert sheet is None
    assert (fault.line, fault.found) == (line, found)
    assert data_of(text) is None


def test_a_field_whose_name_is_a_day_or_a_list_has_a_reading() -> None:
    text = "2026-11-23: x\n? [a]\n: y\n"
    assert data_of(text, reading_of(text)) == data_of(text)


def test_half_a_character_in_a_text_is_a_fault() -> None:
    with pytest.raises(HandbookFaults, match="half a character"):
        load_texts({"rules/rules.yaml": "a: \ud83d\n"})
