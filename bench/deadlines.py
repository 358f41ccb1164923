"""Ten thousand open cases, and every deadline on time.

The file holds 10,000 open cases. Through 20 seconds the second step of emergencies falls due at random instants, and
then that of many at once. Measured from the due instant to the carrier's receipt of the page's request. Goals: p99
under 250 ms late; the burst says how many deadlines and pages a second the watch and the dispatcher can do.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

from bench.open_cases import Filler
from bench.stage import Stage, arguments, show, spread, stage

GOAL_MS = 250
WINDOW = timedelta(seconds=20)
OPENING = timedelta(seconds=5)  # for the house to open


async def measured(made: Stage, open_cases: int, steps: int, burst: int) -> list[dict[str, object]]:
    filler = Filler(made.config())
    await filler.publish()
    started = time.time()
    await filler.waiting(open_cases - steps - burst)
    each = (time.time() - started) / (open_cases - steps - burst)
    begins = datetime.now(UTC) + OPENING + timedelta(seconds=each * 8 * (steps + burst))
    chance = random.Random(2)
    spread_out = await filler.climbing([begins + WINDOW * chance.random() for _ in range(steps)])
    burst_at = begins + WINDOW + timedelta(seconds=1)
    at_once = await filler.climbing([burst_at] * burst, "b")
    await filler.close()
    await made.house()
    assert datetime.now(UTC) < begins, "this machine is too busy to prepare in time: run it again"
    await asyncio.sleep((burst_at - datetime.now(UTC)).total_seconds() + 2)
    await until_quiet(made)
    stamps = [(at, message.split(".")[0]) for at, _, message in await made.stamps()]
    return [*on_time(spread_out, stamps, open_cases), cleared(at_once, stamps)]


async def until_quiet(made: Stage) -> None:
    """The carrier has heard nothing for a second."""
    before = -1
    while before != (before := len(await made.stamps())):  # noqa: ASYNC110  another process cannot set an event
        await asyncio.sleep(1)


def on_time(due: dict[str, datetime], stamps: list[tuple[float, str]], open_cases: int) -> list[dict[str, object]]:
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for at, case in stamps:
        first.setdefault(case, at)
        last[case] = at
    missing = [case for case in due if case not in first]
    assert not missing, f"{len(missing)} deadlines brought no page"
    early = [case for case, at in due.items() if first[case] < at.timestamp()]
    assert not early, f"{len(early)} cases had something to send before their deadline: the filler is out of date"
    late = [first[case] - at.timestamp() for case, at in due.items()]
    both = [last[case] - at.timestamp() for case, at in due.items()]
    more = {"open_cases": open_cases, "per_s": round(len(due) / WINDOW.total_seconds(), 1)}
    return [
        spread("due -> first request of the next tier", late, goal_p99_ms=GOAL_MS, **more),
        spread("due -> its text and its call", both, **more),
    ]


def cleared(due: dict[str, datetime], stamps: list[tuple[float, str]]) -> dict[str, object]:
    """A burst: everything falls due at one instant."""
    began = min(at.timestamp() for at in due.values())
    mine = [at for at, case in stamps if case in due]
    first: dict[str, float] = {}
    for at, case in stamps:
        if case in due:
            first.setdefault(case, at)
    assert len(first) == len(due), f"{len(due) - len(first)} deadlines of the burst brought no page"
    seconds = max(mine) - began
    row = spread(f"{len(due)} due at once -> first request", [at - began for at in first.values()])
    return row | {"cleared_s": round(seconds, 2), "requests_per_s": round(len(mine) / seconds)}


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--open", type=int, default=10_000, help="open cases in the file")
    parser.add_argument("--steps", type=int, default=300, help="deadlines spread over 20 s")
    parser.add_argument("--burst", type=int, default=200, help="deadlines at one instant")
    told = parser.parse_args()
    with stage() as made:
        rows = asyncio.run(measured(made, told.open, told.steps, told.burst))
    show("deadlines", rows, told.json)


if __name__ == "__main__":
    main()
