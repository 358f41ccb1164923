"""The command line as somebody types it: exit codes, sentences, and what `serve` refuses.

Real files and real processes, no stand-ins. What runs until it is told to stop is started as a process of its own;
everything else in this one.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result

from oncall import __version__
from oncall.adapters.clock import SystemClock
from oncall.adapters.prover.proof import PROPERTIES
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.rehearsal.sample_ward import fill_sample
from oncall.cli.main import main
from oncall.config import Config, read_config
from oncall.one_process import hold_lock
from oncall.stores import hospital_of

ROOT = Path(__file__).parents[2]
SECRETS = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "not-a-real-token"}
RULES, ROTATIONS = ROOT / "rules", ROOT / "rotations"
FOLDERS = ("--rules", str(RULES), "--rotations", str(ROTATIONS))
LOOPBACK_CARRIER = "http://127.0.0.1:9"  # nobody listens there; a carrier that is not the real one
ROTA = ("ana", "ben", "cho", "dia", "eli", "fay", "gus")
PEOPLE = "id,full_name,role,phone_1\nada,Ada Grant,clinician,617-555-0131\n"


def oncall(*words: str | Path, given: str | None = None, **environment: str) -> Result:
    """One command in this process."""
    cleared = dict.fromkeys(SECRETS)
    return CliRunner().invoke(main, [str(word) for word in words], input=given, env={**cleared, **environment})


def config_in(folder: Path, **changes: str) -> Path:
    """The shipped config.yaml with its own ports, database and handbook folders; `changes` replace lines by key."""
    public, internal = _free_ports(2)
    lines = {
        "  rules": str(RULES),
        "  rotations": str(ROTATIONS),
        "database": f"sqlite:///{folder / 'var' / 'oncall.db'}",
        **changes,
    }
    text = (ROOT / "config.yaml").read_text(encoding="utf-8").replace(":8080", f":{public}")
    told = [_replaced(line, lines) for line in text.replace(":8081", f":{internal}").splitlines()]
    path = folder / "config.yaml"
    path.write_text("\n".join(told) + "\n", encoding="utf-8")
    return path


def _replaced(line: str, lines: dict[str, str]) -> str:
    key = line.partition(":")[0]
    return f"{key}: {lines[key]}" if key in lines else line


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


# --- every command ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [None, *sorted(main.commands)])
def test_every_command_explains_itself(name):
    result = oncall(*([name] if name else []), "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout
    assert result.stderr == ""


def test_the_version_is_told():
    assert oncall("--version").stdout == f"oncall, version {__version__}\n"


def test_the_module_is_the_command():
    told = subprocess.run([sys.executable, "-m", "oncall", "--version"], capture_output=True, text=True, check=True)
    assert __version__ in told.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("sing",),
        ("who", *FOLDERS, "--rotation", "night-nurses"),
        ("who", *FOLDERS, "--at", "half past three"),
        ("who", *FOLDERS, "--from", "2026-11-01T00:00"),
        ("check", "no-such-folder"),
        ("import", "no-such-file.csv"),
        ("import",),
        ("story",),
        ("publish",),
        ("export",),
        ("rules", "replay", "--draft", "no-such-folder"),
        ("token",),
        ("demo", "--port", "many"),
    ],
)
def test_wrong_usage_is_a_2_and_one_sentence(words):
    result = oncall(*words)
    assert result.exit_code == 2
    last = result.stderr.rstrip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert last.endswith((".", "'."))
    assert "Traceback" not in result.stderr


# --- check -----------------------------------------------------------------------------------------------------------


def test_what_is_shipped_has_no_fault():
    result = oncall("check", RULES, ROTATIONS, ROOT / "config.yaml")
    assert (result.exit_code, result.stdout) == (0, "No faults.\n")


def test_every_fault_is_named_with_file_and_line(tmp_path):
    """Three files, three mistakes, one answer."""
    rules, rotations = tmp_path / "rules", tmp_path / "rotations"
    shutil.copytree(RULES, rules)
    shutil.copytree(ROTATIONS, rotations)
    line = _spoil(rules / "escalation.yaml", "voice_again: 90s", "voice_again: soon")
    person = _spoil(rotations / "pump-team.yaml", "people: [dia, eli]", "people: [dia, nobody-we-know]")
    config = config_in(tmp_path)
    zone = _spoil(config, "America/New_York", "America/Bosten")
    result = oncall("check", rules, rotations, config)
    assert result.exit_code == 1
    faults = result.stdout.splitlines()
    assert any(fault.startswith(f"{rules}/escalation.yaml:{line} found") for fault in faults)
    assert any(f"pump-team.yaml:{person}" in fault and "nobody-we-know" in fault for fault in faults)
    assert any(f"{config}:{zone} found" in fault and "time zone" in fault for fault in faults)
    assert result.stderr == f"{len(faults)} faults.\n"
    as_json = json.loads(oncall("check", rules, rotations, config, "--json").stdout)
    assert len(as_json) == len(faults)
    assert set(as_json[0]) == {"file", "line", "found", "wanted"}


def _spoil(path: Path, right: str, wrong: str) -> int:
    """Replace the first `right`; its line."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return text[: text.index(right)].count("\n") + 1


def test_an_example_that_does_not_fire_is_a_fault(tmp_path):
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    line = _spoil(rules / "withdrawal.yaml", "she is itchy all over with no rash", "she slept well")
    result = oncall("check", rules, ROTATIONS)
    assert result.exit_code == 1
    assert f"withdrawal.yaml:{line} found an example that does not fire" in result.stdout


def test_a_secret_in_the_file_is_a_fault(tmp_path):
    result = oncall("check", RULES, ROTATIONS, config_in(tmp_path, **{"  token": "abc123"}))
    assert result.exit_code == 1
    assert "is a secret and should be env:NAME or file:PATH" in result.stdout


# --- rules prove -----------------------------------------------------------------------------------------------------


def test_the_shipped_rules_are_proved_with_one_line_for_each_property():
    result = oncall("rules", "prove", *FOLDERS)
    *properties, verdict = result.stdout.splitlines()
    assert result.exit_code == 0
    assert [line.split()[0] for line in properties] == ["proved"] * len(PROPERTIES)
    assert re.fullmatch(r"Edition [0-9a-f]{8} is proved, in \d+\.\d s\.", verdict)


def test_a_proof_out_of_time_is_a_1():
    result = oncall("rules", "prove", *FOLDERS, "--limit", "0.01", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["ok"], told["properties"]) == (False, [])
    assert told["refused"].startswith("Not decided within 0.01 seconds: an urgency, always;")


# --- triage ----------------------------------------------------------------------------------------------------------


def test_triage_reads_lines_and_answers_lines():
    lines = [
        json.dumps({"id": "a", "channel": "sms", "messages": ["she is itchy all over and so stiff, no rash"]}),
        json.dumps({"id": "b", "channel": "sms", "messages": ["can we move friday's appointment?"]}),
        json.dumps({"id": "c", "channel": "pump_alarm", "messages": {"event": "device_alarm", "tone": "two_tone"}}),
        '{"id": "d", "channel"',
    ]
    result = oncall("triage", *FOLDERS, given="\n".join(lines) + "\n\n")
    assert result.exit_code == 0
    itchy, office, alarm, broken = map(json.loads, result.stdout.splitlines())
    assert (itchy["urgency"], itchy["suspicion"][0], itchy["status"]) == ("emergency", "withdrawal", "ok")
    assert "911" in itchy["reply"]
    assert "within 10 minutes" in itchy["reply"]
    assert office["urgency"] == "routine"
    assert alarm["reply"] == ""
    assert (broken["id"], broken["urgency"], broken["human_review"], broken["status"]) == (
        None,
        "urgent",
        True,
        "error",
    )


def test_triage_reads_a_file_too(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"id": 1, "channel": "sms", "messages": ["he is not breathing"]}\n', encoding="utf-8")
    assert json.loads(oncall("triage", path, *FOLDERS).stdout)["urgency"] == "emergency"


# --- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-10-31", 13.25), ("2026-03-07", 11.25), ("2026-11-25", 12.25)],
    ids=["the doubled hour", "the skipped hour", "a common night"],
)
def test_a_night_shift_keeps_its_wall_hours_when_the_clocks_change(day, hours):
    """From 19:00 to 07:15 with the quarter of an hour in which both are on (RULINGS 11)."""
    told = oncall("who", *FOLDERS, "--rotation", "pump-team", "--at", f"{day}T23:30", "--json")
    primary, attending = json.loads(told.stdout)
    assert (primary["layer"], primary["hours"]) == ("primary", hours)
    assert "19:00" in primary["from"]
    assert "07:15" in primary["until"]
    assert attending["layer"] == "attending"


def test_a_stretch_lists_every_shift_and_says_why():
    told = oncall(
        "who", *FOLDERS, "--rotation", "pump-team", "--from", "2026-02-12T00:00", "--until", "2026-02-13T00:00"
    )
    assert told.exit_code == 0
    assert any("Ana Lee" in line and "for Cho's leave" in line for line in told.stdout.splitlines())


def test_beside_a_database_who_says_when_each_phone_was_proven(tmp_path):
    config, people = config_in(tmp_path), tmp_path / "people.csv"
    people.write_text("id,full_name,role,phone_1\nana,Ana Lee,clinician,617-555-0131\n", encoding="utf-8")
    assert oncall("import", people, "--apply", "--config", config).exit_code == 0
    told = oncall("who", *FOLDERS, "--rotation", "pump-team", "--at", "2026-02-12T12:00", "--config", config)
    assert "phone proven NEVER" in next(line for line in told.stdout.splitlines() if "Ana Lee" in line)
    (tmp_path / "config.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    broken = oncall("who", *FOLDERS, "--rotation", "pump-team", "--at", "2026-02-12T12:00", "--config", config)
    assert "Ana Lee" in broken.stdout, "who is on is told in any case"
    assert "proven" not in broken.stdout


# --- import and story ------------------------------------------------------------------------------------------------


def test_an_import_is_dry_until_it_is_applied_and_then_changes_nothing_more(tmp_path):
    config, people = config_in(tmp_path), tmp_path / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    for _ in range(2):  # a dry run leaves nothing behind
        dry = oncall("import", people, "--config", config)
        assert (dry.exit_code, "add Ada Grant (ada)" in dry.stdout) == (0, True)
        assert dry.stdout.rstrip().endswith("run it again with --apply.")
    applied = oncall("import", people, "--config", config, "--apply")
    assert (applied.exit_code, applied.stdout.splitlines()[-1]) == (0, "Written.")
    again = oncall("import", people, "--config", config, "--apply")
    assert again.exit_code == 0
    assert "add" not in again.stdout
    assert "nothing to change" in again.stdout.lower()


def test_a_sheet_of_another_name_says_what_it_holds_and_which_column_is_which(tmp_path):
    config, sheet = config_in(tmp_path), tmp_path / "ward list.csv"
    sheet.write_text("MRN,Patient,Pump SN,Ward\nleo,Leo Marsh,NGP-1,3B\n", encoding="utf-8")
    columns = ("--map", "id=MRN", "--map", "name=Patient", "--map", "serial=Pump SN")
    unknown = oncall("import", "patients", sheet, *columns, "--config", config)
    assert unknown.exit_code == 1
    assert "found the column ward" in unknown.stderr
    dry = oncall("import", "patients", sheet, *columns, "--map", "=Ward", "--config", config)
    assert "add patient Leo Marsh (leo)" in dry.stdout
    assert oncall("import", "patients", tmp_path / "none.csv", "--config", config).exit_code == 2
    written = oncall("import", "patients", sheet, *columns, "--map", "=Ward", "--config", config, "--apply")
    assert "Written." in written.stdout


def test_a_token_for_patients_belongs_to_no_clinician(tmp_path):
    config = config_in(tmp_path)
    assert len(oncall("token", "record-system", "--patients", "--config", config).stdout.strip()) > 40
    both = oncall("token", "x", "--patients", "--person", "ana", "--config", config)
    assert both.exit_code == 2
    assert "leave out --person or --patients" in both.stderr


def test_an_import_with_mistakes_names_each_and_writes_nothing(tmp_path):
    config, people = config_in(tmp_path), tmp_path / "people.csv"
    people.write_text(f"{PEOPLE}bo,Bo Reed,boss,61\n", encoding="utf-8")
    result = oncall("import", people, "--config", config, "--apply")
    assert result.exit_code == 1
    assert "people.csv row 3, phone_1: found '61'" in result.stderr
    assert "people.csv row 3, role: found 'boss'" in result.stderr
    assert "2 rows need mending; nothing was written." in result.stderr
    people.write_text(PEOPLE, encoding="utf-8")
    assert "add Ada Grant (ada)" in oncall("import", people, "--config", config).stdout


def test_the_story_of_an_unknown_case_and_of_no_database(tmp_path):
    config = config_in(tmp_path)
    nothing = oncall("story", "K7", "--config", config)
    assert nothing.exit_code == 1
    assert nothing.stderr.startswith("Error: There is no database at sqlite:///")
    assert not (tmp_path / "var").exists(), "looking makes nothing"
    move_in(config, tmp_path, ("ada",))
    unknown = oncall("story", "K7", "--config", config)
    assert unknown.exit_code == 1
    assert unknown.stderr.startswith("Error: There is no case K7 in sqlite:///")


def move_in(config: Path, folder: Path, people: Sequence[str]) -> None:
    """These people, each with a telephone, into the register."""
    rows = [f"{person},{person.title()} Grant,clinician,617-555-01{30 + n}" for n, person in enumerate(people)]
    path = folder / "people.csv"
    path.write_text("\n".join(["id,full_name,role,phone_1", *rows, ""]), encoding="utf-8")
    applied = oncall("import", path, "--config", config, "--apply")
    assert applied.exit_code == 0, applied.output


@pytest.mark.parametrize("content", [b"this is no database at all", b""], ids=["garbage", "empty"])
def test_a_file_that_is_no_database_is_a_sentence(tmp_path, content):
    config = config_in(tmp_path)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "oncall.db").write_bytes(content)
    result = oncall("story", "K7", "--config", config)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert isinstance(result.exception, SystemExit)


def test_a_database_of_a_newer_program_is_a_sentence(tmp_path):
    config = config_in(tmp_path)
    move_in(config, tmp_path, ("ada",))
    with closing(sqlite3.connect(tmp_path / "var" / "oncall.db")) as database, database:
        database.execute("INSERT INTO migrations VALUES ('journal', 99, '0099_later.sql', '-', '2030-01-01')")
    result = oncall("story", "K7", "--config", config)
    assert result.exit_code == 1
    assert "newer than this program" in result.stderr


# --- token --------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_only_for_people_who_are_there(tmp_path):
    config = config_in(tmp_path)
    move_in(config, tmp_path, ("ada",))
    device = oncall("token", "gateway", "--config", config)
    person = oncall("token", "ada-phone", "--person", "ada", "--config", config)
    assert (device.exit_code, person.exit_code) == (0, 0)
    assert len(device.stdout.split()) == len(person.stdout.split()) == 1
    assert device.stdout != person.stdout
    assert device.stdout.strip().encode() not in (tmp_path / "var" / "oncall.db").read_bytes()
    nobody = oncall("token", "x", "--person", "zed", "--config", config)
    assert (nobody.exit_code, "There is no zed in the register" in nobody.stderr) == (1, True)


# --- serve -----------------------------------------------------------------------------------------------------------


def _process(*words: str | Path, **environment: str) -> subprocess.Popen[str]:
    known = {name: value for name, value in os.environ.items() if name not in SECRETS}
    command = [str(Path(sys.executable).with_name("oncall")), *(str(word) for word in words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=known | environment
    )


def refusal(config: Path, **environment: str) -> str:
    """What `serve` says when it will not open; one sentence and a 1."""
    process = _process("serve", "--config", config, **environment)
    try:
        _, told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1, told
    assert "Traceback" not in told
    return next(line for line in told.splitlines() if line.startswith("Error: "))


@contextmanager
def running(config: Path) -> Iterator[None]:
    """A service that opens, and ends well when it is told to."""
    process = _process("serve", "--config", config, **SECRETS)
    assert process.stderr is not None
    said = ""
    try:
        while "Board and API" not in said:
            line = process.stderr.readline()
            assert line, f"serve ended: {said}"
            said += line
        with urlopen(f"{said.split()[-1]}/readyz", timeout=20) as answer:  # whoever answers has begun to listen
            assert answer.status == 200
        yield
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, "a service that is told to stop ends well"


def test_serve_refuses_a_secret_that_is_not_set(tmp_path):
    said = refusal(config_in(tmp_path), TWILIO_ACCOUNT_SID=SECRETS["TWILIO_ACCOUNT_SID"])
    assert "env:TWILIO_AUTH_TOKEN, which is not set" in said


def test_serve_refuses_a_rota_of_people_without_telephones_with_the_real_carrier(tmp_path):
    config = config_in(tmp_path)
    move_in(config, tmp_path, ROTA[1:])
    said = refusal(config, **SECRETS)
    assert f"without a phone in the register: {ROTA[0]}." in said


def test_serve_refuses_unsigned_content_with_the_real_carrier_until_it_is_signed(tmp_path):
    """Also when it had been tried in vain before: a refused start leaves nothing in force."""
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    config = config_in(tmp_path, **{"  rules": str(rules)})
    move_in(config, tmp_path, ROTA)
    assert "No clinician has signed the rules, clocks, wording, phrases, checklists." in refusal(config, **SECRETS)
    for path in rules.glob("*.yaml"):
        signature = 'signed: {by: "Ada Grant, neurologist", on: 2026-11-22}'
        path.write_text(path.read_text(encoding="utf-8").replace("signed: none yet", signature), encoding="utf-8")
    with running(config):
        pass


def test_serve_accepts_unsigned_content_in_the_name_of_a_person(tmp_path):
    config = config_in(tmp_path)
    move_in(config, tmp_path, ROTA)
    config.write_text(config.read_text(encoding="utf-8") + "unsigned_accepted_by: Ada Grant\n", encoding="utf-8")
    with running(config):
        pass


def test_serve_refuses_sample_people_with_the_real_carrier(tmp_path):
    config = config_in(tmp_path)
    asyncio.run(_move_the_sample_ward_in(read_config(config, SECRETS)))
    said = refusal(config, **SECRETS)
    assert "sample people" in said
    assert "import your own team" in said


async def _move_the_sample_ward_in(config: Config) -> None:
    """A database on which somebody has tried things out."""
    assert config.database_path is not None
    clock = SystemClock()
    register = SqliteRegister(config.database_path, hospital_of(config), clock)
    await fill_sample(register, clock.now())
    await register.close()


def test_serve_refuses_to_show_the_internal_pages_to_a_network(tmp_path):
    config = config_in(tmp_path, **{"  api": LOOPBACK_CARRIER})
    text = config.read_text(encoding="utf-8")
    inside = text.index("internal:")
    config.write_text(text[:inside] + text[inside:].replace("bind: 127.0.0.1", "bind: 0.0.0.0", 1), encoding="utf-8")
    said = refusal(config, **SECRETS)
    assert "may only listen on this machine, not on 0.0.0.0" in said
    assert "internal.beyond_loopback: true" in said


def test_a_second_service_on_one_database_is_refused_and_commands_reach_the_first(tmp_path):
    config = config_in(tmp_path, **{"  api": LOOPBACK_CARRIER})
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    with running(config):
        assert "Another oncall process is using" in refusal(config, **SECRETS)
        assert "add Ada Grant" in oncall("import", people, "--config", config).stdout, "a dry run looks"
        assert oncall("import", people, "--apply", "--config", config).stdout.endswith("Written.\n")
        made = oncall("token", "ada-phone", "--person", "ada", "--config", config)
        assert (made.exit_code, len(made.stdout.split())) == (0, 1)
        nobody = oncall("token", "x", "--person", "zed", "--config", config)
        assert (nobody.exit_code, "There is no zed in the register" in nobody.stderr) == (1, True)


def test_two_commands_at_once_on_one_database_are_refused(tmp_path):
    config, people = config_in(tmp_path), tmp_path / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    with ExitStack() as stack:
        hold_lock(tmp_path / "var", stack)
        for words in (("import", people, "--apply"), ("token", "gateway")):
            result = oncall(*words, "--config", config)
            assert (result.exit_code, "Another oncall process" in result.stderr) == (1, True)
