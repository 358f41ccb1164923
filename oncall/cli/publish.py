"""`oncall publish`, `editions`, `export`: from folders to an edition in force, and back to the very files.

The difference is printed before anything else happens; what is refused is refused with a sentence each, and nothing
is stored. Deliberately not here: comparing and refusing (`adapters/handbook`), and storing (`errands`).
"""

from __future__ import annotations

import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from oncall.adapters.clock import SystemClock
from oncall.adapters.handbook.files import read_files, write_files
from oncall.adapters.handbook.publishing import (
    Draft,
    Prove,
    Signature,
    difference_between,
    draft_of,
    edition_from,
    refusals,
    with_past,
    with_rota,
)
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.handbook.rules_difference import Difference, difference_lines, file_changes
from oncall.adapters.handbook.store import texts_of
from oncall.cli.options import AS_JSON, CONFIG, ROTATIONS, RULES, Sentence, config_at, journal_to_read, run
from oncall.cli.replay import PAST, past_under
from oncall.config import Config
from oncall.core.as_json import from_json, plain
from oncall.errands.door import run_errand
from oncall.proposing import brought_by, shown_of
from oncall.proving import unproved
from oncall.service.ports.journal import Edition, Journal
from oncall.stores import proven_in

SHORT = 8  # letters of an edition's hash that people read


@click.command()
@click.option("--by", required=True, help="Who publishes; stands in the history.")
@click.option("--second", default="", help="Who has read it too; needed for rules, tiers and the last resort.")
@click.option("--reason", default="", help="Why an emergency may be lowered, or a warning of the rota accepted.")
@click.option("--propose", is_flag=True, help="For a second person to approve on the rules page; --by is a short name.")
@click.option("--dry-run", is_flag=True, help="Show the difference and what would be refused; store nothing.")
@RULES
@ROTATIONS
@AS_JSON
@CONFIG
@click.pass_obj
def publish(
    prove: Prove | None,
    by: str,
    second: str,
    reason: str,
    propose: bool,
    dry_run: bool,
    rules: Path | None,
    rotations: Path | None,
    as_json: bool,
    config_path: Path,
) -> None:
    """Put rules and rotations in force as a new edition, at once if the service runs; the difference comes first."""
    config = config_at(config_path, ringing=False)
    folders = (rules or config.handbook.rules, rotations or config.handbook.rotations)
    if propose:
        if second or dry_run:
            raise click.UsageError("--propose goes with neither --second nor --dry-run.")
        run(_propose(config, folders, by.strip(), reason.strip(), as_json))
        return
    signature = Signature(by.strip(), second.strip(), reason.strip())
    told = run(_publish(config, folders, signature, prove or unproved, dry_run, as_json))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    if told["refused"] and not as_json:
        raise Sentence("\n".join(told["refused"]))
    sys.exit(1 if told["refused"] else 0)


async def _publish(
    config: Config, folders: tuple[Path, Path], signature: Signature, prove: Prove, dry_run: bool, quiet: bool
) -> dict[str, Any]:
    draft = await _draft(config, *folders)
    say = (lambda line: None) if quiet else click.echo
    for line in difference_lines(draft.difference) if draft.difference.files else ("Nothing to publish.",):
        say(line)
    for guard in draft.guards:
        say(f"{guard.severity.name}: {guard.sentence}")
    refused = refusals(draft, signature, prove) if draft.difference.files else ()
    told = {"edition": draft.handbook.edition, "published": False, "refused": list(refused)}
    told |= {"difference": plain(draft.difference), "guards": plain(draft.guards)}
    if not refused and not dry_run and draft.difference.files:
        await run_errand(config, "publish", _errand(draft, signature))
        told["published"] = True
        say(f"Edition {draft.handbook.edition[:SHORT]} is in force.")
    elif dry_run and not refused and draft.difference.files:
        say("Nothing stored: this was a dry run.")
    return told


async def _propose(config: Config, folders: tuple[Path, Path], by: str, reason: str, as_json: bool) -> None:
    draft = await _draft(config, *folders)
    if not draft.difference.files:
        raise Sentence("Nothing to propose: these are the files in force.")
    told = {"by": by, "reason": reason, "base": draft.base}
    told |= {"brought": plain(brought_by(draft)), "shown": plain(shown_of(draft))}
    answer = {"difference": plain(draft.difference), **await run_errand(config, "propose", told)}
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for line in difference_lines(draft.difference):
        click.echo(line)
    click.echo("Proposed, not in force. Somebody else who keeps the rules approves it:")
    click.echo(f"{config.internal.url}/rules/proposals/{answer['id']}")


def _errand(draft: Draft, signature: Signature) -> dict[str, Any]:
    edition = edition_from(draft, signature, SystemClock().now())
    return {"edition": plain(edition), "files": dict(draft.files), "base": draft.base}


async def _draft(config: Config, rules: Path, rotations: Path) -> Draft:
    """The folders beside the edition in force, read without disturbing a service that runs."""
    async with AsyncExitStack() as stack:
        exists = config.database_path is not None and config.database_path.exists()
        journal = journal_to_read(config, stack) if exists else None
        try:
            draft = await draft_of(journal, rules, rotations)
        except HandbookFaults as problem:
            count = len(problem.faults)
            raise Sentence(f"{problem}\n{count} faults: mend them, then publish again; nothing was stored.") from None
        if journal is not None and draft.rota_in_force is not None:
            draft = with_rota(draft, SystemClock().now(), proven_in(config))
        if journal is None or draft.in_force is None:
            return draft
        since = SystemClock().now() - PAST
        return with_past(draft, await past_under(journal, since, draft.in_force, draft.handbook.rulebook))


@click.command()
@click.argument("named", metavar="[HASH]", default="")
@AS_JSON
@CONFIG
def editions(named: str, as_json: bool, config_path: Path) -> None:
    """The editions that were published, newest first; with HASH (or number) one, and what it changed."""
    config = config_at(config_path, ringing=False)
    zone = ZoneInfo(config.hospital.zone)
    if named:
        edition, number, difference = run(_one(config, named))
        row = _row(edition, number, zone, difference)
        told: Any = {**row, "difference": plain(difference)}
        lines = [_line(row), *difference_lines(difference)]
    else:
        told = [_row(edition, number, zone, changed) for edition, number, changed in run(_all(config))]
        lines = [_line(row) for row in told]
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))


async def _all(config: Config) -> list[tuple[Edition, int, Difference]]:
    async with AsyncExitStack() as stack:
        journal = journal_to_read(config, stack)
        listed = await journal.editions()
        return [
            (edition, len(listed) - place, await _changed(journal, listed, place))
            for place, edition in enumerate(listed)
        ]


async def _changed(journal: Journal, listed: list[Edition], place: int) -> Difference:
    """The files alone, which is what a list has room for."""
    after = texts_of(await journal.edition_files(listed[place].name) or {})
    return Difference(file_changes(texts_of(await _files_before(journal, listed, place)), after))


async def _files_before(journal: Journal, listed: list[Edition], place: int) -> dict[str, str]:
    return dict(await journal.edition_files(listed[place + 1].name) or {}) if place + 1 < len(listed) else {}


async def _one(config: Config, named: str) -> tuple[Edition, int, Difference]:
    """The edition with what was shown when it was published; worked out now if nothing was kept then."""
    async with AsyncExitStack() as stack:
        journal = journal_to_read(config, stack)
        listed = await journal.editions()
        place = _place(listed, named)
        edition = listed[place]
        if edition.difference:
            return edition, len(listed) - place, from_json(Difference, edition.difference)
        after = dict(await journal.edition_files(edition.name) or {})
        return edition, len(listed) - place, difference_between(await _files_before(journal, listed, place), after)


def _place(listed: list[Edition], named: str) -> int:
    """Where the edition stands, by its number (1 is the first) or the beginning of its hash."""
    for place, edition in enumerate(listed):
        if named == str(len(listed) - place) or (len(named) >= 4 and edition.name.startswith(named)):
            return place
    raise Sentence(f"There is no edition {named}; `oncall editions` lists them.")


def _row(edition: Edition, number: int, zone: ZoneInfo, difference: Difference) -> dict[str, Any]:
    return {
        "number": number,
        "hash": edition.name,
        "at": edition.at.astimezone(zone).isoformat(timespec="minutes"),
        "by": edition.author,
        "second": edition.second,
        "reason": edition.reason,
        "changed": [file.name for file in difference.files],
    }


def _line(row: dict[str, Any]) -> str:
    people = f"{row['by']} with {row['second']}" if row["second"] else row["by"]
    reason = f"  because: {row['reason']}" if row["reason"] else ""
    changed = f"all {len(row['changed'])} files" if row["number"] == 1 else ", ".join(row["changed"])
    return f"{row['number']:>4}  {row['hash'][:SHORT]}  {row['at']}  {people}{reason}  {changed}"


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--edition", "named", default="", help="Hash or number; the one in force without it.")
@CONFIG
def export(folder: Path, named: str, config_path: Path) -> None:
    """Write an edition's rules/ and rotations/ into FOLDER, byte for byte as they were published."""
    config = config_at(config_path, ringing=False)
    edition, files = run(_stored(config, named))
    rules, rotations = folder / "rules", folder / "rotations"
    there = read_files(rules, rotations)
    if there and there != files:
        raise Sentence(f"{folder} holds other rules or rotations; name an empty folder.")
    try:
        write_files(files, folder)
    except HandbookFaults as problem:
        raise Sentence(str(problem)) from None
    click.echo(f"Edition {edition.name[:SHORT]} is in {rules} and {rotations}.")


async def _stored(config: Config, named: str) -> tuple[Edition, dict[str, str]]:
    async with AsyncExitStack() as stack:
        journal = journal_to_read(config, stack)
        listed = await journal.editions()
        if not listed:
            raise Sentence("Nothing has been published yet; `oncall publish` does it.")
        edition = listed[_place(listed, named) if named else 0]
        return edition, texts_of(await journal.edition_files(edition.name) or {})
