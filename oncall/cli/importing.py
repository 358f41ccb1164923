"""`oncall import`: spreadsheets of people, families, patients and tasks, or a schedule of who is on call.

Files of the register are known by their names (people.csv and so on); any other file is a schedule and is known by
what it holds. Both are shown first and written with --apply. Deliberately not here: reading (`adapters/register`,
`adapters/calendars`) and what a schedule changes (`taking_in`).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from oncall.adapters.clock import SystemClock
from oncall.adapters.register.csv_shapes import FILES
from oncall.adapters.register.kept import KeptRegister
from oncall.cli.live import handbook_of
from oncall.cli.options import CONFIG, Sentence, config_at, run
from oncall.config import Config
from oncall.core.as_json import plain
from oncall.core.rota.on_call import Rota, tiers
from oncall.errands.door import run_errand
from oncall.errands.registers import plan_sheets
from oncall.stores import open_journal_and_register, proven_in
from oncall.taking_in import Said, plan_lines, schedule_plan

_PAIR = "TEXT=OURS"


@dataclass(frozen=True, slots=True)
class _Signed:
    by: str
    reason: str
    second: str


@click.command("import")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[patients|families|people|tasks] FILES")
@click.option("--apply", "really", is_flag=True, help="Write; without it only the difference is shown.")
@click.option("--feed", default="", help="A watched calendar's last good copy instead of a file.")
@click.option(
    "--map", "columns", multiple=True, metavar="WHAT=HEADING", help='--map serial="Pump SN"; =HEADING leaves one out.'
)
@click.option(
    "--tier", "explained", multiple=True, metavar=_PAIR, help="A tier; nothing behind = leaves it out, * is any."
)
@click.option("--name", "names", multiple=True, metavar=_PAIR, help="A person's id; empty leaves one out.")
@click.option("--hours", default="", help="Hours of a day that has none, such as 07:00-07:00.")
@click.option("--dates", type=click.Choice(["mdy", "dmy"]), help="Whether dates begin with the month or the day.")
@click.option("--by", default="", help="Who publishes the covers; stands in the history.")
@click.option("--reason", default="", help="Why a warning of the rota is accepted.")
@click.option("--second", default="", help="Who has read the difference too, where two are needed.")
@CONFIG
def import_(
    files: tuple[Path, ...],
    really: bool,
    feed: str,
    columns: tuple[str, ...],
    explained: tuple[str, ...],
    names: tuple[str, ...],
    hours: str,
    dates: str | None,
    by: str,
    reason: str,
    second: str,
    config_path: Path,
) -> None:
    """People, families, patients and tasks from CSV files; or who is on call, from .ics, CSV, .xlsx, Amion or QGenda.

    A file of another name says first what it holds: import patients FILE. A dry run first, with every row's faults.
    """
    subject, files = _subject(files)
    if bool(files) == bool(feed):
        raise click.UsageError("Name files, or a watched calendar with --feed.")
    sheets = [path for path in files if subject or path.stem.lower() in FILES]
    config = config_at(config_path, ringing=False)
    if sheets and len(sheets) == len(files):
        named = {f"{subject}.csv" if subject else path.name: path.read_bytes() for path in files}
        _pairs(columns)  # each has its =
        run(_import(config, named, {told.partition("=")[2]: told.partition("=")[0] for told in columns}, really))
        return
    if sheets or len(files) > 1:
        raise click.UsageError("One schedule at a time, and not together with files of the register.")
    usual, by_words = _tiers(explained)
    said = Said(_pairs(columns), by_words, _pairs(names), usual, hours, dates or "")
    if really and not by.strip():
        raise click.UsageError("Nobody publishes: name yourself with --by.")
    schedule = _Schedule(files[0].read_bytes(), files[0].name) if files else run(_watched(config, feed))
    run(_import_schedule(config, schedule, said, _Signed(by.strip(), reason, second), really))


def _subject(files: tuple[Path, ...]) -> tuple[str, tuple[Path, ...]]:
    """What the file holds, where that is said first; every file that is named must be there."""
    said = str(files[0]) if len(files) == 2 and str(files[0]) in FILES and not files[0].is_file() else ""
    left = files[1:] if said else files
    for path in left:
        if not path.is_file():
            raise click.UsageError(f"There is no file {path}.")
    return said, left


def _tiers(told: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """A tier by itself is that of a file that names none."""
    bare = [text for text in told if "=" not in text]
    if len(bare) > 1:
        raise click.UsageError("Only one --tier stands for the whole file; write the others as TEXT=TIER.")
    return "".join(bare), _pairs(tuple(text for text in told if "=" in text))


def _pairs(told: tuple[str, ...]) -> dict[str, str]:
    wrong = [text for text in told if "=" not in text]
    if wrong:
        raise click.UsageError(f"{wrong[0]} has no =; write it as {_PAIR}.")
    return {text.rpartition("=")[0].strip(): text.rpartition("=")[2].strip() for text in told}


# --- a schedule ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Schedule:
    """What was handed in, and what people call it."""

    content: bytes
    source: str


async def _import_schedule(config: Config, schedule: _Schedule, said: Said, signed: _Signed, really: bool) -> None:
    rota, now = (await handbook_of(config)).rota, SystemClock().now()
    _refuse_strangers(said, rota)
    plan = await schedule_plan(schedule.content, said, rota, now)
    has_people = config.database_path is not None and config.database_path.exists()
    for line in plan_lines(plan, rota, now, proven_in(config) if has_people else None):
        click.echo(line)
    faults = [*map(str, plan.row_errors), *map(str, plan.unmatched)]
    for line in faults:
        click.echo(line, err=True)
    if faults:
        raise Sentence(f"{len(faults)} things need mending; nothing was written.")
    if plan.covers and really:
        told = {"content": b64encode(schedule.content).decode(), "said": plain(said), "source": schedule.source}
        answer = await run_errand(config, "rota", {**told, **plain(signed)})
        click.echo(f"{answer['covers']} covers published. Edition {answer['edition'][:8]} is in force.")
    elif plan.covers:
        click.echo(f"{len(plan.covers)} covers. Nothing written yet; run it again with --apply --by YOU.")


def _refuse_strangers(said: Said, rota: Rota) -> None:
    """What the options name must be ours."""
    known = sorted(tier for tier in tiers(rota) if "/" in tier)
    for tier in (said.tier, *said.tiers.values()):
        if tier and tier not in known:
            raise click.UsageError(f"There is no tier {tier}; there are {', '.join(known)}.")
    for person in said.people.values():
        if person and person not in rota.people:
            raise click.UsageError(f"Nobody on the rota is {person}; there are {', '.join(sorted(rota.people))}.")


async def _watched(config: Config, name: str) -> _Schedule:
    if name not in {part.name for part in config.calendars}:
        raise click.UsageError(f"{name} is not under calendars: in the configuration.")
    async with AsyncExitStack() as stack:
        found = await (await _register_to_look_at(config, stack)).watched_feed(name)
    if not found.text:
        raise Sentence(f"No copy of {name} has been believed yet. {found.fault}".strip())
    return _Schedule(found.text.encode(), name)


# --- the register -------------------------------------------------------------------------------------------------


async def _import(config: Config, sheets: Mapping[str, bytes], columns: Mapping[str, str], really: bool) -> None:
    if really:
        coded = {name: b64encode(sheet).decode() for name, sheet in sheets.items()}
        told = {"sheets": coded, "columns": columns}
        _tell_import(**await run_errand(config, "import", told))
        return
    async with AsyncExitStack() as stack:
        plan = await plan_sheets(await _register_to_look_at(config, stack), sheets, columns)
    _tell_import(list(map(str, plan.row_errors)), list(plan.warnings), list(plan.changes), written=False)
    if plan.rows:
        click.echo("Nothing written yet; run it again with --apply.")


def _tell_import(errors: list[str], warnings: list[str], changes: list[str], written: bool) -> None:
    for line in (*errors, *warnings):
        click.echo(line, err=True)
    if errors:
        raise Sentence(f"{len(errors)} rows need mending; nothing was written.")
    for change in changes:
        click.echo(change)
    if written:
        click.echo("Written.")


async def _register_to_look_at(config: Config, stack: AsyncExitStack) -> KeptRegister:
    """The register; without a database, an empty one."""
    missing = config.database_path is not None and not config.database_path.exists()
    looked_at = config.model_copy(update={"database": "memory:"}) if missing else config
    return open_journal_and_register(looked_at, SystemClock(), stack)[1]
