"""How the carrier of a rehearsed night reaches the house: webhooks and status callbacks, and what faults make of them.

A house that is down hears nothing, a house that cannot store says so; any other failure of a webhook is a finding.
Deliberately not here: what the carrier tells (`town`, `exchange`).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oncall.adapters.rehearsal.faults import Fault, Faults
from oncall.core.case.messages import Channel, Message, Progress
from oncall.core.notices import is_notice
from oncall.nights.hours import NightClock, NightLoop
from oncall.nights.lives import Life
from oncall.nights.stores import PowerCut
from oncall.service.intake import CallIn
from oncall.service.ports.journal import JournalRefused
from oncall.service.telephone.placed_calls import UnknownCall

WRITTEN, REFUSED, DOWN, UNKNOWN = "written", "refused", "down", "unknown"


@dataclass(slots=True)
class Sent:
    """A text or call that the carrier took from us."""

    sid: str
    message: Message
    attempt: int
    at: datetime
    progress: Progress
    code: int | None = None


class Doors:
    """See the module. `house` is the life that runs now, if one does; `injected` counts the faults that struck."""

    def __init__(
        self,
        loop: NightLoop,
        clock: NightClock,
        faults: Faults,
        house: Callable[[], Life | None],
        injected: Counter[str],
    ) -> None:
        self._loop, self._clock, self.faults, self._house, self._injected = loop, clock, faults, house, injected
        self.failures: list[str] = []
        self._held_back: list[Callable[[], Awaitable[Any]]] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    async def knock(self, ask: Callable[[Life], Awaitable[Any]]) -> tuple[str, Any]:
        """One webhook: what the house answered, or that there was none, or that it could not."""
        life = self._house()
        if life is None:
            return DOWN, None
        try:
            return WRITTEN, await ask(life)
        except PowerCut:
            return DOWN, None
        except UnknownCall:
            return UNKNOWN, None
        except (JournalRefused, sqlite3.OperationalError):  # the real register's errors come untranslated
            return REFUSED, None
        except Exception as problem:  # around one webhook: whatever it was, it is a finding of this night
            self.failures.append(f"a webhook failed: {type(problem).__name__}: {problem}")
            return REFUSED, None

    async def tells(self, sent: Sent, progress: Progress, code: int | None = None) -> None:
        """A status callback, or what the faults make of it."""
        on: Any = "text" if sent.message.channel is Channel.SMS else "call"

        async def tell() -> None:
            await self.knock(lambda life: _progress(life, sent, progress, code))

        if self.takes(on, sent.message.to, "drop_callback"):
            return
        if fault := self.takes(on, sent.message.to, "delay_callback"):
            self.start(self._later(fault.seconds, tell))
            return
        if self.takes(on, sent.message.to, "swap_callbacks"):
            self._held_back.append(tell)
            return
        await tell()
        if self.takes(on, sent.message.to, "repeat_callback"):
            await tell()
        held, self._held_back = self._held_back, []
        for late in held:
            await late()

    async def _later(self, seconds: float, tell: Callable[[], Awaitable[None]]) -> None:
        await self._clock.sleep(seconds)
        await tell()

    def takes(self, on: Any, number: str, *kinds: Any) -> Fault | None:
        fault = self.faults.take(on, number, *kinds) if self.faults.ordered else None
        if fault is not None:
            self._injected[fault.kind] += 1
        return fault

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self.failures.append(f"the rehearsal itself failed: {type(problem).__name__}: {problem}")

    def ends(self) -> None:
        for task in self._tasks:
            task.cancel()


async def _progress(life: Life, sent: Sent, progress: Progress, code: int | None) -> None:
    message = sent.message
    if is_notice(message.id):
        await life.answers.progress(message.id, progress, sent.sid, code)
        return
    await life.telephone.progress(message.id, progress, sent.sid, code)
    if progress is Progress.COMPLETED and message.channel is Channel.VOICE:
        await life.telephone.ended(CallIn(sent.sid, message.to, "0"))
