"""`oncall calendar` and `oncall import` of schedules, as a coordinator types them."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oncall.adapters.clock import SystemClock
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.cli.options import AnyEnvironment
from oncall.config import read_config
from oncall.stores import hospital_of
from tests.house.test_cli import LOOPBACK_CARRIER, config_in, move_in, oncall

DAY = datetime.now(UTC).date() + timedelta(days=30)
ROWS = f"Who,Where,date,start time,end time\nDr. Osei,Pump 1,{DAY},19:00,07:00\n"  # never on this tier by the pattern
DIAS_NUMBER = "+16175550133"
SAID = ("--map", "person=Who", "--map", "tier=Where", "--tier", "Pump 1=pump-team/primary")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return config_in(tmp_path, **{"  api": LOOPBACK_CARRIER})


def schedule(folder: Path, content: str = ROWS) -> Path:
    path = folder / "rota.csv"
    path.write_text(content, encoding="utf-8")
    return path


async def prove(path: Path, number: str) -> None:
    """As if she had pressed a key on it."""
    config = read_config(path, environment=AnyEnvironment())
    assert config.database_path is not None
    register = SqliteRegister(config.database_path, hospital_of(config), SystemClock())
    assert await register.prove_phone(number, SystemClock().now())
    await register.close()


def test_a_link_is_made_listed_and_revoked(config: Path) -> None:
    made = oncall("calendar", "--person", "ana", "--config", config, "--by", "Maria Ortiz")
    found = re.match(r"http://127\.0\.0\.1:\d+/calendar/([\w-]{22,})\.ics\n.*--revoke (\w+)\n", made.stdout)
    assert found, made.output
    listed = oncall("calendar", "--config", config).stdout
    assert f"{found[2]}  person ana" in listed
    assert "in use  made" in listed
    assert "by Maria Ortiz" in listed
    assert found[1] not in listed
    assert oncall("calendar", "--revoke", found[2], "--config", config).stdout == "Revoked.\n"
    assert "revoked" in oncall("calendar", "--config", config).stdout
    assert "no link" in oncall("calendar", "--revoke", found[2], "--config", config).stdout


@pytest.mark.parametrize("words", [("--person", "zoe"), ("--rotation", "nothing")])
def test_a_link_for_nobody_is_one_sentence(config: Path, words: tuple[str, str]) -> None:
    refused = oncall("calendar", *words, "--config", config)
    assert (refused.exit_code, refused.stderr.startswith("Error: ")) == (1, True)


def test_two_wishes_at_once_are_wrong_usage(config: Path) -> None:
    assert oncall("calendar", "--person", "ana", "--rotation", "pump-team", "--config", config).exit_code == 2


def test_a_schedule_is_shown_and_leaves_nothing_behind(tmp_path: Path, config: Path) -> None:
    dry = oncall("import", schedule(tmp_path), *SAID, "--config", config)
    assert (dry.exit_code, dry.stderr) == (0, "")
    assert "-> Dia Osei. 1 night." in dry.stdout
    assert dry.stdout.endswith("Nothing written yet; run it again with --apply --by YOU.\n")
    assert not (tmp_path / "var").exists()


def test_a_schedule_with_mistakes_names_each_and_says_what_to_type(tmp_path: Path, config: Path) -> None:
    path = schedule(tmp_path, ROWS + f"Dr. Leeh,Pump 2,{DAY},19:00,07:00\nBen,Pump 1,2026-13-06,19:00,07:00\n")
    result = oncall("import", path, *SAID, "--config", config)
    assert result.exit_code == 1
    assert "row 4: found 2026-13-06; wanted a day that is in the calendar" in result.stderr
    assert 'row 3: person "Dr. Leeh" did you mean ana' in result.stderr
    assert '--tier "Pump 2=..."' in result.stderr
    assert "3 things need mending; nothing was written." in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--tier", "Pump 1=pump-team/nothing"),
        ("--name", "Lee=zoe"),
        ("--map", "person"),
        ("--feed", "amion"),
        ("--tier", "a", "--tier", "b"),
        ("--apply",),
    ],
)
def test_options_that_name_nothing_of_ours_are_wrong_usage(
    tmp_path: Path, config: Path, words: tuple[str, ...]
) -> None:
    refused = oncall("import", schedule(tmp_path), *words, "--config", config)
    assert refused.exit_code == 2, refused.output


def test_a_schedule_beside_a_file_of_the_register_is_wrong_usage(tmp_path: Path, config: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("id\n", encoding="utf-8")
    assert oncall("import", people, schedule(tmp_path), "--config", config).exit_code == 2


def test_a_watched_calendar_without_a_copy_is_a_sentence(tmp_path: Path, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("calendars: []", "calendars: [{name: amion, address: env:AMION}]"), encoding="utf-8")
    refused = oncall("import", "--feed", "amion", "--config", config)
    assert (refused.exit_code, "No copy of amion has been believed yet." in refused.stderr) == (1, True)
    assert oncall("import", "--feed", "other", "--config", config).exit_code == 2


def test_a_schedule_is_published_by_name_once_an_edition_exists(tmp_path: Path, config: Path) -> None:
    move_in(config, tmp_path, ("ana", "ben", "cho", "dia", "eli", "fay", "gus"))
    early = oncall("import", schedule(tmp_path), *SAID, "--config", config, "--apply", "--by", "Maria Ortiz")
    assert (early.exit_code, "publish the folders first" in early.stderr) == (1, True)
    assert oncall("publish", "--by", "Maria Ortiz", "--second", "Jon Reed", "--config", config).exit_code == 0
    words = ("import", schedule(tmp_path), *SAID, "--config", config, "--apply", "--by", "Maria Ortiz", "--reason", "x")
    refused = oncall(*words)
    assert (refused.exit_code, "no proven telephone" in refused.stderr) == (1, True), "the guards of every draft hold"
    asyncio.run(prove(config, DIAS_NUMBER))
    done = oncall(*words)
    assert done.exit_code == 0, done.output
    assert "1 covers published." in done.stdout
    assert "nothing to change" in oncall(*words).stdout
    assert "Maria Ortiz" in oncall("editions", "--config", config).stdout
