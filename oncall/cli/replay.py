"""`oncall rules replay`: what this hospital's own past cases would become under a draft.

Reads beside a running service and writes nothing; patients' words are printed only when asked for. Deliberately not
here: reading the cases again (`service/past_cases`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from oncall.adapters.clock import SystemClock
from oncall.adapters.handbook.publishing import past_changes
from oncall.adapters.handbook.rules_difference import case_lines
from oncall.adapters.handbook.rules_files import load_rulebook
from oncall.adapters.handbook.store import handbook_in_force
from oncall.cli.options import AS_JSON, CONFIG, config_at, instant, journal_to_read, run
from oncall.config import Config
from oncall.core.triage.rulebook import Rulebook
from oncall.service.cases.past_cases import PastCase, reread_all
from oncall.service.ports.journal import Journal

PAST = timedelta(days=30)


@click.command()
@click.option("--draft", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of rules.")
@click.option("--since", help="Cases opened on or after this day; the last 30 days without it.")
@click.option("--words", "with_words", is_flag=True, help="Print what the families wrote; keep that print safe.")
@AS_JSON
@CONFIG
def replay(draft: Path | None, since: str | None, with_words: bool, as_json: bool, config_path: Path) -> None:
    """What past cases would become under a draft, beside the rules in force; 1 when an emergency is lowered."""
    config = config_at(config_path, ringing=False)
    start = instant(since, config.hospital.zone) if since else SystemClock().now() - PAST
    past = run(_replay(config, draft or config.handbook.rules, start))
    told = _as_json(past, with_words) if as_json else "\n".join(_lines(past, with_words))
    click.echo(told)
    sys.exit(1 if any(case.lowers_emergency for case in past_changes(past)) else 0)


async def _replay(config: Config, draft: Path, since: datetime) -> tuple[PastCase, ...]:
    async with AsyncExitStack() as stack:
        journal = journal_to_read(config, stack)
        in_force = await handbook_in_force(journal, config.handbook.rules, config.handbook.rotations)
        return await past_under(journal, since, in_force.current().rulebook, load_rulebook(draft))


async def past_under(journal: Journal, since: datetime, in_force: Rulebook, draft: Rulebook) -> tuple[PastCase, ...]:
    """The cases since then under both, with a bar for whoever waits at a terminal."""
    with progress(await journal.cases_since(since), "Reading past cases") as case_ids:
        return await reread_all(journal, case_ids, in_force, draft)


def progress(items: Sequence[str], label: str) -> AbstractContextManager[Iterable[str]]:
    """A bar on the error stream, and only on a terminal."""
    return click.progressbar(items, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def _lines(past: Sequence[PastCase], with_words: bool) -> Iterable[str]:
    changes = past_changes(past)
    yield from case_lines(len(past), "past cases", changes)
    if not past:
        yield "No past case to read."
    if with_words:
        yield from (f"  {case.code}: {' / '.join(case.words)}" for case in past if case.was != case.becomes)


def _as_json(past: Sequence[PastCase], with_words: bool) -> str:
    rows = [_row(case, with_words) for case in past if case.was != case.becomes]
    rows.sort(key=lambda row: (not row["lowers_emergency"], row["opened_at"]))
    lowered = sum(row["lowers_emergency"] for row in rows)
    return json.dumps({"cases": len(past), "lowered_emergencies": lowered, "changes": rows}, ensure_ascii=False)


def _row(case: PastCase, with_words: bool) -> dict[str, Any]:
    [change] = past_changes([case])
    return {
        "case": case.code,
        "opened_at": case.opened_at.isoformat(),
        "was": case.was.word,
        "would_be": case.becomes.word,
        "lowers_emergency": change.lowers_emergency,
        "rules_before": case.rules_before,
        "rules_after": case.rules_after,
        **({"words": case.words} if with_words else {}),
    }
