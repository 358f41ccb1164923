"""The dispatcher: hands what is owed to the carrier, attempt written before, outcome written after (law 5).

A pool of workers per lane; emergencies, families and urgent pages have lanes that nothing else can fill. A message is
leased longer than the carrier's time limit; a crash leaves it owed, and it is looked for and then sent again, marked.
Escalation never waits here: clocks run in the journal. A message waits for its turn before its attempt is written, so
that whether it is still wanted is asked at the last moment. Deliberately not here: what to send, and what a failure
brings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from oncall.core.case.case import Case
from oncall.core.case.commands import RecordAttempt, RecordOutcome
from oncall.core.case.messages import Channel, Lane, Message, Outcome, Verdict
from oncall.service.desk import Desk
from oncall.service.ports.carrier import Pager
from oncall.service.ports.journal import Written
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telephone.phone_marks import note_refusal

LIMIT = timedelta(seconds=10)  # the carrier's time limit of one call
LEASE = timedelta(seconds=30)
WORKERS = {Lane.EMERGENCY: 16, Lane.FAMILY: 8, Lane.URGENT: 8, Lane.NORMAL: 8}

log = structlog.get_logger("dispatch")


class Dispatcher:
    """See the module. `chance` gives the accept digit of each attempt."""

    def __init__(
        self, desk: Desk, pager: Pager, register: Register, clock: Timepiece, chance: Callable[[], str]
    ) -> None:
        self._desk = desk
        self._pager = pager
        self._register = register
        self._clock = clock
        self._chance = chance
        self._woken = {lane: asyncio.Event() for lane in Lane}
        self._resting: set[Lane] = set()
        self._full: set[Lane] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self._under_way: set[str] = set()
        desk.listeners.append(self._hears)

    async def run(self) -> None:
        """All lanes for ever; cancelled at the end of the house."""
        await self._release_leases()
        async with asyncio.TaskGroup() as lanes:
            for lane in Lane:
                lanes.create_task(self._run_lane(lane))

    async def _release_leases(self) -> None:
        """A store that does not answer at the start is asked until it does: without this loop nobody is paged."""
        while True:
            try:
                return await self._desk.journal.release_leases()
            except Exception as problem:  # around one try
                log.error("leases could not be released", exc_info=problem)
                await self._clock.sleep_until(self._clock.now() + timedelta(seconds=1))

    def _hears(self, written: Written) -> None:
        """Wakes the lanes in which anything of these cases waits; four that look at every write cost more than it."""
        waiting = {state.message.lane for case in written.cases for state in case.messages if state.is_owed}
        for lane, woken in self._woken.items():
            if lane in waiting:
                woken.set()

    def busy(self) -> int:
        awake = sum(1 for lane in Lane if lane not in self._full and self._is_awake(lane))
        return awake + len(self._sending) - self._pager.waiting()

    def _is_awake(self, lane: Lane) -> bool:
        return lane not in self._resting or self._woken[lane].is_set()

    async def _run_lane(self, lane: Lane) -> None:
        free = asyncio.Semaphore(WORKERS[lane])
        woken = self._woken[lane]
        while True:
            woken.clear()
            await self._a_free_worker(lane, free)
            free.release()
            leased = await self._lease(lane, free)
            for message in leased:
                if message.id in self._under_way:
                    continue  # it waits for its turn for longer than its lease: still ours
                await self._a_free_worker(lane, free)
                self._under_way.add(message.id)
                task = asyncio.create_task(self._send_and_free(message, free, woken))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
            if leased or woken.is_set():
                continue
            await self._rest(lane, woken)

    async def _a_free_worker(self, lane: Lane, free: asyncio.Semaphore) -> None:
        self._full.add(lane)
        try:
            await free.acquire()
        finally:
            self._full.discard(lane)

    async def _lease(self, lane: Lane, free: asyncio.Semaphore) -> list[Message]:
        try:
            return await self._desk.journal.lease_owed(self._clock.now(), LEASE, WORKERS[lane], (lane.value,))
        except Exception as problem:  # around one look: the next one asks again
            log.error("lease failed", exc_info=problem)
            await self._clock.sleep_until(self._clock.now() + timedelta(seconds=1))
            return []

    async def _rest(self, lane: Lane, woken: asyncio.Event) -> None:
        try:
            next_at = await self._desk.journal.next_owed()
        except Exception as problem:  # as above
            log.error("next owed unknown", exc_info=problem)
            next_at = self._clock.now() + timedelta(seconds=1)
        if next_at is not None and next_at <= self._clock.now():
            next_at = self._clock.now() + timedelta(seconds=1)  # owed in another lane, or leased to a worker
        self._resting.add(lane)
        try:
            await self._clock.sleep_until(next_at, woken)
        finally:
            self._resting.discard(lane)

    async def _send_and_free(self, message: Message, free: asyncio.Semaphore, woken: asyncio.Event) -> None:
        try:
            await self.send(message)
        except Exception as problem:  # around one message: its lease lapses and it is sent again
            log.error("send failed", message=message.id, exc_info=problem)
        finally:
            self._under_way.discard(message.id)
            free.release()
            woken.set()

    async def send(self, message: Message) -> None:
        """One leased message: its turn, attempt, hand over, outcome."""
        await self._pager.turn(message)
        written = await self._desk.take(RecordAttempt(message.case, message.id, self._chance()))
        if not written.answer.get("owed"):
            return  # taken meanwhile: nobody is rung
        outcome = await self._hand_over(message, written)
        await self._desk.take(RecordOutcome(message.case, message.id, outcome))
        await note_refusal(self._register, message.to, outcome.code, self._clock.now())

    async def _hand_over(self, message: Message, written: Written) -> Outcome:
        """A repeat first looks whether an earlier try went out; the same words under another message's name did not."""
        attempt, since = int(written.answer["attempt"]), datetime.fromisoformat(written.answer["since"])
        try:
            async with asyncio.timeout(LIMIT.total_seconds()):
                if message.channel is Channel.STOP:
                    return await self._pager.stop(message.target or "")
                found = await self._pager.find(message, since) if attempt > 1 else None
                if found is not None and found.sid not in _others(written.case, message):
                    return found
                return await self._pager.send(message, attempt)
        except TimeoutError:
            log.warning("carrier did not answer in time", message=message.id)
        except Exception as problem:  # around one message: whatever broke, it is tried again
            log.error("hand-over failed", message=message.id, exc_info=problem)
        return Outcome(Verdict.REFUSED_FOR_NOW)


def _others(case: Case, message: Message) -> frozenset[str | None]:
    """What the carrier calls the other messages of this case: a question asked twice has the same words."""
    return frozenset(state.sid for state in case.messages if state.message.id != message.id)
