"""Alarms a second, and how long each waits for its yes, with 1, 16 and 64 senders at once.

Every alarm is of a device of its own, so every one opens a case: triage, pages, deadline, outbox, all in the commit
before the answer. The dispatcher is running meanwhile, as it would be, and competes for the same two cores with the
carrier and with the senders in this process. Deliberately not here: a goal; a hospital has a few alarms an hour.
"""

from __future__ import annotations

import asyncio
import itertools
import time

import aiohttp

from bench.stage import BEARER, Stage, arguments, show, spread, stage

CLIENTS = (1, 16, 64)
SERIAL = itertools.count(1)


async def measured(made: Stage, seconds: float, quiet: bool) -> list[dict[str, object]]:
    await made.house()
    rows = []
    async with aiohttp.ClientSession(headers=BEARER, connector=aiohttp.TCPConnector(limit=0)) as session:
        await senders(session, made.internal, 4, 0.5, quiet)
        for clients in CLIENTS:
            waits = await senders(session, made.internal, clients, seconds, quiet)
            rows.append(spread(f"{clients} senders", waits, alarms_per_s=round(len(waits) / seconds)))
    return rows


async def senders(
    session: aiohttp.ClientSession, internal: str, clients: int, seconds: float, quiet: bool
) -> list[float]:
    """Each sends its next alarm when it has its yes; how long every one waited."""
    until, waits = time.time() + seconds, list[float]()

    async def one() -> None:
        while time.time() < until:
            waits.append(await send(session, internal, f"ingest-{next(SERIAL)}", quiet))

    await asyncio.gather(*(one() for _ in range(clients)))
    return waits


async def send(session: aiohttp.ClientSession, internal: str, name: str, quiet: bool) -> float:
    alarm = {"id": name, "device_serial": "one" if quiet else name, "event": "device_alarm", "alarm_class": "critical"}
    at = time.time()
    async with session.post(f"{internal}/v1/alarms", json=alarm) as answer:
        await answer.read()
        assert answer.status == 201, answer.status
        return time.time() - at


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--one-device", action="store_true", help="all alarms on one open case: no new pages")
    told = parser.parse_args()
    with stage() as made:
        rows = asyncio.run(measured(made, told.seconds, told.one_device))
    show("alarms in", rows, told.json)


if __name__ == "__main__":
    main()
