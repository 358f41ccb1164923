"""Commands for going live: what lies outside this machine, and whether all of it is as it should be.

They read the configuration as `serve` does, change nothing of the hospital's and need no stopped service.
Deliberately not here: what is written (`adapters/telephony/fallback.py`, `adapters/web/contact_card.py`) or checked
(`preflight/`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import click

from oncall.adapters.clock import SystemClock
from oncall.adapters.handbook.files import load_handbook
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.telephony.fallback import fallback_files
from oncall.adapters.web.contact_card import CLINICIAN, FAMILY, contact_card
from oncall.cli.options import AS_JSON, CONFIG, config_at, run
from oncall.config import Config, read_config, real_number, web_address
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital
from oncall.preflight.run import Preflight, Wish, exit_code, misconfigured
from oncall.stores import hospital_without_secret, open_stores

FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))


@click.command()
@FOLDER
@CONFIG
def fallback(folder: Path, config_path: Path) -> None:
    """Static TwiML for the carrier's fallback addresses: 911 in two languages, then the hospital operator."""
    handbook, hospital, _ = run(_declared(config_at(config_path, ringing=False)))
    _write(folder, fallback_files(handbook.advice, hospital))


@click.command()
@FOLDER
@CONFIG
def cards(folder: Path, config_path: Path) -> None:
    """Contact cards (vCard) with every number of the line, for families and for clinicians."""
    handbook, hospital, numbers = run(_declared(config_at(config_path, ringing=False)))
    kinds = {"family.vcf": FAMILY, "clinician.vcf": CLINICIAN}
    _write(folder, {name: contact_card(kind, hospital, numbers, handbook.advice) for name, kind in kinds.items()})


@click.command()
@click.option("--phone", help="Send one text and place one call there, both marked TEST, and wait for a key.")
@click.option("--fallback", help="Address under which the files of `oncall fallback` are served; compared as well.")
@click.option("--configure", is_flag=True, help="Set the number's addresses at the provider where they differ.")
@CONFIG
@AS_JSON
def preflight(phone: str | None, fallback: str | None, configure: bool, config_path: Path, as_json: bool) -> None:
    """Everything outside this program that must be right, line by line, with what to do; beside a running service."""
    wish = Wish(_telephone(phone) if phone else None, _address(fallback) if fallback else None, configure)
    try:
        config = read_config(config_path)
    except HandbookFaults as faults:
        checks = misconfigured(faults)
    else:
        checks = run(Preflight(config, SystemClock(), wish, partial(click.echo, err=True)).run())
    if as_json:
        click.echo(json.dumps([check.plain() for check in checks], ensure_ascii=False, indent=2))
    else:
        for check in checks:
            click.echo(check.line())
    sys.exit(exit_code(checks))


def _telephone(told: str) -> str:
    try:
        return real_number(told)
    except ValueError as refused:
        raise click.UsageError(f"--phone {refused}.") from None


def _address(told: str) -> str:
    try:
        return web_address(told)
    except ValueError as refused:
        raise click.UsageError(f"--fallback {refused}.") from None


async def _declared(config: Config) -> tuple[Handbook, Hospital, tuple[str, ...]]:
    """The edition in force (the folders before the first start), the hospital, and the numbers it sends from."""
    return await handbook_of(config), hospital_without_secret(config), config.sender_numbers


async def handbook_of(config: Config) -> Handbook:
    """What families hear today; looking makes no database. Raises HandbookFaults."""
    if config.database_path is None or not config.database_path.exists():
        return load_handbook(config.handbook.rules, config.handbook.rotations)
    async with AsyncExitStack() as stack:
        _, _, handbooks = await open_stores(config, SystemClock(), stack)
        return handbooks.current()


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Each file that differs; the same again is nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path, told = folder / name, content.encode()
        if path.exists() and path.read_bytes() == told:
            click.echo(f"unchanged: {path}")
            continue
        path.write_bytes(told)
        click.echo(f"written:   {path}")
