"""`oncall serve`: what pages is opened and set going first, then the rest of the program is loaded beside it.

Loading everything takes a second of processor time; after a crash, what fell due meanwhile does not wait for pages and
papers. Deliberately not here: what is opened (`paging`, `serving`).
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType

import click

from oncall.adapters.clock import SystemClock
from oncall.adapters.handbook.store import PublishedHandbook, compile_words
from oncall.adapters.put_back import RestoreMark
from oncall.adapters.standing_memory import hold_off
from oncall.cli.options import CONFIG, config_at, run
from oncall.config import Config
from oncall.fitness import refuse_unfit
from oncall.logs import log_crashes, log_to
from oncall.one_process import held_door, hold_lock, refuse_beyond_loopback, told_to_end
from oncall.paging import begin_paging, open_paging


@click.command()
@CONFIG
def serve(config_path: Path) -> None:
    """The service."""
    hold_off()
    log_to()
    log_crashes()
    run(_serve(config_at(config_path)))


async def _serve(config: Config) -> None:
    told, clock = told_to_end(), SystemClock()
    async with AsyncExitStack() as stack:
        hold_lock(config.var, stack)
        refuse_beyond_loopback(config)
        held = [held_door(part.bind, stack) for part in (config.public, config.internal)]
        paging = await open_paging(config, clock, stack)
        await refuse_unfit(config, paging.register, paging.handbooks.current())
        if RestoreMark(config.var).made_at() is None:  # a restored case is asked first whether it may page
            begin_paging(paging, stack)
        serving = await asyncio.to_thread(_rest_of_the_program, paging.handbooks)
        house = await serving.open_doors(paging, config, clock, held, stack)
        click.echo(f"Families' and clinicians' door: {config.public.url}", err=True)
        if not await house.sign_in.has_admin():
            click.echo("Nobody can sign in as an administrator yet: run oncall init for a link.", err=True)
        click.echo(f"Board and API:                  {config.internal.url}", err=True)
        await told.wait()


def _rest_of_the_program(handbooks: PublishedHandbook) -> ModuleType:
    """On a thread, so that the loop turns meanwhile; the words too, before a door opens to the first text."""
    from oncall import serving

    compile_words(handbooks.current())
    return serving
