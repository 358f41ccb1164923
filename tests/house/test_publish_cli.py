"""Publishing as a rules owner types it: the difference, the refusals, the history, and the way back to files.

Real files and the real command; only the solver's answer is given, because its proof has tests of its own.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import connect

import pytest
from click.testing import CliRunner, Result

from oncall.adapters.handbook.files import read_files
from oncall.cli.main import main
from oncall.core.triage.assessment import Urgency
from tests.house.test_cli import LOOPBACK_CARRIER, ROTATIONS, RULES, config_in, running
from tests.support.ward import open_ward

TWO = ("--by", "Ada Grant", "--second", "Jon Reed")
LOWERING = ("urgency: emergency", "urgency: urgent")  # the first of withdrawal.yaml is W-rigid
ITCHY = "he is stiff as a board"


def proved(files: Mapping[str, str]) -> str:
    return ""


def oncall(*words: str | Path, prove: Callable[[Mapping[str, str]], str] = proved) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], obj=prove)


class House:
    """A hospital's folders, its config and its commands."""

    def __init__(self, folder: Path, **changes: str) -> None:
        self.rules, self.rotations = folder / "rules", folder / "rotations"
        shutil.copytree(RULES, self.rules)
        shutil.copytree(ROTATIONS, self.rotations)
        folders = {"  rules": str(self.rules), "  rotations": str(self.rotations)}
        self.config = config_in(folder, **folders, **changes)
        self.database = folder / "var" / "oncall.db"

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.rules / name if (self.rules / name).exists() else self.rotations / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def publish(self, *words: str | Path, **how: Callable[[Mapping[str, str]], str]) -> Result:
        return oncall("publish", *(words or TWO), "--config", self.config, **how)

    def editions(self, *words: str) -> str:
        return oncall("editions", *words, "--config", self.config).stdout

    def count(self) -> int:
        if not self.database.exists():
            return 0
        with closing(connect(self.database)) as database:
            return database.execute("SELECT count(*) FROM editions").fetchone()[0]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture(scope="module")
def first_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the shipped folders are the first edition."""
    house = House(tmp_path_factory.mktemp("first"))
    first = house.publish()
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("This is the first edition: there is nothing to compare it with.\n")
    return house.database


@pytest.fixture
def published(house: House, first_database: Path) -> House:
    house.database.parent.mkdir()
    shutil.copy(first_database, house.database)
    return house


def test_a_change_is_shown_published_and_told_afterwards(published: House) -> None:
    assert published.publish().stdout == "Nothing to publish.\n"
    published.edit("escalation.yaml", "{after: 3m, tiers", "{after: 4m, tiers")
    second = published.publish()
    line = "clock EMERGENCY: pump-team/attending after 3 min -> 4 min"
    assert line in second.stdout.splitlines()
    assert second.stdout.rstrip().endswith("is in force.")
    newest, oldest = published.editions().splitlines()
    assert newest.split()[0] == "2"
    assert newest.endswith("Ada Grant with Jon Reed  rules/escalation.yaml")
    assert re.search(r"Ada Grant with Jon Reed  all \d+ files$", oldest)
    shown = published.editions(newest.split()[1])
    assert shown == published.editions("2")
    assert line in shown.splitlines()
    row = json.loads(published.editions("2", "--json"))
    assert (row["by"], row["second"], row["changed"]) == ("Ada Grant", "Jon Reed", ["rules/escalation.yaml"])
    assert row["difference"]["changes"][0]["name"] == "EMERGENCY"
    assert len(json.loads(published.editions("--json"))) == 2


def test_a_lowered_emergency_needs_a_reason_that_stands_in_the_history(published: House) -> None:
    published.edit("withdrawal.yaml", *LOWERING)
    refused = published.publish()
    assert refused.exit_code == 1
    lines = refused.stdout.splitlines()
    assert lines[0].endswith("saved cases change urgency.")
    assert lines[1].startswith("  LOWERED EMERGENCY '")
    assert "emergencies are lowered: mend the rules, or say with --reason why" in refused.stderr
    assert published.count() == 1
    signed = published.publish(*TWO, "--reason", "agreed in clinic on Monday")
    assert signed.exit_code == 0, signed.output
    assert "because: agreed in clinic on Monday" in published.editions().splitlines()[0]
    assert "LOWERED EMERGENCY" in published.editions("2")


def test_what_is_refused_is_a_sentence_and_stores_nothing(house: House) -> None:
    result = house.publish("--by", "Ada Grant")
    assert (result.exit_code, house.count()) == (1, 0)
    assert "Error: Rules change only with a second name:" in result.stderr
    assert "Traceback" not in result.output


def test_what_the_solver_does_not_prove_is_not_published(house: House) -> None:
    result = house.publish(prove=lambda files: "Not decided within 60 seconds: red flags.")
    assert (result.exit_code, house.count()) == (1, 0)
    assert "Error: Not decided within 60 seconds: red flags." in result.stderr


def test_folders_with_faults_are_not_published(house: House) -> None:
    house.edit("escalation.yaml", "voice_again: 90s", "voice_again: soon")
    result = house.publish()
    assert (result.exit_code, house.count()) == (1, 0)
    assert "escalation.yaml:" in result.stderr
    assert result.stderr.rstrip().endswith("1 faults: mend them, then publish again; nothing was stored.")


def test_a_red_example_is_not_published(house: House) -> None:
    house.edit("withdrawal.yaml", "she is itchy all over with no rash", "she slept well")
    result = house.publish()
    assert (result.exit_code, house.count()) == (1, 0)
    assert "does not hold any more" in result.stderr
    assert "withdrawal.yaml:" in result.stderr


def test_rotations_alone_need_one_name_and_no_proof(published: House) -> None:
    published.edit("pump-team.yaml", "\n", "\n# the spring rota\n")
    result = published.publish("--by", "Maria", prove=lambda files: "asked in vain")
    assert result.exit_code == 0, result.output
    assert "changed: rotations/pump-team.yaml (+1 -0 lines)" in result.stdout
    assert published.editions().splitlines()[0].endswith("Maria  rotations/pump-team.yaml")


def test_a_hole_in_the_rota_is_red_a_warning_wants_a_reason_and_both_are_told(published: House) -> None:
    soon = datetime.now(UTC) + timedelta(days=2)
    leave = f"\n  - {{id: L9, leave: dia, from: {soon:%Y-%m-%d}, through: {soon + timedelta(days=20):%Y-%m-%d}}}\n"
    published.edit("overrides.yaml", "    note: for Cho's leave\n", f"    note: for Cho's leave\n{leave}")
    refused = published.publish("--by", "Maria", "--dry-run")
    assert refused.exit_code == 1
    assert "pump team attending: Dia Osei -> nobody." in refused.stdout
    assert "Nothing else changes." in refused.stdout
    assert "RED: Nobody is on pump team attending from" in refused.stdout
    assert "Nobody is on pump team attending" in refused.stderr
    far = f"{soon + timedelta(days=40):%Y-%m-%d}"
    path = published.rotations / "overrides.yaml"
    text = path.read_text(encoding="utf-8").replace(
        leave, f"\n  - {{id: L9, leave: fay, from: {far}, through: {far}}}\n"
    )
    path.write_text(text, encoding="utf-8")
    warned = published.publish("--by", "Maria")
    assert (warned.exit_code, published.count()) == (1, 1)
    assert "YELLOW: Nobody is on neurosurgery from" in warned.stdout
    assert "Say with --reason why this is right: Nobody is on neurosurgery" in warned.stderr
    accepted = published.publish("--by", "Maria", "--reason", "gus is called by hand")
    assert (accepted.exit_code, published.count()) == (0, 2)
    assert "neurosurgery: Fay Okafor -> nobody." in published.editions("2")


def test_a_dry_run_says_what_would_happen_and_stores_nothing(house: House) -> None:
    result = house.publish(*TWO, "--dry-run")
    assert (result.exit_code, house.count()) == (0, 0)
    assert result.stdout.endswith("Nothing stored: this was a dry run.\n")
    assert not house.database.exists()
    refused = house.publish("--by", "Ada", "--dry-run")
    assert (refused.exit_code, "second name" in refused.stderr) == (1, True)
    told = json.loads(house.publish("--by", "Ada", "--dry-run", "--json").stdout)
    assert (told["published"], len(told["refused"])) == (False, 1)
    assert told["difference"]["files"]


def test_a_proposal_is_brought_for_a_second_person_and_nothing_is_in_force(published: House) -> None:
    published.edit("escalation.yaml", "{after: 3m, tiers", "{after: 4m, tiers")
    assert oncall("init", "--id", "ada", "--name", "Ada Grant", "--config", published.config).exit_code == 0
    stranger = published.publish("--propose", "--by", "Ada Grant")
    assert (stranger.exit_code, "--by is a short name" in stranger.stderr) == (1, True)
    proposed = published.publish("--propose", "--by", "ada", "--reason", "agreed in clinic")
    assert proposed.exit_code == 0, proposed.output
    assert "clock EMERGENCY: pump-team/attending after 3 min -> 4 min" in proposed.stdout.splitlines()
    assert re.search(r"/rules/proposals/\w+\n$", proposed.stdout)
    assert published.count() == 1
    assert published.publish("--propose", *TWO).exit_code == 2
    assert published.publish(*TWO).stdout.rstrip().endswith("is in force."), "two names still publish"


# --- export -----------------------------------------------------------------------------------------------------------


def test_an_edition_comes_back_byte_for_byte_and_publishing_it_again_is_nothing(house: House, tmp_path: Path) -> None:
    path = house.rules / "office.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n") + "# a last remark: ¿qué?\r\n".encode())
    house.publish()
    out = tmp_path / "out"
    for _ in range(2):  # the same again changes nothing
        assert oncall("export", out, "--config", house.config).exit_code == 0
    for folder in (house.rules, house.rotations):
        written = {file.name: file.read_bytes() for file in (out / folder.name).iterdir()}
        assert written == {file.name: file.read_bytes() for file in folder.iterdir()}
    again = house.publish(*TWO, "--rules", out / "rules", "--rotations", out / "rotations")
    assert (again.exit_code, again.stdout) == (0, "Nothing to publish.\n")
    assert house.count() == 1


def test_an_earlier_edition_can_be_exported_and_published_again(published: House, tmp_path: Path) -> None:
    before = read_files(published.rules, published.rotations)
    published.edit("pump-team.yaml", "\n", "\n# the spring rota\n")
    published.publish("--by", "Maria")
    out = tmp_path / "out"
    assert oncall("export", out, "--edition", "1", "--config", published.config).exit_code == 0
    assert read_files(out / "rules", out / "rotations") == before
    published.publish("--by", "Maria", "--rules", out / "rules", "--rotations", out / "rotations")
    numbers, hashes = zip(*(line.split()[:2] for line in published.editions().splitlines()), strict=True)
    assert numbers == ("3", "2", "1")
    assert hashes[0] == hashes[2]


def test_an_export_overwrites_nothing_and_knows_its_editions(house: House, tmp_path: Path) -> None:
    missing = oncall("export", tmp_path / "out", "--config", house.config)
    assert (missing.exit_code, "There is no database" in missing.stderr) == (1, True)
    house.publish()
    house.edit("pump-team.yaml", "\n", "\n# not published\n")
    other = oncall("export", tmp_path, "--config", house.config)
    assert (other.exit_code, "name an empty folder" in other.stderr) == (1, True)
    assert "# not published" in (house.rotations / "pump-team.yaml").read_text(encoding="utf-8")
    unknown = oncall("export", tmp_path / "out", "--edition", "9", "--config", house.config)
    assert (unknown.exit_code, "There is no edition 9" in unknown.stderr) == (1, True)


# --- replay -----------------------------------------------------------------------------------------------------------


async def a_night_in(house: House) -> str:
    """One emergency and one office matter; the emergency's code."""
    async with open_ward(database=f"sqlite:///{house.database}") as ward:
        await ward.phone("mum of Leo").texts(ITCHY)
        [case] = await ward.open_cases()
        assert case.pace is Urgency.EMERGENCY
        await ward.phone("+16175550171").texts("can we move friday's appointment?")
        return case.code


def replay(house: House, *words: str | Path) -> Result:
    return oncall("rules", "replay", "--since", "2026-11-01", *words, "--config", house.config)


def test_past_cases_are_told_by_code_and_a_lowered_emergency_is_a_finding(house: House) -> None:
    code = asyncio.run(a_night_in(house))
    assert house.publish().exit_code == 0
    same = replay(house)
    assert (same.exit_code, same.stdout) == (0, "0 of 2 past cases change urgency.\n")
    house.edit("withdrawal.yaml", *LOWERING)
    lowered = replay(house)
    assert lowered.exit_code == 1
    count, line = lowered.stdout.splitlines()
    assert count == "1 of 2 past cases changes urgency."
    assert line.startswith(f"  LOWERED EMERGENCY '{code}' EMERGENCY -> URGENT (W-rigid")
    assert "stiff" not in lowered.output
    assert ITCHY in replay(house, "--words").stdout
    told = json.loads(replay(house, "--json").stdout)
    assert (told["cases"], told["lowered_emergencies"]) == (2, 1)
    assert (told["changes"][0]["case"], told["changes"][0]["would_be"]) == (code, "urgent")
    assert "words" not in told["changes"][0]
    assert replay(house, "--draft", RULES).exit_code == 0
    assert oncall("rules", "replay", "--since", "2030-01-01", "--config", house.config).exit_code == 0


def test_a_past_emergency_that_would_be_lowered_needs_a_reason_too(house: House) -> None:
    """Also when no example of the rules says so."""
    asyncio.run(a_night_in(house))
    house.publish()
    house.edit("withdrawal.yaml", *LOWERING)
    refused = house.publish()
    assert refused.exit_code == 1
    assert "past cases change" in refused.stdout


def test_a_replay_needs_a_database(house: House) -> None:
    result = replay(house)
    assert (result.exit_code, "There is no database" in result.stderr) == (1, True)


# --- beside a running service -----------------------------------------------------------------------------------------


def test_publishing_looking_and_exporting_go_on_while_the_service_runs(tmp_path: Path) -> None:
    house = House(tmp_path, **{"  api": LOOPBACK_CARRIER})
    with running(house.config):
        assert re.search(r"first start  all \d+ files\n$", house.editions())
        house.edit("pump-team.yaml", "\n", "\n# the spring rota\n")
        assert house.publish("--by", "Maria", "--dry-run").exit_code == 0
        assert house.count() == 1
        published = house.publish("--by", "Maria")
        assert published.stdout.rstrip().endswith("is in force.")
        assert house.publish("--by", "Maria").stdout == "Nothing to publish.\n"
        assert oncall("export", tmp_path / "out", "--config", house.config).exit_code == 0
        assert replay(house).exit_code == 0
    assert house.count() == 2
