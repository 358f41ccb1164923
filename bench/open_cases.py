"""Fills a database with open cases, by the shipped decisions, at instants of the caller's choosing.

Waiting cases are office requests, each with a task clock far away. Climbing cases are emergencies whose first page the
carrier took three minutes before a chosen instant, so that exactly then the next tier must be paged. Deliberately not
here: any row written by hand; everything goes through the journal's own door.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from oncall.adapters.clock import SystemClock
from oncall.adapters.handbook.files import load_handbook
from oncall.adapters.handbook.store import publish_folders
from oncall.adapters.journal.sqlite import SqliteJournal
from oncall.adapters.register.reading import reads_for
from oncall.config import Config
from oncall.core.case.case import Arrival, Case
from oncall.core.case.commands import Command, PassTime, RecordAttempt, RecordOutcome, TakeReport
from oncall.core.case.decide import Decision, decide
from oncall.core.case.facts import Facts
from oncall.core.case.messages import Outcome, Verdict
from oncall.core.reports import Finding, Heard, Report, Source
from oncall.core.triage.rulebook import draw_from_alarm, draw_from_words
from oncall.service.ports.journal import Written
from oncall.stores import hospital_of

RING, STEP = timedelta(seconds=90), timedelta(minutes=3)
ALARM = {"event": "device_alarm", "alarm_class": "critical", "alarm_reason": "stopped_pump_over_48h"}
OFFICE = "Please send me a copy of the bill for our last appointment, thank you"
TOGETHER = 400  # deliveries at once: they share a commit


class Filler:
    """An open journal; every command is decided as of an instant that is given with it."""

    def __init__(self, config: Config) -> None:
        assert config.database_path is not None
        self._config = config
        self.handbook = load_handbook(config.handbook.rules, config.handbook.rotations)
        self._clock = SystemClock()
        self._journal = SqliteJournal(config.database_path, reads_for(hospital_of(config)), self._clock.now)

    async def publish(self) -> None:
        """The first edition, as a house that has been open before has it."""
        folders = self._config.handbook
        await publish_folders(self._journal, self._clock, folders.rules, folders.rotations, "bench")

    async def waiting(self, count: int) -> None:
        """Office requests of unknown numbers."""
        drawn = draw_from_words([OFFICE], self.handbook.rulebook, language_hint=None)
        now = self._clock.now()
        for start in range(0, count, TOGETHER):
            names = range(start, min(start + TOGETHER, count))
            await asyncio.gather(*(self._take(f"w{n}", Source.TEXT, drawn.findings, now) for n in names))

    async def climbing(self, due: Sequence[datetime], prefix: str = "e") -> dict[str, datetime]:
        """Emergencies whose second step is due at these instants, by case id."""
        drawn = draw_from_alarm(ALARM, self.handbook.rulebook)
        made: dict[str, datetime] = {}
        for start in range(0, len(due), TOGETHER):
            part = [(f"{prefix}{start + n}", at) for n, at in enumerate(due[start : start + TOGETHER])]
            taken = await asyncio.gather(
                *(self._take(name, Source.ALARM, drawn.findings, at - STEP) for name, at in part)
            )
            await asyncio.gather(
                *(self._hand_over(one.case, at - STEP) for one, (_, at) in zip(taken, part, strict=True))
            )
            named = {one.case.id: at for one, (_, at) in zip(taken, part, strict=True)}
            rung = await asyncio.gather(*(self._write(PassTime(case), at - STEP + RING) for case, at in named.items()))
            await asyncio.gather(*(self._hand_over(one.case, named[one.case.id] - STEP + RING) for one in rung))
            made |= named
        return made

    async def close(self) -> None:
        await self._journal.close()

    async def _take(self, name: str, source: Source, findings: tuple[Finding, ...], at: datetime) -> Written:
        arrival = Arrival.ALARM if source is Source.ALARM else Arrival.TEXT
        found = findings or (Finding("unreadable", Heard.PRESENT, ""),)
        report = Report(name, source, at, OFFICE, None)
        return await self._write(TakeReport(report, f"device:{name}", arrival, found), at)

    async def _ring_again(self, case: str, at: datetime) -> None:
        await self._hand_over((await self._write(PassTime(case), at)).case, at)

    async def _hand_over(self, case: Case, at: datetime) -> None:
        """What a dispatcher and a carrier that always says yes would have left."""
        for state in case.messages:
            if state.is_owed:
                await self._write(RecordAttempt(case.id, state.message.id, "7"), at)
                said = RecordOutcome(case.id, state.message.id, Outcome(Verdict.ACCEPTED, f"CA{state.message.id}"))
                await self._write(said, at)

    async def _write(self, command: Command, at: datetime) -> Written:
        def decided(case: Case, command: Command, _: datetime, facts: Facts) -> Decision:
            return decide(case, command, at, facts, self.handbook)

        return await self._journal.write((command,), decided)
