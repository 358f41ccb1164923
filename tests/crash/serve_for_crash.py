"""The served house as a program that the crash suite kills and the benchmarks measure.

The same as `oncall serve` on the given config.yaml (system clock, SQLite file, both listeners, the official client),
without its refusal of sample people, because its carrier stands on this machine. Deliberately not here: any shortcut.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from oncall.adapters.clock import SystemClock
from oncall.config import Config, read_config
from oncall.house import open_house
from oncall.logs import log_to
from oncall.serving import hold_lock, open_doors, until_told


async def serve(config: Config) -> None:
    async with AsyncExitStack() as stack:
        hold_lock(config.var, stack)
        house = await open_house(config, SystemClock(), stack)
        await open_doors(house, stack, training=True)
        await until_told()


if __name__ == "__main__":
    log_to()
    asyncio.run(serve(read_config(Path(sys.argv[1]))))
