"""`oncall purge`: closed cases that are old enough are exported, shown, and taken out for good.

Through the running service, like every command that writes. Deliberately not here: what may be purged
(`service.cases.retention`).
"""

from __future__ import annotations

from pathlib import Path

import click

from oncall.cli.options import CONFIG, config_at, instant, must_exist, run
from oncall.errands.door import run_errand


@click.command()
@click.option("--before", required=True, metavar="DATE", help="Cases that were closed before this day.")
@click.option("--export", "file", required=True, type=click.Path(path_type=Path), help="A new file for them.")
@click.option("--by", required=True, help="Who purges; stands on every tombstone.")
@click.option("--yes", is_flag=True, help="Do not ask after the export.")
@CONFIG
def purge(before: str, file: Path, by: str, yes: bool, config_path: Path) -> None:
    """Export closed cases older than retention_years, show the file's SHA-256, then purge them."""
    config = config_at(config_path, ringing=False)
    must_exist(config)
    since = instant(f"{before}T00:00", config.hospital.zone)
    told = {"before": since.isoformat(), "file": str(file.absolute()), "by": by}
    exported = run(run_errand(config, "purge-export", told))
    click.echo(f"{exported['cases']} cases exported to {file}\nSHA-256 {exported['sha256']}")
    if not yes and not click.confirm("Purge these cases for good?"):
        click.echo("Nothing was purged.")
        return
    done = run(run_errand(config, "purge", {**told, "sha256": exported["sha256"]}))
    click.echo(f"{done['purged']} cases purged; each left a tombstone.")
