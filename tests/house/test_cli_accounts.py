"""`oncall init` and `oncall account` as somebody types them: files, links, sentences; beside a running service too."""

from __future__ import annotations

import re
from contextlib import chdir
from pathlib import Path
from urllib.request import urlopen

from tests.house.test_cli import LOOPBACK_CARRIER, PEOPLE, ROOT, config_in, oncall, running

LINK = re.compile(r"^http://127\.0\.0\.1:\d+/first/[\w-]{43}$", re.MULTILINE)
FIRST = ("init", "--id", "mortiz", "--name", "Maria Ortiz")


def test_init_writes_a_configuration_a_database_and_a_link(tmp_path):
    with chdir(tmp_path):
        result = oncall(*FIRST)
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "config.yaml").read_text() == (ROOT / "config.yaml").read_text()
    assert (tmp_path / "var" / "oncall.db").stat().st_mode & 0o777 == 0o600, "patients' names, for one account alone"
    assert LINK.search(result.stdout)
    assert "once, within 24 hours" in result.stderr


def test_after_init_an_empty_folder_has_all_that_check_asks_for_and_nothing_is_written_over(tmp_path):
    (tmp_path / "rotations").mkdir()
    with chdir(tmp_path):
        assert "written:   rules/, proposals" in oncall(*FIRST).stdout
        assert list((tmp_path / "rotations").iterdir()) == [], "what is there is left alone"
        (tmp_path / "rotations").rmdir()
        assert "written:   rotations/, a made-up team" in oncall(*FIRST).stdout
        assert oncall("check").stdout == "No faults.\n"


def test_init_asks_for_what_is_not_said_and_leaves_a_configuration_alone(tmp_path):
    config = config_in(tmp_path)
    before = config.read_text()
    result = oncall("init", "--config", config, given="mortiz\nMaria Ortiz\n")
    assert LINK.search(result.stdout)
    assert config.read_text() == before
    again = oncall(*FIRST, "--config", config)
    assert LINK.search(again.stdout), "a first link that nobody used may be made again"
    listed = oncall("account", "list", "--config", config).stdout
    assert re.search(r"mortiz +Maria Ortiz +coordinator, admin +\(has not signed in yet\)", listed)


def test_an_account_is_invited_with_roles_and_ended(tmp_path):
    config, people = config_in(tmp_path), tmp_path / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    oncall("import", people, "--apply", "--config", config)
    assert LINK.search(oncall("account", "invite", "ada", "--role", "clinician", "--config", config).stdout)
    for words, said in (
        (("zed", "--role", "viewer"), "zed is new"),
        (("zed", "--name", "Zed"), "zed is new"),
        (("Z!", "--name", "Zed", "--role", "viewer"), "A short name has"),
    ):
        result = oncall("account", "invite", *words, "--config", config)
        assert (result.exit_code, said in result.stderr) == (1, True)
    assert oncall("account", "invite", "zed", "--role", "nurse", "--config", config).exit_code == 2
    assert (
        "0 sessions of ada ended. The account"
        in oncall("account", "end", "ada", "--account", "--config", config).stdout
    )
    assert "(ended)" in oncall("account", "list", "--config", config).stdout
    assert oncall("account", "end", "zed", "--config", config).exit_code == 1


def test_serve_says_that_nobody_administers_and_a_link_made_beside_it_opens(tmp_path: Path) -> None:
    config = config_in(tmp_path, **{"  api": LOOPBACK_CARRIER})
    with running(config):
        made = oncall(*FIRST, "--config", config)
        [link] = LINK.findall(made.stdout)
        with urlopen(link) as page:
            assert "Maria Ortiz" in page.read().decode()


def test_a_lost_second_step_is_taken_away_on_the_lines_own_machine(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    oncall(*FIRST, "--config", config)
    done = oncall("account", "second-off", "mortiz", "--config", config)
    assert (done.exit_code, "is off" in done.stdout) == (0, True)
    assert oncall("account", "second-off", "zed", "--config", config).exit_code == 1
