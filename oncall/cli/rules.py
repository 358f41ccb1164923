"""`oncall rules ...`: what a rules owner asks of the rules. Commands only read arguments and print."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from oncall.adapters.handbook.files import folders_named
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.prover.process import LIMIT
from oncall.adapters.prover.proof import Proof
from oncall.cli.replay import replay
from oncall.proving import prove_edition


@click.group()
def rules() -> None:
    """What the rules would do, whatever is said."""


rules.add_command(replay)


@rules.command()
@click.option("--limit", default=LIMIT, show_default=True, help="Seconds after which nothing counts as proved.")
@click.option("--rules", "folder", type=click.Path(path_type=Path), default=None, help="Folder of rules.")
@click.option("--rotations", type=click.Path(path_type=Path), default=None, help="Folder of rotations.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def prove(limit: float, folder: Path | None, rotations: Path | None, as_json: bool) -> None:
    """Prove the safety properties for every combination of findings, numbers and record; 1 when one is not."""
    try:
        proof = asyncio.run(prove_edition(folders_named(folder, rotations), limit))
    except HandbookFaults as problem:
        raise click.ClickException("\n".join(str(fault) for fault in problem.faults)) from None
    click.echo(json.dumps(_row(proof), ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(proof)))
    sys.exit(0 if proof.ok else 1)


def _lines(proof: Proof) -> Iterator[str]:
    for one in proof.properties:
        yield f"{'proved' if one.ok else 'BROKEN':<8}{one.name:<22}{one.looked_at} ({one.seconds:.1f} s)"
        yield from (f"        {sentence}" for sentence in one.counter_examples)
        yield from (f"        Remark: {sentence}" for sentence in one.remarks)
    if proof.refused:
        yield f"Refused: {proof.refused}"
    verdict = "is proved" if proof.ok else "is NOT proved"
    yield f"Edition {proof.edition[:8]} {verdict}, in {proof.seconds:.1f} s."


def _row(proof: Proof) -> dict[str, object]:
    properties = [{**asdict(one), "says": one.says, "ok": one.ok} for one in proof.properties]
    return {**asdict(proof), "ok": proof.ok, "properties": properties}
