"""Editions: what is stored is what loads, quickly, and only what has changed is published."""

from __future__ import annotations

import json
from pathlib import Path

from oncall.adapters.handbook.files import load_texts
from oncall.adapters.handbook.reading import read_sheet, reading_of
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
