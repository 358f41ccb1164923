"""`oncall drill`: test calls by the running service, and a table of who answered.

Exit code 1 when somebody did not. Deliberately not here: whom a drill rings and how it gives way to a page
(`service.rota.drills`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from oncall.adapters.clock import SystemClock
from oncall.cli.options import AS_JSON, CONFIG, config_at, run
from oncall.config import Config
from oncall.errands.door import run_errand

LOOK_EVERY = timedelta(seconds=1)
Row = Mapping[str, Any]


@click.command()
@click.option("--person", help="Ring one person, by id.")
@click.option("--chain", is_flag=True, help="Ring everybody whom a page would reach now.")
@click.option("--rotation", help="With --chain: only this rotation.")
@CONFIG
@AS_JSON
def drill(person: str | None, chain: bool, rotation: str | None, config_path: Path, as_json: bool) -> None:
    """Test calls, marked TEST and answered by a key; who did not answer is a finding (exit code 1)."""
    if bool(person) == chain or (rotation and not chain):
        raise click.UsageError("Say either --person ID or --chain, and --rotation only with --chain.")
    rows = run(_drill(config_at(config_path, ringing=False), {"person": person, "rotation": rotation}))
    if rows is None:
        sys.exit(1)  # stopped by hand: nothing is known
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for line in drill_lines(rows):
            click.echo(line)
    reached = {row["person"] for row in rows if row["is_answered"]}
    sys.exit(0 if rows and reached == {row["person"] for row in rows} else 1)


async def _drill(config: Config, told: Mapping[str, Any]) -> list[Row]:
    begun = await run_errand(config, "drill", told)
    click.echo(f"Ringing {begun['calls']}; a page goes first, so this may take up to 15 minutes.", err=True)
    clock = SystemClock()
    while True:
        rows: list[Row] = (await run_errand(config, "drilled", {"drill": begun["drill"]}))["rows"]
        if all(row["is_over"] for row in rows):
            return rows
        until = clock.now() + LOOK_EVERY
        while clock.now() < until:
            await clock.sleep_until(until)


def drill_lines(rows: list[Row]) -> list[str]:
    """The table: person, number, seconds, answer."""
    head = f"{'person':<22} {'number':<14} {'seconds':>7}  answer"
    return [head, *(_line(row) for row in rows)]


def _line(row: Row) -> str:
    seconds = "-" if row["seconds"] is None else f"{row['seconds']:.0f}"
    return f"{row['name']:<22} {row['number']:<14} {seconds:>7}  {row['answer']}"
