"""When each way through the house was last seen to work: by what the desk wrote, not by a test of its own.

It remembers instants alone, no case and no number. After a start the newest cases are read once, so that a restart
does not make a working line look unproven. Deliberately not here: how old is too old (`health`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.core.case import entries as e
from oncall.core.case.case import Arrival, Case
from oncall.core.case.messages import Progress, Purpose
from oncall.core.reports import Source
from oncall.service.ports.journal import Journal, Written

READ_BACK, CASES = timedelta(days=90), 12  # after a start
CALLS = frozenset({Arrival.PICKED_UP, Arrival.KEY, Arrival.WORDS, Arrival.SILENT, Arrival.HUNG_UP, Arrival.RECORDED})
CALL, TEXT, ALARM, PAGE, HEARD_BACK, PERSON = "call", "text", "alarm", "page", "heard back", "person"


@dataclass(slots=True)
class LastProofs:
    """`at` has the newest instant of each: CALL, TEXT, ALARM came in; a PAGE was handed over, the carrier was
    HEARD BACK about one, a PERSON answered one. A listener of the desk."""

    at: dict[str, datetime] = field(default_factory=dict)
    is_read: bool = False

    def hear(self, written: Written) -> None:
        for recorded in written.entries:
            self._note(recorded, written.cases)

    async def read_back(self, journal: Journal, now: datetime) -> None:
        """Once."""
        if self.is_read:
            return
        self.is_read = True
        closed = await journal.closed_cases(now - READ_BACK, CASES)
        for case in (*(await journal.open_cases())[-CASES:], *closed):
            for recorded in await journal.entries(case.id):
                self._note(recorded, (case,))

    def _note(self, recorded: e.Recorded, cases: tuple[Case, ...]) -> None:
        proven = _proven(recorded.entry, cases)
        if proven:
            self.at[proven] = max(recorded.at, self.at.get(proven, recorded.at))


def _proven(entry: e.Entry, cases: tuple[Case, ...]) -> str:
    """Which way this entry shows to work; empty for none."""
    match entry:
        case e.ReportAdded(source=Source.ALARM):
            return ALARM
        case e.ReportAdded(arrival=Arrival.TEXT):
            return TEXT
        case e.ReportAdded(arrival=arrival) if arrival in CALLS:
            return CALL
        case e.MessageAttempted() if _is_page(entry.message, cases):
            return PAGE
        case e.MessageProgressed(progress=progress) if progress in _BROUGHT and _is_page(entry.message, cases):
            return HEARD_BACK
        case e.PageHeard() | e.Acknowledged():
            return PERSON
    return ""


_BROUGHT = frozenset({Progress.RINGING, Progress.ANSWERED, Progress.DELIVERED, Progress.COMPLETED})


def _is_page(message: str, cases: tuple[Case, ...]) -> bool:
    found = (case.message(message) for case in cases)
    return any(state is not None and state.message.purpose is Purpose.PAGE for state in found)
