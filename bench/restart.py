"""Killed at any moment and started again: how long until open cases go on.

Deadlines of open cases keep falling due, ten a second, while the house is killed (SIGKILL) and started again at once,
several times. Measured from the kill to the first page at the carrier, and from the start to the first answer of the
listener. Goal: open cases go on within 2 s. `--open` puts further open cases into the file.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from datetime import UTC, datetime, timedelta

from bench.open_cases import Filler
from bench.stage import Stage, answers, arguments, percentile, show, stage

GOAL_S = 2.0
PER_SECOND = 10
LIVES = (1.0, 3.0)  # seconds a house lives before it is killed
OPENING = timedelta(seconds=6)


async def measured(made: Stage, kills: int, seconds: int, waiting: int = 0) -> list[dict[str, object]]:
    filler = Filler(made.config())
    await filler.publish()
    await filler.waiting(waiting)
    due = PER_SECOND * seconds
    begins = datetime.now(UTC) + OPENING + timedelta(seconds=due * 0.02)
    cases = await filler.climbing([begins + timedelta(seconds=n / PER_SECOND) for n in range(due)])
    await filler.close()
    house, chance = await made.house(), random.Random(3)
    await asyncio.sleep(max((begins - datetime.now(UTC)).total_seconds(), 0))
    killed: list[float] = []
    answered: list[float] = []
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(*LIVES))
        house.send_signal(signal.SIGKILL)
        house.wait()
        killed.append(time.time())
        house = made.start_house()
        answered.append(await answers(f"{made.internal}/healthz", house) - killed[-1])
    ends = begins + timedelta(seconds=seconds)
    await asyncio.sleep(max((ends - datetime.now(UTC)).total_seconds(), 0) + 2)
    stamps = [(at, message.split(".")[0]) for at, _, message in await made.stamps()]
    lost = set(cases) - {case for _, case in stamps}
    assert not lost, f"{len(lost)} deadlines brought no page"
    goes_on = [min(at for at, _ in stamps if at > moment) - moment for moment in killed]
    return [
        _row("kill -> first page at the carrier", goes_on, GOAL_S),
        _row("kill -> listener answers", answered, None),
    ]


def _row(what: str, seconds: list[float], goal: float | None) -> dict[str, object]:
    row: dict[str, object] = {"what": what, "n": len(seconds)}
    row |= {"p50_s": round(percentile(seconds, 0.5), 2), "max_s": round(max(seconds), 2)}
    return row | ({"goal_s": goal} if goal else {})


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=32, help="how long deadlines keep falling due")
    parser.add_argument("--open", type=int, default=0, help="open cases beside those that fall due")
    told = parser.parse_args()
    with stage() as made:
        rows = asyncio.run(measured(made, told.kills, told.seconds, told.open))
    show("restart", rows, told.json)


if __name__ == "__main__":
    main()
