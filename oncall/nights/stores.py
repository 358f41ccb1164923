"""The stores of a rehearsed night: the in-memory twins, on a bad disk, in a house that may lose its power.

`BadDisk` is the journal and `BadShelves` the register as one life has them. They refuse writes while they are told to,
cut the power before or after a chosen commit or before a read, and once their house is dead they answer nobody: what a
dead house still tries must change nothing. Deliberately not here: keeping rows (the twins do) and what a cut does to
the tasks of the house.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.register.store import Result, Store, Work
from oncall.core.case.commands import Command
from oncall.core.case.decide import Decide
from oncall.nights.hours import Moment
from oncall.service.ports.journal import JournalRefused, Written


class PowerCut(BaseException):
    """The house is dead; not an Exception, so that nothing in it can go on."""


@dataclass(slots=True)
class Cut:
    """Where the power fails: the `left`-th passing of `point` from now."""

    point: str
    left: int
    down: float


@dataclass(slots=True)
class Trouble:
    """What is wrong with disk and power, shared by all lives of a night. `refuses_until` and `silent_until` are in the
    night's own seconds: a full disk refuses writes, a broken one reads as well."""

    time: Callable[[], float]
    cuts: list[Cut] = field(default_factory=list)
    refuses_until: float = -1.0
    silent_until: float = -1.0
    refuse_next: int = 0
    last_refusal: float = -1.0

    def refuses(self) -> bool:
        now = self.time()
        if now < self.refuses_until or now < self.silent_until or self.refuse_next > 0:
            self.refuse_next = max(self.refuse_next - 1, 0)
            self.last_refusal = now
            return True
        return False

    def is_silent(self) -> bool:
        if self.time() < self.silent_until:
            self.last_refusal = self.time()
            return True
        return False

    def falls(self, point: str) -> Cut | None:
        """The cut that strikes at this passing of `point`, if one does."""
        for cut in self.cuts:
            if cut.point == point:
                cut.left -= 1
                if cut.left <= 0:
                    self.cuts.remove(cut)
                    return cut
        return None


def passes(point: str, trouble: Trouble, is_alive: Callable[[], bool], cut: Callable[[Cut], None]) -> None:
    """One passing of a point at which the power may fail, by a house that lives."""
    if not is_alive():
        raise PowerCut
    if (falling := trouble.falls(point)) is not None:
        cut(falling)
        raise PowerCut


class Fence:
    """Anything of the outside as a house sees it, as long as it lives."""

    def __init__(self, real: Any, is_alive: Callable[[], bool]) -> None:
        self._real, self._is_alive = real, is_alive

    def __getattr__(self, name: str) -> Any:
        if not self._is_alive():
            raise PowerCut
        return getattr(self._real, name)


class BadDisk:
    """A Journal. `cut` ends the house; `seen` is told of every commit."""

    def __init__(
        self,
        real: MemoryJournal,
        trouble: Trouble,
        is_alive: Callable[[], bool],
        cut: Callable[[Cut], None],
        seen: Callable[[Written], None],
    ) -> None:
        self._real, self._trouble, self._is_alive = real, trouble, is_alive
        self._cut, self._seen = cut, seen

    async def write(self, commands: Sequence[Command], decide: Decide, key: str | None = None) -> Written:
        await Moment()  # as the hop to the writer's thread: others go on meanwhile
        self._passes("before commit")
        if self._trouble.refuses():
            raise JournalRefused("the disk is full")
        written = await self._real.write(commands, decide, key)
        self._seen(written)
        self._passes("after commit")
        await Moment()
        if not self._is_alive():
            raise PowerCut
        return written

    def _passes(self, point: str) -> None:
        passes(point, self._trouble, self._is_alive, self._cut)

    def __getattr__(self, name: str) -> Any:
        self._passes("reading")
        if self._trouble.is_silent():
            return _refused
        return getattr(self._real, name)


class BadShelves:
    """A Store of the register's rows. It refuses in the words of the real one, whose errors nobody translates."""

    def __init__(self, real: Store, trouble: Trouble, is_alive: Callable[[], bool], cut: Callable[[Cut], None]) -> None:
        self._real, self._trouble, self._is_alive, self._cut = real, trouble, is_alive, cut

    async def read(self, work: Work[Result]) -> Result:
        self._passes("reading")
        if self._trouble.is_silent():
            raise sqlite3.OperationalError("database is locked")
        return await self._real.read(work)

    async def write(self, work: Work[Result]) -> Result:
        await Moment()
        self._passes("before keeping")
        if self._trouble.refuses():
            raise sqlite3.OperationalError("database or disk is full")
        result = await self._real.write(work)
        self._passes("after keeping")
        await Moment()
        if not self._is_alive():
            raise PowerCut
        return result

    async def close(self) -> None:
        return None

    def _passes(self, point: str) -> None:
        passes(point, self._trouble, self._is_alive, self._cut)


async def _refused(*args: Any, **more: Any) -> Any:
    raise JournalRefused("the database does not answer")
