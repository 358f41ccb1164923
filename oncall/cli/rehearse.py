"""`oncall rehearse`: nights in which everything goes wrong, and next month with this rota and this policy.

Nothing leaves the process and nothing is written; a breach is exit code 1 and is told with the seed that replays it.
Deliberately not here: playing (`nights`).
"""

from __future__ import annotations

import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from oncall.adapters.clock import SystemClock
from oncall.adapters.handbook.files import folders_named
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.cli.month import month_of, tell_month
from oncall.cli.options import AS_JSON, CONFIG, ROTATIONS, RULES, Sentence, config_at
from oncall.cli.options import run as run_async
from oncall.config import Config
from oncall.core.case.facts import Directory
from oncall.nights.invariants import NOT_SEEN_HERE
from oncall.nights.month import Assumed
from oncall.nights.more import draw
from oncall.nights.plan import Answering, Plan, numbers_of, only, told
from oncall.nights.running import Ground, Sum, play, run, shortest
from oncall.stores import open_journal_and_register

SHARE = click.FloatRange(0, 1)
SHRUNK = 3  # of the failing nights of a run, so many are shortened


@click.command()
@click.option("--nights", "count", type=click.IntRange(1), default=100, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the first night.")
@click.option("--zone", help="Every night in this time zone, such as Europe/Berlin; drawn with the night without it.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes side by side.")
@click.option("--story", is_flag=True, help="One night, that of --seed, told entry by entry.")
@click.option("--events", help="With --story: only these of the night's events, such as 2,5,9.")
@click.option("--month", help="Instead: how soon somebody takes a case in this month, such as 2026-12.")
@click.option("--answers", type=SHARE, default=0.6, show_default=True, help="With --month: share of rings taken.")
@click.option("--replies", type=SHARE, default=0.2, show_default=True, help="With --month: share of texts answered.")
@click.option("--contacts", type=click.IntRange(1, 200), default=8, show_default=True, help="With --month: per night.")
@RULES
@ROTATIONS
@CONFIG
@AS_JSON
def rehearse(
    count: int,
    seed: int,
    zone: str | None,
    workers: int,
    story: bool,
    events: str | None,
    month: str | None,
    answers: float,
    replies: float,
    contacts: int,
    rules: Path | None,
    rotations: Path | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Nights on an imagined clock, with faults, held against the safety invariants; 1 when one is broken."""
    ground = Ground(*folders_named(rules, rotations), zone=_zone(zone))
    try:
        if month is not None:
            assumed = Assumed(Answering(answers, replies), contacts, seed)
            sys.exit(tell_month(month_of(month), ground, assumed, workers, _phones_in(config_path), as_json))
        if story:
            sys.exit(_tell(_chosen(draw(seed, ground.zone), events), ground))
        total = _played(seed, count, ground, workers)
        sys.exit(_report(total, seed, ground, as_json))
    except HandbookFaults as problem:
        raise Sentence("\n".join(str(fault) for fault in problem.faults)) from None


def _phones_in(path: Path) -> Directory | None:
    """Who has which telephones, where there is a database that says so."""
    config = config_at(path, ringing=False) if path.exists() else None
    if config is None or config.database_path is None or not config.database_path.exists():
        return None
    directory: Directory = run_async(_directory(config))
    return directory


async def _directory(config: Config) -> Directory:
    async with AsyncExitStack() as stack:
        _, register = open_journal_and_register(config, SystemClock(), stack)
        return await register.directory()


def _zone(told_: str | None) -> str | None:
    try:
        return ZoneInfo(told_).key if told_ else None
    except (ZoneInfoNotFoundError, ValueError):
        raise click.UsageError(f"{told_} is no time zone; one is called such as America/New_York.") from None


def _played(seed: int, count: int, ground: Ground, workers: int) -> Sum:
    total = Sum()
    with click.progressbar(length=count, label="Nights", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for part in run(seed, count, ground, workers):
            total.add(part)
            bar.update(part.nights)
    return total


def _chosen(plan: Plan, numbers: str | None) -> Plan:
    if numbers is None:
        return plan
    try:
        return only(plan, {int(number) for number in numbers.split(",") if number.strip()})
    except ValueError:
        raise click.UsageError(f"{numbers} are no events; name them such as 2,5,9.") from None


def _tell(plan: Plan, ground: Ground) -> int:
    """The night as planned, as it went, and the shortest night that breaks the same law."""
    played = play(plan, ground, telling=True)
    for line in (*told(plan), "", *played.story):
        click.echo(line)
    if not played.breaches:
        click.echo("\nNo breach.")
        return 0
    click.echo("\nThe shortest night that breaks the same law:")
    _tell_shortest(plan, ground)
    return 1


def _tell_shortest(plan: Plan, ground: Ground) -> None:
    short = shortest(plan, ground)
    for line in told(short):
        click.echo(line)
    left = ",".join(str(number) for number in numbers_of(short, draw(plan.seed, ground.zone)))
    zone = f" --zone {ground.zone}" if ground.zone else ""
    click.echo(f'  Replay it with: oncall rehearse --story --seed {plan.seed}{zone} --events "{left}"')


def _report(total: Sum, seed: int, ground: Ground, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps(_as_json(total, seed), ensure_ascii=False, indent=2))
    else:
        for line in _lines(total):
            click.echo(line)
        for failed in list(total.failed)[:SHRUNK]:
            _tell_shortest(draw(failed, ground.zone), ground)
    return 1 if total.failed else 0


def _lines(total: Sum) -> list[str]:
    counts = total.counts
    lines = [
        f"{total.nights} nights, {counts['contacts']} contacts, {counts['cases']} cases, {counts['pages']} pages and"
        f" rings ordered, {counts['texts and calls']} texts and calls handed over, {counts['taken']} times taken.",
        "Gone wrong on purpose: "
        + (", ".join(f"{n} {kind}" for kind, n in sorted(total.injected.items())) or "nothing"),
        f"Breaches: {total.breaches}",
    ]
    for seed, found in total.failed.items():
        lines += [f"  seed {seed}: {breach}" for breach in found]
    if total.failed:
        lines.append("Replay one with: oncall rehearse --story --seed N")
    lines.append("Not seen here: " + "; ".join(f"{law} {what}" for law, what in NOT_SEEN_HERE.items()) + ".")
    return lines


def _as_json(total: Sum, seed: int) -> dict[str, Any]:
    return {
        "first_seed": seed,
        "nights": total.nights,
        "counts": dict(total.counts),
        "injected": dict(total.injected),
        "breaches": total.breaches,
        "failed": {str(seed): [str(breach) for breach in found] for seed, found in total.failed.items()},
        "not_seen_here": dict(NOT_SEEN_HERE),
    }
