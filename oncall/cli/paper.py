"""`oncall paper`: the sheets on which a ward goes on when the line is down, into a folder.

Reads beside a running service and changes nothing of the line's. Deliberately not here: what stands on the sheets
(`adapters/web/paper/kit.py`), and writing them at each hand-over (`serve` does, where `paper.folder` names a place).
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import click

from oncall.adapters.clock import SystemClock
from oncall.adapters.web.paper.kit import kit_of, write_kit
from oncall.cli.options import CONFIG, Sentence, config_at, must_exist, run
from oncall.config import Config
from oncall.stores import hospital_without_secret, open_stores


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@CONFIG
def paper(folder: Path, config_path: Path) -> None:
    """Who is on with every number, and a blank form for a call: HTML and PDF to print, no patient in them."""
    config = config_at(config_path, ringing=False)
    must_exist(config)
    for path in run(_written(config, folder)) or ():
        click.echo(f"written:   {path}")


async def _written(config: Config, folder: Path) -> list[Path]:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        _, register, handbooks = await open_stores(config, clock, stack)
        directory, hospital = await register.directory(), hospital_without_secret(config)
        try:
            return await write_kit(folder, kit_of(handbooks.current(), directory, hospital, clock.now()))
        except OSError as problem:
            raise Sentence(f"{folder} cannot be written ({problem.strerror}); name another folder.") from None
