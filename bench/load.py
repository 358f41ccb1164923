"""The house under load, in one table: what it takes, how soon it pages, how late it is, what it costs.

The house is `oncall serve` in a process of its own, the carrier another, and the senders a third; every group of rows
has a fresh house. An alarm opens a case of its own (triage, decision, pages, deadline, outbox, all committed before
its 201) unless the row says otherwise, and its pages go out meanwhile. Beside it stands the same listener with a
handler that does nothing. `cpu_ms` is processor time of the house per alarm; it says more than the rates when other
work runs on the machine. Deliberately not here: what a figure should be in a hospital, where an hour has few alarms.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bench import deadlines, restart, triage, watchers
from bench.deadlines import until_quiet
from bench.senders import Line, by_the_clock, in_a_row, lines, post
from bench.serve_measured import EMPTY
from bench.stage import ROOT, Stage, arguments, marks, processor_seconds, resident_mb, show, stage
from oncall.adapters.handbook.files import load_handbook

MEASURED = "bench.serve_measured"
SERIAL = itertools.count(1)
DEVICES = 64  # open cases that the alarms of the "open case" rows are about
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; the quick form only shows that nothing has become ten times worse."""

    connections: tuple[int, ...] = (1, 16, 64, 256)
    seconds: float = 4
    rates: tuple[float, ...] = (4, 50, 500)
    rated_for: float = 8
    open_cases: tuple[int, ...] = (1_000, 10_000, 100_000)
    steps: int = 300
    burst: int = 100
    kills: int = 4
    restart_open: int = 10_000
    boards: int = 200
    board_alarms: int = 20
    lines: int = 10_000


QUICK = Size(
    connections=(64,),
    seconds=1.5,
    rates=(4, 50),
    rated_for=3,
    open_cases=(),
    kills=1,
    restart_open=300,
    boards=50,
    board_alarms=5,
    lines=2_000,
)
ACCEPTED, IDLE_MS, BUSY_MS, LATE_MS, RESTART_S, MB = 2_000, 50, 250, 50, 1.0, 200


# --- taking alarms -------------------------------------------------------------------------------------------------


def empty() -> bytes:
    return post(EMPTY, alarm("nobody"))


def of_a_new_case() -> bytes:
    return post("/v1/alarms", alarm(f"load-{next(SERIAL)}"))


def of_an_open_case() -> bytes:
    number = next(SERIAL)
    return post("/v1/alarms", alarm(f"known-{number}", f"known-{number % DEVICES}"))


def alarm(name: str, device: str = "") -> dict[str, str]:
    told = {"id": name, "device_serial": device or name, "event": "device_alarm", "alarm_class": "critical"}
    return told | {"alarm_reason": "stopped_pump_over_48h"}


async def accepted(made: Stage, connections: int, seconds: float) -> list[Row]:
    """One house; the empty handler first, then open cases, then new ones, with its memory before and after."""
    house = await made.house(MEASURED)
    async with lines(made.internal, connections) as senders:
        for kind in (empty, of_an_open_case, of_a_new_case):
            await in_a_row(senders[:4], 0.4, kind)
        await until_quiet(made)
        rest = resident_mb(house.pid)
        nothing, nothing_rate = await _cell(
            f"{connections} connections, empty handler", senders, seconds, empty, house.pid
        )
        rows = [nothing]
        for name, kind in (("about open cases", of_an_open_case), ("each a new case", of_a_new_case)):
            row, rate = await _cell(f"{connections} connections, {name}", senders, seconds, kind, house.pid)
            goal = f">= {ACCEPTED}/s" if connections == 64 else ""
            rows.append(row | {"of_empty": round(rate / nothing_rate, 3), "goal": goal})
    memory = {
        "what": f"memory at rest -> after it, {connections} connections",
        "mb": f"{rest} -> {resident_mb(house.pid)}",
    }
    return [*rows, memory | {"goal": f"< {MB} MB"}]


async def _cell(
    what: str, senders: list[Line], seconds: float, kind: Callable[[], bytes], pid: int
) -> tuple[Row, float]:
    spent, began = processor_seconds(pid), time.perf_counter()
    waits = await in_a_row(senders, seconds, kind)
    took = time.perf_counter() - began
    each = (processor_seconds(pid) - spent) / len(waits)
    row = {"what": what, "n": len(waits), "per_s": round(len(waits) / took), **marks(waits)}
    return row | {"cpu_ms": round(each * 1000, 2)}, len(waits) / took


# --- alarm to provider -----------------------------------------------------------------------------------------------


async def paged(made: Stage, rate: float, seconds: float, idle: bool) -> list[Row]:
    """From the instant an alarm was meant to be sent to the carrier's receipt of the first request for its case."""
    house = await made.house(MEASURED)
    async with lines(made.internal, 256) as senders:
        await by_the_clock(senders, 10, 5, of_a_new_case)
        spent = processor_seconds(house.pid)
        sent = await by_the_clock(senders, rate, max(int(rate * seconds), 8), of_a_new_case)
        await until_quiet(made)
        spent = processor_seconds(house.pid) - spent
    first: dict[str, float] = {}
    for at, _, message in await made.stamps():
        first.setdefault(message.split(".")[0], at)
    missing = sum(one.case not in first for one in sent)
    assert not missing, f"{missing} alarms brought no page"
    row: Row = {"what": f"alarm -> carrier asked, {'idle' if idle else f'{rate:g} alarms/s'}", "n": len(sent)}
    goal = f"p99 < {IDLE_MS if idle else BUSY_MS} ms"
    cpu = {"cpu_ms": round(spent / len(sent) * 1000, 2)}
    return [row | marks([first[one.case] - one.at for one in sent]) | cpu | {"goal": goal}]


# --- everything, one after the other -------------------------------------------------------------------------------


def all_rows(size: Size) -> list[Row]:
    """Every group on a stage of its own, so that none has the open cases of another."""
    rows: list[Row] = []
    for connections in size.connections:
        rows += _staged(lambda made, n=connections: accepted(made, n, size.seconds))
    for rate in size.rates:
        rows += _staged(lambda made, rate=rate: paged(made, rate, size.rated_for, rate == size.rates[0]))
    for count in size.open_cases:
        rows += _staged(lambda made, count=count: lateness(made, count, size))
    rows += _staged(lambda made: restarted(made, size))
    rows += _staged(lambda made: watchers.measured(made, size.boards, size.board_alarms))
    triaged = triage.measured(load_handbook(ROOT / "rules", ROOT / "rotations"), size.lines)[0]
    return [*rows, {"what": "messages of triage, one core", "n": size.lines, "per_s": triaged["lines_per_s"]}]


def _staged(group: Callable[[Stage], Coroutine[Any, Any, list[Row]]]) -> list[Row]:
    """A group that could not be measured says so in its row; the others go on."""
    try:
        with stage() as made:
            return asyncio.run(group(made))
    except (AssertionError, RuntimeError, OSError) as problem:
        return [{"what": f"not measured: {str(problem).splitlines()[0]}"}]


async def lateness(made: Stage, count: int, size: Size) -> list[Row]:
    row = (await deadlines.measured(made, count, size.steps, size.burst))[0]
    figures = {mark: row[mark] for mark in ("n", "p50_ms", "p99_ms")}
    goal = f"p99 < {LATE_MS} ms" if count == max(size.open_cases) else ""
    return [{"what": f"deadline -> carrier asked, {count:,} open cases", **figures, "goal": goal}]


async def restarted(made: Stage, size: Size) -> list[Row]:
    """With few kills the worst stands for the p99."""
    row = (await restart.measured(made, size.kills, size.kills * 4 + 4, size.restart_open))[0]
    figures = {"n": size.kills, "p50_ms": float(str(row["p50_s"])) * 1000, "p99_ms": float(str(row["max_s"])) * 1000}
    what = f"killed -> next due page, {size.restart_open:,} open cases"
    return [{"what": what, **figures, "goal": f"< {RESTART_S:g} s"}]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--quick", action="store_true", help="a minute instead of ten: fewer of everything")
    told = parser.parse_args()
    show("load", all_rows(QUICK if told.quick else Size()), told.json)


if __name__ == "__main__":
    main()
