"""Fetches recordings and pictures from the carrier into our own store, deletes them there, and forgets them in time.

What is to be fetched stands in the cases (law 3); this remembers only which cases to look at, and looks at the last
week's after a start. A page never waits for it: the report has paged before. A file that cannot be had for a day is
given up, and the case says so. Deliberately not here: the carrier's addresses, and who may see what is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from oncall.core.case import entries as e
from oncall.core.case.case import Case, Enclosure
from oncall.core.case.commands import ClearEnclosure, KeepEnclosure, LoseEnclosure
from oncall.service.desk import Desk
from oncall.service.ports.carrier import CarrierFiles, NotToBeHad
from oncall.service.ports.enclosures import EnclosureStore, KeptEnclosure
from oncall.service.ports.journal import Written
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telephone.media_types import type_of

LOOK_BACK = timedelta(days=7)  # after a start
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 30, 60, 300, 900))  # between tries; then the last
GIVEN_UP = timedelta(days=1)
KEPT_FOR = timedelta(days=30)  # sounds and pictures; the words and the hash stay (decision 0024)

log = structlog.get_logger("enclosures")


class Enclosures:
    """See the module."""

    def __init__(self, desk: Desk, store: EnclosureStore, files: Sequence[CarrierFiles], clock: Timepiece) -> None:
        self._desk, self._store, self._files, self._clock = desk, store, files, clock
        self._cases: set[str] | None = None
        self._tries: dict[str, tuple[int, datetime]] = {}
        self._looking = 0
        desk.listeners.append(self._hear)

    def busy(self) -> int:
        return self._looking

    def _hear(self, written: Written) -> None:
        if self._cases is not None and any(isinstance(row.entry, e.EnclosureAdded) for row in written.entries):
            self._cases |= {case.id for case in written.cases}

    async def look(self) -> None:
        """Fetch and delete what is due."""
        self._looking += 1
        try:
            if self._cases is None:
                self._cases = set(await self._desk.journal.enclosed_since(self._clock.now() - LOOK_BACK))
            for case_id in sorted(self._cases):
                await self._look_at(case_id, self._cases)
        finally:
            self._looking -= 1

    async def _look_at(self, case_id: str, cases: set[str]) -> None:
        case = await self._desk.journal.case(case_id)
        for enclosure in _waits(case) if case else ():
            _, not_before = self._tries.get(enclosure.what.id, (0, enclosure.at))
            if self._clock.now() >= not_before:
                await self._try(case_id, enclosure)
        case = await self._desk.journal.case(case_id)
        if case is None or not _waits(case):
            cases.discard(case_id)

    async def _try(self, case_id: str, enclosure: Enclosure) -> None:
        name = enclosure.what.id
        try:
            if not enclosure.is_kept:
                await self._fetch(case_id, enclosure)
            if await self._carrier_of(enclosure).delete(enclosure.what.source):
                await self._desk.take(ClearEnclosure(case_id, name))
                self._tries.pop(name, None)
                return
            why, for_now = "could not be deleted at the carrier", True
        except NotToBeHad as problem:
            why, for_now = problem.why, problem.for_now
        log.warning("enclosure", case=case_id, enclosure=name, problem=why)
        await self._again_or_never(case_id, enclosure, why, for_now)

    async def _fetch(self, case_id: str, enclosure: Enclosure) -> None:
        """Into the store first, then into the journal: a crash between the two fetches once more."""
        name = enclosure.what.id
        body = await self._carrier_of(enclosure).fetch(enclosure.what.source)
        kind = type_of(body)
        await self._store.keep(KeptEnclosure(case_id, name, kind, body), self._clock.now())
        await self._desk.take(KeepEnclosure(case_id, name, kind, len(body), hashlib.sha256(body).hexdigest()))

    def _carrier_of(self, enclosure: Enclosure) -> CarrierFiles:
        for files in self._files:
            if files.has(enclosure.what.source):
                return files
        raise NotToBeHad("no carrier account of ours has it", for_now=False)

    async def _again_or_never(self, case_id: str, enclosure: Enclosure, why: str, for_now: bool) -> None:
        name, now = enclosure.what.id, self._clock.now()
        tries, _ = self._tries.get(name, (0, now))
        self._tries[name] = (tries + 1, now + PAUSES[min(tries, len(PAUSES) - 1)])
        case = await self._desk.journal.case(case_id)
        known = case.enclosure(name) if case else None
        if known is None or (for_now and now - enclosure.at < GIVEN_UP):
            return
        end = ClearEnclosure(case_id, name) if known.is_kept else LoseEnclosure(case_id, name, why)
        await self._desk.take(end)
        self._tries.pop(name, None)

    async def forget_old(self) -> None:
        """The nightly chore: sounds and pictures whose time is over."""
        for case_id, name in await self._store.older_than(self._clock.now() - KEPT_FOR):
            await self._desk.take(LoseEnclosure(case_id, name, f"kept for {KEPT_FOR.days} days"))
            await self._store.forget(name)


def _waits(case: Case) -> list[Enclosure]:
    return [enclosure for enclosure in case.enclosures if enclosure.is_at_the_carrier]
