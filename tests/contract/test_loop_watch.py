"""A loop that stands still is noticed by the thread beside it; a loop that turns is not disturbed."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path

from oncall.adapters.loop_watch import STOOD_STILL, LoopWatch
from oncall.adapters.supervisor import Supervisor

STANDS_STILL = """
import asyncio, time
from oncall.adapters.loop_watch import LoopWatch

async def main():
    LoopWatch(patience=0.3, every=0.05).start()
    await asyncio.sleep(0.1)
    time.sleep(5)

asyncio.run(main())
"""


async def test_a_loop_that_turns_beats_and_ends_nothing() -> None:
    beats, ended = [], []
    watch = LoopWatch(lambda: beats.append(1), ended.append, patience=0.5, every=0.01)
    watch.start()
    await asyncio.sleep(0.7)
    watch.stop()
    assert len(beats) > 5
    assert ended == []


async def test_the_worst_lag_is_told_once() -> None:
    watch = LoopWatch(every=0.01, patience=60)
    watch.start()
    await asyncio.sleep(0.03)
    watch.worst_lag()
    time.sleep(0.3)  # noqa: ASYNC251 - this is the standstill
    await asyncio.sleep(0.03)
    assert watch.worst_lag() > 0.2
    assert watch.worst_lag() < 0.2
    watch.stop()


def test_a_loop_that_stands_still_ends_the_process_and_says_where() -> None:
    done = subprocess.run([sys.executable, "-c", STANDS_STILL], capture_output=True, text=True, timeout=30)
    assert done.returncode == STOOD_STILL
    assert "The event loop has stood still" in done.stderr
    assert "in main" in done.stderr


def test_the_supervisor_hears_that_the_doors_are_open_and_that_we_live(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        supervisor = Supervisor({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        supervisor.ready()
        supervisor.alive()
        supervisor.ending()
        assert [systemd.recv(99) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_a_supervisor_nobody_is_told_and_nothing_breaks(tmp_path: Path) -> None:
    Supervisor({}).alive()
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "gone")}).alive()
