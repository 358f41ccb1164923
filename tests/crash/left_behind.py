"""A database as a killed house leaves it, with what had been acknowledged, and what is found when it is opened again.

Copied while its connections are open and at rest: the same bytes that SIGKILL leaves. Deliberately not here: damage.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from oncall.adapters.clock import VirtualClock
from oncall.adapters.journal.sqlite import SqliteJournal
from oncall.adapters.migrations import DatabaseRefused
from oncall.adapters.put_back import RestoreMark
from oncall.adapters.register.reading import reads_for
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.rehearsal.sample_ward import fill_sample
from oncall.core.case.case import Arrival, Case
from oncall.core.case.commands import Command, TakeReport
from oncall.core.case.decide import Decision, decide
from oncall.core.case.facts import Facts
from oncall.core.reports import Finding, Heard, Report, Source
from oncall.service.line.lost import Lost
from tests.crash.night import BEGINS, HOSPITAL, handbook

SIGNS = (Finding("itching", Heard.PRESENT, "itchy"), Finding("tight_muscles", Heard.PRESENT, "stiff"))


@dataclass
class Stores:
    """An open register and journal on one file; `deaths` has a word for each time the process would have ended."""

    path: Path
    register: SqliteRegister
    journal: SqliteJournal
    deaths: list[str]

    async def take(self, place: int) -> str:
        """A text of a stranger of its own; the case that was acknowledged."""
        number = f"+1617555{place:04d}"
        report = Report(f"r{place}", Source.TEXT, BEGINS, "so itchy and stiff", number)
        command = TakeReport(report, f"phone:{number}", Arrival.TEXT, SIGNS, number=number)
        return (await self.journal.write((command,), decided, f"text:{place}")).case.id


def decided(case: Case, command: Command, at: datetime, facts: Facts) -> Decision:
    return decide(case, command, at, facts, handbook())


async def open_stores(path: Path, stack: AsyncExitStack) -> Stores:
    clock, deaths = VirtualClock(BEGINS), list[str]()
    register = SqliteRegister(path, HOSPITAL, clock)
    stack.push_async_callback(register.close)
    journal = SqliteJournal(path, reads_for(HOSPITAL), clock.now, on_death=lambda: deaths.append("dead"))
    stack.push_async_callback(journal.close)
    return Stores(path, register, journal, deaths)


async def leave(folder: Path, reports: int, checkpointed_after: int = 0) -> list[str]:
    """A killed house's files under `folder`/oncall.db, its last `reports` acknowledged texts still in the log."""
    working = folder / "working"
    async with AsyncExitStack() as stack:
        stores = await open_stores(working / "oncall.db", stack)
        await fill_sample(stores.register, BEGINS)
        early = [await stores.take(1000 + place) for place in range(checkpointed_after)]
        with sqlite3.connect(stores.path) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.close()
        acknowledged = [await stores.take(place) for place in range(reports)]
        for file_left in ("oncall.db", "oncall.db-wal", "oncall.db-last"):
            shutil.copy(working / file_left, folder / file_left)
    belongs_to(folder / "oncall.db")
    return early + acknowledged


def belongs_to(path: Path) -> None:
    """Let the note name this copy, as if the killed house had written to it."""
    note, log = path.with_name("oncall.db-last"), path.with_name("oncall.db-wal")
    own = {"inode": path.stat().st_ino, "log": log.stat().st_ino if log.exists() else 0}
    note.write_text(json.dumps(json.loads(note.read_text()) | own))


def copy_of(left: Path, folder: Path) -> Path:
    """The whole set again, to be damaged."""
    folder.mkdir(parents=True, exist_ok=True)
    for ending in ("", "-wal", "-last"):
        shutil.copy(left / f"oncall.db{ending}", folder / f"oncall.db{ending}")
    belongs_to(folder / "oncall.db")
    return folder / "oncall.db"


@dataclass(frozen=True)
class Found:
    """What a house that was started on the file makes of it."""

    refused: str | None = None
    cases: frozenset[str] = frozenset()
    faults: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()

    def is_honest(self, acknowledged: list[str]) -> bool:
        """Everything is there, or somebody is told."""
        return bool(self.refused or self.faults or self.lost) or self.cases >= set(acknowledged)


def open_again(path: Path) -> Found:
    return asyncio.run(_found(path))


async def _found(path: Path) -> Found:
    try:
        async with AsyncExitStack() as stack:
            stores = await open_stores(path, stack)
            lost, faults = RestoreMark(path.parent).lost(), tuple(await stores.journal.audit())
            if faults:
                return Found(faults=faults, lost=lost)
            return Found(cases=frozenset(case.id for case in await stores.journal.open_cases()), lost=lost)
    except (DatabaseRefused, sqlite3.DatabaseError) as refused:
        return Found(refused=str(refused))
