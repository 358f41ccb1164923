"""The duty desk: the only door through which anything changes.

Every command, from a webhook, a clock, a page or a sender, comes through `take`; it is decided and committed, and
then whoever waits for new work is woken. If our own code fails on a report or a clock, the blind decision is written
instead (law 1). Deliberately not here: what a command does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from oncall.core.case.blind import decide_blind
from oncall.core.case.case import Case
from oncall.core.case.commands import Command
from oncall.core.case.decide import Decision, decide
from oncall.core.case.facts import Facts
from oncall.service.ports.journal import HandbookSource, Journal, Written

log = structlog.get_logger("desk")


class Desk:
    """See the module. `listeners` are told about every write, after its commit."""

    def __init__(self, journal: Journal, handbooks: HandbookSource) -> None:
        self.journal = journal
        self.handbooks = handbooks
        self.under_way = 0
        self.listeners: list[Callable[[Written], None]] = []
        self._events: list[asyncio.Event] = []

    def wakes(self, event: asyncio.Event) -> None:
        """Set `event` after every write."""
        self._events.append(event)

    async def take(self, command: Command, key: str | None = None) -> Written:
        return await self.take_all((command,), key)

    async def take_all(self, commands: Sequence[Command], key: str | None = None) -> Written:
        """One delivery, one commit. Raises JournalRefused when the store cannot take it."""
        self.under_way += 1
        try:
            written = await self.journal.write(commands, self._decide, key)
        finally:
            self.under_way -= 1
        self._tell(written)
        return written

    def _decide(self, case: Case, command: Command, at: datetime, facts: Facts) -> Decision:
        handbook = self.handbooks.current()
        try:
            return decide(case, command, at, facts, handbook)
        except Exception as problem:  # around one case: our bug must not become a silence (law 1)
            reason = f"{type(problem).__name__} in {type(command).__name__}"
            log.error("decision failed", case=case.id, reason=reason, exc_info=problem)
            blind = decide_blind(case, command, at, facts, handbook, reason)
            if blind is None:
                raise
            return blind

    def _tell(self, written: Written) -> None:
        if written.entries:
            kinds = [type(recorded.entry).__name__ for recorded in written.entries]
            log.info("entries", case=written.case.id, seq=written.entries[0].seq, kinds=kinds)
        for event in self._events:
            event.set()
        for listener in self.listeners:
            listener(written)
