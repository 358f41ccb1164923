"""What the commands have in common: options, the configuration they name, and how an error is told.

An error is one sentence that says what to do, and exit code 1; wrong usage is a 2. Deliberately not here: commands.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from oncall.adapters.clock import SystemClock
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.migrations import DatabaseRefused
from oncall.adapters.side_door.handing_in import Declined
from oncall.config import Config, read_config
from oncall.fitness import Refused
from oncall.service.ports.journal import Journal
from oncall.service.typed_time import Doubt, instant_typed
from oncall.stores import open_for_reading

CONFIG = click.option(
    "--config", "config_path", type=click.Path(path_type=Path), default=Path("config.yaml"), show_default=True
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
RULES = click.option("--rules", type=click.Path(path_type=Path), default=None, help="Folder of rules.")
ROTATIONS = click.option("--rotations", type=click.Path(path_type=Path), default=None, help="Folder of rotations.")


class Sentence(click.ClickException):
    """A finding: one sentence, exit code 1."""

    exit_code = 1


UNKNOWN = "set"  # stands for the value of a name that is not set


class AnyEnvironment(dict[str, str]):
    """An environment in which every name is set."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return UNKNOWN


def config_at(path: Path, ringing: bool = True) -> Config:
    """The configuration; commands that ring nobody need none of its secrets."""
    try:
        return read_config(path, None if ringing else AnyEnvironment(os.environ))
    except HandbookFaults as problem:
        raise Sentence("\n".join(str(fault) for fault in problem.faults)) from None


def must_exist(config: Config) -> None:
    if config.database_path is None or not config.database_path.exists():
        raise Sentence(f"There is no database at {config.database}; start `oncall serve` first.")


def journal_to_read(config: Config, stack: AsyncExitStack) -> Journal:
    """The journal beside a service that may be writing it; a sentence when there is none."""
    must_exist(config)
    return open_for_reading(config, SystemClock(), stack)


def instant(told: str, zone: str) -> datetime:
    """An instant in UTC; without an offset it is the hospital's wall clock, refused where that is in doubt."""
    at = instant_typed(told, zone)
    if isinstance(at, Doubt):
        choices = " or ".join(f"{choice.typed} ({choice.label})" for choice in at.choices)
        raise click.UsageError(f"{at.sentence} {choices}".strip())
    return at


def run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(work)
    except (Refused, Declined, HandbookFaults, DatabaseRefused) as problem:
        raise Sentence(str(problem)) from None
    except sqlite3.DatabaseError as problem:
        raise Sentence(f"The database cannot be used ({problem}); restore it from a backup or name another.") from None
    except KeyboardInterrupt:
        return None
