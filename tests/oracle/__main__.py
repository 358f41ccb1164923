"""Walks through years of random rotas in many zones and says every difference to the house's own answer.

usage: python -m tests.oracle [--zones 40] [--years 3] [--seed N] [--layers 1]
"""

from __future__ import annotations

import argparse
import sys
import time
from random import Random

from tests.oracle.compare import differences
from tests.oracle.wards import made_up, zones


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--zones", type=int, default=40)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layers", type=int, default=1, help="rotas made up for each zone")
    parser.add_argument("--only", help="one zone")
    told = parser.parse_args()
    asked = [one for one in zones(told.zones, Random(told.seed)) for _ in range(told.layers)]
    wrong, began = 0, time.monotonic()
    for n, (zone, year) in enumerate(asked):
        show(n, len(asked), zone, began)
        chance = Random(f"{told.seed} {n} {zone}")
        ward = made_up(zone, year, told.years, chance)
        if told.only in (None, zone):
            found = differences(ward, chance)
            wrong += bool(found)
            for difference in found:
                print(f"\r{zone} {year}, seed {told.seed}, number {n}: {difference}\n{ward}", flush=True)
    minutes = len(asked) * told.years * 365 * 1440
    print(
        f"\r{len(asked)} rotas in {len({zone for zone, _ in asked})} zones over {told.years} years, seed {told.seed}: "
        f"{wrong} with a difference ({minutes / 1e6:.0f} million minutes in {time.monotonic() - began:.0f} s)"
    )
    raise SystemExit(1 if wrong else 0)


def show(done: int, whole: int, zone: str, began: float) -> None:
    """A bar on a terminal; elsewhere a line for every fifth rota."""
    if not sys.stderr.isatty() and done % 5 == 0:
        print(f"{done} of {whole}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    elif sys.stderr.isatty():
        bar = "#" * (30 * done // whole)
        took = time.monotonic() - began
        print(f"\r[{bar:<30}] {done}/{whole} {took:.0f} s  {zone:<32}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
