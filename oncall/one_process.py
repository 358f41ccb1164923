"""One process holds a database and its two doors, until it is told to end.

Deliberately not here: what it does meanwhile.
"""

from __future__ import annotations

import asyncio
import fcntl
import signal
import socket
from contextlib import AsyncExitStack, ExitStack
from ipaddress import ip_address
from pathlib import Path

from oncall.config import Config
from oncall.fitness import Refused

WAITING = 128  # connections that may wait for a door to open


def hold_lock(folder: Path, stack: AsyncExitStack | ExitStack) -> None:
    """One process per database. Raises Refused when another one has it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "serve.lock").open("w")
    stack.callback(lock.close)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Refused(f"Another oncall process is using {folder}; stop it first.") from None


def held_door(bind: str, stack: AsyncExitStack) -> socket.socket | None:
    """host:port bound: from here on whoever knocks waits until the door opens instead of being refused. None for a
    host told by name, whose addresses are bound when it opens. Raises Refused when the port is taken."""
    host, _, port = bind.rpartition(":")
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return None
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        door = socket.create_server((str(address), int(port)), family=family, backlog=WAITING)
    except OSError:
        raise in_use(bind) from None
    stack.callback(door.close)
    return door


def in_use(bind: str) -> Refused:
    return Refused(f"{bind} is in use; stop what listens there or change config.yaml.")


def refuse_beyond_loopback(config: Config) -> None:
    """The internal pages, unless the configuration says otherwise in so many words."""
    host = config.internal.bind.rpartition(":")[0].strip("[]")
    try:
        safe = config.internal.beyond_loopback or host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        safe = False
    if not safe:
        raise Refused(
            f"The internal pages speak plain HTTP and may only listen on this machine, not on {host}. Bind them to "
            "127.0.0.1, or set internal.beyond_loopback: true if something that speaks HTTPS stands before them."
        )


def told_to_end() -> asyncio.Event:
    """Set by Ctrl-C or a supervisor's SIGTERM; ask for it before the doors open, so that an early one closes too."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told.set)
    return told
