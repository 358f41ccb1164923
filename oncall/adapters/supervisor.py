"""What the service tells systemd: that its doors are open, and that it is alive.

One datagram to the socket that the unit gives us (sd_notify(3), `Type=notify`, `WatchdogSec=`); elsewhere nothing is
told. Deliberately not here: when it is alive (`loop_watch`).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


class Supervisor:
    """Without NOTIFY_SOCKET in the environment nobody listens."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._socket = environment.get("NOTIFY_SOCKET", "")

    def ready(self) -> None:
        """The doors are open."""
        self._tell(b"READY=1")

    def alive(self) -> None:
        """To be told at least twice in each WatchdogSec."""
        self._tell(b"WATCHDOG=1")

    def ending(self) -> None:
        self._tell(b"STOPPING=1")

    def _tell(self, word: bytes) -> None:
        if not self._socket:
            return
        address = f"\0{self._socket[1:]}" if self._socket.startswith("@") else self._socket
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            try:
                way.sendto(word, address)
            except OSError:  # a supervisor that does not listen is no reason to stop paging
                return
