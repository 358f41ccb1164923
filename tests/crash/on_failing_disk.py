"""Houses on a disk that fails to order, until all are cut off in the middle; one JSON line of what each said yes to.

Run as a program, because the order to fail reaches a process through what is loaded before it (`failing_disk.c`).

    python -m tests.crash.on_failing_disk FOLDER '{"name of a house": "sync -wal 5"}'
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from oncall.adapters.rehearsal.sample_ward import fill_sample
from oncall.service.ports.journal import JournalRefused
from tests.crash.left_behind import Stores, open_stores
from tests.crash.night import BEGINS

ORDERS = Path(os.environ["FAILING_DISK"])


def order(words: str) -> None:
    ORDERS.write_text(words)


async def main(folder: Path, houses: dict[str, str]) -> None:
    async with AsyncExitStack() as stack:
        for name, failure in houses.items():
            stores = await open_stores(folder / name / "oncall.db", stack)
            print(json.dumps({"house": name} | await live(stores, failure)), flush=True)
        os._exit(0)


async def live(stores: Stores, failure: str) -> dict[str, list[str]]:
    await fill_sample(stores.register, BEGINS)
    said = {"before": await told_yes(stores, range(1, 4))}
    order(failure)
    said["failing"] = await told_yes(stores, range(4, 8))
    order("")
    said["after"] = await told_yes(stores, range(4, 10))
    return said


async def told_yes(stores: Stores, places: range) -> list[str]:
    said = []
    for place in places:
        try:
            said.append(await stores.take(place))
        except JournalRefused:
            continue
    return said


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
