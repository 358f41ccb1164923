"""Writes the journals of a few nights as this release makes them: `python -m tests.golden.write_journals 0.1.0`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from oncall.adapters.journal.shelf import GENESIS, chained
from tests.golden.test_old_journals import ends_as
from tests.support.ward import Ward, open_ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"


async def nobody_answers(ward: Ward) -> None:
    await ward.phone("mum of Leo").texts(ITCHY)
    await ward.pass_time("14m")
    operator = ward.phone("operator")
    if operator.is_ringing:
        await operator.answers()
        await operator.presses("7")
        await operator.presses("1")
    await ward.pass_time("5m")


async def taken_reached_closed(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("his legs are stiffer than usual today")
    await mum.texts("2")
    await ana.texts(ana.reply_code("2"))
    await ana.texts(ana.reply_code("9"))
    await ward.pass_time("1m")
    await ana.texts(ana.reply_code("3"))
    await ward.pass_time("62s")
    dia = ward.phone("dia")
    await dia.takes_by_voice()
    await dia.texts("reached")
    await dia.texts(dia.reply_code("74"))


async def held_and_worse(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.calls()
    await mum.presses("2")
    await mum.hangs_up()
    await ana.texts(ana.reply_code("2"))
    await mum.texts("now i cant wake him")
    await ward.pass_time("4m")


async def an_office_task(ward: Ward) -> None:
    await ward.phone("mum of Leo").texts("got a bill for $412 who do i call")


STORIES: dict[str, Callable[[Ward], Awaitable[None]]] = {
    story.__name__: story for story in (nobody_answers, taken_reached_closed, held_and_worse, an_office_task)
}


async def written(name: str) -> dict[str, Any]:
    async with open_ward() as ward:
        await STORIES[name](ward)
        first = (await ward.house.journal.case("c" + f"{3:016d}")) or (await ward.open_cases())[0]
        rows = chained(first.id, GENESIS, await ward.house.journal.entries(first.id))
        return {
            "name": name,
            "case": first.id,
            "rows": [
                {"seq": r.seq, "at": r.at.isoformat(), "kind": kind, "v": v, "body": body}
                for r, kind, v, body, _ in rows
            ],
            "hash": rows[-1][4],
            "end": ends_as(first),
        }


def main() -> None:
    path = Path(__file__).parent / f"journals-{sys.argv[1]}.json"
    if path.exists():
        sys.exit(f"{path.name} exists; a release's journals are never rewritten.")
    stories = [asyncio.run(written(name)) for name in STORIES]
    path.write_text(json.dumps(stories, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
