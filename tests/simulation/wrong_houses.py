"""Houses that are each wrong in one law, to show that rehearsed nights see it: a run that passes on these proves
nothing. They are those of the power-cut suite as a night needs them, and one whose policy ends. Deliberately not here:
anything of use.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from oncall.core.case.commands import Command, PassTime, TakeReport
from oncall.core.handbook import Handbook
from oncall.nights.lives import Parts
from oncall.service.desk import Desk
from oncall.service.ports.journal import Written
from tests.crash import wrong_houses as cut


class SaysYesFirst(cut.SaysYesFirst):
    """The same, but for a call: its next words come from the case, and nobody can make those up."""

    async def take_all(self, commands: Sequence[Command], key: str | None = None) -> Written:
        if isinstance(commands[0], TakeReport) and commands[0].call:
            return await Desk.take_all(self, commands, key)
        return await super().take_all(commands, key)


class KeepsDeadlinesInMind(cut.KeepsDeadlinesInMind):
    """The same on a night's clock, which needs no word of when the loop rests."""

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
MARKS_SENT_FIRST = Parts(dispatcher=cut.MarksSentFirst)
KEEPS_DEADLINES_IN_MIND = Parts(watch=KeepsDeadlinesInMind)
