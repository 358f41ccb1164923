"""A bad night of the provider: 200 contacts while it loses, delays, doubles, reorders, lies, fails and is gone.

On the virtual clock, against the training ground's carrier, whose faults are drawn from a seed; five minutes of it the
carrier is down altogether. Counted: contacts that left no trace with us, emergencies no page of which reached a
telephone (both must be 0), what only the carrier's lists told us, and the wait for the first page on a telephone,
counted from the end of the outage for contacts that fell into it. A fault is ordered just before the contact it stands
beside and strikes the next thing it fits, so a few strike later ones. Goal: every emergency within 90 s.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from bench.stage import arguments, percentile, show, silence_our_own_logs
from tests.support.provider_night import FAULTS, Contact, Night, provider_night

GOAL_S = 90


def rows(night: Night) -> Iterator[dict[str, Any]]:
    for fault in FAULTS:
        yield row(fault, night, [c for c in night.contacts if c.fault == fault and not night.in_outage(c)])
    yield row("carrier down 5 min", night, [c for c in night.contacts if night.in_outage(c)])
    yield row("all", night, night.contacts)


def row(fault: str, night: Night, contacts: list[Contact]) -> dict[str, Any]:
    emergencies = [c for c in night.emergencies if c in contacts]
    waits = night.waits(emergencies)
    return {
        "fault": fault,
        "contacts": len(contacts),
        "lost": sum(c in night.lost for c in contacts),
        "emergencies": len(emergencies),
        "unpaged": sum(c in night.unpaged for c in emergencies),
        "page_p50_s": round(percentile(waits, 0.5), 1),
        "page_max_s": round(percentile(waits, 1.0), 1),
    }


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--second-route", action="store_true")
    told = parser.parse_args()
    silence_our_own_logs()
    began = time.monotonic()
    night = asyncio.run(provider_night(told.count, told.seed, told.second_route))
    table = list(rows(night))
    show(f"provider faults, seed {told.seed}, emergencies within {GOAL_S} s", table, told.json)
    if not told.json:
        found = ", ".join(f"{count} {kind}s" for kind, count in sorted(night.recovered.items()))
        print(f"found in the carrier's lists: {found}; run in {time.monotonic() - began:.0f} s")
    late = max(night.waits(night.emergencies), default=0) > GOAL_S
    raise SystemExit(1 if night.lost or night.unpaged or night.doubled or late else 0)


if __name__ == "__main__":
    main()
