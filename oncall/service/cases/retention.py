"""Closed cases are kept for the years that the hospital has set, and leave in three steps: seen, exported, purged.

Nothing is purged that does not stand, byte for byte, in a file that was written before and whose hash was shown. Each
case leaves a tombstone with the last hash of its chain (RULINGS 7). A run takes the longest closed first and no more
than a file can hold. Deliberately not here: recordings (30 days, `enclosures`), and where the files lie.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from oncall.core.wall_time import first_pass, wall
from oncall.service.ports.enclosures import EnclosureStore
from oncall.service.ports.journal import Journal, Tombstone
from oncall.service.ports.timepiece import Timepiece

MOST = 1000  # cases of one run
AT_ONCE = 50  # in one commit, so that no page waits for a purge


class NotPurged(Exception):
    """Nothing more was taken out; the sentence says why and what to do."""


class ExportFiles(Protocol):
    """Files of exported cases, a line for each. Raises OSError."""

    async def write(self, name: str, lines: Sequence[str]) -> str:
        """A new file; its SHA-256. Raises FileExistsError for one that is there."""
        ...

    async def read(self, name: str) -> tuple[str, list[str]]:
        """Its SHA-256 and its lines. Raises FileNotFoundError."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would take: cases closed before `before`. `is_cut`: there are more."""

    before: datetime
    cases: tuple[str, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Exported:
    name: str
    sha256: str
    cases: int


class Retention:
    """See the module. `note` keeps a line of the audit: who, and what."""

    def __init__(
        self,
        journal: Journal,
        enclosures: EnclosureStore,
        files: ExportFiles,
        clock: Timepiece,
        zone: str,
        years: int,
        note: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self.years = years
        self._journal, self._enclosures, self._files = journal, enclosures, files
        self._clock, self._zone, self._note = clock, zone, note

    def latest(self) -> datetime:
        """Cases that were closed since then stay."""
        day = wall(self._clock.now(), self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        leap = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
        return first_pass(leap.replace(year=leap.year - self.years), self._zone)

    async def plan(self, before: datetime | None = None) -> Plan:
        """Raises NotPurged for a day that is too young."""
        before = before or self.latest()
        if before > self.latest():
            raise NotPurged(
                f"Closed cases are kept for {self.years} years (retention_years in config.yaml): "
                f"give a day up to {wall(self.latest(), self._zone).date()}."
            )
        found = await self._journal.closed_before(before, MOST + 1)
        return Plan(before, tuple(found[:MOST]), len(found) > MOST)

    async def export(self, name: str, by: str, before: datetime | None = None) -> Exported:
        """Write what a purge would take; nothing is purged. Raises NotPurged."""
        plan = await self.plan(before)
        if not plan.cases:
            raise NotPurged("No closed case is that old.")
        lines = [await self._journal.exported(case) for case in plan.cases]
        try:
            sha256 = await self._files.write(name, lines)
        except FileExistsError:
            raise NotPurged(f"{name} is there already: give another name.") from None
        except OSError as problem:
            raise NotPurged(f"{name} could not be written ({problem.strerror}).") from None
        await self._note(by, f"{len(lines)} closed cases exported to {name}, SHA-256 {sha256}")
        return Exported(name, sha256, len(lines))

    async def look(self, name: str) -> Exported:
        """An export as it lies there. Raises NotPurged."""
        sha256, lines = await self._read(name)
        return Exported(name, sha256, len(lines))

    async def purge(self, name: str, sha256: str, by: str, before: datetime | None = None) -> list[Tombstone]:
        """Take out what stands in this export. Raises NotPurged, and then nothing or whole cases are gone."""
        plan = await self.plan(before)
        found, lines = await self._read(name)
        if found != sha256:
            raise NotPurged(f"{name} is not the file whose hash was shown: export again.")
        kept, cases = set(lines), plan.cases
        stones: list[Tombstone] = []
        for start in range(0, len(cases), AT_ONCE):
            stones += await self._purge_some(cases[start : start + AT_ONCE], kept, sha256, by)
        if not stones:
            raise NotPurged(f"Nothing in {name} can be purged now: export again.")
        await self._note(by, f"{len(stones)} closed cases purged; they are in {name}, SHA-256 {sha256}")
        return stones

    async def _purge_some(self, cases: Sequence[str], kept: set[str], sha256: str, by: str) -> list[Tombstone]:
        """A case to which anything was added since it was exported stays."""
        whole = [case for case in cases if await self._journal.exported(case) in kept]
        for case_id in whole:
            case = await self._journal.case(case_id)
            for enclosure in case.enclosures if case else ():
                await self._enclosures.forget(enclosure.what.id)
        return await self._journal.purge(whole, by, sha256)

    async def last(self, limit: int) -> list[Tombstone]:
        return await self._journal.tombstones(limit)

    async def _read(self, name: str) -> tuple[str, list[str]]:
        try:
            return await self._files.read(name)
        except OSError:
            raise NotPurged(f"There is no export {name}: export first.") from None
