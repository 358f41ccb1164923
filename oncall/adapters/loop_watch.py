"""A thread beside the event loop that notices when the loop stands still.

Everything here runs on one loop; a computation that does not end, or a disk that hangs, silences the whole line while
the process looks alive. The loop notes its beat; the thread looks at the note and, past the patience, has every
thread's place written down and ends the process, because whoever starts next goes on from the rows (law 3).
Deliberately not here: the restart (systemd's) and what is slow.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable

import structlog

EVERY = 0.5  # seconds between two beats
WORTH_A_LINE = 1.0  # seconds of lag
PATIENCE = 15.0
STOOD_STILL = 70  # exit status

log = structlog.get_logger("loop")


def end_the_process(still_for: float) -> None:
    """Places in the code go to the error stream, which carries no words of families."""
    sys.stderr.write(f"The event loop has stood still for {still_for:.0f} seconds; the process ends.\n")
    faulthandler.dump_traceback(all_threads=True)
    os._exit(STOOD_STILL)


class LoopWatch:
    """`beat` is called on the loop with every beat; `on_standstill` on the thread, with the seconds, once."""

    def __init__(
        self,
        beat: Callable[[], None] = lambda: None,
        on_standstill: Callable[[float], None] = end_the_process,
        patience: float = PATIENCE,
        every: float = EVERY,
    ) -> None:
        self._beat, self._on_standstill = beat, on_standstill
        self._patience, self._every = patience, every
        self._seen = self._expected = time.monotonic()
        self._ended = threading.Event()
        self._worst = 0.0

    def start(self) -> None:
        """On the running loop."""
        self._loop = asyncio.get_running_loop()
        self._seen = self._expected = time.monotonic()
        self._tick()
        threading.Thread(target=self._watch, name="loop-watch", daemon=True).start()

    def stop(self) -> None:
        self._ended.set()

    def worst_lag(self) -> float:
        """Seconds by which the latest beat came too late, the worst since this was last asked."""
        worst, self._worst = self._worst, 0.0
        return worst

    def _tick(self) -> None:
        if self._ended.is_set():
            return
        self._seen = time.monotonic()
        lag = max(0.0, self._seen - self._expected)
        self._worst = max(self._worst, lag)
        if lag > WORTH_A_LINE:
            log.error("the event loop stood still", seconds=round(lag, 1))
        self._expected = self._seen + self._every
        self._beat()
        self._loop.call_later(self._every, self._tick)

    def _watch(self) -> None:
        while not self._ended.wait(self._patience / 5):
            still_for = time.monotonic() - self._seen
            if still_for > self._patience:
                self._on_standstill(still_for)
                return
