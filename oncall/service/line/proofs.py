"""What must hold for the line to be able to do its work, each as a question asked of the running house.

The synthetic contact is a sentence that must page somebody: it is read, assessed and run through the escalation with
the edition in force and tonight's rota, dry, so that no telephone rings and no case is left behind. Deliberately not
here: who hears of a failure (`vigil`), and telephones (drills prove those).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from oncall.core.triage.assessment import Urgency
from oncall.service.cases.board import span_words
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rules.bench import Door, Trial, try_out

LATE = timedelta(seconds=60)
MOST = 100  # messages looked at
LISTS_READ = timedelta(minutes=5)  # they are read each minute
PROBE = "vigil"  # no case has this id: the probe goes through the writer and changes no row
CONTACT = "she will not wake up and her lips are blue"
LEAST_ROOM = 0.05  # of the disk


class LineProofs:
    """See the module. Each method gives what is wrong, as one sentence, or None."""

    def __init__(self, journal: Journal, register: Register, handbooks: HandbookSource, clock: Timepiece) -> None:
        self._journal, self._register, self._handbooks, self._clock = journal, register, handbooks, clock
        self._unsent: dict[str, datetime] = {}  # message -> when it was first seen waiting for a worker

    async def nothing_is_late(self) -> str | None:
        """Every open case has a live duty, and none of what is owed lies about."""
        if idle := await self._journal.idle_cases():
            return f"{len(idle)} open cases have no running clock and nothing to be sent."
        now = self._clock.now()
        waiting = {"A case's clock": await self._journal.next_due(), "A message": await self._unsent_since(now)}
        for what, at in waiting.items():
            if at is not None and now - at > LATE:
                return f"{what} has been waiting for {span_words(now - at)}."
        return None

    async def _unsent_since(self, now: datetime) -> datetime | None:
        """Others come and go while many are sent; one that is still there from look to look lies about."""
        self._unsent = {name: self._unsent.get(name, now) for name in await self._journal.unsent(now, MOST)}
        return min(self._unsent.values(), default=None)

    async def store_writes(self) -> str | None:
        """The writer commits; whatever it raises is what is wrong."""
        await self._journal.push_due(PROBE, self._clock.now())
        return None

    async def contact_pages(self) -> str | None:
        """A family that wrote this now would have somebody paged at once."""
        directory, now = await self._register.directory(), self._clock.now()
        outcome = try_out(Trial(Door.TEXT, now, (CONTACT,)), self._handbooks.current(), directory)
        if outcome.assessment.urgency is not Urgency.EMERGENCY:
            return "A text that must be an emergency is not read as one."
        if not any(paged.at <= now and not paged.informs for paged in outcome.night.paged):
            return "An emergency would page nobody now."
        return None


def lists_are_read(read_until: datetime | None, began: datetime, now: datetime) -> str | None:
    """The carrier's own lists, which find what its webhooks lost; `began`: the start, before which none was read."""
    since = now - (read_until or began)
    minutes = since.total_seconds() / 60
    return f"The carrier's list was not read for {minutes:.0f} minutes." if since > LISTS_READ else None


def has_room(free: int, total: int) -> str | None:
    """Of the disk that holds the database, in bytes."""
    share = free / total
    return f"Only {share:.0%} of the disk is free." if share < LEAST_ROOM else None
