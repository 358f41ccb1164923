"""Four houses built the way such systems are often built, each wrong in one place, and the right one.

They exist to show that the power-cut suite sees what it must see: a test that passes on these would prove nothing.
Deliberately not here: anything the product uses.
"""

from __future__ import annotations

import asyncio
import heapq
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from oncall.adapters.journal.sqlite import SqliteJournal
from oncall.core.case.case import Case
from oncall.core.case.commands import Command, PassTime, RecordAttempt, RecordOutcome, TakeReport
from oncall.core.case.decide import Decide
from oncall.core.case.messages import Message, Outcome, Verdict
from oncall.service.desk import Desk
from oncall.service.dispatch import Dispatcher
from oncall.service.ports.journal import Written
from oncall.service.watch import Watch
from tests.crash.night import Parts


class SaysYesFirst(Desk):
    """Wrong against law 2: the sender of a report hears yes while the commit is still on its way."""

    async def take_all(self, commands: Sequence[Command], key: str | None = None) -> Written:
        if not isinstance(commands[0], TakeReport):
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
            if self._woken.is_set():
                continue
            self.resting = True
            try:
                await self._clock.sleep_until(self._in_mind[0][0] if self._in_mind else None, self._woken)
            finally:
                self.resting = False


class SplitsTheCommit(SqliteJournal):
    """Wrong against law 2: the entries are committed, and what is owed for them a moment later."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._one_at_a_time = asyncio.Lock()  # else it would put back what was sent meanwhile, and never rest

    async def write(self, commands: Sequence[Command], decide: Decide, key: str | None = None) -> Written:
        async with self._one_at_a_time:
            written = await super().write(commands, decide, key)
            owed = await self._submit(lambda connection: _taken_out(connection, written.case.id))
            await asyncio.sleep(0)
            await self._submit(lambda connection: _put_in(connection, owed))
            return written


def _taken_out(connection: sqlite3.Connection, case_id: str) -> list[Any]:
    rows = connection.execute("SELECT * FROM outbox WHERE case_id = ?", (case_id,)).fetchall()
    connection.execute("DELETE FROM outbox WHERE case_id = ?", (case_id,))
    return rows


def _put_in(connection: sqlite3.Connection, rows: list[Any]) -> None:
    connection.executemany("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?)", rows)


HOUSES = {
    "right": Parts(),
    "says yes first": Parts(desk=SaysYesFirst),
    "marks sent first": Parts(dispatcher=MarksSentFirst),
    "keeps deadlines in mind": Parts(watch=KeepsDeadlinesInMind),
    "splits the commit": Parts(journal=SplitsTheCommit),
}
