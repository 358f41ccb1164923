"""One process holds a database, until it is told to end.

Deliberately not here: what it does meanwhile.
"""

from __future__ import annotations

import asyncio
import fcntl
import signal
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

from oncall.fitness import Refused


def hold_lock(folder: Path, stack: AsyncExitStack | ExitStack) -> None:
    """One process per database. Raises Refused when another one has it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "serve.lock").open("w")
    stack.callback(lock.close)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Refused(f"Another oncall process is using {folder}; stop it first.") from None


def told_to_end() -> asyncio.Event:
    """Set by Ctrl-C or a supervisor's SIGTERM; ask for it before the doors open, so that an early one closes too."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told.set)
    return told
