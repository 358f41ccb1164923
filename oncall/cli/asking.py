"""What may be asked at any time: its rules of a message, its rota of an hour, a case of its journal, and the demo.

Commands only read arguments and print; the work is the house's. Deliberately not here: any decision.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click

from oncall.adapters.clock import SystemClock
from oncall.adapters.handbook.files import folders_named, handbook_faults, load_handbook
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.cli.options import (
    AS_JSON,
    CONFIG,
    ROTATIONS,
    RULES,
    AnyEnvironment,
    Sentence,
    config_at,
    instant,
    must_exist,
    run,
)
from oncall.config import Config, read_config
from oncall.core.case.facts import Directory
from oncall.core.case.wording import reply_without_a_clock
from oncall.core.handbook import Handbook
from oncall.core.triage.assessment import Assessment
from oncall.errands.door import run_errand
from oncall.logs import log_to
from oncall.service.cases.board import BoardReader
from oncall.service.cases.story import StoryRow, story_lines
from oncall.service.rota.who import who_at, who_between, with_proofs
from oncall.service.rules.triage_lines import triage_line
from oncall.stores import open_journal_and_register, open_stores


@click.command()
@click.option("--port", default=8080, show_default=True, help="First of three ports on this machine.")
@click.option("--var", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
def demo(port: int, var: Path) -> None:
    """Everything on this machine: sample team and families, phones to hold, no account anywhere."""
    from oncall.training import run_demo  # here, so that `serve` starts without loading the training ground

    log_to((_made(var) / "demo.log").open("a", buffering=1))
    run(run_demo(port, var, click.echo))


@click.command()
@click.argument("name")
@click.option("--person", help="The one clinician for whom this token may act; without it, a device that only reports.")
@click.option("--patients", is_flag=True, help="The hospital's own system: it also reads and writes patients' records.")
@CONFIG
def token(name: str, person: str | None, patients: bool, config_path: Path) -> None:
    """A bearer token for a program that uses the API, shown once."""
    if person and patients:
        raise click.UsageError("A clinician's token keeps no records: leave out --person or --patients.")
    config = config_at(config_path, ringing=False)
    click.echo(run(run_errand(config, "token", {"name": name, "person": person, "patients": patients}))["token"])


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@AS_JSON
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """Every fault of rules, rotations and configuration at once, with file and line; runs the rules' examples."""
    rules, rotations, config = _checked(paths)
    faults = list(handbook_faults(rules, rotations))
    faults += _config_faults(config) if config else []
    if as_json:
        rows = [{"file": f.file, "line": f.line, "found": f.found, "wanted": f.wanted} for f in faults]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for fault in faults:
            click.echo(str(fault))
        click.echo(f"{len(faults)} faults." if faults else "No faults.", err=bool(faults))
    sys.exit(1 if faults else 0)


def _checked(paths: tuple[Path, ...]) -> tuple[Path, Path, Path | None]:
    """The folder of rules, of rotations and the config file among the arguments; the usual places without any."""
    rules = next((path for path in paths if path.is_dir() and (path / "findings.yaml").exists()), Path("rules"))
    rotations = next((path for path in paths if path.is_dir() and (path / "people.yaml").exists()), Path("rotations"))
    unknown = [path for path in paths if path not in (rules, rotations) and not path.is_file()]
    if unknown:
        raise click.UsageError(f"{unknown[0]} is neither a folder of rules, a folder of rotations nor a config file.")
    named = next((path for path in paths if path.is_file()), None)
    usual = Path("config.yaml")
    return rules, rotations, named or (usual if not paths and usual.exists() else None)


def _config_faults(path: Path) -> list[Any]:
    """Faults of the file itself; secrets that are not set on this machine are no fault of the file."""
    try:
        read_config(path, environment=AnyEnvironment())
    except HandbookFaults as problem:
        return list(problem.faults)
    return []


@click.command()
@click.argument("source", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@RULES
@ROTATIONS
def triage(source: Any, rules: Path | None, rotations: Path | None) -> None:
    """JSON lines in, JSON lines out: what the rules make of a message. No database."""
    handbook = _handbook(rules, rotations)

    def reply(assessment: Assessment, language: str, minutes: int) -> str:
        return reply_without_a_clock(assessment, language, minutes, handbook, "911")

    for line in source:
        if line.strip():
            answer = triage_line(line, handbook.rulebook, reply)
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@click.command()
@click.option("--rotation", help="One rotation; all of them without it.")
@click.option("--at", "at_told", help="An instant such as 2026-11-25T03:00 (hospital time) or with an offset.")
@click.option("--from", "from_told", help="Start of a stretch.")
@click.option("--until", "until_told_", help="End of a stretch.")
@RULES
@ROTATIONS
@CONFIG
@AS_JSON
def who(
    rotation: str | None,
    at_told: str | None,
    from_told: str | None,
    until_told_: str | None,
    rules: Path | None,
    rotations: Path | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Who is on call, per layer, and why; beside a database also when each phone was last proven."""
    rota = _handbook(rules, rotations).rota
    if rotation is not None and rotation not in rota.rotations:
        raise click.UsageError(f"No rotation {rotation}; there are {', '.join(sorted(rota.rotations))}.")
    if bool(from_told) != bool(until_told_):
        raise click.UsageError("A stretch needs both --from and --until.")
    if from_told and until_told_:
        rows = who_between(rota, rotation, instant(from_told, rota.zone), instant(until_told_, rota.zone))
    else:
        at = instant(at_told, rota.zone) if at_told else SystemClock().now()
        rows = _with_proofs(who_at(rota, rotation, at), config_path, rota.zone)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(_who_line(row))


def _with_proofs(rows: list[dict[str, Any]], config_path: Path, zone: str) -> list[dict[str, Any]]:
    """Who is on is told in any case; without a database that can be read nothing is said of phones."""
    try:
        config = read_config(config_path, AnyEnvironment(os.environ)) if config_path.exists() else None
        if config is None or config.database_path is None or not config.database_path.exists():
            return rows
        return with_proofs(rows, run(_directory(config)), zone)
    except (HandbookFaults, Sentence) as problem:
        click.echo(f"When phones were proven is not known: {problem}", err=True)
        return rows


async def _directory(config: Config) -> Directory:
    async with AsyncExitStack() as stack:
        _, register = open_journal_and_register(config, SystemClock(), stack)
        return await register.directory()


def _who_line(row: dict[str, Any]) -> str:
    place = f"{row['rotation']}/{row['layer']}"
    span = f"{row['from'] or 'always'} - {row['until'] or 'until further notice'}"
    known = "person" in row and row["person"] is not None and "proven" in row
    proven = f"; phone proven {row['proven'] or 'NEVER'}" if known else ""
    return f"{place:<26} {row['name'] or 'NOBODY':<18} {span}  ({row['reason']}{proven})"


@click.command()
@click.argument("case")
@CONFIG
@AS_JSON
def story(case: str, config_path: Path, as_json: bool) -> None:
    """A case's timeline from its journal; CASE is its code or its id."""
    rows, zone = run(_story(config_at(config_path, ringing=False), case))
    if as_json:
        told = [{"seq": row.seq, "at": row.at.isoformat(), "kind": row.kind, "text": row.text} for row in rows]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for line in story_lines([row for row in rows if row.kind != "clocks"], zone):
        click.echo(line)


async def _story(config: Config, named: str) -> tuple[tuple[StoryRow, ...], str]:
    must_exist(config)
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        journal, register, handbooks = await open_stores(config, clock, stack)
        reader = BoardReader(journal, register, handbooks, clock)
        case = await reader.find(named)
        if case is None:
            raise Sentence(f"There is no case {named} in {config.database}.")
        return await reader.story(case.id), config.hospital.zone


# --- shared ---------------------------------------------------------------------------------------------------------


def _handbook(rules: Path | None, rotations: Path | None) -> Handbook:
    try:
        return load_handbook(*folders_named(rules, rotations))
    except HandbookFaults as problem:
        raise Sentence("\n".join(str(fault) for fault in problem.faults)) from None


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
