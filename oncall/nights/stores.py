"""The store of a rehearsed night: the in-memory twin, on a bad disk, in a house that may lose its power.

`BadDisk` is handed every call of one life. It refuses writes while it is told to, cuts the power before or after a
chosen commit, and once its house is dead it answers nobody: what a dead house still tries must change nothing.
Deliberately not here: keeping rows (the twin does) and what a cut does to the tasks of the house.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from oncall.adapters.journal.memory import MemoryJournal
from oncall.core.case.commands import Command
from oncall.core.case.decide import Decide
from oncall.nights.hours import Moment
from oncall.service.ports import JournalRefused, Written


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
        if not self._is_alive():
            raise PowerCut
        if (cut := self._trouble.falls(point)) is not None:
            self._cut(cut)
            raise PowerCut

    def __getattr__(self, name: str) -> Any:
        if not self._is_alive():
            raise PowerCut
        if self._trouble.is_silent():
            return _refused
        return getattr(self._real, name)


async def _refused(*args: Any, **more: Any) -> Any:
    raise JournalRefused("the database does not answer")
