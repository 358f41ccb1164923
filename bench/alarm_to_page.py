"""From a pump's alarm to the telephone company: how long an idle line takes.

Alarms of different devices come one at a time with pauses, each an emergency. Measured from the sender's first byte to
the carrier's receipt of the first request for that case, through the listener, the commit, the dispatcher and the
official client. Goal: p99 under 100 ms.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

import aiohttp

from bench.stage import BEARER, Stage, arguments, show, spread, stage

GOAL_MS = 100
PAUSE = (0.05, 0.15)


@dataclass
class Sent:
    case: str
    at: float
    answered_at: float


async def send_alarms(made: Stage, name: str, count: int) -> list[Sent]:
    """`count` alarms with pauses, each of a device of its own."""
    chance, sent = random.Random(1), []
    async with aiohttp.ClientSession(headers=BEARER) as session:
        for serial in range(count):
            await asyncio.sleep(chance.uniform(*PAUSE))
            sent.append(await send_alarm(session, made.internal, f"{name}-{serial}"))
    return sent


async def send_alarm(session: aiohttp.ClientSession, internal: str, name: str) -> Sent:
    alarm = {"id": name, "device_serial": name, "event": "device_alarm", "alarm_class": "critical"}
    alarm |= {"alarm_reason": "stopped_pump_over_48h"}
    at = time.time()
    async with session.post(f"{internal}/v1/alarms", json=alarm) as answer:
        told = await answer.json()
        assert answer.status == 201, (answer.status, told)
        return Sent(told["id"], at, time.time())


async def measured(made: Stage, count: int) -> list[dict[str, object]]:
    await made.house()
    await send_alarms(made, "warm", 5)  # the first of everything is slower: connections, prepared statements
    sent = await send_alarms(made, "bench", count)
    await asyncio.sleep(1)
    first: dict[str, float] = {}
    for at, _, message in await made.stamps():
        first.setdefault(message.split(".")[0], at)
    mine = [one for one in sent if one.case in first]
    assert len(mine) == count, f"{count - len(mine)} alarms brought no page"
    return [
        spread("alarm sent -> 201 received", [one.answered_at - one.at for one in mine]),
        spread("alarm sent -> carrier asked", [first[one.case] - one.at for one in mine], goal_p99_ms=GOAL_MS),
        spread("201 received -> carrier asked", [first[one.case] - one.answered_at for one in mine]),
    ]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--count", type=int, default=300)
    told = parser.parse_args()
    with stage() as made:
        rows = asyncio.run(measured(made, told.count))
    show("alarm to page, idle line", rows, told.json)


if __name__ == "__main__":
    main()
