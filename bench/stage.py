"""The stage of every benchmark: a real house in a process of its own, its carrier in another, figures in a table.

The house is the one that is served (system clock, SQLite with full sync, the official Twilio client); it is the very
program that the crash suite kills. Measuring happens from outside, by the clock that all processes of this machine
share. Deliberately not here: what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from oncall.adapters.clock import SystemClock
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.rehearsal.sample_ward import BRIDGE_TOKEN, LINE, OPERATOR, fill_sample
from oncall.config import Config, read_config
from oncall.stores import hospital_of

ROOT = Path(__file__).parents[1]
ACCOUNT, TOKEN = "AC" + "0" * 32, "token-of-the-bench"
SECRETS = {"BENCH_TWILIO_TOKEN": TOKEN}
BEARER = {"Authorization": f"Bearer {BRIDGE_TOKEN}"}
READY_WITHIN = 90.0  # on a machine that does much else
SERVED = "tests.crash.serve_for_crash"
Row = Mapping[str, Any]


@dataclass
class Stage:
    """One folder, three ports, two processes."""

    folder: Path
    carrier: str
    public: str
    internal: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.folder / "oncall.db"

    @property
    def config_path(self) -> Path:
        return self.folder / "config.yaml"

    def config(self) -> Config:
        return read_config(self.config_path, SECRETS)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A program of ours as its own process; its log goes to a file of the folder."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, stderr=log, stdout=log, env=self.environment()
            )
        self.processes.append(process)
        return process

    def environment(self) -> dict[str, str]:
        """Compiled programs are kept, as an installed house has them: compiling anew doubles a start."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return kept | SECRETS | {"PYTHONPYCACHEPREFIX": str(ROOT / "var" / "compiled")}

    def start_house(self, program: str = SERVED) -> subprocess.Popen[bytes]:
        return self.start(program, str(self.config_path))

    async def house(self, program: str = SERVED) -> subprocess.Popen[bytes]:
        """A started house that answers."""
        process = self.start_house(program)
        try:
            await answers(f"{self.internal}/healthz", process)
        except RuntimeError as problem:
            told = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"{problem}; its log ends:\n{told[-2000:]}") from None
        return process

    async def stamps(self) -> list[tuple[float, str, str]]:
        """When which message reached the carrier: instant, kind, message id."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.carrier}/stamps") as answer:
            return [(at, kind, message) for at, kind, message in await answer.json()]

    def end(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            process.wait()


@contextmanager
def stage() -> Iterator[Stage]:
    """A fresh folder with the sample ward in its register, and a carrier that answers."""
    silence_our_own_logs()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ports = free_ports(3)
        carrier, public, internal = (f"http://127.0.0.1:{port}" for port in ports)
        made = Stage(Path(folder), carrier, public, internal)
        made.config_path.write_text(config_text(made), encoding="utf-8")
        asyncio.run(_fill(made.config()))
        try:
            process = made.start("bench.carrier", str(ports[0]))
            asyncio.run(answers(f"{carrier}/stamps", process))
            yield made
        finally:
            made.end()


def silence_our_own_logs() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


async def _fill(config: Config) -> None:
    clock = SystemClock()
    assert config.database_path is not None
    register = SqliteRegister(config.database_path, hospital_of(config), clock)
    await fill_sample(register, clock.now())
    await register.close()


def config_text(made: Stage) -> str:
    return f"""\
hospital: {{name: Bench, zone: America/New_York, emergency_number: "911", operator: "{OPERATOR}"}}
public: {{url: {made.public}, bind: {made.public.removeprefix("http://")}}}
internal: {{url: {made.internal}, bind: {made.internal.removeprefix("http://")}}}
database: sqlite:///{made.database}
handbook: {{rules: {ROOT / "rules"}, rotations: {ROOT / "rotations"}}}
telephony:
  {{account: {ACCOUNT}, token: env:BENCH_TWILIO_TOKEN, api: {made.carrier}, line: "{LINE}",
   calls_per_second: 10000, messages_per_second: 10000}}
mode: training
"""


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [door.getsockname()[1] for door in doors]
    for door in doors:
        door.close()
    return ports


async def answers(url: str, process: subprocess.Popen[bytes]) -> float:
    """Wait until something answers there; when it did."""
    until = time.time() + READY_WITHIN
    async with aiohttp.ClientSession() as session:
        while time.time() < until and process.poll() is None:
            with suppress(aiohttp.ClientError, OSError):
                async with session.get(url) as answer:
                    await answer.read()
                    return time.time()
            await asyncio.sleep(0.005)
    raise RuntimeError(f"nothing answers at {url}; its process ended with {process.poll()}")


# --- figures ------------------------------------------------------------------------------------------------------


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed (nearest rank); not a number for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def marks(seconds: Sequence[float]) -> dict[str, Any]:
    """The two that a goal is set for, in milliseconds."""
    return {f"p{mark}_ms": round(percentile(seconds, mark / 100) * 1000, 1) for mark in (50, 99)}


def spread(name: str, seconds: Sequence[float], **more: Any) -> dict[str, Any]:
    """One row of a table in milliseconds."""
    marks = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    told = {f"{mark}_ms": round(percentile(seconds, share) * 1000, 1) for mark, share in marks.items()}
    return {"what": name, "n": len(seconds), **told, **more}


def processor_seconds(pid: int) -> float:
    """What the process has used so far, all threads, in user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> int:
    """Memory that the process holds now, in MB."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii").partition("VmRSS:")[2]
    return round(int(told.split()[0]) / 1024)


def arguments(about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def show(title: str, rows: Sequence[Row], as_json: bool) -> None:
    """The rows as a table, or as JSON with the machine's size beside them."""
    if as_json:
        print(json.dumps({"bench": title, "at": datetime.now(UTC).isoformat(), "cores": os.cpu_count(), "rows": rows}))
        return
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [[str(row.get(column, "")) for column in columns] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(columns, *cells, strict=True)]
    print(f"\n{title}  ({os.cpu_count()} cores, load {os.getloadavg()[0]:.1f})")
    for line in (columns, *cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
