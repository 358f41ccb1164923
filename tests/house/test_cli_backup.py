"""`audit`, `backup` and `restore` as somebody types them: exit codes and sentences."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.house.test_cli import config_in, oncall


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = config_in(tmp_path)
    assert oncall("publish", "--by", "ada", "--second", "ben", "--config", path).exit_code == 0
    return path


def test_a_backup_is_made_verified_and_restored_and_a_restore_writes_over_nothing(config, tmp_path):
    made = oncall("backup", tmp_path / "out", "--config", config)
    assert made.exit_code == 0, made.output
    file = Path(made.stdout.strip())
    verified = oncall("backup", "--verify", file, "--config", config)
    assert (verified.exit_code, verified.stdout[:6]) == (0, "Whole:")
    restored = oncall("restore", file, "--to", tmp_path / "new", "--config", config)
    assert restored.exit_code == 0, restored.output
    again = oncall("restore", file, "--to", tmp_path / "new", "--config", config)
    assert (again.exit_code, "is not empty" in again.stderr) == (1, True)
    over = oncall("restore", file, "--to", tmp_path / "var", "--config", config)
    assert over.exit_code == 1


def test_audit_is_whole_or_says_what_is_wrong_and_exits_with_one(config, tmp_path):
    heads = Path(oncall("backup", tmp_path / "out", "--config", config).stdout.strip()).with_suffix(".heads")
    assert oncall("audit", "--config", config).exit_code == 0
    with closing(sqlite3.connect(tmp_path / "var" / "oncall.db")) as hand:
        hand.execute("INSERT INTO due (case_id, due_at, set_at) VALUES ('nobody', 1, 1)")
        hand.commit()
    heads.write_text("c1 1 00\n")
    found = oncall("audit", "--heads", heads, "--config", config)
    assert found.exit_code == 1
    assert "case nobody: it has rows in due but no entries" in found.stdout
    assert "case c1: entry 1 is not the one that was backed up" in found.stdout


def test_what_is_missing_is_said_in_a_sentence(config, tmp_path):
    assert oncall("backup", "--config", config).exit_code == 2
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("  key: null", "  key: env:NOT_SET_ANYWHERE"), encoding="utf-8")
    refused = oncall("backup", tmp_path / "out", "--config", config)
    assert (refused.exit_code, "backup.key" in refused.stderr) == (1, True)
    assert not (tmp_path / "out").exists()
    strange = tmp_path / "strange"
    strange.write_text("hello")
    no = oncall("restore", strange, "--to", tmp_path / "new", "--key-file", strange)
    assert (no.exit_code, "is not a backup" in no.stderr) == (1, True)
