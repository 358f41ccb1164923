"""The two registers that one contract suite is run over: in memory and on SQLite."""

from __future__ import annotations

from pathlib import Path

from oncall.adapters.clock import VirtualClock
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.core.people import Hospital

BOTH = ("memory", "sqlite")


def register_in(kind: str, folder: Path, hospital: Hospital, clock: VirtualClock) -> KeptRegister:
    """One of BOTH; to be closed by whoever asked for it."""
    if kind == "memory":
        return MemoryRegister(hospital, clock)
    return SqliteRegister(folder / "oncall.db", hospital, clock)
