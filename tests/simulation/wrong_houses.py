"""Houses that are each wrong in one law, to show that rehearsed nights see it: a run that passes on these proves
nothing. They are those of the power-cut suite, and one whose policy ends. Deliberately not here: anything of use.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from oncall.core.case import Case
from oncall.core.commands import Command, PassTime, RecordAttempt, RecordOutcome, TakeReport
from oncall.core.handbook import Handbook
from oncall.core.messages import Message, Outcome, Verdict
from oncall.nights.lives import Parts
from oncall.service.desk import Desk
from oncall.service.dispatch import Dispatcher
from oncall.service.ports import Written
from oncall.service.watch import Watch


class SaysYesFirst(Desk):
    """Wrong against law 2: the sender of a report hears yes while the commit is still on its way."""

    async def take_all(self, commands: Sequence[Command], key: str | None = None) -> Written:
        if not isinstance(commands[0], TakeReport) or commands[0].call:
            return await super().take_all(commands, key)
        self._later = asyncio.ensure_future(super().take_all(commands, key))
        answer: Mapping[str, Any] = {"case": "soon"}
        return Written((Case("soon"),), answer)


class MarksSentFirst(Dispatcher):
    """Wrong against law 5: the outcome is written before the carrier is asked."""

    async def send(self, message: Message) -> None:
        written = await self._desk.take(RecordAttempt(message.case, message.id, self._chance()))
        if not written.answer.get("owed"):
            return
        sure_to_work = Outcome(Verdict.ACCEPTED, None)
        await self._desk.take(RecordOutcome(message.case, message.id, sure_to_work))
        await self._hand_over(message, written)


class KeepsDeadlinesInMind(Watch):
    """Wrong against law 3: what is due is remembered by the process instead of being asked of the file."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._in_mind: list[tuple[datetime, str]] = []
        self._desk.listeners.append(self._remember)

    def _remember(self, written: Written) -> None:
        for case in written.cases:
            if case.due_at is not None:
                heapq.heappush(self._in_mind, (case.due_at, case.id))

    async def run(self) -> None:
        while True:
            self._woken.clear()
            while self._in_mind and self._in_mind[0][0] <= self._clock.now():
                _, case_id = heapq.heappop(self._in_mind)
                await self._desk.take(PassTime(case_id))
            if not self._woken.is_set():
                await self._clock.sleep_until(self._in_mind[0][0] if self._in_mind else None, self._woken)


def stops_after_the_last_step(handbook: Handbook) -> Handbook:
    """Wrong against law 6: everybody has been paged once, and that was it."""
    table = handbook.table
    ends = {"next_round": timedelta(days=99), "voice_again": timedelta(days=99)}
    policies = {name: replace(getattr(table, name), **ends) for name in ("emergency", "urgent")}
    return replace(handbook, table=replace(table, **policies))


SAYS_YES_FIRST = Parts(desk=SaysYesFirst)
MARKS_SENT_FIRST = Parts(dispatcher=MarksSentFirst)
KEEPS_DEADLINES_IN_MIND = Parts(watch=KeepsDeadlinesInMind)
