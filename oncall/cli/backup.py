"""`oncall audit`, `backup`, `restore` and `emergency`: the record of care held against itself, copied out, put back.

All of them read beside a running service and stop nothing. Exit code 1 for a fault. Deliberately not here: what a
backup is (`adapters/backup`), and what the line does after a restore (`service.line.after_restore`).
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from oncall.adapters.backup.checking import checked
from oncall.adapters.backup.manifest import heads_missing
from oncall.adapters.backup.restoring import NotRestored
from oncall.adapters.backup.restoring import restore as put_back
from oncall.adapters.clock import SystemClock
from oncall.adapters.journal.audit import audit as faults_of
from oncall.adapters.journal.sqlite import SCHEMA
from oncall.adapters.migrations import open_for_reading, refuse_older
from oncall.adapters.side_file import NAME, SideFile
from oncall.backing_up import TROUBLE, made, order_of, record_faults
from oncall.cli.options import AS_JSON, CONFIG, UNKNOWN, Sentence, config_at, must_exist, run
from oncall.config import Config
from oncall.core.as_json import from_json
from oncall.service.line.emergency_journal import Contact
from oncall.service.rota.who import local_text

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--heads", type=FILE, help="A list of chain heads that went out with an earlier backup; compared too.")
@CONFIG
@AS_JSON
def audit(heads: Path | None, config_path: Path, as_json: bool) -> None:
    """The journal's chains, its derived rows against replay, and every raw word; 1 when something is wrong."""
    faults = run(_audited(config_at(config_path, ringing=False), heads))
    if as_json:
        click.echo(json.dumps(faults, ensure_ascii=False, indent=2))
    else:
        for fault in faults:
            click.echo(fault)
        click.echo(f"{len(faults)} faults." if faults else "The record of care is whole.", err=bool(faults))
    sys.exit(1 if faults else 0)


async def _audited(config: Config, heads: Path | None) -> list[str]:
    must_exist(config)
    assert config.database_path is not None
    with closing(open_for_reading(config.database_path)) as connection:
        refuse_older(connection, "journal", SCHEMA)
        return faults_of(connection) + (heads_missing(connection, heads) if heads else [])


@click.command()
@click.argument("folder", type=FOLDER, required=False)
@click.option("--verify", type=FILE, help="Make none: unpack this one, check it as a restore would, and say so.")
@click.option("--key-file", type=FILE, help="With --verify: the key, where config.yaml does not name it.")
@CONFIG
def backup(folder: Path | None, verify: Path | None, key_file: Path | None, config_path: Path) -> None:
    """A backup into FOLDER (or backup.folder), beside the running service, read back before it gets its name."""
    if verify is not None:
        _verified(verify, _key(key_file, config_path))
        return
    config = _with_its_key(config_path)
    must_exist(config)
    target = folder or config.backup.folder
    if target is None:
        raise click.UsageError("Say into which FOLDER, or set backup.folder in config.yaml.")
    try:
        click.echo(made(order_of(config, target)))
    except TROUBLE as problem:
        raise Sentence(str(problem)) from None


def _verified(file: Path, key: str | None) -> None:
    at = SystemClock().now()
    try:
        with TemporaryDirectory(prefix="oncall-verify-") as folder:
            manifest, faults = checked(file, Path(folder) / "check", key, partial(record_faults, at=at))
    except TROUBLE as problem:
        raise Sentence(str(problem)) from None
    if faults:
        raise Sentence("\n".join(faults))
    click.echo(f"Whole: made {manifest.made_at}, {manifest.counts.get('cases', 0)} cases.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--to", "folder", type=FOLDER, required=True, help="A folder that is empty or not there yet.")
@click.option("--key-file", type=FILE, help="The key, where config.yaml does not name it.")
@CONFIG
def restore(file: Path, folder: Path, key_file: Path | None, config_path: Path) -> None:
    """A backup into an empty folder, checked before anything is there; never over a database."""
    at = SystemClock().now()
    try:
        manifest = put_back(file, folder, _key(key_file, config_path), partial(record_faults, at=at))
    except (NotRestored, *TROUBLE) as problem:
        raise Sentence(str(problem)) from None
    click.echo(f"Restored to {folder}: made {manifest.made_at}, {manifest.counts.get('cases', 0)} cases.")
    click.echo(f"Now set database: sqlite:///{folder / manifest.database} and start the service.", err=True)


@click.command()
@CONFIG
@AS_JSON
def emergency(config_path: Path, as_json: bool) -> None:
    """What the store refused and nobody has been paged for: families' words, from the file beside the database."""
    config = config_at(config_path, ringing=False)
    whole, torn = SideFile(config.var / NAME).lines()
    contacts = [from_json(Contact, line) for line in whole]
    if as_json:
        rows = [{"at": one.at.isoformat(), "door": one.door.value, "told": json.loads(one.told)} for one in contacts]
        click.echo(json.dumps([*rows, *({"torn": line} for line in torn)], ensure_ascii=False, indent=2))
        return
    for one in contacts:
        click.echo(f"{local_text(one.at, config.hospital.zone)}  {one.door.value}  {one.told}")
    for line in torn:
        click.echo(f"torn  {line}")
    click.echo(f"{len(contacts) + len(torn)} contacts wait beside the store.", err=True)


def _key(key_file: Path | None, config_path: Path) -> str | None:
    if key_file is not None:
        return key_file.read_text(encoding="utf-8").strip()
    return _with_its_key(config_path).backup.key if config_path.exists() else None


def _with_its_key(config_path: Path) -> Config:
    """Of all secrets only the key of backups must be there."""
    config = config_at(config_path, ringing=False)
    if config.backup.key == UNKNOWN:
        raise Sentence("The key that backup.key names is not set here; set it, or name it with --key-file.")
    return config
